"""Reminding of files that stand still: the list is who is told, once a day, in scope, and nothing that is withheld."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db.models import F
from django.utils.html import strip_tags

from creation import clock, stages
from creation.errors import Forbidden, Overtaken
from creation.message_kinds import KINDS
from creation.models import AT_ORGAN, Appointment, Assessment, Event, Message, MessageChoice
from reviews.actions import draws, nudges
from reviews.actions.digests import write_digests
from reviews.demo import builders
from reviews.settled import still_asking
from tests.cast import keyed

pytestmark = pytest.mark.django_db
REMINDS = [slug for slug in KINDS if slug.startswith("remind_")]


def earlier(world, stage, organ=None, days=5):
    """Bring a file to its stage so many days ago."""
    with time_machine.travel(clock.now() - timedelta(days=days)):
        return world.bring_to(stage, organ)


def plan(world, stage, region=None, by="official"):
    return nudges.plan(region or world.district, stage=stage, year=world.cycle.year, by=world[by])


def listed(found):
    return [(one.user.username, one.role, one.telling.kind) for one in found.reminders]


def nudge(world, stage, region=None, by="official", **more):
    return nudges.nudge(region or world.district, stage=stage, year=world.cycle.year, by=world[by], **more)


def told():
    return sorted(Message.objects.filter(kind__in=REMINDS).values_list("user__username", "kind"))


@pytest.mark.parametrize(
    ("stage", "who"),
    [
        (stages.DRAFT, [("clerk", "clerk", "remind_finish")]),
        (stages.PREPARED, [("signatory", "signatory", "remind_sign")]),
        (stages.SUBMITTED, [("official", "official", "remind_assign")]),
        (
            stages.UNDER_INSPECTION,
            [("inspector", "inspector", "remind_visit"), ("inspector2", "inspector", "remind_visit")],
        ),
        (stages.INSPECTED, [("superior", "superior", "remind_draw")]),
        (stages.UNDER_SPOT_CHECK, [("superior", "superior", "remind_team")]),
        (stages.CHECKED, [("superior", "municipality", "remind_publicise")]),
        (stages.PUBLICISED, []),
        (stages.NOT_MET, []),
    ],
)
def test_each_stage_reminds_whoever_has_something_to_do(world, stage, who):
    """The municipality's second official looks: of its two the other one hears."""
    if stage == stages.NOT_MET:
        file = earlier(world, stages.SUBMITTED)
        Assessment.objects.filter(pk=file.pk).update(stage=stage, told_stage=stage)
    else:
        earlier(world, stage)
    found = plan(world, stage, world.city, by="city")
    assert listed(found) == who
    assert (found.files, found.idle) == (1, 0 if who else 1)
    assert nudge(world, stage, world.city, by="city", seen=found.mark) == len(who)
    assert told() == sorted((name, kind) for name, _role, kind in who)


def test_an_ended_notice_reminds_the_municipality_to_recognise(world):
    earlier(world, stages.PUBLICISED)
    with time_machine.travel(clock.now() + timedelta(days=30)):
        assert listed(plan(world, stages.PUBLICISED, world.city, by="city")) == [
            ("superior", "municipality", "remind_recognise")
        ]


def test_what_came_to_its_stage_today_reminds_nobody(world):
    world.start()
    assert plan(world, stages.DRAFT).files == 0
    assert nudge(world, stages.DRAFT) == 0


def test_after_the_window_nobody_can_do_anything_with_a_draft(world):
    earlier(world, stages.DRAFT)
    with time_machine.travel(world.cycle.self_rating_until + timedelta(days=2)):
        found = plan(world, stages.DRAFT)
        assert (found.files, found.idle, found.reminders) == (1, 1, [])


def test_whoever_prepared_the_file_is_not_asked_to_sign_it(world):
    earlier(world, stages.PREPARED)
    Appointment.objects.create(user=world["clerk"], organ=world.organ, role="signatory", starts_on=builders.LONG_AGO)
    assert listed(plan(world, stages.PREPARED)) == [("signatory", "signatory", "remind_sign")]


def test_a_visit_still_to_come_reminds_nobody(world):
    file = earlier(world, stages.UNDER_INSPECTION)
    file.inspections.update(visit_on=clock.today() + timedelta(days=1))
    assert listed(plan(world, stages.UNDER_INSPECTION)) == []
    file.inspections.update(visit_on=clock.today())
    assert len(plan(world, stages.UNDER_INSPECTION).reminders) == 2


