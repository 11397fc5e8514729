"""Rates are announced: frozen numbers, decided in whole organs, the same whatever is corrected later."""

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from creation import clock
from creation.actions.places import correct_organ
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Event, Message, Organ
from reviews.actions import announcements
from reviews.actions.targets import set_target
from reviews.models import RateAnnouncement, Target
from reviews.rates import Counts
from tests.cast import keyed

pytestmark = pytest.mark.django_db
DAY = date(2021, 8, 23)


@pytest.fixture
def rated(world):
    """One of two organs of Dongcheng holds a title on DAY, the only municipal one does, that of Xicheng does not."""
    for organ in (world.organ, world.municipal_organ):
        grant(organ, batch="第一批", document_number="1号", granted_on=DAY, by=None)
    for level, percent in (("city", "85"), ("district", "75")):
        target = Target(level=level, percent=Decimal(percent), starts_on=date(2020, 6, 1), deadline=date(2022, 12, 31))
        set_target(target, by=world["city"])
    return world


def announce(world, by="city", region=None, **fields):
    fields = {"as_of": DAY, "title": "2020年度完成情况", "document_number": "京管发〔2021〕9号", **fields}
    return announcements.announce(region or world.city, by=world[by], **fields)


def page_of(announced, language="en"):
    answer = Client().get(reverse("announced_detail", args=[announced.pk]), headers={"accept-language": language})
    return answer.content.decode()


def test_what_is_announced_was_counted_by_hand(rated):
    rows = announce(rated).rows
    found = [(row["region"], row["level"], row["recognised"], row["organs"], row["percent"]) for row in rows]
    # 1 of 3 = 33.333…, shown rounded down
    assert found == [
        ("110000", "city", 1, 1, "100.00"),
        ("110000", "district", 1, 3, "33.33"),
        ("110101", "district", 1, 2, "50.00"),
        ("110102", "district", 0, 1, "0.00"),
    ]
    # 75 % of 3 are 2.25, so 3 organs; of 2 are 1.5, so 2; of 1 is 0.75, so 1
    assert [row["targets"] for row in rows] == [
        [{"percent": "85", "deadline": "2022-12-31", "met": True, "missing": 0}],
        [{"percent": "75", "deadline": "2022-12-31", "met": False, "missing": 2}],
        [{"percent": "75", "deadline": "2022-12-31", "met": False, "missing": 1}],
        [{"percent": "75", "deadline": "2022-12-31", "met": False, "missing": 1}],
    ]


def test_a_register_corrected_later_changes_no_announcement(rated):
    announced = announce(rated)
    client = Client()
    urls = [reverse(name, args=[announced.pk]) for name in ("announced_detail", "announced_csv", "announced_json")]
    before = [client.get(url).content for url in urls]
    correct_organ(
        rated.neighbour, {"established_on": DAY + timedelta(days=90), "name": "更名机关"}, by=rated["registrar"]
    )
    grant(rated.far_organ, batch="补报", document_number="补1号", granted_on=DAY, by=None)
    assert [row["recognised"] for row in announcements.rows_on(rated.city, DAY)] == [1, 2, 1, 1]
    assert [client.get(url).content for url in urls] == before
    with pytest.raises(DatabaseError), transaction.atomic():
        RateAnnouncement.objects.filter(pk=announced.pk).update(title="x")


@pytest.mark.parametrize(
    ("recognised", "organs", "percent", "shown", "met"),
    [
        (21_249, 25_000, "85", "84.99", False),  # 84.996 %
        (21_250, 25_000, "85", "85.00", True),
        (5, 6, "83.34", "83.33", False),  # 83.333… %
        (169_999, 200_000, "85", "84.99", False),  # 84.9995 %, which rounds to 85.00
        (0, 0, "85", "–", False),
    ],
)
def test_met_is_never_said_below_the_target(world, recognised, organs, percent, shown, met):
    target = Target(level="city", percent=Decimal(percent), starts_on=DAY, deadline=date(2022, 12, 31))
    row = announcements.row_of(
        world.city, "city", Counts(recognised=recognised, not_started=organs - recognised), [target]
    )
    announced = RateAnnouncement.objects.create(
        region=world.city, as_of=DAY, title="公告", document_number="9号", rows=[row], by=world["city"], at=clock.now()
    )
    page = page_of(announced)
    assert f">{shown}<" in page
    assert ('<span class="met">' in page, '<span class="unmet">' in page) == (met, not met)
    data = json.loads(Client().get(reverse("announced_json", args=[announced.pk])).content)
    assert data["rows"][0]["met"] == int(met)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_reads_it_in_register_order_with_its_files(rated, language):
    announced = announce(rated)
    page = page_of(announced, language)
    table = page.split("<tbody>", 2)[2]
    places = [table.index(name) for name in (("Dongcheng", "Xicheng") if language == "en" else ("东城区", "西城区"))]
    assert places == sorted(places)
    assert "?sort" not in page
    client = Client()
    data = json.loads(client.get(reverse("announced_json", args=[announced.pk])).content)
    answer = client.get(reverse("announced_csv", args=[announced.pk]), headers={"accept-language": "en"})
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (data["as_of"], data["demonstration"]) == ("2021-08-23", True)
    assert [row["percent"] for row in data["rows"]] == [line["Rate (%)"] for line in lines]
    assert [line["Met"] for line in lines] == ["1", "0", "0", "0"]
    assert answer["Content-Disposition"] == 'attachment; filename="rates-110000-2021-08-23.csv"'
    assert reverse("announced_detail", args=[announced.pk]) in client.get(reverse("announced_list")).content.decode()


