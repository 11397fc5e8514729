"""How fast organs are recognised, how fast they would have to be, and what the files on their way promise.

Plain arithmetic on numbers that somebody else has counted. A forecast is a range, never one number: the share of
earlier files that came from a stage to recognition is known only as well as there were such files, and Wilson's score
interval (E. B. Wilson, 1927; 95 %) says how well. Below six earlier files there is no forecast.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor, sqrt

WEEKS = 12
FEWEST = 6  # ended files that a share needs
_Z = 1.959963984540054  # both sides of the normal distribution at 95 %
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Passage:
    """How many earlier files came through a stage and have ended, and how many of them were recognised."""

    ended: int
    recognised: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many of the files on their way will be recognised, from–to, or the stages of which too little is known."""

    low: int
    high: int
    files: int
    unknown: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Tell whether enough is known of every stage at which a file stands."""
        return not self.unknown


def weekly(granted: Iterable[date], today: date) -> list[tuple[date, int]]:
    """Return the last twelve weeks as (first day, organs recognised), the oldest first; the last one ends today."""
    first = today + timedelta(days=1) - WEEKS * WEEK
    counts = [0] * WEEKS
    for day in granted:
        if first <= day <= today:
            counts[(day - first).days // 7] += 1
    return [(first + number * WEEK, count) for number, count in enumerate(counts)]


def per_week(weeks: Iterable[tuple[date, int]]) -> Fraction:
    """Return the mean of the weeks, exactly."""
    counts = [count for _first, count in weeks]
    return Fraction(sum(counts), len(counts)) if counts else Fraction(0)


def needed_per_week(missing: int, today: date, deadline: date) -> Fraction | None:
    """Return how many organs a week reach the target by the deadline (its day included), None once it has passed."""
    days = (deadline - today).days
    if days < 0:
        return None
    return Fraction(missing * 7, max(1, days))


def if_it_goes_on(pace: Fraction, today: date, deadline: date) -> int:
    """Return how many organs are recognised by the deadline if the pace stays, whole organs only."""
    return floor(pace * max(0, (deadline - today).days) / 7)


def forecast(files: Mapping[str, int], passages: Mapping[str, Passage]) -> Forecast:
    """Return the range of recognitions that the files now at each stage promise, by how earlier files passed.

    The bounds of the stages are added up and rounded outwards: wide rather than wrong.
    """
    standing = {stage: number for stage, number in files.items() if number}
    nothing = Passage(0, 0)
    unknown = tuple(stage for stage in standing if passages.get(stage, nothing).ended < FEWEST)
    total = sum(standing.values())
    if unknown:
        return Forecast(0, total, total, unknown)
    bounds = {stage: wilson(passages[stage]) for stage in standing}
    low = sum(number * bounds[stage][0] for stage, number in standing.items())
    high = sum(number * bounds[stage][1] for stage, number in standing.items())
    return Forecast(max(0, floor(low)), min(total, ceil(high)), total)


def wilson(passage: Passage) -> tuple[float, float]:
    """Return the 95 % score interval of the share that was recognised; (0, 1) without any file."""
    n = passage.ended
    if not n:
        return 0.0, 1.0
    share, z2 = passage.recognised / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
