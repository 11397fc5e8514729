"""The file: one organ in one cycle, its answers, its way through the stages and its receipts."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation import scoring, stages
from creation.models.cycles import Cycle
from creation.models.places import Organ
from creation.models.standards import Dimension, Indicator
from creation.querysets import AssessmentQuerySet


class Assessment(models.Model):
    """One organ's file (申报) in one cycle. Its stage is written by `actions.moves.move` alone."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="assessments")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="assessments")
    stage = models.CharField(_("stage"), max_length=20, choices=stages.CHOICES, default=stages.DRAFT)
    stage_since = models.DateTimeField(_("since"))
    # how far the organ itself has been told: behind `stage` while a draw has not been published
    told_stage = models.CharField(max_length=20, choices=stages.CHOICES, default=stages.DRAFT)
    told_since = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()

    # what a page has read beforehand about one person and the file (`user` and facts by name), for the rules
    facts: dict | None = None

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("organ__region__position", "organ__credit_code", "-cycle__year")
        indexes = [models.Index(fields=["stage", "cycle"]), models.Index(fields=["stage_since", "id"])]
        constraints = [
            models.UniqueConstraint(name="one_file_per_organ_and_cycle", fields=["cycle", "organ"]),
            models.CheckConstraint(name="assessment_stage_known", condition=Q(stage__in=list(stages.LABELS))),
            models.CheckConstraint(name="assessment_told_stage_known", condition=Q(told_stage__in=list(stages.LABELS))),
        ]

    def __str__(self) -> str:
        return f"{self.organ} · {self.cycle.year}"

    @property
    def is_editable(self) -> bool:
        """Tell whether answers can be changed now."""
        return self.stage in stages.EDITABLE

    def is_withheld_from(self, user) -> bool:
        """Tell whether the last step is kept from the person: from the organ's own staff, whatever else they are.

        `AssessmentQuerySet.shown_to` is the same for lists and counts; pages and refusals ask one of the two.
        """
        return self.told_since != self.stage_since and self.organ_id in user.organ_ids()

    def stage_for(self, user) -> str:
        """Return where the file stands, as far as the person may know."""
        return self.told_stage if self.is_withheld_from(user) else self.stage

    def since_for(self, user) -> datetime:
        """Return since when the file stands at `stage_for`."""
        return self.told_since if self.is_withheld_from(user) else self.stage_since

    def changes_for(self, user) -> models.QuerySet["StageChange"]:
        """Return the stage changes that the person may know of, the first one first."""
        changes = self.changes.order_by("number")
        return changes.filter(at__lte=self.told_since) if self.is_withheld_from(user) else changes

    def found(self) -> dict[str, scoring.Found]:
        """Return what the organ found, by indicator code."""
        return {answer.indicator.code: answer.found_value() for answer in self.answers.select_related("indicator")}

    def result(self) -> scoring.Result:
        """Return the self-rating's points, total and verdict; the organ cannot record a veto against itself."""
        return scoring.rate(self.cycle.standard.rulebook(), self.found())


class Found(models.Model):
    """What a rater found for an indicator, and the points the rubric gives it; the shape of all three raters."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    found = models.JSONField(null=True, blank=True)
    not_applicable = models.BooleanField(default=False)
    remark = models.TextField(_("explanation"), max_length=4000, blank=True)
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    # the page or the phone that wrote last: it may write again although the answer to its last writing was lost
    writer = models.UUIDField(null=True, blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        abstract = True

    def found_value(self) -> scoring.Found:
        """Return the row as plain data for the scoring function."""
        return scoring.Found(self.found, self.not_applicable)


class Answer(Found):
    """What the organ itself found for an indicator (自评); frozen by the database outside draft and sent back."""

    class SinceLastYear(models.TextChoices):
        STILL_TRUE = "still_true", _("Still true")
        CHANGED = "changed", _("Changed")
        NO_LONGER = "no_longer", _("No longer applies")

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="answers")
    done = models.BooleanField(default=True)  # whoever answers says so; what saved itself while typing is not done
    since_last_year = models.CharField(max_length=10, choices=SinceLastYear, blank=True)
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("indicator__position",)
        constraints = [models.UniqueConstraint(name="one_answer_per_indicator", fields=["assessment", "indicator"])]

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.indicator.code}"


class WarningPassed(models.Model):
    """A warning at an indicator that the organ passes with a reason the inspector reads; frozen with the file."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="warnings_passed")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    reason = models.TextField(_("reason"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("indicator__position", "kind")
        constraints = [
            models.UniqueConstraint(name="warning_passed_once", fields=["assessment", "indicator", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.indicator.code} · {self.kind}"


class SectionDuty(models.Model):
    """Who of the organ answers a dimension of its file; without a row the clerks share it. No dimension: the bonus."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="duties")
    dimension = models.ForeignKey(Dimension, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="section_duties")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ("assessment", "dimension__position")
        constraints = [
            models.UniqueConstraint(name="one_duty_per_dimension", fields=["assessment", "dimension"]),
            models.UniqueConstraint(
                name="one_duty_for_the_bonus", fields=["assessment"], condition=Q(dimension__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.dimension or _('Bonus')} · {self.user}"


class StageChange(models.Model):
    """One step of a file: who, when, from, to, why. Insert only; each row carries the hash of the one before."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="changes")
    number = models.PositiveIntegerField()
    step = models.CharField(max_length=24)
    from_stage = models.CharField(max_length=20, blank=True)
    to_stage = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("assessment_id", "number")
        indexes = [models.Index(fields=["assessment", "at"])]
        constraints = [models.UniqueConstraint(name="stage_changes_have_no_gap", fields=["assessment", "number"])]

    def __str__(self) -> str:
        return f"{self.assessment_id} #{self.number} {self.step}"

    @property
    def step_label(self) -> stages.Text:
        """Return the step's name for people."""
        return stages.STEPS[self.step].label

    @property
    def to_label(self) -> stages.Text:
        """Return the stage reached, for people."""
        return stages.LABELS[self.to_stage]


class Submission(models.Model):
    """The receipt of a submitted self-rating: its number, time, content and the SHA-256 of the content."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="submissions")
    number = models.CharField(_("receipt number"), max_length=40, unique=True)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at",)
        constraints = [
            models.CheckConstraint(name="submitted_by_another_person", condition=~Q(by=F("prepared_by"))),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnReason(models.Model):
    """Why an indicator made the competent department send the file back."""

    change = models.ForeignKey(StageChange, models.PROTECT, related_name="reasons")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    reason = models.TextField(max_length=1000)

    class Meta:
        ordering = ("indicator__position",)
        constraints = [models.UniqueConstraint(name="one_reason_per_indicator", fields=["change", "indicator"])]

    def __str__(self) -> str:
        return self.reason[:60]


class Reader(models.Model):
    """Somebody who was asked to look at a file from outside the usual scope, such as an inspector of the team."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="files_to_read")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="reader_once", fields=["assessment", "user"])]

    def __str__(self) -> str:
        return f"{self.user_id} reads {self.assessment_id}"
