"""How it is measured: rounds of project and floor in turn, A B A B, and the median of their pairwise ratios."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: seconds of the project and of the floor, the ratio that counts, and the goal in words.

    `ratio` is project ÷ floor by time, or whatever the goal speaks of; None where there is nothing to compare with.
    """

    name: str
    project: float
    floor: float | None
    ratio: float | None
    goal: str
    met: bool | None = None
    note: str = ""


def seconds(work: Work) -> float:
    """Return how long the work takes, by the wall's clock."""
    start = perf_counter()
    work()
    return perf_counter() - start


def compare(
    name: str,
    project: Work,
    floor: Work,
    *,
    at_most: float | None,
    rounds: int,
    before: Work = lambda: None,
    note: str = "",
) -> Measured:
    """Run project and floor in turn, `before` ahead of each, and return their medians and the median ratio."""
    pairs = []
    for number in range(rounds + 1):
        pair = []
        for work in (project, floor):
            before()
            pair.append(seconds(work))
        if number:  # the first round warms both sides up
            pairs.append(pair)
    ratio = median(ours / theirs for ours, theirs in pairs)
    return Measured(
        name,
        median(ours for ours, _theirs in pairs),
        median(theirs for _ours, theirs in pairs),
        ratio,
        "–" if at_most is None else f"≤ {at_most:g} ×",
        None if at_most is None else ratio <= at_most,
        note,
    )
