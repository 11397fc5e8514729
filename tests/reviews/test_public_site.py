"""The site for everybody: quick, without a cookie or a write, and saying what was decided and nothing besides."""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from reviews.actions import announcements, objections, revocations
from reviews.demo import builders
from reviews.models import RevocationCase
from tests.scene import address
from tests.test_access import matrix

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
OBJECTOR, PHONE, GROUNDS = "欧阳某某", "010-9876-5432", "地下车库长明灯的照片三张"
REASON = "经现场核查，照明为感应控制。"
FACTS, ANSWER = "夜间空调常开的记录", "值班需要的说明"
# public addresses that answer only the one who asks, and why no cache may keep them
NOT_KEPT = {
    "healthz": "the state of this second",
    "invitation": "a secret address",
    "login": "a form with its secret",
    "objection_add": "a form with its secret",
    "objection_receipt": "the receipt of one person",
    "objection_state": "the objection of one person",
    "phone": "the phone's shell, kept by its own worker",
    "phone_packs": "who is signed in, at this moment",
    "phone_worker": "the phone's worker, checked by the browser itself",
    "verification": "a form for a code",
    "verification_detail": "the state of this second",
}


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


@pytest.fixture
def objection(world, listing):
    found = objections.object_to(listing, kind="person", name=OBJECTOR, phone=PHONE, grounds=GROUNDS)
    objections.hear(found, text="本单位已整改", by=world["clerk"])
    return found


@pytest.fixture
def title(world):
    return grant(
        world.far_organ, batch="第一批", document_number="京管发〔2021〕3号", granted_on=clock.today(), by=None
    )


@pytest.fixture
def announced(world, title):
    return announce(world)


def announce(world, number="京管发〔2026〕7号", **fields):
    fields = {"as_of": clock.today(), "title": "完成情况公告", "by": world["city"], **fields}
    return announcements.announce(world.city, document_number=number, **fields)


def read(client, name, *args, language="en", **asked):
    return client.get(reverse(name, args=args), asked, headers={"accept-language": language}).content.decode()


def all_public(client, *more):
    """Return everything that the lists, files, the feed and the first page say, as one text."""
    lists = ("home", "notice_list", "recognised_list", "recognised_json", "sitemap")
    pages = [read(client, name) for name in (*lists, "outcome_list", "outcome_csv", "outcome_json")]
    pages += [client.get(url).content.decode() for url in more]
    return "\n".join([*pages, read(client, "news_feed", "en")])


# --- what holds for every page ---------------------------------------------------------------------------------------


def test_every_public_page_is_kept_by_caches_without_cookie_session_or_write(scene):
    public = [name for (name, method), row in matrix().items() if method == "GET" and row["public"] == 200]
    assert set(NOT_KEPT) <= set(public)
    client, wrong = Client(), {}
    for name in sorted(set(public) - set(NOT_KEPT)):
        url = address(name, scene)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url)
        written = [query["sql"] for query in asked if not re.match(r'[( ]*SELECT|DECLARE "', query["sql"])]
        people = [query["sql"] for query in asked if re.search('session|FROM "creation_user"', query["sql"])]
        again = client.get(url, headers={"if-none-match": answer.get("ETag", "")})
        seen = (answer.get("Cache-Control"), answer.cookies.output(), written, people, again.status_code, again.content)
        if seen != ("public, no-cache", "", [], [], 304, b""):
            wrong[name] = seen
    assert wrong == {}


def test_a_public_page_asks_as_often_for_three_as_for_one(world, django_assert_num_queries):
    client = Client()
    for number, organ in enumerate((world.organ, world.neighbour, world.far_organ)):
        listing = world.bring_to(stages.PUBLICISED, organ).listing
        found = objections.object_to(listing, kind="person", name=OBJECTOR, phone=PHONE, grounds=GROUNDS)
        objections.hear(found, text="已整改", by=world.clerk_of(organ))
        builders.decide(found, uphold=False, reason=REASON, by=world["city"])
        title = grant(organ, batch="第一批", document_number="1号", granted_on=clock.today(), by=None)
        builders.revoke(title, by=world["city"])
        announced = announce(world, f"{number}号")
        case = RevocationCase.objects.get(recognition=title)
        counts = {
            reverse("home"): 6,
            reverse("outcome_list"): 2,
            reverse("outcome_csv"): 1,
            reverse("outcome_json"): 1,
            reverse("outcome_objection", args=[found.pk]): 1,
            reverse("outcome_revocation", args=[case.pk]): 1,
            reverse("recognised_json"): 1,
            reverse("announced_list"): 2,
            reverse("announced_detail", args=[announced.pk]): 1,
            reverse("announced_csv", args=[announced.pk]): 1,
            reverse("announced_json", args=[announced.pk]): 1,
            reverse("news_feed", args=["en"]): 3,
            reverse("sitemap"): 3,
            reverse("robots"): 0,
        }
        for url, statements in counts.items():
            with django_assert_num_queries(statements):
                assert client.get(url).status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ["home", "outcome_list", "announced_list", "recognised_list", "notice_list"])
