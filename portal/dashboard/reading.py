"""The page of a region put together: places, figures, words, pictures and what is still to be done."""

from dataclasses import dataclass, field, replace
from datetime import date

from creation import clock
from portal.dashboard import figures, freshness, words, work
from portal.dashboard.freshness import Freshness
from portal.dashboard.places import Place
from reviews import rates
from reviews.rates import Counts, TargetState

# Pictures of the regions below: equal tiles, a small line chart each, their rates between the limits of chance.
TILES, MONTHS, LIMITS = "", "months", "limits"
VIEWS = (TILES, MONTHS, LIMITS)
ALL, YEAR = "all", "year"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the region: its counts against each target, its months, and its organs in one sentence."""

    slug: str
    organs: object
    sentence: str
    counts: Counts
    states: list[TargetState]
    months: list[figures.Row]
    table: figures.Table | None
    not_counted: int

    @property
    def without_title(self) -> int:
        """Return how many organs on the register hold no title."""
        return self.counts.organs - self.counts.recognised


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a page shows about a region on a day."""

    place: Place
    figures: figures.Figures
    is_past: bool
    freshness: Freshness
    levels: list[Level]
    sort: str
    view: str = ""  # which picture of the regions below: a key of VIEWS
    period: str = ALL
    level: str = ""  # the one level asked for, empty for all
    stages: list[work.Standing] = field(default_factory=list)

    @property
    def together(self) -> Counts | None:
        """Return all levels together, None where there is one alone: no target is set for the sum."""
        return sum((level.counts for level in self.levels), Counts()) if len(self.levels) > 1 else None

    @property
    def together_said(self) -> str:
        """Return the sum of all levels in one sentence, empty where there is one level alone."""
        return words.together(self.together) if self.together else ""

    @property
    def query(self) -> str:
        """Return what a report of this page is asked for with: the region, and the day where it is a past one."""
        day = f"&as_of={self.figures.day.isoformat()}" if self.is_past else ""
        return f"region={self.place.region.code}{day}"

    @property
    def still(self) -> "Page":
        """Return the page without the signs of life of the worker, which change while no number does."""
        return replace(self, place=replace(self.place, signs=None), freshness=Freshness())

    @property
    def has_below(self) -> bool:
        """Tell whether a level that is shown has organs in the regions below."""
        return any(one.table for one in self.shown)

    @property
    def shown(self) -> list[Level]:
        """Return the levels that the page shows: the one asked for, else all."""
        return [one for one in self.levels if one.slug == self.level] or self.levels


def read(
    place: Place,
    day: date | None,
    *,
    user,
    sort: str = "",
    level: str = "",
    view: str = "",
    period: str = ALL,
) -> Page:
    """Return the page of a place as of `day` (None: today).

    `view` is a key of VIEWS, `period` ALL or YEAR; anything else reads as the first of them.
    """
    is_past = day is not None and day < clock.today()
    with_below = view == MONTHS
    found = (
        figures.of_past(place, day, with_below=with_below)
        if is_past
        else figures.of_today(place, with_below=with_below)
    )
    levels = _levels(place, found, sort, period)
    return Page(
        place=place,
        figures=found,
        is_past=is_past,
        freshness=Freshness() if is_past else freshness.of(place),
        levels=levels,
        sort=sort,
        view=view if view in VIEWS else "",
        period=period,
        level=level if any(one.slug == level for one in levels) else "",
        stages=[] if is_past else work.files_by_stage(place.region, user),
    )


def within(history: list[tuple[date, Counts]], period: str, day: date) -> list[tuple[date, Counts]]:
    """Return the part of a history that a period shows: all of it, or from the end of last year on."""
    start = date(day.year - 1, 12, 31)
    return [(one, counts) for one, counts in history if period != YEAR or one >= start]


def _levels(place: Place, found: figures.Figures, sort: str, period: str) -> list[Level]:
    known = rates.targets_on(found.day)
    return [_level(place, found, level, known, sort=sort, period=period) for level in found.levels(place.region)]


def _level(place: Place, found: figures.Figures, level: str, known: dict, *, sort: str, period: str) -> Level:
    targets = rates.targets_for(place.path, level, known)
    counts = found.counts[place.region.pk, level]
    states = rates.target_states(counts, targets)
    history = within(found.history.get(level, []), period, found.day)
    table = figures.table(place, found, level, targets)
    if table:
        table.rows[:] = figures.in_order(table.rows, sort)
    return Level(
        slug=level,
        organs=words.ORGANS_OF[level],
        sentence=words.sentence(place.region, level, counts, states),
        counts=counts,
        states=states,
        months=figures.months(history, targets),
        table=table,
        not_counted=found.not_counted.get(level, 0),
    )
