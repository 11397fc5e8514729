"""People and their dated posts."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.models.named import local
from creation.models.places import Organ, Region, RegionPath
from creation.querysets import AppointmentQuerySet, UserManager, UserQuerySet

AT_ORGAN = ("clerk", "signatory")
IN_REGION = ("inspector", "official", "registrar", "viewer")


class User(AbstractUser):
    """A person who signs in. What they may do follows from their dated appointments, never from a flag."""

    first_name = None
    last_name = None
    name = models.CharField(_("person's name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    objects = UserManager.from_queryset(UserQuerySet)()

    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return local(self.name, self.name_en) or self.username

    def get_full_name(self) -> str:
        """Return the person's name in the reader's language."""
        return str(self)

    @cached_property
    def posts(self) -> list["Appointment"]:
        """Return today's appointments with region and organ; read once for each loaded person."""
        return list(self.appointments.on(clock.today()).select_related("region", "organ__region"))

    @cached_property
    def paths_read(self) -> dict[int, set[int]]:
        """Return the regions at or above those that a page has read beforehand; a page asks about one region often."""
        return {}

    @property
    def roles(self) -> set[str]:
        """Return the slugs of the roles that the person holds today."""
        return {post.role for post in self.posts}

    def holds(self, role: str, *, organ_id: int | None = None, region_id: int | None = None) -> bool:
        """Tell whether the person holds `role` today, exactly at this organ or in this region."""
        return any(
            post.role == role
            and (organ_id is None or post.organ_id == organ_id)
            and (region_id is None or post.region_id == region_id)
            for post in self.posts
        )

    def organ_ids(self) -> list[int]:
        """Return the organs where the person is clerk or signatory today."""
        return [post.organ_id for post in self.posts if post.organ_id]

    def asked_files(self) -> QuerySet:
        """Return, as a subquery of file ids, the files that the person was asked to look at as an inspector.

        Empty for whoever holds no such post today: the request ends with the post.
        """
        asked = self.files_to_read.all() if "inspector" in self.roles else self.files_to_read.none()
        return asked.values("assessment_id")

    def running_places(self) -> set[int]:
        """Return the regions in which the person holds a post today or later, an organ standing for its region."""
        running = self.appointments.exclude(ends_on__lt=clock.today()).select_related("organ")
        return {post.organ.region_id if post.organ_id else post.region_id for post in running}

    def region_ids(self, *roles: str) -> list[int]:
        """Return the regions in which the person holds one of `roles` today (without the regions below them)."""
        return [post.region_id for post in self.posts if post.region_id and post.role in roles]

    def scope(self, *roles: str) -> QuerySet:
        """Return, as a subquery of region ids, the regions at or below those where the person holds one of `roles`."""
        return RegionPath.objects.filter(ancestor_id__in=self.region_ids(*roles)).values("descendant_id")

    def covers(self, region_id: int, *roles: str) -> bool:
        """Tell whether `region_id` lies at or below a region where the person holds one of `roles`."""
        mine = self.region_ids(*roles)
        if not mine:
            return False
        if region_id in self.paths_read:
            return not self.paths_read[region_id].isdisjoint(mine)
        return region_id in mine or RegionPath.objects.filter(ancestor_id__in=mine, descendant_id=region_id).exists()


class Appointment(models.Model):
    """A dated post: at an organ (clerk, signatory) or in a region (inspector, official, registrar, viewer)."""

    class Role(models.TextChoices):
        CLERK = "clerk", _("Clerk")
        SIGNATORY = "signatory", _("Signatory")
        INSPECTOR = "inspector", _("Inspector")
        OFFICIAL = "official", _("Official")
        REGISTRAR = "registrar", _("Registrar")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    organ = models.ForeignKey(Organ, models.PROTECT, null=True, blank=True, related_name="appointments")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="appointments")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    # who leads the department reads what nobody else does: how single inspectors rate
    leads = models.BooleanField(_("leads the department"), default=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("user__username", "role", "id")
        indexes = [models.Index(fields=["user", "starts_on", "ends_on"])]
        constraints = [
            models.CheckConstraint(
                name="appointment_place_fits_role",
                condition=Q(role__in=AT_ORGAN, organ__isnull=False, region__isnull=True)
                | Q(role__in=IN_REGION, organ__isnull=True, region__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            ),
            models.CheckConstraint(name="only_officials_lead", condition=Q(leads=False) | Q(role="official")),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.place}"

    @property
    def place(self) -> Organ | Region:
        """Return the organ or the region of the post."""
        return self.organ or self.region
