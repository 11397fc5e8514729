"""The draw: closed once, drawn once, repeatable by anybody, and said plainly where it comes from a letter."""

import json
import threading
from hashlib import sha256
from math import ceil

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.guards import without_guards
from creation.models import Assessment, Evidence
from reviews.actions import draws
from reviews.demo import builders
from reviews.models import Draw, DrawnMember, Pool, PoolMember
from tests.cast import keyed
from tests.reviews.drawing import SEED, pool, three

__all__ = ["pool", "three"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


def typed():
    """Return the seed as a person types it, published this very second."""
    return SEED | {"seed_at": localtime(clock.now()).strftime("%Y-%m-%dT%H:%M:%S")}


@pytest.fixture
def municipal_pool(world):
    world.bring_to(stages.INSPECTED, world.municipal_organ)
    return draws.close_pool(world.cycle, world.nation, by=world["city"])


def close_url(world, region=None):
    return reverse("pool_close", args=[world.cycle.pk, (region or world.city).code])


def repeated(document):
    """The draw made again from the published JSON with nothing but a hash."""
    lines = sorted(f"{stratum}|{key}\n".encode() for stratum, key in document["members"])
    assert sha256(b"".join(lines)).hexdigest() == document["sha256"]
    strata = {}
    for stratum, key in document["members"]:
        ticket = sha256(f"{document['draw']['seed']}|{stratum}|{key}".encode()).hexdigest()
        strata.setdefault(stratum, []).append((ticket, key))
    drawn = set()
    for tickets in strata.values():
        wanted = ceil(float(document["share"]) * len(tickets) / 100)
        size = min(len(tickets), max(document["minimum"], wanted))
        drawn |= {key for _ticket, key in sorted(tickets)[:size]}
    return drawn


def test_the_list_names_what_waits_and_leads_to_the_pool(world, sign_in, three):
    page = sign_in("superior").get(reverse("draw_list")).content.decode()
    assert close_url(world) in page
    assert "No pool of your region yet" in page


def test_closing_shows_the_strata_and_closes(world, sign_in, three):
    client = sign_in("superior")
    page = client.get(close_url(world)).content.decode()
    assert "2 organs, of which 1 will be drawn" in page
    assert "1 organ, of which 1 will be drawn" in page
    answer = client.post(close_url(world), keyed())
    pool = Pool.objects.get()
    assert answer["Location"] == reverse("pool_detail", args=[pool.pk])
    assert sorted(pool.members.values_list("key", flat=True)) == sorted(file.organ.credit_code for file in three)
    assert pool.sha256 in client.get(answer["Location"]).content.decode()


def test_the_same_form_closes_one_pool_and_another_finds_nothing_waiting(world, sign_in, three):
    client, form = sign_in("superior"), keyed()
    first, again = (client.post(close_url(world), form)["Location"] for _time in range(2))
    assert first == again
    answer = client.post(close_url(world), keyed(), follow=True)
    assert "No inspected file waits for a draw." in answer.content.decode()
    assert Pool.objects.count() == 1


def test_nothing_is_closed_outside_the_window(world, sign_in, three):
    with time_machine.travel(timezone.now() + timezone.timedelta(days=400), tick=False):
        client = sign_in("superior")
        assert "The window for this step ended on" in client.get(close_url(world)).content.decode()
        answer = client.post(close_url(world), keyed(), follow=True)
    assert "The window for this step ended on" in answer.content.decode()
    assert Pool.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_pool_is_closed_once_under_parallel_clicks(world):
    world.bring_to(stages.INSPECTED)
    by, start, told = world["superior"], threading.Barrier(4), []

    def click():
        try:
            start.wait()
            told.append(draws.close_pool(world.cycle, world.city, by=by).number)
        except Refused:
            told.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _click in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told, key=str) == [1, "told", "told", "told"]
    assert (Pool.objects.count(), PoolMember.objects.count()) == (1, 1)


def test_no_seed_is_taken_before_the_pool_is_closed(world, sign_in, three):
    assert sign_in("superior").post(reverse("pool_draw", args=[1]), keyed(**typed())).status_code == 404
    assert Draw.objects.count() == 0


