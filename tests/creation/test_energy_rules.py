"""Factors and goals: laid down by those who may, with their history."""

from datetime import date

import pytest
from django.urls import reverse

from creation.errors import Forbidden
from creation.models import EnergyGoal
from tests.cast import keyed
from tests.creation.energy_years import factor, goal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("person, status", [("city", 200), ("stranger", 403), ("official", 403), ("clerk", 403)])
def test_who_lays_down_factors_and_goals(world, sign_in, person, status):
    client = sign_in(person)
    found = {client.get(reverse(name)).status_code for name in ("factor_list", "factor_add", "energy_goal_list")}
    assert found == {status}
    assert client.get(reverse("energy_goal_add")).status_code == status


def test_a_factor_and_a_goal_come_in_by_their_pages_and_keep_their_history(world, sign_in):
    client = sign_in("city")
    assert "No factor yet" in client.get(reverse("factor_list")).content.decode()
    sent = {"carrier": "gas", "into": "kgce", "factor": "1.33", "valid_from": "2024-01-01", "source": "某通知"}
    assert client.post(reverse("factor_add"), keyed(**sent)).status_code == 302
    client.post(reverse("factor_add"), keyed(**(sent | {"factor": "1.2143", "valid_from": "2020-01-01"})))
    text = client.get(reverse("factor_list")).content.decode()
    assert text.count("holds today") == 1
    assert text.index("1.33") < text.index("1.2143")
    wrong = client.post(reverse("factor_add"), keyed(**(sent | {"into": "kg", "factor": "0", "source": ""})))
    assert {"into", "factor", "source"} <= set(wrong.context["form"].errors)
    aim = {
        "region": world.city.pk,
        "year": 2023,
        "measure": "water_per_head",
        "change_percent": "-1.4",
        "source": "通知",
    }
    assert client.post(reverse("energy_goal_add"), keyed(**aim)).status_code == 302
    client.post(reverse("energy_goal_add"), keyed(**(aim | {"change_percent": "-1.5"})))
    text = client.get(reverse("energy_goal_list")).content.decode()
    assert text.count("replaced") == 1
    assert "−1.4 %" in text
    assert EnergyGoal.objects.count() == 2


def test_nobody_sets_a_goal_for_a_region_of_others(world):
    for person, region in (("official", world.district), ("city", world.nation), ("stranger", world.city)):
        with pytest.raises(Forbidden):
            goal(world[person], region, "water_per_head", "-1", 2025)


@pytest.mark.parametrize("kind, number", [("factor_list", 6), ("energy_goal_list", 5)])
def test_lists_ask_the_same_number_of_questions_however_long(world, sign_in, django_assert_num_queries, kind, number):
    client = sign_in("city")
    counts = []
    for year in (2020, 2022):
        for each in range(year, year + 2):
            factor(world["city"], "gas", "kgce", "1.2", date(each, 1, 1))
            goal(world["city"], world.city, "water_per_head", "-1", each)
        with django_assert_num_queries(number) as seen:
            client.get(reverse(kind))
        counts.append(len(seen))
    assert counts == [number, number]
