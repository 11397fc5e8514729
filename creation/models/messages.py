"""What the portal tells people, and what each of them wants to hear."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation.message_kinds import ACT, KINDS
from creation.models.assessments import Assessment
from creation.models.named import local
from creation.querysets import MessageQuerySet

IN_BOTH = ("organ", "report")  # values that carry a Chinese and an English text


class Message(models.Model):
    """One thing that one person hears of: in the portal, and once in the digest of the day.

    `kind` names a row of `creation.message_kinds`, `values` are what its sentence is filled with, so that everybody
    reads it in their own language. `key` makes telling the same thing twice once. Names of objectors never stand here.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=160)
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="messages")
    address = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # when it was dealt with in a digest: mailed, or left out because it was read, settled or not wanted
    digest_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["user", "-at"]),
            models.Index(name="message_unread", fields=["user"], condition=Q(read_at__isnull=True)),
            models.Index(name="message_awaits_digest", fields=["user"], condition=Q(digest_at__isnull=True)),
        ]
        constraints = [models.UniqueConstraint(name="message_once", fields=["user", "key"])]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user_id}"

    @property
    def asks_to_act(self) -> bool:
        """Tell whether this kind of message asks its reader to do something."""
        return KINDS[self.kind].asks == ACT

    @property
    def what(self) -> str:
        """Return the sentence in the reader's language."""
        values = self.values | {name: local(*self.values[name]) for name in IN_BOTH if name in self.values}
        return str(KINDS[self.kind].sentence) % values


class MessageChoice(models.Model):
    """Whether a person wants messages of a kind in the portal and by mail; without a row: both."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="message_choices")
    kind = models.CharField(max_length=30)
    in_portal = models.BooleanField(_("in the portal"), default=True)
    by_mail = models.BooleanField(_("by mail"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="message_choice_once", fields=["user", "kind"])]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.kind}"


class Digest(models.Model):
    """A mail with what a person has to do, once a day: a row first, then the mail, then the time it left."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="digests")
    day = models.DateField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # who began to send it, so that nobody else does at the same time
    tried_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-day", "user_id")
        constraints = [models.UniqueConstraint(name="one_digest_a_day", fields=["user", "day"])]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.day}"
