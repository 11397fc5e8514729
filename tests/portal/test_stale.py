"""A late job puts “numbers from …” on every page of rates: a silent worker, a missed night, a failed recount."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils.html import strip_tags

from creation import clock
from creation.actions.counts import counts_changed
from creation.models import CountChange
from reviews.actions.rates import recount_all
from reviews.models import CompletionRate, RecountRun, TaskState

pytestmark = pytest.mark.django_db
PAGES = ("", "changes/", "ahead/", "counted/")
NIGHTLY, SWEEP = "reviews.tasks.nightly", "reviews.tasks.sweep"


@pytest.fixture
def counted(world):
    recount_all()
    TaskState.objects.create(name=SWEEP, started_at=clock.now())
    TaskState.objects.create(name=NIGHTLY, started_at=clock.now())


def ran(name, **ago):
    TaskState.objects.filter(name=name).update(started_at=clock.now() - timedelta(**ago))


def warnings_of(response):
    page = response.content.decode()
    found = re.findall(r'<p class="stale">(.*?)</p>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(strip_tags(one))).strip() for one in found]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_said_while_all_is_well(sign_in, counted, path):
    ran(SWEEP, seconds=60)
    ran(NIGHTLY, hours=25)
    assert warnings_of(sign_in("official").get(f"/rates/110101/{path}")) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("silent", "The worker has given no sign of life since"),
        ("night", "The nightly recount, which proves all numbers, last ran"),
        ("waits", "Changes since"),
        ("failed", "The last recount failed"),
    ],
)
def test_every_page_says_from_when_its_numbers_are_and_why(sign_in, world, counted, path, what, said):
    if what == "silent":
        ran(SWEEP, seconds=121)
    elif what == "night":
        ran(NIGHTLY, hours=27)
    elif what == "waits":
        counts_changed({world.district.pk}, since=clock.today())
        CountChange.objects.update(at=clock.now() - timedelta(seconds=30))
    else:
        RecountRun.objects.create(started_at=clock.now(), error="x")
    first, *others = warnings_of(sign_in("official").get(f"/rates/110101/{path}"))
    assert re.match(r"Numbers from \d{4}-\d\d-\d\d \d\d:\d\d\.", first)
    assert [one for one in others if one.startswith(said)] == others
    assert len(others) == 1


def test_a_worker_that_never_swept_was_last_seen_when_it_counted(sign_in, world):
    recount_all()
    assert warnings_of(sign_in("official").get("/rates/")) == []
    CompletionRate.objects.update(computed_at=clock.now() - timedelta(minutes=3))
    assert len(warnings_of(sign_in("official").get("/rates/"))) == 2


def test_a_past_day_is_counted_by_the_page_and_needs_no_warning(sign_in, counted):
    ran(SWEEP, hours=5)
    day = (clock.today() - timedelta(days=1)).isoformat()
    assert warnings_of(sign_in("official").get(f"/rates/110101/?as_of={day}")) == []


def test_only_who_may_look_is_led_to_the_operations(sign_in, counted):
    ran(SWEEP, hours=5)
    found = {who: sign_in(who).get("/rates/110000/counted/").content.decode() for who in ("city", "official")}
    assert {who: '<p><a href="/operations/">' in page for who, page in found.items()} == {
        "city": True,
        "official": False,
    }
