"""Addresses of other systems that are told when a title is granted or revoked, or a notice is published."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from reviews.querysets import WebhookQuerySet


class Webhook(models.Model):
    """Where to, about what and by whose wish; what is sent is what that person may read."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="webhooks")
    url = models.URLField(_("address"), max_length=500)
    topics = models.JSONField(_("about"), default=list)
    salt = models.CharField(max_length=64)  # the secret is derived from it and the portal's own key
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_because = models.CharField(max_length=300, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One occurrence for one address: a row first, then sent, again until it is taken or given up."""

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    occurrence = models.CharField(max_length=60)  # what happened to which row: recognition:12
    topic = models.CharField(max_length=30)
    body = models.TextField()  # the very bytes that are signed and sent
    made_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)  # who began to send it, so that nobody else does
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # the last answer
    fault = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(name="webhook_told_once", fields=["webhook", "occurrence"])]
        indexes = [
            models.Index(
                name="webhook_due",
                fields=["due_at"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.occurrence} → {self.webhook_id}"
