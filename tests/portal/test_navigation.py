"""The navigation: what a role works with, and where one is."""

import pytest
from django.urls import reverse

from creation.models import Appointment
from portal.context import PUBLIC, SIGNED_IN, navigation
from reviews.demo import builders


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("stranger", ["home", "dashboard"]),
        ("clerk", ["home", "file_list", "objection_list", "recheck_list", "dashboard"]),
        ("inspector", ["home", "inspection_list", "recheck_list", "dashboard", "organ_list"]),
        ("official", ["home", "file_list", "draw_list", "recheck_list", "dashboard", "organ_list", "cycle_list"]),
        (
            "city",
            [
                "home",
                "file_list",
                "draw_list",
                "notice_manage",
                "objection_list",
                "recheck_list",
                "dashboard",
                "organ_list",
                "cycle_list",
            ],
        ),
        ("registrar", ["home", "file_list", "dashboard", "organ_list", "person_list", "cycle_list"]),
    ],
)
def test_the_navigation_shows_what_a_role_works_with(world, username, expected):
    assert [url for url, _label, _here in navigation(world[username], "/")] == [reverse(name) for name in expected]


def test_every_entry_of_the_navigation_can_be_opened(world, sign_in):
    client = sign_in("city")
    Appointment.objects.create(user=world["city"], role="registrar", region=world.city, starts_on=builders.LONG_AGO)
    Appointment.objects.create(user=world["city"], role="inspector", region=world.city, starts_on=builders.LONG_AGO)
    assert {entry.view: client.get(reverse(entry.view)).status_code for entry in (*SIGNED_IN, *PUBLIC)} == {
        entry.view: 200 for entry in (*SIGNED_IN, *PUBLIC)
    }


@pytest.mark.parametrize(
    ("path", "here"),
    [("/", "home"), ("/rounds/3/", "cycle_list"), ("/standards/", "cycle_list"), ("/files/9/", "file_list")],
)
def test_one_entry_says_where_one_is(world, path, here):
    assert [url for url, _label, is_here in navigation(world["city"], path) if is_here] == [reverse(here)]


def test_the_public_navigation_asks_nothing_of_the_database(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [url for url, _label, _here in navigation(None, "/")] == [reverse(entry.view) for entry in PUBLIC]
