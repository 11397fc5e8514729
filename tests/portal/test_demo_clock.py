"""The demonstration's clock: set ahead and back by signed-in people, and only there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock
from creation.models import CountChange
from tests.cast import keyed


def test_the_clock_is_set_ahead_and_back(world, sign_in):
    client, where = sign_in("city"), reverse("demo_clock_set")
    real = clock.today()
    form = keyed(days="1", next="/rounds/")
    assert [client.post(where, form)["Location"] for _ in range(2)] == ["/rounds/", "/rounds/"]
    assert clock.today() == real + timedelta(days=1)
    client.post(where, keyed(days="10"))
    assert clock.today() == real + timedelta(days=11)
    assert {row.since for row in CountChange.objects.all()} == {real + timedelta(days=1), real + timedelta(days=11)}
    client.post(where, keyed(days="0"))
    assert clock.today() == real
    assert set(CountChange.objects.values_list("region", flat=True)) == {
        world.nation.pk,
        world.city.pk,
        world.district.pk,
        world.other_district.pk,
    }


@pytest.mark.parametrize("days", ["-5", "99999999999", "x", ""])
def test_no_other_leap_is_made(sign_in, days):
    sign_in("city").post(reverse("demo_clock_set"), keyed(days=days))
    assert clock.lead_days() == 0


def test_the_clock_never_leads_to_another_host(sign_in):
    answer = sign_in("stranger").post(reverse("demo_clock_set"), keyed(days="1", next="https://evil.example/"))
    assert answer["Location"] == reverse("home")


def test_the_clock_belongs_to_signed_in_people_of_the_demonstration(sign_in, settings):
    where = reverse("demo_clock_set")
    assert sign_in("public").post(where, keyed(days="1")).status_code == 302
    assert clock.lead_days() == 0
    assert sign_in("city").get(where).status_code == 405
    settings.PROFILE = "production"
    assert sign_in("city").post(where, keyed(days="1")).status_code == 404


def test_the_banner_offers_the_clock_to_signed_in_people_only(sign_in, client):
    assert reverse("demo_clock_set") in sign_in("city").get("/").content.decode()
    assert reverse("demo_clock_set") not in client.get("/").content.decode()
