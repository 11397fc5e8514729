"""Completion rates that were announced to the public."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from creation.models import Region


class RateAnnouncement(models.Model):
    """The rates of a region and what lies below it, as of one day, as they were announced. Insert only.

    `rows` are the numbers of that moment; a register corrected later changes no announcement.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="rate_announcements")
    as_of = models.DateField(_("as of"))
    title = models.CharField(_("title"), max_length=200)
    document_number = models.CharField(_("document number"), max_length=80)
    rows = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return self.title
