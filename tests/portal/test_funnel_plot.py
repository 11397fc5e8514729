"""The control limits of a funnel plot against hand-computed binomials, and what never happens to them."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.charts.funnel_plot import INSIDE, OUTSIDE_INNER, OUTSIDE_OUTER, Limits, limits, outside, sizes

HALF = Fraction(1, 2)


def exact(organs, rate, share):
    """Return the limit of the formula in exact fractions, term by term: the slow way, for comparison."""
    below = Fraction(0)
    for number in range(organs + 1):
        here = comb(organs, number) * rate**number * (1 - rate) ** (organs - number)
        if below + here > share:
            return max(Fraction(0), (number - (below + here - share) / here) / organs)
        below += here
    return Fraction(1)


def test_ten_organs_at_one_half_by_hand():
    """Of 1,024 ways 1, 10, 45 give 0, 1, 2. p = 0.025 is 25.6 ways: 1 + 10 < 25.6 < 56, so r = 2,
    a = (56 − 25.6) / 45 = 0.6756, the limit (2 − 0.6756) / 10 = 0.13244. p = 0.001 is 1.024 ways: r = 1,
    a = (11 − 1.024) / 10 = 0.9976, the limit 0.00024. At one half the upper ones lie as far from 1."""
    found = limits(10, HALF)
    assert found.inner_low == pytest.approx(0.132444, abs=1e-6)
    assert found.outer_low == pytest.approx(0.00024, abs=1e-6)
    assert found.inner_high == pytest.approx(1 - 0.132444, abs=1e-6)
    assert found.outer_high == pytest.approx(1 - 0.00024, abs=1e-6)


@pytest.mark.parametrize(
    ("recognised", "expected"),
    [(0, OUTSIDE_OUTER), (1, OUTSIDE_INNER), (2, INSIDE), (8, INSIDE), (9, OUTSIDE_INNER), (10, OUTSIDE_OUTER)],
)
def test_of_ten_organs_where_all_have_one_half(recognised, expected):
    """P(R ≤ 1) = 11 / 1,024 = 0.0107 < 0.025, P(R ≤ 2) = 56 / 1,024 = 0.0547; P(R = 0) = 0.00098 < 0.001."""
    assert outside(recognised, limits(10, HALF)) == expected


@pytest.mark.parametrize("organs", [1, 2, 3])
def test_few_organs_lie_outside_nothing_where_all_have_three_fifths(organs):
    """0.6³ = 0.216 and 0.4³ = 0.064: neither is rarer than 0.025."""
    found = limits(organs, Fraction(3, 5))
    assert [outside(number, found) for number in range(organs + 1)] == [INSIDE] * (organs + 1)


@given(organs=st.integers(1, 60), above=st.integers(1, 99), data=st.data())
def test_a_region_lies_outside_when_the_exact_test_says_so(organs, above, data):
    rate, recognised = Fraction(above, 100), data.draw(st.integers(0, organs))
    chances = [comb(organs, number) * rate**number * (1 - rate) ** (organs - number) for number in range(organs + 1)]
    rarer = min(sum(chances[: recognised + 1]), sum(chances[recognised:]))
    if abs(rarer - Fraction(25, 1000)) > 1e-9 and abs(rarer - Fraction(1, 1000)) > 1e-9:
        expected = (
            OUTSIDE_OUTER if rarer < Fraction(1, 1000) else OUTSIDE_INNER if rarer < Fraction(25, 1000) else INSIDE
        )
        assert outside(recognised, limits(organs, rate)) == expected


def test_on_a_limit_is_inside():
    found = Limits(organs=10, outer_low=0.1, inner_low=0.2, inner_high=0.8, outer_high=0.9)
    assert [outside(number, found) for number in (0, 1, 2, 8, 9, 10)] == [
        OUTSIDE_OUTER,
        OUTSIDE_INNER,
        INSIDE,
        INSIDE,
        OUTSIDE_INNER,
        OUTSIDE_OUTER,
    ]


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(1)])
def test_where_all_are_alike_nothing_is_left_to_chance(rate):
    assert limits(7, rate) == Limits(7, float(rate), float(rate), float(rate), float(rate))


@pytest.mark.parametrize(("organs", "rate"), [(0, HALF), (5, Fraction(3, 2)), (5, Fraction(-1, 2))])
def test_what_is_no_rate_is_refused(organs, rate):
    with pytest.raises(ValueError, match="organs at a rate"):
        limits(organs, rate)


@given(organs=st.integers(1, 120), above=st.integers(1, 99))
def test_the_fast_way_equals_the_exact_one(organs, above):
    rate = Fraction(above, 100)
    found = limits(organs, rate)
    for name, share in (("outer_low", "0.001"), ("inner_low", "0.025")):
        assert getattr(found, name) == pytest.approx(float(exact(organs, rate, Fraction(share))), abs=1e-9)
    assert found.inner_high == pytest.approx(1 - float(exact(organs, 1 - rate, Fraction("0.025"))), abs=1e-9)


@given(organs=st.integers(1, 100_000), above=st.integers(1, 999))
def test_the_outer_limits_enclose_the_inner_ones(organs, above):
    found = limits(organs, Fraction(above, 1000))
    assert 0 <= found.outer_low <= found.inner_low <= found.inner_high <= found.outer_high <= 1


def test_more_organs_narrow_the_funnel():
    spans = [(one := limits(organs, Fraction(3, 5))).inner_high - one.inner_low for organs in (10, 100, 1000, 10_000)]
    assert spans == sorted(spans, reverse=True)
    assert spans[-1] == pytest.approx(2 * 1.96 * (0.24 / 10_000) ** 0.5, rel=0.01)


@given(st.lists(st.integers(1, 300_000), min_size=1))
def test_the_limits_are_drawn_from_one_organ_to_the_largest_region(organs):
    drawn = sizes(organs)
    assert (drawn[0], drawn[-1]) == (1, max(organs))
    assert drawn == sorted(set(drawn))
    assert len(drawn) <= 82
