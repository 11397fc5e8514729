"""What was entered after a day and changes the numbers of that day (domain, section 5).

Any past day is counted from the register and the titles as they stand now. Where that differs from what was counted
then, the reason stands here: a correction of days or region, an organ entered or closed late, a title likewise.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce

from creation.models import Event, Organ, Recognition, Region
from reviews.rates import end_of

CORRECTED, ENTERED, CLOSED = "corrected", "entered", "closed"
VERBS = {
    "correct": CORRECTED,
    "import_correct": CORRECTED,
    "add": ENTERED,
    "import_add": ENTERED,
    "abolish": CLOSED,
    "import_abolish": CLOSED,
}
REVOKED = ("revoke", "import_revoke")
COUNTED_BY = ("region_id", "established_on", "abolished_on")


@dataclass(frozen=True, slots=True)
class LateTitles:
    """How many titles were entered, and how many revoked, after a day with effect on that day or before."""

    granted: int
    revoked: int


def of_register(region: Region, level: str, day: date) -> QuerySet[Event]:
    """Return the events after `day` that change its register, in a region and level: closed, corrected, entered.

    Each has `what`: corrected, entered or closed. An organ that a correction moved out of the region is among them.
    """
    below = Region.objects.filter(paths_up__ancestor=region, kind=level)
    as_text = below.annotate(text=Cast("pk", TextField())).values("text")
    events = Event.objects.filter(subject_type="organ", verb__in=VERBS, at__gte=end_of(day)).annotate(
        what=Case(*(When(verb=verb, then=Value(what)) for verb, what in VERBS.items()), output_field=CharField()),
        **{f"old_{field}": _text(f"before__{field}") for field in COUNTED_BY},
        **{f"new_{field}": _text(f"after__{field}") for field in COUNTED_BY},
    )
    here = Q(subject_id__in=Organ.objects.filter(region__in=below).values("pk")) | Q(old_region_id__in=as_text)
    was, is_now = (_counted_on(day, side) for side in ("old", "new"))
    moved = was & is_now & ~Q(old_region_id=F("new_region_id"))
    return events.filter(here, was & ~is_now | ~was & is_now | moved).order_by("what", "-id")


def of_titles(region: Region, level: str, day: date) -> LateTitles:
    """Return how many titles of a region and level were entered or revoked after `day` and change its numbers."""
    titles = Recognition.objects.filter(organ__region__paths_up__ancestor=region, organ__region__kind=level)
    revoked = Event.objects.filter(
        subject_type="recognition", verb__in=REVOKED, at__gte=end_of(day), subject_id__in=titles.values("pk")
    ).annotate(on=_text("after__revoked_on"))
    return LateTitles(
        granted=titles.filter(recorded_at__gte=end_of(day), granted_on__lte=day).count(),
        revoked=revoked.filter(on__gt="", on__lte=day.isoformat()).count(),
    )


def _text(path: str) -> Coalesce:
    return Coalesce(Cast(KT(path), TextField()), Value(""), output_field=TextField())


def _counted_on(day: date, side: str) -> Q:
    """Return the condition that an organ counted on the day, as an event keeps it before (old) or after (new) it."""
    said = day.isoformat()  # days are kept as texts, which compare like days
    established, abolished = f"{side}_established_on", f"{side}_abolished_on"
    begun = ~Q(**{established: ""}) & Q(**{f"{established}__lte": said})
    return begun & (Q(**{abolished: ""}) | Q(**{f"{abolished}__gt": said}))
