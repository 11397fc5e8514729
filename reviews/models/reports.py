"""Long exports: asked for on a page, written by the worker, fetched when they are ready."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Report(models.Model):
    """A request to write a document or a table; the row is the queue and says how far it has come."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    class Format(models.TextChoices):
        DOCX = "docx", _("Word document")
        PDF = "pdf", _("PDF")
        XLSX = "xlsx", _("Excel workbook")
        CSV = "csv", _("CSV")

    kind = models.CharField(max_length=30)  # which report: a key of the reports the portal knows
    format = models.CharField(_("format"), max_length=4, choices=Format)
    asked = models.JSONField(default=dict)  # what the page was asked for: region, day, level, filters
    language = models.CharField(max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reports")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)  # the last sign of life of whoever writes it
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)  # parts or rows written so far
    total = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=1000, blank=True)
    name = models.CharField(max_length=160, blank=True)  # under which it is downloaded
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # the file is deleted after a while, the row stays

    class Meta:
        ordering = ("-asked_at", "-id")
        indexes = [models.Index(fields=["state", "asked_at"])]

    def __str__(self) -> str:
        return f"{self.kind}.{self.format} · {self.asked_at:%Y-%m-%d}"
