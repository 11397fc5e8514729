"""A notice on its way to its instant, on a day that stands still: what the tests of approvals need."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from creation import stages
from creation.models import Message
from reviews.actions import approvals
from reviews.demo import builders
from reviews.models import Notice

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 2, 9, tzinfo=SHANGHAI)  # a Tuesday in an ordinary week
INSTANT = datetime(2026, 6, 3, 8, 30, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def travel():
    """A clock that stands still on an ordinary day and can be moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def draft(world):
    file = world.bring_to(stages.CHECKED)
    return builders.make_notice(world.cycle, [file], by=world["city"])


@pytest.fixture
def waiting(world, draft):
    """A notice that was approved and waits for its instant."""
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    return approvals.approve(draft, by=world["superior"])


def told(username):
    rows = Message.objects.filter(user__username=username, kind__startswith="notice_").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def fresh(notice):
    return Notice.objects.get(pk=notice.pk)


def page_of(sign_in, person, notice):
    return sign_in(person).get(reverse("notice_preview", args=[notice.pk])).content.decode()
