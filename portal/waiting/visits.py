"""What waits for inspectors."""

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import stages
from creation.models import User
from portal.waiting.lines import Line, lines_about
from reviews.models import Finding, Inspection, PhoneRecord


def _visits(user: User, kind: str, stage: str) -> dict:
    rows = Inspection.objects.of(user).filter(kind=kind, filed_at__isnull=True, assessment__stage=stage)
    return rows.aggregate(count=Count("pk"), next=Min("visit_on"), one=Min("pk"))


def _visit_lines(found: dict, text: str) -> list[Line]:
    if not found["count"]:
        return []
    alone = found["count"] == 1
    url = reverse("inspection_detail", args=[found["one"]]) if alone else reverse("inspection_list")
    return [Line(text % {"count": found["count"]}, url, due=found["next"], due_word=_("next on"))]


def visits_to_do(user: User) -> list[Line]:
    """Return a line about the inspections on whose team the person is, with the date of the next."""
    found = _visits(user, Inspection.Kind.INSPECTION, stages.UNDER_INSPECTION)
    return _visit_lines(found, ngettext("%(count)s visit to do", "%(count)s visits to do", found["count"]))


def spot_checks_to_file(user: User) -> list[Line]:
    """Return a line about the spot checks on whose team the person is, with the date of the next."""
    found = _visits(user, Inspection.Kind.SPOT_CHECK, stages.UNDER_SPOT_CHECK)
    return _visit_lines(
        found, ngettext("%(count)s spot check to file", "%(count)s spot checks to file", found["count"])
    )


def answers_to_accept(user: User) -> list[Line]:
    """Return a line about the organs' answers to findings that wait for an inspector of the team."""
    rows = Finding.objects.filter(
        state=Finding.State.ANSWERED, inspection__filed_at__isnull=True, inspection__in=Inspection.objects.of(user)
    )
    found = rows.aggregate(
        count=Count("pk", distinct=True),
        oldest=Min("steps__at", filter=Q(steps__what="answered")),
        one=Min("inspection"),
        visits=Count("inspection", distinct=True),
    )
    text = ngettext(
        "%(count)s answer to a finding to accept or give back",
        "%(count)s answers to findings to accept or give back",
        found["count"],
    )
    here = reverse("inspection_detail", args=[found["one"]]) if found["visits"] == 1 else reverse("inspection_list")
    return lines_about(found, text, here)


def records_to_settle(user: User) -> list[Line]:
    """Return a line about what phones recorded on the person's visits and could not be entered."""
    rows = PhoneRecord.objects.unsettled().filter(inspection__in=Inspection.objects.of(user))
    found = rows.aggregate(
        count=Count("pk"),
        oldest=Min("received_at"),
        one=Min("inspection"),
        visits=Count("inspection", distinct=True),
    )
    text = ngettext(
        "%(count)s record from a phone to enter or set aside",
        "%(count)s records from phones to enter or set aside",
        found["count"],
    )
    here = reverse("phone_ledger", args=[found["one"]]) if found["visits"] == 1 else reverse("inspection_list")
    return lines_about(found, text, here)
