"""Counts who comes to the doors without an account, so that floods and guesses can be held back: on the database alone.

An address is kept as a keyed digest, never as itself. Rows older than a day mean nothing any more.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from creation import clock
from creation.errors import Refused
from reviews.models import Knock, SpentProof

SPAN = timedelta(minutes=10)
KEPT = timedelta(days=1)  # longer than any span, and than a proof may be used
NETWORK_BITS = 64  # of an IPv6 address: one household or office has all that lies below


def knock(door: str, address: str, *, span: timedelta = SPAN) -> int:
    """Count that `address` came to `door`, and return how often it has come within the present span, this time too."""
    row = _row(door, address, span)
    if not Knock.objects.filter(**row).update(times=F("times") + 1):
        try:
            with transaction.atomic():
                Knock.objects.create(**row, times=1)
        except IntegrityError:  # somebody behind the same address was here first
            Knock.objects.filter(**row).update(times=F("times") + 1)
    return times(door, address, span=span)


def times(door: str, address: str, *, span: timedelta = SPAN) -> int:
    """Return how often `address` has come to `door` within the present span, without counting."""
    return Knock.objects.filter(**_row(door, address, span)).values_list("times", flat=True).first() or 0


def seconds_left(span: timedelta = SPAN) -> int:
    """Return after how many seconds counting begins anew."""
    return int((_beginning(span) + span - clock.now()).total_seconds()) + 1


def spend(proof: str) -> None:
    """Use a proof (its digest) up, inside the transaction of its effect; refused when it has been used before."""
    try:
        with transaction.atomic():
            SpentProof.objects.create(sha256=proof, at=clock.now())
    except IntegrityError:
        raise Refused(_("This page has been used to send something before. Send it once more.")) from None


def is_spent(proof: str) -> bool:
    """Tell whether a proof (its digest) has been used."""
    return SpentProof.objects.filter(sha256=proof).exists()


def forget() -> int:
    """Delete counts and used proofs that mean nothing any more, and return how many; every night."""
    before = clock.now() - KEPT
    counts, _kinds = Knock.objects.filter(since__lt=before).delete()
    proofs, _kinds = SpentProof.objects.filter(at__lt=before).delete()
    return counts + proofs


def _row(door: str, address: str, span: timedelta) -> dict:
    who = salted_hmac("reviews.doors", f"{door} {_network(address)}", algorithm="sha256").hexdigest()
    return {"door": door, "who": who, "since": _beginning(span)}


def _beginning(span: timedelta) -> datetime:
    seconds = int(span.total_seconds())
    return datetime.fromtimestamp(int(clock.now().timestamp()) // seconds * seconds, UTC)


def _network(address: str) -> str:
    """Return what one household or office has in common: an IPv4 address, or the first half of an IPv6 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or int(found) >> NETWORK_BITS)
