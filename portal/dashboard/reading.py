"""The page of a region put together: places, figures, words, pictures and what is still to be done."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from creation import clock
from portal.dashboard import charts, figures, words, work
from portal.dashboard.places import Place
from reviews import rates
from reviews.rates import Counts, TargetState

STALE_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the region: its counts against each target, the trend, and its organs in one sentence."""

    slug: str
    organs: object
    sentence: str
    counts: Counts
    states: list[TargetState]
    trend: charts.Trend | None
    months: list[figures.Row]
    table: figures.Table | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the numbers can be trusted to be today's."""

    is_pending: bool = False  # the page asks again until this is over
    waiting_since: datetime | None = None  # of a change that has waited for longer than it should
    is_from_earlier: bool = False
    has_failed: bool = False

    @property
    def is_stale(self) -> bool:
        """Tell whether the page warns."""
        return bool(self.waiting_since) or self.is_from_earlier or self.has_failed


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a page shows about a region on a day."""

    place: Place
    figures: figures.Figures
    is_past: bool
    freshness: Freshness
    levels: list[Level]
    sort: str
    stages: list[work.Standing] = field(default_factory=list)
    missing_level: Level | None = None
    missing: object = None


def read(place: Place, day: date | None, *, user, sort: str = "", level: str = "", page: str | None = None) -> Page:
    """Return the page of a place as of `day` (None: today), with organs missing only where the reader sees them."""
    is_past = day is not None and day < clock.today()
    found = figures.of_past(place, day) if is_past else figures.of_today(place)
    levels = _levels(place, found, sort)
    chosen = next((one for one in levels if one.slug == level), levels[-1] if levels else None)
    missing = None
    if chosen and place.is_open:
        missing = work.organs_missing(place.region, chosen.slug, found.day, chosen.counts, page=page, user=user)
    return Page(
        place=place,
        figures=found,
        is_past=is_past,
        freshness=Freshness() if is_past else freshness(place, found),
        levels=levels,
        sort=sort,
        stages=[] if is_past else work.files_by_stage(place.region, user),
        missing_level=chosen,
        missing=missing,
    )


def freshness(place: Place, found: figures.Figures) -> Freshness:
    """Return how fresh the snapshot is: changes that wait, an earlier day, a recount that failed."""
    waiting = place.waiting_since
    is_from_earlier = found.computed_at is not None and found.day < clock.today()
    return Freshness(
        is_pending=waiting is not None or is_from_earlier or found.computed_at is None,
        waiting_since=waiting if waiting and clock.now() - waiting > STALE_AFTER else None,
        is_from_earlier=is_from_earlier,
        has_failed=bool(place.last_error),
    )


def _levels(place: Place, found: figures.Figures, sort: str) -> list[Level]:
    known = rates.targets_on(found.day)
    return [_level(place, found, level, known, sort) for level in found.levels(place.region)]


def _level(place: Place, found: figures.Figures, level: str, known: dict, sort: str) -> Level:
    targets = rates.targets_for(place.path, level, known)
    counts = found.counts[place.region.pk, level]
    states = rates.target_states(counts, targets)
    history = found.history.get(level, [])
    table = figures.table(place, found, level, targets)
    if table:
        table.rows[:] = figures.in_order(table.rows, sort)
    return Level(
        slug=level,
        organs=words.ORGANS_OF[level],
        sentence=words.sentence(place.region, level, counts, states),
        counts=counts,
        states=states,
        trend=charts.trend(history, targets),
        months=figures.months(history, targets),
        table=table,
    )
