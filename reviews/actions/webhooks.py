"""Addresses of other systems: entered, stopped; what they are to be told is a row before it is sent."""

import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.messages import Telling, tell
from creation.doorbell import ring
from creation.errors import Refused
from creation.rules import require
from reviews import occurrences, webhook_signatures
from reviews.models import Webhook, WebhookDelivery

TASK = "reviews.tasks.tell_webhooks"
MOST_WEBHOOKS = 5  # of one person, at a time
COMMITTED_WITHIN = timedelta(days=1)  # longer than any transaction takes from its instant to its commit
LEASE = timedelta(minutes=2)  # longer than one attempt takes: after it a killed worker's delivery is free again
BATCH = 500
TEST = "test"


@transaction.atomic
def enter(url: str, topics: Iterable[str], *, by) -> Webhook:
    """Enter an address that is told of the topics from now on and return it.

    Refused without a topic, for an address that is not https (unless the portal is set to send inside), and beyond
    `MOST_WEBHOOKS` of one person.
    """
    require(by, "webhook.manage")
    chosen = [topic for topic in occurrences.TOPICS if topic in set(topics)]
    if not chosen:
        raise Refused(_("Choose what the address is told of."), field="topics")
    refuse_address(url)
    if Webhook.objects.filter(owner=by, stopped_at=None).count() >= MOST_WEBHOOKS:
        raise Refused(_("You have %(most)s addresses already: stop one first.") % {"most": MOST_WEBHOOKS})
    webhook = Webhook.objects.create(owner=by, url=url, topics=chosen, salt=secrets.token_hex(16), made_at=clock.now())
    record("enter_webhook", webhook, by=by, after={"host": urlsplit(url).hostname, "topics": chosen})
    return webhook


def refuse_address(url: str) -> None:
    """Refuse an address that nothing may be sent to, as far as its text tells; the sender looks at its host again."""
    parts = urlsplit(url)
    if parts.username or parts.password or not parts.hostname:
        raise Refused(_("Give an address without a name and password in it."), field="url")
    if settings.WEBHOOKS_INSIDE:
        return
    if parts.scheme != "https":
        raise Refused(_("The address must begin with https://."), field="url")
    try:
        inside = not ip_address(parts.hostname).is_global
    except ValueError:
        inside = parts.hostname == "localhost"
    if inside:
        raise Refused(_("This address lies inside the network; nothing is sent there."), field="url")


@transaction.atomic
def stop(webhook: Webhook, *, by) -> None:
    """Tell the address nothing more; what has not been sent is not sent. Refused when it has been stopped."""
    require(by, "webhook.stop", webhook)
    if Webhook.objects.filter(pk=webhook.pk, stopped_at=None).update(stopped_at=clock.now()) != 1:
        raise Refused(_("This address has been stopped already."))
    record("stop_webhook", webhook, by=by)


@transaction.atomic
def send_test(webhook: Webhook, *, by) -> WebhookDelivery:
    """Send a message that says it is only a test and return its row."""
    require(by, "webhook.stop", webhook)
    if webhook.stopped_at:
        raise Refused(_("This address has been stopped already."))
    name = f"{TEST}:{secrets.token_hex(8)}"
    told = occurrences.Occurrence(name, TEST, clock.now(), {"webhook": webhook.pk})
    delivery = WebhookDelivery.objects.create(**_delivery(webhook, told))
    ring(TASK)
    return delivery


@transaction.atomic
def try_again(delivery: WebhookDelivery, *, by) -> None:
    """Let a delivery that was given up be tried anew; refused when it was not, or when its address is stopped."""
    require(by, "webhook.stop", delivery.webhook)
    parked = WebhookDelivery.objects.filter(pk=delivery.pk, given_up_at__isnull=False, webhook__in=_at_work(delivery))
    if parked.update(given_up_at=None, attempts=0, tried_at=None, due_at=clock.now()) != 1:
        raise Refused(_("This message does not wait to be tried again."))
    ring(TASK)


def note_occurrences() -> int:
    """Write a delivery for whatever happened since each address was entered and return how many are new.

    Called by the worker. It may run twice at once: an occurrence has one row for each address.
    """
    return sum(
        _note(webhook, topic)
        for webhook in Webhook.objects.filter(stopped_at=None).select_related("owner")
        for topic in webhook.topics
    )


