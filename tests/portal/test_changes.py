"""What changed between two days: the parts add up, each opens to its organs, wrong days are said."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation.models import Organ, Recognition
from reviews import changes, rates
from reviews.demo import builders
from reviews.models import Target

pytestmark = pytest.mark.django_db
THEN, NOW = date(2025, 12, 31), date(2026, 11, 1)


def organ_of(world, number, *, established=date(2000, 1, 1), abolished=None, titles=()):
    organ = builders.make_organ(world.other_district, number)
    Organ.objects.filter(pk=organ.pk).update(established_on=established, abolished_on=abolished)
    for granted, ends in titles:
        Recognition.objects.create(
            organ=organ,
            source="import",
            batch="b",
            document_number="1号",
            granted_on=granted,
            recorded_at="2026-11-01T00:00:00Z",
            **ends,
        )
    return organ


REVOKED = {"revoked_on": date(2026, 5, 1), "revoke_reason": "浪费"}


@pytest.fixture
def story(world):
    """Nine organs of one district, one for each way from 31 December 2025 to 1 November 2026; two for recognition."""
    titled, new = date(2024, 1, 1), date(2026, 3, 1)
    Organ.objects.filter(region=world.other_district).update(abolished_on=date(2020, 1, 1))
    return {
        "stays": organ_of(world, 11, titles=[(titled, {})]),
        "recognised": organ_of(world, 12, titles=[(new, {})]),
        "recognised too": organ_of(world, 13, titles=[(NOW, {})]),
        "revoked": organ_of(world, 14, titles=[(titled, REVOKED)]),
        "expired": organ_of(world, 15, titles=[(titled, {"valid_until": date(2026, 10, 31)})]),
        "joined": organ_of(world, 16, established=date(2026, 1, 1)),
        "joined_recognised": organ_of(world, 17, established=date(2026, 1, 1), titles=[(new, {})]),
        "left": organ_of(world, 18, abolished=NOW),
        "left_recognised": organ_of(world, 19, abolished=date(2026, 7, 1), titles=[(titled, {})]),
        # lost and regained in between, ended the day after, and still to come: none of them has changed
        "regained": organ_of(world, 20, titles=[(titled, REVOKED), (date(2026, 6, 1), {})]),
        "ends later": organ_of(world, 21, titles=[(titled, {"valid_until": NOW})]),
        "later": organ_of(world, 22, titles=[(date(2026, 11, 2), {})]),
    }


def test_every_way_is_one_part_and_the_parts_add_up(story, world):
    found = changes.between(world.other_district, "district", THEN, NOW)
    # then: stays, revoked, expired, left_recognised, regained, ends later of 10 organs; now 6 of 10
    assert (found.recognised_then, found.organs_then) == (6, 10)
    assert (found.recognised_now, found.organs_now) == (6, 10)
    assert {part.name: part.organs for part in found.parts} == {
        "recognised": 2,
        "revoked": 1,
        "expired": 1,
        "joined": 1,
        "joined_recognised": 1,
        "left": 1,
        "left_recognised": 1,
    }
    assert found.recognised_then + sum(part.organs * part.to_recognised for part in found.parts) == 6
    assert found.organs_then + sum(part.organs * part.to_register for part in found.parts) == 10
    assert (found.percent_then, found.percent_now) == ("60.00", "60.00")


@pytest.mark.parametrize("name", ["revoked", "expired", "joined", "joined_recognised", "left", "left_recognised"])
def test_each_part_opens_to_its_organs(story, world, name):
    assert list(changes.organs_of(world.other_district, "district", THEN, NOW, name)) == [story[name]]


def test_a_name_that_is_no_part_opens_to_nothing(story, world):
    assert not changes.organs_of(world.other_district, "district", THEN, NOW, "1=1")


@given(days=st.tuples(st.dates(date(2023, 6, 1), date(2027, 1, 1)), st.dates(date(2023, 6, 1), date(2027, 1, 1))))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_between_any_two_days_the_parts_lead_from_one_rate_to_the_other(story, world, days):
    first, last = sorted(days)
    found = changes.between(world.city, "district", first, last)
    then, now = (rates.counts_on(day).get((world.city.pk, "district"), rates.Counts()) for day in (first, last))
    assert (found.recognised_then, found.organs_then) == (then.recognised, then.organs)
    assert (found.recognised_now, found.organs_now) == (now.recognised, now.organs)
    assert found.recognised_now - found.recognised_then == sum(part.organs * part.to_recognised for part in found.parts)
    assert found.organs_now - found.organs_then == sum(part.organs * part.to_register for part in found.parts)


def words(response):
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())))


def test_the_page_shows_the_parts_with_their_signs_and_opens_one(sign_in, story):
    page = sign_in("far_official").get("/rates/110102/changes/?since=2025-12-31&until=2026-11-01&part=left_recognised")
    text = words(page)
    assert "Stood on 2025-12-31 – 6 10 60.00" in text
    assert "Recognised 2 +2 – –" in text
    assert "Left the register with its title 1 −1 −1 –" in text
    assert "Stands on 2026-11-01 – 6 · 0 10 · 0 60.00" in text
    assert str(story["left_recognised"]) in text
    assert str(story["left"]) not in text


def test_a_neighbour_reads_the_numbers_and_no_name(sign_in, story):
    page = sign_in("official").get("/rates/110000/changes/?since=2025-12-31&until=2026-11-01&part=left_recognised")
    text = words(page)
    assert "Left the register with its title 1 −1 −1 –" in text
    assert str(story["left_recognised"]) not in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2026-05-01&until=2026-04-01", "This day lies after the other one."),
        ("since=yesterday", "Enter a valid date."),
        ("until=2999-01-01", "Rates are known up to today."),
        ("level=moon", "Select a valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_usual_days_are_shown(sign_in, world, query, said):
    page = sign_in("city").get(f"/rates/110000/changes/?{query}")
    assert page.status_code == 200
    assert said in words(page)
    assert "Nothing has changed between these days." in words(page) or "Stands on" in words(page)


def test_the_page_asks_the_same_however_many_organs(sign_in, story, world):
    client = sign_in("far_official")
    address = "/rates/110102/changes/?since=2025-12-31&until=2026-11-01&part=recognised"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(30, 40):
        organ_of(world, number, titles=[(date(2026, 3, 1), {})])
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 8


# --- targets -------------------------------------------------------------------------------------------------------


@pytest.fixture
def targets(world):
    """Return a target in force all the time, and one that came into force in between."""
    first, second = (
        Target.objects.create(level="district", percent=percent, starts_on=start, deadline=deadline)
        for percent, start, deadline in (
            (Decimal(75), date(2020, 6, 1), date(2026, 12, 31)),
            (Decimal(90), date(2026, 5, 1), date(2027, 12, 31)),
        )
    )
    return first, second


def test_a_target_that_came_into_force_is_a_part_of_its_own(story, world, targets):
    """6 of 10 then and 6 of 10 now: 75 % asks for 8 and misses 2, 90 % asks for 9 and misses 3."""
    found = changes.between(world.other_district, "district", THEN, NOW)
    held, new = changes.target_moves(found, targets)
    assert (held.then, held.by_target, held.by_organs, held.now) == (2, 0, 0, 2)
    assert (new.then, new.by_target, new.by_organs, new.now) == (None, 3, 0, 3)


@given(
    then=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    now=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    percent=st.decimals(Decimal("0.01"), 100, places=2),
    starts=st.dates(date(2024, 1, 1), NOW),
)
def test_what_is_missing_adds_up_whatever_happened(then, now, percent, starts):
    found = changes.Changes(THEN, NOW, min(then), max(then), min(now), max(now), [])
    (move,) = changes.target_moves(found, [Target(percent=percent, starts_on=starts, deadline=date(2027, 1, 1))])
    assert (move.then or 0) + move.by_target + move.by_organs == move.now == rates.missing(min(now), max(now), percent)
    assert move.is_new == (starts > THEN)


def test_the_page_names_the_new_target_and_what_it_asks(sign_in, story, targets):
    text = words(sign_in("far_official").get("/rates/110102/changes/?since=2025-12-31&until=2026-11-01"))
    assert "Target of 90 % by 2027-12-31 in force from 2026-05-01: changes what is missing – – – –" in text
    assert "90 % by 2027-12-31 in force from 2026-05-01 – +3 0 3" in text
    assert "75 % by 2026-12-31 2 0 0 2" in text
    earlier = words(sign_in("far_official").get("/rates/110102/changes/?since=2025-06-30&until=2026-04-30"))
    assert "90 %" not in earlier


def test_the_days_lead_to_what_was_counted_and_entered_later(sign_in, story):
    page = sign_in("far_official").get("/rates/110102/changes/?since=2025-12-31&until=2026-11-01").content.decode()
    for day in ("2025-12-31", "2026-11-01"):
        assert f"/rates/110102/counted/?level=district&amp;what=recognised&amp;as_of={day}#list" in page
    assert "What was entered after 2025-12-31" in page