def test_one_message_about_all_files_of_a_department(world):
    earlier(world, stages.SUBMITTED, days=9)
    earlier(world, stages.SUBMITTED, world.neighbour, days=4)
    earlier(world, stages.SUBMITTED, world.far_organ, days=2)
    said = f"Submitted files of {world.cycle.year} to assign or send back"
    (mine, far) = plan(world, stages.SUBMITTED, world.city, by="city").reminders
    assert {mine.user.username: mine.sentence, far.user.username: far.sentence} == {
        "official": f"{said}: 2, the oldest for 9 days – Dongcheng",
        "far_official": f"{said}: 1, the oldest for 2 days – Xicheng",
    }
    nudge(world, stages.SUBMITTED, world.city, by="city")
    message = Message.objects.get(kind="remind_assign", user=world["official"])
    assert message.address == f"/files/?round={world.cycle.year}&stage=submitted&region=110101&sort=-since"


def test_once_a_day_whoever_clicks_and_again_the_next(world):
    earlier(world, stages.DRAFT)
    assert nudge(world, stages.DRAFT) == 1
    assert nudge(world, stages.DRAFT, world.city, by="city") == 0
    assert [one.is_told for one in plan(world, stages.DRAFT).reminders] == [True]
    assert Event.objects.filter(verb="remind").count() == 1
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert nudge(world, stages.DRAFT) == 1
    assert told() == [("clerk", "remind_finish")] * 2


def test_who_has_switched_it_off_is_listed_and_passed_over(world):
    earlier(world, stages.DRAFT)
    MessageChoice.objects.create(user=world["clerk"], kind="remind_finish", in_portal=False, by_mail=False)
    (one,) = plan(world, stages.DRAFT).reminders
    assert (one.is_unwanted, one.will_go) == (True, False)
    assert nudge(world, stages.DRAFT) == 0


def test_another_list_than_the_one_seen_is_refused(world):
    earlier(world, stages.DRAFT)
    seen = plan(world, stages.DRAFT).mark
    builders.make_person("late", ("clerk", world.organ))
    with pytest.raises(Overtaken):
        nudge(world, stages.DRAFT, seen=seen)
    assert told() == []


@pytest.mark.parametrize("who", ["clerk", "inspector", "far_official", "registrar", "viewer", "stranger"])
def test_only_officials_over_the_region_remind(world, who):
    earlier(world, stages.DRAFT)
    with pytest.raises(Forbidden):
        nudge(world, stages.DRAFT, by=who)
    assert told() == []


# --- nothing that is withheld --------------------------------------------------------------------------------------


