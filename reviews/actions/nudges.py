"""Files that stand still: whoever has something to do with them is reminded, by an official who has seen the list.

`plan` says who would read what; `nudge` tells exactly those. A message about a file has the file and the day as its
key, one about the files of a department the round, the department, the stage and the day; a file counts only where it
has stood at its stage since before today. So nobody is reminded twice of a file on one day, whoever clicks how often.

What an organ has not been told never reaches it: its people hear only of stages that they know, and nobody hears as an
official or inspector of a file of an organ where they work.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.events import record
from creation.actions.messages import Telling, about_file, about_organ, tell
from creation.errors import Overtaken
from creation.models import AT_ORGAN, Appointment, Assessment, Cycle, Message, MessageChoice, Region, User
from creation.recipients import posts_of_organs
from creation.rules import require
from creation.stages import CLERK, INSPECTOR, MUNICIPALITY, OFFICIAL, SIGNATORY, SUPERIOR
from reviews.models import Finding, Inspection, Objection

Files = QuerySet[Assessment]


@dataclass(frozen=True, slots=True)
class Nudge:
    """Of files at a stage: which of them wait for whom, and with what kind of message these are reminded."""

    kind: str
    role: str
    waiting: Callable[[Files], Files]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One person as whom they are reminded, what they will read, and whether they have been reminded today already."""

    role: str
    telling: Telling
    is_told: bool
    is_unwanted: bool  # switched off in the portal and by mail

    @property
    def user(self) -> User:
        """Return who is reminded."""
        return self.telling.user

    @property
    def as_whom(self) -> stages.Text:
        """Return for people as whom the person is reminded."""
        return stages.ACTORS[self.role]

    @property
    def sentence(self) -> str:
        """Return what the person will read."""
        return self.telling.row(clock.now()).what

    @property
    def will_go(self) -> bool:
        """Tell whether sending now reaches the person."""
        return not (self.is_told or self.is_unwanted)


@dataclass(frozen=True, slots=True)
class Plan:
    """Who would be reminded of the files of a round at a stage; of `idle` files nobody has anything to do now."""

    files: int
    idle: int
    reminders: list[Reminder]

    @property
    def will_go(self) -> int:
        """Return how many messages would be sent now."""
        return sum(one.will_go for one in self.reminders)

    @property
    def mark(self) -> str:
        """Return a mark that differs as soon as the list of who reads what is another one."""
        lines = [f"{one.user.pk} {one.telling.key} {one.telling.kind} {one.telling.values}" for one in self.reminders]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


# --- which files wait for whom -------------------------------------------------------------------------------------


def _window_open(files: Files) -> Files:
    return files.filter(cycle__self_rating_until__gte=clock.today())


def _findings(state: str) -> Callable[[Files], Files]:
    open_ones = Finding.objects.filter(inspection__assessment=OuterRef("pk"), state=state)
    return lambda files: files.filter(Exists(open_ones))


def _visited(files: Files) -> Files:
    """Narrow to files with a visit whose day has come and that has not been filed."""
    visits = Inspection.objects.filter(assessment=OuterRef("pk"), filed_at=None, visit_on__lte=clock.today())
    return files.filter(Exists(visits))


def _without_team(files: Files) -> Files:
    return files.exclude(inspections__kind=Inspection.Kind.SPOT_CHECK)


def _notice_ended(files: Files) -> Files:
    objections = Objection.objects.open().filter(listing__assessment=OuterRef("pk"))
    ended = Q(listing__notice__last_day__lt=clock.today(), listing__notice__order__isnull=True)
    return files.filter(ended).exclude(Exists(objections))


NUDGES: dict[str, tuple[Nudge, ...]] = {
    stages.DRAFT: (Nudge("remind_finish", CLERK, _window_open),),
    stages.RETURNED: (Nudge("remind_finish", CLERK, _window_open),),
    stages.PREPARED: (Nudge("remind_sign", SIGNATORY, _window_open),),
    stages.SUBMITTED: (Nudge("remind_assign", OFFICIAL, lambda files: files),),
    stages.UNDER_INSPECTION: (Nudge("remind_visit", INSPECTOR, _visited),),
    stages.RECTIFYING: (
        Nudge("remind_rectify", CLERK, _findings(Finding.State.OPEN)),
        Nudge("remind_accept", INSPECTOR, _findings(Finding.State.ANSWERED)),
    ),
    stages.INSPECTED: (Nudge("remind_draw", SUPERIOR, lambda files: files),),
    stages.UNDER_SPOT_CHECK: (
        Nudge("remind_team", SUPERIOR, _without_team),
        Nudge("remind_visit", INSPECTOR, _visited),
    ),
    stages.CHECKED: (Nudge("remind_publicise", MUNICIPALITY, lambda files: files.filter(listing__isnull=True)),),
    stages.PUBLICISED: (Nudge("remind_recognise", MUNICIPALITY, _notice_ended),),
}


