"""The instant of a notice: it waits for it, and says why when it cannot go out."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from creation import stages
from creation.errors import Refused
from creation.guards import without_guards
from creation.models import Event, Message
from reviews import tasks
from reviews.actions import approvals, draws, notices
from reviews.demo import builders
from reviews.models import CalendarYear, DrawPublication, Extension, Notice, Veto
from tests.cast import keyed
from tests.reviews.approving import INSTANT, NOW, SHANGHAI, draft, fresh, page_of, told, travel, waiting

__all__ = ["draft", "travel", "waiting"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


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
