"""The completion rate, as the only code that knows its formula (domain, section 5).

For a region R, a level L at or below it and a day d: recognised(R, L, d) ÷ organs(R, L, d), where the organs are
those of R's subtree whose own region has kind L. A rate is an exact fraction; a target is decided in integers and
a percentage shown is rounded down, so 84.996 % is never read as 85 %.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from creation import stages
from creation.models import Organ, Recognition, Region, StageChange
from reviews.models import Target

LEVELS = ("nation", "province", "city", "district")
NO_RATE = "–"


@dataclass(frozen=True, slots=True)
class Counts:
    """Where the organs of one region and level stand on one day; the four standings add up to the organs."""

    recognised: int = 0
    in_progress: int = 0
    not_met: int = 0
    not_started: int = 0

    @property
    def organs(self) -> int:
        """Return the number of organs on the register: the denominator."""
        return self.recognised + self.in_progress + self.not_met + self.not_started

    @property
    def rate(self) -> Fraction | None:
        """Return recognised ÷ organs as an exact fraction, None with no organs (neither 0 nor 100 %)."""
        return rate(self.recognised, self.organs)

    @property
    def percent(self) -> str | None:
        """Return the rate in percent for people, rounded down to two places, None with no organs."""
        return percent_shown(self.recognised, self.organs)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.recognised + other.recognised,
            self.in_progress + other.in_progress,
            self.not_met + other.not_met,
            self.not_started + other.not_started,
        )

    def __sub__(self, other: "Counts") -> "Counts":
        return Counts(
            self.recognised - other.recognised,
            self.in_progress - other.in_progress,
            self.not_met - other.not_met,
            self.not_started - other.not_started,
        )


def rate(recognised: int, organs: int) -> Fraction | None:
    """Return recognised ÷ organs exactly, None when there are no organs."""
    return Fraction(recognised, organs) if organs else None


def percent_shown(recognised: int, organs: int) -> str | None:
    """Return the rate in percent, rounded down to two places (84.996 % gives "84.99"), None without organs."""
    if not organs:
        return None
    hundredths = recognised * 10_000 // organs
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def is_met(recognised: int, organs: int, percent: Decimal) -> bool:
    """Tell whether 100 × recognised ≥ percent × organs, compared exactly; never met with no organs."""
    return organs > 0 and 100 * recognised >= percent * organs


def missing(recognised: int, organs: int, percent: Decimal) -> int:
    """Return how many organs the target still needs: max(0, ceil(percent × organs ÷ 100) − recognised)."""
    needed = -(-Fraction(percent) * organs // 100)
    return max(0, int(needed) - recognised)


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target in force, and how a region and level stand to it."""

    percent: Decimal
    starts_on: date
    deadline: date
    met: bool
    missing: int

    @property
    def shown(self) -> str:
        """Return the percentage for people, without idle zeros: 75, 82.5."""
        return f"{self.percent.normalize():f}"


def target_states(counts: Counts, targets: Iterable[Target]) -> list[TargetState]:
    """Return how the counts stand to each target, by deadline."""
    return [
        TargetState(
            target.percent,
            target.starts_on,
            target.deadline,
            is_met(counts.recognised, counts.organs, target.percent),
            missing(counts.recognised, counts.organs, target.percent),
        )
        for target in targets
    ]


def targets_on(day: date) -> dict[tuple[int | None, str], list[Target]]:
    """Return the targets in force on `day` by (region or None for everywhere, level), by deadline; one statement."""
    found: dict[tuple[int | None, str], list[Target]] = defaultdict(list)
    for target in Target.objects.filter(starts_on__lte=day).order_by("deadline"):
        found[target.region_id, target.level].append(target)
    return found


def targets_for(
    region_path: Iterable[int], level: str, targets: Mapping[tuple[int | None, str], list[Target]]
) -> list[Target]:
    """Return the targets of a level that hold in a region (its own, those above, those everywhere), by deadline."""
    held = [target for place in (None, *region_path) for target in targets.get((place, level), [])]
    return sorted(held, key=lambda target: target.deadline)


def end_of(day: date) -> datetime:
    """Return the first instant after `day` in Asia/Shanghai."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def region_parents() -> dict[int, int | None]:
    """Return the tree as region → parent; one statement."""
    return dict(Region.objects.values_list("pk", "parent_id"))


def path_of(region: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """Return a region and everything above it, from the bottom up."""
    path = []
    while region is not None:
        path.append(region)
        region = parents[region]
    return path


def counts_on(day: date, parents: Mapping[int, int | None] | None = None) -> dict[tuple[int, str], Counts]:
    """Return the counts of every region and level with organs on `day`, by (region, level).

    One statement groups the organs by their own region, so that all numbers belong together; the roll-up follows
    the tree. A recognition counts by its dates; otherwise the newest file's stage at the end of the day decides.
    """
    parents = region_parents() if parents is None else parents
    counts: dict[tuple[int, str], Counts] = defaultdict(Counts)
    for row in _grouped(day):
        standing = "recognised" if row["live"] else stages.standing(row["newest"])
        own = Counts(**{standing: row["organs"]})
        for region in path_of(row["region_id"], parents):
            counts[region, row["region__kind"]] += own
    return dict(counts)


def _grouped(day: date) -> QuerySet[Any, Any]:
    organs: QuerySet[Organ] = Organ.objects.active_on(day)
    return (
        organs.annotate(live=Exists(_live(day)), newest=Subquery(_newest(day).values("to_stage")[:1]))
        .values("region_id", "region__kind", "live", "newest")
        .annotate(organs=Count("pk"))
        .order_by()
    )


def _live(day: date) -> QuerySet[Recognition]:
    """Return the titles of the organ of the statement around it that hold on `day`."""
    titles: QuerySet[Recognition] = Recognition.objects.live_on(day)
    return titles.filter(organ=OuterRef("pk"))


def _newest(day: date) -> QuerySet[StageChange]:
    """Return the steps of the organ of the statement around it up to the end of `day`, the newest file's last first."""
    return StageChange.objects.filter(assessment__organ=OuterRef("pk"), at__lt=end_of(day)).order_by(
        "-assessment__cycle__year", "-assessment_id", "-number"
    )


def levels_with_organs(parents: Mapping[int, int | None]) -> set[tuple[int, str]]:
    """Return every (region, level) that has or ever had organs on the register, whatever the day."""
    pairs = set()
    for region, kind in Organ.objects.order_by().values_list("region_id", "region__kind").distinct():
        pairs |= {(above, kind) for above in path_of(region, parents)}
    return pairs


def history_start(today: date) -> date:
    """Return the first day of the history by months: that of the first recognition, today while there is none."""
    first: date | None = Recognition.objects.aggregate(first=Min("granted_on"))["first"]
    return min(first or today, today)


def month_ends(first: date, last: date) -> list[date]:
    """Return the last day of every month from that of `first` up to the last one that ended before `last`."""
    days: list[date] = []
    day = first.replace(day=1)
    while True:
        following = (day + timedelta(days=32)).replace(day=1)
        end = following - timedelta(days=1)
        if end >= last:
            return days
        days.append(end)
        day = following
