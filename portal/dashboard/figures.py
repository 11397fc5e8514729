"""The numbers of a page as plain data: from the snapshot for today, counted anew for a past day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from creation import clock
from creation.models import Organ, Region
from creation.together import read_together
from portal.dashboard.places import Place
from reviews import counted, rates
from reviews.models import CompletionRate, Target
from reviews.rates import Counts, TargetState

MONTHS_SHOWN = 36


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is about, its counts, and how they stand to each target of the table."""

    counts: Counts
    states: list[TargetState]
    region: object = None  # None in the row of sums
    is_readable: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The regions below at one level, which add up to `total`; `rest` are organs of the region itself."""

    level: str
    targets: list[Target]
    rows: list[Row]
    total: Row
    rest: Row | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All counts a page shows, as of `day`, computed at an instant (None: nothing has been counted yet)."""

    day: date
    computed_at: datetime | None
    counts: dict[tuple[int, str], Counts] = field(default_factory=dict)
    history: dict[str, list[tuple[date, Counts]]] = field(default_factory=dict)
    not_counted: dict[str, int] = field(default_factory=dict)  # of the page's own region, by level
    below: dict[tuple[int, str], list[tuple[date, Counts]]] = field(default_factory=dict)  # by (region, level)

    def levels(self, region) -> list[str]:
        """Return the levels at or below the region that have organs, from the top."""
        return [level for level in rates.LEVELS if (region.pk, level) in self.counts]


def of_today(place: Place, *, with_below: bool = False) -> Figures:
    """Return the newest numbers of the snapshot with their history by months; one statement, nothing is counted.

    `with_below` reads the history of the regions below as well.
    """
    today = clock.today()
    own = CompletionRate.objects.filter(region=place.region, as_of__lte=today)
    newest = own.order_by("-as_of").values("as_of")[:1]
    shown = Q(as_of__gt=_first_shown(today), as_of__lte=today)
    rows = CompletionRate.objects.filter(
        Q(shown, region=place.region) | Q(shown if with_below else Q(as_of=newest), region__in=place.children)
    )
    rows = rows.annotate(not_counted=_not_counted_of(place.region, newest)).order_by("as_of")
    mine = [row for row in rows if row.region_id == place.region.pk]
    if not mine:
        return Figures(today, None)
    day = mine[-1].as_of
    return Figures(
        day=day,
        computed_at=max(row.computed_at for row in mine if row.as_of == day),
        counts={(row.region_id, row.level): _counts(row) for row in rows if row.as_of == day},
        history=_history(mine),
        not_counted={row.level: row.not_counted for row in mine if row.as_of == day},
        below=_below(place, rows) if with_below else {},
    )


def of_past(place: Place, day: date, *, with_below: bool = False) -> Figures:
    """Return the numbers of a past day, counted anew, with the history up to it, as `of_today` does."""
    regions = {one.pk for one in [place.region, *(place.children if with_below else [])]}
    rows = CompletionRate.objects.filter(region__in=regions, as_of__gt=_first_shown(day), as_of__lt=day)
    rows = rows.order_by("as_of")
    absent = _absent(place.region, day).values_list("region__kind").annotate(number=Count("pk"))
    tree = Region.objects.order_by().values_list("pk", "parent_id")
    read_together(rows, absent, tree)
    counts = rates.counts_on(day, dict(tree))
    history = _history(row for row in rows if row.region_id == place.region.pk)
    below = _below(place, rows)
    for (pk, level), found in counts.items():
        if pk == place.region.pk:
            history.setdefault(level, []).append((day, found))
        elif pk in regions:
            below.setdefault((pk, level), []).append((day, found))
    return Figures(day, clock.now(), counts, history, not_counted=dict(absent), below=below)


def table(place: Place, figures: Figures, level: str, targets: list[Target]) -> Table | None:
    """Return the regions below at one level in register order, None when no organs of that level lie below."""
    found = [(region, figures.counts.get((region.pk, level), Counts())) for region in place.children]
    below = sum((counts for _region, counts in found), Counts())
    if not below.organs:
        return None
    total = figures.counts[place.region.pk, level]
    rest = total - below
    return Table(
        level,
        targets,
        [Row(counts, rates.target_states(counts, targets), region, region.readable) for region, counts in found],
        Row(total, rates.target_states(total, targets)),
        Row(rest, rates.target_states(rest, targets), place.region) if rest.organs else None,
    )


SORTS = {
    "organs": lambda row: row.counts.organs,
    "recognised": lambda row: row.counts.recognised,
    "rate": lambda row: -1 if row.counts.rate is None else row.counts.rate,
    "in_progress": lambda row: row.counts.in_progress,
    "not_met": lambda row: row.counts.not_met,
    "not_started": lambda row: row.counts.not_started,
}


def in_order(rows: Iterable[Row], sort: str) -> list[Row]:
    """Return the rows by `sort` (a key of SORTS, with a minus from the largest down), else in register order."""
    key = SORTS.get(sort.removeprefix("-"))
    return sorted(rows, key=key, reverse=sort.startswith("-")) if key else list(rows)


def months(history: list[tuple[date, Counts]], targets: list[Target]) -> list[Row]:
    """Return the history as lines of a table, the newest first, each with the targets in force on its day."""
    return [
        Row(counts, rates.target_states(counts, [one for one in targets if one.starts_on <= day]), day=day)
        for day, counts in reversed(history)
    ]


def gap(counts: Counts, percent: Decimal) -> str:
    """Return the percentage points from the rate as it is shown up to the target, such as 3.98."""
    return f"{(percent - Decimal(counts.percent or 0)).normalize():f}"


def _absent(region: Region, day):
    """Return the organs entered for a region that are not on the register on `day` (a day, or an expression)."""
    return Organ.objects.filter(counted.not_counted(day), region__paths_up__ancestor=region).order_by()


def _not_counted_of(region: Region, newest) -> Case:
    """Return how many organs of a row's level are not counted on its day, reckoned for the newest rows of `region`."""
    absent = _absent(region, OuterRef("as_of")).filter(region__kind=OuterRef("level")).values("region__kind")
    number = Subquery(absent.annotate(number=Count("pk")).values("number"))
    return Case(
        When(region=region, as_of=newest, then=Coalesce(number, Value(0))),
        default=Value(0),
        output_field=IntegerField(),
    )


def _first_shown(last: date) -> date:
    month = max(12, last.year * 12 + last.month - MONTHS_SHOWN)
    return date(month // 12, month % 12 + 1, 1)


def _history(rows: Iterable[CompletionRate]) -> dict[str, list[tuple[date, Counts]]]:
    history: dict[str, list[tuple[date, Counts]]] = {}
    for row in rows:
        history.setdefault(row.level, []).append((row.as_of, _counts(row)))
    return history


def _below(place: Place, rows: Iterable[CompletionRate]) -> dict[tuple[int, str], list[tuple[date, Counts]]]:
    found: dict[tuple[int, str], list[tuple[date, Counts]]] = {}
    for row in rows:
        if row.region_id != place.region.pk:
            found.setdefault((row.region_id, row.level), []).append((row.as_of, _counts(row)))
    return found


def _counts(row: CompletionRate) -> Counts:
    return Counts(row.recognised, row.in_progress, row.not_met, row.not_started)
