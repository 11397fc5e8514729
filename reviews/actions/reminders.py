"""Reminders before a date, to those only who have something missing (domain, section 8).

Every reminder has a key, so that the daily run may run twice, late, or on two machines at once: each is told once.
"""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef

from creation import clock, stages
from creation.actions.messages import Telling, about_file, about_organ, tell
from creation.models import Appointment, Assessment, Cycle, Organ, Recognition, RegionPath
from creation.recipients import posts_of_organs
from reviews.models import Finding, Inspection

ONE_DAY = timedelta(days=1)
MOST_REMINDER_DAYS = timedelta(days=30)


def remind() -> None:
    """Tell everybody of today's reminders who has not been told; called by the timetable each morning."""
    today = clock.today()
    tell(
        [
            *findings_due(today),
            *findings_overdue(today),
            *self_ratings_to_finish(today),
            *self_ratings_to_sign(today),
            *visits_tomorrow(today),
            *titles_to_renew(today),
            *titles_expiring_by_region(today),
        ],
        by=None,
    )


def _open_findings():
    return Finding.objects.filter(
        state=Finding.State.OPEN,
        kind=Finding.Kind.BY_DEADLINE,
        inspection__assessment__stage__in=(stages.UNDER_INSPECTION, stages.RECTIFYING),
    ).select_related("indicator", "inspection__assessment__organ", "inspection__assessment__cycle")


def _to_clerks(findings: list[Finding], kind: str, key: str) -> list[Telling]:
    clerks = posts_of_organs({one.inspection.assessment.organ_id for one in findings}, "clerk")
    return [
        Telling(
            user,
            kind,
            f"{key}:{finding.pk}:{finding.due_on.isoformat()}",
            finding.inspection.assessment,
            about=finding.pk,
            values={
                **about_file(finding.inspection.assessment),
                "item": finding.indicator.code,
                "day": finding.due_on.isoformat(),
            },
        )
        for finding in findings
        for user in clerks.get(finding.inspection.assessment.organ_id, ())
    ]


def findings_due(today: date) -> list[Telling]:
    """Return the reminders of open findings whose deadline is at most the cycle's number of days away."""
    near = [
        one
        for one in _open_findings().filter(due_on__range=(today, today + MOST_REMINDER_DAYS))
        if one.due_on - today <= timedelta(days=one.inspection.assessment.cycle.reminder_days)
    ]
    return _to_clerks(near, "finding_due", "due")


def findings_overdue(today: date) -> list[Telling]:
    """Return the reminders of open findings whose deadline has passed: the day after, and once."""
    return _to_clerks(list(_open_findings().filter(due_on__lt=today)), "finding_overdue", "overdue")


def _ending(today: date) -> list[Cycle]:
    """Return the open rounds whose self-rating ends within their own number of days."""
    rounds = Cycle.objects.open().filter(self_rating_from__lte=today, self_rating_until__gte=today)
    return [one for one in rounds if one.self_rating_until - today <= timedelta(days=one.reminder_days)]


def self_ratings_to_finish(today: date) -> list[Telling]:
    """Return the reminders of organs that have not handed their self-rating over, or not even begun it.

    An organ with a living title need not begin anew, and is reminded of what it has begun only.
    """
    found = []
    for cycle in _ending(today):
        files = Assessment.objects.filter(cycle=cycle, organ=OuterRef("pk"))
        titled = Recognition.objects.live_on(today).filter(organ=OuterRef("pk"))
        begun = Exists(files.filter(stage__in=stages.EDITABLE))
        organs = list(
            Organ.objects.active_on(today)
            .filter(region__paths_up__ancestor=cycle.region_id)
            .filter(begun | (~Exists(files) & ~Exists(titled)))
        )
        clerks = posts_of_organs({organ.pk for organ in organs}, "clerk")
        found += [
            Telling(user, "window_ends", f"window:{cycle.pk}:{organ.pk}", values=_of_window(cycle, organ))
            for organ in organs
            for user in clerks.get(organ.pk, ())
        ]
    return found


def _of_window(cycle: Cycle, organ: Organ) -> dict:
    return {
        **about_organ(organ),
        "year": cycle.year,
        "day": cycle.self_rating_until.isoformat(),
        "cycle": cycle.pk,
        "organ_id": organ.pk,
    }


def self_ratings_to_sign(today: date) -> list[Telling]:
    """Return the reminders of signatories whose signature is missing: never whoever prepared the file."""
    files = list(
        Assessment.objects.filter(stage=stages.PREPARED, cycle__in=_ending(today))
        .select_related("organ", "cycle")
        .prefetch_related("changes")
    )
    signatories = posts_of_organs({file.organ_id for file in files}, "signatory")
    found = []
    for file in files:
        prepared = [change for change in file.changes.all() if change.step == "prepare"][-1]
        values = {**about_file(file), "day": file.cycle.self_rating_until.isoformat()}
        found += [
            Telling(user, "sign_by", f"sign:{prepared.pk}", file, values=values)
            for user in signatories.get(file.organ_id, ())
            if user.pk != prepared.by_id
        ]
    return found


def visits_tomorrow(today: date) -> list[Telling]:
    """Return the reminders of the teams whose visit is tomorrow, or today where yesterday's run was missed."""
    visits = Inspection.objects.filter(
        filed_at__isnull=True, visit_on__range=(today, today + ONE_DAY), assessment__stage__in=_VISITED
    ).select_related("assessment__organ", "assessment__cycle")
    on_duty = Appointment.objects.on(today).filter(role="inspector").values("user")
    return [
        Telling(
            member.user,
            "visit_soon",
            f"soon:{visit.pk}:{visit.visit_on.isoformat()}",
            visit.assessment,
            about=visit.pk,
            values={**about_file(visit.assessment), "day": visit.visit_on.isoformat()},
        )
        for visit in visits
        for member in visit.members.filter(user__is_active=True, user__in=on_duty).select_related("user")
    ]


_VISITED = (stages.UNDER_INSPECTION, stages.RECTIFYING, stages.UNDER_SPOT_CHECK)


def titles_to_renew(today: date) -> list[Telling]:
    """Return the reminders of clerks whose organ's title expires within `EXPIRES_SOON`, once for each title."""
    titles = list(Recognition.objects.expiring(today).select_related("organ", "assessment"))
    clerks = posts_of_organs({title.organ_id for title in titles}, "clerk")
    return [
        Telling(
            user,
            "title_expires",
            f"expires:{title.pk}",
            title.assessment,
            about=title.organ_id,
            values={**about_organ(title.organ), "day": title.valid_until.isoformat()},
        )
        for title in titles
        for user in clerks.get(title.organ_id, ())
    ]


def titles_expiring_by_region(today: date) -> list[Telling]:
    """Return the reminders of officials: one for each last day and region of theirs, however many titles end then."""
    places = RegionPath.objects.filter(descendant__organs__recognitions__in=Recognition.objects.expiring(today))
    counted = (
        places.order_by()
        .values_list("ancestor", "descendant__organs__recognitions__valid_until")
        .annotate(count=Count("descendant__organs__recognitions"))
    )
    ends: dict[int, list[tuple[date, int]]] = {}
    for region, day, count in counted:
        ends.setdefault(region, []).append((day, count))
    posts = Appointment.objects.on(today).filter(role="official", region__in=ends, user__is_active=True)
    below_nation = posts.exclude(region__kind="nation").select_related("user")
    return [
        Telling(
            post.user,
            "titles_expire",
            f"expire:{post.region_id}:{day.isoformat()}",
            values={"day": day.isoformat(), "count": count},
        )
        for post in below_nation
        for day, count in ends[post.region_id]
    ]
