"""A decision on an objection takes two persons: one proposes, another confirms or gives back; the database holds it."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import stages
from creation.errors import Forbidden, Overtaken, Refused
from creation.guards import without_guards
from creation.models import Appointment, Assessment, Event
from reviews.actions import objections
from reviews.demo import builders
from reviews.models import Objection
from tests.cast import keyed

pytestmark = pytest.mark.django_db

NAME = "欧阳若兰"


@pytest.fixture
def objection(world):
    listing = world.bring_to(stages.PUBLICISED).listing
    return objections.object_to(listing, kind="person", name=NAME, phone="139 1234 5678", grounds="空调低于26度。")


def proposed(world, objection, **fields):
    fields = {"uphold": False, "reason": "查无实据。", "by": world["city"]} | fields
    return objections.propose_decision(objection, **fields)


def state():
    return Objection.objects.get().state


def test_one_proposes_and_another_confirms(world, sign_in, objection):
    url = reverse("objection_detail", args=[objection.pk])
    answer = sign_in("city").post(
        reverse("objection_decide", args=[objection.pk]), keyed(outcome="dismissed", reason="查无实据。")
    )
    assert (answer.status_code, state()) == (302, "open")
    own, other = (sign_in(person).get(url).content.decode() for person in ("city", "superior"))
    assert "You proposed this." in own
    assert "Confirm the decision" not in own
    assert "Confirm the decision" in other
    public = sign_in("public").get(reverse("notice_detail", args=[objection.listing.notice_id])).content.decode()
    assert "查无实据" not in public
    seen = re.search(r'name="seen" value="(\w+)"', other)[1]
    confirm = reverse("objection_confirm", args=[objection.pk])
    assert sign_in("city").post(confirm, keyed(seen=seen)).status_code == 403
    assert sign_in("clerk").post(confirm, keyed(seen=seen)).status_code == 403
    assert sign_in("stranger").post(confirm, keyed(seen=seen)).status_code == 404
    assert state() == "open"
    assert sign_in("superior").post(confirm, keyed(seen=seen)).status_code == 302
    decided = Objection.objects.get()
    assert (decided.state, decided.reason) == ("dismissed", "查无实据。")
    assert (decided.proposed_by.username, decided.decided_by.username) == ("city", "superior")
    assert list(Event.objects.filter(subject_type="objection").values_list("verb", "by__username")) == [
        ("propose_decision", "city"),
        ("decide", "superior"),
    ]


def test_nobody_decides_alone_not_by_any_door(world, objection):
    with pytest.raises(Overtaken):
        objections.decide(objection, by=world["superior"])
    stale = Objection.objects.get()
    proposed(world, objection)
    with pytest.raises(Forbidden):
        objections.decide(objection, by=world["city"])
    with pytest.raises(Refused, match="Another official"):
        objections.decide(stale, by=world["city"])
    assert state() == "open"


ALONE = [
    "state = 'dismissed', reason = 'x', decided_by_id = {other}, decided_at = at",  # nothing was proposed
    "state = 'dismissed', reason = 'x', proposed_by_id = {city}, decided_by_id = {other}, decided_at = at",
]
OTHER_WORDS = [
    "state = 'dismissed', reason = proposed_reason, decided_by_id = proposed_by_id, decided_at = at",
    "state = 'upheld', reason = proposed_reason, decided_by_id = {other}, decided_at = at",
    "state = 'dismissed', reason = 'other words', decided_by_id = {other}, decided_at = at",
]


@pytest.mark.parametrize(("change", "waits"), [(one, False) for one in ALONE] + [(one, True) for one in OTHER_WORDS])
def test_the_database_refuses_a_decision_by_one(world, objection, change, waits):
    if waits:
        proposed(world, objection)
    # names of our own, no input
    statement = "UPDATE reviews_objection SET " + change.format(city=world["city"].pk, other=world["superior"].pk)
    with pytest.raises(DatabaseError, match="two_persons"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    if "decided_by_id = proposed_by_id" not in change:  # which a CHECK refuses besides
        with without_guards(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.rowcount == 1


def test_given_back_it_is_proposed_anew_and_the_reason_is_read(world, sign_in, objection):
    proposed(world, objection)
    url = reverse("objection_give_back", args=[objection.pk])
    assert "Give it back" in sign_in("superior").get(url).content.decode()
    assert "Fill in “" in sign_in("superior").post(url, keyed(reason=" ")).content.decode()
    assert sign_in("superior").post(url, keyed(reason="请写明复核日期。")).status_code == 302
    back = Objection.objects.get()
    assert (back.proposed_by, back.proposed_reason, back.returned_reason) == (None, "", "请写明复核日期。")
    detail = reverse("objection_detail", args=[objection.pk])
    assert "请写明复核日期。" in sign_in("city").get(detail).content.decode()
    assert "请写明复核日期。" not in sign_in("clerk").get(detail).content.decode()
    assert sign_in("superior").get(url).status_code == 302
    # whoever gave it back may propose, and then the other confirms; one's own is taken back like any other
    proposed(world, back, by=world["superior"])
    objections.give_back(back, reason="改写", by=world["superior"])
    proposed(world, back, by=world["superior"], reason="经3月2日复核，查无实据。")
    assert objections.decide(back, by=world["city"]).state == "dismissed"
    with pytest.raises(Overtaken):
        objections.give_back(back, reason="晚了", by=world["superior"])


def test_what_changed_since_it_was_read_is_not_confirmed(world, sign_in, objection):
    seen = objections.mark_of(proposed(world, objection))
    objections.give_back(objection, reason="改写", by=world["city"])
    proposed(world, objection, reason="另一理由。")
    with pytest.raises(Overtaken, match="has changed"):
        objections.decide(objection, by=world["superior"], seen=seen)
    sign_in("superior").post(reverse("objection_confirm", args=[objection.pk]), keyed())
    assert state() == "open"
    seen = objections.mark_of(objection)
    objections.hear(objection, text="已整改。", by=world["clerk"])
    with pytest.raises(Overtaken, match="the organ has answered"):
        objections.decide(objection, by=world["superior"], seen=seen)
    objections.decide(objection, by=world["superior"], seen=objections.mark_of(objection))


def test_what_a_proposal_must_be_is_asked_again_at_the_decision(world, objection):
    with pytest.raises(Refused, match="Give the reason"):
        proposed(world, objection, reason=" ")
    with pytest.raises(Refused, match="leave out who objected"):
        proposed(world, objection, reason=f"{NAME}所述不实。")
    with pytest.raises(Refused, match="has to be heard"):
        proposed(world, objection, uphold=True)
    proposed(world, objection)
    with pytest.raises(Overtaken):
        proposed(world, objection, by=world["superior"])
    # as if it had been written past the verb
    for words, told in (
        ({"proposed_reason": f"{NAME}所述不实。"}, "leave out who objected"),
        ({"proposed_state": "upheld", "proposed_reason": "属实。"}, "has to be heard"),
        ({"proposed_reason": ""}, "Give the reason"),
    ):
        Objection.objects.update(**words)
        with pytest.raises(Refused, match=told):
            objections.decide(objection, by=world["superior"])
    assert Assessment.objects.get().stage == stages.PUBLICISED


def test_who_has_come_to_the_organ_meanwhile_does_not_confirm(world, objection):
    proposed(world, objection)
    Appointment.objects.create(user=world["superior"], role="signatory", organ=world.organ, starts_on=builders.LONG_AGO)
    for verb in (objections.decide, lambda *given, by: objections.give_back(*given, reason="x", by=by)):
        with pytest.raises(Forbidden):
            verb(objection, by=world["superior"])


def test_an_open_objection_says_what_happens_next_in_its_state(world, sign_in, objection):
    page = reverse("objection_detail", args=[objection.pk])

    def says(person):
        return re.search(r"What happens next:</strong> (.{40})", sign_in(person).get(page).content.decode())[1]

    assert says("superior") == says("clerk") == "the organ answers the grounds, then one "
    objections.hear(objection, text="已整改。", by=world["clerk"])
    assert says("superior") == says("clerk") == "an official proposes a decision with its"
    proposed(world, objection)
    # that something is proposed is not told to the organ before it is decided
    assert (says("superior"), says("clerk")) == (
        "another deciding official confirms the p", "an official proposes a decision with its",
    )  # fmt: skip
