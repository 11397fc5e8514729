"""A picture as data: what it shows, in one sentence, as a table and as the numbers it is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import pgettext

# Points by which a mark stays short of a target it has not reached: more than its line is wide in the smallest picture.
BAR_CLEAR, LINE_CLEAR, PANEL_CLEAR = 1.0, 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with everything that stands in for it where it cannot be seen.

    `data` is what static/js/charts/options.js draws a `kind` from: plain JSON. `rows` hold the same numbers as
    texts, and `stops` one sentence for each place that the arrow keys lead to, in the order of the data.
    """

    name: str  # part of its address and of a file's name: lower-case letters, digits and hyphens
    title: str
    alt: str  # one sentence made from the data
    kind: str  # a key of KINDS in static/js/charts/options.js
    data: Mapping[str, Any]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    as_of: str  # the line that says of when the numbers are
    stops: tuple[str, ...] = ()
    texts: int = 1  # so many columns at the left of the table hold words, the others numbers
    notes: tuple[str, ...] = field(default=())  # what a reader is warned of, such as small numbers

    @property
    def lines(self) -> list[list[tuple[str, bool, str]]]:
        """Return the table as lines of (head, whether the column holds numbers, text)."""
        return [
            [(head, place >= self.texts, text) for place, (head, text) in enumerate(zip(self.head, row, strict=True))]
            for row in self.rows
        ]

    def as_json(self) -> dict[str, Any]:
        """Return what the drawing program and the browser read."""
        return {
            "name": self.name,
            "kind": self.kind,
            "title": self.title,
            "alt": self.alt,
            "data": self.data,
            "sign": percent_sign(),
            "stops": list(self.stops),
        }


def percent_sign() -> str:
    """Return what stands after a number of percent: the sign, in English after a blank."""
    return pgettext("after a number", " %")


def clear_of(value: float, unreached: list[float], clear: float = BAR_CLEAR) -> float:
    """Return where a value is drawn: at itself, but always visibly short of every target it has not reached.

    `unreached` are the percentages of the targets that are not met. 84.99 % stands `clear` points before a line at
    85, as a mark that touches the line would be read as met; the number beside it is exact.
    """
    return max(0.0, min([value, *(percent - clear for percent in unreached)]))
