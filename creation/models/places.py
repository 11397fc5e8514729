"""Regions and organs: the register against which every rate is counted."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from creation.credit_code import problem
from creation.models.named import Named
from creation.querysets import OrganQuerySet, RegionQuerySet


class Region(Named):
    """A node of the tree: nation → province → city → district. Its kind is the level of its organs."""

    class Kind(models.TextChoices):
        NATION = "nation", _("Nation")
        PROVINCE = "province", _("Province")
        CITY = "city", _("City")
        DISTRICT = "district", _("District")

    code = models.CharField(_("code"), max_length=12, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    position = models.PositiveIntegerField(_("register order"), default=0)
    department = models.ForeignKey(
        "Organ", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("competent department")
    )
    office_phone = models.CharField(_("office phone"), max_length=40, blank=True)
    office_address = models.CharField(_("office address"), max_length=200, blank=True)
    office_mailbox = models.EmailField(_("office mailbox"), blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ("position", "code")
        indexes = [models.Index(fields=["position", "code"])]
        constraints = [
            models.CheckConstraint(
                name="region_not_its_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
            models.CheckConstraint(
                name="region_kind_known", condition=Q(kind__in=["nation", "province", "city", "district"])
            ),
        ]


class RegionPath(models.Model):
    """One pair of the tree's closure: `ancestor` stands above (or is) `descendant`, `depth` steps apart."""

    ancestor = models.ForeignKey(Region, models.CASCADE, related_name="paths_down")
    descendant = models.ForeignKey(Region, models.CASCADE, related_name="paths_up")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="region_path_once", fields=["ancestor", "descendant"])]

    def __str__(self) -> str:
        return f"{self.ancestor_id}>{self.descendant_id}"


def check_credit_code(value: str) -> None:
    """Refuse a unified social credit code whose form or check character is wrong (GB 32100-2015)."""
    if problem(value):
        raise ValidationError(_("This is not a valid unified social credit code: check the 18 characters."))


class Organ(Named):
    """A Party or government body on the register, active from `established_on` until before `abolished_on`."""

    class Category(models.TextChoices):
        PARTY = "party", _("Party organ")
        CONGRESS = "congress", _("People's congress")
        ADMINISTRATIVE = "administrative", _("Administrative organ")
        CONSULTATIVE = "consultative", _("Political consultative conference")
        SUPERVISION = "supervision", _("Supervision organ")
        COURT = "court", _("Court")
        PROCURATORATE = "procuratorate", _("Procuratorate")
        PEOPLE_ORGANISATION = "people_organisation", _("People's organisation")
        TOWNSHIP = "township", _("Town, township or sub-district office")
        PUBLIC_INSTITUTION = "public_institution", _("Public institution")

    credit_code = models.CharField(
        _("unified social credit code"), max_length=18, unique=True, validators=[check_credit_code]
    )
    region = models.ForeignKey(Region, models.PROTECT, related_name="organs", verbose_name=_("region"))
    category = models.CharField(_("category"), max_length=24, choices=Category)
    staff = models.PositiveIntegerField(_("staff"), null=True, blank=True)
    floor_area_m2 = models.DecimalField(_("floor area (m²)"), max_digits=12, decimal_places=2, null=True, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    established_on = models.DateField(_("established on (first day)"))
    abolished_on = models.DateField(_("abolished on (first day without)"), null=True, blank=True)

    objects = OrganQuerySet.as_manager()

    class Meta:
        ordering = ("region__position", "credit_code")
        indexes = [
            models.Index(fields=["region", "established_on", "abolished_on"]),
            models.Index(fields=["region", "credit_code"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="organ_abolished_after_established",
                condition=Q(abolished_on__isnull=True) | Q(abolished_on__gt=F("established_on")),
            ),
            models.CheckConstraint(
                name="organ_floor_area_not_negative", condition=Q(floor_area_m2__isnull=True) | Q(floor_area_m2__gte=0)
            ),
        ]

    def is_active_on(self, day) -> bool:
        """Tell whether the organ is on the register on `day`."""
        return self.established_on <= day and (self.abolished_on is None or day < self.abolished_on)


class Succession(models.Model):
    """One thread of a merge or a split: `predecessor` went (partly) over into `successor`."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merge")
        SPLIT = "split", _("Split")

    kind = models.CharField(max_length=5, choices=Kind)
    predecessor = models.ForeignKey(Organ, models.PROTECT, related_name="successions_out")
    successor = models.ForeignKey(Organ, models.PROTECT, related_name="successions_in")
    effective_on = models.DateField(_("effective on"))
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        ordering = ("-effective_on", "id")
        constraints = [
            models.UniqueConstraint(name="succession_once", fields=["predecessor", "successor", "effective_on"]),
            models.CheckConstraint(name="succession_of_two_organs", condition=~Q(predecessor=F("successor"))),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class CountChange(models.Model):
    """A row of the queue: something that is counted changed in `region` with effect from `since`.

    Written in the transaction of the change itself; the recount deletes exactly the rows it has read, so a lost
    message or a killed worker leaves the row, and the number is shown as stale until it is right again.
    """

    region = models.ForeignKey(Region, models.CASCADE, related_name="+")
    since = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.region_id} since {self.since}"
