"""Rounds: laid out with a published standard, corrected, opened, closed."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from creation import clock
from creation.actions import cycles
from creation.errors import Forbidden, Refused
from creation.models import BOUNDS, Cycle, Event
from tests.cast import keyed

LANGUAGES = ("zh-CN", "en")


def a_round(client, **changed):
    """Return the fields of the form as the page offers them, with some changed."""
    form = client.get(reverse("cycle_add")).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    return keyed(**{name: value for name, value in fields.items() if value not in (None, False)} | changed)


def lay_out(world, year=2040):
    today = clock.today()
    windows = {}
    for name in ("self_rating", "inspection", "spot_check", "publicity"):
        windows |= {f"{name}_from": today, f"{name}_until": today + timedelta(days=30)}
    cycle = Cycle(
        region=world.city, year=year, calendar_year=year - 1, batch=f"{year}", standard=world.standard, **windows
    )
    return cycles.create_cycle(cycle, by=world["city"])


# --- who may ---------------------------------------------------------------------------------------------------------


def test_a_stranger_sees_opened_rounds_only(world, sign_in):
    draft, client = lay_out(world), sign_in("stranger")
    assert [row.pk for row in client.get(reverse("cycle_list")).context["cycles"]] == [world.cycle.pk]
    assert client.get(reverse("cycle_detail", args=[world.cycle.pk])).status_code == 200
    ways = ("cycle_detail", "cycle_open", "cycle_close", "cycle_change")
    assert [client.get(reverse(way, args=[draft.pk])).status_code for way in ways] == [404] * 4
    assert [client.get(reverse(way, args=[world.cycle.pk])).status_code for way in ways[1:]] == [403] * 3
    assert client.get(reverse("cycle_add")).status_code == 403


@pytest.mark.parametrize("username", ["official", "registrar", "viewer", "clerk"])
def test_only_an_official_of_the_municipality_lays_out_opens_and_closes(world, sign_in, username):
    client = sign_in(username)
    assert client.post(reverse("cycle_add"), keyed()).status_code == 403
    for way in ("cycle_open", "cycle_close", "cycle_change"):
        assert client.post(reverse(way, args=[world.cycle.pk]), keyed()).status_code == 403
    with pytest.raises(Forbidden):
        cycles.change_cycle(lay_out(world), by=world[username])


def test_signed_out_one_is_led_to_the_sign_in_page(world, sign_in):
    ways = [reverse("cycle_list"), reverse("cycle_add"), reverse("cycle_detail", args=[world.cycle.pk])]
    assert [sign_in("public").get(way).status_code for way in ways] == [302] * 3


# --- laying out ------------------------------------------------------------------------------------------------------


def test_the_form_is_filled_with_what_is_usual_and_lays_out_one_round(world, sign_in):
    client = sign_in("city")
    form = a_round(client)
    first, second = (client.post(reverse("cycle_add"), form) for _ in range(2))
    made = Cycle.objects.exclude(pk=world.cycle.pk).get()
    assert first["Location"] == second["Location"] == reverse("cycle_detail", args=[made.pk])
    assert (made.year, made.region, made.standard) == (world.cycle.year + 1, world.city, world.standard)
    assert (made.notice_days, made.team_size, made.blind, made.opened_at) == (5, 2, True, None)
    assert Event.objects.filter(verb="create", subject_type="cycle", subject_id=made.pk).count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"self_rating_until": "2001-01-01"}, "self_rating_until"),
        ({"publicity_from": "soon"}, "publicity_from"),
        ({"notice_days": "4"}, "notice_days"),
        ({"notice_days": "61"}, "notice_days"),
        ({"conflict_years": "11"}, "conflict_years"),
        ({"recognition_years": "0"}, "recognition_years"),
        ({"recognition_years": "51"}, "recognition_years"),
        ({"sample_minimum": "1001"}, "sample_minimum"),
        ({"team_size": "21"}, "team_size"),
        ({"sample_share": "101"}, "sample_share"),
        ({"team_size": "0"}, "team_size"),
        ({"year": "30000"}, "year"),
        ({"batch": ""}, "batch"),
    ],
)
def test_a_refused_round_keeps_what_was_typed_and_names_the_field(sign_in, changed, field):
    client = sign_in("city")
    page = client.post(reverse("cycle_add"), a_round(client, **changed))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert Cycle.objects.count() == 1


BEYOND = [
    ("notice_days", 4),
    ("notice_days", 61),
    ("sample_minimum", 1001),
    ("team_size", 0),
    ("team_size", 21),
    ("conflict_years", 11),
    ("recognition_years", 0),
    ("recognition_years", 51),
    ("reminder_days", 31),
    ("longer_chance_years", 0),
    ("longer_chance_years", 21),
    ("hearing_days", 0),
    ("hearing_days", 31),
    ("retention_months", 0),
    ("retention_months", 121),
]


@pytest.mark.parametrize(("name", "value"), BEYOND)
def test_a_setting_out_of_bounds_is_refused_by_the_verbs_and_by_the_database(world, name, value):
    cycle = lay_out(world)
    setattr(cycle, name, value)
    with pytest.raises(Refused) as refused:
        cycles.change_cycle(cycle, by=world["city"])
    assert refused.value.field == name
    cycle.pk, cycle.year = None, 2050
    with pytest.raises(Refused):
        cycles.create_cycle(cycle, by=world["city"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Cycle.objects.filter(year=2040).update(**{name: value})


def test_the_bounds_themselves_are_allowed(world):
    cycle = lay_out(world)
    for end in (0, 1):
        for name, bounds in BOUNDS.items():
            setattr(cycle, name, bounds[end])
        cycles.change_cycle(cycle, by=world["city"])
    assert {name: getattr(Cycle.objects.get(pk=cycle.pk), name) for name in BOUNDS} == {
        "notice_days": 60,
        "sample_minimum": 1000,
        "team_size": 20,
        "conflict_years": 10,
        "recognition_years": 50,
        "longer_chance_years": 20,
        "hearing_days": 30,
        "retention_months": 120,
        "reminder_days": 30,
    }


def test_a_year_has_one_round(world, sign_in):
    client = sign_in("city")
    page = client.post(reverse("cycle_add"), a_round(client, year=world.cycle.year))
    assert list(page.context["form"].errors) == ["year"]


def test_a_standard_that_is_not_published_cannot_be_chosen(world, sign_in):
    world.standard.pk, world.standard.version, world.standard.published_at = None, 2, None
    world.standard.save(force_insert=True)
    client = sign_in("city")
    page = client.post(reverse("cycle_add"), a_round(client, standard=world.standard.pk))
    assert list(page.context["form"].errors) == ["standard"]
    with pytest.raises(Refused):
        lay_out(world)


def test_the_state_lays_out_no_round_for_a_municipality(world, sign_in):
    client = sign_in("state")
    page = client.post(reverse("cycle_add"), a_round(client, region=world.city.pk))
    assert list(page.context["form"].errors) == ["region"]


# --- correcting, opening, closing ------------------------------------------------------------------------------------


def test_a_round_is_corrected_until_it_is_opened(world, sign_in):
    cycle, client = lay_out(world), sign_in("city")
    where = reverse("cycle_change", args=[cycle.pk])
    form = client.get(where).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    answer = client.post(where, keyed(**sent | {"notice_days": 7, "year": 2041}))
    assert answer["Location"] == reverse("cycle_detail", args=[cycle.pk])
    cycle.refresh_from_db()
    assert (cycle.notice_days, cycle.year) == (7, 2041)
    event = Event.objects.get(verb="change", subject_type="cycle")
    assert (event.before, event.after) == (
        {"notice_days": "5", "year": "2040"},
        {"notice_days": "7", "year": "2041"},
    )
    taken = client.post(where, keyed(**sent | {"year": world.cycle.year}))
    assert list(taken.context["form"].errors) == ["year"]
    cycles.open_cycle(cycle, by=world["city"])
    late = client.post(where, keyed(**sent | {"notice_days": 9}))
    assert "its rules no longer change" in late.content.decode()
    assert Cycle.objects.get(pk=cycle.pk).notice_days == 7


def test_opening_freezes_the_rules(world, sign_in):
    cycle, client = lay_out(world), sign_in("city")
    where = reverse("cycle_open", args=[cycle.pk])
    assert "never change" in client.get(where).content.decode()
    form = keyed()
    assert [client.post(where, form).status_code for _ in range(2)] == [302, 302]
    cycle.refresh_from_db()
    assert cycle.is_open
    assert Event.objects.filter(verb="open", subject_id=cycle.pk).count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(notice_days=1)
    again = client.post(where, keyed(), follow=True)
    assert "This round is open already." in again.content.decode()


def test_closing_is_confirmed_and_for_good(world, sign_in):
    client, where = sign_in("city"), reverse("cycle_close", args=[world.cycle.pk])
    assert client.get(where).status_code == 200
    assert client.post(where, keyed())["Location"] == reverse("cycle_detail", args=[world.cycle.pk])
    assert not Cycle.objects.get(pk=world.cycle.pk).is_open
    again = client.post(where, keyed(), follow=True)
    assert "Only an open round can be closed." in again.content.decode()
    world.cycle.refresh_from_db()
    with pytest.raises(Refused):
        world.start()


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_round_counts_the_files_that_its_reader_may_see(world, sign_in):
    world.bring_to("submitted")
    world.start(world.far_organ)
    where = reverse("cycle_detail", args=[world.cycle.pk])
    seen = {
        username: [(stage, count) for stage, _label, count in sign_in(username).get(where).context["files"]]
        for username in ("city", "official", "clerk2", "stranger")
    }
    assert seen == {
        "city": [("draft", 1), ("submitted", 1)],
        "official": [("submitted", 1)],
        "clerk2": [],
        "stranger": [],
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_pages_stand_in_both_languages(world, sign_in, language):
    client, pk = sign_in("city"), lay_out(world).pk
    ways = [reverse("cycle_list"), reverse("cycle_add"), reverse("cycle_detail", args=[world.cycle.pk])]
    ways += [reverse(name, args=[pk]) for name in ("cycle_detail", "cycle_open", "cycle_close", "cycle_change")]
    for way in ways:
        page = client.get(way, headers={"accept-language": language})
        assert (page.status_code, page.content.decode().count("<h1")) == (200, 1)


def test_lists_ask_as_often_for_three_as_for_one(world, sign_in, django_assert_num_queries):
    client = sign_in("city")
    for count in (1, 3):
        while Cycle.objects.count() < count:
            lay_out(world, year=2040 + Cycle.objects.count())
        with django_assert_num_queries(5):
            assert len(client.get(reverse("cycle_list")).context["cycles"]) == count
