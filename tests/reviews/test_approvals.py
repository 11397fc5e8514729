"""Four eyes on a notice, and its instant: who may approve, what is approved, what happens when it cannot go out."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Overtaken, Refused
from creation.guards import without_guards
from creation.models import Appointment, Event, Message
from reviews import tasks
from reviews.actions import approvals, draws, notices
from reviews.demo import builders
from reviews.models import CalendarYear, DrawPublication, Extension, Listing, Notice, Veto
from tests.cast import keyed
from tests.reviews.test_notices import WORDING

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 2, 9, tzinfo=SHANGHAI)  # a Tuesday in an ordinary week
INSTANT = datetime(2026, 6, 3, 8, 30, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def travel():
    """A clock that stands still on an ordinary day and can be moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def draft(world):
    file = world.bring_to(stages.CHECKED)
    return builders.make_notice(world.cycle, [file], by=world["city"])


@pytest.fixture
def waiting(world, draft):
    """A notice that was approved and waits for its instant."""
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    return approvals.approve(draft, by=world["superior"])


def told(username):
    rows = Message.objects.filter(user__username=username, kind__startswith="notice_").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def fresh(notice):
    return Notice.objects.get(pk=notice.pk)


def page_of(sign_in, person, notice):
    return sign_in(person).get(reverse("notice_preview", args=[notice.pk])).content.decode()


# --- who -------------------------------------------------------------------------------------------------------------


def test_another_than_who_drafted_changed_or_handed_it_in_approves(world, draft):
    third = builders.make_person("third", ("official", world.city))
    fourth = builders.make_person("fourth", ("official", world.city))
    notices.edit_notice(draft, WORDING | {"title": "新标题"}, by=world["superior"])
    approvals.hand_in(draft, by=third)
    for author in (world["city"], world["superior"], third):
        with pytest.raises(Refused, match="Four eyes"):
            approvals.approve(draft, by=author)
    assert not fresh(draft).is_approved
    published = approvals.approve(draft, by=fourth)
    assert (published.published_by, published.title) == (fourth, "新标题")


def test_whoever_changed_it_before_somebody_else_did_does_not_approve_it_either(world, sign_in, draft):
    third = builders.make_person("third", ("official", world.city))
    fourth = builders.make_person("fourth", ("official", world.city))
    notices.edit_notice(draft, WORDING | {"title": "第一稿"}, by=third)
    notices.edit_notice(draft, WORDING | {"title": "第二稿"}, by=world["superior"])
    approvals.hand_in(draft, by=world["city"])
    assert (fresh(draft).edited_by, told("third"), told("fourth")) == (world["superior"], [], ["notice_to_approve"])
    with pytest.raises(Refused, match="Four eyes"):
        approvals.approve(draft, by=third)
    assert [*Notice.objects.to_approve_by(third)] == []
    assert [*Notice.objects.to_approve_by(fourth)] == [draft]
    assert "Take it back" in page_of(sign_in, "third", draft)
    approved = f"approved_at = drafted_at, approved_sha256 = 'x', approved_by_id = {third.pk}"
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reviews_notice SET {approved}")
    assert approvals.approve(draft, by=fourth).is_published


def test_what_nobody_could_approve_is_not_handed_in(world, draft):
    notices.edit_notice(draft, WORDING | {"title": "新标题"}, by=world["superior"])
    with pytest.raises(Refused, match="Nobody else could approve"):
        approvals.hand_in(draft, by=world["city"])
    Appointment.objects.filter(user=world["superior"]).update(ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refused, match="Nobody else could approve"):
        approvals.hand_in(draft, by=world["city"])
    builders.make_person("third", ("official", world.city))
    assert approvals.hand_in(draft, by=world["city"]).is_handed_in