def plan(region: Region, *, stage: str, year: int, by: User) -> Plan:
    """Return who would be reminded of the files of the open rounds of a year that stand at a stage in a region.

    Files of organs where `by` works are left out, so that the list tells nothing of them.
    """
    files = _standing_still(region, stage, year, by)
    found: list[tuple[str, Telling]] = []
    waiting: set[int] = set()
    for nudge in NUDGES.get(stage, ()):
        rows = list(nudge.waiting(files))
        told = _tellings(nudge, rows)
        found += [(nudge.role, telling) for telling, _files in told if telling.user.pk != by.pk]
        waiting |= {file for _telling, about in told for file in about}
    number = files.count()
    return Plan(number, number - len(waiting), _reminders(found))


@transaction.atomic
def nudge(region: Region, *, stage: str, year: int, by: User, seen: str = "") -> int:
    """Remind everybody of the plan and return how many messages went out; those reminded today are passed over.

    `seen` is the `mark` of the plan that the official has looked at: `Overtaken` when somebody else would be reminded
    now, or of something else.
    """
    require(by, "files.remind", region)
    planned = plan(region, stage=stage, year=year, by=by)
    if seen and seen != planned.mark:
        raise Overtaken(_("Who is to be reminded has changed meanwhile. Look at the list again, then send."))
    tellings = [one.telling for one in planned.reminders]
    at = clock.now()
    tell(tellings, by=by, at=at)
    keys, people = {one.key for one in tellings}, {one.user.pk for one in tellings}
    sent = Message.objects.filter(user__in=people, key__in=keys, at=at).count()
    if sent:
        record("remind", region, by=by, after={"stage": stage, "year": year, "messages": sent})
    return sent


def _standing_still(region: Region, stage: str, year: int, by: User) -> Files:
    begin_of_today = timezone.make_aware(datetime.combine(clock.today(), time.min))
    return (
        Assessment.objects.visible_to(by)
        .filter(cycle__in=Cycle.objects.open(), cycle__year=year, organ__region__paths_up__ancestor=region)
        .filter(stage=stage, stage_since__lt=begin_of_today)
        .exclude(organ__in=by.organ_ids())
        .select_related("organ__region__parent", "cycle__region")
        .order_by("stage_since", "pk")
    )


def _reminders(found: list[tuple[str, Telling]]) -> list[Reminder]:
    """Return each telling once for each person and key, with what is known of them; in one order for everybody."""
    once = {(telling.user.pk, telling.key): (role, telling) for role, telling in reversed(found)}
    people = {user for user, _key in once}
    told = set(Message.objects.filter(user__in=people, key__in={key for _u, key in once}).values_list("user", "key"))
    silent = set(
        MessageChoice.objects.filter(user__in=people, in_portal=False, by_mail=False).values_list("user", "kind")
    )
    return [
        Reminder(role, telling, (user, key) in told, (user, telling.kind) in silent)
        for (user, key), (role, telling) in sorted(once.items())
    ]


# --- what they are told --------------------------------------------------------------------------------------------


def _tellings(nudge: Nudge, files: list[Assessment]) -> list[tuple[Telling, list[int]]]:
    """Return what each person is told, with the files it is about."""
    if nudge.role == INSPECTOR:
        return _of_visits(nudge, files)
    return _of_organs(nudge, files) if nudge.role in AT_ORGAN else _of_departments(nudge, files)


def _key(file: Assessment) -> str:
    return f"remind:{file.pk}:{clock.today().isoformat()}"


def _days(file: Assessment) -> int:
    return (clock.today() - timezone.localdate(file.stage_since)).days


def _of_organs(nudge: Nudge, files: list[Assessment]) -> list[tuple[Telling, list[int]]]:
    """Tell clerks or signatories of their own file, only at a stage of which the organ has been told."""
    known = [file for file in files if file.told_stage == file.stage and file.told_since == file.stage_since]
    people = posts_of_organs({file.organ_id for file in known}, nudge.role)
    prepared = _prepared_by(known) if nudge.role == SIGNATORY else {}
    return [
        (Telling(user, nudge.kind, _key(file), file, values={**about_file(file), "days": _days(file)}), [file.pk])
        for file in known
        for user in people.get(file.organ_id, ())
        if prepared.get(file.pk) != user.pk
    ]


