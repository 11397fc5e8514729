"""Lets many stories happen in the order of time: each is a generator that names the moment it waits for."""

import heapq
from collections.abc import Generator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from creation import clock
from reviews.workdays import WorkCalendar

Moment = tuple[int, float]  # days from the day of the build (negative: before it), hour of the day
Story = Generator[Moment, None, object]


class Diary:
    """Runs stories with the clock at the moments they name; a day off is moved back to the working day before.

    No two events share an instant, so that what stands later in a table also happened later.
    """

    def __init__(self, today: date, earliest: date, calendar: WorkCalendar):
        self.today = today
        self.earliest = earliest
        self.calendar = calendar
        self._last = timezone.make_aware(datetime.combine(today - timedelta(days=3650), time()))

    def day(self, offset: int) -> date:
        """Return the working day at `offset` days from the build or the last one before it, but none too early."""
        day = self.today + timedelta(days=offset)
        while not self.calendar.is_workday(day):
            day -= timedelta(days=1)
        return day if day >= self.earliest else self._from(self.earliest)

    def _from(self, day: date) -> date:
        while not self.calendar.is_workday(day):
            day += timedelta(days=1)
        return day

    def offset_from(self, day: date) -> int:
        """Return how many days from the build the first working day from `day` on lies."""
        return (self._from(day) - self.today).days

    def run(self, stories: list[Story]) -> None:
        """Run the stories to their ends, always the one whose moment comes first."""
        waiting: list[tuple[Moment, int, Story]] = []
        for number, story in enumerate(stories):
            self._resume(waiting, number, story)
        while waiting:
            moment, number, story = heapq.heappop(waiting)
            with clock.at(self._instant(moment)):
                self._resume(waiting, number, story)

    @staticmethod
    def _resume(waiting: list, number: int, story: Story) -> None:
        try:
            heapq.heappush(waiting, (next(story), number, story))
        except StopIteration:
            return

    def _instant(self, moment: Moment) -> datetime:
        offset, hour = moment
        start = timezone.make_aware(datetime.combine(self.day(offset), time()))
        self._last = max(start + timedelta(hours=hour), self._last + timedelta(seconds=97))
        return self._last
