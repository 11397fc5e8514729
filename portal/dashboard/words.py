"""The sentences of the page, made from its numbers."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.dashboard.figures import gap
from reviews.rates import Counts, TargetState

ORGANS_OF = {
    "nation": gettext_lazy("national organs"),
    "province": gettext_lazy("provincial organs"),
    "city": gettext_lazy("municipal organs"),
    "district": gettext_lazy("district organs"),
}


def sentence(region, level: str, counts: Counts, states: list[TargetState]) -> str:
    """Return the rate of a level in one sentence: against the first target it misses, else the last it meets."""
    said = {
        "region": region,
        "percent": counts.percent,
        "organs": ORGANS_OF[level],
        "recognised": counts.recognised,
        "total": counts.organs,
    }
    missed = next((state for state in states if not state.met), None)
    if missed:
        said |= {"gap": gap(counts, missed.percent), "target": missed.shown, "missing": missed.missing}
        text = ngettext(
            "%(region)s: %(percent)s %% of %(organs)s are recognised, "
            "%(gap)s points below the %(target)s %% target: %(missing)s organ missing.",
            "%(region)s: %(percent)s %% of %(organs)s are recognised, "
            "%(gap)s points below the %(target)s %% target: %(missing)s organs missing.",
            missed.missing,
        )
    elif states:
        said["target"] = states[-1].shown
        text = _("%(region)s: %(percent)s %% of %(organs)s are recognised; the %(target)s %% target is met.")
    else:
        text = _("%(region)s: %(percent)s %% of %(organs)s are recognised, %(recognised)s of %(total)s.")
    return (text % said).replace(" %", "\u00a0%")  # a number and its sign stay on one line


def together(counts: Counts) -> str:
    """Return the organs of all levels in one sentence; no target is set for their sum."""
    said = {"recognised": counts.recognised, "total": counts.organs, "percent": counts.percent}
    text = _("All levels together: %(recognised)s of %(total)s organs are recognised, %(percent)s %%.")
    return (text % said).replace(" %", "\u00a0%")


def why_refused(text: str, day: date | None, today: date) -> str:
    """Return what is wrong with a date asked for, or an empty text."""
    if day is None:
        return _("“%(text)s” is not a date. Write it like %(today)s.") % {"text": text, "today": today.isoformat()}
    if day > today:
        return _("%(day)s lies in the future. Rates are known up to today, %(today)s.") % {
            "day": day.isoformat(),
            "today": today.isoformat(),
        }
    return ""
