"""The last day of a notice: what arrived in time is in time, whatever it waited for; what arrives later is late."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from creation import clock, stages
from creation.errors import Refused
from reviews.actions import objections

GIVEN = {"kind": "person", "name": "欧阳若兰", "phone": "139 1234 5678", "grounds": "该单位夏季空调长期低于26度。"}


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


def night_after(day):
    last = datetime.combine(day, time(23, 59, 58), tzinfo=ZoneInfo("Asia/Shanghai"))
    return time_machine.travel(last, tick=False)


def test_a_strangers_objection_that_arrived_on_the_last_day_is_taken_after_midnight(listing):
    with night_after(listing.notice.last_day) as traveller, clock.arrival():
        traveller.shift(timedelta(seconds=5))
        assert objections.object_to(listing, **GIVEN).listing == listing


def test_one_that_arrives_after_midnight_is_late(listing):
    with night_after(listing.notice.last_day) as traveller:
        traveller.shift(timedelta(seconds=5))
        with clock.arrival(), pytest.raises(Refused, match="is late"):
            objections.object_to(listing, **GIVEN)
