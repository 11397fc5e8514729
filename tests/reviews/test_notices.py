"""The notice: drafted from cleared files, unseen before it is published, counted in working days, frozen after."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.guards import without_guards
from creation.models import Assessment, Region
from reviews.actions import approvals, notices
from reviews.demo import builders
from reviews.models import Listing, Notice, Veto
from tests.cast import keyed

pytestmark = pytest.mark.django_db

WORDING = {
    "title": "关于2026年度节约型机关创建名单的公示",
    "basis": "《节约型机关创建行动方案》",
    "process": "经单位自评、实地核查、抽查复核，拟认定以下单位为节约型机关。",
    "office": "市机关事务管理局（演示）",
    "office_phone": "010-00000000",
    "office_address": "北京市通州区（演示）",
    "office_mailbox": "office@example.cn",
}


@pytest.fixture
def cleared(world):
    """Two cleared files: the first spot-checked or not, as the lot fell, the second from the other district."""
    return [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.far_organ)]


@pytest.fixture
def draft(world, cleared):
    return builders.make_notice(world.cycle, cleared, by=world["city"])


def hand_in(sign_in, draft, **fields):
    return sign_in("city").post(reverse("notice_hand_in", args=[draft.pk]), keyed(**fields), follow=True)


def approve(sign_in, draft):
    """Approve what stands on the page, as the second official does."""
    client, url = sign_in("superior"), reverse("notice_preview", args=[draft.pk])
    (seen,) = re.findall(r'name="seen" value="(\w+)"', client.get(url).content.decode())
    return client.post(reverse("notice_approve", args=[draft.pk]), keyed(seen=seen), follow=True)


def draft_url(world):
    return reverse("notice_draft", args=[world.cycle.pk])


def public_pages(client, notice_pk):
    """Every public address that could say something about a notice."""
    urls = [
        reverse("notice_list"),
        reverse("notice_detail", args=[notice_pk]),
        reverse("objection_add", args=[notice_pk, 1]),
        reverse("objection_state"),
        reverse("recognised_list"),
        reverse("recognised_download"),
    ]
    return {url: (answer.status_code, answer.content.decode()) for url in urls for answer in [client.get(url)]}


def test_a_draft_begins_with_all_cleared_files_the_office_and_the_period(world, sign_in, cleared):
    Region.objects.filter(pk=world.city.pk).update(office_phone="010-5555", department=world.municipal_organ)
    page = sign_in("city").get(draft_url(world)).content.decode()
    assert page.count(" checked>") == 2
    assert "010-5555" in page
    assert world.municipal_organ.name in page
    first, last = notices.period_from(clock.today(), 5)
    assert f"from {first} to {last}: 5 working days" in page


def test_the_files_can_be_filtered_by_district(world, sign_in, cleared):
    client = sign_in("city")
    page = client.get(draft_url(world), {"region": world.district.code}).content.decode()
    assert (page.count('name="files"'), "Organ 1" in page, "Organ 3" in page) == (1, True, False)
    answer = client.post(f"{draft_url(world)}?region={world.district.code}", keyed(files=[cleared[0].pk], **WORDING))
    notice = Notice.objects.get()
    assert answer["Location"] == reverse("notice_preview", args=[notice.pk])
    assert [listing.assessment for listing in notice.listings.all()] == [cleared[0]]


def test_faults_are_named_together_and_nothing_typed_is_lost(world, sign_in, cleared):
    answer = sign_in("city").post(draft_url(world), keyed(**WORDING | {"office_mailbox": "no mailbox", "title": "  "}))
    page = answer.content.decode()
    assert "Choose at least one organ." in page
    assert "Enter a valid email address." in page
    assert page.count('<li><a href="#id_') == 3
    assert "no mailbox" in page
    assert WORDING["process"] in page
    assert page.count('name="files"') == 2
    assert " checked>" not in page
    assert Notice.objects.count() == 0


def test_a_file_that_is_not_cleared_cannot_be_listed(world, sign_in, cleared):
    other = world.bring_to(stages.INSPECTED, world.neighbour)
    page = sign_in("city").post(draft_url(world), keyed(files=[other.pk], **WORDING)).content.decode()
    assert "Not every organ chosen is cleared" in page
    with pytest.raises(Refused, match="Not every organ chosen is cleared"):
        builders.make_notice(world.cycle, [other], by=world["city"])
    with pytest.raises(Refused, match="at least one"):
        builders.make_notice(world.cycle, [], by=world["city"])
    assert Notice.objects.count() == 0


def test_the_same_draft_sent_twice_is_one(world, sign_in, cleared):
    client, form = sign_in("city"), keyed(files=[file.pk for file in cleared], **WORDING)
    assert client.post(draft_url(world), form)["Location"] == client.post(draft_url(world), form)["Location"]
    assert Notice.objects.count() == 1


def test_a_draft_is_changed_previewed_and_discarded(world, sign_in, draft):
    client = sign_in("city")
    client.post(reverse("notice_edit", args=[draft.pk]), keyed(**WORDING | {"title": "新标题"}))
    page = client.get(reverse("notice_preview", args=[draft.pk])).content.decode()
    assert "新标题" in page
    assert "Organ 1" in page
    assert "Hand in" in page
    answer = client.post(reverse("notice_discard", args=[draft.pk]), keyed())
    assert answer["Location"] == reverse("notice_manage")
    assert (Notice.objects.count(), Listing.objects.count()) == (0, 0)
    assert client.get(draft_url(world)).content.decode().count('name="files"') == 2


def test_publishing_counts_the_period_and_moves_the_files(world, sign_in, draft):
    assert "The draft is handed in." in hand_in(sign_in, draft).content.decode()
    assert "The notice is approved and published." in approve(sign_in, draft).content.decode()
    draft.refresh_from_db()
    assert (draft.first_day, draft.last_day) == notices.period_from(clock.today(), 5)
    assert set(Assessment.objects.values_list("stage", flat=True)) == {stages.PUBLICISED}
    client = sign_in("city")
    again = client.post(reverse("notice_approve", args=[draft.pk]), keyed(), follow=True)
    assert "The notice has been published already." in again.content.decode()
    assert client.get(reverse("notice_edit", args=[draft.pk])).status_code == 302
    refused = client.post(reverse("notice_edit", args=[draft.pk]), keyed(**WORDING))
    assert "A published notice never changes." in refused.content.decode()
    gone = client.post(reverse("notice_discard", args=[draft.pk]), keyed(), follow=True)
    assert "A published notice never changes." in gone.content.decode()


@pytest.mark.parametrize(
    ("published", "first", "last"),
    [
        # National Day is off from 1 to 7 October, Saturday the 10th is a make-up workday: 8, 9, 10, 12, 13
        (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 13)),
        # Spring Festival is off from 15 to 23 February, the 14th before and the 28th after are make-up workdays:
        # 12, 13, 14, 24, 25
        (date(2026, 2, 11), date(2026, 2, 12), date(2026, 2, 25)),
        # an ordinary week: 3, 4, 5, 8, 9 June
        (date(2026, 6, 2), date(2026, 6, 3), date(2026, 6, 9)),
    ],
)
def test_a_period_reckoned_by_hand(world, sign_in, draft, published, first, last):
    with time_machine.travel(datetime.combine(published, datetime.min.time(), ZoneInfo("Asia/Shanghai")), tick=False):
        _open_windows(world.cycle, published)
        hand_in(sign_in, draft)
        approve(sign_in, draft)
    draft.refresh_from_db()
    assert (draft.first_day, draft.last_day, draft.working_days) == (first, last, 5)


def _open_windows(cycle, day):
    with without_guards():
        type(cycle).objects.filter(pk=cycle.pk).update(
            publicity_from=day - timedelta(days=1), publicity_until=day + timedelta(days=60)
        )


def test_a_year_nobody_knows_is_refused_and_works_once_it_is_entered(world, sign_in, draft):
    day = datetime(2031, 3, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(day, tick=False):
        _open_windows(world.cycle, day.date())
        client = sign_in("city")
        told = "The official calendar of 2031 is not known yet."
        preview = client.get(reverse("notice_preview", args=[draft.pk])).content.decode()
        assert told in preview
        assert f"{reverse('calendar_enter')}?year=2031" in preview
        assert told in hand_in(sign_in, draft).content.decode()
        assert not Notice.objects.get().is_handed_in
        notices.enter_calendar(2031, {date(2031, 3, 5): False}, source="国办发明电〔2030〕1号", by=world["city"])
        hand_in(sign_in, draft)
        approve(sign_in, draft)
    draft.refresh_from_db()
    assert (draft.first_day, draft.last_day) == (date(2031, 3, 4), date(2031, 3, 11))


def test_the_cast_publishes_on_every_day_of_a_year_also_the_last(request):
    day = datetime(2026, 12, 30, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(day, tick=False):
        world = request.getfixturevalue("world")
        assert world.bring_to(stages.PUBLICISED).listing.notice.last_day.year == 2027


def test_nothing_is_published_outside_the_window(world, sign_in, draft):
    _open_windows(world.cycle, clock.today() + timedelta(days=30))
    assert "The window for this step opens on" in hand_in(sign_in, draft).content.decode()
    assert not Notice.objects.get().is_handed_in


def test_no_public_address_tells_of_a_draft(world, sign_in, cleared):
    client = sign_in("public")
    before = public_pages(client, 1)
    draft = builders.make_notice(world.cycle, cleared, by=world["city"])
    after = public_pages(client, draft.pk)
    statuses = [[status for status, _text in pages.values()] for pages in (before, after)]
    assert statuses == [[200, 404, 404, 200, 200, 200]] * 2
    assert [text for _status, text in before.values()][:1] == [text for _status, text in after.values()][:1]
    assert before[reverse("recognised_list")] == after[reverse("recognised_list")]
    assert all(draft.title not in text and "Organ 1" not in text for _status, text in after.values())


def test_a_notice_of_a_coming_instant_is_not_there_yet(world, sign_in, draft):
    builders.publish(draft, by=world["city"])
    with without_guards():
        Notice.objects.update(published_at=clock.now() + timedelta(seconds=60))
    pages = public_pages(sign_in("public"), draft.pk)
    assert [status for status, _text in pages.values()] == [200, 404, 404, 200, 200, 200]
    assert all(draft.title not in text for _status, text in pages.values())


@pytest.mark.parametrize(
    ("table", "column"), [("reviews_notice", "title"), ("reviews_notice", "last_day"), ("reviews_listing", "number")]
)
def test_a_published_notice_is_frozen_by_the_database(world, draft, table, column):
    with connection.cursor() as cursor:  # a draft can still change
        cursor.execute(f"UPDATE {table} SET {column} = {column}")
    builders.publish(draft, by=world["city"])
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with without_guards(), connection.cursor() as cursor:  # the control arm
        cursor.execute(f"UPDATE {table} SET {column} = {column}")
        assert cursor.rowcount > 0


def test_no_organ_joins_a_published_notice(world, draft):
    builders.publish(draft, by=world["city"])
    late = world.bring_to(stages.CHECKED, world.neighbour)
    values = {"notice": draft, "assessment": late, "number": 9, "organ_name": "x", "region_name": "x", "level": "city"}
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Listing.objects.create(batch="x", **values)
    with without_guards():
        Listing.objects.create(batch="x", **values)


def test_a_veto_stands_against_publicity(world, sign_in, draft):
    inspection = draft.listings.first().assessment.inspections.get(kind="inspection")
    with without_guards():  # a filed inspection takes no veto any more; this one was there unseen
        Veto.objects.create(
            inspection=inspection, kind="verified_waste", reason="通报", by=world["inspector"], at=clock.now()
        )
    page = hand_in(sign_in, draft).content.decode()
    assert "A veto stands against publicity." in page
    assert "Verified waste" in page
    assert not Notice.objects.get().is_handed_in
    with without_guards():
        Veto.objects.all().delete()
    hand_in(sign_in, draft)
    approve(sign_in, draft)
    assert Notice.objects.get().is_published


@pytest.mark.parametrize(
    ("person", "notice_status", "cycle_status"),
    [
        ("city", 200, 200),
        ("superior", 200, 200),
        ("state", 200, 200),
        ("viewer", 404, 403),
        ("official", 404, 404),
        ("clerk", 404, 404),
        ("stranger", 404, 404),
        ("public", 302, 302),
    ],
)
def test_who_sees_a_draft(world, sign_in, draft, person, notice_status, cycle_status):
    client = sign_in(person)
    expected = 403 if person == "state" else cycle_status  # above the municipality one reads, and does not write
    assert client.get(reverse("notice_preview", args=[draft.pk])).status_code == notice_status
    assert client.get(draft_url(world)).status_code == expected
    for name in ("notice_discard", "notice_hand_in", "notice_approve", "notice_take_back", "notice_give_back"):
        refused = 302 if person in {"city", "superior"} else 403 if person == "state" else notice_status
        if person not in {"city", "superior"}:
            assert client.post(reverse(name, args=[draft.pk]), keyed()).status_code == refused
    assert Notice.objects.filter(published_at=None).count() == 1


def test_the_verbs_ask_for_the_right_themselves(world, draft):
    for person in ("official", "clerk", "stranger", "state"):
        with pytest.raises(Forbidden):
            approvals.hand_in(draft, by=world[person])
        with pytest.raises(Forbidden):
            approvals.approve(draft, by=world[person])
        with pytest.raises(Forbidden):
            approvals.take_back(draft, by=world[person])
        with pytest.raises(Forbidden):
            approvals.give_back(draft, reason="x", by=world[person])
        with pytest.raises(Forbidden):
            notices.edit_notice(draft, WORDING, by=world[person])
        with pytest.raises(Forbidden):
            notices.discard_notice(draft, by=world[person])


def test_a_stranger_finds_nothing_under_publicity(world, sign_in, draft):
    page = sign_in("stranger").get(reverse("notice_manage")).content.decode()
    assert "There is no notice yet" in page
    assert draft.title not in page


def test_the_page_asks_as_much_for_three_notices_as_for_one(world, sign_in, django_assert_num_queries):
    client = sign_in("city")
    for organ in (world.organ, world.neighbour, world.far_organ):
        builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED, organ)], by=world["city"])
        with django_assert_num_queries(7):
            client.get(reverse("notice_manage"))
