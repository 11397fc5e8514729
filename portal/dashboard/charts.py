"""The geometry of the columns by week, as numbers for an SVG; what they say stands in words and a table beside them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a column chart in a field of 240 × 60: its left edge, top, height, and its number."""

    x: str
    y: str
    height: str
    number: int


def bars(numbers: list[int]) -> list[Bar]:
    """Return the columns of a chart that starts at 0; the highest fills the field, none is drawn where all are 0."""
    highest = max(numbers, default=0) or 1
    width = 240 / max(1, len(numbers))
    return [
        Bar(f"{place * width + 2:.1f}", f"{60 - number / highest * 56:.1f}", f"{number / highest * 56:.1f}", number)
        for place, number in enumerate(numbers)
    ]
