"""Working days by the official calendar of the State Council, with its make-up workdays, and periods counted in them.

The calendar of a year is announced in the autumn before (国务院办公厅关于…部分节假日安排的通知). Nobody can calculate
it, so a year that is not known is refused and never guessed: a notice that ends a day early would be void.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

_DAY = timedelta(days=1)
_SATURDAY = 5


class UnknownYear(LookupError):
    """The holidays of ``year`` are not known: enter the official calendar, or bring the library up to date."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working days of {year} are not known")
        self.year = year


class WorkCalendar(Protocol):
    """Whatever can tell a working day from a day off."""

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day; raises `UnknownYear` where nobody can know."""


def library_years() -> range:
    """The years that the installed chinesecalendar knows; a new edition adds the next one each November."""
    return range(min(holidays).year, max(holidays).year + 1)


@dataclass(frozen=True, slots=True)
class _Official:
    extra: Mapping[date, bool]
    known_years: Collection[int]

    def is_workday(self, day: date) -> bool:
        if day in self.extra:
            return self.extra[day]
        if day.year in library_years():
            return bool(is_workday(day))
        if day.year in self.known_years:
            return day.weekday() < _SATURDAY
        raise UnknownYear(day.year)


def official(extra: Mapping[date, bool], known_years: Collection[int]) -> WorkCalendar:
    """The calendar to count with: what ``extra`` says of a day (``True`` = working day), else the library.

    For a year the library lacks that is among ``known_years`` (all its days off and make-up workdays are in ``extra``)
    the remaining weekdays are working days. ``extra`` also corrects the library. Any other day raises `UnknownYear`.
    """
    return _Official(extra, known_years)


def notice_period(published_on: date, days: int, calendar: WorkCalendar) -> tuple[date, date]:
    """First and last day (both inclusive) of a notice of ``days`` working days.

    The day of publication does not count (Civil Code, art. 201), so the first day is the day after it, be it a working
    day or not; the last is the one on which the n-th working day is reached. Fewer than one day is refused
    (``ValueError``).
    """
    if days < 1:
        raise ValueError("a notice lasts at least one working day")
    last = published_on
    while days:
        last += _DAY
        days -= calendar.is_workday(last)
    return published_on + _DAY, last


def working_days_between(first: date, last: date, calendar: WorkCalendar) -> int:
    """How many working days there are from ``first`` to ``last``, both counted; 0 when ``last`` is the earlier one."""
    span = (last - first).days + 1
    return sum(calendar.is_workday(first + timedelta(days=ahead)) for ahead in range(span))


def notice_ended(last: date, today: date) -> bool:
    """Whether a notice whose last day is ``last`` is over: its last day still belongs to it, until midnight."""
    return today > last
