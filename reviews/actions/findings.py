"""A problem is found, answered by the organ, and accepted by somebody else."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.evidence import store
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Evidence, Indicator
from creation.rules import require
from reviews.actions.inspections import hold_for_rating, hold_visit
from reviews.actions.tellings import tell_of_finding, tell_of_rectified
from reviews.models import Finding, FindingPhoto, FindingStep, Inspection


def raise_finding(
    inspection: Inspection,
    indicator: Indicator,
    *,
    kind: str,
    text: str,
    by,
    due_on: date | None = None,
    photos=(),
) -> Finding:
    """Record a problem found on the visit and return it; its photos show it before the repair.

    Refused without a text, and for a deadline that is missing, past, or given where it is fixed on the spot.
    """
    require(by, "inspection.rate", inspection)
    if inspection.is_spot_check:
        raise Refused(_("A spot check rates; findings with deadlines belong to the inspection."))
    _check_deadline(kind, due_on)
    if not text.strip():
        raise Refused(_("Write what was found."), field="text")
    stored = _store_photos(inspection.assessment.organ, photos, by=by)
    with transaction.atomic():
        hold_for_rating(inspection, "inspection.rate", by=by)
        finding = Finding.objects.create(
            inspection=inspection,
            indicator=indicator,
            kind=kind,
            text=text,
            due_on=due_on,
            raised_by=by,
            raised_at=clock.now(),
        )
        _keep_photos(finding, stored, FindingPhoto.When.BEFORE)
        tell_of_finding("raise_finding", finding, by=by, key=f"{finding.pk}:raised")
    return finding


def _check_deadline(kind: str, due_on: date | None) -> None:
    if kind == Finding.Kind.BY_DEADLINE:
        if due_on is None:
            raise Refused(_("Give a deadline."), field="due_on")
        if due_on < clock.today():
            raise Refused(_("The deadline lies in the past."), field="due_on")
    elif due_on is not None:
        raise Refused(_("What is fixed on the spot has no deadline."), field="due_on")


def _store_photos(organ, photos, *, by) -> list[Evidence]:
    return [store(organ, photo, purpose=Evidence.Purpose.PHOTO, by=by) for photo in photos]


def _keep_photos(finding: Finding, stored: list[Evidence], when: str) -> None:
    FindingPhoto.objects.bulk_create(
        [FindingPhoto(finding=finding, evidence=evidence, when=when) for evidence in stored], ignore_conflicts=True
    )


def add_finding_photos(finding: Finding, *, by, when: str, photos) -> None:
    """Keep photos that the team took of a finding, before or after its repair on the spot; until the visit is filed."""
    require(by, "finding.accept", finding)
    stored = _store_photos(finding.inspection.assessment.organ, photos, by=by)
    with transaction.atomic():
        hold_visit(finding.inspection_id, "finding.accept", by=by, subject=finding)
        _keep_photos(finding, stored, FindingPhoto.When(when))


def answer_finding(finding: Finding, *, by, text: str, photos=()) -> FindingStep:
    """Write the organ's answer to a finding, with photos of the repair, and return it.

    Refused without a text, and once the visit has been filed.
    """
    require(by, "finding.answer", finding)
    if not text.strip():
        raise Refused(_("Write what was done."), field="text")
    stored = _store_photos(finding.inspection.assessment.organ, photos, by=by)
    with transaction.atomic():
        hold_visit(finding.inspection_id, "finding.answer", by=by, subject=finding)
        _change_state(finding, Finding.State.OPEN, Finding.State.ANSWERED)
        _keep_photos(finding, stored, FindingPhoto.When.AFTER)
        return _write_and_tell("answer_finding", finding, FindingStep.What.ANSWERED, by=by, text=text)


@transaction.atomic
def return_finding(finding: Finding, *, by, text: str) -> FindingStep:
    """Give an answer back to the organ with a reason and return the step; the finding is open again."""
    hold_visit(finding.inspection_id, "finding.accept", by=by, subject=finding)
    if not text.strip():
        raise Refused(_("Give a reason."), field="text")
    _change_state(finding, Finding.State.ANSWERED, Finding.State.OPEN)
    return _write_and_tell("return_finding", finding, FindingStep.What.RETURNED, by=by, text=text)


@transaction.atomic
def accept_finding(finding: Finding, *, by, text: str = "") -> FindingStep:
    """Accept the organ's answer and return the step; with the last one the file goes back under inspection.

    Refused for the person who gave the answer, and once the visit has been filed.
    """
    # of two last acceptances one sees the other and moves the file
    inspection = hold_visit(finding.inspection_id, "finding.accept", by=by, subject=finding)
    answered = finding.steps.filter(what=FindingStep.What.ANSWERED).last()
    if answered is not None and answered.by_id == by.pk:
        raise Refused(_("Whoever answered a finding cannot accept it."))
    _change_state(finding, Finding.State.ANSWERED, Finding.State.ACCEPTED)
    step = _write_and_tell("accept_finding", finding, FindingStep.What.ACCEPTED, by=by, text=text)
    assessment = inspection.assessment
    waiting = inspection.findings.exclude(state=Finding.State.ACCEPTED)
    if assessment.stage == stages.RECTIFYING and not waiting.exists():
        tell_of_rectified(inspection, move(assessment, "rectified", by=by), by=by)
    return step


@transaction.atomic
def require_rectification(inspection: Inspection, *, by, note: str = "") -> None:
    """Send the file into rectification; refused without an open finding that has a deadline."""
    held = hold_for_rating(inspection, "inspection.file", by=by)
    waiting = held.findings.filter(state=Finding.State.OPEN)
    if not waiting.filter(kind=Finding.Kind.BY_DEADLINE).exists():
        raise Refused(_("Rectification needs at least one open finding with a deadline."))
    move(held.assessment, "require_rectification", by=by, note=note, told={"count": waiting.count()})


def _change_state(finding: Finding, was: str, to: str) -> None:
    if Finding.objects.filter(pk=finding.pk, state=was).update(state=to) != 1:
        raise Overtaken(_("This finding has moved on in the meantime. Load the page again."))
    finding.state = to


def _write_and_tell(occasion: str, finding: Finding, what: str, *, by, text: str) -> FindingStep:
    step = FindingStep.objects.create(finding=finding, what=what, text=text, by=by, at=clock.now())
    tell_of_finding(occasion, finding, by=by, key=f"{finding.pk}:{step.pk}")
    return step
