"""A line of the home page, and how one is made from what was counted."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone

from creation import clock


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits: in words with its number, where it is done, and since or until when."""

    text: str
    url: str
    since: date | None = None
    due: date | None = None
    due_word: str = ""

    @property
    def days(self) -> int | None:
        """Return for how many days the oldest of it has been waiting."""
        return None if self.since is None else (clock.today() - self.since).days

    @property
    def days_left(self) -> int | None:
        """Return how many days there are to go until its day, that day not counted."""
        return None if self.due is None else (self.due - clock.today()).days

    @property
    def is_late(self) -> bool:
        """Tell whether its day has passed."""
        return self.due is not None and self.due < clock.today()


def day_of(at: datetime | date | None) -> date | None:
    """Return the day of an instant in Asia/Shanghai; a day stays itself."""
    return timezone.localdate(at) if isinstance(at, datetime) else at


def counted(rows, since: str = "stage_since") -> dict:
    """Return how many rows there are, since when the oldest waits, and the key of one; one statement."""
    return rows.aggregate(count=Count("pk", distinct=True), oldest=Min(since), one=Min("pk"))


def lines_about(found: dict, text: str, many: str, one: str = "") -> list[Line]:
    """Return one line about what was counted, leading to the single row where `one` names its page."""
    if not found["count"]:
        return []
    url = reverse(one, args=[found["one"]]) if one and found["count"] == 1 else many
    return [Line(text % {"count": found["count"]}, url, since=day_of(found["oldest"]))]


def lines_due(found: dict, text: str, many: str, one: str) -> list[Line]:
    """Return the same line with the first last day instead of since when it waits; `found` counted by that day."""
    return [replace(line, since=None, due=line.since) for line in lines_about(found, text, many, one)]


def files_at(stage: str, *, level: str = "") -> str:
    """Return the address of the list of files at a stage, the one that waits longest first; `level` narrows it."""
    return f"{reverse('file_list')}?{urlencode({'stage': stage, 'level': level, 'sort': '-since'})}"
