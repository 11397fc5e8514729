"""What stands against handing a file over, read from its rows: answers, evidence, figures, earlier years, reasons.

Nothing is written here; the checks themselves are pure (`creation.checks`) or belong to the figures.
"""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from creation import checks, clock, stages
from creation.actions import energy
from creation.checks import Finding, Line, Piece
from creation.models import Answer, Assessment, Attachment, Indicator, WarningPassed


def findings_of(assessment: Assessment) -> list[Finding]:
    """Return everything that stands against handing the file over, item by item, passed warnings among it."""
    days = checks.Days(clock.today(), assessment.cycle.self_rating_until)
    lines = lines_of(assessment)
    answered = {line.code for line in lines if line.answered}
    # what is not answered is asked about nothing else
    figures = [each for each in _energy_findings(assessment) if each.indicator in answered]
    found = [*checks.findings(lines, days), *figures]
    places = {indicator.code: place for place, indicator in enumerate(assessment.cycle.standard.indicators.all())}
    return sorted(found, key=lambda each: (places[each.indicator], not each.is_error))


def open_findings(assessment: Assessment) -> list[Finding]:
    """Return what still stands against handing over: every error, and the warnings that nobody has passed."""
    passed = passed_of(assessment)
    return [each for each in findings_of(assessment) if each.is_error or (each.indicator, each.kind) not in passed]


def passed_of(assessment: Assessment) -> dict[tuple[str, str], WarningPassed]:
    """Return the warnings that were passed, with reason and person, by indicator code and kind.

    What was said when the file had been sent back before is no answer to its being sent back again.
    """
    waiting = _waiting_reasons(assessment)
    rows = assessment.warnings_passed.select_related("indicator", "by")
    return {
        (row.indicator.code, row.kind): row
        for row in rows
        if row.kind != checks.SENT_BACK or row.indicator_id not in waiting or row.at > waiting[row.indicator_id]
    }


def lines_of(assessment: Assessment) -> list[Line]:
    """Return the file's items as the checks see them, in the order of the standard."""
    answers = {answer.indicator_id: answer for answer in assessment.answers.all()}
    attached: dict[int, list[Attachment]] = {}
    for attachment in assessment.attachments.select_related("evidence"):
        attached.setdefault(attachment.indicator_id, []).append(attachment)
    before, waiting = _points_before(assessment), _waiting_reasons(assessment)
    figures = _figures_saved(assessment) if waiting else {}
    found = []
    for indicator in assessment.cycle.standard.indicators.all():
        answer, files = answers.get(indicator.pk), attached.get(indicator.pk, [])
        asked = waiting.get(indicator.pk)
        touched = [*([answer.saved_at] if answer else []), *(each.added_at for each in files)]
        touched += [figures[indicator.code]] if indicator.code in figures else []
        found.append(
            line_of(
                indicator,
                answer,
                pieces=tuple(Piece(each.evidence.name, each.evidence.expires_on) for each in files),
                before=before.get(indicator.code),
                sent_back=asked is not None and all(moment <= asked for moment in touched),
            )
        )
    return found


def line_of(
    indicator: Indicator,
    answer: Answer | None,
    *,
    pieces: tuple[Piece, ...] = (),
    before: tuple[Decimal, int] | None = None,
    sent_back: bool = False,
) -> Line:
    """Return one item as the checks see it; `before` are the points of the organ's last file and its round's year."""
    return Line(
        code=indicator.code,
        points=indicator.points,
        claimed=answer.points if answer else None,
        answered=answer is not None and (answer.not_applicable or answer.found is not None),
        done=answer is not None and answer.done,
        not_applicable=answer is not None and answer.not_applicable,
        bonus=indicator.bonus,
        gate_met=_gate_met(indicator, answer),
        evidence_expected=bool(indicator.evidence),
        evidence_required=indicator.evidence_required,
        decided_on_site="site" in indicator.check_by,
        explained=answer is not None and bool(answer.remark.strip()),
        pieces=pieces,
        before=before[0] if before else None,
        before_year=before[1] if before else 0,
        sent_back=sent_back,
    )


def _gate_met(indicator: Indicator, answer: Answer | None) -> bool:
    return indicator.gate and answer is not None and bool(answer.found) and answer.found["met"]


def _points_before(assessment: Assessment) -> dict[str, tuple[Decimal, int]]:
    """Return the points of the organ's last submitted file by indicator code, where the item is scored as it was."""
    earlier = Assessment.objects.filter(
        organ=assessment.organ_id, cycle__year__lt=assessment.cycle.year, submissions__isnull=False
    )
    last = earlier.exclude(stage=stages.WITHDRAWN).select_related("cycle").order_by("-cycle__year").first()
    if last is None:
        return {}
    now = {indicator.code: indicator for indicator in assessment.cycle.standard.indicators.all()}
    rows = last.answers.filter(not_applicable=False, points__isnull=False).select_related("indicator")
    return {row.indicator.code: (row.points, last.cycle.year) for row in rows if _scored_alike(row.indicator, now)}


def _scored_alike(then: Indicator, now: dict[str, Indicator]) -> bool:
    item = now.get(then.code)
    return item is not None and (item.points, item.rubric) == (then.points, then.rubric)


def _waiting_reasons(assessment: Assessment) -> dict[int, datetime]:
    """Return since when a reason for sending the file back waits, by indicator; empty once it is submitted anew."""
    last = assessment.changes.filter(step__in=("send_back", "submit")).order_by("-number").first()
    if last is None or last.step != "send_back":
        return {}
    return dict.fromkeys(last.reasons.values_list("indicator_id", flat=True), last.at)


def _figures_saved(assessment: Assessment) -> dict[str, datetime]:
    """Return when the figures were saved last, by the code of the item that they are behind."""
    item = energy.energy_indicator(assessment.cycle.standard)
    moments = [row.saved_at for row in energy.figures_of(assessment).values()]
    return {item.code: max(moments)} if item and moments else {}


def _energy_findings(assessment: Assessment) -> list[Finding]:
    because = _(
        "Without them the measures behind this gate cannot be reckoned. Enter them, or say why they are unknown."
    )
    readings = energy.readings_of(assessment)
    points = energy.open_energy_points(assessment, readings)
    errors = [Finding(code, "energy", checks.ERROR, text=text) for code, text in points]
    warnings = [
        Finding(code, kind, checks.WARNING, text=text, because=because)
        for code, kind, text in energy.energy_warnings(assessment, readings)
    ]
    return [*errors, *warnings]
