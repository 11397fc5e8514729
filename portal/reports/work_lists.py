"""The lists of daily work as tables: people, visits, findings, draws, rechecks, notices, each as its page shows it.

Rows, order and filters come from the functions of the pages; who objected is read nowhere here.
"""

import html
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, stages
from creation.forms.people import PeopleFilter
from creation.models import Appointment, Organ, Region, User
from creation.rules import may
from creation.views.people import people_in_reach
from portal.reports.chunks import Progress
from portal.reports.lists import Asked, List, Told, kept, whole_rows
from reviews.models import Finding, Inspection
from reviews.views.days import visits_of
from reviews.views.draws import as_known, pools_in_reach
from reviews.views.notices import notices_in_reach
from reviews.views.rechecks import rounds_in_reach

Rows = Iterator[list[Any]]
LONGEST_NUMBER = 18  # digits of an id that every database can read


def _day(at) -> Any:
    return localdate(at) if at else ""


def _instant(at) -> str:
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _words(template: str, **about: Any) -> str:
    """Return what a page says of a row, in the very words of the page."""
    return html.unescape(" ".join(render_to_string(template, about).split()))


def _of_organ(organ_of) -> tuple[Told, ...]:
    def told(head, show) -> Told:
        return Told(head, lambda row: show(organ_of(row)))

    def code(organ: Organ) -> str:
        return organ.credit_code

    return (
        told(gettext_lazy("Credit code"), code),
        told(gettext_lazy("Organ"), lambda organ: organ.name),
        told(gettext_lazy("English name"), lambda organ: organ.name_en),
        told(gettext_lazy("Region"), lambda organ: str(organ.region)),
        told(gettext_lazy("Region code"), lambda organ: organ.region.code),
        told(gettext_lazy("Level"), lambda organ: organ.region.get_kind_display()),
    )


# --- people ----------------------------------------------------------------------------------------------------------


def _post(post: Appointment) -> str:
    """Return a post in words, as the list of people shows it."""
    return _without_marks(render_to_string("creation/_post.html", {"post": post, "today": clock.today()}))


def _without_marks(markup: str) -> str:
    text, inside = "", False
    for sign in markup:
        inside = sign == "<" or (inside and sign != ">")
        text += "" if inside or sign == ">" else sign
    return html.unescape(" ".join(text.split()))


PEOPLE = (
    Told(gettext_lazy("Person's name"), lambda person: person.name),
    Told(gettext_lazy("English name"), lambda person: person.name_en),
    Told(gettext_lazy("User name"), lambda person: person.username),
    Told(gettext_lazy("Posts in your regions"), lambda person: "; ".join(map(_post, person.shown_posts))),
    Told(gettext_lazy("Last signed in"), lambda person: _day(person.last_login) or _("never")),
)


def people_asked(asked: Asked, user: User) -> dict[str, str] | None:
    """Return the filters of the people that were asked for, the region by its code; None for who is no registrar."""
    if not may(user, "people.list"):
        return None
    found = kept(PeopleFilter.base_fields, asked)
    number = found.get("region", "")
    if number.isdecimal() and len(number) < LONGEST_NUMBER:
        region = Region.objects.filter(pk=int(number)).first() or Region.objects.filter(code=number).first()
        found["region"] = region.code if region else number
    return found


def people_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the people of the page of people."""
    region = Region.objects.filter(code=asked.get("region", "")).first()
    chosen: Mapping[str, Any] = {**asked, "region": region.pk if region else asked.get("region", "")}
    yield from whole_rows(people_in_reach(user, PeopleFilter(chosen, registrar=user)), PEOPLE, progress)


# --- visits and findings ---------------------------------------------------------------------------------------------

VISITS = (
    Told(gettext_lazy("Date of the visit"), lambda visit: visit.visit_on),
    Told(gettext_lazy("Visit"), lambda visit: visit.get_kind_display()),
    *_of_organ(lambda visit: visit.assessment.organ),
    Told(gettext_lazy("Round"), lambda visit: visit.assessment.cycle.year),
    Told(gettext_lazy("Lead"), lambda visit: str(visit.lead)),
    Told(gettext_lazy("Stage"), lambda visit: str(stages.LABELS[visit.assessment.stage])),
    Told(gettext_lazy("Filed"), lambda visit: _day(visit.filed_at)),
)
FINDINGS = (
    *_of_organ(lambda finding: finding.inspection.assessment.organ),
    Told(gettext_lazy("Date of the visit"), lambda finding: finding.inspection.visit_on),
    Told(gettext_lazy("Item"), lambda finding: finding.indicator.code),
    Told(gettext_lazy("What was found"), lambda finding: finding.text),
    Told(gettext_lazy("Kind"), lambda finding: finding.get_kind_display()),
    Told(gettext_lazy("Deadline"), lambda finding: finding.due_on),
    Told(gettext_lazy("State"), lambda finding: finding.get_state_display()),
    Told(gettext_lazy("Found on"), lambda finding: _day(finding.raised_at)),
)


def visits_asked(asked: Asked, user: User) -> dict[str, str]:
    """Return which of one's visits: those to do, or those filed."""
    return {"state": "filed" if asked.get("state") == "filed" else "open"}


