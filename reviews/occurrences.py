"""What happened that other systems are told of: titles granted and revoked, notices published. All of it is public.

Read from the facts themselves, so that nothing can be forgotten by whoever brings them about.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from creation.models import Organ, Recognition, RegionPath
from creation.querysets import SEES_REGISTER
from reviews.models import Notice, RevocationCase

RECOGNITION, REVOCATION, NOTICE = "recognition.granted", "recognition.revoked", "notice.published"
TOPICS: dict[str, str | Promise] = {
    RECOGNITION: gettext_lazy("An organ is recognised"),
    REVOCATION: gettext_lazy("A title is revoked"),
    NOTICE: gettext_lazy("A notice is published"),
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened: a name that never changes, its topic, its instant, and what is told of it."""

    name: str
    topic: str
    at: datetime
    data: dict[str, Any]


def happened(topic: str, *, since: datetime, until: datetime, user) -> Iterator[Occurrence]:
    """Yield what happened in the person's regions from one instant to the other, the oldest first."""
    return _READERS[topic](since, until, user)


def _granted(since: datetime, until: datetime, user) -> Iterator[Occurrence]:
    titles = Recognition.objects.filter(
        organ__region__in=user.scope(*SEES_REGISTER),
        source=Recognition.Source.PORTAL,
        recorded_at__gte=since,
        recorded_at__lte=until,
    )
    for title in titles.select_related("organ__region").order_by("recorded_at", "pk").iterator():
        yield Occurrence(f"recognition:{title.pk}", RECOGNITION, title.recorded_at, _title(title))


def _revoked(since: datetime, until: datetime, user) -> Iterator[Occurrence]:
    cases = RevocationCase.objects.published().filter(
        recognition__organ__region__in=user.scope(*SEES_REGISTER),
        decision=RevocationCase.Decision.REVOKED,
        decided_at__gte=since,
        decided_at__lte=until,
    )
    for case in cases.select_related("recognition__organ__region").order_by("decided_at", "pk").iterator():
        told = _title(case.recognition) | {"revoked_on": _day(case.revoked_on), "reason": case.reason}
        yield Occurrence(f"revocation:{case.pk}", REVOCATION, case.decided_at, told)


def _published(since: datetime, until: datetime, user) -> Iterator[Occurrence]:
    mine = user.scope(*SEES_REGISTER)
    above = RegionPath.objects.filter(descendant__in=mine).values("ancestor")
    notices = Notice.objects.public(until).filter(Q(region__in=mine) | Q(region__in=above), published_at__gte=since)
    for notice in notices.select_related("region", "cycle").order_by("published_at", "pk"):
        told = {
            "notice": notice.pk,
            "title": notice.title,
            "region_code": notice.region.code,
            "year": notice.cycle.year,
            "published_at": _instant(notice.published_at),
            "first_day": _day(notice.first_day),
            "last_day": _day(notice.last_day),
        }
        yield Occurrence(f"notice:{notice.pk}", NOTICE, notice.published_at, told)


_READERS: dict[str, Callable[..., Iterator[Occurrence]]] = {
    RECOGNITION: _granted,
    REVOCATION: _revoked,
    NOTICE: _published,
}


def _title(title: Recognition) -> dict[str, Any]:
    organ: Organ = title.organ
    return {
        "recognition": title.pk,
        "organ": organ.name,
        "organ_en": organ.name_en,
        "credit_code": organ.credit_code,
        "region_code": organ.region.code,
        "batch": title.batch,
        "document_number": title.document_number,
        "granted_on": _day(title.granted_on),
        "valid_until": _day(title.valid_until),
    }


def _day(day) -> str | None:
    return day.isoformat() if day else None


def _instant(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
