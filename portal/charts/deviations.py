"""The deviations as a picture: one line for each item or district, one bar for each pair of ratings."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.charts.chart import Chart
from reviews.deviations import FEW, Summary, shown
from reviews.rated_twice import Table


def picture_of(of: str, title: object, tables: Sequence[Table], cycle) -> Chart | None:
    """Return the mean deviations of the tables as bars to both sides of nothing; None where there is none to draw.

    Lines stand in the order of the tables: that of the standard or of the register. With too few cases there is no
    bar, as there is no number in the table.
    """
    names: dict[str, str] = {}
    for table in tables:
        for line in table.lines:
            names.setdefault(line.code, f"{line.code} {line.label}" if of == "indicators" else str(line.label))
    known = [{line.code: line.summary for line in table.lines} for table in tables]
    codes = _in_order(tables)
    if not any(not one.is_few for summaries in known for one in summaries.values()):
        return None
    return Chart(
        name=of,
        title=_("Deviations %(how)s: %(round)s") % {"how": str(title).lower(), "round": cycle},
        alt=" ".join(_summed_up(table) for table in tables),
        kind="deviations",
        data={
            "lines": [{"name": names[code]} for code in codes],
            "series": [
                {
                    "name": str(table.title),
                    "values": [_mean(summaries.get(code)) for code in codes],
                    "labels": [_words(summaries.get(code)) for code in codes],
                }
                for table, summaries in zip(tables, known, strict=True)
            ],
        },
        head=(_("Name"), *(head for table in tables for head in (str(table.title), _("Cases")))),
        rows=tuple(
            (names[code], *(text for summaries in known for text in _cells(summaries.get(code)))) for code in codes
        ),
        as_of=str(cycle),
        stops=tuple(
            _("%(name)s · %(deviation)s: %(words)s")
            % {"name": names[code], "deviation": table.title, "words": _with_cases(summaries.get(code))}
            for code in codes
            for table, summaries in zip(tables, known, strict=True)
        ),
    )


def _in_order(tables: Sequence[Table]) -> list[str]:
    """Return the codes of all lines; the first table has nearly all, what only others have follows its neighbour."""
    codes: list[str] = []
    for table in tables:
        place = 0
        for line in table.lines:
            if line.code in codes:
                place = codes.index(line.code) + 1
            else:
                codes.insert(place, line.code)
                place += 1
    return codes


def _mean(summary: Summary | None) -> float | None:
    return None if summary is None or summary.mean is None else float(shown(summary.mean))


def _words(summary: Summary | None) -> str:
    if summary is None or summary.mean is None:
        return ""
    mean = shown(summary.mean)
    return f"{'+' if mean > 0 else '−' if mean < 0 else ''}{abs(mean)}"


def _cells(summary: Summary | None) -> tuple[str, str]:
    return (_words(summary) or "–", str(summary.n) if summary else "0")


def _with_cases(summary: Summary | None) -> str:
    if summary is None:
        return _("no cases")
    if summary.is_few:
        return _("few cases")
    return _("%(mean)s, cases: %(cases)s") % {"mean": _words(summary), "cases": summary.n}


def _summed_up(table: Table) -> str:
    """Return in one sentence how many lines lie above, below and at nothing, and how many have too few cases."""
    means = [shown(line.summary.mean) for line in table.lines if line.summary.mean is not None]
    said = _("%(deviation)s: %(more)s lines with more points, %(less)s with fewer, %(same)s alike") % {
        "deviation": table.title,
        "more": sum(mean > 0 for mean in means),
        "less": sum(mean < 0 for mean in means),
        "same": sum(mean == 0 for mean in means),
    }
    few = len(table.lines) - len(means)
    rest = _("; %(few)s with fewer than %(limit)s cases") % {"few": few, "limit": FEW} if few else ""
    return said + rest + pgettext("end of a sentence", ".")
