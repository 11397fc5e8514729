"""What is taken down at the organ beside the ratings: photos of the visit and signatures."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation.models import Evidence, Indicator
from reviews.models.inspections import Finding, Inspection


class VisitPhoto(models.Model):
    """A photo taken on a visit, at an item or of a finding, with its place where the device knew one. Insert only.

    A photo may arrive before the finding it shows: `finding_key` is the finding's key on the phone until then.
    """

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="photos")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="visit_photos")
    finding_key = models.UUIDField(null=True, blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)  # given by the phone: the same photo lands once
    sha256 = models.CharField(max_length=64)  # of the bytes that the phone sent
    taken_at = models.DateTimeField()
    latitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    accuracy_m = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(10**6)])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("taken_at", "id")
        constraints = [
            models.CheckConstraint(
                name="photo_place_whole",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection_id} · {self.key}"


class Signature(models.Model):
    """A signature under a visit, drawn on the device: what stood there by then is named by its SHA-256. Insert only.

    The organ's representative may disagree and write why; neither changes a rating.
    """

    class Side(models.TextChoices):
        INSPECTOR = "inspector", _("Inspector")
        ORGAN = "organ", _("Representative of the organ")

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=10, choices=Side)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(_("person's name"), max_length=80)
    position = models.CharField(_("position"), max_length=80, blank=True)
    strokes = models.JSONField()  # lists of [x, y] in a field of 1000 × 400
    disagrees = models.BooleanField(_("I disagree"), default=False)
    statement = models.TextField(_("why I disagree"), max_length=2000, blank=True)
    signed_sha256 = models.CharField(max_length=64)
    key = models.UUIDField(unique=True)
    signed_at = models.DateTimeField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("side", "signed_at", "id")
        constraints = [
            models.CheckConstraint(name="signature_side_known", condition=Q(side__in=["inspector", "organ"])),
            models.CheckConstraint(
                name="signature_disagreement_says_why", condition=Q(disagrees=False) | ~Q(statement="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()} · {self.name}"

    @property
    def path(self) -> str:
        """Return the drawing as the `d` of an SVG path in a field of 1000 × 400; a touch becomes a dot."""
        lines = []
        for stroke in self.strokes:
            (x, y), *rest = stroke
            lines.append(f"M{x:g} {y:g}" + ("".join(f"L{px:g} {py:g}" for px, py in rest) or "h1"))
        return "".join(lines)


class VisitStatement(models.Model):
    """What the organ says to a spot check before it is filed, or that it had nothing to say. Insert only.

    An overturning spot check is filed only once the organ has been heard, by this or by its signature on site.
    """

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="statements")
    text = models.TextField(_("what the organ says"), max_length=4000)
    spoken_by = models.CharField(_("person's name"), max_length=80, blank=True)  # where the team took it down
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.CheckConstraint(name="visit_statement_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text[:60]
