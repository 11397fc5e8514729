"""What everybody may read: running notices, titles granted lately, published draws, outcomes, announced rates.

Nothing here reads a draft, a notice before its instant, a draw that has not been published, or who objected.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from creation.models import Recognition
from creation.models.named import local
from reviews.models import Notice, Objection, Pool, RateAnnouncement, RevocationCase

OBJECTION, REVOCATION = "objection", "revocation"
RESULTS = {
    "upheld": gettext_lazy("Upheld"),
    "dismissed": gettext_lazy("Not upheld"),
    "revoked": gettext_lazy("Title revoked"),
    "kept": gettext_lazy("Title kept"),
}
KINDS = {
    OBJECTION: gettext_lazy("Objection"),
    REVOCATION: gettext_lazy("Revocation of a title"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an objection, or of a case in which a title might be taken back.

    `about` is the title of the notice, or the document number of the title; `from_day` the first day without a title.
    """

    kind: str
    pk: int
    organ_name: str
    organ_name_en: str
    region_name: str
    region_name_en: str
    decided_at: datetime
    result: str
    reason: str
    about: str
    notice: int
    from_day: date | None

    @property
    def organ(self) -> str:
        """Return the organ in the reader's language."""
        return local(self.organ_name, self.organ_name_en)

    @property
    def region(self) -> str:
        """Return the region in the reader's language."""
        return local(self.region_name, self.region_name_en)

    @property
    def page(self) -> str:
        """Return the name of its page."""
        return f"outcome_{self.kind}"

    @property
    def kind_label(self) -> str | Promise:
        """Return for people what was decided on."""
        return KINDS[self.kind]

    @property
    def result_label(self) -> str | Promise:
        """Return for people what was decided."""
        return RESULTS[self.result]


def decided_objections(now: datetime) -> QuerySet[Objection]:
    """Return the decided objections to what stands on a published notice."""
    decided: QuerySet[Objection] = Objection.objects.filter(
        state__in=("upheld", "dismissed"), decided_at__lte=now, listing__notice__in=Notice.objects.public(now)
    )
    return decided


def decided_cases(now: datetime) -> QuerySet[RevocationCase]:
    """Return the decided cases in which a title might be taken back."""
    decided: QuerySet[RevocationCase] = RevocationCase.objects.published().filter(decided_at__lte=now)
    return decided


def outcomes(now: datetime, *, words: str = "", kind: str = "", result: str = "") -> QuerySet[Any, Any]:
    """Return the outcomes as rows for `as_outcomes`, the newest first; `words` are looked for in the organ's names."""
    objections, cases = decided_objections(now), decided_cases(now)
    if words:
        objections = objections.filter(
            Q(listing__organ_name__icontains=words) | Q(listing__organ_name_en__icontains=words)
        )
        cases = cases.filter(
            Q(recognition__organ__name__icontains=words) | Q(recognition__organ__name_en__icontains=words)
        )
    if result:
        objections, cases = objections.filter(state=result), cases.filter(decision=result)
    objections = objections.none() if kind == REVOCATION else objections
    cases = cases.none() if kind == OBJECTION else cases
    first = objections.order_by().values_list(
        Value(OBJECTION), "pk", "listing__organ_name", "listing__organ_name_en", "listing__region_name",
        "listing__region_name_en", "decided_at", "state", "reason", "listing__notice__title", "listing__notice",
        Value(None, output_field=DateField()),
    )  # fmt: skip
    second = cases.order_by().values_list(
        Value(REVOCATION), "pk", "recognition__organ__name", "recognition__organ__name_en",
        "recognition__organ__region__name", "recognition__organ__region__name_en", "decided_at", "decision", "reason",
        "recognition__document_number", Value(0), "revoked_on",
    )  # fmt: skip
    return first.union(second, all=True).order_by("-decided_at", "-pk")


def as_outcomes(rows: Iterable[tuple]) -> Iterator[Outcome]:
    """Yield rows of `outcomes` as what pages, files and feeds read."""
    yield from (Outcome(*row) for row in rows)


def running_notices(now: datetime, today: date) -> QuerySet[Notice]:
    """Return the published notices to which one can still object, the first to end first."""
    running: QuerySet[Notice] = Notice.objects.public(now).filter(last_day__gte=today)
    return running.select_related("region").annotate(organs=Count("listings")).order_by("last_day", "pk")


def granted_lately(today: date) -> QuerySet[Any, Any]:
    """Return by day, batch and document number how many organs were recognised, the latest first."""
    granted = Recognition.objects.filter(granted_on__lte=today).order_by()
    return (
        granted.values("granted_on", "batch", "document_number")
        .annotate(organs=Count("pk"))
        .order_by("-granted_on", "document_number", "batch")
    )


def pools() -> QuerySet[Pool]:
    """Return the closed pools, which are public, with what says whether their draw has been published."""
    return Pool.objects.select_related("cycle__region", "region", "draw__publication").order_by("-closed_at", "-pk")


def announcements(now: datetime) -> QuerySet[RateAnnouncement]:
    """Return the announced rates with their region, the newest first."""
    return RateAnnouncement.objects.filter(at__lte=now).select_related("region")
