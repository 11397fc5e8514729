"""Words and numbers that the pictures of a page share; every number is the page's own."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from portal.charts.chart import BAR_CLEAR, clear_of, percent_sign
from portal.dashboard.figures import Row
from portal.dashboard.reading import Page
from reviews.rates import Counts, TargetState


def as_of(page: Page) -> str:
    """Return the line that says of when the numbers of a page are."""
    day = page.figures.day.isoformat()
    if page.is_past or page.figures.computed_at is None:
        return _("As of %(day)s") % {"day": day}
    return _("As of %(day)s · computed %(time)s") % {
        "day": day,
        "time": f"{timezone.localtime(page.figures.computed_at):%H:%M}",
    }


def state(one: TargetState) -> str:
    """Return how a target stands, in words: met, or how many organs are missing."""
    if one.met:
        return _("met")
    return ngettext("%(missing)s missing", "%(missing)s missing", one.missing) % {"missing": one.missing}


def states(found: list[TargetState]) -> str:
    """Return how all targets stand, in words."""
    said = [
        _("%(target)s: %(state)s") % {"target": f"{one.shown}{percent_sign()}", "state": state(one)} for one in found
    ]
    return _(", ").join(said) or _("no target")


def nearest(found: list[TargetState]) -> str:
    """Return the first target that is missed, else the last that is met, in words; empty without a target."""
    chosen = next((one for one in found if not one.met), found[-1] if found else None)
    return states([chosen]) if chosen else ""


def dated(one: TargetState) -> str:
    """Return a target with its deadline, in words."""
    return _("%(percent)s %% by %(deadline)s") % {"percent": one.shown, "deadline": one.deadline.isoformat()}


def counted(counts: Counts) -> dict:
    """Return the counts as parts of a sentence."""
    return {"percent": counts.percent, "recognised": counts.recognised, "organs": counts.organs}


def numbers(counts: Counts) -> tuple[str, str, str]:
    """Return the rate, the recognised and the organs as they stand in a table."""
    return (counts.percent or "–", str(counts.recognised), str(counts.organs))


def drawn(counts: Counts, found: list[TargetState], clear: float = BAR_CLEAR) -> float:
    """Return the rate as it is drawn: rounded down, and clear of every target it has not reached."""
    return clear_of(float(counts.percent or 0), [float(one.percent) for one in found if not one.met], clear)


def head_of(first: str) -> tuple[str, ...]:
    """Return the heads of a table of rates whose lines are named by `first`."""
    return (first, _("Rate (%)"), pgettext("column", "Recognised"), _("Organs"), _("Targets in force"))


def line_of(name: str, row: Row) -> tuple[str, ...]:
    """Return the line of such a table."""
    return (name, *numbers(row.counts), states(row.states) if row.counts.organs else "–")


def spoken(name: str, row: Row) -> str:
    """Return a row in one sentence: its rate, its organs, and how every target stands."""
    if not row.counts.organs:
        return _("%(name)s: no organs") % {"name": name}
    said = _("%(name)s: %(percent)s %%, %(recognised)s of %(organs)s organs; %(states)s")
    return said % (counted(row.counts) | {"name": name, "states": states(row.states)})


def steps(found: list[TargetState], days: list[date]) -> list[dict]:
    """Return each target as a line over the days: the places of its first day and its deadline in the list of days.

    `to` is −1 for a deadline before the first day: the target is demanded all along, and overdue all along.
    """
    return [
        {
            "percent": float(one.percent),
            "from": sum(day < one.starts_on for day in days),
            "to": sum(day <= one.deadline for day in days) - 1,
            "label": f"{one.shown}{percent_sign()}",
        }
        for one in found
        if one.starts_on <= days[-1]
    ]


def month(day: date) -> str:
    """Return the month of a day as an axis names it."""
    return f"{day:%Y-%m}"