def test_a_change_of_nothing_makes_nobody_an_author(world, draft):
    same = {field: getattr(draft, field) for field in notices.FIELDS}
    assert notices.edit_notice(draft, same, by=world["superior"]).edited_by is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("published_at = approved_at, published_by_id = approved_by_id", None),  # the control arm: by the way there is
        ("approved_by_id = handed_in_by_id", "handed_in|four_eyes"),
        ("title = 'x'", "handed_in"),
        ("publish_at = NULL", "handed_in"),
        ("approved_sha256 = 'x'", "handed_in"),
        ("drafted_by_id = approved_by_id", "four_eyes|handed_in"),
    ],
)
def test_the_database_holds_the_four_eyes_and_the_words(world, waiting, change, word):
    period = ", first_day = '2026-06-04', last_day = '2026-06-10'"
    statement = f"UPDATE reviews_notice SET {change}{period if change.startswith('published') else ''}"
    if word is None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return
    with pytest.raises(DatabaseError, match=word), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("handed", [False, True])
def test_the_database_publishes_nothing_that_nobody_else_approved(world, draft, handed):
    if handed:
        approvals.hand_in(draft, by=world["city"])
    period = "first_day = '2026-06-04', last_day = '2026-06-10'"
    alone = f"published_at = drafted_at, published_by_id = drafted_by_id, {period}"
    approved = f"approved_at = drafted_at, approved_sha256 = 'x', approved_by_id = {world['superior'].pk}"
    for statement in (alone, f"{alone}, {approved}", f"{approved}, handed_in_by_id = NULL"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reviews_notice SET {statement}")
    with without_guards(), connection.cursor() as cursor:  # the control arm
        cursor.execute(f"UPDATE reviews_notice SET {alone}")
    assert fresh(draft).is_published


def test_no_organ_joins_or_leaves_what_is_handed_in(world, draft):
    approvals.hand_in(draft, by=world["city"])
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Listing.objects.all().delete()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Listing.objects.update(organ_name="x")
    approvals.take_back(draft, by=world["city"])
    assert Listing.objects.update(organ_name="x") == 1


# --- hands -----------------------------------------------------------------------------------------------------------


def test_nobody_edits_what_is_handed_in_and_its_author_takes_it_back(world, draft):
    approvals.hand_in(draft, by=world["city"])
    for verb in (lambda: notices.edit_notice(draft, WORDING, by=world["city"]), lambda: _discard(world, draft)):
        with pytest.raises(Overtaken, match="take it back"):
            verb()
    with pytest.raises(Overtaken, match="handed in already"):
        approvals.hand_in(draft, by=world["city"])
    with pytest.raises(Refused, match="Give it back with a reason"):
        approvals.take_back(draft, by=world["superior"])
    approvals.take_back(draft, by=world["city"])
    notices.edit_notice(draft, WORDING | {"title": "改过"}, by=world["city"])
    with pytest.raises(Overtaken, match="is a draft"):
        approvals.approve(draft, by=world["superior"])
    _discard(world, draft)
    assert not Notice.objects.exists()


def _discard(world, notice):
    notices.discard_notice(notice, by=world["city"])


def test_it_is_given_back_with_a_reason_that_its_author_reads(world, sign_in, draft):
    approvals.hand_in(draft, by=world["city"])
    assert told("superior") == ["notice_to_approve"]
    with pytest.raises(Refused, match="A reason is needed"):
        approvals.give_back(draft, reason="  ", by=world["superior"])
    with pytest.raises(Refused, match="take it back"):
        approvals.give_back(draft, reason="x", by=world["city"])
    url = reverse("notice_give_back", args=[draft.pk])
    empty = sign_in("superior").post(url, keyed(reason=""))
    assert (empty.status_code, "Fill in “Reason”." in empty.content.decode()) == (200, True)
    sign_in("superior").post(url, keyed(reason="第二段日期有误。"))
    assert fresh(draft).handed_in_at is None
    assert told("city") == ["notice_returned"]
    page = page_of(sign_in, "city", draft)
    assert ("第二段日期有误。" in page, "Draft, given back" in page) == (True, True)
    approvals.hand_in(draft, by=world["city"])
    assert fresh(draft).returned_reason == ""


def test_everybody_hears_what_happens_and_the_page_named_them_before(world, sign_in, draft):
    page = page_of(sign_in, "city", draft)
    assert "superior (Official of the municipality)" in page
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    assert (told("city"), told("superior")) == ([], ["notice_to_approve"])
    assert "city (Official of the municipality)" in page_of(sign_in, "superior", draft)
    approvals.approve(draft, by=world["superior"])
    assert told("city") == ["notice_approved"]
    with time_machine.travel(INSTANT, tick=False):
        tasks.publish_notices()
    assert told("city") == ["notice_approved", "notice_published"]
    assert Message.objects.filter(kind="publicised").exists()
    assert told("stranger") == told("official") == told("state") == []


def test_the_page_says_whose_turn_it_is(world, sign_in, draft):
    assert "Next it is handed in" in page_of(sign_in, "city", draft)
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    author, other = page_of(sign_in, "city", draft), page_of(sign_in, "superior", draft)
    assert ("Take back" in author, "Approve</button>" in author, "Give back" in author) == (True, False, False)
    assert ("Take back" in other, "Approve</button>" in other, "Give back" in other) == (False, True, True)
    assert "Published at 2026-06-03 08:30, the notice runs from 2026-06-04 to 2026-06-10: 5 working days" in other
    reader = page_of(sign_in, "state", draft)
    assert ("Take back" in reader, "Approve</button>" in reader, "Hand in<" in reader) == (False, False, False)
    approvals.approve(draft, by=world["superior"])
    for person in ("city", "superior"):
        page = page_of(sign_in, person, draft)
        assert "It is published by itself at 2026-06-03 08:30 (Beijing time)." in page
        assert "Approved, to be published at 2026-06-03 08:30" in page


def test_only_what_was_read_is_approved(world, sign_in, draft):
    approvals.hand_in(draft, by=world["city"])
    seen = approvals.content_sha256(draft)
    approvals.take_back(draft, by=world["city"])
    notices.edit_notice(draft, WORDING | {"title": "换了一个标题"}, by=world["city"])
    approvals.hand_in(draft, by=world["city"])
    url = reverse("notice_approve", args=[draft.pk])
    stale = sign_in("superior").post(url, keyed(seen=seen), follow=True).content.decode()
    assert "has changed since you opened it" in stale
    assert not fresh(draft).is_published
    sign_in("superior").post(url, keyed(seen=approvals.content_sha256(fresh(draft))))
    assert fresh(draft).is_published


def test_every_part_of_what_the_public_reads_is_in_the_digest(world, draft):
    digests = {approvals.content_sha256(draft)}
    for field in notices.FIELDS:
        setattr(draft, field, "x")
        digests.add(approvals.content_sha256(draft))
    draft.publish_at = INSTANT
    digests.add(approvals.content_sha256(draft))
    for column in approvals.LISTED[2:]:
        Listing.objects.update(**{column: "y"})
        digests.add(approvals.content_sha256(draft))
    assert len(digests) == 1 + len(notices.FIELDS) + 1 + len(approvals.LISTED[2:])


# --- the instant -----------------------------------------------------------------------------------------------------


def test_the_instant_is_typed_in_beijing_time_and_lies_ahead(world, sign_in, draft):
    url = reverse("notice_hand_in", args=[draft.pk])
    for typed, said in (
        ("2026-06-02T08:59", "This instant has passed."),
        ("yesterday", "Enter a valid date/time."),
        ("2036-06-02T08:59", "The window for this step ended on"),
    ):
        page = sign_in("city").post(url, keyed(publish_at=typed)).content.decode()
        assert (said in page, typed in page) == (True, True)
    assert not fresh(draft).is_handed_in
    sign_in("city").post(url, keyed(publish_at="2026-06-03T08:30"))
    assert fresh(draft).publish_at == INSTANT


def test_it_waits_for_its_instant_and_the_period_begins_there(world, travel, waiting):
    travel.move_to(INSTANT - timedelta(seconds=1))
    tasks.sweep()
    assert not fresh(waiting).is_published
    travel.move_to(INSTANT)
    tasks.publish_notices()
    published = fresh(waiting)
    # 4 (Thursday), 5, 8, 9, 10 June
    assert (published.first_day, published.last_day) == (date(2026, 6, 4), date(2026, 6, 10))
    assert (published.published_at, published.published_by) == (INSTANT, world["superior"])
    assert Event.objects.filter(verb="publish", subject_type="notice").count() == 1
    tasks.publish_notices()
    assert approvals.publish_due(waiting) is False
    assert Event.objects.filter(verb="publish", subject_type="notice").count() == 1


def test_a_worker_that_was_away_shortens_no_period(world, travel, waiting):
    travel.move_to(INSTANT + timedelta(days=2))
    tasks.sweep()
    published = fresh(waiting)
    assert published.published_at == INSTANT + timedelta(days=2)
    # published on Friday the 5th: 8, 9, 10, 11, 12 June
    assert (published.first_day, published.last_day) == (date(2026, 6, 6), date(2026, 6, 12))


def test_approved_after_its_instant_it_is_published_at_once(world, travel, draft):
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    travel.move_to(INSTANT + timedelta(hours=1))
    tasks.publish_notices()
    assert not fresh(draft).is_published
    assert approvals.approve(draft, by=world["superior"]).published_at == INSTANT + timedelta(hours=1)


def test_the_worker_is_rung_for_the_instant(world, travel, waiting, settings, monkeypatch):
    settings.DOORBELL = True
    rung = []
    monkeypatch.setattr("creation.doorbell.current_app.send_task", lambda task, **how: rung.append((task, how)))
    travel.move_to(INSTANT - timedelta(seconds=41))
    tasks.publish_notices()
    assert rung == []
    travel.move_to(INSTANT - timedelta(seconds=12))
    tasks.publish_notices()
    assert [(task, how["countdown"]) for task, how in rung] == [(approvals.PUBLISH, 12.0)]


@pytest.mark.parametrize("stopped_by", ["words", "file", "calendar", "window", "veto", "draw", "later"])
def test_what_cannot_be_published_is_a_draft_again_with_its_reason(world, travel, waiting, stopped_by):
    said = {
        "words": "no longer what was approved",
        "file": "is cleared any longer",
        "calendar": "calendar of 2031 is not known",
        "window": "The window for this step ended",
        "veto": "A veto stands against publicity",
        "draw": "pool 1: publish who was drawn first",
        "later": "pool 1: publish who was drawn first",
    }[stopped_by]
    at = datetime(2031, 3, 3, 9, tzinfo=SHANGHAI) if stopped_by == "calendar" else INSTANT
    _stand_against(world, waiting, stopped_by, at)
    travel.move_to(at)
    tasks.publish_notices()
    held = fresh(waiting)
    assert (held.is_published, held.is_handed_in, held.is_approved, held.approved_sha256) == (False, False, False, "")
    assert said in held.returned_reason
    assert (told("city")[-1], told("superior")[-1]) == ("notice_stopped", "notice_stopped")
    assert not held.listings.filter(assessment__stage=stages.PUBLICISED).exists()
    tasks.publish_notices()
    assert Message.objects.filter(kind="notice_stopped").count() == 2


def _stand_against(world, notice, what, at):
    file = notice.listings.get().assessment
    with without_guards():
        if what == "words":
            Notice.objects.update(title="另一个标题")
        if what == "file":
            type(file).objects.filter(pk=file.pk).update(stage=stages.NOT_MET)
        if what == "calendar":
            CalendarYear.objects.all().delete()
            type(world.cycle).objects.update(publicity_until=at.date())
        if what == "window":
            type(world.cycle).objects.update(publicity_until=at.date() - timedelta(days=1))
        if what == "veto":
            visit = file.inspections.get(kind="inspection")
            Veto.objects.create(inspection=visit, kind="verified_waste", reason="通报", by=world["city"], at=NOW)
        if what == "draw":
            DrawPublication.objects.all().delete()
        if what == "later":
            member = file.pool_member
            Extension.objects.create(draw=member.pool.draw, member=member, reason="补充", by=world["city"], at=NOW)


def test_no_notice_shows_who_is_missing_before_the_draw_is_published(world, sign_in, draft):
    with without_guards():
        DrawPublication.objects.all().delete()
    for handed_in in (False, True):
        if handed_in:
            approvals.hand_in(draft, by=world["city"])
        page = page_of(sign_in, "superior", draft)
        assert ("who is missing would tell who was drawn" in page, "pool 1" in page) == (True, True)
    with pytest.raises(Refused, match="draw of organs on this notice is not published yet"):
        approvals.approve(draft, by=world["superior"])
    client, sent = sign_in("superior"), keyed(seen=approvals.content_sha256(fresh(draft)))
    answer = client.post(reverse("notice_approve", args=[draft.pk]), sent, follow=True)
    assert "pool 1: publish who was drawn first" in answer.text
    assert not fresh(draft).is_approved
    draws.publish_draw(draft.listings.get().assessment.pool_member.pool.draw, by=world["superior"])
    assert "who is missing" not in page_of(sign_in, "superior", draft)
    assert approvals.approve(draft, by=world["superior"]).is_published


def test_one_that_cannot_be_published_stops_no_other(world, travel, waiting, monkeypatch):
    second = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED, world.far_organ)], by=world["city"])
    approvals.hand_in(second, publish_at=INSTANT, by=world["city"])
    approvals.approve(second, by=world["superior"])
    publish = approvals.publish_due

    def faulty(notice):
        if notice.pk == waiting.pk:
            raise RuntimeError
        return publish(notice)

    monkeypatch.setattr(tasks, "publish_due", faulty)
    travel.move_to(INSTANT)
    tasks.publish_notices()
    assert (fresh(waiting).is_published, fresh(second).is_published) == (False, True)