def drawn(world):
    """Draw one of two files and publish nothing yet: both organs still know “inspection passed”."""
    files = [earlier(world, stages.INSPECTED), earlier(world, stages.INSPECTED, world.neighbour)]
    with time_machine.travel(clock.now() - timedelta(days=2)):
        pool = draws.close_pool(world.cycle, world.city, by=world["city"])
        draws.draw(pool, seed="1 2 3", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    return files


@pytest.mark.parametrize("stage", [stages.INSPECTED, stages.UNDER_SPOT_CHECK, stages.CHECKED])
def test_no_organ_hears_of_a_draw_that_is_not_published(world, stage):
    files = drawn(world)
    withheld = Assessment.objects.filter(pk__in=[file.pk for file in files]).exclude(told_since=F("stage_since"))
    assert withheld.count() == 2
    nudge(world, stage, world.city, by="city")
    staff = set(Appointment.objects.filter(role__in=AT_ORGAN).values_list("user__username", flat=True))
    assert {name for name, _kind in told()} & staff == set()
    assert {name for name, _kind in told()} <= {"superior"}


def test_an_official_who_works_at_the_organ_learns_nothing_as_sender_or_reader(world):
    files = drawn(world)
    for file in files:
        builders.make_person(f"both{file.organ_id}", ("official", world.city), ("clerk", file.organ))
    seen_by = {
        name: {stage: plan(world, stage, world.city, by=name).files for stage in nudges.NUDGES}
        for name in ("city", f"both{files[0].organ_id}")
    }
    assert sum(seen_by["city"].values()) == 2
    assert sum(seen_by[f"both{files[0].organ_id}"].values()) == 1  # that of the other organ
    for stage in (stages.UNDER_SPOT_CHECK, stages.CHECKED):
        for one in plan(world, stage, world.city, by="city").reminders:
            of_stage = {file.organ_id for file in Assessment.objects.filter(stage=stage)}
            own = {int(one.user.username[4:])} if one.user.username.startswith("both") else set()
            assert one.telling.values["count"] == len(of_stage - own)


# --- mail and page -------------------------------------------------------------------------------------------------


def test_a_reminder_goes_into_the_mail_of_the_day_while_it_is_to_be_done(world, settings):
    settings.DIGEST_AT = "00:00"
    earlier(world, stages.DRAFT)
    world["clerk"].__class__.objects.filter(username="clerk").update(email="clerk@example.org")
    nudge(world, stages.DRAFT)
    message = Message.objects.get(kind="remind_finish")
    assert still_asking([message]) == {message.pk}
    with time_machine.travel(clock.now() + timedelta(days=1)):
        write_digests()
    assert f"/messages/{message.pk}/" in world["clerk"].digests.get().body


@pytest.mark.parametrize("stage", [stages.DRAFT, stages.SUBMITTED])
def test_a_reminder_asks_until_it_is_done(world, stage):
    file = earlier(world, stage)
    nudge(world, stage, world.city, by="city")

    def asking():
        messages = Message.objects.filter(kind__in=REMINDS).select_related("assessment")
        return len(still_asking(list(messages)))

    assert asking() == 1
    builders.files.withdraw(file, by=world["signatory"], reason="机构改革")
    assert asking() == 0


def text_of(response):
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())))


def test_the_page_lists_first_and_sends_exactly_those(sign_in, world):
    earlier(world, stages.DRAFT)
    client = sign_in("official")
    start = client.get("/rates/110101/remind/")
    address = f"/rates/110101/remind/?stage=draft&round={world.cycle.year}"
    assert address.replace("&", "&amp;") in start.content.decode()
    page = client.get(address)
    sentence = f"The self-rating of {world.cycle.year} has waited to be finished for 5 days: {world.organ}"
    assert f"clerk Clerk of the organ {sentence} not reminded yet" in text_of(page)
    seen = re.search(r'name="seen" value="(\w+)"', page.content.decode()).group(1)
    form = keyed(seen=seen)
    answer = client.post(address, form)
    assert "1 message has gone out." in text_of(client.get(answer.url))
    assert "reminded already, is passed over" in text_of(client.get(answer.url))
    assert client.post(address, form).url == answer.url
    again = client.post(address, keyed(seen=seen))
    assert "all of them have been reminded today already" in text_of(client.get(again.url))
    assert told() == [("clerk", "remind_finish")]


def test_a_click_that_has_seen_no_list_sends_nothing(sign_in, world):
    earlier(world, stages.DRAFT)
    client = sign_in("official")
    answer = client.post(f"/rates/110101/remind/?stage=draft&round={world.cycle.year}", keyed())
    assert "has changed meanwhile" in text_of(client.get(answer.url))
    assert told() == []


@pytest.mark.parametrize("files", [1, 3])
def test_the_page_asks_the_same_however_many_files(sign_in, world, files, django_assert_num_queries):
    organs = [world.organ] + [builders.make_organ(world.district, 70 + number) for number in range(files - 1)]
    for number, organ in enumerate(organs[1:]):
        builders.make_person(f"c{number}", ("clerk", organ))
        builders.make_person(f"s{number}", ("signatory", organ))
    for organ in organs:
        earlier(world, stages.DRAFT, organ)
    client = sign_in("official")
    # session, person, posts, place, stages; files, clerks, their number, told, silent; messages
    with django_assert_num_queries(11):
        client.get(f"/rates/110101/remind/?stage=draft&round={world.cycle.year}")


@pytest.mark.parametrize(("who", "led"), [("official", True), ("city", True), ("viewer", False), ("clerk", False)])
def test_the_dashboard_leads_there_whoever_may(sign_in, world, who, led):
    earlier(world, stages.DRAFT)
    client = sign_in(who)
    assert ("/rates/110101/remind/" in client.get("/rates/110101/").content.decode()) == led
    assert client.get("/rates/110101/remind/").status_code == (200 if led else 403)