def _note(webhook: Webhook, topic: str) -> int:
    """Note what happened since the last note of the topic, and a while before it: a commit may have come late."""
    told = webhook.deliveries.filter(topic=topic)
    newest = told.aggregate(at=Max("made_at"))["at"]
    since = max(webhook.made_at, newest - COMMITTED_WITHIN) if newest else webhook.made_at
    known = set(told.filter(made_at__gte=since).values_list("occurrence", flat=True))
    found = occurrences.happened(topic, since=since, until=clock.now(), user=webhook.owner)
    rows = [WebhookDelivery(**_delivery(webhook, one)) for one in found if one.name not in known]
    WebhookDelivery.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return len(rows)


def _delivery(webhook: Webhook, told: occurrences.Occurrence) -> dict:
    at = timezone.localtime(told.at).isoformat(timespec="seconds")
    said = {"id": told.name, "type": told.topic, "at": at, "demonstration": settings.DEMO, "data": told.data}
    return {
        "webhook": webhook,
        "occurrence": told.name,
        "topic": told.topic,
        "body": json.dumps(said, ensure_ascii=False, sort_keys=True),
        "made_at": clock.now(),
        "due_at": clock.now(),
    }


def due() -> list[WebhookDelivery]:
    """Return what is to be sent now, the oldest first; nothing that another worker sends at the moment."""
    now = clock.now()
    free = Q(tried_at=None) | Q(tried_at__lt=now - LEASE)
    waiting = WebhookDelivery.objects.filter(free, sent_at=None, given_up_at=None, due_at__lte=now)
    return list(waiting.filter(webhook__stopped_at=None).select_related("webhook").order_by("due_at", "pk")[:BATCH])


def claim(delivery: WebhookDelivery) -> bool:
    """Take a delivery for this worker, one attempt counted; False when another was faster, or it was stopped."""
    mine = WebhookDelivery.objects.filter(
        pk=delivery.pk,
        attempts=delivery.attempts,
        tried_at=delivery.tried_at,
        sent_at=None,
        webhook__in=_at_work(delivery),
    )
    delivery.tried_at = clock.now()
    if mine.update(attempts=F("attempts") + 1, tried_at=delivery.tried_at) != 1:
        return False
    delivery.attempts += 1
    return True


def _at_work(delivery: WebhookDelivery) -> QuerySet[Webhook]:
    """Return the delivery's address unless it was stopped, for an update that compares and sets.

    Asked through a join, the whole comparison would stand in a subquery, which PostgreSQL does not look at once more
    when it had to wait for the row: two workers would both take it.
    """
    return Webhook.objects.filter(pk=delivery.webhook_id, stopped_at=None)


def taken(delivery: WebhookDelivery, status: int) -> None:
    """Note that the other system took the message."""
    WebhookDelivery.objects.filter(pk=delivery.pk).update(sent_at=clock.now(), status=status, fault="")


@transaction.atomic
def not_taken(delivery: WebhookDelivery, *, status: int | None, fault: str, gone: bool = False) -> None:
    """Note why a message was not taken: it waits, longer each time; in the end it is given up and its address stopped.

    The owner gets a message when the address is stopped, so at once when the other system says that it is `gone`.
    """
    wait = None if gone else webhook_signatures.wait_after(delivery.attempts)
    ended = {"given_up_at": clock.now()} if wait is None else {"due_at": clock.now() + wait, "tried_at": None}
    WebhookDelivery.objects.filter(pk=delivery.pk).update(status=status, fault=fault[:300], **ended)
    if wait is None:
        _give_up(delivery.webhook, fault)


def _give_up(webhook: Webhook, fault: str) -> None:
    stopped = {"stopped_at": clock.now(), "stopped_because": fault[:300]}
    if Webhook.objects.filter(pk=webhook.pk, stopped_at=None).update(**stopped):
        host = {"host": urlsplit(webhook.url).hostname}
        tell(
            [Telling(webhook.owner, "webhook_stopped", f"webhook:{webhook.pk}", about=webhook.pk, values=host)], by=None
        )
