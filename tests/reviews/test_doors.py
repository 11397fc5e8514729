"""The count of who comes to a door without an account."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from reviews.actions.doors import knock, seconds_left, times
from reviews.models import Knock

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(AT, tick=False):
        yield


def test_it_counts_each_address_at_each_door_by_itself():
    assert [knock("a", "192.0.2.1") for _time in range(3)] == [1, 2, 3]
    assert knock("a", "192.0.2.2") == 1
    assert knock("b", "192.0.2.1") == 1
    assert (times("a", "192.0.2.1"), times("a", "192.0.2.9")) == (3, 0)


def test_it_begins_anew_with_the_next_span():
    knock("a", "192.0.2.1")
    assert seconds_left() == 5 * 60 + 55 + 1
    with time_machine.travel(AT + timedelta(seconds=seconds_left()), tick=False):
        assert times("a", "192.0.2.1") == 0
        assert knock("a", "192.0.2.1") == 1


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "unknown", False),
    ],
)
def test_a_household_counts_as_one(one, other, together):
    knock("a", one)
    assert knock("a", other) == (2 if together else 1)


def test_the_address_itself_is_not_kept():
    knock("a", "192.0.2.1")
    (row,) = Knock.objects.values()
    assert "192.0.2" not in str(row)
    assert len(row["who"]) == 64