def visit_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the visits of the page of one's own visits."""
    yield from whole_rows(visits_of(user, asked["state"]), VISITS, progress)


def findings_asked(asked: Asked, user: User) -> dict[str, str] | None:
    """Return the visit whose findings were asked for; None outside what the person sees.

    The page of a spot check has no findings.
    """
    number = asked.get("visit", "")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return None
    return {"visit": number} if _with_findings(number, user).exists() else None


def _with_findings(number: str, user: User):
    seen = Inspection.objects.visible_to(user)
    return seen.filter(pk=int(number), kind=Inspection.Kind.INSPECTION)


def finding_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the findings of the page of a visit."""
    found = Finding.objects.filter(inspection__in=_with_findings(asked["visit"], user))
    whole = found.select_related("indicator", "inspection__assessment__organ__region")
    yield from whole_rows(whole.order_by(*Finding._meta.ordering), FINDINGS, progress)


def _about_visit(asked: Asked) -> str:
    visit = Inspection.objects.filter(pk=int(asked["visit"])).select_related("assessment__organ").first()
    return f"{visit.assessment.organ} · {visit.visit_on.isoformat()}" if visit else asked["visit"]


# --- draws, rechecks, notices ----------------------------------------------------------------------------------------


def _state_of_pool(pool) -> str:
    return pool.shown_draw.get_source_display() if pool.shown_draw else _("Closed, waiting for the seed")


DRAWS = (
    Told(gettext_lazy("Pool"), str),
    Told(gettext_lazy("Purpose"), lambda pool: pool.get_purpose_display()),
    Told(gettext_lazy("Pool closed"), lambda pool: _instant(pool.closed_at)),
    Told(gettext_lazy("Organs"), lambda pool: pool.files),
    Told(gettext_lazy("Drawn"), lambda pool: pool.shown_drawn if pool.shown_draw else ""),
    Told(gettext_lazy("State"), _state_of_pool),
    Told("SHA-256", lambda pool: pool.sha256),
)
RECHECKS = (
    Told(gettext_lazy("Recheck"), lambda recheck: recheck.title),
    Told(gettext_lazy("Round"), lambda recheck: str(recheck.cycle)),
    Told(gettext_lazy("Opened"), lambda recheck: _day(recheck.opened_at)),
    Told(gettext_lazy("Organs"), lambda recheck: recheck.organs),
    Told(gettext_lazy("Over"), lambda recheck: recheck.settled),
    Told(gettext_lazy("On paper until"), lambda recheck: recheck.paper_until),
    Told(gettext_lazy("Visits until"), lambda recheck: recheck.site_until),
    Told(gettext_lazy("State"), lambda recheck: _("Closed") if recheck.closed_at else _("Open")),
)


def _state_of_notice(notice) -> str:
    return _words("reviews/_notice_state.html", notice=notice, today=clock.today())


def _order_of_notice(notice) -> str:
    return _words("reviews/_order_state.html", notice=notice) if notice.is_published else ""


NOTICES = (
    Told(gettext_lazy("Notice"), lambda notice: notice.title),
    Told(gettext_lazy("Round"), lambda notice: str(notice.cycle)),
    Told(gettext_lazy("State"), _state_of_notice),
    Told(gettext_lazy("Organs"), lambda notice: notice.organs),
    Told(gettext_lazy("Open objections"), lambda notice: notice.objections),
    Told(gettext_lazy("Recognition"), _order_of_notice),
)


def everything(asked: Asked, user: User) -> dict[str, str]:
    """Return nothing to narrow by: the page has no filter, and shows what lies in the person's reach."""
    return {}


def draw_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the pools of the page of draws, each draw as far as the person may know of it."""
    yield from whole_rows(pools_in_reach(user), DRAWS, progress, partial(as_known, user=user))


def recheck_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the rechecks of the page of rechecks."""
    yield from whole_rows(rounds_in_reach(user), RECHECKS, progress)


def notice_rows(asked: Asked, user: User, progress: Progress) -> Rows:
    """Yield the notices of the page of publicity, drafts included as there."""
    yield from whole_rows(notices_in_reach(user), NOTICES, progress)


LISTS = (
    List("people", gettext_lazy("People"), people_asked, people_rows, PEOPLE),
    List("visits", gettext_lazy("My visits"), visits_asked, visit_rows, VISITS),
    List("findings", gettext_lazy("Findings"), findings_asked, finding_rows, FINDINGS, _about_visit),
    List("draws", gettext_lazy("Draws"), everything, draw_rows, DRAWS),
    List("rechecks", gettext_lazy("Rechecks"), everything, recheck_rows, RECHECKS),
    List("notices", gettext_lazy("Notices"), everything, notice_rows, NOTICES),
)
