"""What everybody may read: without session or cookie, answered 304, few statements, nothing that is not public."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions.places import abolish
from creation.actions.recognitions import grant
from creation.guards import without_guards
from creation.models import Cycle, Organ
from reviews import rates
from reviews.demo import builders
from reviews.models import Rating

pytestmark = pytest.mark.django_db

DAY = date(2021, 8, 23)


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


@pytest.fixture
def titles(world):
    """A title that holds, one that has expired, one that was revoked, one of a closed organ, one granted later."""
    organs = [builders.make_organ(world.district, number) for number in range(11, 17)]
    common = {"document_number": "京管发〔2021〕3号", "by": world["city"]}
    held = grant(organs[0], batch="第一批", granted_on=DAY, **common)
    expired = grant(
        organs[1], batch="第一批", granted_on=DAY - timedelta(days=9), valid_until=DAY - timedelta(days=1), **common
    )
    revoked = grant(organs[2], batch="第一批", granted_on=DAY - timedelta(days=9), **common)
    builders.revoke(revoked, on=DAY, reason="虚报数据", by=world["city"])
    closed = grant(organs[3], batch="第一批", granted_on=DAY - timedelta(days=9), **common)
    abolish(organs[3], on=DAY, by=world["registrar"])
    later = grant(organs[4], batch="第二批", granted_on=DAY + timedelta(days=1), **common)
    replaced = grant(organs[5], batch="第一批", granted_on=DAY - timedelta(days=9), **common)
    grant(organs[5], batch="第二批", granted_on=DAY, **common)
    return {"held": held, "expired": expired, "revoked": revoked, "closed": closed, "later": later, "old": replaced}


def listed(client, **asked):
    return client.get(reverse("recognised_list"), asked).content.decode()


def table(client, **asked):
    answer = client.get(reverse("recognised_download"), asked)
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_public_pages_need_no_session_set_no_cookie_and_answer_304(sign_in, listing, titles):
    client = sign_in("public")
    urls = [
        reverse("notice_list"),
        reverse("notice_detail", args=[listing.notice_id]),
        reverse("recognised_list"),
        reverse("recognised_download"),
    ]
    for url in urls:
        answer = client.get(url)
        assert (answer.status_code, answer.cookies.output(), answer["Cache-Control"]) == (200, "", "public, no-cache")
        again = client.get(url, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = client.get(url, headers={"if-none-match": answer["ETag"], "accept-language": "zh-CN"})
        assert other.status_code in {200, 304}
    state = client.get(reverse("objection_state"))
    assert state.cookies.output() == ""
    form = client.get(reverse("objection_add", args=[listing.notice_id, listing.number]))
    assert list(form.cookies) == ["portal_csrf"]
    assert "no-store" in form["Cache-Control"]


def test_public_pages_ask_three_times_at_most(sign_in, world, titles, django_assert_num_queries):
    client = sign_in("public")
    for organ in (world.organ, world.neighbour, world.far_organ):
        listing = world.bring_to(stages.PUBLICISED, organ).listing
        urls = {
            reverse("notice_list"): 2,
            reverse("notice_detail", args=[listing.notice_id]): 3,
            reverse("recognised_list"): 3,
            reverse("recognised_download"): 1,
            reverse("objection_add", args=[listing.notice_id, listing.number]): 3,
        }
        for url, number in urls.items():
            with django_assert_num_queries(number):
                client.get(url)


def test_a_notice_says_first_whether_one_can_object(sign_in, listing):
    client, url = sign_in("public"), reverse("notice_detail", args=[listing.notice_id])
    page = client.get(url).content.decode()
    main = page.split("<main")[1]
    first = main.index(f"You can object until {listing.notice.last_day}, that day included.")
    assert first < main.index("<h1")
    assert reverse("objection_add", args=[listing.notice_id, 1]) in page
    clock.set_ahead((listing.notice.last_day - clock.today()).days + 1)
    main = client.get(url).content.decode().split("<main")[1]
    assert main.index(f"The period for objections ended on {listing.notice.last_day}.") < main.index("<h1")
    assert reverse("objection_add", args=[listing.notice_id, 1]) not in main


def test_points_are_shown_only_where_the_round_publishes_them(sign_in, listing):
    client, url = sign_in("public"), reverse("notice_detail", args=[listing.notice_id])
    total = str(listing.assessment.inspections.get(kind="inspection").total)
    page = client.get(url).content.decode()
    assert ("Points" in page, total in page) == (False, False)
    with without_guards():
        Cycle.objects.update(publish_scores=True)
    page = client.get(url).content.decode()
    assert ("Points" in page, total in page) == (True, True)


def test_published_points_are_rounded_half_up_for_no_pass_mark_stands_beside_them(world, sign_in):
    files = [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.far_organ)]
    notice = builders.publish(builders.make_notice(world.cycle, files, by=world["city"]), by=world["city"])
    ratings = Rating.objects.filter(inspection__assessment=files[0], inspection__kind="inspection")
    with without_guards():
        Cycle.objects.update(publish_scores=True)
        ratings.filter(indicator__code="A.1").update(found={"count": 0})
        # the base without the 5 points of 3.7, and the point of 2.1 missing: 94 ÷ 95 × 100 = 98.947…
        ratings.filter(indicator__code="3.7").update(found=None, not_applicable=True)
        ratings.filter(indicator__code="2.1").update(found={"present": []})
    result = files[0].inspections.get(kind="inspection").result()
    assert (str(result.total_shown), str(result.total_rounded)) == ("98.94", "98.95")
    page = sign_in("public").get(reverse("notice_detail", args=[notice.pk])).content.decode()
    assert ("98.95" in page, "98.94" in page) == (True, False)


def test_no_phone_or_name_of_staff_stands_on_a_notice(world, sign_in, listing):
    page = sign_in("public").get(reverse("notice_detail", args=[listing.notice_id])).content.decode()
    assert [name for name in world.people if f">{name}<" in page or f" {name}," in page] == []


@pytest.mark.parametrize("number", [0, 2, 10**30])
def test_what_is_not_there_is_a_404(sign_in, listing, number):
    client = sign_in("public")
    assert client.get(reverse("objection_add", args=[listing.notice_id, number])).status_code == 404
    assert client.get(reverse("notice_detail", args=[listing.notice_id + 1 + number])).status_code == 404
    assert client.get(reverse("objection_add", args=[listing.notice_id + 1 + number, 1])).status_code == 404


def test_as_of_a_day_the_list_says_what_held_then(world, sign_in, titles):
    rows = table(sign_in("public"), as_of=DAY.isoformat())
    assert rows[0][:2] == ["As of", "Organ"]
    state = {row[1]: row[9] for row in rows[1:]}
    assert state == {
        "机关11": "Valid",
        "机关12": "Expired",
        "机关13": "Revoked",
        "机关14": "Organ closed",
        "机关16": "Valid",
    }
    assert {row[0] for row in rows[1:]} == {"2021-08-23"}
    assert next(row[11] for row in rows if row[1] == "机关13") == "虚报数据"
    before = {row[1]: row[9] for row in table(sign_in("public"), as_of=(DAY - timedelta(days=1)).isoformat())[1:]}
    assert before == dict.fromkeys(("机关12", "机关13", "机关14", "机关16"), "Valid")
    assert "As of 2021-08-23: 2 organs hold the title." in listed(sign_in("public"), as_of=DAY.isoformat())


@pytest.mark.parametrize("ahead", [-10, -9, -1, 0, 1, 400])
def test_the_list_counts_what_the_rates_count(world, sign_in, titles, ahead):
    day = DAY + timedelta(days=ahead)
    counted = rates.counts_on(day, rates.region_parents())
    recognised = sum(counts.recognised for (region, level), counts in counted.items() if region == world.nation.pk)
    assert f"As of {day}: {recognised} organs hold the title." in listed(sign_in("public"), as_of=day.isoformat())


def test_search_and_filters_stay_in_the_address(world, sign_in, titles):
    client = sign_in("public")
    found = {
        "机关12": {row[1] for row in table(client, q="机关12")[1:]},
        "en": {row[1] for row in table(client, q="organ 12")[1:]},
        "code": {row[1] for row in table(client, q=titles["held"].organ.credit_code)[1:]},
        "batch": {row[1] for row in table(client, batch="第二批")[1:]},
        "region": {row[1] for row in table(client, region=world.other_district.code)[1:]},
        "state": {row[1] for row in table(client, state="revoked")[1:]},
        "none": {row[1] for row in table(client, q="机关12", state="revoked")[1:]},
    }
    assert found == {
        "机关12": {"机关12"},
        "en": {"机关12"},
        "code": {"机关11"},
        "batch": {"机关15", "机关16"},
        "region": set(),
        "state": {"机关13"},
        "none": set(),
    }
    page = listed(client, q="机关1", batch="第一批")
    assert "4 titles found, of which 1 are valid" in page
    assert "?q=%E6%9C%BA%E5%85%B31&amp;batch=" in page
    assert 'value="机关1"' in page
    assert "No title fits this search" in listed(client, q="没有")


@pytest.mark.parametrize("asked", [{"as_of": "2999-01-01"}, {"as_of": "yesterday"}, {"state": "x"}, {"q": "\x00"}])
def test_a_filter_that_cannot_be_read_is_said_and_breaks_nothing(sign_in, titles, asked):
    page = listed(sign_in("public"), **asked)
    assert "data-error-summary" in page
    assert f"As of {clock.today()}" in page


@pytest.mark.parametrize("page", ["0", "2", "99999999999999999999999", "-1", "x", "²"])
def test_any_page_number_gives_a_page(sign_in, titles, page):
    assert "Organ 11" in listed(sign_in("public"), page=page)


def test_a_long_list_comes_in_pages(world, sign_in):
    for number in range(100, 160):
        organ = builders.make_organ(world.district, number)
        grant(organ, batch="第一批", document_number="x", granted_on=DAY, by=None)
    client = sign_in("public")
    first, second = listed(client), listed(client, page="2")
    assert ("Organ 100<" in first, "Organ 159<" in first) == (True, False)
    assert ("Organ 100<" in second, "Organ 159<" in second) == (False, True)
    assert "1 of 2" in first
    assert "60 organs hold the title" in first
    assert len(table(client)) == 61


def test_the_download_carries_no_live_formula(world, sign_in, titles):
    Organ.objects.filter(pk=titles["held"].organ_id).update(name='=HYPERLINK("http://x","y")', name_en="＝1+1")
    answer = sign_in("public").get(reverse("recognised_download"), {"q": titles["held"].organ.credit_code})
    row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1]
    assert (row[1], row[2]) == ('\'=HYPERLINK("http://x","y")', "'＝1+1")
    assert answer["Content-Disposition"] == f'attachment; filename="recognised-{clock.today()}.csv"'


@pytest.mark.parametrize("person", ["stranger", "clerk", "city"])
def test_signed_in_people_read_the_same_pages(sign_in, listing, titles, person):
    client = sign_in(person)
    for url in (reverse("notice_detail", args=[listing.notice_id]), reverse("recognised_list")):
        answer = client.get(url)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")


def test_a_notice_that_has_ended_says_which_of_its_titles_was_taken_back(world, sign_in):
    file = world.bring_to(stages.PUBLICISED)
    clock.set_ahead((file.listing.notice.last_day - clock.today()).days + 1)
    builders.recognise(file, {"city": world["city"]})
    address = reverse("notice_detail", args=[file.listing.notice_id])
    before = sign_in("public").get(address).content.decode()
    builders.revoke(file.recognition, by=world["city"])
    after = sign_in("public").get(address).content.decode()
    assert ("revoked on" in before, f"revoked on {clock.today().isoformat()}" in after) == (False, True)


def test_a_page_number_that_is_far_too_long_is_the_last_page(client):
    assert client.get(reverse("recognised_list"), {"page": "9" * 5000}).status_code == 200
