"""The reproducible random sample of inspected organs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation.models import Assessment, Cycle, Evidence, Organ, Region
from reviews.querysets import PoolMemberQuerySet, PoolQuerySet


class Pool(models.Model):
    """What a department draws from, closed before any seed is known. Never changes.

    For a spot check the superior draws from inspected files, for a recheck the municipality from recognised organs.
    """

    class Purpose(models.TextChoices):
        SPOT_CHECK = "spot_check", _("Spot check")
        RECHECK = "recheck", _("Recheck")

    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.SPOT_CHECK)
    recheck = models.ForeignKey("reviews.RecheckRound", models.PROTECT, null=True, blank=True, related_name="pools")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="pools")
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="pools", verbose_name=_("superior department's region")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    share = models.DecimalField(_("sampling share (%)"), max_digits=5, decimal_places=2)
    minimum = models.PositiveSmallIntegerField(_("smallest sample per region"))
    sha256 = models.CharField(max_length=64)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    objects = PoolQuerySet.as_manager()

    class Meta:
        ordering = ("-closed_at", "-id")
        constraints = [
            models.UniqueConstraint(name="pool_number_once", fields=["cycle", "region", "number"]),
            models.UniqueConstraint(name="one_pool_per_recheck", fields=["recheck"]),
            models.CheckConstraint(
                name="pool_purpose_fits",
                condition=Q(purpose="spot_check", recheck__isnull=True) | Q(purpose="recheck", recheck__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        text = (
            _("%(cycle)s · %(region)s · recheck pool %(number)s")
            if self.is_recheck
            else _("%(cycle)s · %(region)s · pool %(number)s")
        )
        return text % {"cycle": self.cycle, "region": self.region, "number": self.number}

    @property
    def is_recheck(self) -> bool:
        """Tell whether recognised organs are drawn from it for a recheck; no file moves by such a draw."""
        return self.purpose == self.Purpose.RECHECK

    @property
    def keeper(self) -> Organ:
        """Return the organ in whose name a letter about the pool is kept: the municipality's department, if it is on
        the register.
        """
        return self.cycle.region.department or self.members.first().organ


class PoolMember(models.Model):
    """A file, or a recognised organ to be rechecked, in a pool.

    `key` is how the draw names it, `stratum` the code of the organ's region, `tickets` how many chances it has.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="members")
    assessment = models.OneToOneField(Assessment, models.PROTECT, null=True, blank=True, related_name="pool_member")
    recheck_item = models.OneToOneField(
        "reviews.RecheckItem", models.PROTECT, null=True, blank=True, related_name="pool_member"
    )
    stratum = models.CharField(max_length=12)
    key = models.CharField(max_length=40)
    tickets = models.PositiveSmallIntegerField(default=1)

    objects = PoolMemberQuerySet.as_manager()

    class Meta:
        ordering = ("stratum", "key")
        constraints = [
            models.UniqueConstraint(name="pool_key_once", fields=["pool", "key"]),
            models.CheckConstraint(
                name="pool_member_is_one_thing",
                condition=Q(assessment__isnull=False, recheck_item__isnull=True)
                | Q(assessment__isnull=True, recheck_item__isnull=False),
            ),
            models.CheckConstraint(name="pool_member_has_a_ticket", condition=Q(tickets__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.stratum}|{self.key}"

    @property
    def organ(self) -> Organ:
        """Return the organ that the member stands for."""
        return self.assessment.organ if self.assessment_id else self.recheck_item.recognition.organ


class Draw(models.Model):
    """The one draw of a pool, with its seed, or the superior's own list from a letter. Never changes."""

    class Source(models.TextChoices):
        PORTAL = "portal", _("Drawn in the portal")
        LETTER = "letter", _("Recorded from the superior's letter")

    pool = models.OneToOneField(Pool, models.PROTECT, related_name="draw")
    source = models.CharField(max_length=6, choices=Source, default=Source.PORTAL)
    method = models.CharField(max_length=40)
    seed = models.CharField(_("seed"), max_length=200, blank=True)
    seed_source = models.CharField(_("where the seed comes from"), max_length=300, blank=True)
    seed_at = models.DateTimeField(_("when the seed was published"), null=True, blank=True)
    letter = models.ForeignKey(Evidence, models.PROTECT, null=True, blank=True, related_name="+")
    letter_number = models.CharField(_("document number of the letter"), max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)
        constraints = [
            models.CheckConstraint(
                name="draw_has_seed_or_letter",
                condition=(Q(source="portal", letter__isnull=True) & ~Q(seed=""))
                | Q(source="letter", letter__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool} · {self.get_source_display()}"


class DrawPublication(models.Model):
    """The moment from which everybody may read what was drawn. Insert only.

    A closed pool is public at once, as nobody may choose its members with a seed in mind; who was drawn is not before
    the department says so; the organ itself is told neither team nor day of its spot check.
    """

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="publication")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.draw)


class DrawnMember(models.Model):
    """What the draw said of one file: its place in the drawing order of its stratum, and whether it was drawn."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="results")
    member = models.OneToOneField(PoolMember, models.PROTECT, related_name="result")
    rank = models.PositiveIntegerField()
    drawn = models.BooleanField()

    class Meta:
        ordering = ("member__stratum", "rank")

    def __str__(self) -> str:
        return f"{self.member} #{self.rank}"


class Extension(models.Model):
    """A member drawn after the draw, the next of its stratum's order: one more, or in another's place. Insert only."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="extensions")
    member = models.OneToOneField(PoolMember, models.PROTECT, related_name="extension")
    replaces = models.OneToOneField(PoolMember, models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.TextField(_("reason"), max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        constraints = [models.CheckConstraint(name="extension_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.member} +"


class ExtensionPublication(models.Model):
    """The moment from which everybody may read an extension of a published draw. Insert only."""

    extension = models.OneToOneField(Extension, models.PROTECT, related_name="publication")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.extension)
