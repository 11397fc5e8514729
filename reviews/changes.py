"""What changed between two days in a region and level, so that the parts add up to the difference.

An organ is absent from the register, without a title, or recognised on each of the two days; every way from one to
another is one part. The two counts of a rate differ by nothing else (domain, section 5).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from creation.models import Organ, Recognition, Region
from reviews.models import Target
from reviews.rates import missing, percent_shown

ABSENT, WITHOUT, RECOGNISED = "absent", "without", "recognised"
REVOKED, EXPIRED = "revoked", "expired"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of change: how many organs, and what each of them does to the two counts."""

    name: str
    label: object
    organs: int
    to_recognised: int  # −1, 0 or +1 for each organ
    to_register: int


# what happened · from → to (and why the title ended) · effect on the recognised and on the register
KINDS = (
    ("recognised", gettext_lazy("Recognised"), {(WITHOUT, RECOGNISED)}, 1, 0),
    ("revoked", gettext_lazy("Title revoked"), {(RECOGNISED, REVOKED)}, -1, 0),
    ("expired", gettext_lazy("Title expired"), {(RECOGNISED, EXPIRED)}, -1, 0),
    ("joined", gettext_lazy("Came onto the register"), {(ABSENT, WITHOUT)}, 0, 1),
    ("joined_recognised", gettext_lazy("Came onto the register and was recognised"), {(ABSENT, RECOGNISED)}, 1, 1),
    ("left", gettext_lazy("Left the register without a title"), {(WITHOUT, ABSENT)}, 0, -1),
    ("left_recognised", gettext_lazy("Left the register with its title"), {(RECOGNISED, ABSENT)}, -1, -1),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The two days' counts and the parts between them; `parts` leaves out what did not happen."""

    since: date
    until: date
    recognised_then: int
    organs_then: int
    recognised_now: int
    organs_now: int
    parts: list[Part]

    @property
    def percent_then(self) -> str | None:
        """Return the rate of the first day in percent, rounded down, None without organs."""
        return percent_shown(self.recognised_then, self.organs_then)

    @property
    def percent_now(self) -> str | None:
        """Return the rate of the last day in percent, rounded down, None without organs."""
        return percent_shown(self.recognised_now, self.organs_now)


@dataclass(frozen=True, slots=True)
class TargetMove:
    """What a target asks on both days: organs missing then and now, and what made the difference; the line adds up.

    `then` is None where the target came into force in between; `by_target` is what it asked at once of the first day's
    organs. A target never goes out of force.
    """

    percent: Decimal
    starts_on: date
    deadline: date
    then: int | None
    by_target: int
    by_organs: int
    now: int

    @property
    def is_new(self) -> bool:
        """Tell whether the target came into force between the two days."""
        return self.then is None

    @property
    def shown(self) -> str:
        """Return the percentage for people, without idle zeros."""
        return f"{self.percent.normalize():f}"


def target_moves(found: Changes, targets: Iterable[Target]) -> list[TargetMove]:
    """Return what became of the targets in force on the last day, in their order."""
    return [_move(found, target) for target in targets]


def _move(found: Changes, target: Target) -> TargetMove:
    asked_then = missing(found.recognised_then, found.organs_then, target.percent)
    now = missing(found.recognised_now, found.organs_now, target.percent)
    is_new = target.starts_on > found.since
    return TargetMove(
        target.percent,
        target.starts_on,
        target.deadline,
        then=None if is_new else asked_then,
        by_target=asked_then if is_new else 0,
        by_organs=now - asked_then,
        now=now,
    )


def between(region: Region, level: str, since: date, until: date) -> Changes:
    """Return what changed in a region and level from the end of `since` to the end of `until`; one statement."""
    counted = Counter[tuple[str, str]]()
    ways = _ways(region, level, since, until).values("then", "now", "ended")
    for row in ways.annotate(organs=Count("pk")).order_by():
        counted[row["then"], _now(row)] += row["organs"]
    return _changes(since, until, counted)


def organs_of(region: Region, level: str, since: date, until: date, name: str) -> QuerySet[Organ]:
    """Return the organs behind one part, by its name, in register order; none for a name that is no part."""
    ways = next((ways for one, _label, ways, *_effects in KINDS if one == name), set())
    wanted = Q(pk__in=[])
    for then, now in ways:
        ended = {REVOKED, EXPIRED} & {now}
        wanted |= Q(then=then, now=WITHOUT if ended else now, **({"ended": now} if ended else {}))
    return _ways(region, level, since, until).filter(wanted).select_related("region")


def _now(row: dict[str, str]) -> str:
    """Return where an organ stands now, with the reason where it has lost its title."""
    return row["ended"] if row["then"] == RECOGNISED and row["now"] == WITHOUT else row["now"]


def _changes(since: date, until: date, counted: Counter[tuple[str, str]]) -> Changes:
    def on(day: int, *states: str) -> int:
        return sum(organs for way, organs in counted.items() if way[day] in states)

    lost = (REVOKED, EXPIRED)
    parts = [
        Part(name, label, sum(counted[way] for way in ways), to_recognised, to_register)
        for name, label, ways, to_recognised, to_register in KINDS
    ]
    return Changes(
        since=since,
        until=until,
        recognised_then=on(0, RECOGNISED),
        organs_then=on(0, RECOGNISED, WITHOUT),
        recognised_now=on(1, RECOGNISED),
        organs_now=on(1, RECOGNISED, WITHOUT, *lost),
        parts=[part for part in parts if part.organs],
    )


def _ways(region: Region, level: str, since: date, until: date) -> QuerySet[Any, Any]:
    """Return the organs of the region and level with where each stood `then` and `now`, and how its title `ended`."""
    organs: QuerySet[Organ] = Organ.objects.filter(region__paths_up__ancestor=region, region__kind=level)
    revoked = Recognition.objects.live_on(since).filter(organ=OuterRef("pk"), revoked_on__lte=until)
    return organs.annotate(
        then=_standing(since),
        now=_standing(until),
        ended=Case(When(Exists(revoked), then=Value(REVOKED)), default=Value(EXPIRED), output_field=CharField()),
    )


def _standing(day: date) -> Case:
    on_register = Q(established_on__lte=day) & (Q(abolished_on__isnull=True) | Q(abolished_on__gt=day))
    live = Recognition.objects.live_on(day).filter(organ=OuterRef("pk"))
    return Case(
        When(~on_register, then=Value(ABSENT)),
        When(Exists(live), then=Value(RECOGNISED)),
        default=Value(WITHOUT),
        output_field=CharField(),
    )
