"""Recognition as a fact: the dated title that the completion rates count."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation.models.assessments import Assessment
from creation.models.places import Organ
from creation.querysets import RecognitionQuerySet


class Recognition(models.Model):
    """A dated title with batch and document number (发文字号); it can be revoked, expire or be replaced, once.

    `granted_on` is the first day with, `revoked_on` and `replaced_on` the first day without, `valid_until` the
    last day with the title.
    """

    class Source(models.TextChoices):
        PORTAL = "portal", _("Recognised in the portal")
        IMPORTED = "import", _("Imported from an earlier list")

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="recognitions")
    assessment = models.OneToOneField(Assessment, models.PROTECT, null=True, blank=True, related_name="recognition")
    source = models.CharField(max_length=6, choices=Source, default=Source.PORTAL)
    batch = models.CharField(_("batch"), max_length=60)
    document_number = models.CharField(_("document number"), max_length=80)
    granted_on = models.DateField(_("granted on"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    revoke_reason = models.TextField(_("reason"), max_length=1000, null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    replaced_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        ordering = ("-granted_on", "organ__region__position", "organ__credit_code")
        indexes = [models.Index(fields=["organ", "granted_on"])]
        constraints = [
            models.UniqueConstraint(name="one_recognition_per_organ_and_day", fields=["organ", "granted_on"]),
            models.UniqueConstraint(
                name="one_live_recognition_per_organ",
                fields=["organ"],
                condition=Q(revoked_on__isnull=True, replaced_on__isnull=True),
            ),
            models.CheckConstraint(
                name="recognition_ends_after_it_began",
                condition=(Q(revoked_on__isnull=True) | Q(revoked_on__gte=F("granted_on")))
                & (Q(valid_until__isnull=True) | Q(valid_until__gte=F("granted_on")))
                & (Q(replaced_on__isnull=True) | Q(replaced_on__gte=F("granted_on"))),
            ),
            models.CheckConstraint(
                name="revoked_with_a_reason",
                condition=Q(revoked_on__isnull=True, revoke_reason__isnull=True)
                | (Q(revoked_on__isnull=False, revoke_reason__isnull=False) & ~Q(revoke_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ} · {self.granted_on}"

    def is_live_on(self, day) -> bool:
        """Tell whether the title holds on `day`."""
        return (
            self.granted_on <= day
            and (self.revoked_on is None or day < self.revoked_on)
            and (self.replaced_on is None or day < self.replaced_on)
            and (self.valid_until is None or day <= self.valid_until)
        )
