"""Targets, and the snapshot of completion rates that pages read."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation.models import Region


class Target(models.Model):
    """A dated percentage of recognised organs for a level; without a region it holds everywhere."""

    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="targets")
    level = models.CharField(_("level"), max_length=10, choices=Region.Kind)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)
    starts_on = models.DateField(_("in force from"))
    deadline = models.DateField(_("deadline"))

    class Meta:
        ordering = ("level", "deadline")
        constraints = [
            models.UniqueConstraint(name="target_once", fields=["region", "level", "deadline"]),
            models.UniqueConstraint(
                name="target_everywhere_once", fields=["level", "deadline"], condition=Q(region__isnull=True)
            ),
            models.CheckConstraint(name="target_in_percent", condition=Q(percent__gt=0) & Q(percent__lte=100)),
            models.CheckConstraint(name="target_deadline_after_start", condition=Q(deadline__gte=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.percent} % {self.deadline}"


class CompletionRate(models.Model):
    """The counts of one region and level on one day, as the recount left them; pages read these rows."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="rates")
    level = models.CharField(max_length=10, choices=Region.Kind)
    as_of = models.DateField()
    organs = models.PositiveIntegerField()
    recognised = models.PositiveIntegerField()
    in_progress = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    not_started = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ("region__position", "level", "as_of")
        constraints = [
            models.UniqueConstraint(name="rate_once_a_day", fields=["region", "level", "as_of"]),
            models.CheckConstraint(
                name="standings_add_up_to_the_register",
                condition=Q(organs=F("recognised") + F("in_progress") + F("not_met") + F("not_started")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.level} {self.as_of}: {self.recognised}/{self.organs}"


class RecountRun(models.Model):
    """One recount: what it covered, when, and whether it ended well; shown where numbers are.

    The newest that ended says how far the snapshot reaches: from the month of `since` (the first recognition; none
    yet: that one day alone) to `as_of`, counted in the `tree` of that version. One that proved the snapshot against a
    count from nothing says in `differences` how many rows it had to correct, which is 0 on a good night.
    """

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    complete = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    as_of = models.DateField(null=True)
    since = models.DateField(null=True)
    tree = models.BigIntegerField(null=True)
    differences = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.started_at}"
