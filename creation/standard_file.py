"""Reads the JSON of a standard and names every fault in it at once."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.errors import Refused
from creation.scoring import Item, rubric_problems

LARGEST = 10_000
PROBLEM_TEXTS = {
    "unknown-method": gettext_lazy("The method of the rubric is not known."),
    "unknown-not-applicable": gettext_lazy("The rule for “not applicable” is not known."),
    "points-not-positive": gettext_lazy("The points must be above 0."),
    "gate-needs-gate-method": gettext_lazy("A gate needs the method “gate”."),
    "bonus-gate": gettext_lazy("A bonus indicator cannot be a gate."),
    "bonus-not-applicable": gettext_lazy("A bonus indicator needs no rule for “not applicable”."),
    "label-missing": gettext_lazy("A Chinese label is missing."),
    "bad-number": gettext_lazy("A number of the rubric is missing, negative or above the indicator's points."),
    "parts-missing": gettext_lazy("The checklist has no parts."),
    "parts-sum": gettext_lazy("The parts do not add up to the indicator's points."),
    "levels-missing": gettext_lazy("There are no levels."),
    "levels-maximum": gettext_lazy("The best level does not give the indicator's points."),
    "each-not-positive": gettext_lazy("“each” must be a number above 0."),
    "bands-missing": gettext_lazy("There are no bands."),
    "bands-not-descending": gettext_lazy("The bands must descend."),
    "bands-zero": gettext_lazy("The last band must begin at 0."),
    "bands-maximum": gettext_lazy("The best band does not give the indicator's points."),
}


def read_standard(raw: bytes) -> dict[str, Any]:
    """Return the standard as plain data; `Refused` with a list of (where, what) when anything is wrong."""
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number of thousands of digits, too deep
        raise Refused(_("The file is not readable as JSON in UTF-8: %(error)s") % {"error": error}) from error
    problems = _head_problems(data) if isinstance(data, dict) else [("", _("The file must hold one object."))]
    if not problems:
        problems = _indicator_problems(data)
    if problems:
        raise Refused(_("The standard has faults; nothing was taken in."), problems=problems)
    return data


def _head_problems(data: dict[str, Any]) -> list[tuple[str, object]]:
    problems: list[tuple[str, object]] = []
    if not isinstance(data.get("code"), str) or not data["code"].strip():
        problems.append(("code", _("Missing.")))
    if not isinstance(data.get("version"), int) or isinstance(data.get("version"), bool) or data["version"] < 1:
        problems.append(("version", _("Must be a whole number from 1.")))
    if not _named(data.get("name")):
        problems.append(("name.zh", _("Missing.")))
    try:
        date.fromisoformat(str(data.get("effective_from")))
    except ValueError:
        problems.append(("effective_from", _("Must be a date such as 2026-01-31.")))
    problems += [
        (key, _("Must be a number with at most two decimal places."))
        for key in ("pass_mark", "full_points")
        if _number(data.get(key)) is None
    ]
    if "bonus_cap" in data and _number(data["bonus_cap"]) is None:
        problems.append(("bonus_cap", _("Must be a number with at most two decimal places.")))
    if not isinstance(data.get("dimensions"), list) or not data["dimensions"]:
        problems.append(("dimensions", _("Missing.")))
    return problems


def _indicator_problems(data: dict[str, Any]) -> list[tuple[str, object]]:
    problems: list[tuple[str, object]] = []
    seen: set[str] = set()
    for where, item, bonus in _items(data, problems):
        problems += [(where, text) for text in _item_problems(item, bonus=bonus)]
        if item.get("code") in seen:
            problems.append((where, _("The code stands twice.")))
        seen.add(str(item.get("code")))
    if problems:
        return problems
    base = sum(_number(item["points"]) or 0 for _where, item, bonus in _items(data, []) if not bonus)
    if base != _number(data["full_points"]):
        problems.append(("full_points", _("The indicators add up to %(sum)s points.") % {"sum": base}))
    if (_number(data["pass_mark"]) or 0) > (_number(data["full_points"]) or 0):
        problems.append(("pass_mark", _("Lies above the full points.")))
    return problems


def _items(data: dict[str, Any], problems: list[tuple[str, object]]):
    for dimension in data["dimensions"]:
        if not isinstance(dimension, dict) or not _named(dimension.get("name")) or not dimension.get("code"):
            problems.append(("dimensions", _("A dimension needs a code, a Chinese name and indicators.")))
            continue
        for item in dimension.get("indicators") or []:
            yield str(item.get("code", "?")), item, False
    for item in data.get("bonus") or []:
        yield str(item.get("code", "?")), item, True


def _item_problems(item: dict[str, Any], *, bonus: bool) -> list[object]:
    points = _number(item.get("points"))
    if (
        not item.get("code")
        or not _named(item.get("name"))
        or points is None
        or not isinstance(item.get("rubric"), dict)
    ):
        return [_("Needs a code, a Chinese name, points and a rubric.")]
    plain = Item(
        str(item["code"]),
        points,
        item["rubric"],
        bool(item.get("gate")),
        item.get("not_applicable", "not_allowed"),
        bonus,
    )
    return [PROBLEM_TEXTS[problem] for problem in rubric_problems(plain)]


def _named(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("zh"), str) and bool(value["zh"].strip())


def _number(raw: object) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    # the columns keep two places and four digits before them: 79.995 must not become 80.00 on its way in
    return number if number.is_finite() and abs(number) < LARGEST and number == round(number, 2) else None
