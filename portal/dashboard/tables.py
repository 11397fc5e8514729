"""The numbers of a page as tables for download: the same numbers as on the screen, from the same reading."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.dashboard.ahead import Ahead
from portal.dashboard.counted import Found
from portal.dashboard.figures import Row
from portal.dashboard.reading import Level, Page
from portal.dashboard.since import Since

Cell = Any
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_of(page: Page, name: str) -> list[list[Cell]] | None:
    """Return one table of the page for a CSV file: the regions unless another is named, None for an unknown one."""
    found = {
        "": lambda: regions_of(page),
        "targets": lambda: [_targets_head(), *_targets(page)],
        "months": lambda: [_months_head(), *_months(page)],
        "stages": lambda: _with_head(stages_of(page)),
    }
    return found[name]() if name in found else None


def _with_head(made: "Made") -> list[list[Cell]]:
    return [made[0], *made[1]]


def sheets_of(page: Page) -> dict[str, list[list[Cell]]]:
    """Return the page's tables by sheet name: regions at every level, targets, months, and stages where files stand."""
    return {
        _("Regions"): [_regions_head(), *_regions(page)],
        _("Targets"): [
            _targets_head(),
            *_targets(page),
        ],
        _("By month"): [_months_head(), *_months(page)],
        **({_("Where the files stand"): _with_head(stages_of(page))} if page.stages else {}),
    }


def regions_of(page: Page) -> list[list[Cell]]:
    """Return the one table that a CSV file carries: every region at every level, as of the page's day."""
    return [_regions_head(), *_regions(page)]


def _targets_head() -> list[str]:
    days = pgettext("target", "Deadline")
    return [_("As of"), _("Region"), _("Level"), _("Target (%)"), days, _("State"), _("Organs missing")]


def _months_head() -> list[str]:
    return [_("As of"), _("Region"), _("Level"), *_counts_head()]


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
    if page.together:
        own = page.place.region
        yield [page.figures.day, str(own), own.code, _("all levels together"), *_numbers(page.together)]


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
            yield [
                page.figures.day,
                str(page.place.region),
                str(level.organs),
                state.percent,
                state.deadline,
                _met(state),
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
        _rate(percent),  # rounded down, as on the screen: 84.996 % is 84.99
        counts.in_progress,
        counts.not_met,
        counts.not_started,
    ]


# --- one table of a level, as a document shows it: heads and rows ----------------------------------------------------

Made = tuple[list[str], list[list[Cell]]]


def targets_of_level(level: Level) -> Made:
    """Return every target of a level with its deadline and how the level stands to it."""
    head = [_("Target"), pgettext("target", "Deadline"), _("State"), _("Organs missing")]
    return head, [[f"{one.shown} %", one.deadline, _met(one), one.missing] for one in level.states]


def standings_of_level(level: Level) -> Made:
    """Return where the organs of a level stand; the standings add up to the last number."""
    counts = level.counts
    head = [pgettext("column", "Recognised"), _("In progress"), _("Not met"), _("Not started"), _("Organs")]
    return head, [[counts.recognised, counts.in_progress, counts.not_met, counts.not_started, counts.organs]]


def regions_of_level(level: Level) -> Made:
    """Return the regions below with each target, organs of the region itself and the sum; only with a table."""
    states = [_("%(percent)s %% by %(deadline)s") % _named(one) for one in level.table.total.states]
    head = [_("Region"), _("Organs"), pgettext("column", "Recognised"), _("Rate (%)"), *states]
    head += [_("In progress"), _("Not met"), _("Not started")]
    named = [*_parts(level), (pgettext("sum of the rows", "Total"), level.table.total)]
    return head, [[name, *_numbers(row.counts)[:3], *_states(row), *_numbers(row.counts)[3:]] for name, row in named]


def months_of_level(level: Level) -> Made:
    """Return the history of a level, the newest month first, with the targets in force."""
    head = [_("Day"), _("Organs"), pgettext("column", "Recognised"), _("Rate (%)"), _("Targets in force")]
    return head, [
        [row.day, *_numbers(row.counts)[:3], _("; ").join(f"{one.shown} %: {_short(one)}" for one in row.states)]
        for row in level.months
    ]


def stages_of(page: Page) -> Made:
    """Return where the files of the open rounds stand."""
    head = [_("Stage"), _("Round"), _("Files"), _("Oldest (days)")]
    return head, [[str(one.label), str(one.year), one.files, one.oldest_days] for one in page.stages]


def changes_of(found: Since) -> Made:
    """Return what changed between two days: how it stood, the parts, how it stands; the parts are the difference."""
    one = found.changes
    head = [
        _("What happened"),
        _("Organs"),
        pgettext("column", "Recognised"),
        pgettext("number", "On the register"),
        _("Rate (%)"),
    ]
    parts = [
        [str(part.label), part.organs, part.organs * part.to_recognised, part.organs * part.to_register, None]
        for part in one.parts
    ]
    then = _("Stood on %(day)s") % {"day": one.since.isoformat()}
    now = _("Stands on %(day)s") % {"day": one.until.isoformat()}
    return head, [
        [then, None, one.recognised_then, one.organs_then, _rate(one.percent_then)],
        *parts,
        [now, None, one.recognised_now, one.organs_now, _rate(one.percent_now)],
    ]


def needed_of(found: Ahead) -> Made:
    """Return what each target needs a week, and what the last weeks lead to by its deadline."""
    head = [
        _("Target (%)"),
        pgettext("target", "Deadline"),
        _("Organs missing"),
        _("Needed a week"),
        _("Pace a week"),
        _("Rate then (%)"),
    ]
    return head, [
        [one.state.percent, one.state.deadline, one.state.missing, one.needed, found.per_week, _rate(one.then.percent)]
        for one in found.targets
    ]


def weeks_of(found: Ahead) -> Made:
    """Return the organs recognised in each of the last weeks."""
    return [_("Week from"), _("Organs recognised")], [[first, number] for first, number in found.weeks]


def passages_of(found: Ahead) -> Made:
    """Return the files at each stage and how earlier ones passed from there."""
    head = [_("Stage"), _("Files there now"), _("Earlier files that came through"), _("Of them recognised")]
    rows = [[str(one.label), one.files, one.passage.ended, one.passage.recognised] for one in found.stages]
    return head, rows


def _rate(percent: str | None) -> Decimal | None:
    return None if percent is None else Decimal(percent)


def counted_head() -> list[str]:
    """Return the heads of a table of the organs or titles behind a figure."""
    return [_("Organ"), _("Credit code"), _("Region"), pgettext("of a sum", "Part"), _("Why"), _("Since")]


def counted_row(found: Found) -> list[Cell]:
    """Return an organ or title behind a figure as a row."""
    since = localdate(found.since) if isinstance(found.since, datetime) else found.since
    organ = found.organ
    return [str(organ), organ.credit_code, str(organ.region), str(found.part), str(found.reason), since]


def _named(state) -> dict:
    return {"percent": state.shown, "deadline": state.deadline.isoformat()}


def _met(state) -> str:
    return _("met") if state.met else _("not met")


def _short(state) -> str:
    if state.met:
        return _("met")
    return ngettext("%(missing)s missing", "%(missing)s missing", state.missing) % {"missing": state.missing}


def _states(row: Row) -> list[str | None]:
    return [_short(one) if row.counts.organs else None for one in row.states]
