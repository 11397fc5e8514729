"""What a year's consumption comes to: cases reckoned by hand, and what holds for all figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creation.energy import (
    MEASURES,
    Comparison,
    Factors,
    Worked,
    Year,
    big_changes,
    change_shown,
    compare,
    energy_problems,
    equals,
    measure,
    missing_of,
    petrol,
    plain,
    propose,
    rounded,
    signed,
    total,
)

D = Decimal
FACTORS = Factors(
    kgce={"electricity": D("0.1229"), "gas": D("1.2143"), "petrol": D("1.4714"), "heat": D("34.12")},
    kgco2={"electricity": D("0.604"), "gas": D("2.162"), "petrol": D("2.925"), "heat": D("110")},
    petrol_density=D("0.74"),
)
LAST = Year(D(120000), D(5000), D(1000), None, D(300), D(2000), D(2000), 100)
THIS = Year(D(117000), D(5000), D(1000), D(10), D(300), D(1960), D(2000), 100)

amounts = st.one_of(st.none(), st.decimals(min_value=0, max_value=10**9, places=3))
years = st.builds(
    Year, amounts, amounts, amounts, amounts, amounts, amounts, amounts, st.one_of(st.none(), st.integers(0, 10**6))
)
percents = st.decimals(min_value=-100, max_value=100, places=2)


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_total_of_a_year():
    # 120,000 × 0.1229 = 14,748; 5,000 × 1.2143 = 6,071.5; 1,000 × 0.74 × 1.4714 = 1,088.836; 300 × 34.12 = 10,236
    worked = total(LAST, FACTORS)
    assert worked.value == Fraction("32144.336")
    assert worked.working == "120,000 × 0.1229 + 5,000 × 1.2143 + 1,000 × 0.74 × 1.4714 + 300 × 34.12 ≈ 32,144.34"
    # carbon: 72,480 + 10,810 + 740 × 2.925 = 2,164.5 + 33,000
    assert total(LAST, FACTORS, "kgco2").value == Fraction("118454.5")


def test_the_four_measures_of_a_year():
    found = {name: measure(name, LAST, FACTORS) for name in MEASURES}
    assert found["non_heating_per_m2"].value == Fraction("20819.5") / 2000
    assert found["non_heating_per_m2"].working == "(32,144.34 − 1,088.84 − 10,236) ÷ 2,000 ≈ 10.4098"
    assert found["energy_per_head"].working == "32,144.34 ÷ 100 ≈ 321.4434"
    assert (found["water_per_head"].value, found["water_per_head"].working) == (20, "2,000 ÷ 100 = 20")
    assert found["carbon_per_m2"].value == Fraction("59.22725")


def test_petrol_comes_in_litres_or_kilograms_or_both():
    assert petrol(Year(petrol_kg=D(5)), Factors()) == Worked(Fraction(5), "5")
    assert petrol(Year(petrol_l=D(0)), Factors()).value == 0
    assert petrol(THIS, FACTORS) == Worked(Fraction(750), "(1,000 × 0.74 + 10)")
    assert petrol(Year(petrol_l=D(5)), Factors()).missing == ("petrol_density",)
    assert petrol(Year(), FACTORS).missing == ("petrol",)


def test_the_other_factor_for_gas_gives_another_total():
    with_other = Factors({**FACTORS.kgce, "gas": D("1.33")}, {}, D("0.74"))
    assert total(LAST, with_other).value - total(LAST, FACTORS).value == 5000 * Fraction("0.1157")


def test_a_goal_is_met_exactly_at_its_edge_and_not_a_hair_above():
    def water(amount):
        return Year(water_m3=D(amount), users=100)

    at_the_edge = compare("water_per_head", water("1972"), water("2000"), FACTORS, D("-1.4"))
    assert (at_the_edge.outcome, at_the_edge.change) == ("met", D("-1.40"))
    assert at_the_edge.working == "(19.72 − 20) ÷ 20 × 100 = −1.40 % ≤ −1.4 %"
    above = compare("water_per_head", water("1972.001"), water("2000"), FACTORS, D("-1.4"))
    # −1.39995 % must not be shown as −1.40 % beside “not met”
    assert (above.outcome, above.change) == ("not_met", D("-1.39"))
    assert above.working == "(19.72 − 20) ÷ 20 × 100 ≈ −1.39 % > −1.4 %"


def test_after_a_year_of_nothing_only_nothing_meets():
    none, some = Year(water_m3=D(0), users=5), Year(water_m3=D(1), users=5)
    assert compare("water_per_head", none, none, FACTORS, D("-1.4")).outcome == "met"
    worse = compare("water_per_head", some, none, FACTORS, D(100))
    assert (worse.outcome, worse.change, worse.working) == ("not_met", None, "0.2 > 0")


def test_what_is_not_known_is_never_nothing():
    unknown = measure("non_heating_per_m2", Year(electricity_kwh=D(1), area_m2=D(10)), FACTORS)
    assert (unknown.value, unknown.missing) == (None, ("gas_m3", "petrol", "heat_gj"))
    assert measure("water_per_head", Year(users=0, water_m3=D(1)), FACTORS).missing == ("users_zero",)
    assert measure("carbon_per_m2", Year(), FACTORS).missing[-1] == "area_m2"
    without = compare("energy_per_head", THIS, Year(), FACTORS, D(-1))
    assert (without.outcome, without.change) == ("unknown", None)
    assert without.missing == ("electricity_kwh", "gas_m3", "petrol", "heat_gj", "users")


def test_a_factor_is_missing_only_for_what_was_used():
    electric = Year(D(10), D(0), D(0), None, D(0), D(0), D(5), 1)
    only = Factors({"electricity": D("0.1")})
    assert total(electric, only).value == 1
    assert total(Year(D(10), D(1), D(0), None, D(2), D(0), D(5), 1), only).missing == ("kgce:gas", "kgce:heat")
    assert total(Year(D(0), D(0), D(0), None, D(0)), Factors()).working == "0 = 0"


def test_the_proposal_follows_the_worst_known_goal():
    def outcome(word):
        return Comparison("water_per_head", D(0), Worked(None), Worked(None), word)

    assert propose([]) == "unknown"
    assert propose([outcome("met"), outcome("met")]) == "met"
    assert propose([outcome("met"), outcome("unknown")]) == "unknown"
    assert propose([outcome("unknown"), outcome("not_met")]) == "not_met"


@pytest.mark.parametrize(
    "now, before, asked",
    [(110, 100, ()), (90, 100, ()), (111, 100, ("users",)), (89, 100, ("users",)), (1, 0, ("users",)), (0, 0, ())],
)
def test_more_than_ten_percent_asks_why(now, before, asked):
    assert big_changes(Year(users=now), Year(users=before)) == asked
    assert energy_problems(Year(users=now), Year(users=before), "搬迁").errors == ()
    assert energy_problems(Year(users=now), Year(users=before), " ").errors == asked


def test_unknown_figures_are_warnings_by_year():
    assert energy_problems(THIS, LAST, "").warnings == ()
    assert energy_problems(THIS, Year(petrol_kg=D(0)), "").warnings[:2] == (
        ("last", "electricity_kwh"),
        ("last", "gas_m3"),
    )
    assert missing_of(Year()) == ("electricity_kwh", "gas_m3", "petrol", "heat_gj", "water_m3", "area_m2", "users")


def test_numbers_are_shown_in_groups_and_say_when_they_are_rounded():
    assert [plain(one) for one in (D("120000.500"), D("0.1229"), D("1E+3"), 7)] == ["120,000.5", "0.1229", "1,000", "7"]
    assert [equals(Fraction(1, 3)), equals(Fraction(1, 2))] == ["≈ 0.3333", "= 0.5"]
    assert [signed(D("-1.6")), signed(D("0.4"), 2), signed(D(0))] == ["−1.6", "+0.40", "0"]


# --- for all figures -------------------------------------------------------------------------------------------------


@given(years, years, st.sampled_from(MEASURES), percents)
def test_known_exactly_when_nothing_is_missing_and_the_shown_change_agrees(this, last, name, percent):
    for year in (this, last):
        worked = measure(name, year, FACTORS)
        assert (worked.value is None) == bool(worked.missing)
        assert bool(worked.working) == (worked.value is not None)
    found = compare(name, this, last, FACTORS, percent)
    assert (found.outcome == "unknown") == bool(found.missing)
    if found.change is not None:
        # what is shown never contradicts the verdict
        assert (found.change <= percent) == (found.outcome == "met")


@given(years)
def test_more_electricity_is_never_less_of_anything(year):
    if year.electricity_kwh is None:
        return
    more = Year(year.electricity_kwh + 1, *(getattr(year, name) for name in Year.__slots__[1:]))
    for name in ("non_heating_per_m2", "energy_per_head", "carbon_per_m2"):
        before, after = measure(name, year, FACTORS), measure(name, more, FACTORS)
        assert before.missing == after.missing
        if before.value is not None:
            assert after.value > before.value


@given(years)
def test_heating_and_fuel_do_not_count_per_square_metre(year):
    without = Year(year.electricity_kwh, year.gas_m3, D(0), None, D(0), year.water_m3, year.area_m2, year.users)
    full, bare = (measure("non_heating_per_m2", each, FACTORS) for each in (year, without))
    if full.value is not None:
        assert full.value == bare.value


@given(st.fractions(min_value=0, max_value=10**6), st.fractions(min_value=Fraction(1, 1000), max_value=10**6))
def test_a_change_is_shown_rounded_up_by_less_than_a_hundredth(now, before):
    exact = (now - before) / before * 100
    assert exact <= Fraction(change_shown(now, before)) < exact + Fraction(1, 100)


@given(st.fractions(min_value=0, max_value=10**6))
def test_rounding_is_to_the_nearest(value):
    assert abs(Fraction(rounded(value)) - value) <= Fraction(1, 20000)
