"""Sends what waits to other systems: signed, never into the own network, never following anybody elsewhere."""

import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _

from creation import clock
from reviews.actions import webhooks
from reviews.models import WebhookDelivery
from reviews.webhook_signatures import secret_of, signed

log = logging.getLogger(__name__)

SECONDS = urllib3.Timeout(connect=5, read=10)
AT_WORK = 60.0  # seconds of one run; what is left waits for the next
OK, REDIRECTS, GONE = range(200, 300), range(300, 400), 410


class NotSent(Exception):
    """Nothing was sent, and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads to right now: the one number that was looked at is the one that is called."""

    number: str
    port: int
    host: str
    path: str
    is_https: bool


def tell_all(post: Callable[[str, bytes, dict[str, str]], int] | None = None) -> int:
    """Send what is due and return how much was taken.

    An address that fails is left alone until the next run, so that a dead one delays nobody else.
    """
    began, told, failing = time.monotonic(), 0, set()
    for delivery in webhooks.due():
        if time.monotonic() - began > AT_WORK:
            break
        if delivery.webhook_id not in failing and webhooks.claim(delivery):
            went_well = _tell(delivery, post or post_to)
            told += went_well
            if not went_well:
                failing.add(delivery.webhook_id)
    return told


def _tell(delivery: WebhookDelivery, post: Callable[[str, bytes, dict[str, str]], int]) -> bool:
    body = delivery.body.encode()
    secret = secret_of(settings.SECRET_KEY, delivery.webhook.salt)
    headers = signed(secret, name=delivery.occurrence, at=int(clock.now().timestamp()), body=body)
    try:
        status = post(delivery.webhook.url, body, headers)
    except NotSent as fault:
        webhooks.not_taken(delivery, status=None, fault=str(fault))
        return False
    if status in OK:
        webhooks.taken(delivery, status)
        return True
    fault = _("answered %(status)s") % {"status": status}
    webhooks.not_taken(delivery, status=status, fault=fault, gone=status == GONE)
    return False


def post_to(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send a body to an address and return the status of the answer, of which nothing else is read.

    Raises `NotSent` where there is no answer, and for hosts inside the network unless the portal is set to send there.
    """
    place = place_of(url)
    sent = {"Host": urlsplit(url).netloc, "Content-Type": "application/json; charset=utf-8", "User-Agent": "portal"}
    try:
        with _pool(place) as pool:
            answer = pool.urlopen(
                "POST", place.path, body=body, headers=sent | headers, redirect=False, retries=False,
                preload_content=False, assert_same_host=False,
            )  # fmt: skip
            status = answer.status
            answer.close()
    except urllib3.exceptions.HTTPError as error:
        raise NotSent(f"{type(error).__name__}") from error
    return status


def _pool(place: Place) -> urllib3.HTTPConnectionPool:
    if not place.is_https:
        return urllib3.HTTPConnectionPool(place.number, place.port, timeout=SECONDS)
    named = {"server_hostname": place.host, "assert_hostname": place.host}
    return urllib3.HTTPSConnectionPool(place.number, place.port, timeout=SECONDS, cert_reqs="CERT_REQUIRED", **named)


def place_of(url: str) -> Place:
    """Look the host up and return where to call; raises `NotSent` unless every number it has may be called."""
    parts = urlsplit(url)
    is_https = parts.scheme == "https"
    if not (is_https or settings.WEBHOOKS_INSIDE) or not parts.hostname:
        raise NotSent(_("not an https address"))
    port = parts.port or (443 if is_https else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotSent(_("the host is not known")) from error
    numbers = [entry[4][0] for entry in found]
    if not settings.WEBHOOKS_INSIDE and not all(ip_address(number).is_global for number in numbers):
        raise NotSent(_("the host lies inside the network"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(numbers[0], port, parts.hostname, path, is_https)
