"""A title is taken back only as a case: the organ told and heard, proposed by one official, decided by another.

What the organ was told and what it answered never change; a decided case is published, whatever was decided.
"""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.moves import move
from creation.actions.recognitions import refuse_day, take_back
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Cycle, Recognition
from creation.rules import require
from reviews.actions.notices import period_from
from reviews.actions.tellings import tell_of_case, tell_of_case_opened
from reviews.models import RecheckItem, RevocationCase

Decision = RevocationCase.Decision
DEFAULT_HEARING_DAYS = Cycle._meta.get_field("hearing_days").default


@transaction.atomic
def open_case(
    recognition: Recognition, *, grounds: str, facts: str, by, recheck_item: RecheckItem | None = None
) -> RevocationCase:
    """Open a case about a title and return it; the organ is told the facts and has the round's working days to answer.

    Refused without facts, for a title that has been revoked or replaced, while another case about it is open, and
    where the official calendar does not know the year.
    """
    require(by, "recognition.revoke", recognition)
    if not facts.strip():
        raise Refused(_("Write down the facts; the organ answers them."), field="facts")
    held = Recognition.objects.select_for_update().get(pk=recognition.pk)
    if held.revoked_on or held.replaced_on:
        raise Refused(_("This title has been revoked or replaced already."))
    _first, heard_until = period_from(clock.today(), hearing_days(recognition))
    try:
        with transaction.atomic():
            case = RevocationCase.objects.create(
                recognition=recognition,
                recheck_item=recheck_item,
                grounds=grounds,
                facts=facts,
                opened_by=by,
                opened_at=clock.now(),
                heard_until=heard_until,
            )
    except IntegrityError as error:
        raise Overtaken(_("A case about this title is open already.")) from error
    record("open_case", case, by=by, after={"grounds": grounds, "heard_until": heard_until.isoformat()})
    tell_of_case_opened(case, by=by)
    return case


def hearing_days(recognition: Recognition) -> int:
    """Return how many working days the organ has to answer: by the round of its file, else the newest one above it."""
    if recognition.assessment_id:
        return recognition.assessment.cycle.hearing_days
    rounds = Cycle.objects.filter(region__paths_down__descendant=recognition.organ.region_id, opened_at__isnull=False)
    newest = rounds.order_by("-year", "-pk").first()
    return newest.hearing_days if newest else DEFAULT_HEARING_DAYS


@transaction.atomic
def answer_case(case: RevocationCase, *, text: str, by) -> RevocationCase:
    """Keep what the organ says to the facts and return the case; the officials who decide are told.

    Once, until the case is decided. An answer that comes after a proposal takes the proposal back: nobody decides
    without having read it. Refused without a text, for a second answer, and once the case has been decided.
    """
    require(by, "revocation.answer", case)
    if not text.strip():
        raise Refused(_("Write the organ's answer."), field="text")
    held = _hold(case)
    if held.answered_at:
        raise Overtaken(_("The organ has answered already."))
    before = {"proposed": held.proposed} if held.proposed else {}
    held.answer, held.answered_by, held.answered_at = text, by, clock.now()
    held.proposed = held.proposed_reason = ""
    held.proposed_on = held.proposed_by = held.proposed_at = None
    held.save(update_fields=["answer", "answered_by", "answered_at", *PROPOSAL])
    record("answer_case", held, by=by, before=before)
    tell_of_case("answer_case", held, by=by, key="answered")
    return held


PROPOSAL = ("proposed", "proposed_reason", "proposed_on", "proposed_by", "proposed_at")


def _hold(case: RevocationCase) -> RevocationCase:
    """Lock an open case until the end of the transaction and return it fresh; refused once it is decided."""
    held = RevocationCase.objects.select_for_update().get(pk=case.pk)
    if held.decided_at:
        raise Overtaken(_("This case has been decided."))
    return held


@transaction.atomic
def propose(case: RevocationCase, *, decision: str, reason: str, on: date | None = None, by) -> RevocationCase:
    """Propose what becomes of the title and return the case; another official decides.

    `on` is the first day without the title, where it is to be revoked. A later proposal takes the place of an
    earlier one. Refused without a reason, before the organ has answered while its time runs, and for a day outside
    the title's time.
    """
    require(by, "revocation.decide", case)
    if not reason.strip():
        raise Refused(_("Give the reason; it is published."), field="reason")
    held = _hold(case)
    if not held.is_heard_on(clock.today()):
        raise Refused(
            _("The organ can still answer, until %(day)s. It is heard before anything is proposed.")
            % {"day": held.heard_until.isoformat()}
        )
    if decision == Decision.REVOKED:
        refuse_day(held.recognition, on)
    before = {"proposed": held.proposed, "reason": held.proposed_reason} if held.proposed else {}
    held.proposed, held.proposed_reason = Decision(decision), reason
    held.proposed_on = on if decision == Decision.REVOKED else None
    held.proposed_by, held.proposed_at = by, clock.now()
    held.save(update_fields=PROPOSAL)
    event = record("propose", held, by=by, before=before, after={"proposed": held.proposed, "reason": reason})
    tell_of_case("propose_case", held, by=by, key=f"proposed:{event.pk}")
    return held


@transaction.atomic
def decide(case: RevocationCase, *, by) -> RevocationCase:
    """Decide a case as it was proposed and return it; revoked, the title ends and its file moves.

    `case` is the one that was read: a proposal that changed since then is not decided unread. The decision is
    published and the organ is told. Refused to whoever proposed it, without a proposal, and once it is decided.
    """
    require(by, "revocation.decide", case)
    title = case.recognition
    # the file first, as everywhere, then the title, then the case: compared and set, so that one decision stands
    file = Assessment.objects.select_for_update().get(pk=title.assessment_id) if title.assessment_id else None
    Recognition.objects.select_for_update().get(pk=title.pk)
    if not case.proposed:
        raise Refused(_("Nothing has been proposed yet."))
    if case.proposed_by_id == by.pk:
        raise Refused(_("Another official than whoever proposed it decides."))
    changed = RevocationCase.objects.filter(pk=case.pk, decided_at=None, proposed_at=case.proposed_at).update(
        decision=case.proposed,
        reason=case.proposed_reason,
        revoked_on=case.proposed_on,
        decided_by=by,
        decided_at=clock.now(),
    )
    if changed != 1:
        raise Overtaken(_("The case has moved on: it was decided, or another decision was proposed. Read it again."))
    case.refresh_from_db()
    record("decide_case", case, by=by, after={"decision": case.decision, "reason": case.reason})
    if case.decision == Decision.REVOKED:
        take_back(title, on=case.revoked_on, reason=case.reason, by=by)
    if file and case.decision == Decision.REVOKED:
        move(file, "revoke", by=by, note=case.reason)
    else:
        tell_of_case(f"{case.decision}_title", case, by=by, key="decided")
    _settle(case, by=by)
    return case


def _settle(case: RevocationCase, *, by) -> None:
    """Settle the item of the recheck that the case came from."""
    RecheckItem.objects.filter(pk=case.recheck_item_id, settled_at=None).update(
        settled_by=by, settled_at=case.decided_at
    )
