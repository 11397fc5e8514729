"""Who sees what: one scoping method for each noun, the first line of every view. Outside of it a page is a 404."""

from datetime import date, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When

from creation import rules, stages

SEES_FILES = ("official", "viewer", "registrar")
SEES_REGISTER = ("official", "viewer", "registrar", "inspector")
EXPIRES_SOON = timedelta(days=90)
SHOWN_OUTSIDE = sorted(set(stages.LABELS) - {stages.DRAFT, stages.PREPARED})


class RegionQuerySet(models.QuerySet):
    """Regions; their names are public."""

    def at_or_below(self, region):
        """Return the region itself and everything below it."""
        return self.filter(paths_up__ancestor=region)

    def visible_to(self, user):
        """Return the regions at or below the person's posts, and the region of each organ they work at."""
        return self.filter(
            Q(pk__in=user.scope(*SEES_REGISTER))
            | Q(pk__in=[post.organ.region_id for post in user.posts if post.organ_id])
        )

    def near(self, user, code: str = ""):
        """Return those of the person's regions that a list offers: where they hold a post, and what lies right below.

        With the code of a chosen region, the way down to it and what lies right below it as well.
        """
        own = user.region_ids(*SEES_REGISTER) + [post.organ.region_id for post in user.posts if post.organ_id]
        offered = Q(pk__in=own) | Q(parent__in=own)
        if code:
            offered |= Q(paths_down__descendant__code=code) | Q(parent__code=code)
        return self.visible_to(user).filter(offered).distinct()


class OrganQuerySet(models.QuerySet):
    """Organs on the register."""

    def active_on(self, day: date):
        """Return the organs on the register on `day`."""
        return self.filter(Q(abolished_on__isnull=True) | Q(abolished_on__gt=day), established_on__lte=day)

    def visible_to(self, user):
        """Return the organs in the person's regions and those where they work."""
        return self.filter(Q(region__in=user.scope(*SEES_REGISTER)) | Q(pk__in=user.organ_ids()))


class UserManager(DjangoUserManager):
    """Creates people; `create_user` hashes the password."""

    use_in_migrations = False


class UserQuerySet(models.QuerySet):
    """People."""

    def visible_to(self, user):
        """Return the people whom a registrar or official has in their regions, and the person themselves."""
        within = user.scope("registrar", "official")
        posts = Q(appointments__region__in=within) | Q(appointments__organ__region__in=within)
        return self.filter(posts | Q(pk=user.pk)).distinct()

    def never_signed_in(self):
        """Return the people who were invited and have not chosen a password yet."""
        return self.filter(last_login__isnull=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)


class AppointmentQuerySet(models.QuerySet):
    """Dated posts."""

    def on(self, day: date):
        """Return the appointments that hold on `day`."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def visible_to(self, user):
        """Return the posts in the person's regions as registrar or official, and their own."""
        within = user.scope("registrar", "official")
        return self.filter(Q(region__in=within) | Q(organ__region__in=within) | Q(user=user))


class StandardQuerySet(models.QuerySet):
    """Standards."""

    def visible_to(self, user):
        """Return every published version, and the drafts too for those who may publish them."""
        return self if rules.may(user, "standard.manage") else self.filter(published_at__isnull=False)


class CycleQuerySet(models.QuerySet):
    """Yearly rounds."""

    def open(self):
        """Return the cycles that have been opened and not closed."""
        return self.filter(opened_at__isnull=False, closed_at__isnull=True)

    def visible_to(self, user):
        """Return every opened cycle, and the drafts of cycles in the person's regions as official."""
        return self.filter(Q(opened_at__isnull=False) | Q(region__in=user.scope("official")))

    def for_organ(self, organ):
        """Return the cycles of the municipality that the organ belongs to."""
        return self.filter(region__paths_down__descendant=organ.region_id)


