"""What waits for officials of the competent and of the superior department."""

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import ngettext

from creation import clock, stages
from creation.models import Appointment, Assessment, Region, User
from creation.rules import may
from portal.waiting.lines import Line, counted, files_at, lines_about
from reviews.models import Inspection, Pool


def files_to_assign(user: User) -> list[Line]:
    """Return a line about the submitted files of the official's own level."""
    own = user.region_ids("official")
    found = counted(Assessment.objects.filter(stage=stages.SUBMITTED, organ__region__in=own))
    text = ngettext(
        "%(count)s submitted file to assign or send back",
        "%(count)s submitted files to assign or send back",
        found["count"],
    )
    levels = {post.region.kind for post in user.posts if post.role == "official"}
    level = levels.pop() if len(levels) == 1 else ""
    return lines_about(found, text, files_at(stages.SUBMITTED, level=level), "file_detail")


def _acted_for(user: User):
    """Return the superior regions for which the official draws, or records the letter where nobody there works here."""
    own = user.region_ids("official")
    at_work = Appointment.objects.on(clock.today()).filter(role="official", region=OuterRef("pk"))
    silent_above = Q(children__in=own, children__cycles__isnull=False) & ~Exists(at_work)
    return Region.objects.filter(Q(pk__in=own) | silent_above).values("pk")


def files_waiting_for_pool(user: User) -> list[Line]:
    """Return a line about inspected files that no pool has taken up."""
    found = counted(
        Assessment.objects.filter(
            stage=stages.INSPECTED, pool_member__isnull=True, organ__region__parent__in=_acted_for(user)
        )
    )
    text = ngettext(
        "%(count)s inspected file waits for a pool", "%(count)s inspected files wait for a pool", found["count"]
    )
    return lines_about(found, text, reverse("draw_list"))


def pools_waiting_for_draw(user: User) -> list[Line]:
    """Return a line about closed pools from which nothing has been drawn."""
    found = counted(Pool.objects.filter(draw__isnull=True, region__in=_acted_for(user)), "closed_at")
    text = ngettext("%(count)s pool waits for its draw", "%(count)s pools wait for their draw", found["count"])
    return lines_about(found, text, reverse("draw_list"), "pool_detail")


def draws_to_publish(user: User) -> list[Line]:
    """Return a line about pools whose draw was made and is not published, where the official may publish it."""
    own = user.region_ids("official")
    # those of `pool.publish`: who draws, and who records the letter of a superior above the municipality
    drawn = Pool.objects.filter(draw__isnull=False, draw__publication__isnull=True)
    mine = drawn.filter(Q(region__in=own) | Q(cycle__region__in=own, cycle__region__parent=F("region")))
    barred = [pool.pk for pool in mine.with_organs_of(user) if not may(user, "pool.publish", pool)]
    found = counted(mine.exclude(pk__in=barred), "draw__at")
    text = ngettext("%(count)s draw waits to be published", "%(count)s draws wait to be published", found["count"])
    return lines_about(found, text, reverse("draw_list"), "pool_detail")


def drawn_files_waiting_for_team(user: User) -> list[Line]:
    """Return a line about drawn files to which no team, and no letter's result, has been given."""
    checked = Inspection.objects.filter(assessment=OuterRef("pk"), kind=Inspection.Kind.SPOT_CHECK)
    found = counted(
        Assessment.objects.shown_to(user)
        .filter(shown_stage=stages.UNDER_SPOT_CHECK, organ__region__parent__in=_acted_for(user))
        .exclude(Exists(checked))
    )
    text = ngettext("%(count)s drawn file waits for a team", "%(count)s drawn files wait for a team", found["count"])
    return lines_about(found, text, files_at(stages.UNDER_SPOT_CHECK), "file_detail")
