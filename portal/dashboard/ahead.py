"""What lies ahead of a level: its pace, what each target needs, what the files on their way promise."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Exists, OuterRef, QuerySet

from creation import stages
from creation.models import Assessment, Cycle, Recognition, Region
from portal.dashboard import charts, what_if
from portal.dashboard.figures import Figures
from portal.dashboard.places import Place
from portal.dashboard.what_if import WhatIf, with_more
from reviews import pace, rates
from reviews.rates import Counts, TargetState


@dataclass(frozen=True, slots=True)
class TargetAhead:
    """A target with what it needs each week, and where the pace leads by its deadline."""

    state: TargetState
    needed: str | None  # organs a week, None once the deadline has passed
    then: Counts  # if the last twelve weeks go on
    will_be_met: bool
    gap_in_pace: bool  # the pace is slower than what is needed


@dataclass(frozen=True, slots=True)
class Stage:
    """The files at one stage and how earlier ones passed from there."""

    label: stages.Text
    files: int
    passage: pace.Passage


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything the page tells about one level."""

    counts: Counts
    weeks: list[tuple[date, int]]
    bars: list[charts.Bar]
    total: int
    per_week: str
    targets: list[TargetAhead]
    stages: list[Stage]
    forecast: pace.Forecast
    unknown: list[stages.Text]
    low: Counts
    high: Counts
    from_where: Region
    what_if: list[WhatIf]
    measured_by: TargetState | None  # the target that regions below are imagined to reach


def read(place: Place, level: str, figures: Figures, states: list[TargetState], today: date, *, asked: dict) -> Ahead:
    """Return what lies ahead of a place and level; three statements, whatever their size."""
    counts = figures.counts.get((place.region.pk, level), Counts())
    below = [figures.counts.get((region.pk, level), Counts()) for region in place.children]
    imagined, measured_by = what_if.read(counts, states, below, asked)
    weeks = pace.weekly(_granted(place.region, level, today), today)
    speed = pace.per_week(weeks)
    standing, where = _on_their_way(place, level, today), _municipality(place)
    passages = _passages(where, level)
    found = pace.forecast(standing, passages)
    return Ahead(
        counts=counts,
        weeks=weeks,
        bars=charts.bars([count for _first, count in weeks]),
        total=sum(count for _first, count in weeks),
        per_week=tenths(speed),
        targets=[_target(state, counts, speed, today) for state in states],
        stages=[
            Stage(label, standing[stage], passages.get(stage, pace.Passage(0, 0)))
            for stage, label in stages.LABELS.items()
            if standing.get(stage)
        ],
        forecast=found,
        unknown=[stages.LABELS[stage] for stage in found.unknown],
        low=with_more(counts, found.low),
        high=with_more(counts, found.high),
        from_where=where,
        what_if=imagined,
        measured_by=measured_by,
    )


def tenths(number: Fraction) -> str:
    """Return a number of organs a week for people: one decimal, rounded up, so that nobody plans for too little."""
    whole = -(-number * 10 // 1)
    return f"{int(whole) // 10}.{int(whole) % 10}"


def _target(state: TargetState, counts: Counts, speed: Fraction, today: date) -> TargetAhead:
    needed = pace.needed_per_week(state.missing, today, state.deadline)
    then = with_more(counts, pace.if_it_goes_on(speed, today, state.deadline))
    return TargetAhead(
        state=state,
        needed=None if needed is None else tenths(needed),
        then=then,
        will_be_met=rates.is_met(then.recognised, then.organs, state.percent),
        gap_in_pace=needed is not None and speed < needed,
    )


def _granted(region: Region, level: str, today: date) -> QuerySet[Recognition, date]:
    """Return the days of the last weeks' first titles: a title that replaced another made no organ more."""
    replaced = Recognition.objects.filter(organ=OuterRef("organ"), replaced_on=OuterRef("granted_on"))
    first = today - pace.WEEKS * pace.WEEK
    return (
        Recognition.objects.filter(
            organ__region__paths_up__ancestor=region,
            organ__region__kind=level,
            granted_on__gt=first,
            granted_on__lte=today,
        )
        .exclude(Exists(replaced))
        .values_list("granted_on", flat=True)
    )


def _on_their_way(place: Place, level: str, today: date) -> dict[str, int]:
    """Return how many files of the open rounds stand at each stage, of organs that hold no title.

    Who does not see the files here reads the stages that the organs have been told: a count of one is no secret.
    """
    seen = "stage" if place.has_open_files else "told_stage"
    titled = Recognition.objects.live_on(today).filter(organ=OuterRef("organ"))
    grouped = (
        Assessment.objects.filter(
            cycle__in=Cycle.objects.open(), organ__region__paths_up__ancestor=place.region, organ__region__kind=level
        )
        .exclude(**{f"{seen}__in": stages.ENDED})
        .exclude(Exists(titled))
        .values(seen)
        .annotate(files=Count("pk"))
        .order_by()
    )
    return {row[seen]: row["files"] for row in grouped}


def _municipality(place: Place) -> Region:
    """Return the region whose earlier files speak for this one: its municipality, as a district alone has few."""
    return next((one for one in place.above if one.kind == "city"), place.region)


def _passages(where: Region, level: str) -> dict[str, pace.Passage]:
    """Return for each stage how many files came through it and have ended, and how many of them with a title."""
    grouped = (
        Assessment.objects.filter(
            stage__in=stages.ENDED, organ__region__paths_up__ancestor=where, organ__region__kind=level
        )
        .values("changes__to_stage", "stage")
        .annotate(files=Count("pk", distinct=True))
        .order_by()
    )
    ended: dict[str, int] = {}
    titled: dict[str, int] = {}
    for row in grouped:
        through = row["changes__to_stage"]
        ended[through] = ended.get(through, 0) + row["files"]
        if row["stage"] in {stages.RECOGNISED, stages.REVOKED}:
            titled[through] = titled.get(through, 0) + row["files"]
    return {stage: pace.Passage(number, titled.get(stage, 0)) for stage, number in ended.items()}