@pytest.mark.parametrize("missing", ["seed", "seed_source", "seed_at"])
def test_no_draw_without_seed_or_its_source(world, sign_in, pool, missing):
    answer = sign_in("superior").post(reverse("pool_draw", args=[pool.pk]), keyed(**typed() | {missing: " "}))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Error:" in page
    kept = next(value for name, value in SEED.items() if name != missing)
    assert kept in page
    assert Draw.objects.count() == 0


def test_a_draw_moves_every_file_and_anybody_can_repeat_it(world, sign_in, three, pool):
    client = sign_in("superior")
    answer = client.post(reverse("pool_draw", args=[pool.pk]), keyed(**typed()))
    assert answer["Location"] == reverse("pool_detail", args=[pool.pk])
    document = json.loads(client.get(reverse("pool_json", args=[pool.pk])).content)
    said = {row["key"] for row in document["draw"]["results"] if row["drawn"]}
    assert said == repeated(document)
    assert len(said) == 2
    moved = {file.organ.credit_code: file.stage for file in Assessment.objects.select_related("organ")}
    assert {key for key, stage in moved.items() if stage == stages.UNDER_SPOT_CHECK} == said
    assert sorted(moved.values()) == ["checked", "under_spot_check", "under_spot_check"]
    page = client.get(reverse("pool_detail", args=[pool.pk])).content.decode()
    assert (page.count("Drawn for the spot check"), page.count("Not drawn, cleared")) == (2, 1)
    assert SEED["seed"] in page


def test_another_seed_would_be_another_draw(world, sign_in, pool):
    draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now())
    document = json.loads(sign_in("superior").get(reverse("pool_json", args=[pool.pk])).content)
    orders = set()
    for number in range(20):
        document["draw"]["seed"] = f"seed {number}"
        orders.add(frozenset(repeated(document)))
    assert len(orders) == 2


def test_there_is_never_a_second_draw(world, sign_in, pool):
    draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now())
    client = sign_in("superior")
    assert client.get(reverse("pool_draw", args=[pool.pk])).status_code == 302
    answer = client.post(
        reverse("pool_draw", args=[pool.pk]), keyed(**typed() | {"seed": "better luck", "seed_source": "me"})
    )
    assert "there is never a second one" in answer.content.decode()
    assert "better luck" in answer.content.decode()
    row = Draw.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        Draw.objects.create(pool=pool, method="x", seed="x", seed_source="x", by=row.by, at=row.at)
    assert list(Draw.objects.values_list("seed", flat=True)) == [SEED["seed"]]


@pytest.mark.parametrize("table", ["reviews_pool", "reviews_poolmember", "reviews_draw", "reviews_drawnmember"])
def test_the_database_keeps_pool_and_draw_as_they_are(world, pool, table):
    draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now())
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with without_guards(), connection.cursor() as cursor:  # the control arm: it is the guard that refused
        cursor.execute(f"UPDATE {table} SET id = id")
        assert cursor.rowcount > 0


def test_a_changed_member_blocks_the_draw(world, sign_in, pool):
    member = pool.members.first()
    with without_guards():
        PoolMember.objects.filter(pk=member.pk).update(key="110101000000000000")
    answer = sign_in("superior").post(reverse("pool_draw", args=[pool.pk]), keyed(**typed()))
    assert "The pool is not what it was when it was closed" in answer.content.decode()
    with without_guards():
        PoolMember.objects.filter(pk=member.pk).update(key=member.key)
    assert sign_in("superior").post(reverse("pool_draw", args=[pool.pk]), keyed(**typed())).status_code == 302


