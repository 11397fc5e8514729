"""Pace and forecast, worked by hand and over whatever numbers there may be."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import pace
from reviews.pace import Passage

TODAY = date(2026, 11, 22)


def test_twelve_weeks_end_today_and_count_each_day_once():
    # 84 days up to and with 22 November 2026 begin on 31 August
    granted = [date(2026, 8, 30), date(2026, 8, 31), date(2026, 9, 6), date(2026, 9, 7), TODAY, TODAY]
    weeks = pace.weekly([*granted, TODAY + timedelta(days=1)], TODAY)
    assert len(weeks) == 12
    assert weeks[0] == (date(2026, 8, 31), 2)
    assert weeks[1] == (date(2026, 9, 7), 1)
    assert weeks[-1] == (date(2026, 11, 16), 2)
    assert pace.per_week(weeks) == Fraction(5, 12)


@pytest.mark.parametrize(
    ("missing", "deadline", "needed"),
    [
        (8, date(2026, 12, 20), Fraction(2)),  # 28 days are four weeks
        (1, date(2026, 12, 31), Fraction(7, 39)),
        (3, TODAY, Fraction(21)),  # one day left, three a day
        (0, date(2026, 12, 31), Fraction(0)),
        (5, date(2026, 11, 21), None),
    ],
)
def test_what_is_needed_each_week(missing, deadline, needed):
    assert pace.needed_per_week(missing, TODAY, deadline) == needed


def test_a_pace_that_goes_on_gives_whole_organs():
    assert pace.if_it_goes_on(Fraction(5, 12), TODAY, date(2026, 12, 31)) == 2  # 39 ÷ 7 × 5 ÷ 12 = 2.32
    assert pace.if_it_goes_on(Fraction(5, 12), TODAY, date(2026, 1, 1)) == 0


def test_wilsons_interval_as_published():
    # 81 of 263: 0.2553–0.3662 (Newcombe 1998, table I, method 3); 0 of 20: 0–0.1611
    assert pace.wilson(Passage(263, 81)) == pytest.approx((0.2553, 0.3662), abs=0.00005)
    assert pace.wilson(Passage(20, 0)) == pytest.approx((0, 0.1611), abs=0.00005)
    assert pace.wilson(Passage(0, 0)) == (0, 1)


def test_the_forecast_adds_up_the_stages_and_rounds_outwards():
    passages = {"checked": Passage(20, 20), "submitted": Passage(263, 81)}
    # 10 × (0.8389 … 1) + 30 × (0.2553 … 0.3662) = 16.05 … 20.99
    found = pace.forecast({"checked": 10, "submitted": 30, "draft": 0}, passages)
    assert (found.low, found.high, found.files, found.is_known) == (16, 21, 40, True)


def test_below_six_earlier_files_there_is_no_forecast_and_the_stage_is_named():
    passages = {"checked": Passage(5, 5), "submitted": Passage(6, 6)}
    found = pace.forecast({"checked": 1, "submitted": 4}, passages)
    assert (found.is_known, found.unknown) == (False, ("checked",))
    assert pace.forecast({"submitted": 4}, passages).is_known
    assert pace.forecast({"draft": 1}, {}).unknown == ("draft",)


def test_no_file_on_its_way_promises_nothing():
    assert pace.forecast({}, {}) == pace.Forecast(0, 0, 0)


@given(
    st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 400), st.integers(6, 900), st.integers(0, 900)))
)
def test_the_range_lies_within_the_files_and_holds_the_plain_expectation(drawn):
    files = {stage: number for stage, (number, _ended, _ok) in drawn.items()}
    passages = {stage: Passage(ended, min(ended, ok)) for stage, (_number, ended, ok) in drawn.items()}
    found = pace.forecast(files, passages)
    expected = sum(
        Fraction(number * passages[stage].recognised, passages[stage].ended) for stage, number in files.items()
    )
    assert 0 <= found.low <= expected <= found.high <= found.files == sum(files.values())


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31))))
def test_the_weeks_hold_exactly_the_days_of_twelve_weeks(granted):
    weeks = pace.weekly(granted, TODAY)
    assert sum(count for _first, count in weeks) == sum(1 for day in granted if date(2026, 8, 31) <= day <= TODAY)