def test_an_empty_portal_says_what_will_fill_it(world, name, language):
    page = read(Client(), name, language=language)
    assert page.count("<h1") == 1
    assert f'hreflang="{language}"' in page
    assert f'href="{reverse("news_feed", args=[language])}"' in page


# --- the first page --------------------------------------------------------------------------------------------------


def test_the_first_page_counts_down_to_the_last_day(world, listing):
    notice, client = listing.notice, Client()
    days = (notice.last_day - clock.today()).days
    assert "5 working days are left after today." in read(client, "home")
    clock.set_ahead(days)
    assert "Today is the last day." in read(client, "home")
    clock.set_ahead(days + 1)
    page = read(client, "home")
    assert (notice.title in page, "No notice runs at the moment" in page) == (False, True)


def test_the_first_page_leads_to_what_was_decided_lately(world, objection, title, announced):
    builders.decide(objection, uphold=False, reason=REASON, by=world["city"])
    page = read(Client(), "home")
    for url in (
        reverse("outcome_objection", args=[objection.pk]),
        reverse("announced_detail", args=[announced.pk]),
        f"{reverse('recognised_list')}?batch=",
        reverse("verification"),
        reverse("login"),
    ):
        assert f'href="{url}' in page
    assert "京管发〔2021〕3号" in page


# --- outcomes --------------------------------------------------------------------------------------------------------


def test_an_outcome_is_public_once_it_is_decided_and_not_before(world, objection):
    client, page = Client(), reverse("outcome_objection", args=[objection.pk])
    objections.propose_decision(objection, uphold=False, reason=REASON, by=world["city"])
    assert client.get(page).status_code == 404
    assert REASON not in all_public(client)
    objections.decide(objection, by=world["superior"])
    detail = client.get(page).content.decode()
    for text in (objection.listing.organ_name_en, objection.listing.notice.title, "Not upheld", REASON):
        assert text in detail
    row = json.loads(client.get(reverse("outcome_json")).content)["rows"][0]
    assert (row["kind"], row["organ"], row["result"], row["reason"], row["decided_on"]) == (
        "objection", "机关1", "dismissed", REASON, clock.today().isoformat(),
    )  # fmt: skip


def test_no_public_word_tells_who_objected_with_what_grounds_or_under_which_receipt(world, objection):
    client = Client()
    builders.decide(objection, uphold=True, reason=REASON, by=world["city"])
    said = all_public(
        client,
        reverse("outcome_objection", args=[objection.pk]),
        reverse("notice_detail", args=[objection.listing.notice_id]),
    )
    assert said.count(REASON) >= 5  # the texts looked through are those that speak of it
    hidden = (OBJECTOR, PHONE, GROUNDS, objection.receipt, "本单位已整改", "superior")
    assert [word for word in hidden if word in said] == []


def test_a_case_about_a_title_is_public_once_it_is_decided(world, title):
    client = Client()
    case = revocations.open_case(title, grounds="verified_waste", facts=FACTS, by=world["city"])
    revocations.answer_case(case, text=ANSWER, by=world["far_clerk"])
    case = revocations.propose(case, decision="revoked", reason=REASON, on=clock.today(), by=world["city"])
    page = reverse("outcome_revocation", args=[case.pk])
    assert client.get(page).status_code == 404
    assert REASON not in all_public(client)
    revocations.decide(case, by=world["superior"])
    said = all_public(client, page)
    assert [word for word in (FACTS, ANSWER) if word in said] == []
    detail = client.get(page).content.decode()
    for text in ("Organ 3", "Title revoked", REASON, "京管发〔2021〕3号", clock.today().isoformat()):
        assert text in detail
    assert client.get(reverse("outcome_objection", args=[case.pk])).status_code == 404


