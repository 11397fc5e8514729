"""The archive of a closed round."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from creation.models import Cycle
from reviews.querysets import ArchiveQuerySet


class ArchiveExport(models.Model):
    """A request to write a closed round into folders, worked off by the worker; the row says how far it has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    class Retention(models.TextChoices):
        """For how long the archive is kept, in the terms of the State's rules for archives."""

        PERMANENT = "permanent", _("permanent")
        YEARS_30 = "30", _("30 years")
        YEARS_10 = "10", _("10 years")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="archives")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    retention = models.CharField(_("retention period"), max_length=10, choices=Retention, default=Retention.YEARS_30)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)  # the last sign of life of whoever writes it
    done_at = models.DateTimeField(null=True, blank=True)
    fault = models.TextField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    organs = models.PositiveIntegerField(default=0)  # written so far
    organs_total = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)

    objects = ArchiveQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        constraints = [
            models.UniqueConstraint(
                name="one_archive_at_work_per_round",
                fields=["cycle"],
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle} · {self.asked_at:%Y-%m-%d}"
