"""How far two ratings of the same thing lie apart, and how much may be said of it. Plain data in, plain data out.

A deviation is the later rating minus the earlier one (domain, section 4): inspection − self-rating, spot check −
inspection. Everything is exact until it is shown, rounded once, half away from zero, to two places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# Below it one organ moves a mean by a fifth of its own deviation and more, and can be guessed from it: such a number
# says something of that organ, nothing of a tendency, and is not shown as one.
FEW = 5
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing rated twice: the points of each rating, and whether the verdict changed."""

    earlier: Decimal
    later: Decimal
    changed: bool

    @property
    def deviation(self) -> Decimal:
        """Return what the later rating gave more (or less, negative) than the earlier one."""
        return self.later - self.earlier


@dataclass(frozen=True, slots=True)
class Summary:
    """Any number of pairs as sums, from which everything shown follows; two summaries add up to that of all pairs."""

    n: int = 0
    deviations: Decimal = _NOTHING
    absolutes: Decimal = _NOTHING
    changed: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        """Return the summary of the pairs of both."""
        return Summary(
            self.n + other.n,
            self.deviations + other.deviations,
            self.absolutes + other.absolutes,
            self.changed + other.changed,
        )

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few pairs to speak of a tendency."""
        return self.n < FEW

    @property
    def mean(self) -> Fraction | None:
        """Return the mean deviation in points, exact; None where there are too few."""
        return None if self.is_few else Fraction(self.deviations) / self.n

    @property
    def mean_absolute(self) -> Fraction | None:
        """Return the mean of the deviations without their signs, exact; None where there are too few."""
        return None if self.is_few else Fraction(self.absolutes) / self.n

    @property
    def changed_percent(self) -> Fraction | None:
        """Return the share of changed verdicts in percent, exact; None where there are too few."""
        return None if self.is_few else Fraction(100 * self.changed, self.n)


def summarise(pairs: Iterable[Pair]) -> Summary:
    """Return the summary of the pairs."""
    found = list(pairs)
    return Summary(
        n=len(found),
        deviations=sum((pair.deviation for pair in found), _NOTHING),
        absolutes=sum((abs(pair.deviation) for pair in found), _NOTHING),
        changed=sum(pair.changed for pair in found),
    )


def verdict_on(points: Decimal, full: Decimal) -> str:
    """Return in one word how an item was found by its points: full, none, or part of them."""
    return "full" if points >= full else "none" if points <= 0 else "part"


def shown(number: Fraction) -> Decimal:
    """Return the number as it is shown: two places, rounded once, half away from zero; never a negative nothing."""
    scaled = abs(number) * 100
    whole = scaled.numerator // scaled.denominator
    if (scaled - whole) * 2 >= 1:
        whole += 1
    return Decimal(whole if number >= 0 else -whole).scaleb(-2) + _NOTHING
