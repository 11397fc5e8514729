"""Visits by others: the inspection of the competent department and the spot check of its superior."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation import scoring
from creation.models import Assessment, Evidence, Indicator
from creation.models.assessments import Found
from reviews.querysets import FindingQuerySet, InspectionQuerySet


class Inspection(models.Model):
    """A visit (实地核查, or 抽查复核 by the superior): its team rates every indicator, files once, and is frozen."""

    class Kind(models.TextChoices):
        INSPECTION = "inspection", _("Inspection")
        SPOT_CHECK = "spot_check", _("Spot check")

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="inspections")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.INSPECTION)
    visit_on = models.DateField(_("date of the visit"))
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("lead"))
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    # the own points were finished: from here on the organ's own stand beside them, and each may change once
    own_points_at = models.DateTimeField(null=True, blank=True)
    own_points_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    filed_at = models.DateTimeField(null=True, blank=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    passed = models.BooleanField(null=True, blank=True)
    total = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    statement = models.TextField(_("statement"), max_length=4000, blank=True)
    content = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ("visit_on", "id")
        constraints = [
            models.UniqueConstraint(name="one_visit_of_a_kind_per_file", fields=["assessment", "kind"]),
            models.CheckConstraint(
                name="filed_with_verdict",
                condition=Q(filed_at__isnull=True, passed__isnull=True)
                | Q(filed_at__isnull=False, passed__isnull=False, filed_by__isnull=False),
            ),
            models.CheckConstraint(name="visit_kind_known", condition=Q(kind__in=["inspection", "spot_check"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.assessment}"

    @property
    def is_filed(self) -> bool:
        """Tell whether the visit has been filed and is frozen."""
        return self.filed_at is not None

    @property
    def is_heard(self) -> bool:
        """Tell whether the organ has been heard: it said something, or its representative signed."""
        return self.statements.exists() or self.signatures.filter(side="organ").exists()

    @property
    def is_spot_check(self) -> bool:
        """Tell whether this is the superior's own visit."""
        return self.kind == self.Kind.SPOT_CHECK

    def found(self) -> dict[str, scoring.Found]:
        """Return what the team found, by indicator code."""
        return {rating.indicator.code: rating.found_value() for rating in self.ratings.select_related("indicator")}

    def result(self) -> scoring.Result:
        """Return points, total and verdict by the scoring rule on this visit's own ratings and vetoes."""
        rulebook = self.assessment.cycle.standard.rulebook()
        return scoring.rate(rulebook, self.found(), sorted({veto.kind for veto in self.vetoes.all()}))


class TeamMember(models.Model):
    """A person on a visit's team."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits")

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="team_member_once", fields=["inspection", "user"])]

    def __str__(self) -> str:
        return str(self.user)


class Rating(Found):
    """What the team found for an indicator (核查、抽查); frozen by the database once the visit is filed."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="ratings")
    cannot_check = models.TextField(_("why it cannot be checked"), max_length=1000, blank=True)
    from_paper = models.BooleanField(_("entered from paper"), default=False)
    # what stood here before the comparison with the organ's own points, kept by the one change that follows it
    first_found = models.JSONField(null=True, blank=True)
    first_not_applicable = models.BooleanField(default=False)
    first_remark = models.TextField(max_length=4000, blank=True)
    first_points = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    change_reason = models.TextField(_("reason for the change"), max_length=1000, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("indicator__position",)
        constraints = [
            models.UniqueConstraint(name="one_rating_per_indicator", fields=["inspection", "indicator"]),
            models.CheckConstraint(
                name="rating_change_has_reason",
                condition=Q(changed_at__isnull=True, changed_by__isnull=True, change_reason="")
                | (Q(changed_at__isnull=False, changed_by__isnull=False) & ~Q(change_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection_id} · {self.indicator.code}"


class Veto(models.Model):
    """A fact that forbids recognition whatever the points, recorded during a visit (domain, section 4)."""

    class Kind(models.TextChoices):
        TARGET_MISSED = "target_missed", _("Annual target missed")
        MAJOR_ACCIDENT = "major_accident", _("Major safety accident within three years")
        VERIFIED_WASTE = "verified_waste", _("Verified waste")
        FALSIFIED_DATA = "falsified_data", _("Falsified data")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="vetoes")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    reason = models.TextField(_("reason"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="veto_once_per_visit", fields=["inspection", "kind"])]

    def __str__(self) -> str:
        return self.get_kind_display()


class Finding(models.Model):
    """A problem found on a visit: fixed on the spot (立行立改) or by a deadline (限期整改)."""

    class Kind(models.TextChoices):
        ON_THE_SPOT = "on_the_spot", _("Fix on the spot")
        BY_DEADLINE = "by_deadline", _("Fix by a deadline")

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the organ's answer")
        ANSWERED = "answered", _("Answered, waiting for acceptance")
        ACCEPTED = "accepted", _("Accepted")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("indicator"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = models.TextField(_("what was found"), max_length=2000)
    due_on = models.DateField(_("deadline"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("indicator__position", "id")
        constraints = [
            models.CheckConstraint(
                name="finding_deadline_fits_kind",
                condition=Q(kind="by_deadline", due_on__isnull=False) | Q(kind="on_the_spot", due_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class FindingStep(models.Model):
    """What happened to a finding: answered by the organ, returned or accepted by an inspector. Insert only."""

    class What(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        RETURNED = "returned", _("Not accepted")
        ACCEPTED = "accepted", _("Accepted")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="steps")
    what = models.CharField(max_length=10, choices=What)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {self.finding_id}"


class FindingPhoto(models.Model):
    """A photo of a finding, before or after its repair. Insert only."""

    class When(models.TextChoices):
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="photos")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    when = models.CharField(max_length=6, choices=When)

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(name="finding_photo_once", fields=["finding", "evidence", "when"])]

    def __str__(self) -> str:
        return f"{self.finding_id} · {self.when}"
