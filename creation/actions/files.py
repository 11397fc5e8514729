"""What an organ does with its own file, and how the competent department sends it back."""

import hashlib
import json

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import checks, clock, stages
from creation.actions.cycles import check_window
from creation.actions.energy import figures_content
from creation.actions.findings import findings_of, line_of, open_findings, passed_of
from creation.actions.moves import first_change, move
from creation.errors import Overtaken, Refused
from creation.models import Answer, Assessment, Cycle, Indicator, Organ, Reader, ReturnReason, Submission
from creation.rules import require


def start(organ: Organ, cycle: Cycle, *, by) -> Assessment:
    """Open the organ's file in the cycle and return it.

    Refused when the organ is not active, the cycle not open or not the organ's, outside the window of self-rating
    (inclusive dates), and when the organ has a file in this cycle already.
    """
    require(by, "file.start", organ)
    if not organ.is_active_on(clock.arrival_day()):
        raise Refused(_("The organ is not active on the register today."))
    if not cycle.is_open or not Cycle.objects.for_organ(organ).filter(pk=cycle.pk).exists():
        raise Refused(_("This cycle is not open for the organ."))
    check_window(cycle, "self_rating")
    at = clock.now()
    try:
        with transaction.atomic():
            assessment = Assessment.objects.create(
                cycle=cycle,
                organ=organ,
                stage=stages.DRAFT,
                stage_since=at,
                told_since=at,
                started_by=by,
                started_at=at,
            )
            first_change(assessment, by=by)
    except IntegrityError as error:
        raise Overtaken(_("The organ already has a file in this cycle.")) from error
    return assessment


def hold_for_editing(assessment: Assessment) -> Assessment:
    """Lock the file's row until the end of the transaction and return it fresh; refused when it cannot be edited."""
    held = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if not held.is_editable:
        raise Refused(
            _(
                "The file stands at “%(stage)s” and cannot be edited. What you typed was not saved; "
                "copy it if you need it."
            )
            % {"stage": held.get_told_stage_display()}  # those who edit are the organ's own staff
        )
    return held


def open_points(assessment: Assessment) -> list[tuple[str, str]]:
    """Return what keeps the file from being handed over, as (indicator code, what is missing or has to be passed)."""
    return [(found.indicator, found.sentence) for found in open_findings(assessment)]


def missing_of(indicator: Indicator, answer: Answer | None, *, has_evidence: bool) -> str:
    """Return in words what one indicator still lacks before the file can be handed over; empty when nothing.

    Its errors alone, of which the first is told: warnings and the figures are the file's affair (`open_findings`).
    """
    pieces = (checks.Piece(""),) if has_evidence else ()
    days = checks.Days(clock.today(), clock.today())
    found = checks.findings([line_of(indicator, answer, pieces=pieces)], days)
    return next((each.sentence for each in found if each.is_error), "")


@transaction.atomic
def prepare(assessment: Assessment, *, by) -> None:
    """Hand the file over for signature; refused with every error and every warning that was not passed.

    A reason whose warning does not stand any more goes: the inspector reads of what is there.
    """
    require(by, "file.prepare", assessment)
    hold_for_editing(assessment)
    _check_window_of(assessment)
    standing = findings_of(assessment)
    passed = passed_of(assessment)
    still = {(each.indicator, each.kind) for each in standing}
    problems = [each for each in standing if each.is_error or (each.indicator, each.kind) not in passed]
    if problems:
        raise Refused(
            _("The file is not complete yet."), problems=[(each.indicator, each.sentence) for each in problems]
        )
    assessment.warnings_passed.filter(pk__in=[row.pk for key, row in passed.items() if key not in still]).delete()
    move(assessment, "prepare", by=by)


def _check_window_of(assessment: Assessment) -> None:
    if not assessment.cycle.is_open:
        raise Refused(_("The cycle has been closed."))
    check_window(assessment.cycle, "self_rating")


def reopen(assessment: Assessment, *, by) -> None:
    """Take the prepared file back for editing."""
    require(by, "file.reopen", assessment)
    move(assessment, "reopen", by=by)


