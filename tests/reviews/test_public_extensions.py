"""An extension in public: told when it is published, made again by the program, with more tickets after years."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.guards import without_guards
from creation.models import Message
from reviews.actions import draws, extensions
from reviews.demo import builders
from reviews.models import ExtensionPublication, Inspection
from reviews.recipients import hears
from tests.reviews.drawing import SEED, verified
from tests.reviews.extending import REASON, draw, extend, in_order

__all__ = ["draw"]  # a fixture is found by its name

pytestmark = pytest.mark.django_db


# --- in public -------------------------------------------------------------------------------------------------------


def document_of(client, draw):
    return json.loads(client.get(reverse("public_draw_json", args=[draw.pool_id])).content)


def test_nothing_is_public_before_it_is_published_and_the_program_repeats_it(world, client, draw, tmp_path):
    first, second, third = in_order(draw)
    later = [extend(draw, world["superior"], replaces=first), extend(draw, world["superior"])]
    with pytest.raises(Refused, match="Publish the draw first"):
        extensions.publish_extension(later[0], by=world["superior"])
    draws.publish_draw(draw, by=world["superior"])
    assert document_of(client, draw)["draw"]["extensions"] == []
    page = client.get(reverse("public_draw", args=[draw.pool_id])).text
    assert [REASON in page, "Drawn after the draw" in page, "replaced" in page] == [False] * 3
    with pytest.raises(Refused, match="drawn before"):
        extensions.publish_extension(later[1], by=world["superior"])
    for _twice in range(2):
        for one in later:
            extensions.publish_extension(one, by=world["superior"])
    assert ExtensionPublication.objects.count() == 2
    document = document_of(client, draw)
    assert [(one["key"], one["replaces"], one["rank"]) for one in document["draw"]["extensions"]] == [
        (second.key, first.key, 2),
        (third.key, None, 3),
    ]
    end, words = verified(document, tmp_path)
    assert (end, words.splitlines()[1:]) == (
        0,
        [f"drawn: 110101 {first.key}", f"drawn: 110101 {second.key} for {first.key}", f"drawn: 110101 {third.key}"],
    )
    page = client.get(reverse("public_draw", args=[draw.pool_id])).text
    assert [REASON in page, "Drawn, then replaced" in page] == [True, True]


CHANGES = {
    "in another order": lambda rows: rows.reverse(),
    "one skipped": lambda rows: rows.pop(0),
    "another key": lambda rows: rows[0].update(key="x"),
    "another rank": lambda rows: rows[1].update(rank=2),
    "no reason": lambda rows: rows[0].update(reason=""),
    "replaces nobody": lambda rows: rows[1].update(replaces="x"),
    "replaced twice": lambda rows: rows[1].update(replaces=rows[0]["replaces"]),
}


@pytest.fixture
def extended(world, client, draw):
    """Return the published JSON of a draw with a replacement and one more."""
    later = [extend(draw, world["superior"], replaces=in_order(draw)[0]), extend(draw, world["superior"])]
    draws.publish_draw(draw, by=world["superior"])
    for one in later:
        extensions.publish_extension(one, by=world["superior"])
    return document_of(client, draw)


def test_the_program_sees_whatever_was_changed_in_an_extension(extended, tmp_path):
    assert verified(extended, tmp_path)[0] == 0
    for change, tamper in CHANGES.items():
        document = json.loads(json.dumps(extended))
        tamper(document["draw"]["extensions"])
        end, words = verified(document, tmp_path)
        assert (change, end, "DIFFERENT" in words) == (change, 1, True)


def test_the_organs_learn_of_it_when_it_is_published(world, sign_in, draw):
    first, second, third = in_order(draw)
    draws.publish_draw(draw, by=world["superior"])
    staff = {one.pk: world.clerk_of(one.organ) for one in (first, second)}

    def seen(member):
        return type(member.assessment).objects.get(pk=member.assessment_id).stage_for(staff[member.pk])

    last = Message.objects.latest("pk").pk
    extension = extend(draw, world["superior"], replaces=first)
    assert (seen(first), seen(second)) == (stages.UNDER_SPOT_CHECK, stages.CHECKED)
    told = Message.objects.filter(pk__gt=last)
    listed = {(one.user.username, one.kind) for one in hears("extend_draw", (third, second), by=world["superior"])}
    assert listed == {("city", "drawn_in")}
    assert {*told.values_list("user__username", "kind")} == {("city", "drawn_in"), ("city", "to_publicise")}
    page = sign_in(staff[second.pk].username).get(reverse("file_detail", args=[second.assessment_id])).text
    assert [REASON in page, "Drawn after the draw" in page] == [False, False]
    extensions.publish_extension(extension, by=world["superior"])
    assert (seen(first), seen(second)) == (stages.CHECKED, stages.UNDER_SPOT_CHECK)
    assert Message.objects.filter(kind="cleared", user=staff[first.pk], assessment=first.assessment).count() == 1
    said = {first: "Drawn, then replaced", second: "Drawn after the draw"}
    for member, words in said.items():
        page = reverse("file_detail", args=[member.assessment_id])
        assert words in sign_in(staff[member.pk].username).get(page).text


def test_the_database_keeps_extensions_as_they_are(world, draw):
    extension = extend(draw, world["superior"])
    draws.publish_draw(draw, by=world["superior"])
    extensions.publish_extension(extension, by=world["superior"])
    for table in ("reviews_extension", "reviews_extensionpublication"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


# --- a longer chance -------------------------------------------------------------------------------------------------


def two_inspected(world, years):
    """Close a pool of two organs in a round with these years; the first was spot-checked in a round before."""
    earlier = world.bring_to(stages.CHECKED)
    earlier_visit = earlier.inspections.get(kind="spot_check")
    cycle = builders.make_cycle(world.city, world.standard, by=world["city"], year=2031, longer_chance_years=years)
    for organ in (world.organ, world.neighbour):
        cast = world.cast_for(organ)
        builders.bring_to(builders.files.start(organ, cycle, by=cast["clerk"]), stages.INSPECTED, cast)
    pool = draws.close_pool(cycle, world.city, by=world["superior"])
    return pool, earlier_visit


def tickets_of(pool):
    return dict(pool.members.values_list("key", "tickets"))


def test_who_was_not_spot_checked_for_years_has_two_tickets_and_the_program_counts_them(world, client, tmp_path):
    pool, _visit = two_inspected(world, 3)
    # both were inspected in this round, and only the superior's own visits count
    assert tickets_of(pool) == {world.organ.credit_code: 1, world.neighbour.credit_code: 2}
    row = draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"])
    assert row.method == "sha256-ranking-2"
    draws.publish_draw(row, by=world["superior"])
    document = document_of(client, row)
    assert document["members"] == [
        ["110101", world.organ.credit_code],
        ["110101", world.neighbour.credit_code, 2],
    ]
    assert verified(document, tmp_path)[0] == 0
    assert "have two tickets" in client.get(reverse("public_draw", args=[pool.pk])).text
    document["members"][1][2] = 1
    end, words = verified(document, tmp_path)
    assert (end, "SHA-256" in words) == (1, True)


def test_without_the_setting_everybody_has_one_ticket_and_the_method_is_the_old_one(world):
    pool, _visit = two_inspected(world, None)
    assert set(tickets_of(pool).values()) == {1}
    assert draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"]).method == "sha256-ranking-1"


@pytest.mark.parametrize(("days", "tickets"), [(-1, 2), (0, 1)])
def test_the_years_end_on_the_same_day_of_the_year(world, days, tickets):
    pool, visit = two_inspected(world, 1)
    closed = pool.closed_at
    ago = closed.replace(year=closed.year - 1) + timedelta(days=days)
    with without_guards():
        Inspection.objects.filter(pk=visit.pk).update(filed_at=ago)
        visit.assessment.changes.filter(step="confirm").update(at=ago)
    assert draws.tickets_for(pool, [world.organ]).get(world.organ.credit_code, 1) == tickets


def test_where_the_next_one_has_gone_further_the_page_says_so_and_offers_nothing(world, sign_in, draw):
    page = reverse("pool_detail", args=[draw.pool_id])
    client = sign_in("superior")
    assert "Draw one more" in client.get(page).text
    following = extensions.next_in_order(draw, draw.pool.members.first().stratum)
    builders.make_notice(world.cycle, [following.assessment], by=world["city"])
    text = client.get(page).text
    assert ("Draw one more" in text, "has gone further already" in text) == (False, True)