def _prepared_by(files: list[Assessment]) -> dict[int, int]:
    """Return who handed each file over for signature: the person who cannot sign it."""
    rows = Assessment.objects.filter(pk__in=[file.pk for file in files], changes__step="prepare")
    return dict(rows.order_by("changes__number").values_list("pk", "changes__by"))


def _of_visits(nudge: Nudge, files: list[Assessment]) -> list[tuple[Telling, list[int]]]:
    """Tell the teams of visits that have not been filed, those who are inspectors today."""
    by_id = {file.pk: file for file in files}
    visits = Inspection.objects.filter(assessment__in=by_id, filed_at=None).prefetch_related("members__user")
    on_duty = set(Appointment.objects.on(clock.today()).filter(role="inspector").values_list("user", flat=True))
    found = []
    for visit in visits.order_by("pk"):
        file = by_id[visit.assessment_id]
        values = {**about_file(file), "day": visit.visit_on.isoformat(), "days": _days(file)}
        found += [
            (Telling(member.user, nudge.kind, _key(file), file, about=visit.pk, values=values), [file.pk])
            for member in visit.members.all()
            if member.user.is_active and member.user_id in on_duty
        ]
    return _without_own(found)


def _of_departments(nudge: Nudge, files: list[Assessment]) -> list[tuple[Telling, list[int]]]:
    """Tell officials of the files of each department at once: how many wait, and the oldest for how long."""
    officials = _officials({place for file in files for place in _places(nudge.role, file)})
    groups: dict[tuple[int, int], list[Assessment]] = {}
    for file in files:
        groups.setdefault((file.cycle_id, file.organ.region_id), []).append(file)
    found = []
    for group in groups.values():
        people = next((officials[place] for place in _places(nudge.role, group[0]) if officials.get(place)), [])
        own = _own_organs(people, group)
        for user in people:
            theirs = [file for file in group if (user.pk, file.organ_id) not in own]
            if theirs:
                found.append((_of_department(nudge, user, theirs), [file.pk for file in theirs]))
    return found


def _of_department(nudge: Nudge, user: User, files: list[Assessment]) -> Telling:
    oldest, region = files[0], files[0].organ.region  # the files come oldest first
    key = f"remind:{oldest.cycle_id}:{region.pk}:{oldest.stage}:{clock.today().isoformat()}"
    at_stage = {"round": oldest.cycle.year, "stage": oldest.stage, "region": region.code, "sort": "-since"}
    values = {
        **about_organ(region),
        "year": oldest.cycle.year,
        "count": len(files),
        "days": _days(oldest),
        "cycle": oldest.cycle_id,
        "region": region.pk,
        "stage": oldest.stage,
    }
    return Telling(user, nudge.kind, key, values=values, address=f"{reverse('file_list')}?{urlencode(at_stage)}")


def _places(role: str, file: Assessment) -> list[int]:
    """Return where the officials work who act on the file: the first place with anybody at work there acts."""
    superior = [file.organ.region.parent_id] if file.organ.region.parent_id else []
    return {
        OFFICIAL: [file.organ.region_id],
        SUPERIOR: [*superior, file.cycle.region_id],  # the municipality records a silent superior's letter
        MUNICIPALITY: [file.cycle.region_id],
    }[role]


def _officials(regions: set[int]) -> dict[int, list[User]]:
    """Return the officials of each region today; one statement."""
    posts = Appointment.objects.on(clock.today()).filter(role="official", region__in=regions, user__is_active=True)
    found: dict[int, dict[int, User]] = {}
    for post in posts.select_related("user").order_by("user__username", "id"):
        found.setdefault(post.region_id, {})[post.user_id] = post.user
    return {region: list(people.values()) for region, people in found.items()}


def _own_organs(people: Iterable[User], files: Iterable[Assessment]) -> set[tuple[int, int]]:
    """Return who of the people works at which organ of the files, as (person, organ)."""
    posts = Appointment.objects.on(clock.today()).filter(
        user__in=[user.pk for user in people], organ__in=[file.organ_id for file in files]
    )
    return set(posts.values_list("user", "organ"))


def _without_own(found: list[tuple[Telling, list[int]]]) -> list[tuple[Telling, list[int]]]:
    own = _own_organs([one.user for one, _ids in found], [one.assessment for one, _ids in found])
    return [(one, ids) for one, ids in found if (one.user.pk, one.assessment.organ_id) not in own]
