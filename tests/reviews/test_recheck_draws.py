"""The draw of a recheck: the same rules as for a spot check, but no file moves."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from creation import clock
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Refused
from creation.models import Message, StageChange
from reviews.actions import draws
from reviews.demo import builders
from reviews.models import PoolMember, RecheckItem, RecheckRound
from tests.cast import keyed

pytestmark = pytest.mark.django_db

SEED = {"seed": "2026140 03 09 11", "seed_source": "中国福利彩票"}


@pytest.fixture
def recheck(world):
    """A recheck of three recognised organs: two of one district and a municipal one."""
    today = clock.today()
    opened = RecheckRound.objects.create(
        cycle=world.cycle, number=1, title="2026年回头看", basis="方案", share=Decimal(50), minimum=1,
        paper_until=today, site_until=today + timedelta(days=30), opened_by=world["city"], opened_at=clock.now(),
    )  # fmt: skip
    for organ in (world.organ, world.neighbour, world.municipal_organ):
        title = grant(organ, batch="1", document_number="1号", granted_on=today, by=world["city"])
        RecheckItem.objects.create(round=opened, recognition=title)
    return opened


def test_the_municipality_closes_the_pool_of_a_recheck_once(world, recheck):
    for nobody in ("official", "state", "viewer", "stranger"):
        with pytest.raises(Forbidden):
            draws.close_recheck_pool(recheck, by=world[nobody])
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    assert (pool.purpose, pool.region, pool.share, pool.minimum) == ("recheck", world.city, Decimal(50), 1)
    assert sorted(pool.members.values_list("stratum", "key")) == sorted(
        (organ.region.code, organ.credit_code) for organ in (world.organ, world.neighbour, world.municipal_organ)
    )
    with pytest.raises(Refused, match="closed already"):
        draws.close_recheck_pool(recheck, by=world["superior"])


def test_no_pool_of_an_empty_or_a_closed_recheck(world, recheck):
    RecheckItem.objects.all().delete()
    with pytest.raises(Refused, match="No organ"):
        draws.close_recheck_pool(recheck, by=world["city"])
    recheck.closed_at = clock.now()
    with pytest.raises(Refused, match="has been closed"):
        draws.close_recheck_pool(recheck, by=world["city"])


def test_a_draw_says_who_is_visited_and_moves_no_file(world, recheck):
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    draws.draw(pool, **SEED, seed_at=clock.now(), by=world["city"])
    assert PoolMember.objects.to_visit().filter(pool=pool).count() == 2  # one of two, and the only municipal one
    assert not StageChange.objects.exists()
    assert {*Message.objects.values_list("user__username", "kind")} == {
        ("superior", "recheck_pool_closed"), ("superior", "recheck_drawn"),
    }  # fmt: skip


def test_the_pages_and_the_file_say_what_was_drawn_for(world, recheck, sign_in, client):
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    city = sign_in("city")
    assert "recheck pool 1" in city.get(reverse("draw_list")).text
    assert city.post(reverse("pool_draw", args=[pool.pk]), keyed(
        **SEED, seed_at=clock.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    )).status_code == 302  # fmt: skip
    page = city.get(reverse("pool_detail", args=[pool.pk])).text
    assert (page.count("Drawn for a visit"), page.count("Not drawn")) == (2, 1)
    assert recheck.title in page
    assert all(reverse("recheck_item", args=[item.pk]) in page for item in recheck.items.all())
    city.post(reverse("pool_publish", args=[pool.pk]), keyed())
    assert "Recheck" in client.get(reverse("public_draw_list")).text
    page = client.get(reverse("public_draw", args=[pool.pk])).text
    assert (page.count("Drawn for a visit"), recheck.title in page) == (2, True)
    document = json.loads(client.get(reverse("public_draw_json", args=[pool.pk])).content)
    assert (document["purpose"], len(document["draw"]["results"])) == ("recheck", 3)


def test_no_letter_is_recorded_for_a_recheck(world, recheck):
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    for who in ("city", "state"):
        with pytest.raises(Forbidden):
            draws.record_letter(pool, chosen=set(), letter=builders.a_pdf(), letter_number="9", by=world[who])