@transaction.atomic
def submit(assessment: Assessment, *, by, prepared_number: int | None = None) -> Submission:
    """Submit the self-rating and return its receipt.

    The content is frozen with its SHA-256. `prepared_number` is the number of the handing over whose content the
    signatory has seen: `Overtaken` when the file has been taken back and handed over anew since. Refused when the
    signatory is the person who prepared it, and after the last day of the window (inclusive, Asia/Shanghai; the
    arrival counts).
    """
    require(by, "file.submit", assessment)
    # locked before anything is read: nobody takes it back and hands it over anew between the checks and the step
    Assessment.objects.select_for_update().get(pk=assessment.pk)
    _check_window_of(assessment)
    prepared = assessment.changes.filter(step="prepare").order_by("-number").first()
    if prepared is not None and prepared.by_id == by.pk:
        raise Refused(_("Whoever prepared the file cannot submit it: another signatory has to sign."))
    if prepared_number is not None and (prepared is None or prepared.number != prepared_number):
        raise Overtaken(
            _("The file was taken back and handed over anew after you had opened it. Check the answers, then sign.")
        )
    change = move(assessment, "submit", by=by)
    content = content_of(assessment)
    return Submission.objects.create(
        assessment=assessment,
        number=receipt_number(assessment, change.number),
        content=content,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        prepared_by=prepared.by,
        by=by,
        at=change.at,
    )


def receipt_number(assessment: Assessment, number: int) -> str:
    """Return the number of a receipt: cycle year, region code, file and the step that brought it."""
    return f"{assessment.cycle.year}-{assessment.organ.region.code}-{assessment.pk:06d}-{number:02d}"


def content_of(assessment: Assessment) -> str:
    """Return what a submitted file says as canonical JSON: the text whose SHA-256 stands on the receipt.

    Receipts of former versions lack some of its keys; a text that has been frozen stays as it is.
    """
    standard = assessment.cycle.standard
    signed = assessment.changes.filter(step__in=("prepare", "submit")).select_related("by").order_by("number")
    names = {change.step: change.by.name for change in signed}
    content = {
        "organ": assessment.organ.credit_code,
        "organ_name": assessment.organ.name,
        "organ_name_en": assessment.organ.name_en,
        "cycle": assessment.cycle.year,
        "standard": f"{standard.code}/{standard.version}",
        "total": str(assessment.result().total_shown),
        "prepared_by": names["prepare"],
        "submitted_by": names["submit"],
        "answers": _answers_content(assessment),
        "figures": figures_content(assessment),
        "warnings": [
            {"indicator": code, "kind": kind, "reason": row.reason, "by": row.by.name}
            for (code, kind), row in passed_of(assessment).items()
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _answers_content(assessment: Assessment) -> list[dict]:
    attached: dict[int, list[str]] = {}
    for attachment in assessment.attachments.select_related("evidence"):
        attached.setdefault(attachment.indicator_id, []).append(attachment.evidence.sha256)
    return [
        {
            "indicator": answer.indicator.code,
            "found": answer.found,
            "not_applicable": answer.not_applicable,
            "points": None if answer.points is None else str(answer.points),
            "remark": answer.remark,
            "evidence": sorted(attached.get(answer.indicator_id, [])),
        }
        for answer in assessment.answers.select_related("indicator")
    ]


def withdraw(assessment: Assessment, *, by, reason: str) -> None:
    """Withdraw the file; refused without a reason. The organ may start again in the next cycle."""
    require(by, "file.withdraw", assessment)
    if not reason.strip():
        raise Refused(_("Give a reason."), field="reason")
    move(assessment, "withdraw", by=by, note=reason)


@transaction.atomic
def send_back(assessment: Assessment, *, by, reasons: dict[Indicator, str], note: str = "") -> None:
    """Send the file back to the organ with a reason for each indicator named; refused without any."""
    require(by, "file.send_back", assessment)
    given = {indicator: reason.strip() for indicator, reason in reasons.items() if reason.strip()}
    if not given:
        raise Refused(_("Give a reason for at least one indicator."))
    change = move(assessment, "send_back", by=by, note=note, told={"count": len(given)})
    ReturnReason.objects.bulk_create(
        ReturnReason(change=change, indicator=indicator, reason=reason) for indicator, reason in given.items()
    )


def admit(assessment: Assessment, users) -> None:
    """Let people who were asked to look at the file read it; part of the verbs that ask them."""
    at = clock.now()
    Reader.objects.bulk_create(
        [Reader(assessment=assessment, user=user, since=at) for user in users], ignore_conflicts=True
    )
