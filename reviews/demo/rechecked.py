"""A recheck of the demonstration's recognised organs, half way: reported, reviewed, drawn, visited, to be put right."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from creation import clock
from creation.models import Appointment, Cycle, User
from reviews.actions import draws, rechecks
from reviews.demo.people import login
from reviews.demo.places import CITY, DONGCHENG
from reviews.models import RecheckItem, RecheckRound

SEED = "05 11 16 22 27 31"
REPORT = "制度持续执行，本年能耗较上年下降1.2%，垃圾分类记录完整（演示）。"
TO_RECTIFY = "地下车库照明未分区控制，空调温度记录缺两个月（演示）。"


def _at(days: int, hour: int):
    return clock.at(timezone.make_aware(datetime.combine(clock.today() + timedelta(days=days), time(hour))))


def build_recheck(*, by: User) -> None:
    """Open a recheck of the newest round, review some of Dongcheng's organs, draw, visit, conclude two of them."""
    today, cycle = clock.today(), Cycle.objects.filter(region__code=CITY, opened_at__isnull=False).first()
    opened = RecheckRound(
        cycle=cycle,
        title=f"{cycle.year}年度节约型机关“回头看”（演示）",
        basis="《节约型机关创建行动方案》：对已建成单位开展“回头看”（演示）。",
        share=2,
        minimum=1,
        paper_until=today + timedelta(days=12),
        site_until=today + timedelta(days=40),
    )
    with _at(-9, 9):
        rechecks.open_round(opened, by=by)
    with _at(-7, 10):
        _report(opened)
    with _at(-6, 9):
        pool = draws.close_recheck_pool(opened, by=by)
    with _at(-5, 10):
        seen = clock.now() - timedelta(hours=1)
        draw = draws.draw(pool, seed=SEED, seed_source="公开开奖号码（演示，非真实期号）", seed_at=seen, by=by)
        draws.publish_draw(draw, by=by)
    _look_at_dongcheng(opened, by=by)


def _report(opened: RecheckRound) -> None:
    """Let the clerks of three organs report."""
    clerks = Appointment.objects.on(clock.today()).filter(role="clerk", organ__recognitions__rechecks__round=opened)
    for post in clerks.select_related("user").order_by("organ__credit_code")[:3]:
        item = RecheckItem.objects.with_title().get(round=opened, recognition__organ=post.organ_id)
        rechecks.report(item, text=REPORT, by=post.user)


def _look_at_dongcheng(opened: RecheckRound, *, by: User) -> None:
    """Review eight organs on paper; one is concluded, the drawn one is visited and has something to put right."""
    own = RecheckItem.objects.with_title().filter(round=opened, recognition__organ__region__code=DONGCHENG)
    official = User.objects.get(username=login("official", DONGCHENG))
    team = [User.objects.get(username=login(role, DONGCHENG)) for role in ("inspector", "inspector2")]
    drawn, others = list(own.drawn()), list(own.not_drawn()[:7])
    with _at(-4, 9):
        rechecks.keep_on_paper([*drawn[:1], *others], by=official)
        for item in drawn:
            visit_on = clock.today() + timedelta(days=1 if item == drawn[0] else 8)
            rechecks.assign_visit(item, team=team, visit_on=visit_on, by=official)
    with _at(-3, 15):
        rechecks.file_visit(drawn[0], verdict="rectify", reason=TO_RECTIFY, by=team[0])
        rechecks.conclude(others[0], outcome="keep", by=by)
    with _at(-2, 11):
        until = clock.today() + timedelta(days=20)
        rechecks.conclude(drawn[0], outcome="rectify", reason=TO_RECTIFY, rectify_until=until, by=by)