@pytest.mark.parametrize("person", ["official", "far_official", "viewer", "registrar", "clerk", "stranger", "state"])
def test_only_officials_of_the_municipality_announce_its_rates(rated, person):
    with pytest.raises(Forbidden):
        announce(rated, by=person)
    with pytest.raises(Forbidden):
        announce(rated, region=rated.district)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"as_of": date(2999, 1, 1)}, "as_of"),
        ({"as_of": date(1999, 1, 1)}, "as_of"),
        ({"title": " "}, "title"),
        ({"document_number": ""}, "title"),
    ],
)
def test_what_cannot_be_announced_is_refused(rated, fields, field):
    with pytest.raises(Refused) as refused:
        announce(rated, **fields)
    assert refused.value.field == field
    assert not RateAnnouncement.objects.exists()


def test_a_document_announces_once_and_only_the_numbers_that_were_seen(rated):
    seen = announcements.digest_of(announcements.rows_on(rated.city, DAY))
    grant(rated.far_organ, batch="补报", document_number="补1号", granted_on=DAY, by=None)
    with pytest.raises(Overtaken):
        announce(rated, seen=seen)
    announce(rated)
    with pytest.raises(Refused, match="stands already"):
        announce(rated)
    assert RateAnnouncement.objects.count() == 1


def test_the_officials_named_in_it_hear_of_it_and_an_event_stays(rated):
    announced = announce(rated)
    told = Message.objects.filter(kind="rates_announced")
    assert sorted(told.values_list("user__username", flat=True)) == ["far_official", "official"]
    assert told[0].address == reverse("announced_detail", args=[announced.pk])
    assert "2021-08-23" in told[0].what
    event = Event.objects.get(verb="announce_rates")
    assert (event.by, event.after["region"], event.after["sha256"]) == (
        rated["city"], "110000", announcements.digest_of(announced.rows),
    )  # fmt: skip


def test_the_page_shows_the_numbers_then_announces_exactly_these(rated, sign_in):
    client, url = sign_in("city"), reverse("announcement_add")
    asked = {"region": "110000", "as_of": DAY.isoformat()}
    page = client.get(url, asked).content.decode()
    digest = announcements.digest_of(announcements.rows_on(rated.city, DAY))
    for text in ("33.33", f'name="seen" value="{digest}"', "official", "far_official"):
        assert text in page
    assert not RateAnnouncement.objects.exists()
    sent = keyed(**asked, seen=digest, title="公告", document_number="3号")
    answers = [client.post(url, sent) for _twice in range(2)]
    announced = RateAnnouncement.objects.get()
    assert {answer["Location"] for answer in answers} == {reverse("announced_detail", args=[announced.pk])}
    changed = client.post(url, keyed(**asked, seen="0" * 64, title="第二次公告", document_number="4号"))
    assert "The numbers have changed since you looked at them" in changed.content.decode()
    assert "第二次公告" in changed.content.decode()
    empty = client.post(url, keyed(**asked, seen=digest))
    assert "data-error-summary" in empty.content.decode()
    assert RateAnnouncement.objects.count() == 1


@pytest.mark.parametrize(
    "asked", [{"as_of": "2999-01-01"}, {"as_of": "x", "region": "110000"}, {"as_of": "1990-01-01", "region": "1"}]
)
def test_a_day_or_region_that_cannot_be_shown_is_said(rated, sign_in, asked):
    page = sign_in("city").get(reverse("announcement_add"), {"region": "110000"} | asked).content.decode()
    assert "data-error-summary" in page
    assert 'name="seen"' not in page


def test_the_way_to_announce_is_shown_to_those_who_may(rated, sign_in):
    way = f'href="{reverse("announcement_add")}"'
    seen = {
        who: way in sign_in(who).get(reverse("announced_list")).content.decode()
        for who in ("public", "official", "city")
    }
    assert seen == {"public": False, "official": False, "city": True}
    assert sign_in("official").get(reverse("announcement_add")).status_code == 403


def test_no_name_of_an_organ_or_a_person_stands_in_it(rated):
    announced = announce(rated)
    text = json.dumps(announced.rows, ensure_ascii=False) + page_of(announced)
    names = [*Organ.objects.values_list("name", flat=True), *Organ.objects.values_list("credit_code", flat=True)]
    assert [name for name in names if name in text] == []
