"""One indicator: its rubric, the points it gives for what was found, and whether the rubric itself is sound.

A rater says **what was found**, the rubric gives the points, so that two raters who found the same give the same.
Plain data in, plain data out; points are ``Decimal``. What is found, by method of the rubric:

=============  =====================  ==========================================================================
gate           ``{"met": true}``      full points when met, else 0
checklist      ``{"present": [0]}``   sum of the parts present, by their place in the list
levels         ``{"level": 1}``       points of that level, by its place in the list
additive       ``{"count": 3}``       count × each, at most the points of the indicator
deductive      ``{"count": 3}``       points − count × each, never below 0
banded         ``{"value": "92.5"}``  points of the first band whose lower edge is reached; a decimal as text
=============  =====================  ==========================================================================
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NOT_APPLICABLE: tuple[str, ...] = ("not_allowed", "full", "rescale")

# What BadFound.reason can be; the pages hold a sentence for each.
REASONS: tuple[str, ...] = (
    "missing",
    "not-an-object",
    "not-a-list",
    "not-a-number",
    "not-yes-or-no",
    "negative",
    "out-of-range",
    "unknown-part",
    "duplicate-part",
    "not-applicable-not-allowed",
    "unknown-item",
    "unknown-method",
    "unknown-veto",
)

LARGEST = 10**9
_MEASURED = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,12})?")
_NOTHING = Decimal(0)


class BadFound(ValueError):
    """What was found cannot be scored. ``reason`` is one of `REASONS`, ``code`` the indicator (or veto) it is about."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(f"{code}: {reason}" if code else reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator as the scoring sees it. ``not_applicable`` is one of `NOT_APPLICABLE`."""

    code: str
    points: Decimal
    rubric: Mapping[str, Any]
    gate: bool = False
    not_applicable: str = "not_allowed"
    bonus: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What one rater found for one indicator. Neither a value nor not applicable means: not answered.

    When it is marked not applicable a value is kept but not looked at.
    """

    value: Mapping[str, Any] | None = None
    not_applicable: bool = False


def item_points(item: Item, found: Found) -> Decimal | None:
    """Points of one item, from 0 to ``item.points``; ``None`` when it is not answered.

    Not applicable gives full points where the item says ``full``, and 0 where it says ``rescale`` (`rate` then takes
    the item out of the base). Raises `BadFound` for a value the rubric cannot read. A rubric in which
    `rubric_problems` finds something has no defined points.
    """
    if not found.not_applicable and found.value is None:
        return None
    try:
        points = _not_applicable_points(item) if found.not_applicable else _method(item)(item, found.value)
    except BadFound as bad:
        raise BadFound(bad.reason, item.code) from None
    return min(max(points, _NOTHING), item.points)


def _not_applicable_points(item: Item) -> Decimal:
    if item.not_applicable == "full":
        return item.points
    if item.not_applicable == "rescale":
        return _NOTHING
    raise BadFound("not-applicable-not-allowed")


def _only(value: object, key: str) -> Any:
    """The one entry a value has, whatever it is: the caller looks at it."""
    if not isinstance(value, Mapping):
        raise BadFound("not-an-object")
    if value.get(key) is None:
        raise BadFound("missing")
    if len(value) > 1:
        raise BadFound("unknown-part")
    return value[key]


def _whole(raw: object) -> int:
    # True is an int in Python and 3.0 equals 3: neither is a count that somebody typed.
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise BadFound("not-a-number")
    if raw < 0:
        raise BadFound("negative")
    if raw > LARGEST:
        raise BadFound("out-of-range")
    return raw


def _place(raw: object, size: int) -> int:
    place = _whole(raw)
    if place >= size:
        raise BadFound("unknown-part")
    return place


def _measured(raw: object) -> Decimal:
    """A plain decimal as text. Decimal() itself would also read NaN, 1_000, 1e9 and the digits of other scripts."""
    if not isinstance(raw, str) or not _MEASURED.fullmatch(raw):
        raise BadFound("not-a-number")
    value = Decimal(raw)
    if value < 0:
        raise BadFound("negative")
    if value > LARGEST:
        raise BadFound("out-of-range")
    return value


def _exact(raw: Any) -> Decimal:
    """A number of a rubric as it was written: a float by its shortest text (0.1, not 0.1000…055)."""
    return Decimal(str(raw)) if isinstance(raw, float) else Decimal(raw)


def _gate(item: Item, value: object) -> Decimal:
    met = _only(value, "met")
    if not isinstance(met, bool):
        raise BadFound("not-yes-or-no")
    return item.points if met else _NOTHING


def _checklist(item: Item, value: object) -> Decimal:
    present = _only(value, "present")
    if not isinstance(present, list | tuple):
        raise BadFound("not-a-list")
    parts = item.rubric["parts"]
    places = [_place(raw, len(parts)) for raw in present]
    if len(set(places)) != len(places):
        raise BadFound("duplicate-part")
    return sum((_exact(parts[place]["points"]) for place in places), _NOTHING)


def _levels(item: Item, value: object) -> Decimal:
    levels = item.rubric["levels"]
    return _exact(levels[_place(_only(value, "level"), len(levels))]["points"])


def _additive(item: Item, value: object) -> Decimal:
    return _whole(_only(value, "count")) * _exact(item.rubric["each"])


def _deductive(item: Item, value: object) -> Decimal:
    return item.points - _whole(_only(value, "count")) * _exact(item.rubric["each"])


def _banded(item: Item, value: object) -> Decimal:
    measured = _measured(_only(value, "value"))
    for band in item.rubric["bands"]:
        if measured >= _exact(band["at_least"]):
            return _exact(band["points"])
    raise BadFound("out-of-range")


_METHODS: Mapping[str, Callable[[Item, object], Decimal]] = {
    "gate": _gate,
    "checklist": _checklist,
    "levels": _levels,
    "additive": _additive,
    "deductive": _deductive,
    "banded": _banded,
}
METHODS: tuple[str, ...] = tuple(_METHODS)


def _method(item: Item) -> Callable[[Item, object], Decimal]:
    method = item.rubric.get("method")
    if method not in METHODS:
        raise BadFound("unknown-method")
    return _METHODS[method]


# --- is a rubric itself sound? Asked once, when a standard is imported. ---

# What rubric_problems can name; the import of a standard holds a sentence for each.
PROBLEMS: tuple[str, ...] = (
    "unknown-method",
    "unknown-not-applicable",
    "points-not-positive",
    "gate-needs-gate-method",
    "bonus-gate",
    "bonus-not-applicable",
    "label-missing",
    "bad-number",
    "parts-missing",
    "parts-sum",
    "levels-missing",
    "levels-maximum",
    "each-not-positive",
    "bands-missing",
    "bands-not-descending",
    "bands-zero",
    "bands-maximum",
)

# Points are kept in columns of two places and below ten thousand; a finer number would be rounded there unseen. The
# edge of a band is only compared.
_POINTS = {"places": 2, "below": 10**4}
_EDGES = {"places": 4, "below": LARGEST}


def rubric_problems(item: Item) -> list[str]:
    """What is wrong with the definition of an item: slugs out of `PROBLEMS`, each once; empty when it is sound."""
    found = []
    points = _number(item.points, **_POINTS)
    if points is None:
        return ["points-not-positive"]  # nothing else can be measured against it
    if points < 0 or (points == 0 and not item.gate):
        found.append("points-not-positive")
    if item.not_applicable not in NOT_APPLICABLE:
        found.append("unknown-not-applicable")
    if item.bonus and item.gate:
        found.append("bonus-gate")
    if item.bonus and item.not_applicable != "not_allowed":
        found.append("bonus-not-applicable")
    method = item.rubric.get("method")
    if item.gate and method != "gate":
        found.append("gate-needs-gate-method")
    found += _DEFINITIONS[method](item) if method in METHODS else ["unknown-method"]
    return list(dict.fromkeys(found))


def _number(raw: object, *, places: int, below: int) -> Decimal | None:
    """A number of a definition, ``None`` where it is none, not finite, too large or has too many places."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    number = _exact(raw)
    if not number.is_finite() or number.copy_abs() >= below or number != round(number, places):
        return None
    return number


