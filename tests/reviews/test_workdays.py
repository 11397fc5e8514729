"""Notices counted in working days, by the official calendar with its make-up workdays.

The calendar of 2026 (国务院办公厅关于2026年部分节假日安排的通知, 4 November 2025):
New Year 1–3 January, work on Sunday 4 January · Spring Festival 15–23 February, work on Saturdays 14 and 28 February ·
Qingming 4–6 April · Labour Day 1–5 May, work on Saturday 9 May · Dragon Boat 19–21 June · Mid-Autumn 25–27 September ·
National Day 1–7 October, work on Sunday 20 September and Saturday 10 October.
"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.workdays import (
    UnknownYear,
    library_years,
    notice_ended,
    notice_period,
    official,
    working_days_between,
)

CHINA = official({}, ())
DAY = timedelta(days=1)


class Weekdays:
    """The naive calendar, for control: Monday to Friday."""

    def is_workday(self, day):
        return day.weekday() < 5


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("published", "days", "last"),
    [
        # An ordinary week: Monday; Tue 1, Wed 2, Thu 3, Fri 4, Mon 5.
        ("2026-03-09", 5, "2026-03-16"),
        ("2026-03-09", 1, "2026-03-10"),
        # Over National Day, from Wednesday: 1–7 off, Thu 8 = 1, Fri 2, Sat 10 (make-up) 3, Sun off, Mon 4, Tue 13 = 5.
        ("2026-09-30", 5, "2026-10-13"),
        # Published in the holiday itself: Thu 8 = 1, Fri 9 = 2, Sat 10 = 3.
        ("2026-10-03", 3, "2026-10-10"),
        # Over Spring Festival: Friday; Sat 14 (make-up) = 1, 15–23 off, Tue 24 = 2, Wed 3, Thu 4, Fri 27 = 5.
        ("2026-02-13", 5, "2026-02-27"),
        # After it, from Tuesday: Wed 25 = 1, Thu 2, Fri 3, Sat 28 (make-up) = 4, Sun off, Mon 2 March = 5.
        ("2026-02-24", 5, "2026-03-02"),
        # Over New Year from Wednesday 31 December 2025: 1–3 off, Sun 4 (make-up) = 1, Mon 5 = 2.
        ("2025-12-31", 2, "2026-01-05"),
        # Over Labour Day, from Thursday: 1–5 off, Wed 6 = 1, Thu 2, Fri 3, Sat 9 (make-up) = 4, Sun off, Mon 11 = 5.
        ("2026-04-30", 5, "2026-05-11"),
    ],
)
def test_a_notice_reckoned_by_hand(published, days, last):
    first = day(published) + DAY
    assert notice_period(day(published), days, CHINA) == (first, day(last))
    assert working_days_between(first, day(last), CHINA) == days


def test_weekdays_alone_would_end_a_notice_in_the_holiday():
    # Control: Thu 1, Fri 2, Mon 5, Tue 6, Wed 7 October are all days off; nobody could have looked at the notice.
    _first, last = notice_period(day("2026-09-30"), 5, Weekdays())
    assert last == day("2026-10-07")
    assert working_days_between(day("2026-10-01"), last, CHINA) == 0


def test_a_notice_runs_to_the_end_of_its_last_day():
    last = day("2026-10-13")
    assert [notice_ended(last, last - DAY), notice_ended(last, last), notice_ended(last, last + DAY)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("days", [0, -5])
def test_a_notice_of_no_days_is_refused(days):
    with pytest.raises(ValueError, match="one working day"):
        notice_period(day("2026-03-09"), days, CHINA)


def test_working_days_between_counts_both_ends_and_nothing_backwards():
    monday, friday = day("2026-03-09"), day("2026-03-13")
    counted = [
        working_days_between(monday, friday, CHINA),
        working_days_between(monday, monday, CHINA),
        working_days_between(friday + DAY, friday + 2 * DAY, CHINA),
        working_days_between(friday, monday, CHINA),
    ]
    assert counted == [5, 1, 0, 0]


def test_2026_has_248_working_days():
    # 365 days − 104 Saturdays and Sundays = 261 weekdays. Weekdays off: New Year 2, Spring Festival 6, Qingming 1,
    # Labour Day 3, Dragon Boat 1, Mid-Autumn 1, National Day 5 = 19. Make-up workdays 6. 261 − 19 + 6 = 248.
    assert working_days_between(day("2026-01-01"), day("2026-12-31"), CHINA) == 248


def test_a_year_that_nobody_knows_is_refused_and_named():
    unknown = library_years().stop
    with pytest.raises(UnknownYear) as refusal:
        notice_period(date(unknown - 1, 12, 31), 1, CHINA)
    assert refusal.value.year == unknown
    assert str(unknown) in str(refusal.value)
    with pytest.raises(UnknownYear) as refusal:
        CHINA.is_workday(date(library_years().start - 1, 12, 31))
    assert refusal.value.year == library_years().start - 1


def test_the_library_knows_2004_to_2026_at_least():
    assert {2004, 2026} <= set(library_years())


def test_a_year_entered_by_hand():
    # 2090: 1 January is a Sunday; day off on Monday 2 January instead, made up for on Saturday 7.
    calendar = official({day("2090-01-02"): False, day("2090-01-07"): True}, {2090})
    worked = [number for number in range(1, 10) if calendar.is_workday(date(2090, 1, number))]
    assert worked == [3, 4, 5, 6, 7, 9]
    # Tue 3 = 1 … Sat 7 = 5; published on Sunday.
    assert notice_period(day("2090-01-01"), 5, calendar) == (day("2090-01-02"), day("2090-01-07"))
    with pytest.raises(UnknownYear):
        calendar.is_workday(day("2091-01-02"))


def test_a_day_that_was_entered_is_known_even_where_its_year_is_not():
    calendar = official({day("2090-01-02"): False}, ())
    assert calendar.is_workday(day("2090-01-02")) is False
    with pytest.raises(UnknownYear):
        calendar.is_workday(day("2090-01-03"))


def test_an_official_correction_overrides_the_library():
    # As in 2020, when the Spring Festival holiday was prolonged at short notice.
    corrected = official({day("2026-03-10"): False, day("2026-03-14"): True}, ())
    # Monday 9; Tue off, Wed 1, Thu 2, Fri 3, Sat 14 = 4, Mon 16 = 5.
    assert notice_period(day("2026-03-09"), 5, corrected)[1] == day("2026-03-16")
    assert [CHINA.is_workday(day("2026-03-10")), corrected.is_workday(day("2026-03-10"))] == [True, False]


known_days = st.dates(date(library_years().start, 1, 1), date(library_years().stop - 2, 12, 31))


@given(known_days, st.integers(1, 40))
def test_a_notice_has_exactly_its_working_days_and_no_shorter_one_has_them(published, days):
    first, last = notice_period(published, days, CHINA)
    assert first == published + DAY
    assert CHINA.is_workday(last)
    assert working_days_between(first, last, CHINA) == days
    assert working_days_between(first, last - DAY, CHINA) == days - 1
    assert (notice_ended(last, last), notice_ended(last, last + DAY)) == (False, True)


@given(known_days, st.integers(1, 20), st.integers(1, 20))
def test_a_longer_or_later_notice_never_ends_earlier(published, days, more):
    _first, last = notice_period(published, days, CHINA)
    assert notice_period(published, days + more, CHINA)[1] > last
    assert notice_period(published + more * DAY, days, CHINA)[1] >= last