def test_outcomes_are_searched_and_filtered_by_the_address(world, objection, title):
    builders.decide(objection, uphold=False, reason=REASON, by=world["city"])
    builders.revoke(title, by=world["city"])
    client = Client()

    def organs(**asked):
        return {row["organ"] for row in json.loads(client.get(reverse("outcome_json"), asked).content)["rows"]}

    assert organs() == {"机关1", "机关3"}
    assert (
        organs(q="机关3") == organs(q="organ 3") == organs(kind="revocation") == organs(result="revoked") == {"机关3"}
    )
    assert organs(kind="objection") == organs(result="dismissed") == {"机关1"}
    assert organs(kind="objection", result="revoked") == set()
    assert "No outcome fits this search" in read(client, "outcome_list", q="没有")
    wrong = read(client, "outcome_list", kind="x", q="\x00")
    assert ("data-error-summary" in wrong, "Organ 3" in wrong) == (True, True)
    table = list(csv.reader(io.StringIO(client.get(reverse("outcome_csv")).content.decode("utf-8-sig"))))
    assert [row[table[0].index("Organ")] for row in table[1:]] == ["机关3", "机关1"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_csv_and_json_hold_the_same_titles_with_day_and_source(world, title, settings):
    client, day = Client(), clock.today()
    grant(world.organ, batch="第二批", document_number="2号", granted_on=day - timedelta(days=3), by=None)
    asked = {"as_of": (day - timedelta(days=1)).isoformat()}
    data = json.loads(client.get(reverse("recognised_json"), asked).content)
    table = list(csv.reader(io.StringIO(read(client, "recognised_download", **asked)[1:])))
    assert (data["as_of"], data["demonstration"], data["format"]) == (
        asked["as_of"], True, "conservation-organs-recognised-1",
    )  # fmt: skip
    assert [row["organ"] for row in data["rows"]] == [row[1] for row in table[1:]] == ["机关1"]
    assert {row["as_of"] for row in data["rows"]} == {row[0] for row in table[1:]} == {asked["as_of"]}
    assert list(data["rows"][0]) == data["columns"]
    assert (data["rows"][0]["region"], data["rows"][0]["region_en"]) == ("东城区", "Dongcheng")
    assert {row[-1] for row in table[1:]} == {data["source"]}
    assert "demonstration data, not official" in data["source"]
    settings.DEMO, settings.HOST_OFFICE = False, "北京市机关事务管理局"
    data = json.loads(client.get(reverse("recognised_json"), asked).content)
    assert (data["source"], data["demonstration"]) == ("北京市机关事务管理局", False)
    found = json.loads(client.get(reverse("recognised_json"), {"batch": "第一批"}).content)["rows"]
    assert [row["organ"] for row in found] == ["机关3"]


def test_the_names_in_json_are_told_on_the_page_and_do_not_follow_the_language(world, title):
    client = Client()
    chinese, english = (
        client.get(reverse("recognised_json"), headers={"accept-language": language}).json()
        for language in ("zh-CN", "en")
    )
    assert chinese["columns"] == english["columns"]
    assert [row | {"source": ""} for row in chinese["rows"]] == [row | {"source": ""} for row in english["rows"]]
    page = read(client, "recognised_list")
    assert [name for name in english["columns"] if f"<code>{name}</code>" not in page] == []


# --- what programs follow --------------------------------------------------------------------------------------------


def test_the_feed_names_each_entry_for_ever_in_each_language(world, objection, title, announced):
    builders.decide(objection, uphold=False, reason=REASON, by=world["city"])
    names = {}
    for language in ("en", "zh-hans"):
        client = Client()
        answer = client.get(reverse("news_feed", args=[language]), headers={"accept-language": "en"})
        assert answer["Content-Type"].startswith("application/atom+xml")
        feed = ET.fromstring(answer.content)
        entries = feed.findall(f"{ATOM}entry")
        names[language] = [entry.findtext(f"{ATOM}id") for entry in entries]
        links = [urlsplit(entry.find(f"{ATOM}link").get("href")).path for entry in entries]
        assert {client.get(link).status_code for link in links} == {200}
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    day = "2020-06-01"
    assert sorted(names["en"]) == sorted(
        f"tag:testserver,{day}:{what}/en"
        for what in (f"notice/{objection.listing.notice_id}", f"objection/{objection.pk}", f"rates/{announced.pk}")
    )
    assert not set(names["en"]) & set(names["zh-hans"])
    clock.set_ahead(30)
    later = ET.fromstring(Client().get(reverse("news_feed", args=["en"])).content)
    assert [entry.findtext(f"{ATOM}id") for entry in later.findall(f"{ATOM}entry")] == names["en"]
    assert Client().get(reverse("news_feed", args=["fr"])).status_code == 404


def test_a_reason_is_text_in_the_feed_whatever_it_looks_like(world, objection):
    builders.decide(objection, uphold=False, reason="<script>x</script>\n第二行", by=world["city"])
    feed = ET.fromstring(Client().get(reverse("news_feed", args=["en"])).content)
    summaries = [entry.findtext(f"{ATOM}summary") for entry in feed.findall(f"{ATOM}entry")]
    assert "&lt;script&gt;x&lt;/script&gt;<br>第二行" in summaries


def test_an_empty_feed_stays_the_same(world):
    client = Client()
    etag = client.get(reverse("news_feed", args=["en"]))["ETag"]
    clock.set_ahead(1)
    assert client.get(reverse("news_feed", args=["en"]), headers={"if-none-match": etag}).status_code == 304


def test_search_engines_are_led_to_public_pages_alone(world, objection):
    client = Client()
    site = ET.fromstring(client.get(reverse("sitemap")).content)
    paths = [urlsplit(place.text).path for place in site.iter() if place.tag.endswith("loc")]
    assert reverse("notice_detail", args=[objection.listing.notice_id]) in paths
    assert {client.get(path).status_code for path in paths} == {200}
    assert f"Sitemap: http://testserver{reverse('sitemap')}" in client.get(reverse("robots")).content.decode()