def test_a_letter_is_recorded_and_said_so(world, sign_in, municipal_pool):
    client, url = sign_in("city"), reverse("pool_record_letter", args=[municipal_pool.pk])
    page = client.get(url).content.decode()
    key = world.municipal_organ.credit_code
    assert f'value="{key}"' in page
    letter = builders.a_pdf("国管函.pdf")
    answer = client.post(url, keyed(chosen=[key], letter=letter, letter_number="国管函〔2026〕9号"))
    assert answer["Location"] == reverse("pool_detail", args=[municipal_pool.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "Recorded from the superior's letter." in page
    assert "国管函〔2026〕9号" in page
    assert "Repeat it by hand" not in page
    assert Assessment.objects.get().stage == stages.UNDER_SPOT_CHECK
    download = client.get(reverse("pool_letter", args=[municipal_pool.pk]))
    assert b"".join(download.streaming_content).startswith(b"%PDF")
    assert download["Content-Disposition"].startswith("attachment")
    document = json.loads(client.get(reverse("pool_json", args=[municipal_pool.pk])).content)
    assert (document["draw"]["source"], document["draw"]["seed"]) == ("letter", "")
    assert document["draw"]["letter_sha256"] == Evidence.objects.get(purpose="letter").sha256


def test_an_organ_that_the_letter_does_not_name_is_cleared(world, sign_in, municipal_pool):
    url = reverse("pool_record_letter", args=[municipal_pool.pk])
    sign_in("city").post(url, keyed(letter=builders.a_pdf(), letter_number="国管函〔2026〕9号"))
    assert Assessment.objects.get().stage == stages.CHECKED


def test_a_letter_without_number_or_scan_or_with_a_foreign_code_is_refused(world, sign_in, municipal_pool):
    client, url = sign_in("city"), reverse("pool_record_letter", args=[municipal_pool.pk])
    page = client.post(url, keyed(chosen=[world.organ.credit_code], letter_number="")).content.decode()
    assert [
        page.count(said) for said in ("Fill in “Document number of the letter”.", "Choose “Scan of the letter”.")
    ] == [2, 2]  # number and scan, each in the summary and at its field
    assert "Select a valid choice" in page
    with pytest.raises(Refused, match="Not in the pool"):
        draws.record_letter(municipal_pool, chosen={"x"}, letter=builders.a_pdf(), letter_number="9", by=world["city"])
    assert Draw.objects.count() == 0


def test_only_the_superior_draws_and_only_for_a_superior_above_is_a_letter_recorded(world, pool, municipal_pool):
    with pytest.raises(Forbidden):
        draws.draw(municipal_pool, by=world["city"], **SEED, seed_at=clock.now())
    with pytest.raises(Forbidden):
        draws.record_letter(pool, chosen=set(), letter=builders.a_pdf(), letter_number="9", by=world["city"])
    draws.draw(municipal_pool, by=world["state"], **SEED, seed_at=clock.now())
    assert DrawnMember.objects.get().drawn


@pytest.mark.parametrize(
    ("person", "seen", "step"),
    [
        ("superior", 200, 200),
        ("state", 200, 403),
        ("viewer", 200, 403),
        ("registrar", 200, 403),
        ("official", 404, 404),
        ("checker", 404, 404),
        ("clerk", 404, 404),
        ("stranger", 404, 404),
        ("public", 302, 302),
    ],
)
def test_who_sees_a_pool_and_who_draws_from_it(world, sign_in, pool, person, seen, step):
    client = sign_in(person)
    assert client.get(reverse("pool_detail", args=[pool.pk])).status_code == seen
    assert client.get(reverse("pool_json", args=[pool.pk])).status_code == seen
    assert client.get(reverse("pool_draw", args=[pool.pk])).status_code == step
    assert client.post(reverse("pool_draw", args=[pool.pk]), keyed(**typed())).status_code == (
        302 if step == 200 else step
    )
    assert client.get(close_url(world)).status_code == step


def test_a_stranger_finds_an_empty_list(world, sign_in, pool):
    page = sign_in("stranger").get(reverse("draw_list")).content.decode()
    assert "No pool of your region yet" in page
    assert pool.sha256 not in page


def test_an_official_of_a_district_finds_no_pool_of_the_city_and_the_way_to_the_public_ones(world, sign_in, pool):
    page = sign_in("official").get(reverse("draw_list")).text
    assert ["No pool of your region yet" in page, str(pool) in page] == [True, False]
    assert page.count(f'href="{reverse("public_draw_list")}"') >= 2


def test_the_list_asks_as_much_for_three_pools_as_for_one(world, sign_in, django_assert_num_queries):
    client = sign_in("superior")
    for organ in (world.organ, world.neighbour, world.far_organ):
        file = world.bring_to(stages.INSPECTED, organ)
        draws.close_pool(world.cycle, world.city, by=world["superior"])
        with django_assert_num_queries(7):
            client.get(reverse("draw_list"))
    assert Pool.objects.count() == 3
    assert file.organ == world.far_organ
