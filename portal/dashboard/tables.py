"""The numbers of a page as tables for download: the same numbers as on the screen, from the same reading."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from portal.dashboard.figures import Row
from portal.dashboard.reading import Level, Page

Cell = Any
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def sheets_of(page: Page) -> dict[str, list[list[Cell]]]:
    """Return the page's tables by sheet name: every region at every level, the targets, and the months."""
    return {
        _("Regions"): [_regions_head(), *_regions(page)],
        _("Targets"): [
            [_("As of"), _("Region"), _("Level"), _("Target (%)"), _("Deadline"), _("State"), _("Organs missing")],
            *_targets(page),
        ],
        _("By month"): [[_("As of"), _("Region"), _("Level"), *_counts_head()], *_months(page)],
    }


def regions_of(page: Page) -> list[list[Cell]]:
    """Return the one table that a CSV file carries: every region at every level, as of the page's day."""
    return [_regions_head(), *_regions(page)]


def _counts_head() -> list[str]:
    return [
        _("Organs"),
        _("Recognised organs"),
        _("Rate (%)"),
        _("In progress"),
        _("Not met"),
        _("Not started"),
    ]


def _regions_head() -> list[str]:
    return [_("As of"), _("Region"), _("Code"), _("Level"), *_counts_head()]


def _regions(page: Page) -> Iterator[list[Cell]]:
    """Yield the page's own region and those below it, at each level; the parts add up to the first line."""
    for level in page.levels:
        own = page.place.region
        yield [page.figures.day, str(own), own.code, str(level.organs), *_numbers(level.counts)]
        for name, row in _parts(level):
            yield [page.figures.day, name, row.region.code, str(level.organs), *_numbers(row.counts)]


def _parts(level: Level) -> list[tuple[str, Row]]:
    """Return what the first line is made of: the regions below, and organs that belong to the region itself."""
    if not level.table:
        return []
    parts = [(str(row.region), row) for row in level.table.rows]
    rest = level.table.rest
    return parts if rest is None else [*parts, (_("%(region)s itself") % {"region": rest.region}, rest)]


def _targets(page: Page) -> Iterator[list[Cell]]:
    for level in page.levels:
        for state in level.states:
            said = _("met") if state.met else _("not met")
            yield [
                page.figures.day,
                str(page.place.region),
                str(level.organs),
                state.percent,
                state.deadline,
                said,
                state.missing,
            ]


def _months(page: Page) -> Iterator[list[Cell]]:
    for level in page.levels:
        for row in level.months:
            yield [row.day, str(page.place.region), str(level.organs), *_numbers(row.counts)]


def _numbers(counts) -> list[Cell]:
    percent = counts.percent
    return [
        counts.organs,
        counts.recognised,
        None if percent is None else Decimal(percent),  # rounded down, as on the screen: 84.996 % is 84.99
        counts.in_progress,
        counts.not_met,
        counts.not_started,
    ]
