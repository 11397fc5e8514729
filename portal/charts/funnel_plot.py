"""Control limits of a funnel plot: how far rates of so many organs stray by chance alone. Plain numbers in and out.

Source: D. J. Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005),
1185–1202, appendix A.1.1: the exact limits of a proportion. With R binomial (n, θ), r the smallest number for which
P(R ≤ r) > p, and a = (P(R ≤ r) − p) / P(R = r), the lower limit is (r − a) / n, with p = 0.025 for the inner and
p = 0.001 for the outer limits. The upper limits are the lower ones of the organs that are not recognised (n, 1 − θ),
taken from 1: both sides then agree with the exact one-sided test, and 3 of 3 is no alarm where all have 60 %.

θ is the rate of all together, so the limits say what would be seen if every region recognised organs alike. A region
outside them asks a question; it is no verdict, and a target is never decided by them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

INNER, OUTER = 0.025, 0.001  # of each side: 95 % and 99.8 % lie between
WINDOW = 12  # standard deviations: beyond them less than 1e-30 is left, nothing that a double could add
INSIDE, OUTSIDE_INNER, OUTSIDE_OUTER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Limits:
    """The four limits for a number of organs, as shares from 0 to 1, the outer ones around the inner."""

    organs: int
    outer_low: float
    inner_low: float
    inner_high: float
    outer_high: float


@lru_cache(maxsize=4096)
def limits(organs: int, rate: Fraction) -> Limits:
    """Return the limits for `organs` where the rate of all is `rate`; both 0 and 1 leave nothing to chance.

    `ValueError` without organs or with a rate outside 0 to 1.
    """
    if organs < 1 or not 0 <= rate <= 1:
        raise ValueError(f"{organs} organs at a rate of {rate}")
    if rate in {0, 1}:
        only = float(rate)
        return Limits(organs, only, only, only, only)
    recognised, others = float(rate), float(1 - rate)
    return Limits(
        organs,
        outer_low=_limit(organs, recognised, OUTER),
        inner_low=_limit(organs, recognised, INNER),
        inner_high=1 - _limit(organs, others, INNER),
        outer_high=1 - _limit(organs, others, OUTER),
    )


def _limit(organs: int, rate: float, share: float) -> float:
    """Return (r − a) / n for p = `share`, never below 0."""
    spread = WINDOW * sqrt(organs * rate * (1 - rate)) + WINDOW
    below = 0.0
    for number in range(max(0, int(organs * rate - spread)), organs + 1):
        here = _chance(number, organs, rate)
        if below + here > share:
            return max(0.0, (number - (below + here - share) / here) / organs)
        below += here
    return 1.0


def _chance(number: int, organs: int, rate: float) -> float:
    """Return P(R = number), by logarithms so that large numbers stay within a double."""
    ways = lgamma(organs + 1) - lgamma(number + 1) - lgamma(organs - number + 1)
    return exp(ways + number * log(rate) + (organs - number) * log1p(-rate))


def outside(recognised: int, found: Limits) -> int:
    """Return INSIDE, OUTSIDE_INNER or OUTSIDE_OUTER for so many of the limits' organs; on a limit is inside."""
    share = recognised / found.organs
    if not found.outer_low <= share <= found.outer_high:
        return OUTSIDE_OUTER
    return INSIDE if found.inner_low <= share <= found.inner_high else OUTSIDE_INNER


def sizes(organs: Iterable[int], points: int = 40) -> list[int]:
    """Return numbers of organs at which to draw the limits: from 1 to the largest, close together where they bend."""
    most = max(organs)
    steps = {max(1, round(most ** (place / points))) for place in range(points + 1)}
    return sorted(steps | {max(1, round(most * place / points)) for place in range(1, points + 1)})
