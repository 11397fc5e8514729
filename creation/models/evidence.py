"""Files that organs and inspectors bring, and what they are attached to."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.models.assessments import Assessment
from creation.models.places import Organ
from creation.models.standards import Indicator
from creation.querysets import EvidenceQuerySet

SOON = timedelta(days=30)  # how long before its last day a paper is said to expire soon


def original_path(evidence: "Evidence", _filename: str) -> str:
    """Return where the original is kept: by its hash, so that no name of a person's choosing reaches the disk."""
    return f"originals/{evidence.sha256[:2]}/{evidence.sha256}"


def display_path(evidence: "Evidence", _filename: str) -> str:
    """Return where the re-encoded image is kept."""
    return f"display/{evidence.sha256[:2]}/{evidence.sha256}.jpg"


class Evidence(models.Model):
    """A file in an organ's library, uploaded once; an image is shown only in its re-encoded form."""

    class Purpose(models.TextChoices):
        EVIDENCE = "evidence", _("Evidence")
        PHOTO = "photo", _("Photo of a finding")
        LETTER = "letter", _("Letter")

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="evidence")
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.EVIDENCE)
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    original = models.FileField(upload_to=original_path, max_length=200)
    display = models.FileField(upload_to=display_path, max_length=200, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "-id")
        constraints = [
            models.UniqueConstraint(name="evidence_once_per_organ", fields=["organ", "purpose", "sha256"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_expired(self) -> bool:
        """Tell whether its last day has passed; that day itself still counts."""
        return self.expires_on is not None and self.expires_on < clock.today()

    @property
    def expires_soon(self) -> bool:
        """Tell whether it is still valid and its last day is near."""
        return self.expires_on is not None and clock.today() <= self.expires_on <= clock.today() + SOON


class Attachment(models.Model):
    """Evidence attached to an indicator of a file; frozen together with the file's answers."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="attachments")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="attachments")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("indicator__position", "id")
        constraints = [
            models.UniqueConstraint(name="attached_once", fields=["assessment", "indicator", "evidence"]),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} → {self.assessment_id}"
