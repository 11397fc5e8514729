"""The current round: laid around the day of the build, with files at every stage of the way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from creation import clock, stages
from creation.actions import cycles
from creation.models import Cycle, Organ, Region, Standard, User
from reviews.actions.notices import work_calendar
from reviews.demo import earlier_round, joint, stories
from reviews.demo.diary import Diary, Story
from reviews.demo.history import without_title
from reviews.demo.people import appoint_at, login
from reviews.demo.places import CITY, DONGCHENG

WINDOWS = {"self_rating": 60, "inspection": 150, "spot_check": 150, "publicity": 150}
OPENED = -62
PLACES = (DONGCHENG, "110102", "110105", "110108", "110112", CITY)


@dataclass(frozen=True, slots=True)
class Group:
    """Files that end at one stage: how many at each of `PLACES`, and the story of the n-th one from its organ."""

    stage: str
    numbers: tuple[int, ...]
    story: Callable[[stories.Scene, Organ, int], Story]


def _draft(scene: stories.Scene, organ: Organ, number: int) -> Story:
    return stories.drafted(scene, organ, -3 - 2 * number, (0.2, 0.9, 0.5)[number % 3])


def _submitted(scene: stories.Scene, organ: Organ, number: int) -> Story:
    if number == 1:
        return stories.submitted_again(scene, organ, -16)
    return stories.submitted(scene, organ, -5 - number)


def _under_inspection(scene: stories.Scene, organ: Organ, number: int) -> Story:
    return stories.under_inspection(scene, organ, -9 - number, visit_after=(6, 12)[number % 2])


def _rectifying(scene: stories.Scene, organ: Organ, number: int) -> Story:
    story = (stories.rectifying, stories.rectifying_answered, stories.rectifying_returned)[number % 3]
    return story(scene, organ, -22 - number)


def _inspected(scene: stories.Scene, organ: Organ, number: int) -> Story:
    return stories.rectified(scene, organ, -16) if number == 0 else stories.passed(scene, organ, -13)


def _to_pool(first_day: int) -> Callable[[stories.Scene, Organ, int], Story]:
    def story(scene: stories.Scene, organ: Organ, number: int) -> Story:
        return stories.passed(scene, organ, first_day + number % 3)

    return story


def _cleared(scene: stories.Scene, organ: Organ, number: int) -> Story:
    story = stories.rectified if number % 5 == 1 else stories.passed
    return story(scene, organ, -40 + number % 4)


GROUPS = {
    "returned": Group(stages.RETURNED, (1, 1, 0, 0, 1, 0), lambda s, o, n: stories.sent_back(s, o, -14 - n)),
    "rectifying": Group(stages.RECTIFYING, (1, 1, 1, 1, 0, 0), _rectifying),
    "draft": Group(stages.DRAFT, (2, 1, 1, 1, 0, 1), _draft),
    "prepared": Group(stages.PREPARED, (1, 1, 0, 1, 0, 1), lambda s, o, n: stories.prepared(s, o, -4 - n)),
    "submitted": Group(stages.SUBMITTED, (2, 1, 1, 1, 1, 1), _submitted),
    "under_inspection": Group(stages.UNDER_INSPECTION, (2, 1, 1, 1, 1, 1), _under_inspection),
    "inspected": Group(stages.INSPECTED, (1, 1, 1, 1, 1, 1), _inspected),
    "spot_check": Group(stages.UNDER_SPOT_CHECK, (1, 1, 1, 1, 1, 1), _to_pool(-20)),
    "cleared": Group(stages.CHECKED, (3, 2, 3, 2, 2, 2), _cleared),
    "publicised": Group(stages.PUBLICISED, (2, 1, 1, 1, 0, 1), _to_pool(-50)),
    "recognised": Group(stages.RECOGNISED, (2, 1, 2, 2, 1, 2), _to_pool(-59)),
    "failed": Group(stages.NOT_MET, (1, 0, 0, 1, 0, 0), lambda s, o, n: stories.failed(s, o, -30 - n)),
    "withdrawn": Group(stages.WITHDRAWN, (1, 0, 1, 0, 0, 0), lambda s, o, n: stories.withdrawn(s, o, -20 - n)),
}
JOINT = (
    (stages.RECOGNISED, joint.recognised_notice),
    (stages.PUBLICISED, joint.ended_notice),
    (stages.CHECKED, joint.running_notice),
    (stages.UNDER_SPOT_CHECK, joint.spot_checks_running),
)
# Whoever tries the portal as `clerk` and `signatory` finds these and an organ without a file; the rest has others.
FOR_VISITORS = ("returned", "rectifying")


def build_round(last_stage: str) -> Cycle:
    """Open the round of the year and take its files up to `last_stage` (in the order of the labels); return it."""
    today = clock.today()
    allotted = _allot(today)
    hosts = _hosts(allotted)
    _appoint(hosts)
    people = {user.username: user for user in User.objects.all()}
    with clock.at(_instant(today, OPENED)):
        cycle = _open_cycle(today, people[login("official", CITY)])
    scene = stories.Scene(
        cycle,
        Diary(today, cycle.self_rating_from, work_calendar()),
        last_stage,
        people,
        {key: username for key, (_organ, username) in hosts.items()},
        list(cycle.standard.indicators.all()),
    )
    told = [
        group.story(scene, organ, number)
        for name, group in GROUPS.items()
        if scene.allows(group.stage)
        for number, organ in enumerate(allotted[name])
    ]
    told += [story(scene) for stage, story in JOINT if scene.allows(stage)]
    told.append(_ready(scene, allotted["clean"][0]))
    in_dongcheng = [organ for organ in allotted["draft"] if organ.region.code == DONGCHENG]
    earlier_round.build_earlier(today, scene, in_dongcheng, allotted["clean"][0])
    scene.diary.run(told)
    return cycle


def _allot(today) -> dict[str, list[Organ]]:
    """Return which organs without a title belong to which group; one of Dongcheng stays without a file."""
    regions = {region.code: region for region in Region.objects.filter(code__in=PLACES)}
    free = {code: iter(without_title(regions[code], today)) for code in PLACES}
    allotted = {"clean": [next(free[DONGCHENG])]}
    for name, group in GROUPS.items():
        allotted[name] = [
            next(free[code]) for code, number in zip(PLACES, group.numbers, strict=True) for _once in range(number)
        ]
    return allotted


def _hosts(allotted: dict[str, list[Organ]]) -> dict[tuple[str, int], tuple[Organ, str]]:
    """Return (role, organ) → the organ and the user name of its clerk or signatory."""
    hosts = {}
    for name, organs in allotted.items():
        for organ in organs:
            for role in ("clerk", "signatory"):
                code = organ.region.code
                busy = code == DONGCHENG and name not in {"clean", *FOR_VISITORS}
                hosts[role, organ.pk] = organ, f"{role}2" if busy else login(role, code)
    return hosts


def _appoint(hosts: dict[tuple[str, int], tuple[Organ, str]]) -> None:
    for (role, _pk), (organ, username) in hosts.items():
        appoint_at(organ, {role: username})
    municipal = next(organ for organ, username in hosts.values() if username == login("clerk", CITY))
    appoint_at(municipal, {"clerk": "several"})


def _open_cycle(today, official: User) -> Cycle:
    windows = {}
    for name, days in WINDOWS.items():
        windows |= {f"{name}_from": today - timedelta(days=60), f"{name}_until": today + timedelta(days=days)}
    cycle = Cycle(
        region=Region.objects.get(code=CITY),
        year=today.year,
        batch=f"{today.year}年度（演示）",
        calendar_year=today.year - 1,
        standard=Standard.objects.get(published_at__isnull=False),
        **windows,
    )
    return cycles.open_cycle(cycles.create_cycle(cycle, by=official), by=official)


def _instant(today, offset: int) -> datetime:
    return timezone.make_aware(datetime.combine(today + timedelta(days=offset), time(9)))


def _ready(scene: stories.Scene, organ: Organ) -> Story:
    """Give the organ without a file its papers, so that a visitor can attach evidence at once."""
    yield -30, 10.0
    stories.library(scene, organ)
