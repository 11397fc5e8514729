"""A team rates what it found, and files once."""

import hashlib
import json
from datetime import UTC
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, scoring, stages
from creation.actions.answers import save_found
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Indicator
from creation.rules import require
from reviews.actions.teams import refuse_conflicts
from reviews.models import Finding, Inspection, Rating, Signature, Veto, VisitStatement

RATING_STAGE = {"inspection": stages.UNDER_INSPECTION, "spot_check": stages.UNDER_SPOT_CHECK}
_NOT_RATED = gettext_lazy("Not rated yet")
STEP_OF_VERDICT = {
    ("inspection", True): "pass",
    ("inspection", False): "fail",
    ("spot_check", True): "confirm",
    ("spot_check", False): "overturn",
}


def hold_visit(inspection_id: int, permission: str, *, by, subject=None) -> Inspection:
    """Lock the visit's row until the end of the transaction and return it fresh; refused once filed or called off.

    The right (to the visit, or to `subject` on it) is asked once the row is held: who was taken off the team a moment
    ago has lost it, whatever an older copy says.
    """
    held = Inspection.objects.select_for_update().filter(pk=inspection_id).first()
    if held is None:
        raise Overtaken(_("This visit was called off."))
    require(by, permission, subject or held)
    if held.is_filed:
        raise Refused(_("This visit has been filed and can no longer be changed."))
    return held


def hold_for_rating(inspection: Inspection, permission: str, *, by) -> Inspection:
    """Hold the visit (`hold_visit`) and return it; refused while its file stands where nothing is recorded."""
    held = hold_visit(inspection.pk, permission, by=by)
    stage = Assessment.objects.values_list("stage", flat=True).get(pk=held.assessment_id)
    if stage != RATING_STAGE[held.kind]:
        raise Refused(
            _("Nothing can be recorded while the file stands at “%(stage)s”.") % {"stage": stages.LABELS[stage]}
        )
    return held


@transaction.atomic
def save_rating(
    inspection: Inspection,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    not_applicable: bool = False,
    remark: str = "",
    cannot_check: str = "",
    from_paper: bool = False,
    version: int = 0,
    writer: UUID | None = None,
) -> Rating:
    """Keep what the team found for one indicator and return the rating with its points.

    `cannot_check` says why nothing could be found out: the item stays unrated with its reason. `from_paper`: copied
    from the printed sheet. `version` is what the writer had seen (0: nothing yet): `Overtaken` when a colleague saved
    in between. `writer` is the device it was written on. Refused once the own points are finished (see `comparison`).
    """
    held = hold_for_rating(inspection, "inspection.rate", by=by)
    if held.own_points_at is not None:
        raise Refused(_("The own points are finished: an item can now be changed once, with a reason."))
    reason = cannot_check.strip()
    if reason and (found is not None or not_applicable):
        raise Refused(_("An item is either rated or cannot be checked, not both."), field="cannot_check")
    key = {"inspection": inspection, "indicator": indicator}
    value = scoring.Found(found, not_applicable)
    more = {"cannot_check": reason, "from_paper": from_paper, "writer": writer}
    return save_found(Rating.objects, key, value, remark=remark, version=version, by=by, more=more)


@transaction.atomic
def record_veto(inspection: Inspection, *, kind: str, reason: str, by) -> Veto:
    """Record a fact that forbids recognition whatever the points, and return it; refused without a reason."""
    hold_for_rating(inspection, "inspection.rate", by=by)
    if not reason.strip():
        raise Refused(_("Give a reason."), field="reason")
    try:
        with transaction.atomic():
            return Veto.objects.create(inspection=inspection, kind=kind, reason=reason, by=by, at=clock.now())
    except IntegrityError as error:
        raise Refused(_("This veto is recorded already."), field="kind") from error


@transaction.atomic
def take_back_veto(veto: Veto, *, by) -> None:
    """Take a veto back that was recorded by mistake; possible until the visit is filed."""
    hold_for_rating(veto.inspection, "inspection.rate", by=by)
    veto.delete()


def refuse_unsettled(inspection: Inspection) -> None:
    """Raise `Refused` while something that a phone recorded on the visit has been neither entered nor set aside."""
    if inspection.phone_records.unsettled().exists():
        raise Refused(_("Something that a phone recorded could not be entered yet: settle it first."))


