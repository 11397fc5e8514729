"""The pictures of the regions below a place: equal tiles, small line charts, and the limits of chance.

All stand in the order of the register unless the reader asked for another, and then say how little a rank means.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.charts import funnel_plot
from portal.charts.chart import PANEL_CLEAR, Chart, percent_sign
from portal.dashboard import figures
from portal.dashboard.figures import Row
from portal.dashboard.pictured import as_of, drawn, head_of, line_of, month, nearest, numbers, spoken, steps
from portal.dashboard.reading import Level, Page, within
from reviews.rates import Counts

BAND = 20  # points of a class of the tiles
BANDS = 100 // BAND
TILES_ACROSS = 6
A_LINE = 2  # points that make one
TO_COMPARE = 3  # regions: fewer have nothing in common to be compared with


def small_numbers() -> str:
    """Return the warning that stands over everything in the order of its rates."""
    return _("In the order you asked for. Where there are few organs, a single one moves the rate by several points.")


# --- tiles ---------------------------------------------------------------------------------------------------------


def tiles(page: Page, level: Level) -> Chart | None:
    """Return the regions below as equal tiles; None where the level has none below."""
    if not level.table:
        return None
    rows = level.table.rows
    return Chart(
        name=f"{level.slug}-areas",
        title=_("Regions below %(region)s: rate of %(organs)s") % _about(page, level),
        alt=_counted_up(rows),
        kind="tiles",
        data={
            "columns": TILES_ACROSS,
            "tiles": [
                {
                    "name": str(row.region),
                    "label": f"{row.counts.percent}{percent_sign()}" if row.counts.organs else _("no organs"),
                    "note": nearest(row.states) if row.counts.organs else "",
                    "band": band(row.counts),
                }
                for row in rows
            ],
            "key": [
                *({"label": _name_of(one), "band": one} for one in range(BANDS)),
                {"label": _("no organs"), "band": None},
            ],
        },
        head=head_of(_("Region")),
        rows=tuple(line_of(str(row.region), row) for row in rows),
        as_of=as_of(page),
        stops=tuple(spoken(str(row.region), row) for row in rows),
        notes=(small_numbers(),) if page.sort else (),
    )


def band(counts: Counts) -> int | None:
    """Return the class of a rate, 0 for less than 20 %; a class is entered when it is reached. None without organs."""
    return min(BANDS - 1, 100 * counts.recognised // (counts.organs * BAND)) if counts.organs else None


def _name_of(place: int) -> str:
    if place == BANDS - 1:
        return _("%(low)s to 100 %%") % {"low": place * BAND}
    return _("%(low)s to under %(high)s %%") % {"low": place * BAND, "high": (place + 1) * BAND}


def _about(page: Page, level: Level) -> dict:
    return {"region": page.place.region, "organs": level.organs}


def _counted_up(rows: Sequence[Row]) -> str:
    """Return how many regions meet their targets, in one sentence."""
    with_organs = [row for row in rows if row.counts.organs]
    met = sum(all(one.met for one in row.states) for row in with_organs)
    said = ngettext("%(regions)s region: ", "%(regions)s regions: ", len(rows)) % {"regions": len(rows)}
    if any(row.states for row in with_organs):
        said += _("%(met)s meet every target in force, %(unmet)s do not") % {
            "met": met,
            "unmet": len(with_organs) - met,
        }
    else:
        said += _("no target is in force")
    if empty := len(rows) - len(with_organs):
        said += _("; ")
        said += ngettext("%(empty)s has no organs", "%(empty)s have no organs", empty) % {"empty": empty}
    return said + pgettext("end of a sentence", ".")


# --- a small line chart each ---------------------------------------------------------------------------------------


def multiples(page: Page, level: Level) -> Chart | None:
    """Return the regions below by month, each in a panel of the same scale; None where the page has no such months."""
    histories = _histories(page, level)
    days = sorted({row.day for _region, rows in histories for row in rows})
    if len(days) < A_LINE:
        return None
    found = [(region, {row.day: row for row in rows}) for region, rows in histories]
    lines = [
        (str(region), row) for region, rows in found for day in days if (row := rows.get(day)) and row.counts.organs
    ]
    return Chart(
        name=f"{level.slug}-regions",
        title=_("Regions below %(region)s by month: rate of %(organs)s") % _about(page, level),
        alt=_("%(lines)s regions on one scale, from %(first)s to %(last)s.")
        % {"lines": len(found), "first": days[0].isoformat(), "last": days[-1].isoformat()}
        + " "
        + _counted_up(level.table.rows),
        kind="multiples",
        data={
            "ticks": [month(day) for day in days],
            "targets": steps(level.states, days),
            "panels": [
                {
                    "name": str(region),
                    "label": f"{_latest(rows, days)}{percent_sign()}" if _latest(rows, days) else _("no organs"),
                    "values": [_point(rows.get(day)) for day in days],
                }
                for region, rows in found
            ],
        },
        head=(_("Region"), _("Day"), *head_of("")[1:]),
        rows=tuple((name, *line_of(row.day.isoformat(), row)) for name, row in lines),
        as_of=as_of(page),
        stops=tuple(
            _course(str(region), [row for row in rows.values() if row.counts.organs]) for region, rows in found
        ),
        texts=2,
        notes=(small_numbers(),) if page.sort else (),
    )


def _histories(page: Page, level: Level) -> list[tuple[object, list[Row]]]:
    """Return the regions of the table, in its order, with their months as rows, the oldest first."""
    if not level.table:
        return []
    known = page.figures.below
    return [
        (
            row.region,
            figures.months(
                within(known.get((row.region.pk, level.slug), []), page.period, page.figures.day), level.table.targets
            )[::-1],
        )
        for row in level.table.rows
    ]


def _latest(rows: dict, days: list) -> str | None:
    row = rows.get(days[-1])
    return row.counts.percent if row else None


def _point(row: Row | None) -> float | None:
    return drawn(row.counts, row.states, PANEL_CLEAR) if row and row.counts.organs else None


def _course(name: str, months: list[Row]) -> str:
    rows = [row for row in months if row.counts.organs]
    if not rows:
        return _("%(name)s: no organs") % {"name": name}
    return _("%(name)s: from %(then)s %% on %(first)s to %(now)s %% on %(last)s") % {
        "name": name,
        "then": rows[0].counts.percent,
        "first": rows[0].day.isoformat(),
        "now": rows[-1].counts.percent,
        "last": rows[-1].day.isoformat(),
    }


# --- between the limits of chance ----------------------------------------------------------------------------------


def comparison(page: Page, level: Level) -> Chart | None:
    """Return the regions below against the 95 % and 99.8 % limits around the rate of all; None for fewer than three."""
    rows = [row for row in level.table.rows if row.counts.organs] if level.table else []
    together = sum((row.counts for row in rows), Counts())
    if len(rows) < TO_COMPARE:
        return None
    rate = together.rate
    found = [(row, funnel_plot.limits(row.counts.organs, rate)) for row in rows]
    outside = [funnel_plot.outside(row.counts.recognised, one) for row, one in found]
    said = [_said_of(place) for place in outside]
    return Chart(
        name=f"{level.slug}-limits",
        title=_("Regions below %(region)s between the limits of chance: %(organs)s") % _about(page, level),
        alt=_around(together, rows, outside),
        kind="comparison",
        data={
            "most": max(row.counts.organs for row in rows),
            "names": {
                "centre": _("All together: %(percent)s %%") % {"percent": together.percent},
                "inner": _("95 % limits"),
                "outer": _("99.8 % limits"),
                "organs": _("Organs"),
            },
            "limits": [
                _limits(funnel_plot.limits(size, rate), float(rate))
                for size in funnel_plot.sizes(row.counts.organs for row in rows)
            ],
            "points": [
                {
                    "name": str(row.region),
                    "organs": row.counts.organs,
                    "value": float(row.counts.percent),
                    "outside": place,
                }
                for row, place in zip(rows, outside, strict=True)
            ],
        },
        head=(
            _("Region"),
            *head_of("")[1:4],
            _("95 % limits"),
            _("99.8 % limits"),
            _("Between the limits"),
        ),
        rows=tuple(
            (
                str(row.region),
                *numbers(row.counts),
                _span(one.inner_low, one.inner_high),
                _span(one.outer_low, one.outer_high),
                words,
            )
            for (row, one), words in zip(found, said, strict=True)
        ),
        as_of=as_of(page),
        stops=tuple(
            _("%(region)s: %(words)s") % {"region": spoken(str(row.region), row), "words": words}
            for row, words in zip(rows, said, strict=True)
        ),
        notes=(
            _("Limits: exact binomial around the rate of all together (Spiegelhalter 2005)."),
            _("A region outside them asks a question, no verdict; by chance one of twenty lies outside the inner."),
        ),
    )


def _limits(found: funnel_plot.Limits, rate: float) -> dict:
    return {
        "organs": found.organs,
        "outer_low": _percent(found.outer_low),
        "inner_low": _percent(found.inner_low),
        "inner_high": _percent(found.inner_high),
        "outer_high": _percent(found.outer_high),
        "centre": _percent(rate),
    }


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _span(low: float, high: float) -> str:
    return f"{_percent(low):.2f}–{_percent(high):.2f}"


def _said_of(place: int) -> str:
    return {
        funnel_plot.INSIDE: _("within both"),
        funnel_plot.OUTSIDE_INNER: _("outside the 95 % limits"),
        funnel_plot.OUTSIDE_OUTER: _("outside the 99.8 % limits"),
    }[place]


def _around(together: Counts, rows: Sequence[Row], outside: Sequence[int]) -> str:
    """Return how many regions lie within and outside the limits, those outside the outer ones by name."""
    names = [str(row.region) for row, place in zip(rows, outside, strict=True) if place == funnel_plot.OUTSIDE_OUTER]
    said = _(
        "All together %(percent)s %%: %(inside)s regions within both limits, %(inner)s outside the 95 %% limits only, "
        "%(outer)s outside the 99.8 %% limits"
    ) % {
        "percent": together.percent,
        "inside": outside.count(funnel_plot.INSIDE),
        "inner": outside.count(funnel_plot.OUTSIDE_INNER),
        "outer": len(names),
    }
    listed = _(" (%(names)s)") % {"names": _(", ").join(names)} if names else ""
    return said + listed + pgettext("end of a sentence", ".")
