"""A draw of three with one drawn, extended: what the tests of extensions need."""

import pytest

from creation import clock, stages
from reviews.actions import draws, extensions
from reviews.demo import builders
from reviews.models import PoolMember
from tests.reviews.drawing import SEED

REASON = "该机关正在搬迁"


@pytest.fixture
def draw(world):
    """A draw of three organs of one district, one of them drawn."""
    organs = [world.organ, world.neighbour, builders.make_organ(world.district, 31)]
    builders.make_person("clerk3", ("clerk", organs[2]))
    builders.make_person("signatory3", ("signatory", organs[2]))
    for organ in organs:
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["superior"])
    return draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"])


def in_order(draw):
    """Return the members of the only stratum in their drawing order."""
    return list(PoolMember.objects.filter(pool=draw.pool).order_by("result__rank"))


def extend(draw, by, **given):
    return extensions.extend_draw(draw, stratum="110101", by=by, **{"reason": REASON} | given)
