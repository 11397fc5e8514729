"""The yearly round."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation.models.places import Region
from creation.models.standards import Standard
from creation.querysets import CycleQuerySet

# What a setting may lie between. The notice's five working days are the field's own shortest period; the other
# bounds keep a slip of the pen out of rules that are frozen when the round opens.
BOUNDS = {
    "notice_days": (5, 60),
    "sample_minimum": (0, 1000),
    "team_size": (1, 20),
    "conflict_years": (0, 10),
    "recognition_years": (1, 50),
    "reminder_days": (0, 30),
    "longer_chance_years": (1, 20),
    "hearing_days": (1, 30),
    "retention_months": (1, 120),
}
WINDOWS = ("self_rating", "inspection", "spot_check", "publicity")


def _window_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"cycle_{name}_in_order", condition=Q(**{f"{name}_until__gte": F(f"{name}_from")})
    )


def _bounded(name: str) -> list:
    least, most = BOUNDS[name]
    return [MinValueValidator(least), MaxValueValidator(most)]


def _within_bounds(name: str) -> models.CheckConstraint:
    least, most = BOUNDS[name]
    # an empty value is not known, and what is not known passes a check of the database
    return models.CheckConstraint(
        name=f"cycle_{name}_bounded", condition=Q(**{f"{name}__gte": least}) & Q(**{f"{name}__lte": most})
    )


class Cycle(models.Model):
    """One yearly round of a municipality: standard, windows (inclusive dates, Asia/Shanghai) and settings.

    Cycle year, national batch and calendar year are three fields: the round's name, the State's batch it reports
    to, and the year whose figures are rated. Once opened a cycle's rules are frozen.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="cycles", verbose_name=_("municipality"))
    year = models.PositiveSmallIntegerField(_("cycle year"))
    batch = models.CharField(_("national batch"), max_length=60)
    calendar_year = models.PositiveSmallIntegerField(_("calendar year of the figures"))
    standard = models.ForeignKey(Standard, models.PROTECT, related_name="cycles", verbose_name=_("standard"))
    self_rating_from = models.DateField(_("self-rating from"))
    self_rating_until = models.DateField(_("self-rating until"))
    inspection_from = models.DateField(_("inspection from"))
    inspection_until = models.DateField(_("inspection until"))
    spot_check_from = models.DateField(_("spot check from"))
    spot_check_until = models.DateField(_("spot check until"))
    publicity_from = models.DateField(_("publicity from"))
    publicity_until = models.DateField(_("publicity until"))
    notice_days = models.PositiveSmallIntegerField(
        _("notice period (working days)"), default=5, validators=_bounded("notice_days")
    )
    sample_share = models.DecimalField(
        _("sampling share (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(20),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    sample_minimum = models.PositiveSmallIntegerField(
        _("smallest sample per region"), default=1, validators=_bounded("sample_minimum")
    )
    longer_chance_years = models.PositiveSmallIntegerField(
        _("longer chance for organs not visited for so many years (empty: the same chance for all)"),
        null=True,
        blank=True,
        validators=_bounded("longer_chance_years"),
    )
    team_size = models.PositiveSmallIntegerField(
        _("smallest inspection team"), default=2, validators=_bounded("team_size")
    )
    conflict_years = models.PositiveSmallIntegerField(
        _("years of conflict of interest"), default=3, validators=_bounded("conflict_years")
    )
    reminder_days = models.PositiveSmallIntegerField(
        _("reminder so many days before a deadline"), default=3, validators=_bounded("reminder_days")
    )
    blind = models.BooleanField(_("inspectors do not see the organ's points before filing"), default=True)
    publish_scores = models.BooleanField(_("publish scores"), default=False)
    anonymous_objections = models.BooleanField(_("accept anonymous objections"), default=False)
    hearing_days = models.PositiveSmallIntegerField(
        _("working days an organ has to be heard"), default=5, validators=_bounded("hearing_days")
    )
    retention_months = models.PositiveSmallIntegerField(
        _("months after a decision until the objector's data are erased"),
        default=12,
        validators=_bounded("retention_months"),
    )
    recognition_years = models.PositiveSmallIntegerField(
        _("years a recognition is valid (empty: without end)"),
        null=True,
        blank=True,
        validators=_bounded("recognition_years"),
    )
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "region__position")
        constraints = [
            models.UniqueConstraint(name="cycle_once_a_year", fields=["region", "year"]),
            *(_window_in_order(name) for name in WINDOWS),
            models.CheckConstraint(
                name="cycle_share_in_percent", condition=Q(sample_share__gte=0) & Q(sample_share__lte=100)
            ),
            *(_within_bounds(name) for name in BOUNDS),
        ]

    def __str__(self) -> str:
        return _("%(region)s · round %(year)s") % {"region": self.region, "year": self.year}

    @property
    def is_open(self) -> bool:
        """Tell whether the cycle has been opened and not yet closed."""
        return self.opened_at is not None and self.closed_at is None

    def window(self, name: str) -> tuple:
        """Return the first and last day of a window (self_rating, inspection, spot_check, publicity)."""
        return getattr(self, f"{name}_from"), getattr(self, f"{name}_until")