@transaction.atomic
def file_inspection(inspection: Inspection, *, by, statement: str = "", shown: bool | None = None) -> Inspection:
    """File the visit and return it frozen; its own scores decide where the file goes (pass, fail, confirm, overturn).

    Refused before the day of the visit, while an indicator is not rated (or cannot be checked), while a record from a
    phone waits for a decision, while a finding is not accepted although the scores pass, when somebody of the team has
    a conflict of interest by now, and for an overturning spot check without a reason or before the organ was heard.
    `shown` is the verdict that the lead had before their eyes: `Overtaken` when a colleague's rating turned it since.
    """
    held = hold_for_rating(inspection, "inspection.file", by=by)
    if clock.today() < held.visit_on:
        raise Refused(
            _("The visit is planned for %(day)s and cannot be filed before.") % {"day": held.visit_on.isoformat()}
        )
    refuse_unsettled(held)
    result = held.result()
    if result.missing:
        raise not_everything_rated(held, result)
    if shown is not None and shown != result.passed:
        raise Overtaken(_("A colleague changed a rating in the meantime, and the verdict with it. Check again."))
    team = [member.user for member in held.members.select_related("user")]
    refuse_conflicts(held.assessment, held.kind, team, held.visit_on, clock.today())
    if result.passed and held.findings.exclude(state=Finding.State.ACCEPTED).exists():
        raise Refused(_("There are findings that have not been accepted: require rectification first."))
    if held.is_spot_check and not result.passed and not statement.strip():
        raise Refused(_("Give the reasons for overturning the inspection."), field="statement")
    if held.is_spot_check and not result.passed and not held.is_heard:
        raise Refused(
            _(
                "The organ has to be heard before its inspection is overturned: take down what it says, or that it has "
                "nothing to say, or let its representative sign."
            )
        )
    _freeze(held, result, by=by, statement=statement)
    move(held.assessment, STEP_OF_VERDICT[held.kind, result.passed], by=by, note=statement)
    return held


def not_everything_rated(held: Inspection, result: scoring.Result) -> Refused:
    """Return the refusal that names each item without a rating, with the reason where it could not be checked."""
    reasons = dict(held.ratings.exclude(cannot_check="").values_list("indicator__code", "cannot_check"))
    problems = [
        (code, _("Cannot be checked so far: %(reason)s") % {"reason": reasons[code]} if code in reasons else _NOT_RATED)
        for code in result.missing
    ]
    return Refused(_("Not every indicator has been rated."), problems=problems)


def _freeze(held: Inspection, result: scoring.Result, *, by, statement: str) -> None:
    content = content_of(held, result)
    held.filed_at, held.filed_by, held.passed, held.statement = clock.now(), by, result.passed, statement
    held.total, held.content = result.total_shown, content
    held.sha256 = hashlib.sha256(content.encode()).hexdigest()
    held.save(update_fields=["filed_at", "filed_by", "passed", "statement", "total", "content", "sha256"])


def content_of(inspection: Inspection, result: scoring.Result) -> str:
    """Return what the visit says as canonical JSON: the text whose SHA-256 is kept with it.

    What not every visit has (signatures, statements, changes after the comparison, entries from paper) stands there
    only where it happened, so that what was filed before there were such things still gives its content.
    """
    content = {
        "file": inspection.assessment_id,
        "kind": inspection.kind,
        "visit_on": inspection.visit_on.isoformat(),
        "team": sorted(inspection.members.values_list("user__username", flat=True)),
        "total": str(result.total_shown),
        "passed": result.passed,
        "unmet_gates": list(result.unmet_gates),
        "vetoes": list(result.vetoes),
        "ratings": [_rating_says(rating) for rating in inspection.ratings.select_related("indicator", "changed_by")],
    }
    if inspection.own_points_at is not None:
        content["own_points_finished"] = inspection.own_points_at.astimezone(UTC).isoformat()
    signatures = [_signature_says(one) for one in inspection.signatures.order_by("pk")]
    if signatures:
        content["signatures"] = signatures
    statements = [_statement_says(one) for one in inspection.statements.select_related("by").order_by("pk")]
    if statements:
        content["statements"] = statements
    return canonical(content)


def canonical(content: dict) -> str:
    """Return plain data as JSON with one spelling only."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _points(points) -> str | None:
    return None if points is None else str(points)


def _rating_says(rating: Rating) -> dict:
    says = {
        "indicator": rating.indicator.code,
        "found": rating.found,
        "not_applicable": rating.not_applicable,
        "points": _points(rating.points),
        "remark": rating.remark,
    }
    if rating.cannot_check:
        says["cannot_check"] = rating.cannot_check
    if rating.from_paper:
        says["from_paper"] = True
    if rating.changed_at is not None:
        says["before_comparison"] = {
            "found": rating.first_found,
            "not_applicable": rating.first_not_applicable,
            "points": _points(rating.first_points),
            **({"remark": rating.first_remark} if rating.first_remark else {}),
        }
        says["change_reason"] = rating.change_reason
        says["changed_by"] = rating.changed_by.username
    return says


def _signature_says(signature: Signature) -> dict:
    return {
        "side": signature.side,
        "name": signature.name,
        "position": signature.position,
        "disagrees": signature.disagrees,
        "statement": signature.statement,
        "signed_at": signature.signed_at.astimezone(UTC).isoformat(),
        "signed": signature.signed_sha256,
        "drawing": hashlib.sha256(canonical({"strokes": signature.strokes}).encode()).hexdigest(),
    }


def _statement_says(statement: VisitStatement) -> dict:
    return {
        "text": statement.text,
        "spoken_by": statement.spoken_by,
        "by": statement.by.username,
        "at": statement.at.astimezone(UTC).isoformat(),
    }
