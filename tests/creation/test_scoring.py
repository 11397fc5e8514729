"""The rating of a whole standard: totals, rescaling, bonus, and the verdict at its edge."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creation.rubrics import REASONS
from creation.scoring import VETOES, BadFound, Found, Item, Rulebook, item_points, rate
from tests.creation.test_rubrics import rubrics

LABEL = {"zh": "项"}
MET = Found({"met": True})
UNMET = Found({"met": False})
NOT_APPLICABLE = Found(not_applicable=True)


def counted(code, points, each=1, **fields):
    """An item whose points are the count × each, so that a test can say how many points it wants."""
    return Item(code, Decimal(points), {"method": "additive", "each": each, "counts": LABEL}, **fields)


def gate(code, points=5, **fields):
    return Item(code, Decimal(points), {"method": "gate"}, gate=True, **fields)


def rulebook(*items, pass_mark="80", full="100", cap="10"):
    return Rulebook(items, Decimal(pass_mark), Decimal(full), Decimal(cap))


def count(number):
    return Found({"count": number})


PLAIN = rulebook(
    gate("1"), counted("2", 90), counted("3", 5, not_applicable="rescale"), counted("B", 20, 2, bonus=True)
)


def test_the_plain_case():
    # 5 + 72 + 3 = 80 of 100, no bonus claimed.
    result = rate(PLAIN, {"1": MET, "2": count(72), "3": count(3)})
    assert result.points == {"1": Decimal(5), "2": Decimal(72), "3": Decimal(3), "B": None}
    assert (result.earned, result.applicable, result.bonus, result.total) == (80, 100, 0, 80)
    assert (result.missing, result.unmet_gates, result.vetoes) == ((), (), ())
    assert result.complete
    assert result.passed
    assert (str(result.total_rounded), str(result.total_shown)) == ("80.00", "80.00")


def test_79_995_is_no_pass_and_is_shown_as_79_99():
    # 15,999 × 0.01 = 159.99 of 200 points = 79.995 of 100.
    book = rulebook(counted("1", 200, 0.01))
    result = rate(book, {"1": count(15_999)})
    assert result.total == Fraction(79_995, 1000)
    assert (str(result.total_shown), str(result.total_rounded)) == ("79.99", "80.00")
    assert not result.passed
    # Control: rounded before it is compared, it would have passed.
    assert Decimal("79.995").quantize(Decimal("0.01"), ROUND_HALF_UP) >= book.pass_mark
    # The next step is exactly 80.
    assert rate(book, {"1": count(16_000)}).passed


def test_floats_would_fail_an_organ_that_passes():
    # 10 − 3 × 0.3 = 9.1 of 10 = 91 of 100.
    item = Item("1", Decimal(10), {"method": "deductive", "each": 0.3, "counts": LABEL})
    assert rate(rulebook(item, pass_mark="91"), {"1": count(3)}).passed
    # Control: the naive way gives 90.99999999999999.
    assert (10 - 3 * 0.3) / 10 * 100 < 91


def test_rescaling_is_exact_and_rounded_once():
    # Item 3 (5 points) leaves the base: 5 + 71 = 76 of 95, × 100 = 80 exactly.
    result = rate(PLAIN, {"1": MET, "2": count(71), "3": NOT_APPLICABLE})
    assert (result.earned, result.applicable, result.total, result.passed) == (76, 95, 80, True)
    # One point less: 75 ÷ 95 × 100 = 78.9473684…
    result = rate(PLAIN, {"1": MET, "2": count(70), "3": NOT_APPLICABLE})
    assert result.total == Fraction(1500, 19)
    assert (str(result.total_shown), str(result.total_rounded), result.passed) == ("78.94", "78.95", False)
    assert result.complete
    assert result.points["3"] == 0


def test_a_quotient_is_not_rounded_on_the_way():
    # 2 of 3 points are 66.666…, below 66.67. Control: with a quotient of four places it would have passed.
    book = rulebook(counted("1", 3), pass_mark="66.67")
    result = rate(book, {"1": count(2)})
    assert (str(result.total_shown), result.passed) == ("66.66", False)
    assert Decimal("0.6667") * 100 >= book.pass_mark


def test_full_points_stay_in_the_base():
    book = rulebook(counted("1", 60), counted("2", 40, not_applicable="full"))
    result = rate(book, {"1": count(40), "2": NOT_APPLICABLE})
    assert (result.earned, result.applicable, result.total, result.points["2"]) == (80, 100, 80, 40)


def test_nothing_applicable_is_no_pass_even_with_bonus_and_a_pass_mark_of_nothing():
    book = rulebook(counted("1", 5, not_applicable="rescale"), counted("B", 10, bonus=True), pass_mark="0")
    result = rate(book, {"1": NOT_APPLICABLE, "B": count(3)})
    assert (result.applicable, result.bonus, result.total) == (0, 3, 0)
    assert result.complete
    assert not result.passed
    assert rate(rulebook(pass_mark="0"), {}).total == 0


def test_bonus_comes_after_rescaling_and_is_capped():
    # 76 of 95 = 80; the bonus of 4 is not stretched with it.
    found = {"1": MET, "2": count(71), "3": NOT_APPLICABLE}
    assert rate(PLAIN, {**found, "B": count(2)}).total == 84
    # Item B gives up to 20 points, the standard lets 10 of them count.
    result = rate(PLAIN, {**found, "B": count(10)})
    assert (result.points["B"], result.bonus, result.total) == (20, 10, 90)


def test_bonus_of_several_items_is_capped_together_and_is_optional():
    book = rulebook(counted("1", 100), counted("A", 8, bonus=True), counted("B", 8, bonus=True))
    assert rate(book, {"1": count(70), "A": count(8), "B": count(1)}).bonus == 9
    result = rate(book, {"1": count(70), "A": count(8), "B": count(8)})
    assert (result.bonus, result.total, result.passed) == (10, 80, True)
    result = rate(book, {"1": count(80)})
    assert (result.missing, result.passed) == ((), True)


def test_an_unanswered_item_keeps_its_points_in_the_base_and_bars_the_verdict():
    result = rate(PLAIN, {"1": MET, "2": count(90)})
    assert (result.earned, result.applicable, result.total) == (95, 100, 95)
    assert (result.missing, result.complete, result.passed) == (("3",), False, False)
    assert rate(PLAIN, {"3": count(5)}).missing == ("1", "2")
    assert rate(PLAIN, {"1": MET, "2": count(90), "3": Found()}).missing == ("3",)


def test_an_unmet_gate_bars_whatever_the_total():
    result = rate(PLAIN, {"1": UNMET, "2": count(90), "3": count(5)})
    assert (result.total, result.unmet_gates, result.missing, result.passed) == (95, ("1",), (), False)


def test_a_gate_not_answered_is_missing_and_not_unmet():
    result = rate(PLAIN, {"2": count(90), "3": count(5)})
    assert (result.unmet_gates, result.missing, result.passed) == ((), ("1",), False)


@pytest.mark.parametrize("rule", ["full", "rescale"])
def test_a_gate_that_is_not_applicable_counts_as_met(rule):
    book = rulebook(gate("1", not_applicable=rule), counted("2", 95))
    result = rate(book, {"1": NOT_APPLICABLE, "2": count(95)})
    assert (result.unmet_gates, result.total, result.passed) == ((), 100, True)


def test_a_gate_without_points_of_its_own_bars_too():
    book = rulebook(gate("1", 0), counted("2", 100))
    assert rate(book, {"1": MET, "2": count(100)}).passed
    result = rate(book, {"1": UNMET, "2": count(100)})
    assert (result.unmet_gates, result.total, result.passed) == (("1",), 100, False)


def test_a_gate_of_another_method_is_met_by_full_points_only():
    book = rulebook(counted("1", 5, gate=True), counted("2", 95))
    assert rate(book, {"1": count(5), "2": count(95)}).unmet_gates == ()
    assert rate(book, {"1": count(4), "2": count(95)}).unmet_gates == ("1",)


@pytest.mark.parametrize("veto", VETOES)
def test_one_veto_bars_whatever_the_total(veto):
    found = {"1": MET, "2": count(90), "3": count(5)}
    assert rate(PLAIN, found).passed
    result = rate(PLAIN, found, {veto})
    assert (result.vetoes, result.total, result.passed) == ((veto,), 100, False)


def test_vetoes_come_out_in_one_order_and_once():
    result = rate(PLAIN, {}, ["falsified_data", "target_missed", "falsified_data"])
    assert result.vetoes == ("target_missed", "falsified_data")


def test_strangers_are_refused():
    refused = []
    for found, vetoes in (({"stranger": MET}, ()), ({}, ["stranger"]), ({}, "target_missed")):
        with pytest.raises(BadFound) as refusal:
            rate(PLAIN, found, vetoes)
        refused.append((refusal.value.reason, refusal.value.code))
    assert refused == [("unknown-item", "stranger"), ("unknown-veto", "stranger"), ("unknown-veto", "t")]
    assert {reason for reason, _code in refused} <= set(REASONS)
    with pytest.raises(ValueError, match="each code once"):
        rate(rulebook(gate("1"), gate("1")), {})


def test_what_is_refused_names_its_indicator():
    with pytest.raises(BadFound) as refusal:
        rate(PLAIN, {"1": MET, "2": count(-1)})
    assert (refusal.value.reason, refusal.value.code) == ("negative", "2")


# --- properties ---


@st.composite
def ratings(draw):
    """A rulebook of up to six items of any method, and what was found (with gaps and not applicable ones)."""
    items, found = [], {}
    for number in range(draw(st.integers(1, 6))):
        item, values = draw(rubrics(code=str(number)))
        kind = draw(st.sampled_from(["plain", "plain", "gate", "bonus"]))
        if kind == "gate":
            item = gate(item.code, item.points, not_applicable=item.not_applicable)
            values = st.fixed_dictionaries({"met": st.booleans()})
        elif kind == "bonus":
            item = Item(item.code, item.points, item.rubric, bonus=True)
        choice = draw(st.sampled_from(["answered", "answered", "answered", "open", "not applicable"]))
        if choice == "not applicable" and item.not_applicable != "not_allowed":
            found[item.code] = NOT_APPLICABLE
        elif choice != "open":
            found[item.code] = Found(draw(values))
        items.append(item)
    pass_mark = draw(st.integers(0, 11_000)) / Decimal(100)
    return rulebook(*items, pass_mark=pass_mark), found


@given(ratings())
def test_the_total_is_in_range_and_the_shown_one_never_claims_a_pass(rating):
    book, found = rating
    result = rate(book, found)
    assert 0 <= result.total <= book.full_points + book.bonus_cap
    assert 0 <= result.earned <= result.applicable
    assert result.total_shown <= result.total < result.total_shown + Decimal("0.01")
    assert abs(Fraction(result.total_rounded) - result.total) <= Fraction(1, 200)
    assert (result.total_shown >= book.pass_mark) == (result.total >= book.pass_mark)


@given(ratings(), st.sets(st.sampled_from(VETOES)))
def test_a_pass_has_everything_a_pass_needs(rating, vetoes):
    book, found = rating
    result = rate(book, found, vetoes)
    needs = (
        result.complete,
        not result.unmet_gates,
        not vetoes,
        result.applicable > 0,
        result.total >= book.pass_mark,
    )
    assert result.passed == all(needs)


@given(ratings(), st.randoms(use_true_random=False))
def test_order_does_not_matter(rating, random):
    book, found = rating
    items, answers = list(book.items), list(found.items())
    random.shuffle(items)
    random.shuffle(answers)
    shuffled = rate(Rulebook(tuple(items), book.pass_mark, book.full_points, book.bonus_cap), dict(answers))
    result = rate(book, found)
    assert (shuffled.points, shuffled.total, shuffled.passed) == (result.points, result.total, result.passed)
    assert sorted(shuffled.missing) == sorted(result.missing)


@given(ratings(), st.data())
def test_a_better_answer_never_lowers_the_total(rating, data):
    book, found = rating
    answered = [item for item in book.items if item.code in found and not found[item.code].not_applicable]
    if not answered:
        return
    item = data.draw(st.sampled_from(answered))
    best = {
        "gate": {"met": True},
        "checklist": {"present": list(range(len(item.rubric.get("parts", []))))},
        "levels": {"level": len(item.rubric.get("levels", [])) - 1},
        "additive": {"count": 10**9},
        "deductive": {"count": 0},
        "banded": {"value": "1000000000"},
    }[item.rubric["method"]]
    assert item_points(item, Found(best)) == item.points
    assert rate(book, {**found, item.code: Found(best)}).total >= rate(book, found).total
