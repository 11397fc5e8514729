"""Reminding of files that stand still: the list of who reads what first, then one click."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation.rules import require
from creation.views.taking import take
from portal.dashboard import places, work
from reviews.actions import nudges

LONGEST_NUMBER = 6  # digits of a number of messages
SHOWN = 200  # lines of one page; more people are counted, and all of them are told


def dashboard_remind(request, code):
    """Show who would be reminded of the files at `?stage=` of the round `?round=`, and remind exactly those.

    Without a stage: where files of the open rounds stand. 404 where the reader reads no numbers, 403 without the right.
    """
    place = places.find(code, request.user)
    if place is None:
        raise Http404
    require(request.user, "files.remind", place.region)
    standings = work.files_by_stage(place.region, request.user)
    chosen = next((one for one in standings if _is_asked(one, request.GET)), None)
    back = reverse("dashboard_remind", args=[code])
    context = {
        "place": place,
        "region": place.region,
        "stages": [one for one in standings if one.stage in nudges.NUDGES],
        "chosen": chosen,
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in [*place.above, place.region]],
    }
    if chosen:
        asked = {"stage": chosen.stage, "year": chosen.year, "by": request.user}
        if request.method == "POST":
            seen = request.POST.get("seen") or "nothing"
            return take(
                request,
                lambda: nudges.nudge(place.region, **asked, seen=seen),
                to=lambda sent: f"{back}?stage={chosen.stage}&round={chosen.year}&sent={sent}",
                back=f"{back}?stage={chosen.stage}&round={chosen.year}",
            )
        planned = nudges.plan(place.region, **asked)
        context |= {
            "plan": planned,
            "shown": planned.reminders[:SHOWN],
            "more": max(0, len(planned.reminders) - SHOWN),
            "files_url": _files_url(place.region, chosen),
            "sent": _said(request.GET.get("sent", "")),
        }
    return render(request, "portal/dashboard_remind.html", context)


def _is_asked(standing: work.Standing, asked) -> bool:
    """Tell whether the address asks for these files; a stage of which nobody is reminded is none."""
    is_stage = standing.stage == asked.get("stage") and str(standing.year) == asked.get("round")
    return is_stage and standing.stage in nudges.NUDGES


def _files_url(region, standing: work.Standing) -> str:
    return f"{reverse('file_list')}?round={standing.year}&stage={standing.stage}&region={region.code}&sort=-since"


def _said(sent: str) -> str:
    """Return what became of the click, in words; empty before one."""
    if not (sent.isdecimal() and len(sent) <= LONGEST_NUMBER):
        return ""
    if sent == "0":
        return _("Nobody was reminded: all of them have been reminded today already.")
    text = ngettext("%(count)s message has gone out.", "%(count)s messages have gone out.", int(sent))
    return text % {"count": sent}
