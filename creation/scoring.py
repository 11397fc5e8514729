"""Total and verdict of one rating; the same for the organ itself, the inspection and the spot check.

The points of the single indicators come from `creation.rubrics`, whose names can be had here too. Nothing here knows a
database: plain data in, plain data out. The total is a ``Fraction``, because a rescaled total has no end in decimals
and a pass must not depend on where it was cut.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from creation.rubrics import BadFound, Found, Item, item_points, rubric_problems

__all__ = [
    "VETOES",
    "BadFound",
    "Found",
    "Item",
    "Result",
    "Rulebook",
    "item_points",
    "rate",
    "rubric_problems",
]

VETOES: tuple[str, ...] = ("target_missed", "major_accident", "verified_waste", "falsified_data")

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The items of a standard with its pass mark, the points a full total has, and the most that bonus can add."""

    items: tuple[Item, ...]
    pass_mark: Decimal
    full_points: Decimal
    bonus_cap: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one rating.

    ``points`` has every item (``None`` = not answered, 0 where not applicable leaves the base), ``earned`` and
    ``applicable`` are points of the base, ``bonus`` is capped, ``total`` is exact. ``missing`` and ``unmet_gates``
    are codes in the order of the rulebook, ``vetoes`` in the order of `VETOES`.
    """

    points: Mapping[str, Decimal | None]
    earned: Decimal
    applicable: Decimal
    bonus: Decimal
    total: Fraction
    missing: tuple[str, ...]
    unmet_gates: tuple[str, ...]
    vetoes: tuple[str, ...]
    passed: bool

    @property
    def complete(self) -> bool:
        """Whether every item of the base is answered or not applicable."""
        return not self.missing

    @property
    def total_rounded(self) -> Decimal:
        """The total, rounded once, half up, to 2 places: the number on documents."""
        return Decimal(floor(self.total * 100 + Fraction(1, 2))).scaleb(-2)

    @property
    def total_shown(self) -> Decimal:
        """The total rounded **down** to 2 places, for display beside the pass mark: 79.995 must not look like 80."""
        return Decimal(floor(self.total * 100)).scaleb(-2)


def rate(rulebook: Rulebook, found: Mapping[str, Found], vetoes: Collection[str] = ()) -> Result:
    """Score a whole rating. An item absent from ``found`` is not answered: it stays in the base and earns nothing.

    total = earned ÷ applicable × full points + bonus, exact; 0 where nothing is applicable. Passed = complete, total
    at least the pass mark, no gate unmet, no veto. A bonus item is never missing and never part of the base. A gate
    that is not applicable counts as met. Raises `BadFound`, also for a code that the rulebook or `VETOES` lacks.
    """
    _refuse_unknown(rulebook, found, vetoes)
    answers = {item.code: found.get(item.code, Found()) for item in rulebook.items}
    points = {item.code: item_points(item, answers[item.code]) for item in rulebook.items}
    base = [item for item in rulebook.items if not item.bonus]
    earned = sum((points[item.code] or _NOTHING for item in base), _NOTHING)
    applicable = sum((item.points for item in base if not _leaves_base(item, answers[item.code])), _NOTHING)
    claimed = sum((points[item.code] or _NOTHING for item in rulebook.items if item.bonus), _NOTHING)
    bonus = min(claimed, rulebook.bonus_cap)
    missing = tuple(item.code for item in base if points[item.code] is None)
    unmet = tuple(item.code for item in rulebook.items if _unmet_gate(item, answers[item.code], points[item.code]))
    total = Fraction(0)
    if applicable:
        total = Fraction(earned) / Fraction(applicable) * Fraction(rulebook.full_points) + Fraction(bonus)
    reached = bool(applicable) and total >= Fraction(rulebook.pass_mark)
    return Result(
        points=points,
        earned=earned,
        applicable=applicable,
        bonus=bonus,
        total=total,
        missing=missing,
        unmet_gates=unmet,
        vetoes=tuple(veto for veto in VETOES if veto in vetoes),
        passed=reached and not (missing or unmet or vetoes),
    )


def _refuse_unknown(rulebook: Rulebook, found: Mapping[str, Found], vetoes: Collection[str]) -> None:
    """A mistyped code must not quietly count as "not answered", nor a mistyped veto as none."""
    known = {item.code for item in rulebook.items}
    if len(known) != len(rulebook.items):
        raise ValueError("a rulebook has each code once")
    for code in found:
        if code not in known:
            raise BadFound("unknown-item", code)
    for veto in vetoes:
        if veto not in VETOES:
            raise BadFound("unknown-veto", veto)


def _leaves_base(item: Item, found: Found) -> bool:
    return found.not_applicable and item.not_applicable == "rescale"


def _unmet_gate(item: Item, found: Found, points: Decimal | None) -> bool:
    """Asks what was found and not the points, so that a gate without points of its own still bars."""
    if not item.gate or found.not_applicable or found.value is None:
        return False
    if item.rubric.get("method") == "gate":
        return not found.value["met"]
    return points != item.points
