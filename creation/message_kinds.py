"""What people are told: every kind of message as one readable table.

Sentence, button page, choice page, filter and digest read this table. A kind either asks its reader to act, brings an
outcome that is meant to be read, or is news that rides along with the next mail and never causes one.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

ACT = "act"
READ = "read"
NEWS = "news"

SELF_RATING = "self_rating"
VISIT = "visit"
FINDINGS = "findings"
RESULT = "result"
OBJECTIONS = "objections"
REPORTS = "reports"
REMINDERS = "reminders"

TOPICS: dict[str, Text] = {
    SELF_RATING: _("Self-rating"),
    VISIT: _("Visits and teams"),
    FINDINGS: _("Findings and rectification"),
    RESULT: _("Results, publicity, recognition"),
    OBJECTIONS: _("Objections"),
    REPORTS: _("Reports and tables"),
    REMINDERS: _("Reminders before a date"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message: topic, for whose posts, what it asks, its page, its name, and its sentence with values."""

    slug: str
    topic: str
    roles: tuple[str, ...]
    asks: str
    page: str
    label: Text
    sentence: Text


def _kind(slug: str, topic: str, roles: str, asks: str, page: str, label: Text, sentence: Text) -> Kind:  # noqa: PLR0917 a row
    return Kind(slug, topic, tuple(roles.split()), asks, page, label, sentence)


