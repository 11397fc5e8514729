"""Who sees what others say. Outside of it a page is a 404."""

from django.db import models
from django.db.models import Q

from creation.querysets import SEES_FILES


def visit_ids(user):
    """Return, as a subquery of ids, the visits whose team the person is on; none for whoever is no inspector today."""
    mine = user.visits.all() if "inspector" in user.roles else user.visits.none()
    return mine.values("inspection_id")


def compared_files(user):
    """Return, as a subquery of ids, the files an inspector was asked to look at and has nothing left to file on."""
    blind = user.visits.filter(inspection__filed_at__isnull=True).values("inspection__assessment_id")
    return user.asked_files().exclude(assessment_id__in=blind)


class InspectionQuerySet(models.QuerySet):
    """Visits."""

    def visible_to(self, user):
        """Return the visits the person is on, those in their regions, and the filed or running ones of their organ.

        An inspector sees the other raters' filed visits of the same file once nothing of their own is left to file.
        """
        mine = Q(pk__in=visit_ids(user))
        region = Q(assessment__organ__region__in=user.scope(*SEES_FILES))
        organ = Q(assessment__organ__in=user.organ_ids())
        # a drawn organ is not warned: its staff, whatever else they are, see a spot check once it has been filed
        unannounced = organ & Q(kind="spot_check", filed_at__isnull=True)
        compared = Q(filed_at__isnull=False, assessment__in=compared_files(user))
        return self.filter(mine | compared | ((region | organ) & ~unannounced))

    def hearing(self, user, day):
        """Return the spot checks on which the person's organ is heard: from their day on, until they are filed."""
        mine = self.filter(assessment__organ__in=user.organ_ids(), kind="spot_check")
        return mine.filter(visit_on__lte=day, filed_at__isnull=True)

    def of(self, user):
        """Return the visits whose team the person, an inspector today, is on."""
        return self.filter(pk__in=visit_ids(user))

    def known_to_phone_of(self, user):
        """Return the visits the person may see, and those that a phone of theirs held ready: its records are kept.

        Who has left the team meanwhile does not see the visit any longer, but what they recorded on it is not lost.
        """
        return self.filter(Q(pk__in=self.model.objects.visible_to(user).values("pk")) | Q(phones__user=user)).distinct()

    def with_file(self):
        """Return the visits with file, organ, region, cycle and standard in the same statement."""
        return self.select_related(
            "assessment__organ__region__parent", "assessment__cycle__standard", "assessment__cycle__region", "lead"
        )


class PhoneRecordQuerySet(models.QuerySet):
    """What phones recorded."""

    def unsettled(self, inspection=None):
        """Return the records that wait for somebody's decision, of one visit or of all."""
        waiting = self.filter(state="quarantined")
        return waiting if inspection is None else waiting.filter(inspection=inspection)

    def things(self):
        """Return the records without the photos, which are counted apart."""
        return self.exclude(kind="photo")

    def photos(self):
        """Return the photos among the records."""
        return self.filter(kind="photo")


class FindingQuerySet(models.QuerySet):
    """Problems found on visits."""

    def visible_to(self, user):
        """Return the findings of the visits the person may see (the same three ways in)."""
        mine = Q(inspection__in=visit_ids(user))
        region = Q(inspection__assessment__organ__region__in=user.scope(*SEES_FILES))
        organ = Q(inspection__assessment__organ__in=user.organ_ids())
        unannounced = organ & Q(inspection__kind="spot_check", inspection__filed_at__isnull=True)
        return self.filter(mine | ((region | organ) & ~unannounced))

    def due_within(self, day):
        """Return what the organ still has to answer by `day` (inclusive, overdue ones too) on visits not yet filed."""
        return self.filter(state="open", due_on__lte=day, inspection__filed_at__isnull=True)


class PoolQuerySet(models.QuerySet):
    """Pools and their draws."""

    def visible_to(self, user):
        """Return the pools of the person's regions (as official or viewer), and those drawn by their superior."""
        return self.filter(Q(region__in=user.scope(*SEES_FILES)) | Q(cycle__region__in=user.scope(*SEES_FILES)))

    def with_organs_of(self, user):
        """Return the pools with an organ where the person is clerk or signatory among their members."""
        mine = user.organ_ids()
        if not mine:
            return self.none()
        members = self.model.members.rel.related_model.objects
        of_file, of_title = Q(assessment__organ__in=mine), Q(recheck_item__recognition__organ__in=mine)
        return self.filter(pk__in=members.filter(of_file | of_title).values("pool"))

    def inside_of(self, notice):
        """Return the pools of the notice's organs whose draw, or somebody drawn after it, is not published yet."""
        later = Q(draw__extensions__isnull=False, draw__extensions__publication__isnull=True)
        inside = self.filter(Q(draw__publication__isnull=True) | later, members__assessment__listing__notice=notice)
        return inside.select_related("cycle__region", "region").order_by("pk").distinct()


class PoolMemberQuerySet(models.QuerySet):
    """Members of pools."""

    def with_organs(self):
        """Return the members with organ and region in the same statement, whatever they stand for."""
        return self.select_related("assessment__organ__region", "recheck_item__recognition__organ__region")

    def to_visit(self):
        """Return the members that were drawn, by the draw or after it, without those that another one replaces."""
        drawn = Q(result__drawn=True) | Q(extension__isnull=False)
        return self.filter(drawn, replaced_by__isnull=True)


