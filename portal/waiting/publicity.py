"""What waits for officials of the municipality."""

from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import clock, stages
from creation.models import Assessment, User
from portal.waiting.lines import Line, counted, lines_about
from reviews.models import CalendarYear, Listing, Notice, Objection
from reviews.workdays import library_years

# The arrangement of the next year is announced in November; a notice of five days may reach over the turn of the year.
CALENDAR_AHEAD = timedelta(days=45)


def files_to_publicise(user: User) -> list[Line]:
    """Return a line about cleared files that stand on no notice."""
    found = counted(
        Assessment.objects.shown_to(user).filter(
            shown_stage=stages.CHECKED, listing__isnull=True, cycle__region__in=user.region_ids("official")
        )
    )
    text = ngettext(
        "%(count)s cleared file to put on a notice", "%(count)s cleared files to put on a notice", found["count"]
    )
    return lines_about(found, text, reverse("notice_manage"))


def notices_to_publish(user: User) -> list[Line]:
    """Return a line about drafts of notices, those given back among them."""
    drafts = Notice.objects.filter(published_at__isnull=True, handed_in_at__isnull=True)
    found = counted(drafts.filter(region__in=user.region_ids("official")), "drafted_at")
    text = ngettext(
        "%(count)s notice drafted, not handed in", "%(count)s notices drafted, not handed in", found["count"]
    )
    return lines_about(found, text, reverse("notice_manage"), "notice_preview")


def notices_to_approve(user: User) -> list[Line]:
    """Return a line about notices that others wrote and handed in."""
    handed_in = Notice.objects.to_approve_by(user).filter(region__in=user.region_ids("official"))
    found = counted(handed_in, "handed_in_at")
    text = ngettext("%(count)s notice to approve", "%(count)s notices to approve", found["count"])
    return lines_about(found, text, reverse("notice_manage"), "notice_preview")


def notices_to_conclude(user: User) -> list[Line]:
    """Return a line about notices that have ended, with organs that can be recognised and no order for them."""
    open_objection = Objection.objects.open().filter(listing=OuterRef("pk"))
    free = Listing.objects.filter(notice=OuterRef("pk"), assessment__stage=stages.PUBLICISED).exclude(
        Exists(open_objection)
    )
    rows = Notice.objects.filter(
        Exists(free), last_day__lt=clock.today(), order__isnull=True, region__in=user.region_ids("official")
    )
    found = counted(rows, "last_day")
    text = ngettext(
        "%(count)s notice has ended: its organs can be recognised",
        "%(count)s notices have ended: their organs can be recognised",
        found["count"],
    )
    return lines_about(found, text, reverse("notice_manage"), "notice_preview")


def objections_to_decide(user: User) -> list[Line]:
    """Return a line about open objections on which the official proposes a decision."""
    found = counted(_open_objections(user).filter(proposed_by=None), "at")
    text = ngettext("%(count)s objection to decide", "%(count)s objections to decide", found["count"])
    return lines_about(found, text, reverse("objection_list"), "objection_detail")


def decisions_to_confirm(user: User) -> list[Line]:
    """Return a line about decisions that somebody else proposed and the official confirms or gives back."""
    found = counted(_open_objections(user).exclude(proposed_by=None).exclude(proposed_by=user), "proposed_at")
    text = ngettext(
        "%(count)s proposed decision on an objection to confirm",
        "%(count)s proposed decisions on objections to confirm",
        found["count"],
    )
    return lines_about(found, text, reverse("objection_list"), "objection_detail")


def _open_objections(user: User):
    rows = Objection.objects.open().filter(listing__notice__region__in=user.region_ids("official"))
    return rows.exclude(listing__assessment__organ__in=user.organ_ids())


def calendar_to_enter(user: User) -> list[Line]:
    """Return a line when a notice could soon reach into a year whose working days nobody has entered."""
    year = (clock.today() + CALENDAR_AHEAD).year
    if year in library_years() or CalendarYear.objects.filter(year=year).exists():
        return []
    text = _("Enter the official calendar of %(year)s: no notice that reaches into it can be published before")
    return [Line(text % {"year": year}, f"{reverse('calendar_enter')}?year={year}")]
