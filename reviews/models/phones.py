"""What lies on the phones of a team, what has landed of it, and what could not."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviews.models.inspections import Inspection
from reviews.querysets import PhoneRecordQuerySet


class Phone(models.Model):
    """One device that holds a visit: when it was ready for offline work, and what it said it holds at last contact."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="phones")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    device = models.UUIDField()
    label = models.CharField(max_length=80, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)
    # everything that was ever made on it for this visit; what has landed is counted from the records themselves
    records_made = models.PositiveIntegerField(default=0)
    photos_made = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("inspection", "id")
        constraints = [models.UniqueConstraint(name="phone_once_per_visit", fields=["inspection", "device", "user"])]

    def __str__(self) -> str:
        return f"{self.inspection_id} · {self.device}"


class PhoneRecord(models.Model):
    """One thing that a phone recorded, as it arrived, and what became of it. What arrived never changes.

    `key` is given by the phone, so that what is sent again lands once. `number` counts up on the device: of two records
    about the same thing the higher one holds, whichever arrives first.
    """

    class Kind(models.TextChoices):
        RATING = "rating", _("Rating")
        FINDING = "finding", _("Finding")
        PHOTO = "photo", _("Photo")
        SIGNATURE = "signature", _("Signature")
        OTHER = "other", _("Unreadable")

    class State(models.TextChoices):
        LANDED = "landed", _("On the server")
        SUPERSEDED = "superseded", _("On the server, replaced by a later one")
        QUARANTINED = "quarantined", _("Kept, but could not be entered")
        SETTLED = "settled", _("Kept, settled by hand")

    class Reason(models.TextChoices):
        """Why a record could not land; what a verb refused in its own words stands there as the text itself."""

        FILED = "filed", _("The visit had been filed already.")
        OWN_POINTS = "own_points", _("The team's own points had been finished already.")
        NOT_ON_TEAM = "not_on_team", _("Who recorded it is no longer on the team of this visit.")
        OTHER_STANDARD = "other_standard", _("It was recorded under another version of the standard.")
        UNKNOWN_ITEM = "unknown_item", _("The standard of this visit has no such item.")
        OVERTAKEN = "overtaken", _("A colleague changed this item in the meantime.")
        BOTH = "both", _("It says what was found and also that the item cannot be checked.")
        UNREADABLE = "unreadable", _("It cannot be read.")
        NOT_KEPT = "not_kept", _("A text in it is too long or holds signs that cannot be kept.")
        NO_PICTURE = "no_picture", _("The file is no picture that can be read.")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="phone_records")
    key = models.UUIDField(unique=True)
    device = models.UUIDField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=60, blank=True)  # the indicator's code: what of two records is the same
    payload = models.JSONField()
    sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()  # by the phone's clock
    received_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State)
    reason = models.CharField(max_length=300, blank=True)
    result_id = models.BigIntegerField(null=True, blank=True)  # the row that it became
    # of a rating: the version it gave the row, never a later one, which the phone has not seen
    result_version = models.PositiveIntegerField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.CharField(max_length=300, blank=True)

    objects = PhoneRecordQuerySet.as_manager()

    class Meta:
        ordering = ("inspection", "received_at", "id")
        indexes = [models.Index(fields=["inspection", "device", "kind", "subject", "number"])]
        constraints = [
            models.CheckConstraint(name="quarantine_has_reason", condition=~Q(state="quarantined") | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def reason_text(self) -> str:
        """Return in the reader's language why it could not land; empty where it did."""
        return str(dict(self.Reason.choices).get(self.reason, self.reason))

    @property
    def is_kept_apart(self) -> bool:
        """Tell whether it waits for somebody's decision."""
        return self.state == self.State.QUARANTINED


class PhotoUpload(models.Model):
    """A photo on its way: how many of its bytes are here. It ends as a record with the hash of what arrived."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="photo_uploads")
    key = models.UUIDField(unique=True)
    device = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    received = models.PositiveIntegerField(default=0)
    meta = models.JSONField(default=dict)  # item, finding, time and place, as announced before the first byte
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="no_more_than_announced", condition=Q(received__lte=models.F("size"))),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.received}/{self.size}"