class NoticeQuerySet(models.QuerySet):
    """Notices."""

    def public(self, now):
        """Return what everybody may see: notices published at or before the instant `now`."""
        return self.filter(published_at__lte=now)

    def handed_in(self):
        """Return the notices that wait for approval."""
        return self.filter(handed_in_at__isnull=False, approved_at__isnull=True)

    def to_approve_by(self, user):
        """Return the notices that wait for approval and that the person neither wrote, ever changed nor handed in."""
        own = Q(drafted_by=user) | Q(handed_in_by=user)
        return self.handed_in().exclude(own | Q(pk__in=self.model.changes().filter(by=user).values("subject_id")))

    def waiting(self):
        """Return the approved notices that wait for their instant."""
        return self.filter(approved_at__isnull=False, published_at__isnull=True)

    def visible_to(self, user):
        """Return the notices of the municipalities where the person is an official, drafts included."""
        return self.filter(region__in=user.scope("official"))


class SetAsideQuerySet(models.QuerySet):
    """Late and anonymous objections, kept apart."""

    def visible_to(self, user):
        """Return what deciding officials may read; nobody of the organ itself."""
        mine = self.filter(listing__notice__region__in=user.region_ids("official"))
        return mine.exclude(listing__assessment__organ__in=user.organ_ids())


class ObjectionQuerySet(models.QuerySet):
    """Objections; none of these methods reads who objected."""

    def open(self):
        """Return the objections without a decision."""
        return self.filter(state="open")

    def visible_to(self, user):
        """Return the objections the person decides, and those against their own organ."""
        return self.filter(
            Q(listing__notice__region__in=user.region_ids("official"))
            | Q(listing__assessment__organ__in=user.organ_ids())
        )


class RevocationCaseQuerySet(models.QuerySet):
    """Cases in which a title may be taken back."""

    def open(self):
        """Return the cases without a decision."""
        return self.filter(decided_at__isnull=True)

    def published(self):
        """Return what everybody may see: the decided cases, whatever was decided."""
        return self.filter(decided_at__isnull=False)

    def visible_to(self, user):
        """Return the cases of the person's regions (as official, viewer or registrar), and those of their own organ."""
        region = Q(recognition__organ__region__in=user.scope(*SEES_FILES))
        return self.filter(region | Q(recognition__organ__in=user.organ_ids()))

    def with_title(self):
        """Return the cases with title, organ, region and round in the same statement."""
        return self.select_related("recognition__organ__region", "recognition__assessment__cycle")


class WebhookQuerySet(models.QuerySet):
    """Addresses of other systems."""

    def visible_to(self, user):
        """Return the person's own addresses; nobody else reads them."""
        return self.filter(owner=user)


class ArchiveQuerySet(models.QuerySet):
    """Archives of closed rounds."""

    def visible_to(self, user):
        """Return the archives of the municipalities where the person is an official; nobody else knows of them."""
        return self.filter(cycle__region__in=user.region_ids("official"))

    def at_work(self):
        """Return the archives that wait for the worker or are being written."""
        return self.filter(state__in=("waiting", "running"))


class RecheckRoundQuerySet(models.QuerySet):
    """Rechecks."""

    def visible_to(self, user):
        """Return the rechecks that have an organ in the person's reach."""
        return self.filter(pk__in=self.model.items.rel.related_model.objects.visible_to(user).values("round"))


class RecheckItemQuerySet(models.QuerySet):
    """Organs in a recheck."""

    def visible_to(self, user):
        """Return the organs of the person's regions, their own one, and those they are sent to as an inspector."""
        region = Q(recognition__organ__region__in=user.scope(*SEES_FILES))
        mine = user.recheck_visits.all() if "inspector" in user.roles else user.recheck_visits.none()
        return self.filter(region | Q(recognition__organ__in=user.organ_ids()) | Q(pk__in=mine.values("item")))

    def drawn(self):
        """Return those to be visited, by the draw or after it, without those that another one replaces."""
        members = self.model._meta.get_field("pool_member").related_model.objects
        return self.filter(pk__in=members.to_visit().filter(recheck_item__isnull=False).values("recheck_item"))

    def not_drawn(self):
        """Return those that are not to be visited."""
        return self.exclude(pk__in=self.model.objects.drawn().values("pk"))

    def kept_so_far(self):
        """Return those without an outcome that were kept on paper, and on site as well where they were drawn."""
        rows = self.filter(outcome="", paper_verdict="keep")
        return rows.filter(Q(site_verdict="keep") | Q(pk__in=self.model.objects.not_drawn().values("pk")))

    def to_review(self):
        """Return those without a verdict on paper."""
        return self.filter(paper_verdict="", settled_at__isnull=True)

    def to_visit(self):
        """Return the drawn ones whose visit is not filed."""
        return self.drawn().filter(site_at__isnull=True, settled_at__isnull=True)

    def to_conclude(self):
        """Return those without an outcome that paper, draw and visit leave nothing to wait for."""
        known = Q(round__share=0, round__minimum=0) | Q(round__pools__draw__publication__isnull=False)
        seen = Q(site_at__isnull=False) | Q(pk__in=self.model.objects.not_drawn().values("pk"))
        return self.filter(known, seen, outcome="", settled_at__isnull=True).exclude(paper_verdict="")

    def overdue(self, day):
        """Return those whose date to put something right has passed without an answer."""
        return self.filter(outcome="rectify", rectified_at__isnull=True, settled_at__isnull=True, rectify_until__lt=day)

    def with_title(self):
        """Return the items with round, title, organ and region in the same statement."""
        return self.select_related("round__cycle__region", "recognition__organ__region", "recognition__assessment")
