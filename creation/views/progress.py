"""How far a self-rating has come: one line for each indicator with its state in words, and the headline of the file.

Read in a fixed number of statements, however many indicators the standard has.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creation import clock, scoring, stages
from creation.actions.earlier import Earlier, earlier_answers
from creation.actions.files import missing_of
from creation.forms.ratings import plain
from creation.models import Answer, Assessment, Attachment, Dimension, Indicator, ReturnReason

NOT_STARTED, IN_PROGRESS, DONE, PROBLEM = "not_started", "in_progress", "done", "problem"
TO_CONFIRM = "to_confirm"  # nothing yet, and last year's answer waits to be confirmed
STATES = {
    NOT_STARTED: gettext_lazy("Not started"),
    TO_CONFIRM: gettext_lazy("To confirm"),
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
    earlier: Earlier | None = None

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
        """Tell whether the file was sent back for this indicator and nobody has called it done since."""
        if self.reason is None:
            return False
        return self.answer is None or not self.answer.done or self.answer.saved_at <= self.reason.change.at

    @property
    def is_done(self) -> bool:
        """Tell whether somebody has called the indicator done (it may lack something all the same)."""
        return self.answer is not None and self.answer.done

    @property
    def version(self) -> int:
        """Return the version of the saved answer, 0 while there is none."""
        return self.answer.version if self.answer else 0

    @property
    def can_be_confirmed(self) -> bool:
        """Tell whether one click makes last year's answer this year's: nothing has been entered yet."""
        return self.answer is None and self.earlier is not None and self.earlier.can_be_confirmed

    @property
    def state(self) -> str:
        """Return one of `STATES`: a reason nobody has answered is a problem, whatever else is filled in."""
        if self.reason_is_open:
            return PROBLEM
        if self.is_answered and not self.missing:
            return DONE
        if self.answer is not None or self.attachments:
            return IN_PROGRESS
        return TO_CONFIRM if self.can_be_confirmed else NOT_STARTED

    @property
    def state_label(self) -> str:
        """Return the state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Section:
    """One dimension of a file (None: the bonus) with its lines."""

    dimension: Dimension | None
    lines: list[Line]

    @property
    def done(self) -> int:
        """Return how many of its indicators are done."""
        return sum(line.state == DONE for line in self.lines)

    @property
    def state(self) -> str:
        """Return one of `STATES` for the whole: a problem anywhere shows, a bonus that is left empty is no gap."""
        states = {line.state for line in self.lines}
        if PROBLEM in states:
            return PROBLEM
        if states == {DONE}:
            return DONE
        return NOT_STARTED if states <= {NOT_STARTED, TO_CONFIRM} else IN_PROGRESS

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
        indicators = list(self.standard.indicators.select_related("dimension"))
        # what was said last year helps whoever still answers; nobody else is shown it here
        earlier = earlier_answers(assessment, indicators) if assessment.is_editable else {}
        self.lines = [
            Line(i, answers.get(i.pk), attached.get(i.pk, []), reasons.get(i.pk), earlier.get(i.code))
            for i in indicators
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

    def sections(self) -> list["Section"]:
        """Return the dimensions in their order, each with its lines and how far it has come."""
        return [Section(dimension, lines) for dimension, lines in self.by_dimension()]

    @property
    def to_confirm(self) -> list[Line]:
        """Return the lines where one click still makes last year's answer this year's."""
        return [line for line in self.lines if line.can_be_confirmed]

    @property
    def with_earlier(self) -> int:
        """Return how many indicators of the base have an answer in the organ's last submitted file."""
        return sum(line.earlier is not None for line in self.base)

    @property
    def percent_with_earlier(self) -> int:
        """Return that number as whole percent of the base, rounded down."""
        return 100 * self.with_earlier // len(self.base) if self.base else 0

    @property
    def earlier_year(self) -> int | None:
        """Return the round of the organ's last submitted file, None when it says nothing about these indicators."""
        found = next((line.earlier for line in self.lines if line.earlier), None)
        return found.answer.assessment.cycle.year if found else None

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
            return str(stages.LABELS[self.assessment.told_stage])
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


def saved_text(at: datetime) -> str:
    """Return when something was saved: the time alone on the same day."""
    moment = timezone.localtime(at)
    if moment.date() == clock.today():
        return _("Saved %(time)s") % {"time": f"{moment:%H:%M}"}
    return _("Saved %(time)s") % {"time": f"{moment:%Y-%m-%d %H:%M}"}
