"""Who could visit whom on which day: a proposal that a department looks through before it assigns anybody.

Plain data in, plain data out; the same input gives the same proposal. It spreads the visits evenly, keeps a team
together for the organs of one area on one day (one way instead of several), and proposes nobody who is barred.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Need:
    """A file that needs a team: its area, the size of the team, and who may go on a given day is asked by `file`."""

    file: int
    area: str
    size: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A team for a file with its lead, the first of the team; nobody and no day where nobody could go."""

    file: int
    team: tuple[int, ...]
    day: date | None

    @property
    def lead(self) -> int | None:
        """Return who leads, None where nobody could go."""
        return self.team[0] if self.team else None


class _Diary:
    """Who has how many visits, in all, on a day, in the lead, and where they are on a day."""

    def __init__(self, load: Mapping[int, int], busy: Iterable[tuple[int, date]]):
        self.visits = Counter(load)
        self.on_day = Counter(busy)
        self.leads: Counter[int] = Counter()
        self.areas: dict[tuple[int, date], str] = {}

    def pick(self, free: Sequence[int], need: Need, day: date) -> tuple[int, ...]:
        """Return the team: who is in the area that day first, then whoever has least to do; its first one leads."""
        by_way = sorted(free, key=lambda who: (self.areas.get((who, day)) != need.area, self.visits[who], who))
        return tuple(sorted(by_way[: need.size], key=lambda who: (self.leads[who], self.visits[who], who)))

    def note(self, team: Sequence[int], need: Need, day: date) -> None:
        self.leads[team[0]] += 1
        for who in team:
            self.visits[who] += 1
            self.on_day[who, day] += 1
            self.areas[who, day] = need.area


def propose(
    needs: Iterable[Need],
    eligible: Mapping[int, Sequence[int]],
    *,
    load: Mapping[int, int],
    busy: Iterable[tuple[int, date]] = (),
    per_day: int,
) -> list[Proposal]:
    """Return a proposal for each need, in the order of the needs.

    `eligible` names by file who may go, nobody with a conflict among them; `load` is how many open visits a person
    has, `busy` says on which days; nobody gets more than `per_day` visits on a day. A need takes its first day on
    which a whole team is free; among days alike the earlier one.
    """
    diary = _Diary(load, busy)
    return [_place(need, eligible.get(need.file, ()), diary, per_day) for need in needs]


def _place(need: Need, people: Sequence[int], diary: _Diary, per_day: int) -> Proposal:
    for day in need.days:
        free = [who for who in people if diary.on_day[who, day] < per_day]
        if len(free) >= need.size:
            team = diary.pick(free, need, day)
            diary.note(team, need, day)
            return Proposal(need.file, team, day)
    return Proposal(need.file, (), None)
