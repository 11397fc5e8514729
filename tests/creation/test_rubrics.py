"""One indicator: every method at its edges, what is refused, and which rubrics are unsound."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creation.rubrics import METHODS, NOT_APPLICABLE, PROBLEMS, REASONS
from creation.scoring import BadFound, Found, Item, item_points, rubric_problems

LABEL = {"zh": "项"}
GATE = Item("gate", Decimal(5), {"method": "gate"}, gate=True)
CHECKLIST = Item(
    "checklist",
    Decimal(6),
    {"method": "checklist", "parts": [{"points": points, "label": LABEL} for points in (3, 2.5, 0.5)]},
)
LEVELS = Item(
    "levels", Decimal(3), {"method": "levels", "levels": [{"points": points, "label": LABEL} for points in (0, 1, 3)]}
)
ADDITIVE = Item("additive", Decimal(3), {"method": "additive", "each": 0.7, "counts": LABEL})
DEDUCTIVE = Item("deductive", Decimal(5), {"method": "deductive", "each": 2, "counts": LABEL})
BANDED = Item(
    "banded",
    Decimal(9),
    {
        "method": "banded",
        "measure": LABEL,
        "bands": [{"at_least": edge, "points": points} for edge, points in ((100, 9), (90, 7), (37.5, 3), (0, 0))],
    },
)
ALL = (GATE, CHECKLIST, LEVELS, ADDITIVE, DEDUCTIVE, BANDED)


def changed(item, **changes):
    """The item with other fields; `rubric` is merged into what the item has, a value of None takes the key away."""
    rubric = {**item.rubric, **changes.pop("rubric", {})}
    fields = {
        "code": item.code,
        "points": item.points,
        "gate": item.gate,
        "not_applicable": item.not_applicable,
        "bonus": item.bonus,
        "rubric": {key: value for key, value in rubric.items() if value is not None},
    }
    return Item(**{**fields, **changes})


@pytest.mark.parametrize(
    ("item", "value", "points"),
    [
        (GATE, {"met": True}, "5"),
        (GATE, {"met": False}, "0"),
        (CHECKLIST, {"present": []}, "0"),
        (CHECKLIST, {"present": [1]}, "2.5"),
        (CHECKLIST, {"present": [2, 0]}, "3.5"),
        (CHECKLIST, {"present": (0, 1, 2)}, "6"),
        (LEVELS, {"level": 0}, "0"),
        (LEVELS, {"level": 1}, "1"),
        (LEVELS, {"level": 2}, "3"),
        (ADDITIVE, {"count": 0}, "0"),
        (ADDITIVE, {"count": 3}, "2.1"),
        (ADDITIVE, {"count": 4}, "2.8"),
        (ADDITIVE, {"count": 5}, "3"),  # 5 × 0.7 = 3.5, capped by the indicator
        (ADDITIVE, {"count": 10**9}, "3"),
        (DEDUCTIVE, {"count": 0}, "5"),
        (DEDUCTIVE, {"count": 2}, "1"),
        (DEDUCTIVE, {"count": 3}, "0"),  # 5 − 6 is not −1
        (DEDUCTIVE, {"count": 10**9}, "0"),
        (BANDED, {"value": "0"}, "0"),
        (BANDED, {"value": "37.499999"}, "0"),
        (BANDED, {"value": "37.5"}, "3"),
        (BANDED, {"value": "89.999999999999"}, "3"),
        (BANDED, {"value": "90"}, "7"),
        (BANDED, {"value": "90.00"}, "7"),
        (BANDED, {"value": "99.99"}, "7"),
        (BANDED, {"value": "100"}, "9"),
        (BANDED, {"value": "1000000000"}, "9"),
    ],
)
def test_points_of_what_was_found(item, value, points):
    assert item_points(item, Found(value)) == Decimal(points)


def test_not_answered_is_not_zero():
    assert [item_points(item, Found()) for item in ALL] == [None] * 6


def test_not_applicable_by_the_rule_of_the_item():
    points = {
        rule: item_points(changed(CHECKLIST, not_applicable=rule), Found(not_applicable=True))
        for rule in ("full", "rescale")
    }
    assert points == {"full": Decimal(6), "rescale": Decimal(0)}
    with pytest.raises(BadFound) as refusal:
        item_points(CHECKLIST, Found(not_applicable=True))
    assert (refusal.value.reason, refusal.value.code) == ("not-applicable-not-allowed", "checklist")


def test_a_value_beside_not_applicable_is_kept_but_not_looked_at():
    item = changed(ADDITIVE, not_applicable="full")
    assert item_points(item, Found({"count": "?"}, not_applicable=True)) == Decimal(3)


@pytest.mark.parametrize(
    ("item", "value", "reason"),
    [
        (GATE, {}, "missing"),
        (GATE, {"met": None}, "missing"),
        (GATE, {"met": 1}, "not-yes-or-no"),
        (GATE, {"met": "true"}, "not-yes-or-no"),
        (GATE, {"met": True, "note": ""}, "unknown-part"),
        (GATE, [True], "not-an-object"),
        (GATE, "met", "not-an-object"),
        (CHECKLIST, {"present": 0}, "not-a-list"),
        (CHECKLIST, {"present": "0"}, "not-a-list"),
        (CHECKLIST, {"present": {"0": True}}, "not-a-list"),
        (CHECKLIST, {"present": [3]}, "unknown-part"),
        (CHECKLIST, {"present": [-1]}, "negative"),
        (CHECKLIST, {"present": ["0"]}, "not-a-number"),
        (CHECKLIST, {"present": [True]}, "not-a-number"),
        (CHECKLIST, {"present": [0, 0]}, "duplicate-part"),
        (LEVELS, {"level": 3}, "unknown-part"),
        (LEVELS, {"level": -1}, "negative"),
        (LEVELS, {"level": False}, "not-a-number"),
        (LEVELS, {"count": 1}, "missing"),
        (ADDITIVE, {"count": True}, "not-a-number"),
        (ADDITIVE, {"count": 3.0}, "not-a-number"),
        (ADDITIVE, {"count": float("nan")}, "not-a-number"),
        (ADDITIVE, {"count": float("inf")}, "not-a-number"),
        (ADDITIVE, {"count": "3"}, "not-a-number"),
        (ADDITIVE, {"count": -1}, "negative"),
        (ADDITIVE, {"count": 10**9 + 1}, "out-of-range"),
        (ADDITIVE, {"count": 10**400}, "out-of-range"),
        (DEDUCTIVE, {"count": -1}, "negative"),
        (DEDUCTIVE, {"count": None}, "missing"),
        (BANDED, {"value": 92.5}, "not-a-number"),
        (BANDED, {"value": 92}, "not-a-number"),
        (BANDED, {"value": True}, "not-a-number"),
        (BANDED, {"value": ""}, "not-a-number"),
        (BANDED, {"value": "NaN"}, "not-a-number"),
        (BANDED, {"value": "Infinity"}, "not-a-number"),
        (BANDED, {"value": "1e3"}, "not-a-number"),
        (BANDED, {"value": "1_000"}, "not-a-number"),
        (BANDED, {"value": "９０"}, "not-a-number"),
        (BANDED, {"value": "90\x00"}, "not-a-number"),
        (BANDED, {"value": "90\n"}, "not-a-number"),
        (BANDED, {"value": " 90"}, "not-a-number"),
        (BANDED, {"value": "9" * 31}, "not-a-number"),
        (BANDED, {"value": "-0.01"}, "negative"),
        (BANDED, {"value": "1000000000.1"}, "out-of-range"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_its_reason(item, value, reason):
    with pytest.raises(BadFound) as refusal:
        item_points(item, Found(value))
    assert (refusal.value.reason, refusal.value.code) == (reason, item.code)
    assert str(refusal.value) == f"{item.code}: {reason}"
    assert reason in REASONS


def test_a_method_nobody_knows_and_a_value_below_all_bands_are_refused():
    stranger = Item("stranger", Decimal(5), {"method": "applause"})
    without_zero = changed(BANDED, rubric={"bands": [{"at_least": 50, "points": 9}]})
    reasons = []
    for item, value in ((stranger, {"claps": 3}), (without_zero, {"value": "49"})):
        with pytest.raises(BadFound) as refusal:
            item_points(item, Found(value))
        reasons.append(refusal.value.reason)
    assert reasons == ["unknown-method", "out-of-range"]


def test_a_count_times_a_float_stays_exact():
    # 10 − 7 × 0.4 = 7.2. Control: the same in floats is 7.199999999999999, below a threshold of 7.2.
    item = Item("d", Decimal(10), {"method": "deductive", "each": 0.4, "counts": LABEL})
    assert item_points(item, Found({"count": 7})) == Decimal("7.2")
    assert 10 - 7 * 0.4 < 7.2


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.code)
def test_a_sound_rubric_has_no_problem(item):
    assert rubric_problems(item) == []


def test_each_method_was_shown():
    assert tuple(item.code for item in ALL) == METHODS


PART = {"points": 6, "label": LABEL}
BAND_0 = {"at_least": 0, "points": 0}


@pytest.mark.parametrize(
    ("item", "problems"),
    [
        (changed(GATE, rubric={"method": "applause"}, gate=False), ["unknown-method"]),
        (changed(GATE, rubric={"method": None}, gate=False), ["unknown-method"]),
        (changed(GATE, rubric={"method": ["gate"]}, gate=False), ["unknown-method"]),
        (changed(GATE, gate=False), []),
        (changed(GATE, points=Decimal(0)), []),
        (changed(GATE, points=Decimal(0), gate=False), ["points-not-positive"]),
        (changed(GATE, points=Decimal(-1)), ["points-not-positive"]),
        (changed(GATE, points=Decimal("NaN")), ["points-not-positive"]),
        (changed(GATE, points=Decimal(10_000)), ["points-not-positive"]),
        (changed(GATE, points=Decimal("1.001")), ["points-not-positive"]),
        (changed(GATE, points=True), ["points-not-positive"]),
        (changed(GATE, points="5"), ["points-not-positive"]),
        (changed(CHECKLIST, points=Decimal("NaN")), ["points-not-positive"]),
        (changed(LEVELS, points=Decimal("1E+9999999")), ["points-not-positive"]),
        (changed(ADDITIVE, rubric={"each": 10**5000}), ["each-not-positive"]),
        (changed(GATE, not_applicable="perhaps"), ["unknown-not-applicable"]),
        (changed(GATE, bonus=True), ["bonus-gate"]),
        (changed(ADDITIVE, bonus=True), []),
        (changed(ADDITIVE, bonus=True, not_applicable="full"), ["bonus-not-applicable"]),
        (changed(ADDITIVE, gate=True), ["gate-needs-gate-method"]),
        (changed(CHECKLIST, rubric={"parts": None}), ["parts-missing"]),
        (changed(CHECKLIST, rubric={"parts": []}), ["parts-missing"]),
        (changed(CHECKLIST, rubric={"parts": {"points": 6}}), ["parts-missing"]),
        (changed(CHECKLIST, rubric={"parts": [PART, "b"]}), ["parts-missing"]),
        (changed(CHECKLIST, rubric={"parts": [PART]}), []),
        (changed(CHECKLIST, rubric={"parts": [PART, PART]}), ["parts-sum"]),
        (changed(CHECKLIST, rubric={"parts": [{**PART, "points": 5.99}]}), ["parts-sum"]),
        (changed(CHECKLIST, rubric={"parts": [{**PART, "points": 7}]}), ["bad-number"]),
        (changed(CHECKLIST, rubric={"parts": [{**PART, "points": "6"}]}), ["bad-number"]),
        (changed(CHECKLIST, rubric={"parts": [{**PART, "points": float("nan")}]}), ["bad-number"]),
        (changed(CHECKLIST, rubric={"parts": [PART, {**PART, "points": -1}]}), ["bad-number"]),
        (changed(CHECKLIST, rubric={"parts": [{"points": 6}]}), ["label-missing"]),
        (changed(CHECKLIST, rubric={"parts": [{"points": 6, "label": {"zh": " "}}]}), ["label-missing"]),
        (changed(CHECKLIST, rubric={"parts": [{"points": 6, "label": {"en": "Part"}}]}), ["label-missing"]),
        (changed(CHECKLIST, rubric={"parts": [{"points": 6, "label": "项"}]}), ["label-missing"]),
        (changed(CHECKLIST, rubric={"parts": [{"points": 2}, {"points": 2}]}), ["label-missing", "parts-sum"]),
        (changed(LEVELS, rubric={"levels": None}), ["levels-missing"]),
        (changed(LEVELS, rubric={"levels": [{"points": 2, "label": LABEL}]}), ["levels-maximum"]),
        (changed(LEVELS, rubric={"levels": [{"points": 4, "label": LABEL}]}), ["bad-number"]),
        (changed(LEVELS, rubric={"levels": [{"points": 3}]}), ["label-missing"]),
        (changed(ADDITIVE, rubric={"each": 0}), ["each-not-positive"]),
        (changed(ADDITIVE, rubric={"each": None}), ["each-not-positive"]),
        (changed(DEDUCTIVE, rubric={"each": -1}), ["each-not-positive"]),
        (changed(DEDUCTIVE, rubric={"each": True}), ["each-not-positive"]),
        (changed(DEDUCTIVE, rubric={"counts": None}), ["label-missing"]),
        (changed(BANDED, rubric={"bands": None}), ["bands-missing"]),
        (changed(BANDED, rubric={"measure": None}), ["label-missing"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 50, "points": 9}]}), ["bands-zero"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 50, "points": 8}, BAND_0]}), ["bands-maximum"]),
        (
            changed(BANDED, rubric={"bands": [BAND_0, {"at_least": 9, "points": 9}]}),
            ["bands-not-descending", "bands-zero"],
        ),
        (
            changed(BANDED, rubric={"bands": [{"at_least": 9, "points": 9}, {"at_least": 9, "points": 1}, BAND_0]}),
            ["bands-not-descending"],
        ),
        (changed(BANDED, rubric={"bands": [{"at_least": "9", "points": 9}, BAND_0]}), ["bad-number"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 9}, BAND_0]}), ["bad-number"]),
        (changed(BANDED, rubric={"bands": [{"points": 9}, BAND_0]}), ["bad-number"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 0.12345, "points": 9}, BAND_0]}), ["bad-number"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 10**9, "points": 9}, BAND_0]}), ["bad-number"]),
        (changed(BANDED, rubric={"bands": [{"at_least": 2_500_000.0625, "points": 9}, BAND_0]}), []),
        (changed(BANDED, rubric={"bands": [BAND_0 | {"points": 9}, {"at_least": -1, "points": 0}]}), ["bands-zero"]),
        (changed(ADDITIVE, rubric={"each": 0.005}), ["each-not-positive"]),
        # A measure of which less is better: points may rise where the edges fall.
        (changed(BANDED, rubric={"bands": [{"at_least": 9, "points": 0}, {"at_least": 0, "points": 9}]}), []),
    ],
)
def test_what_is_wrong_with_a_rubric_is_named(item, problems):
    assert rubric_problems(item) == problems


def test_every_problem_that_can_be_named_is_shown_above():
    shown = {
        slug
        for mark in test_what_is_wrong_with_a_rubric_is_named.pytestmark
        for _item, problems in mark.args[1]
        for slug in problems
    }
    assert shown == set(PROBLEMS)


# --- properties ---

quarter = st.integers(1, 80).map(lambda quarters: Decimal(quarters) / 4)


@st.composite
def rubrics(draw, code="x"):
    """A sound item of any method without a gate, and a strategy for what can be found."""
    method = draw(st.sampled_from(METHODS))
    rule = draw(st.sampled_from(NOT_APPLICABLE))
    rubric = {"method": method, "counts": LABEL, "measure": LABEL}
    points = draw(quarter)
    found = {
        "gate": st.fixed_dictionaries({"met": st.booleans()}),
        "additive": st.fixed_dictionaries({"count": st.integers(0, 200)}),
        "deductive": st.fixed_dictionaries({"count": st.integers(0, 200)}),
        "banded": st.fixed_dictionaries({"value": st.decimals(0, 200, places=2).map(str)}),
    }.get(method)
    if method in {"additive", "deductive"}:
        rubric["each"] = float(draw(quarter))
    if method == "checklist":
        parts = draw(st.lists(quarter, min_size=1, max_size=5))
        points = sum(parts)
        rubric["parts"] = [{"points": float(part), "label": LABEL} for part in parts]
        places = st.lists(st.integers(0, len(parts) - 1), unique=True)
        found = st.fixed_dictionaries({"present": places})
    if method in {"levels", "banded"}:
        steps = sorted({Decimal(0), points, *draw(st.lists(quarter.filter(lambda step: step <= 20), max_size=4))})
        points = steps[-1]
        rubric["levels"] = [{"points": float(step), "label": LABEL} for step in steps]
        rubric["bands"] = [{"at_least": 10 * place, "points": float(step)} for place, step in enumerate(steps)][::-1]
        if method == "levels":
            found = st.fixed_dictionaries({"level": st.integers(0, len(steps) - 1)})
    return Item(code, points, rubric, not_applicable=rule), found


def better(item, value):
    """What is found a little better than `value`, or `None` at the top."""
    method = item.rubric["method"]
    if method == "gate":
        return {"met": True}
    if method == "checklist":
        absent = set(range(len(item.rubric["parts"]))) - set(value["present"])
        return {"present": [*value["present"], min(absent)]} if absent else None
    if method == "levels":
        return {"level": value["level"] + 1} if value["level"] + 1 < len(item.rubric["levels"]) else None
    if method == "additive":
        return {"count": value["count"] + 1}
    if method == "deductive":
        return {"count": value["count"] - 1} if value["count"] else None
    return {"value": str(Decimal(value["value"]) + Decimal("0.01"))}


@given(st.data(), rubrics())
def test_points_lie_between_nothing_and_all_and_never_fall_when_more_is_found(data, made):
    item, values = made
    assert rubric_problems(item) == []
    value = data.draw(values)
    points = item_points(item, Found(value))
    assert Decimal(0) <= points <= item.points
    more = better(item, value)
    if more is not None:
        assert item_points(item, Found(more)) >= points


def anything(keys):
    """Whatever a JSON file can hold, with some of the keys that are looked for."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(LABEL),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*keys, "x"]), inner, max_size=len(keys))
        ),
        max_leaves=10,
    )


@given(anything(["met", "present", "level", "count", "value"]), st.sampled_from(ALL))
def test_whatever_comes_in_is_scored_or_refused_but_never_breaks(value, item):
    try:
        points = item_points(item, Found(value))
    except BadFound as bad:
        assert bad.reason in REASONS
    else:
        assert points is None or 0 <= points <= item.points


@given(
    st.sampled_from(METHODS),
    st.dictionaries(
        st.sampled_from(["parts", "levels", "bands", "each", "counts", "measure"]),
        anything(["points", "at_least", "label", "zh"]),
    ),
    st.integers(-1, 9).map(Decimal),
)
def test_whatever_a_rubric_holds_its_problems_are_named_or_it_gives_points(method, rubric, points):
    item = Item("x", points, {**rubric, "method": method})
    problems = rubric_problems(item)
    assert set(problems) <= set(PROBLEMS)
    least = {
        "gate": {"met": False},
        "checklist": {"present": []},
        "levels": {"level": 0},
        "additive": {"count": 1},
        "deductive": {"count": 1},
        "banded": {"value": "0"},
    }
    if not problems:
        assert 0 <= item_points(item, Found(least[method])) <= points