def _labelled(entry: Mapping[str, Any], key: str) -> list[str]:
    """Raters read Chinese first; English is given where it exists."""
    label = entry.get(key)
    named = isinstance(label, Mapping) and isinstance(label.get("zh"), str) and label["zh"].strip()
    return [] if named else ["label-missing"]


def _entries(item: Item, key: str) -> list[Mapping[str, Any]]:
    """The entries of a list in a rubric, empty when any of them is not an object."""
    entries = item.rubric.get(key)
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        return []
    return list(entries)


def _points(item: Item, entries: list[Mapping[str, Any]]) -> list[Decimal] | None:
    """The points of every entry, ``None`` when one has none, or is below 0 or above the item's."""
    points = [_number(entry.get("points"), **_POINTS) for entry in entries]
    sound = [number for number in points if number is not None and 0 <= number <= item.points]
    return sound if len(sound) == len(entries) else None


def _gate_problems(_item: Item) -> list[str]:
    return []


def _checklist_problems(item: Item) -> list[str]:
    parts = _entries(item, "parts")
    if not parts:
        return ["parts-missing"]
    found = [problem for part in parts for problem in _labelled(part, "label")]
    points = _points(item, parts)
    if points is None:
        return [*found, "bad-number"]
    return found if sum(points) == item.points else [*found, "parts-sum"]


def _levels_problems(item: Item) -> list[str]:
    levels = _entries(item, "levels")
    if not levels:
        return ["levels-missing"]
    found = [problem for level in levels for problem in _labelled(level, "label")]
    points = _points(item, levels)
    if points is None:
        return [*found, "bad-number"]
    return found if max(points) == item.points else [*found, "levels-maximum"]


def _counted_problems(item: Item) -> list[str]:
    each = _number(item.rubric.get("each"), **_POINTS)
    found = _labelled(item.rubric, "counts")
    return found if each is not None and each > 0 else [*found, "each-not-positive"]


def _banded_problems(item: Item) -> list[str]:
    bands = _entries(item, "bands")
    if not bands:
        return ["bands-missing"]
    found = _labelled(item.rubric, "measure")
    points = _points(item, bands)
    edges = [edge for band in bands if (edge := _number(band.get("at_least"), **_EDGES)) is not None]
    if points is None or len(edges) != len(bands):
        return [*found, "bad-number"]
    if edges != sorted(set(edges), reverse=True):
        found.append("bands-not-descending")
    if edges[-1] != 0:
        found.append("bands-zero")
    if max(points) != item.points:
        found.append("bands-maximum")
    return found


_DEFINITIONS: Mapping[str, Callable[[Item], list[str]]] = {
    "gate": _gate_problems,
    "checklist": _checklist_problems,
    "levels": _levels_problems,
    "additive": _counted_problems,
    "deductive": _counted_problems,
    "banded": _banded_problems,
}
