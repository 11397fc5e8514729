"""The draw of a recheck: the same rules as for a spot check, but no file moves."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import clock
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Overtaken, Refused
from creation.guards import without_guards
from creation.models import Event, Message, StageChange
from reviews.actions import draws, extensions, rechecks
from reviews.demo import builders
from reviews.models import DrawnMember, Extension, PoolMember, RecheckItem, RecheckMember, RecheckRound
from reviews.recipients import hears
from reviews.views import pools
from tests.cast import keyed
from tests.reviews.drawing import verified

pytestmark = pytest.mark.django_db

QUERIES_INSIDE, QUERIES_OUTSIDE = 9, 3
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


# --- after the draw --------------------------------------------------------------------------------------------------


@pytest.fixture
def draw(world, recheck):
    """A draw with three organs of one district, of which two are drawn by their share of a half."""
    third = builders.make_organ(world.district, 31)
    fourth = builders.make_organ(world.district, 32)
    for organ in (third, fourth):
        title = grant(organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
        RecheckItem.objects.create(round=recheck, recognition=title)
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    return draws.draw(pool, **SEED, seed_at=clock.now(), by=world["city"])


def in_order(draw) -> list[RecheckItem]:
    """The organs of the district in their drawing order: the first two of four were drawn."""
    members = draw.pool.members.filter(stratum="110101").order_by("result__rank")
    return [RecheckItem.objects.with_title().get(pool_member=member) for member in members]


def extend(world, draw, *, who="city", **given):
    replaces = given.pop("replaces", None)
    if replaces is not None:
        given["replaces"] = replaces.pool_member
    return extensions.extend_draw(draw, stratum="110101", by=world[who], **{"reason": "正在搬迁"} | given)


def to_visit(draw) -> set[int]:
    return set(RecheckItem.objects.drawn().filter(pool_member__stratum="110101").values_list("pk", flat=True))


def sent(world, item) -> RecheckItem:
    team = [world["inspector"], world["inspector2"]]
    return rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["official"])


def test_one_more_of_a_recheck_is_the_next_in_the_order_until_nobody_is_left(world, draw):
    first, second, third, fourth = in_order(draw)
    assert to_visit(draw) == {first.pk, second.pk}
    assert extend(world, draw).member.recheck_item == third
    assert extend(world, draw, who="superior").member.recheck_item == fourth
    assert to_visit(draw) == {first.pk, second.pk, third.pk, fourth.pk}
    with pytest.raises(Refused, match="nobody next"):
        extend(world, draw)
    assert not StageChange.objects.exists()
    sent(world, third)
    assert third.members.count() == 2


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"reason": " "}, "Give a reason"),
        ({"expected": "x"}, "another one is the next"),
        ({"who": "official"}, "right"),
    ],
)
def test_an_extension_of_a_recheck_is_refused_like_any_other(world, draw, given, match):
    with pytest.raises((Refused, Forbidden), match=match):
        extend(world, draw, **given)
    assert not Extension.objects.exists()


def test_a_replaced_organ_of_a_recheck_is_visited_no_more_and_its_team_hears_of_it(world, draw):
    first, second, third, fourth = in_order(draw)
    sent(world, first)
    member, old = third.pool_member, first.pool_member
    going = {one.user.username for one in hears("extend_draw", (member, old), by=world["city"])}
    assert going >= {"inspector", "inspector2"}
    extension = extend(world, draw, replaces=first)
    assert (extension.member.recheck_item, extension.replaces.recheck_item) == (third, first)
    assert to_visit(draw) == {second.pk, third.pk}
    first.refresh_from_db()
    assert (first.visit_on, RecheckMember.objects.filter(item=first).count()) == (None, 0)
    called_off = Event.objects.get(verb="call_off")
    assert called_off.before == {"team": ["inspector", "inspector2"], "visit_on": clock.today().isoformat()}
    assert set(Message.objects.filter(kind="off_team").values_list("user__username", flat=True)) == {
        "inspector", "inspector2",
    }  # fmt: skip
    with pytest.raises(Refused, match="was not drawn"):
        sent(world, first)
    for gone in (first, fourth):
        with pytest.raises(Refused, match="in the sample"):
            extend(world, draw, replaces=gone)


def test_a_replacement_before_any_team_was_sent_calls_nothing_off(world, draw):
    extend(world, draw, replaces=in_order(draw)[1])
    assert not Event.objects.filter(verb="call_off").exists()
    assert not Message.objects.filter(kind="off_team").exists()


def test_whoever_was_visited_is_replaced_no_more(world, draw):
    first = in_order(draw)[0]
    sent(world, first)
    rechecks.file_visit(first, verdict="keep", reason="现场整洁", by=world["inspector"])
    with pytest.raises(Refused, match="has begun"):
        extend(world, draw, replaces=first)
    assert not Extension.objects.exists()
    assert RecheckItem.objects.get(pk=first.pk).visit_on == clock.today()


@pytest.mark.parametrize("what", ["outcome", "closed"])
def test_nobody_of_a_recheck_is_skipped_who_has_gone_further(world, draw, what):
    third = in_order(draw)[2]
    draws.publish_draw(draw, by=world["city"])
    if what == "outcome":
        rechecks.keep_on_paper([third], by=world["city"])
        rechecks.conclude(third, outcome="keep", by=world["city"])
    else:
        RecheckRound.objects.update(closed_by=world["city"], closed_at=clock.now())
    with pytest.raises(Refused, match="nobody is skipped"):
        extend(world, draw)
    assert not Extension.objects.exists()


def test_one_changed_row_of_a_recheck_s_draw_blocks_the_extension(world, draw):
    third = in_order(draw)[2]
    with without_guards():
        DrawnMember.objects.filter(member=third.pool_member).update(drawn=True)
    with pytest.raises(Refused, match="nobody is drawn after it"):
        extend(world, draw)
    with without_guards():
        DrawnMember.objects.filter(member=third.pool_member).update(drawn=False)
    assert extend(world, draw).member.recheck_item == third


def test_of_two_who_saw_the_same_one_next_one_draws(world, draw):
    third = in_order(draw)[2].pool_member
    extend(world, draw, expected=third.key)
    with pytest.raises(Overtaken):
        extend(world, draw, expected=third.key, who="superior")
    assert Extension.objects.count() == 1


def test_an_extension_of_a_recheck_is_repeated_by_the_program(world, draw, client, tmp_path):
    first, _second, third, fourth = in_order(draw)
    later = [extend(world, draw, replaces=first), extend(world, draw)]
    with pytest.raises(Refused, match="Publish the draw first"):
        extensions.publish_extension(later[0], by=world["city"])
    draws.publish_draw(draw, by=world["city"])
    assert (third.is_told_drawn, fourth.is_told_drawn) == (False, False)
    for one in later:
        extensions.publish_extension(one, by=world["city"])
    assert (third.is_told_drawn, fourth.is_told_drawn) == (True, True)
    document = json.loads(client.get(reverse("public_draw_json", args=[draw.pool_id])).content)
    end, words = verified(document, tmp_path)
    key = {item: item.pool_member.key for item in (first, third, fourth)}
    assert end == 0
    assert f"drawn: 110101 {key[third]} for {key[first]}" in words
    assert f"drawn: 110101 {key[fourth]}\n" in words
    document["draw"]["extensions"].reverse()
    assert verified(document, tmp_path)[0] == 1


def test_the_pages_draw_one_more_and_replace_in_a_recheck(world, draw, sign_in):
    first, _second, third, _fourth = in_order(draw)
    city, pool = sign_in("city"), draw.pool
    page = city.get(reverse("pool_detail", args=[pool.pk])).text
    replace = reverse("pool_replace", args=[pool.pk, first.pool_member.pk])
    assert replace in page
    assert str(third.recognition.organ) in city.get(replace).text
    answer = city.post(replace, keyed(reason="搬迁", expected=third.pool_member.key))
    assert answer.status_code == 302
    assert Extension.objects.get().replaces.recheck_item == first
    assert (
        city.post(reverse("pool_extend", args=[pool.pk, "110101"]), keyed(reason="", expected="-")).status_code == 200
    )


def test_a_large_pool_comes_in_pages_and_each_asks_as_often(world, recheck, sign_in, client, monkeypatch):
    pool = draws.close_recheck_pool(recheck, by=world["city"])
    draws.publish_draw(draws.draw(pool, **SEED, seed_at=clock.now(), by=world["city"]), by=world["city"])
    inside, outside = reverse("pool_detail", args=[pool.pk]), reverse("public_draw", args=[pool.pk])
    keys = set(pool.members.values_list("key", flat=True))
    counted = {}
    for size in (1, 3):
        monkeypatch.setattr(pools, "PAGE", size)
        for person, path in ((sign_in("city"), inside), (client, outside)):
            person.get(path)
            shown, statements = [], []
            for number in range(1, 3 // size + 1):
                with CaptureQueriesContext(connection) as asked:
                    page = person.get(path, {"page": number}).text
                statements.append(len(asked))
                shown += [key for key in keys if f"<code>{key}</code>" in page]
            assert (len(shown), set(shown)) == (3, keys)  # each on one page, none left out
            assert ("organs in the pool" in page) == (path == outside)
            counted.setdefault(path, set()).update(statements)
    assert counted == {inside: {QUERIES_INSIDE}, outside: {QUERIES_OUTSIDE}}
