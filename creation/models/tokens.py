"""Tokens by which a program reads the portal in somebody's name."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation.querysets import ApiTokenQuerySet


class ApiToken(models.Model):
    """A key for programs that sees what its owner sees, and no more; kept as a digest, shown in full only once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the token
    beginning = models.CharField(max_length=12)  # of the token, so that its owner knows it again
    made_at = models.DateTimeField()
    expires_on = models.DateField(_("valid until"))  # the last day
    used_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = [
            models.CheckConstraint(
                name="api_token_revoked_after_it_was_made",
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.beginning}… · {self.name}"
