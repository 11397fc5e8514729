"""Which organs and titles a rate counts, which it does not, and why (domain, section 5).

Two sums explain a rate. Every organ that was ever entered for a region stands in exactly one of `ORGANS`: the first
four are the register of the day, the next four do not count on it, and the rest count at their own level. Every title
ever entered for these organs stands in exactly one of `TITLES`: the first one makes an organ count as recognised.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from creation import stages
from creation.models import Organ, Recognition, Region, StageChange, Succession
from reviews.rates import LEVELS, end_of

Text = stages.Text
COUNTED = stages.STANDINGS
WITHOUT_TITLE = ("in_progress", "not_met", "not_started")
NOT_COUNTED = ("closed", "merged", "split", "not_yet")
OTHER_LEVELS = tuple(f"level_{level}" for level in LEVELS)
# part → its name, and why it counts or does not
ORGANS: dict[str, tuple[Text, Text]] = {
    "recognised": (_("Recognised organs"), _("On the register, with a title that holds on this day.")),
    "in_progress": (_("In progress"), _("On the register without a title; the newest file is on its way.")),
    "not_met": (_("Not met"), _("On the register without a title; the newest file ended with “not met” or “revoked”.")),
    "not_started": (
        _("Not started"),
        _("On the register without a title; no file yet, or it was withdrawn, or its title has ended."),
    ),
    "closed": (_("Closed"), _("Left the register on or before this day.")),
    "merged": (_("Merged"), _("Went over into another organ on or before this day; that one counts.")),
    "split": (_("Split"), _("Went over into several organs on or before this day; those count.")),
    "not_yet": (_("Not established yet"), _("Its first day on the register comes after this day.")),
    "level_nation": (_("National level"), _("Counts among the national organs.")),
    "level_province": (_("Provincial level"), _("Counts among the provincial organs.")),
    "level_city": (_("Municipal level"), _("Counts among the municipal organs.")),
    "level_district": (_("District level"), _("Counts among the district organs.")),
}
TITLES: dict[str, tuple[Text, Text]] = {
    "title_counts": (_("Titles that count"), _("Each makes one organ count as recognised.")),
    "title_replaced": (_("Replaced"), _("A newer title of the same organ took its place; the organ counts once.")),
    "title_revoked": (_("Revoked"), _("Taken back on or before this day.")),
    "title_expired": (_("Expired"), _("Its last day came before this day.")),
    "title_left": (_("Organ not on the register"), _("The organ itself does not count on this day.")),
    "title_later": (_("Granted later"), _("Its first day comes after this day.")),
}
# what a figure of a page stands for, as the parts it is made of
FIGURES: dict[str, tuple[str, ...]] = {
    "register": COUNTED,
    "missing": WITHOUT_TITLE,
    "not_counted": NOT_COUNTED,
    "entered": tuple(ORGANS),
    "titles": tuple(TITLES),
    **{part: (part,) for part in (*ORGANS, *TITLES)},
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: a region with everything below (or its own organs alone), a level, a day."""

    region: Region
    level: str
    day: date
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """How many organs and titles stand in each part; a part with none is left out."""

    numbers: Counter[str]

    def of(self, figure: str) -> int:
        """Return the number that a figure shows."""
        return sum(self.numbers[part] for part in FIGURES[figure])


def parts_of(scope: Scope) -> Parts:
    """Return every organ and title of the scope by its part; two statements, whatever their number."""
    numbers = Counter[str]()
    for rows in (organs_by_part(scope), titles_by_part(scope)):
        for row in rows.order_by().values("part").annotate(number=Count("pk")):
            numbers[row["part"]] += row["number"]
    return Parts(numbers)


