"""The pictures of a region's page: the page's own numbers as charts, each with its sentence and its table."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.charts.chart import LINE_CLEAR, Chart, percent_sign
from portal.dashboard.areas import comparison, multiples, tiles
from portal.dashboard.figures import Row
from portal.dashboard.pictured import (
    as_of,
    counted,
    dated,
    drawn,
    head_of,
    line_of,
    month,
    numbers,
    spoken,
    state,
    steps,
)
from portal.dashboard.reading import Level, Page

A_LINE = 2  # points that make one


def charts_of(page: Page) -> list[Chart]:
    """Return the pictures of a page in the order in which they stand on it; none where nothing is counted.

    The small line charts of the regions below are among them where the page was read with their view.
    """
    found: list[Chart | None] = []
    for level in page.shown:
        below = [tiles(page, level), multiples(page, level), comparison(page, level)]
        found += [bullet(page, level), *below, trend(page, level)]
    return [chart for chart in [*found, stages(page)] if chart]


# --- the rate now --------------------------------------------------------------------------------------------------


def bullet(page: Page, level: Level) -> Chart:
    """Return the rate of a level as a bar from 0, with every target and what it was at the end of last year."""
    last = _end_of_last_year(page, level)
    said = {"organs": level.organs, "region": page.place.region}
    first = _("%(percent)s %%: %(recognised)s of %(organs)s organs") % counted(level.counts)
    targets = [_("%(target)s: %(state)s") % {"target": dated(one), "state": state(one)} for one in level.states]
    then = _("End of %(year)s") % {"year": last.day.year} if last else ""
    before = [f"{then}{_(': ')}{last.counts.percent}{percent_sign()}"] if last else []
    spoken = [level.sentence]
    if last:
        spoken.append(
            _("At the end of %(year)s it was %(percent)s %%.") % {"year": last.day.year, "percent": last.counts.percent}
        )
    return Chart(
        name=f"{level.slug}-rate",
        title=_("Rate of %(organs)s: %(region)s") % said,
        alt=" ".join(spoken),
        kind="bullet",
        data={
            "value": drawn(level.counts, level.states),
            "label": f"{level.counts.percent}{percent_sign()}",
            "targets": [
                {"percent": float(one.percent), "label": label, "stop": place}
                for place, (one, label) in enumerate(zip(level.states, targets, strict=True), start=1)
            ],
            "last": {
                "value": drawn(last.counts, []),
                "label": before[0],
                "stop": len(targets) + 1,
            }
            if last
            else None,
        },
        head=(_("What"), _("Rate (%)"), pgettext("column", "Recognised"), _("Organs"), _("State")),
        rows=(
            (_("Now"), *numbers(level.counts), "–"),
            *((dated(one), one.shown, "–", "–", state(one)) for one in level.states),
            *([(then, *numbers(last.counts), "–")] if last else []),
        ),
        as_of=as_of(page),
        stops=(first, *targets, *before),
    )


def _end_of_last_year(page: Page, level: Level) -> Row | None:
    wanted = date(page.figures.day.year - 1, 12, 31)
    return next((row for row in level.months if row.day == wanted and row.counts.organs), None)


# --- by month ------------------------------------------------------------------------------------------------------


def trend(page: Page, level: Level) -> Chart | None:
    """Return the rate of a level by month with the targets as steps; None below two months: one point is no line."""
    rows = [row for row in reversed(level.months) if row.counts.organs]
    if len(rows) < A_LINE:
        return None
    first, last = rows[0], rows[-1]
    return Chart(
        name=f"{level.slug}-months",
        title=_("Rate of %(organs)s by month: %(region)s") % {"organs": level.organs, "region": page.place.region},
        alt=_("From %(first)s to %(last)s the rate of %(organs)s went from %(then)s %% to %(now)s %%.")
        % {
            "first": first.day.isoformat(),
            "last": last.day.isoformat(),
            "organs": level.organs,
            "then": first.counts.percent,
            "now": last.counts.percent,
        },
        kind="trend",
        data={
            "ticks": [month(row.day) for row in rows],
            "values": [drawn(row.counts, row.states, LINE_CLEAR) for row in rows],
            "targets": steps(level.states, [row.day for row in rows]),
        },
        head=head_of(_("Day")),
        rows=tuple(line_of(row.day.isoformat(), row) for row in rows),
        as_of=as_of(page),
        stops=tuple(spoken(row.day.isoformat(), row) for row in rows),
    )


# --- where the files stand -----------------------------------------------------------------------------------------


def stages(page: Page) -> Chart | None:
    """Return the files of the open rounds by stage with the age of the oldest; None where no file is open."""
    if not page.stages:
        return None
    years = {one.year for one in page.stages}
    names = [f"{one.label} · {one.year}" if len(years) > 1 else str(one.label) for one in page.stages]
    files = sum(one.files for one in page.stages)
    oldest = max(page.stages, key=lambda one: one.oldest_days)
    labels = [_waiting(one.files, one.oldest_days) for one in page.stages]
    return Chart(
        name="stages",
        title=_("Where the files stand: %(region)s") % {"region": page.place.region},
        alt=ngettext(
            "%(files)s file is open. The oldest has stood at “%(stage)s” for %(days)s days.",
            "%(files)s files are open. The oldest has stood at “%(stage)s” for %(days)s days.",
            files,
        )
        % {"files": files, "stage": oldest.label, "days": oldest.oldest_days},
        kind="stages",
        data={
            "bars": [
                {"name": name, "files": one.files, "label": label}
                for name, one, label in zip(names, page.stages, labels, strict=True)
            ]
        },
        head=(_("Stage"), _("Files"), _("Oldest (days)")),
        rows=tuple((name, str(one.files), str(one.oldest_days)) for name, one in zip(names, page.stages, strict=True)),
        as_of=as_of(page),
        stops=tuple(
            _("%(stage)s: %(waiting)s") % {"stage": name, "waiting": label}
            for name, label in zip(names, labels, strict=True)
        ),
    )


def _waiting(files: int, days: int) -> str:
    said = ngettext("%(files)s file, oldest %(days)s days", "%(files)s files, oldest %(days)s days", files)
    return said % {"files": files, "days": days}
