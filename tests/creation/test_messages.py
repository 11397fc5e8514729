"""People hear of what needs them and of what becomes of their own file: once, in their own words, as they chose."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from creation import clock, stages
from creation.actions import files, messages
from creation.actions.messages import Telling, tell
from creation.errors import Refused
from creation.message_kinds import KINDS, TOPICS, kinds_for
from creation.models import Appointment, Event, Message, MessageChoice
from creation.recipients import HEARS, hears
from reviews.actions import recognitions
from reviews.demo import builders
from tests.cast import keyed

pytestmark = pytest.mark.django_db

LIST = "message_list"


def told(step=None, file=None):
    """Return who was told what, as sorted (user name, kind); of one step where it is named."""
    rows = Message.objects.order_by("pk")
    if step:
        change = file.changes.filter(step=step).latest("number")
        rows = rows.filter(key=f"stage:{change.pk}")
    return sorted(rows.values_list("user__username", "kind"))


def the_one(user, kind):
    return Message.objects.get(user=user, kind=kind)


def to_the_end(world):
    """Take a file all the straight way, waiting for the notice to end."""
    file = world.bring_to(stages.PUBLICISED)
    clock.set_ahead(30)
    recognitions.recognise(file, batch="2026", document_number="1号", by=world["city"])
    return file


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_step_says_who_hears_of_it_and_every_kind_is_known():
    assert sorted(HEARS) == sorted(stages.STEPS)
    assert {row.kind for rows in HEARS.values() for row in rows} <= set(KINDS)
    assert {kind.topic for kind in KINDS.values()} == set(TOPICS)
    assert all(kind.roles for kind in KINDS.values())
    # the column and the key have room for the slug
    assert max(map(len, KINDS)) <= 30


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("prepare", [("signatory", "to_sign")]),
        ("submit", [("clerk", "submitted"), ("official", "to_assign")]),
        ("pass", [("clerk", "passed"), ("official", "passed"), ("signatory", "passed")]),
        ("publicise", [("clerk", "publicised"), ("signatory", "publicised")]),
        ("recognise", [("clerk", "recognised"), ("signatory", "recognised")]),
    ],
)
def test_on_the_straight_way_these_people_hear_of_it(world, step, expected):
    file = to_the_end(world)
    assert told(step, file) == expected


def test_the_stranger_the_neighbour_and_the_other_district_hear_nothing(world):
    to_the_end(world)
    strangers = ("stranger", "clerk2", "signatory2", "far_official", "viewer", "registrar", "state")
    assert not Message.objects.filter(user__username__in=strangers).exists()


def test_nobody_is_told_of_what_they_did(world):
    Appointment.objects.create(
        user=world["clerk"], role="signatory", organ=world.organ, starts_on=clock.today() - timedelta(days=9)
    )
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    files.prepare(file, by=world["clerk"])
    assert told() == [("signatory", "to_sign")]


def test_who_no_longer_holds_the_post_hears_nothing(world):
    old, left = world["signatory"], world["official"]
    old.appointments.update(ends_on=clock.today() - timedelta(days=1))
    left.is_active = False
    left.save(update_fields=["is_active"])
    heir = builders.make_person("heir", ("signatory", world.organ))
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    files.prepare(file, by=world["clerk"])
    files.submit(file, by=heir)
    assert told() == [("clerk", "submitted"), ("heir", "to_sign")]


def test_the_department_hears_of_a_withdrawal_only_when_the_file_had_reached_it(world):
    draft, sent = world.start(), world.bring_to(stages.SUBMITTED, world.far_organ)
    files.withdraw(draft, by=world["clerk"], reason="机构调整")
    files.withdraw(sent, by=world["far_clerk"], reason="机构调整")
    assert told("withdraw", draft) == [("signatory", "withdrawn")]
    assert told("withdraw", sent) == [("far_official", "withdrawn"), ("far_signatory", "withdrawn")]


def test_sending_back_says_how_many_reasons_there_are_and_leads_to_the_self_rating(world):
    file = world.bring_to(stages.SUBMITTED)
    two = list(world.standard.indicators.all()[:2])
    files.send_back(file, by=world["official"], reasons=dict.fromkeys(two, "补充"))
    message = the_one(world["clerk"], "sent_back")
    assert "items with a reason: 2." in message.what
    assert message.address == reverse("self_rating_detail", args=[file.pk])


def test_a_step_that_fails_tells_nobody(world):
    file = world.start()
    with pytest.raises(Refused):
        files.prepare(file, by=world["clerk"])
    assert told() == []


# --- telling ---------------------------------------------------------------------------------------------------------


def test_the_same_thing_told_twice_is_told_once(world):
    one = Telling(world["clerk"], "recognised", "k", world.start(), values={"organ": ["甲", "A"], "year": 2026})
    tell([one], by=None)
    tell([one, one], by=None)
    assert told() == [("clerk", "recognised")]


def test_everybody_reads_it_in_their_own_language(world):
    file = world.bring_to(stages.PREPARED)
    message = the_one(world["signatory"], "to_sign")
    assert message.what == f"Check and sign the self-rating of {file.cycle.year}: Organ 1"
    with translation.override("zh-hans"):
        assert "机关1" in message.what


def test_every_sentence_can_be_filled(world):
    filled = {
        "organ": ["甲", "A"], "year": 2026, "count": 1, "day": "2026-01-02", "item": "3.4", "cleared": 2,
        "title": "公示", "days": 12, "host": "registry.example.org", "report": "报告",
    }  # fmt: skip
    for slug in KINDS:
        assert "%" not in Message(kind=slug, values=filled).what


def test_who_wants_to_hear_of_it_nowhere_gets_no_row(world):
    MessageChoice.objects.create(user=world["signatory"], kind="to_sign", in_portal=False, by_mail=False)
    world.bring_to(stages.PREPARED)
    assert told() == []


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_unread_first_and_marks_what_is_opened(world, sign_in):
    file = world.bring_to(stages.UNDER_INSPECTION)
    client, clerk = sign_in("clerk"), world["clerk"]
    newest = the_one(clerk, "visit_planned")
    page = client.get(reverse(LIST))
    assert [row.kind for row, _asks in page.context["rows"]] == ["visit_planned", "submitted"]
    assert '<span class="unread-count">2' in page.content.decode()
    answer = client.get(reverse("message_open", args=[newest.pk]))
    assert answer["Location"] == reverse("file_detail", args=[file.pk])
    page = client.get(reverse(LIST))
    assert [row.kind for row, _asks in page.context["rows"]] == ["submitted", "visit_planned"]
    assert '<span class="unread-count">1' in page.content.decode()


def test_looking_ahead_at_an_address_marks_nothing(world, sign_in):
    world.bring_to(stages.PREPARED)
    message = the_one(world["signatory"], "to_sign")
    sign_in("signatory").head(reverse("message_open", args=[message.pk]))
    message.refresh_from_db()
    assert message.read_at is None


@pytest.mark.parametrize("who", ["stranger", "clerk", "official", "state"])
def test_nobody_opens_the_message_of_another(world, sign_in, who):
    world.bring_to(stages.PREPARED)
    message = the_one(world["signatory"], "to_sign")
    assert sign_in(who).get(reverse("message_open", args=[message.pk])).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_all_are_marked_as_read_but_those_that_came_after_the_page(world, sign_in):
    world.bring_to(stages.SUBMITTED)
    client, clerk = sign_in("clerk"), world["clerk"]
    newest = client.get(reverse(LIST)).context["newest"]
    world.bring_to(stages.PREPARED, world.far_organ)
    tell([Telling(clerk, "recognised", "later", about=1, values={"organ": ["甲", "A"], "year": 2026})], by=None)
    client.post(reverse("message_read_all"), keyed(newest=newest))
    assert list(clerk.messages.unread().values_list("kind", flat=True)) == ["recognised"]
    assert world["far_signatory"].messages.unread().count() == 1


def test_the_list_is_narrowed_to_a_kind_and_marks_that_kind_alone(world, sign_in):
    world.bring_to(stages.UNDER_INSPECTION)
    client = sign_in("clerk")
    page = client.get(reverse(LIST), {"kind": "submitted"})
    assert [row.kind for row, _asks in page.context["rows"]] == ["submitted"]
    client.post(reverse("message_read_all"), keyed(newest=page.context["newest"], kind="submitted"))
    assert list(world["clerk"].messages.unread().values_list("kind", flat=True)) == ["visit_planned"]


def test_what_has_been_done_since_asks_no_longer(world, sign_in):
    file = world.bring_to(stages.PREPARED)
    client = sign_in("signatory")
    assert [asks for _row, asks in client.get(reverse(LIST)).context["rows"]] == [True]
    files.reopen(file, by=world["clerk"])
    rows = client.get(reverse(LIST)).context["rows"]
    assert [(row.kind, asks) for row, asks in rows] == [("taken_back", False), ("to_sign", False)]
    files.prepare(file, by=world["clerk"])
    rows = client.get(reverse(LIST)).context["rows"]
    # the file stands again where it stood: the new message asks, the old one does not
    assert [(row.kind, asks) for row, asks in rows] == [("to_sign", True), ("taken_back", False), ("to_sign", False)]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_one_row_and_at_three(world, sign_in, django_assert_num_queries, number):
    world.bring_to(stages.PREPARED)
    for extra in range(2, number + 1):
        organ = builders.make_organ(world.district, 20 + extra)
        Appointment.objects.create(user=world["signatory"], role="signatory", organ=organ, starts_on=builders.LONG_AGO)
        clerk = builders.make_person(f"clerk_of_{extra}", ("clerk", organ))
        file = files.start(organ, world.cycle, by=clerk)
        builders.answer_everything(file, by=clerk)
        files.prepare(file, by=clerk)
    client = sign_in("signatory")
    # session, person, number of messages, messages, their kinds, posts, unread in the header
    with django_assert_num_queries(7):
        page = client.get(reverse(LIST))
    assert len(page.context["rows"]) == number


def test_without_messages_the_page_says_what_would_come(world, sign_in):
    page = sign_in("stranger").get(reverse(LIST)).content.decode()
    assert "No messages yet" in page
    assert "unread-count" not in page


# --- the choice ------------------------------------------------------------------------------------------------------


def test_a_kind_that_is_not_wanted_here_is_neither_listed_nor_counted(world, sign_in):
    MessageChoice.objects.create(user=world["signatory"], kind="to_sign", in_portal=False)
    world.bring_to(stages.PREPARED)
    assert told() == [("signatory", "to_sign")]  # it waits for the mail
    page = sign_in("signatory").get(reverse(LIST))
    assert page.context["rows"] == []
    assert "unread-count" not in page.content.decode()


def test_each_post_is_offered_its_own_kinds(world, sign_in):
    page = sign_in("inspector").get(reverse("message_choices"))
    offered = {kind.slug for _label, rows in page.context["topics"] for kind, _portal, _mail in rows}
    assert offered == {
        "on_team",
        "off_team",
        "visit_changed",
        "finding_answered",
        "to_file",
        "visit_soon",
        "recheck_visit",
        "remind_visit",
        "remind_accept",
        "report_ready",
        "report_failed",
        "webhook_stopped",
    }
    assert sign_in("stranger").get(reverse("message_choices")).context["topics"] == []


def test_a_choice_is_kept_and_can_be_changed_back(world, sign_in):
    client, url = sign_in("signatory"), reverse("message_choices")
    every = [kind.slug for kind in kinds_for({"signatory"})]
    client.post(url, keyed(portal=every, mail=[slug for slug in every if slug != "to_sign"], email="s@example.cn"))
    assert list(
        MessageChoice.objects.filter(user=world["signatory"], by_mail=False).values_list("kind", "in_portal")
    ) == [("to_sign", True)]
    assert world["signatory"].email == "s@example.cn"
    assert Event.objects.filter(verb="set_address", by=world["signatory"]).count() == 1
    client.post(url, keyed(portal=every, mail=every, email="s@example.cn"))
    assert not MessageChoice.objects.filter(user=world["signatory"], by_mail=False).exists()
    assert Event.objects.filter(verb="set_address").count() == 1


def test_an_address_that_is_none_is_refused_with_the_choice_still_on_the_page(world, sign_in):
    url = reverse("message_choices")
    answer = sign_in("signatory").post(url, keyed(portal=["to_sign"], mail=[], email="keine"))
    assert answer.status_code == 200
    rows = [row for _label, rows in answer.context["topics"] for row in rows]
    assert [(kind.slug, portal, mail) for kind, portal, mail in rows if portal or mail] == [("to_sign", True, False)]
    with pytest.raises(Refused):
        messages.choose(by=world["signatory"], portal=set(), mail=set(), email="keine")


def test_a_kind_of_somebody_else_is_refused(world, sign_in):
    answer = sign_in("signatory").post(reverse("message_choices"), keyed(portal=["to_assign"], email=""))
    assert answer.status_code == 200
    assert not MessageChoice.objects.exists()


# --- before the click ------------------------------------------------------------------------------------------------


def test_the_page_names_who_will_hear_before_the_button(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    page = sign_in("official").get(reverse("file_send_back", args=[file.pk])).content.decode()
    listed = page.split('class="who-hears')[1].split("</p>")[0]
    assert "clerk" in listed
    assert "Clerk of the organ" in listed
    assert "signatory" not in listed
    assert [one.user.username for one in hears("send_back", file, by=world["official"])] == ["clerk"]
