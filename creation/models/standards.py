"""The versioned, scored rulebook."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation import scoring
from creation.models.named import Named, local
from creation.querysets import StandardQuerySet


class Standard(Named):
    """An evaluation standard in one version; once published neither it nor its indicators ever change."""

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    notice = models.CharField(_("notice"), max_length=500, blank=True)
    notice_en = models.CharField(_("notice in English"), max_length=500, blank=True)
    effective_from = models.DateField(_("effective from"))
    pass_mark = models.DecimalField(_("pass mark"), max_digits=6, decimal_places=2)
    full_points = models.DecimalField(_("full points"), max_digits=6, decimal_places=2)
    bonus_cap = models.DecimalField(_("bonus cap"), max_digits=6, decimal_places=2, default=0)
    source_sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = StandardQuerySet.as_manager()

    class Meta:
        ordering = ("code", "-version")
        constraints = [
            models.UniqueConstraint(name="standard_version_once", fields=["code", "version"]),
            models.CheckConstraint(
                name="standard_pass_mark_in_range",
                condition=Q(pass_mark__gte=0) & Q(pass_mark__lte=models.F("full_points")),
            ),
        ]

    @property
    def local_notice(self) -> str:
        """Return the standard's own notice in the reader's language."""
        return local(self.notice, self.notice_en)

    def rulebook(self) -> scoring.Rulebook:
        """Return the standard as plain data for the scoring function; reads the indicators once."""
        items = tuple(indicator.as_item() for indicator in self.indicators.all())
        return scoring.Rulebook(items, self.pass_mark, self.full_points, self.bonus_cap)


class Dimension(Named):
    """One of the standard's areas of work."""

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="dimensions")
    code = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(name="dimension_once", fields=["standard", "code"])]


class Indicator(Named):
    """One scored line of the standard; a bonus indicator belongs to no dimension."""

    class NotApplicable(models.TextChoices):
        NOT_ALLOWED = "not_allowed", _("not allowed")
        FULL = "full", _("full points")
        RESCALE = "rescale", _("its points leave the base")

    standard = models.ForeignKey(Standard, models.PROTECT, related_name="indicators")
    dimension = models.ForeignKey(Dimension, models.PROTECT, null=True, blank=True, related_name="indicators")
    code = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    points = models.DecimalField(max_digits=6, decimal_places=2)
    gate = models.BooleanField(default=False)
    bonus = models.BooleanField(default=False)
    rubric = models.JSONField()
    check_by = models.JSONField(default=list)
    evidence = models.CharField(max_length=500, blank=True)
    evidence_en = models.CharField(max_length=500, blank=True)
    evidence_required = models.BooleanField(default=False)
    not_applicable = models.CharField(max_length=12, choices=NotApplicable, default=NotApplicable.NOT_ALLOWED)
    points_source = models.CharField(max_length=10, default="proposed")

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(name="indicator_once", fields=["standard", "code"]),
            models.CheckConstraint(name="indicator_points_not_negative", condition=Q(points__gte=0)),
        ]

    @property
    def evidence_text(self) -> str:
        """Return which evidence is expected, in the reader's language."""
        return local(self.evidence, self.evidence_en)

    @property
    def is_measured(self) -> bool:
        """Tell whether every year has a value of its own, so that last year's answer is never true again."""
        return self.rubric["method"] == "banded" or "data" in self.check_by

    def as_item(self) -> scoring.Item:
        """Return the indicator as plain data for the scoring function."""
        return scoring.Item(self.code, self.points, self.rubric, self.gate, self.not_applicable, self.bonus)
