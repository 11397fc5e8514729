"""The round of last year, closed: a few organs took part in it, so that this year nobody asks them twice."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from creation import clock, stages
from creation.actions import cycles, evidence, files
from creation.models import Cycle, Organ, Region, User
from reviews.actions import inspections, teams
from reviews.actions.notices import work_calendar
from reviews.demo import builders, papers, stories, wording
from reviews.demo.diary import Diary, Story
from reviews.demo.places import CITY

FIRST, LAST = (4, 1), (11, 30)  # month and day: every window of the round
BEGUN = 20  # days after its first one
CONTRACT = "物业服务节能条款协议.pdf"
CONTRACT_ITEM = "2.10"
CONTRACT_ENDED = 40  # days before the day of the build


def build_earlier(today: date, scene: stories.Scene, failed: list[Organ], withdrawn: Organ) -> Cycle:
    """Open last year's round, let these organs go through it, close it and return it.

    `scene` is this year's: people, hosts and how far files may go are the same.
    """
    official = scene.who("official", CITY)
    with clock.at(_instant(date(today.year - 1, *FIRST))):
        cycle = _open(today, scene.cycle, official)
    last_year = stories.Scene(
        cycle,
        Diary(today, cycle.self_rating_from, work_calendar()),
        scene.last_stage,
        scene.people,
        scene.hosts,
        list(cycle.standard.indicators.all()),
    )
    day = (cycle.self_rating_from + timedelta(days=BEGUN) - today).days
    told = [_failed(last_year, organ, day + number) for number, organ in enumerate(failed)]
    last_year.diary.run([*told, _withdrawn(last_year, withdrawn, day)])
    with clock.at(_instant(cycle.self_rating_until + timedelta(days=1))):
        cycles.close_cycle(cycle, by=official)
    return cycle


def _open(today: date, this_year: Cycle, official: User) -> Cycle:
    year = today.year - 1
    first, last = date(year, *FIRST), date(year, *LAST)
    windows = {}
    for name in ("self_rating", "inspection", "spot_check", "publicity"):
        windows |= {f"{name}_from": first, f"{name}_until": last}
    cycle = Cycle(
        region=Region.objects.get(code=CITY),
        year=year,
        batch=f"{year}年度（演示）",
        calendar_year=year - 1,
        standard=this_year.standard,
        **windows,
    )
    return cycles.open_cycle(cycles.create_cycle(cycle, by=official), by=official)


def _failed(scene: stories.Scene, organ: Organ, day: int) -> Story:
    return _failed_on_site(scene, organ, day) if scene.allows(stages.NOT_MET) else _submitted(scene, organ, day)


def _failed_on_site(scene: stories.Scene, organ: Organ, day: int):
    """Take part with a contract that has ended since, and fail at the inspection."""
    file = yield from stories.drafted(scene, organ, day)
    clerk = scene.host("clerk", organ)
    contract = papers.paper(CONTRACT, organ.credit_code, "Contract")
    piece = evidence.upload_evidence(organ, contract, by=clerk)
    evidence.attach(file, scene.indicator(CONTRACT_ITEM), piece, by=clerk)
    evidence.set_expiry(piece, day=scene.diary.today - timedelta(days=CONTRACT_ENDED), by=clerk)
    builders.pass_warnings(file, by=clerk, reason=wording.WARNING_REASON)
    files.prepare(file, by=clerk)
    yield day + 3, 10.5
    files.submit(file, by=scene.host("signatory", organ))
    yield day + 5, 9.0
    official = scene.who("official", organ.region.code)
    team = scene.team(organ.region.code, organ.pk)
    visit = teams.assign(file, team=team, lead=team[0], visit_on=scene.diary.day(day + 7), by=official)
    yield day + 7, 15.0
    stories.rate(scene, visit, passes=False)
    yield day + 8, 16.0
    inspections.file_inspection(visit, by=visit.lead, statement=wording.FAILED)


def _submitted(scene: stories.Scene, organ: Organ, day: int) -> Story:
    return (
        stories.submitted(scene, organ, day) if scene.allows(stages.SUBMITTED) else stories.drafted(scene, organ, day)
    )


def _withdrawn(scene: stories.Scene, organ: Organ, day: int) -> Story:
    return stories.withdrawn(scene, organ, day) if scene.allows(stages.WITHDRAWN) else _submitted(scene, organ, day)


def _instant(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))
