"""Completion rates of any past date, and honesty when they are stale."""

import re
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from creation import clock
from creation.actions import recognitions
from creation.actions.counts import counts_changed
from creation.models import CountChange
from portal.dashboard import figures
from reviews import rates
from reviews.actions.rates import recount, recount_all
from reviews.models import RecountRun
from tests.portal.dashboards import cells, counted, grant, targets, text_of

__all__ = ["counted", "targets"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


# --- any past date -------------------------------------------------------------------------------------------------


def test_a_past_day_is_counted_anew(sign_in, world, targets):
    today = clock.today()
    grant(world.organ, today - timedelta(days=200), revoked_on=today - timedelta(days=20), revoke_reason="r")
    recount_all()
    client = sign_in("official")

    def recognised(day):
        return re.search(r"(\d+) of 2 organs", text_of(client.get(f"/rates/110101/?as_of={day.isoformat()}"))).group(1)

    days = [today - timedelta(days=back) for back in (201, 200, 21, 20, 0)]
    assert [recognised(day) for day in days] == ["0", "1", "1", "0", "0"]
    page = text_of(client.get(f"/rates/110101/?as_of={days[1].isoformat()}"))
    assert f"As of {days[1].isoformat()} · counted from the register" in page
    assert "Where the files stand" not in page


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("2999-01-01", "2999-01-01 lies in the future."),
        ("31.12.2025", "“31.12.2025” is not a date."),
        ("2025-02-30", "“2025-02-30” is not a date."),
        ("<b>", "“<b>” is not a date."),
    ],
)
def test_a_day_that_cannot_be_shown_is_refused_in_words(sign_in, counted, asked, why):
    page = sign_in("official").get("/rates/110101/", {"as_of": asked})
    assert page.status_code == 200
    assert why in text_of(page)
    assert "50.00 %" in text_of(page)
    assert "<title>Error:" in page.content.decode()


def test_the_day_before_everything_is_empty_and_no_fault(sign_in, counted):
    for day in ("0001-01-01", "1999-12-31"):
        assert "No organs on this day" in text_of(sign_in("city").get(f"/rates/?as_of={day}"))


def test_the_day_stays_in_the_addresses_below(sign_in, counted, world):
    day = (clock.today() - timedelta(days=3)).isoformat()
    assert f"/rates/110101/?as_of={day}" in sign_in("city").get(f"/rates/?as_of={day}").content.decode()


def test_the_trend_shows_36_months_and_every_day_leads_to_its_page(sign_in, world, targets):
    grant(world.organ, clock.today() - timedelta(days=1500))
    recount_all()
    page = sign_in("official").get("/rates/110101/?period=all")
    rows = cells(page, "By month")
    assert len(rows) == 1 + figures.MONTHS_SHOWN
    assert rows[1] == [clock.today().isoformat(), "2", "1", "50.00", "75 %: 1 missing"]
    ends = rates.month_ends(clock.today() - timedelta(days=1500), clock.today())
    assert [row[0] for row in rows[2:]] == [day.isoformat() for day in reversed(ends[-35:])]
    assert 'id="chart-district-months"' in page.content.decode()


def test_the_trend_opens_on_this_year(sign_in, world, targets):
    grant(world.organ, clock.today() - timedelta(days=1500))
    recount_all()
    rows = cells(sign_in("official").get("/rates/"), "By month")
    assert rows[1][0] == clock.today().isoformat()
    assert rows[-1][0] == f"{clock.today().year - 1}-12-31"


# --- honest when stale ---------------------------------------------------------------------------------------------


def warnings_of(page):
    """Return the warnings that are shown; the frame keeps hidden ones ready for what happens in the browser."""
    return re.findall(r'class="alert alert-warning"(?![^>]* hidden>)', page.content.decode())


def test_fresh_numbers_say_when_and_ask_no_more(sign_in, counted):
    page = sign_in("official").get("/rates/")
    assert re.search(rf"As of {clock.today().isoformat()} · computed \d\d:\d\d", text_of(page))
    assert "hx-trigger" not in page.content.decode()
    assert warnings_of(page) == []


def test_a_change_that_waits_is_asked_for_every_two_seconds_until_it_is_counted(sign_in, counted, world):
    client = sign_in("official")
    recognitions.grant(world.neighbour, batch="b", document_number="1", granted_on=clock.today(), by=None)
    page = client.get("/rates/")
    assert 'hx-get="/rates/" hx-trigger="every 2s"' in page.content.decode()
    assert "a change is being counted" in text_of(page)
    assert warnings_of(page) == []

    recount()

    part = client.get("/rates/", headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div id="figures">')
    assert "2 of 2 organs" in text_of(part)
    assert "<h1" not in part.content.decode()


def test_a_change_that_waits_for_more_than_ten_seconds_is_warned_of(sign_in, counted, world):
    with time_machine.travel(clock.now() - timedelta(seconds=11)):
        counts_changed({world.far_organ.region_id}, since=clock.today())
    assert "have not been counted yet" in text_of(sign_in("official").get("/rates/"))
    CountChange.objects.all().delete()
    assert "have not been counted yet" not in text_of(sign_in("official").get("/rates/"))


def test_numbers_from_yesterday_say_so(sign_in, world):
    yesterday = clock.today() - timedelta(days=1)
    with time_machine.travel(timezone.make_aware(datetime.combine(yesterday, time(2)))):
        recount_all()
    page = sign_in("official").get("/rates/")
    assert f"Numbers from {yesterday.isoformat()} 02:00: today has not been counted yet." in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()


def test_a_recount_that_failed_is_told_until_one_succeeds(sign_in, counted):
    RecountRun.objects.create(started_at=clock.now(), error="the disk is full")
    page = text_of(sign_in("official").get("/rates/"))
    assert "The last recount failed" in page
    assert "the disk is full" not in page
    RecountRun.objects.create(started_at=clock.now())  # runs
    assert "The last recount failed" in text_of(sign_in("official").get("/rates/"))
    recount_all()
    assert "The last recount failed" not in text_of(sign_in("official").get("/rates/"))


def test_before_the_first_count_the_page_says_who_makes_it(sign_in, world):
    page = sign_in("official").get("/rates/")
    assert "the first count is still to come" in text_of(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
