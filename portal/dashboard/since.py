"""What changed since a day: the parts that add up to the difference, each with its organs by name."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator

from portal.dashboard.places import Place
from reviews import changes, rates
from reviews.changes import Changes, Part, TargetMove

ORGANS_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One part as a line of a table, with what it does to the recognised and to the register: +3, −1, or empty."""

    part: Part
    to_recognised: str
    to_register: str


@dataclass(frozen=True, slots=True)
class Since:
    """The changes of one level since a day, as lines with their sums, and the organs of the part that was opened."""

    changes: Changes
    lines: list[Line]
    recognised_by: str
    register_by: str
    opened: Part | None
    organs: Page | None
    targets: list[TargetMove]


def read(place: Place, level: str, since: date, until: date, *, part: str = "", page: str | None = None) -> Since:
    """Return what changed in a place and level; the organs of `part` only where the reader sees the register."""
    found = changes.between(place.region, level, since, until)
    opened = next((one for one in found.parts if one.name == part), None) if place.is_open else None
    organs = None
    if opened:
        paginator = Paginator(changes.organs_of(place.region, level, since, until, part), ORGANS_A_PAGE)
        paginator.count = opened.organs
        organs = paginator.get_page(page)
    return Since(
        changes=found,
        lines=[
            Line(one, _signed(one.organs * one.to_recognised), _signed(one.organs * one.to_register))
            for one in found.parts
        ],
        recognised_by=_signed(found.recognised_now - found.recognised_then) or "0",
        register_by=_signed(found.organs_now - found.organs_then) or "0",
        opened=opened,
        organs=organs,
        targets=changes.target_moves(found, rates.targets_for(place.path, level, rates.targets_on(until))),
    )


def usual_start(today: date) -> date:
    """Return the day since when changes are shown unless another is asked for: the end of last year."""
    return date(today.year - 1, 12, 31)


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else ""
