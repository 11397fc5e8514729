"""Lists of any length: what is offered, counted and turned to is bounded, and nothing becomes visible by it."""

from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse

from creation import stages
from creation.actions.places import rebuild_region_paths
from creation.models import Assessment, Organ, Region
from creation.views import paging
from reviews.demo import builders

LISTS = ["organ_list", "file_list"]


def grow(world, number):
    """Put so many organs more on the register of the district, each with a file."""
    region = world.organ.region
    organs = Organ.objects.bulk_create(
        Organ(
            name=f"增{place}",
            credit_code=f"GROW{place:014d}",
            region=region,
            category="court",
            established_on="2019-01-01",
        )
        for place in range(number)
    )
    since = world.cycle.opened_at
    Assessment.objects.bulk_create(
        Assessment(
            cycle=world.cycle, organ=organ, stage=stages.DRAFT, stage_since=since, told_stage=stages.DRAFT,
            told_since=since, started_by=world["clerk"], started_at=since,
        )
        for organ in organs
    )  # fmt: skip


def rows(response):
    return response.context["page"].object_list


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_counted_and_turned_no_further_than_its_bound(world, sign_in, monkeypatch, name):
    grow(world, 8)
    client = sign_in("city")
    whole = client.get(reverse(name))
    number = whole.context["page"].paginator.count
    assert not whole.context["page"].paginator.more
    assert "More than" not in whole.content.decode()
    monkeypatch.setattr(paging, "MOST_ROWS", number)
    assert not client.get(reverse(name)).context["page"].paginator.more
    monkeypatch.setattr(paging, "MOST_ROWS", number - 1)
    bounded = client.get(reverse(name))
    assert bounded.context["page"].paginator.count == number - 1
    assert f"More than {number - 1} " in bounded.content.decode()
    assert len(rows(client.get(reverse(name), {"page": 99_999}))) == number - 1


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_fifty_rows_as_for_one(world, sign_in, django_assert_num_queries, name):
    client = sign_in("city")
    builders.bring_to(world.start(), stages.PREPARED, world.cast_for(world.organ))
    literal = {"organ_list": 7, "file_list": 8}[name]
    client.get(reverse(name))
    with django_assert_num_queries(literal):
        client.get(reverse(name), {"q": world.organ.credit_code, "region": "110101"})
    grow(world, 60)
    with django_assert_num_queries(literal):
        assert len(rows(client.get(reverse(name), {"region": "110101"}))) == 50
    with django_assert_num_queries(literal):
        client.get(reverse(name), {"page": 2, "q": "增"})


@pytest.mark.parametrize("name", LISTS)
def test_regions_to_choose_are_those_near_and_the_way_to_the_chosen_one(world, sign_in, name):
    city = Region.objects.get(code="110000")
    deep = Region.objects.create(code="110101001", name="街道", kind="district", parent=world.organ.region, position=90)
    rebuild_region_paths()

    def offered(client, **query):
        field = client.get(reverse(name), query).context["form" if name == "file_list" else "filter"].fields["region"]
        return set(field.near)

    below = set(city.children.values_list("code", flat=True))
    assert offered(sign_in("city")) == {city.code, *below}
    assert offered(sign_in("city"), region="110101") == {city.code, *below, deep.code}
    assert offered(sign_in("city"), region=deep.code) == {city.code, *below, deep.code}
    # a stranger to the other district neither is offered it nor narrows by it
    assert offered(sign_in("far_official"), region="110101") == {"110102"}
    for code in ("999999", "a\0b", "1" * 400):
        assert sign_in("city").get(reverse(name), {"region": code}).status_code == 200


def test_who_sees_files_by_region_alone_reads_what_the_general_rule_shows(world):
    world.bring_to(stages.UNDER_SPOT_CHECK)
    world.start(world.neighbour)
    for person in ("city", "viewer", "official", "far_official", "registrar", "clerk", "inspector", "stranger"):
        user = world[person]
        shown = Assessment.objects.visible_to(user).shown_to(user).order_by("pk")
        known = Assessment.objects.known_to(user).order_by("pk")
        read = ("pk", "shown_stage", "shown_since")
        assert list(known.values_list(*read)) == list(shown.values_list(*read))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an index of PostgreSQL")
@pytest.mark.django_db
def test_without_the_right_to_the_extension_the_migration_goes_on():
    migration = import_module("creation.migrations.0006_lists_at_scale")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [migration.NAMES])
        assert "gin_trgm_ops" in cursor.fetchone()[0]
        cursor.execute("DROP INDEX creation_organ_names_trgm")
        cursor.execute("DROP EXTENSION pg_trgm")
        cursor.execute(
            "CREATE ROLE portal_nobody; GRANT USAGE ON SCHEMA public TO portal_nobody; SET ROLE portal_nobody"
        )
    with connection.schema_editor() as editor:
        migration.index_names(None, editor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [migration.NAMES])
        assert cursor.fetchone()[0] == 0
        cursor.execute("RESET ROLE")
