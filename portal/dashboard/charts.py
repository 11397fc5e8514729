"""The geometry of the pictures, as numbers for an SVG; what they say stands in words and tables beside them."""

from dataclasses import dataclass
from datetime import date

from reviews.models import Target
from reviews.rates import Counts, percent_shown

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 80, 16, 12, 44  # room for the larger words of a phone
GRID = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line or a word of a picture: from (x, y) to (to_x, y), with its text."""

    x: str
    y: str
    text: str = ""
    to_x: str = ""
    dy: str = "0"  # how far the text stands from the line


@dataclass(frozen=True, slots=True)
class Trend:
    """A line chart of rates by month: the line's points, its last point, the grid, the years and the targets."""

    line: str
    last: Mark
    grid: list[Mark]
    years: list[Mark]
    targets: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT


def trend(history: list[tuple[date, Counts]], targets: list[Target]) -> Trend | None:
    """Return the chart of the history against the targets, each from its first day to its deadline.

    None below two points: a single one is no trend.
    """
    points = [(day, _percent(counts)) for day, counts in history if counts.organs]
    if len(points) < 2:  # noqa: PLR2004 a line has two ends
        return None
    first, last = points[0][0], points[-1][0]

    highest = max((one.percent for one in targets), default=None)  # its text stands above the line, the others below

    def x(day: date) -> str:
        share = (day - first).days / max(1, (last - first).days)
        return f"{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}"

    line = [(x(day), _y(percent)) for day, percent in points]
    return Trend(
        line=" ".join(f"{across},{up}" for across, up in line),
        last=Mark(*line[-1]),
        grid=[Mark(str(LEFT), _y(percent), f"{percent} %", str(WIDTH - RIGHT)) for percent in GRID],
        years=[Mark(x(date(year, 1, 1)), str(HEIGHT - 8), str(year)) for year in range(first.year + 1, last.year + 1)],
        targets=[
            Mark(
                x(max(one.starts_on, first)),
                _y(one.percent),
                _label(one),
                x(min(one.deadline, last)),
                "-4" if one.percent == highest else "13",
            )
            for one in targets
            if one.starts_on <= last and one.deadline >= first
        ],
    )


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


def _percent(counts: Counts) -> float:
    # rounded down like the text, so that a line never touches a target it has not reached
    return float(percent_shown(counts.recognised, counts.organs) or 0)


def _label(target: Target) -> str:
    return f"{target.percent.normalize():f} %"


def _y(percent) -> str:
    return f"{TOP + (100 - float(percent)) / 100 * (HEIGHT - TOP - BOTTOM):.1f}"