class AssessmentQuerySet(models.QuerySet):
    """Files."""

    def visible_to(self, user):
        """Return the files of the person's own organs, of their regions, and those they were asked to look at."""
        return self.filter(
            Q(organ__in=user.organ_ids()) | Q(organ__region__in=user.scope(*SEES_FILES)) | Q(pk__in=user.asked_files())
        )

    def shown_to(self, user):
        """Return the files with `shown_stage` and `shown_since`: where they stand as far as the person may know.

        The organ's own staff, whatever else they are, and whoever reads numbers only, know what has been announced
        (see `Assessment.is_withheld_from`).
        """
        theirs = Q(organ__region__in=user.scope(*SEES_FILES)) | Q(pk__in=user.asked_files())
        knows = theirs & ~Q(organ__in=user.organ_ids())
        return self.annotate(
            shown_stage=Case(When(knows, then=F("stage")), default=F("told_stage")),
            shown_since=Case(When(knows, then=F("stage_since")), default=F("told_since")),
        )

    def known_to(self, user):
        """Return the files that are `visible_to` the person, with what they may know of each as `shown_to` gives it.

        To whoever sees files by their region alone nothing is untold: the plain columns do, which an index sorts.
        """
        files = self.visible_to(user)
        if user.organ_ids() or "inspector" in user.roles:
            return files.shown_to(user)
        return files.annotate(shown_stage=F("stage"), shown_since=F("stage_since"))

    def with_places(self):
        """Return the files with organ, region, parent region, cycle and standard in the same statement."""
        return self.select_related("organ__region__parent", "cycle__region", "cycle__standard")


class EvidenceQuerySet(models.QuerySet):
    """Files that organs and inspectors brought."""

    def in_library_of(self, user):
        """Return the evidence in the libraries of the organs where the person works."""
        return self.filter(organ__in=user.organ_ids(), purpose="evidence")

    def visible_to(self, user):
        """Return the organ's own library, and what is attached to submitted files that the person may see."""
        in_reach = Q(attachments__assessment__organ__region__in=user.scope(*SEES_FILES)) | Q(
            attachments__assessment__in=user.asked_files()
        )
        shown = in_reach & Q(attachments__assessment__stage__in=SHOWN_OUTSIDE)
        return self.filter(Q(organ__in=user.organ_ids()) | shown).distinct()


class RecognitionQuerySet(models.QuerySet):
    """Titles."""

    def live_on(self, day: date):
        """Return the titles that hold on `day`: granted, not revoked, not replaced, not expired (domain, section 5)."""
        return self.filter(
            Q(revoked_on__isnull=True) | Q(revoked_on__gt=day),
            Q(replaced_on__isnull=True) | Q(replaced_on__gt=day),
            Q(valid_until__isnull=True) | Q(valid_until__gte=day),
            granted_on__lte=day,
        )

    def visible_to(self, user):
        """Return the titles of the organs that the person sees on the register."""
        return self.filter(Q(organ__region__in=user.scope(*SEES_REGISTER)) | Q(organ__in=user.organ_ids()))

    def expiring(self, day: date):
        """Return the titles of organs on the register that end within `EXPIRES_SOON`, the first to end first."""
        rows = self.live_on(day).filter(valid_until__lte=day + EXPIRES_SOON)
        on_register = Q(organ__abolished_on__isnull=True) | Q(organ__abolished_on__gt=day)
        return rows.filter(on_register).order_by("valid_until", "organ__region__position", "organ__credit_code")


class MessageQuerySet(models.QuerySet):
    """What people are told."""

    def visible_to(self, user):
        """Return one's own messages; nobody reads those of others."""
        return self.filter(user=user)

    def in_portal(self, user):
        """Return one's own messages of the kinds that the person wants in the portal."""
        hidden = user.message_choices.filter(kind=OuterRef("kind"), in_portal=False)
        return self.visible_to(user).exclude(Exists(hidden))

    def unread(self):
        """Return the messages that have not been read."""
        return self.filter(read_at__isnull=True)


class ApiTokenQuerySet(models.QuerySet):
    """Tokens of programs."""

    def visible_to(self, user):
        """Return one's own tokens; nobody sees those of others."""
        return self.filter(user=user)

    def live_on(self, day: date):
        """Return the tokens that have neither been revoked nor ended before `day`."""
        return self.filter(revoked_at__isnull=True, expires_on__gte=day)
