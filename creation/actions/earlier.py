"""Ask once: what the organ's last submitted file says about each item, and how it is taken over, item by item.

Nothing is taken over unasked: a new file begins with no item done. A measured value is one year's and is never offered
again; a paper whose last day has passed cannot carry an answer.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from creation import scoring, stages
from creation.actions.answers import save_found
from creation.actions.evidence import attach
from creation.actions.files import hold_for_editing
from creation.errors import Refused
from creation.models import Answer, Assessment, Attachment, Evidence, Indicator
from creation.rules import require

FROZEN = sorted(set(stages.LABELS) - stages.EDITABLE - {stages.PREPARED})


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the organ's last submitted file says about an item of this year's standard (`indicator`)."""

    indicator: Indicator
    answer: Answer
    evidence: tuple[Evidence, ...]

    @property
    def expired(self) -> list[Evidence]:
        """Return last year's papers whose last day has passed."""
        return [piece for piece in self.evidence if piece.has_expired]

    @property
    def valid(self) -> list[Evidence]:
        """Return last year's papers that can be attached again."""
        return [piece for piece in self.evidence if not piece.has_expired]

    @property
    def has_same_rubric(self) -> bool:
        """Tell whether the item is asked and counted as it was, so that last year's answer means the same."""
        return _rules_of(self.indicator) == _rules_of(self.answer.indicator)

    @property
    def obstacle(self) -> str:
        """Return in words why the answer cannot be confirmed as it stands; empty when it can."""
        if self.indicator.is_measured:
            return _("This is a value of one year: enter this year's.")
        if not self.has_same_rubric:
            return _("The standard counts this item differently this year: answer it anew.")
        if self.expired:
            papers = ", ".join(
                _("“%(name)s” (valid until %(day)s)") % {"name": piece.name, "day": piece.expires_on.isoformat()}
                for piece in self.expired
            )
            return _("Evidence has expired: %(papers)s. Attach a valid one and answer the item anew.") % {
                "papers": papers
            }
        return ""

    @property
    def can_be_confirmed(self) -> bool:
        """Tell whether one click makes last year's answer this year's."""
        return not self.obstacle

    @property
    def can_be_changed(self) -> bool:
        """Tell whether last year's words are of use as a beginning; a measured value is not."""
        return not self.indicator.is_measured


def _rules_of(indicator: Indicator) -> tuple:
    return indicator.rubric, indicator.points, indicator.gate, indicator.not_applicable


def earlier_file(assessment: Assessment) -> Assessment | None:
    """Return the organ's newest submitted file of an earlier cycle, None when this is the first."""
    submitted = Assessment.objects.filter(
        organ=assessment.organ_id,
        cycle__year__lt=assessment.cycle.year,
        submissions__isnull=False,
        stage__in=FROZEN,
    )
    return submitted.select_related("cycle").order_by("-cycle__year", "-pk").first()


def earlier_answers(assessment: Assessment, indicators) -> dict[str, Earlier]:
    """Return what the last submitted file says, by the codes of `indicators`; items without an answer are left out."""
    before = earlier_file(assessment)
    if before is None:
        return {}
    attached: dict[str, list[Evidence]] = {}
    for attachment in before.attachments.select_related("evidence", "indicator"):
        attached.setdefault(attachment.indicator.code, []).append(attachment.evidence)
    answers = {one.indicator.code: one for one in before.answers.select_related("indicator") if _is_answered(one)}
    for one in answers.values():
        one.assessment = before
    return {
        one.code: Earlier(one, answers[one.code], tuple(attached.get(one.code, ())))
        for one in indicators
        if one.code in answers
    }


def _is_answered(answer: Answer) -> bool:
    return answer.not_applicable or answer.found is not None


def _held(assessment: Assessment, indicator: Indicator, by) -> Earlier:
    """Hold the file for editing and return what it said about the item; refused when it said nothing."""
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    found = earlier_answers(assessment, [indicator]).get(indicator.code)
    if found is None:
        raise Refused(_("There is no earlier answer to this item."))
    return found


@transaction.atomic
def still_true(assessment: Assessment, indicator: Indicator, *, by, version: int = 0) -> Answer:
    """Make last year's answer this year's, with its explanation and evidence; the item is done. Return the answer.

    Refused for a measured value, for an item that is counted differently by now and for expired evidence, which is
    named. `Overtaken` when the item's version is another than `version` (0: no answer yet).
    """
    earlier = _held(assessment, indicator, by)
    if earlier.obstacle:
        raise Refused(earlier.obstacle)
    for piece in earlier.evidence:
        attach(assessment, indicator, piece, by=by)
    value = earlier.answer.found_value()
    return _write(earlier, assessment, value, "still_true", by=by, version=version, done=True)


@transaction.atomic
def changed(assessment: Assessment, indicator: Indicator, *, by, version: int = 0) -> Answer:
    """Begin the item with last year's words, not done, and return the answer; its evidence is not attached.

    Where the item is counted differently by now only the explanation is taken over. Refused for a measured value.
    """
    earlier = _held(assessment, indicator, by)
    if not earlier.can_be_changed:
        raise Refused(earlier.obstacle)
    value = earlier.answer.found_value() if earlier.has_same_rubric else scoring.Found(None)
    return _write(earlier, assessment, value, "changed", by=by, version=version)


@transaction.atomic
def no_longer(assessment: Assessment, indicator: Indicator, *, by, version: int = 0) -> Answer:
    """Begin the item empty and return the answer; last year's evidence, where it was attached, is taken off again."""
    earlier = _held(assessment, indicator, by)
    Attachment.objects.filter(assessment=assessment, indicator=indicator, evidence__in=earlier.evidence).delete()
    return _write(earlier, assessment, scoring.Found(None), "no_longer", by=by, version=version)


@transaction.atomic
def attach_again(assessment: Assessment, indicator: Indicator, *, by) -> list[Attachment]:
    """Attach last year's papers to the item again and return the attachments; refused when none is valid any more."""
    earlier = _held(assessment, indicator, by)
    if not earlier.valid:
        raise Refused(_("No evidence of last year is valid any more."))
    return [attach(assessment, indicator, piece, by=by) for piece in earlier.valid]


def _write(
    earlier: Earlier, assessment: Assessment, value: scoring.Found, since: str, *, by, version: int, done: bool = False
) -> Answer:
    key = {"assessment": assessment, "indicator": earlier.indicator}
    more = {"done": done, "since_last_year": since, "carried_from": earlier.answer, "writer": None}
    remark = "" if since == Answer.SinceLastYear.NO_LONGER else earlier.answer.remark
    return save_found(Answer.objects, key, value, remark=remark, version=version, by=by, more=more)
