"""Two people, one pool, one moment: one draws, and nobody draws twice."""

from threading import Barrier

import pytest

from creation import clock, stages
from creation.errors import Overtaken, Refused
from creation.models import Assessment
from reviews.actions import (
    draws,
    extensions,
    inspections,
    teams,
)
from reviews.demo import builders
from reviews.models import Draw, DrawnMember, Extension, Inspection, Pool, PoolMember
from tests.racing import CLICKS, THREADS, at_once, winners

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_pool_is_closed_once_and_drawn_once(world):
    file = world.bring_to(stages.INSPECTED)
    closed = at_once(*[lambda: draws.close_pool(world.cycle, world.city, by=world["city"])] * THREADS)
    assert len(winners(closed)) == 1
    pool = Pool.objects.get()
    drawn = at_once(
        *[
            lambda seed=seed: draws.draw(
                pool, seed=f"seed {seed}", seed_source="lottery", seed_at=pool.closed_at, by=world["city"]
            )
            for seed in range(THREADS)
        ]
    )
    assert len(winners(drawn)) == 1
    assert Draw.objects.count() == 1
    assert file.changes.filter(step__in=["sample", "clear"]).count() == 1


def test_of_fifty_clicks_on_one_draw_one_draws(world):
    file = world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    seed = {"seed_source": "lottery", "seed_at": pool.closed_at, "by": world["city"]}
    outcomes = at_once(*[lambda n=n: draws.draw(Pool.objects.get(), seed=f"seed {n}", **seed) for n in range(CLICKS)])
    assert len(winners(outcomes)) == 1
    assert [type(one) for one in outcomes if isinstance(one, Refused)] == [Overtaken] * (CLICKS - 1)
    assert Draw.objects.get() == winners(outcomes)[0]
    assert (DrawnMember.objects.count(), file.changes.filter(step__in=["sample", "clear"]).count()) == (1, 1)


def test_whoever_only_looked_whether_a_draw_is_there_would_draw_many_times(world):
    """The control arm: at one moment everybody finds none; it is the database that lets one through."""
    world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    looked = Barrier(THREADS)

    def naive():
        is_free = not Draw.objects.filter(pool=pool).exists()
        looked.wait(timeout=60)
        return is_free

    assert at_once(*[naive] * THREADS) == [True] * THREADS


@pytest.mark.parametrize("saw", [True, False])
def test_two_extensions_at_once_draw_the_next_one_each_once(world, saw):
    organs = [world.organ, world.neighbour]
    for number in (31, 32):
        organs.append(builders.make_organ(world.district, number))
        builders.make_person(f"c{number}", ("clerk", organs[-1]))
        builders.make_person(f"s{number}", ("signatory", organs[-1]))
    for organ in organs:
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draw = draws.draw(pool, seed="1 2", seed_source="lottery", seed_at=pool.closed_at, by=world["city"])
    order = list(PoolMember.objects.order_by("result__rank"))
    given = {"stratum": "110101", "reason": "补充", "by": world["city"], "expected": order[1].key if saw else ""}
    outcomes = at_once(*[lambda: extensions.extend_draw(Draw.objects.get(pk=draw.pk), **given)] * 3)
    drawn_in = list(Extension.objects.order_by("pk").values_list("member", flat=True))
    # who saw the same one next draws nobody else; and whoever draws takes the next of the order, each once
    assert len(winners(outcomes)) == len(drawn_in) >= 1
    assert not saw or len(drawn_in) == 1
    assert drawn_in == [member.pk for member in order[1 : 1 + len(drawn_in)]]
    in_sample = Assessment.objects.filter(stage=stages.UNDER_SPOT_CHECK).count()
    assert in_sample == 1 + len(drawn_in)


def test_a_replacement_and_a_rating_exclude_each_other(world):
    for organ in (world.organ, world.neighbour):
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draw = draws.draw(pool, seed="1 2", seed_source="lottery", seed_at=pool.closed_at, by=world["city"])
    first = PoolMember.objects.get(result__rank=1)
    team = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(first.assessment, team=team, lead=team[0], visit_on=clock.today(), by=world["city"])
    indicator = world.standard.indicators.first()
    found = builders.best_finding(indicator)
    outcomes = at_once(
        lambda: extensions.extend_draw(draw, stratum="110101", reason="搬迁", replaces=first, by=world["city"]),
        lambda: inspections.save_rating(visit, indicator, by=team[0], found=found),
    )
    replaced = Extension.objects.exists()
    assert len(winners(outcomes)) == 1
    assert replaced != Inspection.objects.filter(pk=visit.pk, ratings__isnull=False).exists()
