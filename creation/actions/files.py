"""What an organ does with its own file, and how the competent department sends it back."""

import hashlib
import json

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, scoring, stages
from creation.actions.cycles import check_window
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
                cycle=cycle, organ=organ, stage=stages.DRAFT, stage_since=at, started_by=by, started_at=at
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
            % {"stage": held.get_stage_display()}
        )
    return held


@transaction.atomic
def save_answer(
    assessment: Assessment,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    not_applicable: bool = False,
    remark: str = "",
    version: int = 0,
) -> Answer:
    """Keep what the organ found for one indicator and return the answer with its points.

    A draft takes an empty answer (points stay open). `version` is what the writer had seen (0: nothing yet):
    `Overtaken` when a colleague saved in between. Refused for a finding that the rubric cannot read.
    """
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    key = {"assessment": assessment, "indicator": indicator}
    value = scoring.Found(found, not_applicable)
    return save_found(Answer.objects, key, value, remark=remark, version=version, by=by)


def save_found(rows, key: dict, value: scoring.Found, *, remark: str, version: int, by):
    """Keep what a rater found under `key` (whose rating, which indicator) and return the row with its points.

    `Overtaken` when the row's version is another than `version`; refused when the rubric cannot read the finding.
    """
    values = {
        "found": value.value,
        "not_applicable": value.not_applicable,
        "remark": remark,
        "points": _points_of(key["indicator"], value),
        "saved_by": by,
        "saved_at": clock.now(),
    }
    return _write_versioned(rows, key, values, version)


def _points_of(indicator: Indicator, value: scoring.Found):
    """Return the points the rubric gives, None while unanswered; refused when the rubric cannot read what was found."""
    try:
        return scoring.item_points(indicator.as_item(), value)
    except scoring.BadFound as error:
        raise Refused(BAD_FOUND.get(error.reason, _("This entry does not fit the indicator."))) from error


BAD_FOUND = {
    "missing": gettext_lazy("Enter what was found."),
    "not-a-number": gettext_lazy("Enter a number in plain digits, such as 3 or 92.5."),
    "negative": gettext_lazy("The number cannot be below 0."),
    "out-of-range": gettext_lazy("The number is too large."),
    "unknown-part": gettext_lazy("This choice does not belong to the indicator. Load the page again."),
    "duplicate-part": gettext_lazy("A part was chosen twice."),
    "not-applicable-not-allowed": gettext_lazy("This indicator cannot be marked not applicable."),
}


def _write_versioned(rows, key: dict, values: dict, version: int):
    """Insert (version 0) or compare-and-set a row keyed by `key`; `Overtaken` when its version is another by now."""
    if version:
        changed = rows.filter(**key, version=version).update(**values, version=version + 1)
        if changed != 1:
            raise Overtaken(_("A colleague saved this item in the meantime."))
        return rows.get(**key)
    try:
        with transaction.atomic():
            return rows.create(**key, **values)
    except IntegrityError as error:
        raise Overtaken(_("A colleague saved this item in the meantime.")) from error


def open_points(assessment: Assessment) -> list[tuple[str, str]]:
    """Return what keeps the file from being handed over, as (indicator code, what is missing)."""
    answers = {answer.indicator_id: answer for answer in assessment.answers.all()}
    with_evidence = set(assessment.attachments.values_list("indicator_id", flat=True))
    found = [
        (indicator.code, missing_of(indicator, answers.get(indicator.pk), has_evidence=indicator.pk in with_evidence))
        for indicator in assessment.cycle.standard.indicators.all()
    ]
    return [(code, missing) for code, missing in found if missing]


def missing_of(indicator: Indicator, answer: Answer | None, *, has_evidence: bool) -> str:
    """Return in words what one indicator still lacks before the file can be handed over; empty when nothing."""
    answered = answer is not None and (answer.not_applicable or answer.found is not None)
    if not answered:
        return "" if indicator.bonus else _("Not answered yet")
    needs_evidence = indicator.evidence_required and _claims_something(indicator, answer)
    return _("Required evidence is missing") if needs_evidence and not has_evidence else ""


def _claims_something(indicator: Indicator, answer: Answer) -> bool:
    """Tell whether an answer asks for proof: what does not apply and what claims no points asks for none."""
    if answer.not_applicable:
        return False
    # a gate may be worth no points, and still decides whether the file can pass at all
    return bool(answer.points) or (indicator.gate and answer.found["met"])


@transaction.atomic
def prepare(assessment: Assessment, *, by) -> None:
    """Hand the file over for signature; refused with every open point while something is missing."""
    require(by, "file.prepare", assessment)
    hold_for_editing(assessment)
    _check_window_of(assessment)
    problems = open_points(assessment)
    if problems:
        raise Refused(_("The file is not complete yet."), problems=problems)
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
    """Return what the file says as canonical JSON: the text whose SHA-256 stands on the receipt."""
    standard = assessment.cycle.standard
    attached: dict[int, list[str]] = {}
    for attachment in assessment.attachments.select_related("evidence"):
        attached.setdefault(attachment.indicator_id, []).append(attachment.evidence.sha256)
    result = assessment.result()
    content = {
        "organ": assessment.organ.credit_code,
        "organ_name": assessment.organ.name,
        "cycle": assessment.cycle.year,
        "standard": f"{standard.code}/{standard.version}",
        "total": str(result.total_shown),
        "answers": [
            {
                "indicator": answer.indicator.code,
                "found": answer.found,
                "not_applicable": answer.not_applicable,
                "points": None if answer.points is None else str(answer.points),
                "remark": answer.remark,
                "evidence": sorted(attached.get(answer.indicator_id, [])),
            }
            for answer in assessment.answers.select_related("indicator")
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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
    change = move(assessment, "send_back", by=by, note=note)
    ReturnReason.objects.bulk_create(
        ReturnReason(change=change, indicator=indicator, reason=reason) for indicator, reason in given.items()
    )


def admit(assessment: Assessment, users) -> None:
    """Let people who were asked to look at the file read it; part of the verbs that ask them."""
    at = clock.now()
    Reader.objects.bulk_create(
        [Reader(assessment=assessment, user=user, since=at) for user in users], ignore_conflicts=True
    )
