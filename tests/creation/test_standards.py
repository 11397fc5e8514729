"""Standards: taken in with every fault named at once, read as raters see them, published for good."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation.actions import standards
from creation.errors import Forbidden, Refused
from creation.models import Event, Standard
from reviews.demo.builders import DATA
from tests.cast import keyed

LANGUAGES = ("zh-CN", "en")


def content(**changed):
    data = json.loads((DATA / "standard_demo.json").read_text(encoding="utf-8"))
    return data | {"version": 2} | changed


def a_file(data, name="standard.json"):
    raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return SimpleUploadedFile(name, raw, content_type="application/json")


def a_draft(world, **changed):
    return standards.import_standard(json.dumps(content(**changed)).encode(), by=world["city"])


def send(client, data):
    return client.post(reverse("standard_import"), keyed(file=a_file(data)))


# --- who may ---------------------------------------------------------------------------------------------------------


def test_a_stranger_reads_published_standards_and_nothing_more(world, sign_in):
    draft = a_draft(world)
    client = sign_in("stranger")
    assert [row.pk for row in client.get(reverse("standard_list")).context["standards"]] == [world.standard.pk]
    assert client.get(reverse("standard_detail", args=[world.standard.pk])).status_code == 200
    assert client.get(reverse("standard_detail", args=[draft.pk])).status_code == 404
    assert client.get(reverse("standard_publish", args=[draft.pk])).status_code == 404
    assert client.get(reverse("standard_publish", args=[world.standard.pk])).status_code == 403
    assert client.get(reverse("standard_import")).status_code == 403


@pytest.mark.parametrize("username", ["official", "registrar", "viewer", "clerk"])
def test_only_an_official_of_the_municipality_takes_in_and_publishes(world, sign_in, username):
    client = sign_in(username)
    assert send(client, content()).status_code == 403
    with pytest.raises(Forbidden):
        standards.publish_standard(a_draft(world), by=world[username])
    assert Standard.objects.filter(version=2, published_at__isnull=False).count() == 0


def test_signed_out_one_is_led_to_the_sign_in_page(world, sign_in):
    pk = world.standard.pk
    ways = [reverse("standard_list"), reverse("standard_import")]
    ways += [reverse("standard_detail", args=[pk]), reverse("standard_publish", args=[pk])]
    assert [sign_in("public").get(way).status_code for way in ways] == [302] * 4


# --- taking in -------------------------------------------------------------------------------------------------------


def test_a_standard_is_taken_in_as_a_draft_once(sign_in):
    client, form = sign_in("city"), keyed(file=a_file(content()))
    first = client.post(reverse("standard_import"), form)
    form["file"].seek(0)
    second = client.post(reverse("standard_import"), form)
    draft = Standard.objects.get(version=2)
    assert first["Location"] == second["Location"] == reverse("standard_detail", args=[draft.pk])
    assert (draft.indicators.count(), draft.dimensions.count(), draft.published_at) == (29 + 1, 6, None)


def test_every_fault_stands_in_one_table(sign_in):
    data = content()
    items = [item for dimension in data["dimensions"] for item in dimension["indicators"]]
    items[1]["rubric"] = {"method": "guess"}
    items[2]["points"] = -1
    items[3]["code"] = items[4]["code"]
    page = send(sign_in("city"), data)
    assert page.status_code == 200
    named = [where for where, _what in page.context["problems"]]
    assert set(named) == {items[1]["code"], items[2]["code"], items[4]["code"]}
    assert f"{len(named)} faults in the file" in page.content.decode()
    assert list(page.context["form"].errors) == ["file"]
    assert Standard.objects.filter(version=2).count() == 0


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"[]", b"{", b'{"version": 1e999}', b"[" * 100_000, b'{"dimensions": [1]}', b"null"]
)
def test_what_is_no_standard_is_refused_in_words(sign_in, raw):
    page = send(sign_in("city"), raw)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == ["file"]


def test_a_file_larger_than_any_standard_is_refused(sign_in):
    assert "larger than 2 MB" in send(sign_in("city"), b" " * (2 * 1024 * 1024 + 1)).content.decode()


def test_the_same_version_is_not_taken_in_twice(sign_in):
    assert "here already" in send(sign_in("city"), content(version=1)).content.decode()


# --- reading ---------------------------------------------------------------------------------------------------------


def test_the_preview_says_each_rubric_in_words(world, sign_in):
    page = sign_in("city").get(reverse("standard_detail", args=[a_draft(world).pk])).content.decode()
    said = " ".join(page.split())
    for words in (
        "For demonstration: some points are examples, this is not the official standard.",
        "Points: 5 when met, 0 when not met.",
        "where it is not met, the organ cannot pass",
        "Named in a notice: 1",
        "Fully: 3",
        "Points: 1 for each (Rules issued), 3 at most.",
        "Points: 5, less 1 for each (Breaches found), never below 0.",
        "Points by the measured value (Share of the required meters that is installed):",
        "from 90 %: 7",
        "its points leave the base",
        "Bonus points are added last, 10 at most.",
        "Verified waste",
        "example",
    ):
        assert words in said, words
    assert page.count("<h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_pages_stand_in_both_languages(world, sign_in, language):
    client, pk = sign_in("city"), a_draft(world).pk
    ways = [reverse("standard_list"), reverse("standard_import")]
    ways += [reverse(name, args=[pk]) for name in ("standard_detail", "standard_publish")]
    for way in ways:
        page = client.get(way, headers={"accept-language": language})
        assert (page.status_code, page.content.decode().count("<h1")) == (200, 1)


def test_the_chinese_page_shows_the_standards_own_words(world, sign_in):
    where = reverse("standard_detail", args=[world.standard.pk])
    page = sign_in("clerk").get(where, headers={"accept-language": "zh-CN"}).content.decode()
    assert "演示用标准：部分分值为示例，不是官方标准。" in page
    assert "现场发现的不符合处数" in page


def test_the_list_asks_as_often_for_three_as_for_one(world, sign_in, django_assert_num_queries):
    client = sign_in("city")
    for count in (1, 3):
        while Standard.objects.count() < count:
            a_draft(world, version=Standard.objects.count() + 1)
        with django_assert_num_queries(5):
            assert len(client.get(reverse("standard_list")).context["standards"]) == count


def test_the_preview_asks_as_often_for_few_indicators_as_for_many(world, sign_in, django_assert_num_queries):
    short = content(full_points=5, pass_mark=4, bonus=[])
    short["dimensions"] = short["dimensions"][:1]
    small = standards.import_standard(json.dumps(short).encode(), by=world["city"])
    client = sign_in("city")
    for standard in (small, world.standard):
        with django_assert_num_queries(7):
            client.get(reverse("standard_detail", args=[standard.pk]))


# --- publishing ------------------------------------------------------------------------------------------------------


def test_publishing_is_confirmed_and_for_good(world, sign_in):
    draft = a_draft(world)
    where, client = reverse("standard_publish", args=[draft.pk]), sign_in("city")
    assert "never changes" in client.get(where).content.decode()
    form = keyed()
    assert [client.post(where, form).status_code for _ in range(2)] == [302, 302]
    draft.refresh_from_db()
    assert draft.published_by == world["city"]
    assert Event.objects.filter(verb="publish", subject_type="standard", subject_id=draft.pk).count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Standard.objects.filter(pk=draft.pk).update(pass_mark=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        draft.indicators.update(points=1)
    with pytest.raises(Refused):
        standards.publish_standard(draft, by=world["city"])


def test_publishing_again_from_another_tab_is_told_so(world, sign_in):
    where = reverse("standard_publish", args=[world.standard.pk])
    answer = sign_in("city").post(where, keyed(), follow=True)
    assert "This version is published already." in answer.content.decode()
