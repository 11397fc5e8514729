"""What waits for a person: one small function for each line of the home page, each with one statement.

A section belongs to those who hold one of its roles; its functions return lines or nothing. How many rows wait never
changes the number of statements.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creation.models import User
from creation.rules import at_city_or_above
from portal.waiting import departments, organs, publicity, rechecks, registers, visits
from portal.waiting.lines import Line


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together: for whom, what they are, and what the section promises while it is empty."""

    title: str | Promise
    holds: Callable[[User], bool]
    functions: tuple[Callable[[User], list[Line]], ...]
    promise: str | Promise


def _with(*roles: str) -> Callable[[User], bool]:
    return lambda user: bool(user.roles & set(roles))


SECTIONS = (
    Section(
        _("Your organ"),
        _with("clerk", "signatory"),
        (
            organs.files_sent_back,
            organs.findings_to_answer,
            organs.objections_to_answer,
            rechecks.cases_to_answer,
            rechecks.rechecks_to_answer,
            organs.files_to_sign,
            organs.drafts_to_finish,
            organs.files_to_start,
        ),
        _("a self-rating to start, finish or sign, findings and objections to answer"),
    ),
    Section(
        _("Your visits"),
        _with("inspector"),
        (
            visits.answers_to_accept,
            visits.records_to_settle,
            visits.visits_to_do,
            visits.spot_checks_to_file,
            rechecks.recheck_visits,
        ),
        _("visits and spot checks you are sent on, and answers to your findings"),
    ),
    Section(
        _("Your department"),
        _with("official"),
        (
            departments.files_to_assign,
            departments.files_waiting_for_pool,
            departments.pools_waiting_for_draw,
            departments.draws_to_publish,
            departments.drawn_files_waiting_for_team,
            rechecks.rechecks_to_review,
            rechecks.titles_that_expire,
        ),
        _("submitted files to assign, pools to close, draws to make and publish, drawn files that need a team"),
    ),
    Section(
        _("Publicity and recognition"),
        lambda user: at_city_or_above(user, "official"),
        (
            publicity.objections_to_decide,
            publicity.decisions_to_confirm,
            rechecks.cases_to_propose,
            rechecks.cases_to_decide,
            rechecks.rechecks_to_conclude,
            publicity.notices_to_conclude,
            publicity.notices_to_approve,
            publicity.notices_to_publish,
            publicity.files_to_publicise,
            publicity.calendar_to_enter,
        ),
        _("cleared files for a notice, notices that have ended, objections to decide"),
    ),
    Section(
        _("Register and people"),
        _with("registrar"),
        (registers.imports_to_look_at, registers.people_never_signed_in),
        _("imports to look at, and invited people who have never signed in"),
    ),
    Section(
        _("Rates"),
        lambda user: user.roles == {"viewer"},
        (registers.rates_to_read,),
        _("the completion rates of your area"),
    ),
)


def waiting_for(user: User) -> list[tuple[Section, list[Line]]]:
    """Return the sections that belong to the person, each with the lines that wait in it."""
    return [
        (section, [line for function in section.functions for line in function(user)])
        for section in SECTIONS
        if section.holds(user)
    ]
