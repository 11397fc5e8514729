"""The verification sheet of a title."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from creation.models import Recognition


class VerificationSheet(models.Model):
    """The sheet (建成证明) of one title: its code, the text that was signed, and the signature. Insert only."""

    recognition = models.OneToOneField(Recognition, models.PROTECT, related_name="sheet")
    code = models.CharField(_("code"), max_length=20, unique=True)
    payload = models.TextField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ("-issued_at", "-id")

    def __str__(self) -> str:
        return self.code


class PublishedKey(models.Model):
    """A public key by which anybody checks sheets; kept for ever, also when another one signs by now. Insert only."""

    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.CharField(max_length=64)
    since = models.DateTimeField()

    class Meta:
        ordering = ("-since", "-id")

    def __str__(self) -> str:
        return self.key_id