@pytest.mark.parametrize("person", ["city", "superior"])
def test_an_approved_one_can_still_be_stopped_before_its_instant(world, travel, sign_in, waiting, person):
    name = "notice_take_back" if person == "city" else "notice_give_back"
    sign_in(person).post(reverse(name, args=[waiting.pk]), keyed(reason="暂缓"))
    assert (fresh(waiting).is_approved, fresh(waiting).approved_by) == (False, None)
    travel.move_to(INSTANT)
    tasks.publish_notices()
    assert not fresh(waiting).is_published


def test_over_new_year_into_an_unknown_year_it_is_refused_until_the_days_are_entered(world, travel, sign_in, draft):
    # 2031 and 2032 are years that nobody has announced; the library ends before them
    travel.move_to(datetime(2031, 12, 30, 9, tzinfo=SHANGHAI))
    with without_guards():
        type(world.cycle).objects.update(publicity_until=date(2032, 3, 1))
        CalendarYear.objects.all().delete()
    notices.enter_calendar(2031, {}, source="国办发明电〔2030〕1号", by=world["city"])
    page = sign_in("city").post(reverse("notice_hand_in", args=[draft.pk]), keyed()).content.decode()
    assert "The official calendar of 2032 is not known yet." in page
    assert f"{reverse('calendar_enter')}?year=2032" in page
    # 1 and 2 January off (Thursday, Friday), Sunday the 4th is a make-up workday
    days = {date(2032, 1, 1): False, date(2032, 1, 2): False, date(2032, 1, 4): True}
    notices.enter_calendar(2032, days, source="国办发明电〔2031〕1号", by=world["city"])
    approvals.hand_in(draft, by=world["city"])
    published = approvals.approve(draft, by=world["superior"])
    # 31 December (Wednesday), then 4 (Sunday, worked), 5, 6, 7 January
    assert (published.first_day, published.last_day) == (date(2031, 12, 31), date(2032, 1, 7))