def organs_by_part(scope: Scope) -> QuerySet[Organ]:
    """Return every organ ever entered for the scope's region with its `part`, in register order."""
    day = scope.day
    gone = Succession.objects.filter(predecessor=OuterRef("pk"), effective_on__lte=day)
    titles: QuerySet[Recognition] = Recognition.objects.live_on(day)
    return _entered(scope).annotate(
        newest=Subquery(_steps(day).values("to_stage")[:1]),
        part=Case(
            When(~Q(region__kind=scope.level), then=Concat(Value("level_"), F("region__kind"))),
            When(established_on__gt=day, then=Value("not_yet")),
            When(Exists(gone.filter(kind="merge")), abolished_on__lte=day, then=Value("merged")),
            When(Exists(gone.filter(kind="split")), abolished_on__lte=day, then=Value("split")),
            When(abolished_on__lte=day, then=Value("closed")),
            When(Exists(titles.filter(organ=OuterRef("pk"))), then=Value("recognised")),
            When(newest__in=_stages_of("in_progress"), then=Value("in_progress")),
            When(newest__in=_stages_of("not_met"), then=Value("not_met")),
            default=Value("not_started"),
            output_field=CharField(),
        ),
    )


def titles_by_part(scope: Scope) -> QuerySet[Recognition]:
    """Return every title ever entered for organs of the scope with its `part`, in register order, the newest first."""
    day = scope.day
    on_register = Q(organ__established_on__lte=day) & (
        Q(organ__abolished_on__isnull=True) | Q(organ__abolished_on__gt=day)
    )
    newer = Recognition.objects.live_on(day).filter(organ=OuterRef("organ"), granted_on__gt=OuterRef("granted_on"))
    titles = Recognition.objects.filter(organ__in=_entered(scope).filter(region__kind=scope.level))
    return titles.annotate(
        part=Case(
            When(granted_on__gt=day, then=Value("title_later")),
            When(revoked_on__lte=day, then=Value("title_revoked")),
            When(replaced_on__lte=day, then=Value("title_replaced")),
            When(valid_until__lt=day, then=Value("title_expired")),
            When(~on_register, then=Value("title_left")),
            When(Exists(newer), then=Value("title_replaced")),  # an import may know two at once
            default=Value("title_counts"),
            output_field=CharField(),
        )
    ).order_by("organ__region__position", "organ__credit_code", "-granted_on")


def organs_of(scope: Scope, figure: str) -> QuerySet[Organ]:
    """Return the organs behind a figure, in register order, each with what its reason is told from.

    `file`, `stage` and `since` are its newest file, where that stood at the end of the day and since when;
    `document` and `granted` are of the title that holds on the day, `successor` what it went over into.
    """
    newest = _steps(scope.day)
    live = Recognition.objects.live_on(scope.day).filter(organ=OuterRef("pk")).order_by("-granted_on")
    into = Succession.objects.filter(predecessor=OuterRef("pk"), effective_on__lte=scope.day).order_by("pk")
    return (
        organs_by_part(scope)
        .filter(part__in=FIGURES[figure])
        .annotate(
            file=Subquery(newest.values("assessment_id")[:1]),
            stage=F("newest"),
            since=Subquery(newest.values("at")[:1]),
            document=Subquery(live.values("document_number")[:1]),
            granted=Subquery(live.values("granted_on")[:1]),
            successor=Subquery(into.values("successor__name")[:1]),
        )
        .select_related("region")
    )


def titles_of(scope: Scope, figure: str) -> QuerySet[Recognition]:
    """Return the titles behind a figure, in register order."""
    return titles_by_part(scope).filter(part__in=FIGURES[figure]).select_related("organ__region")


def is_of_titles(figure: str) -> bool:
    """Tell whether a figure counts titles; otherwise it counts organs."""
    return FIGURES[figure][0] in TITLES


def not_counted(day: date) -> Q:
    """Return the condition on organs that keeps them off the register of a day."""
    return Q(abolished_on__lte=day) | Q(established_on__gt=day)


def _entered(scope: Scope) -> QuerySet[Organ]:
    organs = Organ.objects.order_by("region__position", "credit_code")
    return organs.filter(region=scope.region) if scope.alone else organs.filter(region__paths_up__ancestor=scope.region)


def _steps(day: date) -> QuerySet[StageChange]:
    """Return the steps of the organ of the statement around it up to the end of `day`, the newest file's last first."""
    steps = StageChange.objects.filter(assessment__organ=OuterRef("pk"), at__lt=end_of(day))
    return steps.order_by("-assessment__cycle__year", "-number")


def _stages_of(standing: str) -> list[str]:
    return [stage for stage, found in stages.STANDING_OF.items() if found == standing]
