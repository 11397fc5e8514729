"""Completion rates: the same readings as on the pages of a region."""

from typing import Annotated

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from pydantic import Field

from creation import clock
from creation.models import Region
from portal.api import fields
from portal.api.fields import Level, Place, Told
from portal.api.paging import day_or_404
from portal.dashboard import figures, places
from portal.dashboard.figures import Figures
from reviews import rates as formula
from reviews.models import Target
from reviews.rates import Counts

router = Router(tags=["rates"])
Targets = dict[tuple[int | None, str], list[Target]]
OnlyLevel = Annotated[Level | None, Query(description=_("Only the numbers of this level's organs."))]


class TargetTold(Told):
    """How a region and level stand to a target in force."""

    percent: str = Field(description=_("The target in percent."), examples=["75"])
    starts_on: fields.Day
    deadline: fields.Day
    met: bool = Field(
        description=_("100 × recognised ≥ percent × organs, decided in whole numbers; never by the rounded percentage.")
    )
    missing: int = Field(description=_("How many organs are missing to reach it."))


class Counted(Told):
    """The numbers of one level: the four standings add up to the organs."""

    level: Level
    organs: int
    recognised: int
    in_progress: int
    not_met: int
    not_started: int
    percent: str | None = Field(
        description=_("Recognised of all organs in percent, rounded down to two places; null without organs."),
        examples=["84.99"],
        pattern=r"^[0-9]{1,3}\.[0-9]{2}$",
    )
    targets: list[TargetTold]


class Below(Told):
    """The numbers of a region directly below."""

    region: Place
    levels: list[Counted]


class RatesTold(Told):
    """The numbers of a region on a day."""

    region: Place
    as_of: fields.Day
    computed_at: fields.Instant | None = Field(description=_("When they were counted; null before the first count."))
    waiting_since: fields.Instant | None = Field(
        description=_("Since when a change waits to be counted, anywhere; null when none does.")
    )
    levels: list[Counted]
    below: list[Below] = Field(description=_("The regions directly below, in register order."))
    demonstration: bool


class Month(Told):
    """The numbers at the end of a month, or of the last day counted."""

    as_of: fields.Day
    levels: list[Counted]


class HistoryTold(Told):
    """The numbers of a region by months, the newest first."""

    region: Place
    months: list[Month]
    demonstration: bool


@router.get(
    "/rates/{region}",
    response=RatesTold,
    url_name="api_rates",
    summary=_("Completion rates of a region"),
    description=_(
        "The completion rates of a region and of those directly below it, as of any day, against the targets in force."
    ),
)
def rates(
    request: HttpRequest,
    *,
    region: fields.RegionCode,
    level: OnlyLevel = None,
    as_of: fields.AsOf = None,
) -> RatesTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    place, day = _place(request, region), day_or_404(as_of)
    is_past = day < clock.today()
    found = figures.of_past(place, day) if is_past else figures.of_today(place)
    targets = formula.targets_on(found.day)
    return RatesTold(
        region=fields.place(place.region),
        as_of=found.day,
        computed_at=fields.local(found.computed_at),
        waiting_since=None if is_past else fields.local(place.signs.waiting_since),
        levels=_levels(found, place.region, place.path, targets, level),
        below=[
            Below(
                region=fields.place(child),
                levels=_levels(found, child, [child.pk, *place.path], targets, level),
            )
            for child in place.children
        ],
        demonstration=fields.is_demonstration(),
    )


@router.get(
    "/rates/{region}/history",
    response=HistoryTold,
    url_name="api_rates_history",
    summary=_("Rates by months"),
    description=_(
        "The last 36 months of a region's completion rates, each against the targets that were in force on its day."
    ),
)
def history(
    request: HttpRequest,
    *,
    region: fields.RegionCode,
    level: OnlyLevel = None,
) -> HistoryTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    place = _place(request, region)
    targets = formula.targets_on(clock.today())
    by_day: dict = {}
    for slug, rows in figures.of_today(place).history.items():
        if level in {None, slug}:
            for day, counts in rows:
                held = formula.targets_for(place.path, slug, targets)
                in_force = [target for target in held if target.starts_on <= day]
                by_day.setdefault(day, {})[slug] = _counted(slug, counts, in_force)
    months = [
        Month(as_of=day, levels=[found[slug] for slug in formula.LEVELS if slug in found])
        for day, found in sorted(by_day.items(), reverse=True)
    ]
    return HistoryTold(region=fields.place(place.region), months=months, demonstration=fields.is_demonstration())


def _place(request: HttpRequest, code: str) -> places.Place:
    place = places.find(code, request.auth)
    if place is None:
        raise Http404
    return place


def _levels(found: Figures, region: Region, path: list[int], targets: Targets, only: str | None) -> list[Counted]:
    return [
        _counted(level, found.counts[region.pk, level], formula.targets_for(path, level, targets))
        for level in found.levels(region)
        if only in {None, level}
    ]


def _counted(level: str, counts: Counts, targets: list[Target]) -> Counted:
    return Counted(
        level=level,
        organs=counts.organs,
        recognised=counts.recognised,
        in_progress=counts.in_progress,
        not_met=counts.not_met,
        not_started=counts.not_started,
        percent=counts.percent,
        targets=[
            TargetTold(
                percent=state.shown,
                starts_on=state.starts_on,
                deadline=state.deadline,
                met=state.met,
                missing=state.missing,
            )
            for state in formula.target_states(counts, targets)
        ],
    )