# fmt: off
_TABLE = (
    _kind("to_sign", SELF_RATING, "signatory", ACT, "self_rating_check",
          _("A self-rating to check and sign"),
          _("Check and sign the self-rating of %(year)s: %(organ)s")),
    _kind("taken_back", SELF_RATING, "clerk signatory", NEWS, "self_rating_check",
          _("A self-rating was taken back for editing"),
          _("The self-rating of %(year)s was taken back for editing: %(organ)s")),
    _kind("submitted", SELF_RATING, "clerk", NEWS, "file_detail",
          _("A self-rating was submitted"),
          _("The self-rating of %(year)s was submitted: %(organ)s")),
    _kind("withdrawn", SELF_RATING, "clerk signatory official", READ, "file_detail",
          _("A file was withdrawn"),
          _("The file of %(year)s was withdrawn: %(organ)s")),
    _kind("sent_back", SELF_RATING, "clerk", ACT, "self_rating_detail",
          _("A self-rating was sent back"),
          _("Sent back, items with a reason: %(count)s. Correct the self-rating of %(year)s and hand it over again: "
            "%(organ)s")),
    _kind("section_given", SELF_RATING, "clerk", ACT, "self_rating_detail",
          _("A section was given to you"),
          _("You answer a section of the self-rating of %(year)s: %(organ)s")),
    _kind("to_assign", VISIT, "official", ACT, "file_detail",
          _("A submitted file to assign or send back"),
          _("Assign inspectors or send back, round %(year)s: %(organ)s")),
    _kind("visit_planned", VISIT, "clerk signatory", READ, "file_detail",
          _("A visit is planned"),
          _("Inspectors come on %(day)s: %(organ)s")),
    _kind("on_team", VISIT, "inspector", ACT, "inspection_detail",
          _("You are sent on a visit"),
          _("You are on the team of the visit on %(day)s: %(organ)s")),
    _kind("off_team", VISIT, "inspector", READ, "inspection_list",
          _("You were taken off a team"),
          _("You are no longer on the team of the visit on %(day)s: %(organ)s")),
    _kind("visit_changed", VISIT, "clerk signatory inspector", READ, "file_detail",
          _("A visit was changed"),
          _("Team or day of the visit changed, it is now on %(day)s: %(organ)s")),
    _kind("finding_raised", FINDINGS, "clerk", ACT, "finding_detail",
          _("A finding with a deadline"),
          _("A finding at item %(item)s is to be put right by %(day)s: %(organ)s")),
    _kind("to_rectify", FINDINGS, "clerk", ACT, "file_detail",
          _("Rectification is required"),
          _("Rectification is required, findings to answer: %(count)s – %(organ)s")),
    _kind("finding_answered", FINDINGS, "inspector", ACT, "finding_detail",
          _("An answer to a finding"),
          _("Accept or give back the answer to the finding at item %(item)s: %(organ)s")),
    _kind("finding_returned", FINDINGS, "clerk", ACT, "finding_detail",
          _("An answer was given back"),
          _("The answer to the finding at item %(item)s was given back: %(organ)s")),
    _kind("finding_accepted", FINDINGS, "clerk", NEWS, "finding_detail",
          _("An answer was accepted"),
          _("The answer to the finding at item %(item)s was accepted: %(organ)s")),
    _kind("rectified", FINDINGS, "clerk", NEWS, "file_detail",
          _("The rectification was accepted"),
          _("All findings have been accepted, the inspection goes on: %(organ)s")),
    _kind("to_file", FINDINGS, "inspector", ACT, "inspection_detail",
          _("A rectified visit to file"),
          _("All findings have been accepted: finish and file the visit – %(organ)s")),
    _kind("passed", RESULT, "clerk signatory official", READ, "file_detail",
          _("An inspection was passed"),
          _("The inspection of %(year)s was passed: %(organ)s")),
    _kind("not_met", RESULT, "clerk signatory official", READ, "file_detail",
          _("The requirements are not met"),
          _("The requirements of %(year)s are not met: %(organ)s")),
    _kind("cleared", RESULT, "clerk signatory", NEWS, "file_detail",
          _("A file was cleared for publicity"),
          _("The file of %(year)s was cleared for publicity: %(organ)s")),
    _kind("pool_closed", RESULT, "official", ACT, "pool_detail",
          _("A pool to draw from"),
          _("A pool of the round %(year)s waits for its draw, files: %(count)s")),
    _kind("drawn", RESULT, "official", ACT, "pool_detail",
          _("A draw was made"),
          _("The draw of the round %(year)s was made. Organs that need a team: %(count)s, cleared for a notice: "
            "%(cleared)s")),
    _kind("drawn_in", RESULT, "official", ACT, "file_detail",
          _("One more organ was drawn"),
          _("The next in the drawing order of the round %(year)s was drawn and needs a team: %(organ)s")),
    _kind("recheck_pool_closed", RESULT, "official", ACT, "pool_detail",
          _("A recheck pool to draw from"),
          _("A recheck pool of the round %(year)s waits for its draw, organs: %(count)s")),
    _kind("recheck_drawn", RESULT, "official", ACT, "pool_detail",
          _("A draw for a recheck was made"),
          _("The draw for the recheck of the round %(year)s was made. Organs to visit: %(count)s")),
    _kind("to_publicise", RESULT, "official", ACT, "notice_manage",
          _("A cleared file to put on a notice"),
          _("Put on a notice, round %(year)s: %(organ)s")),
    _kind("notice_to_approve", RESULT, "official", ACT, "notice_preview",
          _("A notice to approve"),
          _("A notice waits for your approval: %(title)s")),
    _kind("notice_returned", RESULT, "official", ACT, "notice_preview",
          _("A notice was given back"),
          _("The draft of a notice was given back with a reason: %(title)s")),
    _kind("notice_approved", RESULT, "official", NEWS, "notice_preview",
          _("A notice was approved"),
          _("The notice was approved and is published at its instant: %(title)s")),
    _kind("notice_stopped", RESULT, "official", ACT, "notice_preview",
          _("A notice could not be published"),
          _("The notice could not be published and is a draft again: %(title)s")),
    _kind("notice_published", RESULT, "official", READ, "notice_preview",
          _("A notice was published"),
          _("The notice has been published: %(title)s")),
    _kind("publicised", RESULT, "clerk signatory", NEWS, "file_detail",
          _("An organ stands on a public notice"),
          _("The file of %(year)s stands on a public notice: %(organ)s")),
    _kind("recognised", RESULT, "clerk signatory", READ, "file_detail",
          _("An organ was recognised"),
          _("Recognised in the round %(year)s: %(organ)s")),
    _kind("revoked", RESULT, "clerk signatory", READ, "file_detail",
          _("A recognition was revoked"),
          _("The recognition of the round %(year)s was revoked: %(organ)s")),
    _kind("recheck_opened", RESULT, "clerk", ACT, "recheck_item",
          _("A recheck to report on"),
          _("A recheck of recognised organs has begun. Report until %(day)s: %(organ)s")),
    _kind("recheck_visit", VISIT, "inspector", ACT, "recheck_item",
          _("You are sent on a visit of a recheck"),
          _("You visit on %(day)s for the recheck: %(organ)s")),
    _kind("recheck_visited", RESULT, "official", ACT, "recheck_item",
          _("A visit of a recheck was filed"),
          _("The visit of the recheck was filed, it can be concluded: %(organ)s")),
    _kind("recheck_kept", RESULT, "clerk signatory", NEWS, "recheck_item",
          _("A recheck ended well"),
          _("The recheck is over, the title is kept: %(organ)s")),
    _kind("recheck_to_rectify", RESULT, "clerk signatory", ACT, "recheck_item",
          _("Something to put right after a recheck"),
          _("Put right by %(day)s what the recheck found: %(organ)s")),
    _kind("recheck_rectified", RESULT, "official", ACT, "recheck_item",
          _("An organ has put something right after a recheck"),
          _("The organ has answered the recheck, accept it or give it back: %(organ)s")),
    _kind("recheck_accepted", RESULT, "clerk signatory", READ, "recheck_item",
          _("What was put right was accepted"),
          _("What was put right was accepted, the title is kept: %(organ)s")),
    _kind("case_opened", RESULT, "clerk signatory", ACT, "revocation_detail",
          _("A case about your title"),
          _("A case about the title was opened. Answer until %(day)s: %(organ)s")),
    _kind("case_answered", RESULT, "official", ACT, "revocation_detail",
          _("The organ has answered a case about its title"),
          _("The organ has answered, a decision about its title can be proposed: %(organ)s")),
    _kind("case_to_decide", RESULT, "official", ACT, "revocation_detail",
          _("A case about a title to decide"),
          _("A decision about a title waits for a second official: %(organ)s")),
    _kind("title_kept", RESULT, "clerk signatory", READ, "revocation_detail",
          _("A title was kept"),
          _("The case was decided, the title is kept: %(organ)s")),
    _kind("title_revoked", RESULT, "clerk signatory", READ, "revocation_detail",
          _("A title was revoked"),
          _("The case was decided, the title was revoked: %(organ)s")),
    _kind("rates_announced", RESULT, "official", NEWS, "announced_detail",
          _("Completion rates were announced"),
          _("The completion rates as of %(day)s were announced: %(organ)s")),
    _kind("archive_ready", RESULT, "official", READ, "cycle_archive",
          _("An archive is ready"),
          _("The archive of the round %(year)s is ready to be downloaded")),
    _kind("archive_failed", RESULT, "official", ACT, "cycle_archive",
          _("An archive could not be written"),
          _("The archive of the round %(year)s could not be written: see why, then ask again")),
    _kind("webhook_stopped", RESULT, "official viewer registrar inspector", READ, "webhook_detail",
          _("An address of another system was stopped"),
          _("%(host)s did not take its messages for days and is told nothing more: see why")),
    _kind("objection_to_decide", OBJECTIONS, "official", ACT, "objection_detail",
          _("An objection to decide"),
          _("An objection was received: %(organ)s")),
    _kind("objection_to_answer", OBJECTIONS, "clerk signatory", ACT, "objection_detail",
          _("An objection to answer"),
          _("Answer the objection to your organ: %(organ)s")),
    _kind("objection_heard", OBJECTIONS, "official", ACT, "objection_detail",
          _("The organ has answered an objection"),
          _("The organ has answered the objection, it can be decided: %(organ)s")),
    _kind("decision_to_confirm", OBJECTIONS, "official", ACT, "objection_detail",
          _("A proposed decision to confirm"),
          _("A decision on the objection was proposed, confirm it or give it back: %(organ)s")),
    _kind("decision_given_back", OBJECTIONS, "official", ACT, "objection_detail",
          _("A proposed decision was given back"),
          _("The proposed decision on the objection was given back, propose it anew: %(organ)s")),
    _kind("objection_dismissed", OBJECTIONS, "clerk signatory", READ, "objection_detail",
          _("An objection was not upheld"),
          _("The objection was not upheld: %(organ)s")),
    _kind("objection_upheld", OBJECTIONS, "clerk signatory official", READ, "file_detail",
          _("An objection was upheld"),
          _("The objection was upheld, the requirements of %(year)s are not met: %(organ)s")),
    _kind("report_ready", REPORTS, "clerk signatory inspector official registrar viewer", READ, "report_list",
          _("A report you asked for is ready"),
          _("Ready to be downloaded: %(report)s")),
    _kind("report_failed", REPORTS, "clerk signatory inspector official registrar viewer", READ, "report_list",
          _("A report you asked for could not be written"),
          _("Could not be written, see why and ask again: %(report)s")),
    _kind("window_ends", REMINDERS, "clerk", ACT, "home",
          _("The self-rating is about to end"),
          _("The self-rating of %(year)s ends on %(day)s: %(organ)s")),
    _kind("sign_by", REMINDERS, "signatory", ACT, "self_rating_check",
          _("A signature is missing shortly before the end"),
          _("Your signature is missing, the self-rating of %(year)s ends on %(day)s: %(organ)s")),
    _kind("finding_due", REMINDERS, "clerk", ACT, "finding_detail",
          _("The deadline of a finding comes near"),
          _("The finding at item %(item)s is to be put right by %(day)s: %(organ)s")),
    _kind("finding_overdue", REMINDERS, "clerk", ACT, "finding_detail",
          _("The deadline of a finding has passed"),
          _("The finding at item %(item)s was to be put right by %(day)s: %(organ)s")),
    _kind("title_expires", REMINDERS, "clerk", READ, "organ_detail",
          _("The title of your organ expires soon"),
          _("The last day of the title is %(day)s: %(organ)s")),
    _kind("titles_expire", REMINDERS, "official", READ, "expiring_list",
          _("Titles that expire soon"),
          _("Titles whose last day is %(day)s: %(count)s")),
    _kind("visit_soon", REMINDERS, "inspector", ACT, "inspection_detail",
          _("A visit tomorrow"),
          _("Your visit is on %(day)s: %(organ)s")),
    _kind("remind_finish", REMINDERS, "clerk", ACT, "self_rating_detail",
          _("You are reminded of a self-rating to finish"),
          _("The self-rating of %(year)s has waited to be finished for %(days)s days: %(organ)s")),
    _kind("remind_sign", REMINDERS, "signatory", ACT, "self_rating_check",
          _("You are reminded of a self-rating to sign"),
          _("The self-rating of %(year)s has waited for your signature for %(days)s days: %(organ)s")),
    _kind("remind_rectify", REMINDERS, "clerk", ACT, "file_detail",
          _("You are reminded of findings to put right"),
          _("Findings of the inspection of %(year)s have waited to be put right for %(days)s days: %(organ)s")),
    _kind("remind_visit", REMINDERS, "inspector", ACT, "inspection_detail",
          _("You are reminded of a visit to file"),
          _("The visit of %(day)s has not been filed: %(organ)s")),
    _kind("remind_accept", REMINDERS, "inspector", ACT, "inspection_detail",
          _("You are reminded of answers to findings"),
          _("Answers to findings of the visit of %(day)s wait to be accepted or given back: %(organ)s")),
    _kind("remind_assign", REMINDERS, "official", ACT, "file_list",
          _("You are reminded of submitted files"),
          _("Submitted files of %(year)s to assign or send back: %(count)s, the oldest for %(days)s days – %(organ)s")),
    _kind("remind_draw", REMINDERS, "official", ACT, "file_list",
          _("You are reminded of files that wait for a draw"),
          _("Inspected files of %(year)s that wait for pool and draw: %(count)s, the oldest for %(days)s days – "
            "%(organ)s")),
    _kind("remind_team", REMINDERS, "official", ACT, "file_list",
          _("You are reminded of drawn files without a team"),
          _("Drawn files of %(year)s without a team: %(count)s, the oldest for %(days)s days – %(organ)s")),
    _kind("remind_publicise", REMINDERS, "official", ACT, "file_list",
          _("You are reminded of files to publicise"),
          _("Cleared files of %(year)s on no notice yet: %(count)s, the oldest for %(days)s days – %(organ)s")),
    _kind("remind_recognise", REMINDERS, "official", ACT, "file_list",
          _("You are reminded of files to recognise"),
          _("Files of %(year)s whose notice has ended and that can be recognised: %(count)s, the oldest for %(days)s "
            "days – %(organ)s")),
)
# fmt: on
KINDS: dict[str, Kind] = {kind.slug: kind for kind in _TABLE}


def kinds_for(roles: set[str]) -> list[Kind]:
    """Return the kinds that somebody with these posts may hear, in the order of the table."""
    return [kind for kind in _TABLE if roles & set(kind.roles)]
