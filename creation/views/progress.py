"""How far a self-rating has come: one line for each indicator with its state in words, and the headline of the file.

Read in a fixed number of statements, however many indicators the standard has.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creation import clock, scoring, stages
from creation.actions.files import missing_of
from creation.forms.ratings import plain
from creation.models import Answer, Assessment, Attachment, Dimension, Indicator, ReturnReason

NOT_STARTED, IN_PROGRESS, DONE, PROBLEM = "not_started", "in_progress", "done", "problem"
STATES = {
    NOT_STARTED: gettext_lazy("Not started"),
    IN_PROGRESS: gettext_lazy("In progress"),
    DONE: gettext_lazy("Done"),
    PROBLEM: gettext_lazy("There is a problem"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of a file: what was found, what is attached, why it was sent back, what it still lacks."""

    indicator: Indicator
    answer: Answer | None
    attachments: list[Attachment]
    reason: ReturnReason | None

    @property
    def missing(self) -> str:
        """Return in words what the indicator still lacks before the file can be handed over; empty when nothing."""
        return missing_of(self.indicator, self.answer, has_evidence=bool(self.attachments))

    @property
    def is_answered(self) -> bool:
        """Tell whether something was found or the indicator marked not applicable."""
        return self.answer is not None and (self.answer.not_applicable or self.answer.found is not None)

    @property
    def reason_is_open(self) -> bool:
        """Tell whether the file was sent back for this indicator and nobody has saved it since."""
        return self.reason is not None and (self.answer is None or self.answer.saved_at <= self.reason.change.at)

    @property
    def state(self) -> str:
        """Return one of `STATES`: a reason nobody has answered is a problem, whatever else is filled in."""
        if self.reason_is_open:
            return PROBLEM
        if self.is_answered and not self.missing:
            return DONE
        has_begun = self.answer is not None or bool(self.attachments)
        return IN_PROGRESS if has_begun else NOT_STARTED

    @property
    def state_label(self) -> str:
        """Return the state in words."""
        return STATES[self.state]


class Progress:
    """A file's self-rating as its pages show it."""

    def __init__(self, assessment: Assessment):
        self.assessment = assessment
        self.standard = assessment.cycle.standard
        answers = {a.indicator_id: a for a in assessment.answers.select_related("saved_by")}
        attached: dict[int, list[Attachment]] = {}
        for attachment in assessment.attachments.select_related("evidence"):
            attached.setdefault(attachment.indicator_id, []).append(attachment)
        self.reasons = open_reasons(assessment)
        reasons = {reason.indicator_id: reason for reason in self.reasons}
        self.lines = [
            Line(i, answers.get(i.pk), attached.get(i.pk, []), reasons.get(i.pk))
            for i in self.standard.indicators.select_related("dimension")
        ]
        self.receipt = assessment.submissions.order_by("at").last()

    def line(self, code: str) -> Line | None:
        """Return the line of one indicator, None for a code that the standard does not have."""
        return next((line for line in self.lines if line.indicator.code == code), None)

    def neighbours(self, code: str) -> tuple[str | None, str | None]:
        """Return the codes before and after `code` in the order of the standard, None at either end."""
        codes = [line.indicator.code for line in self.lines]
        place = codes.index(code)
        return (codes[place - 1] if place else None, codes[place + 1] if place + 1 < len(codes) else None)

    def by_dimension(self) -> list[tuple[Dimension | None, list[Line]]]:
        """Return the lines under their dimension, bonus indicators (None) last."""
        found: dict[Dimension | None, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.indicator.dimension, []).append(line)
        return list(found.items())

    @cached_property
    def result(self) -> scoring.Result:
        """Return points, total and verdict of what is saved."""
        return self.result_with({})

    def result_with(self, entered: dict[str, scoring.Found]) -> scoring.Result:
        """Return the result as it would be with `entered` in place of what is saved, by indicator code."""
        standard = self.standard
        items = tuple(line.indicator.as_item() for line in self.lines)
        found = {line.indicator.code: line.answer.found_value() for line in self.lines if line.answer}
        rulebook = scoring.Rulebook(items, standard.pass_mark, standard.full_points, standard.bonus_cap)
        return scoring.rate(rulebook, found | entered)

    @property
    def missing(self) -> list[tuple[Indicator, str]]:
        """Return what keeps the file from being handed over, as (indicator, what is missing)."""
        return [(line.indicator, line.missing) for line in self.lines if line.missing]

    @property
    def base(self) -> list[Line]:
        """Return the lines without bonus, those that a complete file has to answer."""
        return [line for line in self.lines if not line.indicator.bonus]

    @property
    def done(self) -> int:
        """Return how many indicators of the base are done."""
        return sum(line.state == DONE for line in self.base)

    @property
    def cannot_pass(self) -> bool:
        """Tell whether a gate is unmet, so that no total passes."""
        return bool(self.result.unmet_gates)

    def headline(self, *, with_points: bool = True) -> str:
        """Return the one line that stands on every page of the file: state, items, points, days left."""
        parts = [self._state()]
        if self.assessment.stage in stages.BEFORE_SUBMISSION:
            of = len(self.base)
            parts.append(
                ngettext("%(done)s of %(of)s item", "%(done)s of %(of)s items", of) % {"done": self.done, "of": of}
            )
        if with_points:
            parts.append(total_text(self.result.total_shown))
            if self.cannot_pass:
                parts.append(_("cannot pass"))
        if self.assessment.stage in stages.BEFORE_SUBMISSION:
            parts.append(days_left_text(self.assessment.cycle.self_rating_until))
        return " · ".join(parts)

    def _state(self) -> str:
        if self.assessment.stage in stages.BEFORE_SUBMISSION:
            return _("Not submitted")
        if self.assessment.stage == stages.WITHDRAWN or self.receipt is None:
            return str(stages.LABELS[self.assessment.stage])
        return _("Receipt %(number)s") % {"number": self.receipt.number}


def open_reasons(assessment: Assessment) -> list[ReturnReason]:
    """Return why the file was last sent back, until it is submitted anew."""
    last = assessment.changes.filter(step__in=("send_back", "submit")).order_by("-number").first()
    if last is None or last.step != "send_back":
        return []
    reasons = list(last.reasons.select_related("indicator"))
    for reason in reasons:
        reason.change = last
    return reasons


def total_text(total: Decimal) -> str:
    """Return a total with its unit."""
    number = 1 if total == 1 else 2
    return ngettext("%(points)s point", "%(points)s points", number) % {"points": plain(total)}


def days_left_text(until: date) -> str:
    """Return how many days remain until the last day of a window, in words."""
    left = (until - clock.today()).days
    if left < 0:
        return _("the window ended on %(day)s") % {"day": until.isoformat()}
    if left == 0:
        return _("today is the last day")
    return ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}
