"""The organ is heard before a spot check overturns its inspection, and an overturned file shows why."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.models import Assessment
from reviews.actions import draws, inspections, statements, teams
from reviews.actions.signatures import sha256_to_sign
from reviews.demo import builders
from reviews.demo import phones as phone_records
from reviews.models import Inspection, Signature, VisitStatement
from tests.cast import keyed

REASONS = "第1.1项未达到年度目标，与首轮核查不符"
WORDS = "本年度新增数据机房，能耗上升"


@pytest.fixture
def visit(world) -> Inspection:
    """A spot check of today whose own ratings do not pass: a gate is unmet, and a veto stands."""
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    visit = assigned(world, file, clock.today())
    builders.rate_everything(visit, by=world["checker"], poor=("1.1",))
    inspections.record_veto(visit, kind="verified_waste", reason="长明灯", by=world["checker"])
    return visit


def assigned(world, file, day) -> Inspection:
    team = [world["checker"], world["checker2"]]
    return teams.assign_spot_check(file, team=team, lead=team[0], visit_on=day, by=world["superior"])


def file_it(world, visit):
    return inspections.file_inspection(visit, by=world["checker"], statement=REASONS)


def stage_of(visit) -> str:
    return Assessment.objects.get(pk=visit.assessment_id).stage


def say(world, visit, who="clerk", text=WORDS):
    return statements.state(visit, text=text, by=world[who])


def take_down(world, visit, who="checker2", text=WORDS, spoken_by="王某"):
    return statements.take_down_statement(visit, text=text, spoken_by=spoken_by, by=world[who])


# --- nothing is overturned unheard ---------------------------------------------------------------------------------


def test_overturning_is_refused_before_the_organ_was_heard_and_the_sentence_says_what_to_do(world, visit):
    with pytest.raises(Refused, match="take down what it says, or that it has nothing to say, or let its"):
        file_it(world, visit)
    assert stage_of(visit) == stages.UNDER_SPOT_CHECK


@pytest.mark.parametrize("heard", [say, take_down])
def test_once_it_was_heard_the_spot_check_overturns(world, visit, heard):
    heard(world, visit)
    file_it(world, visit)
    assert stage_of(visit) == stages.NOT_MET


@pytest.mark.parametrize(("side", "stage"), [("organ", stages.NOT_MET), ("inspector", stages.UNDER_SPOT_CHECK)])
def test_a_signature_of_its_representative_counts_and_none_of_an_inspector(world, visit, side, stage):
    name = {"organ": {"name": "王某", "position": "主任"}, "inspector": {"name": "checker", "user": world["checker"]}}
    Signature.objects.create(
        inspection=visit, side=side, strokes=[[[0, 0], [9, 9]]], signed_sha256="0" * 64,
        key=phone_records.make_key(side), signed_at=clock.now(), taken_by=world["checker"], **name[side],
    )  # fmt: skip
    try:
        file_it(world, visit)
    except Refused:
        assert side == "inspector"
    assert stage_of(visit) == stage


def test_confirming_needs_no_hearing(world):
    visit = assigned(world, world.bring_to(stages.UNDER_SPOT_CHECK), clock.today())
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"])
    assert stage_of(visit) == stages.CHECKED


# --- who says it, and when -----------------------------------------------------------------------------------------


def test_only_the_organ_s_own_staff_speak_for_it_and_only_the_team_takes_words_down(world, visit):
    for who in ("clerk2", "official", "superior", "checker", "inspector", "stranger"):
        with pytest.raises(PermissionDenied):
            say(world, visit, who)
    for who in ("clerk", "signatory", "inspector", "superior", "stranger"):
        with pytest.raises(PermissionDenied):
            take_down(world, visit, who)


def test_words_are_needed(world, visit):
    for how in (say, take_down):
        for text in ("", "  ", "a\x00b", "字" * 4001):
            with pytest.raises(Refused) as refused:
                how(world, visit, text=text)
            assert refused.value.field == "text"


def test_who_spoke_is_named(world, visit):
    with pytest.raises(Refused) as refused:
        take_down(world, visit, spoken_by=" ")
    assert refused.value.field == "spoken_by"


def test_nothing_is_said_before_the_day_after_the_filing_or_to_an_inspection(world, visit):
    first = Inspection.objects.get(kind="inspection", assessment=visit.assessment)
    with pytest.raises(Refused, match="has been filed"):
        say(world, first)
    running = world.bring_to(stages.UNDER_INSPECTION, world.neighbour).inspections.get()
    with pytest.raises(Refused, match="answers the findings of an inspection"):
        statements.state(running, text=WORDS, by=world["clerk2"])
    Inspection.objects.filter(pk=visit.pk).update(visit_on=clock.today() + timedelta(days=1))
    with pytest.raises(Refused, match="from the day of the visit on"):
        say(world, visit)
    Inspection.objects.filter(pk=visit.pk).update(visit_on=clock.today())
    say(world, visit)
    file_it(world, visit)
    with pytest.raises(Refused, match="has been filed"):
        say(world, visit)


def test_the_database_keeps_every_word(world, visit):
    said = say(world, visit)
    for change in (said.delete, lambda: VisitStatement.objects.filter(pk=said.pk).update(text="别的")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    file_it(world, visit)
    with pytest.raises(DatabaseError), transaction.atomic():
        VisitStatement.objects.create(inspection=visit, text="后来", by=world["clerk"], at=clock.now())


# --- what is filed -------------------------------------------------------------------------------------------------


def test_its_words_are_part_of_what_is_filed_and_of_its_hash_but_not_of_what_was_signed(world, visit):
    before = sha256_to_sign(visit)
    said, heard = say(world, visit), take_down(world, visit, text="无话可说")
    assert sha256_to_sign(visit) == before
    filed = file_it(world, visit)
    kept = json.loads(filed.content)["statements"]
    assert [(one["text"], one["spoken_by"], one["by"]) for one in kept] == [
        (said.text, "", "clerk"), (heard.text, "王某", "checker2"),
    ]  # fmt: skip


# --- pages ---------------------------------------------------------------------------------------------------------


def get(client, name, pk):
    return client.get(reverse(name, args=[pk]))


def test_before_the_day_the_organ_neither_finds_the_page_nor_a_way_to_it(world, sign_in, visit):
    Inspection.objects.filter(pk=visit.pk).update(visit_on=clock.today() + timedelta(days=1))
    for who in ("clerk", "signatory"):
        assert get(sign_in(who), "visit_state", visit.pk).status_code == 404
        text = get(sign_in(who), "file_detail", visit.assessment_id).content.decode()
        assert reverse("visit_state", args=[visit.pk]) not in text
    Inspection.objects.filter(pk=visit.pk).update(visit_on=clock.today())
    for who in ("clerk", "signatory"):
        assert get(sign_in(who), "visit_state", visit.pk).status_code == 200
        text = get(sign_in(who), "file_detail", visit.assessment_id).content.decode()
        assert reverse("visit_state", args=[visit.pk]) in text
        assert get(sign_in(who), "inspection_detail", visit.pk).status_code == 404  # the visit itself stays the team's


def test_nobody_else_finds_the_organ_s_page(world, sign_in, visit):
    for who in ("clerk2", "official", "superior", "checker", "stranger"):
        assert get(sign_in(who), "visit_state", visit.pk).status_code == 404


def test_the_organ_writes_and_the_lead_reads_before_filing(world, sign_in, visit):
    blocked = get(sign_in("checker"), "inspection_file", visit.pk)
    assert (blocked.context["unheard"], blocked.context["blocked"]) == (True, True)
    answer = sign_in("signatory").post(reverse("visit_state", args=[visit.pk]), keyed(text=WORDS))
    assert answer.url == reverse("file_detail", args=[visit.assessment_id])
    page = get(sign_in("checker"), "inspection_file", visit.pk)
    assert WORDS in page.content.decode()
    assert page.context["blocked"] is False


def test_the_team_takes_down_words_or_that_there_were_none(world, sign_in, visit):
    client, url = sign_in("checker2"), reverse("visit_take_down", args=[visit.pk])
    for typed, status in (
        ({}, 200), ({"text": WORDS, "nothing": "on"}, 200), ({"text": WORDS}, 302), ({"nothing": "on"}, 302),
    ):  # fmt: skip
        assert client.post(url, keyed(spoken_by="王某", **typed)).status_code == status
    nothing = "The organ's representative was asked and had nothing to say."
    assert list(visit.statements.values_list("text", flat=True)) == [WORDS, nothing]


def test_an_overturned_file_shows_why(world, sign_in, visit):
    say(world, visit)
    file_it(world, visit)
    for who in ("clerk", "signatory", "official", "superior", "checker2"):
        page = get(sign_in(who), "file_detail", visit.assessment_id)
        shown = page.context["overturned"]
        assert [gate.code for gate in shown.gates] == ["1.1"]
        assert [label for label, _total in shown.totals] == ["Self-rating", "Inspection", "Spot check"]
        text = page.content.decode()
        assert [
            part for part in ("Why the inspection was overturned", REASONS, "长明灯", WORDS) if part not in text
        ] == []


def test_a_confirmed_file_shows_no_such_thing(world, sign_in):
    file = world.bring_to(stages.CHECKED)
    assert get(sign_in("clerk"), "file_detail", file.pk).context["overturned"] is None


def test_a_drawn_organ_whose_draw_is_published_still_reads_nothing_of_the_visit(world, sign_in):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    draws.publish_draw(file.pool_member.pool.draw, by=world["superior"])
    visit = assigned(world, file, clock.today() + timedelta(days=3))
    page = get(sign_in("clerk"), "file_detail", file.pk)
    assert page.context["visits"] == [file.inspections.get(kind="inspection")]
    assert get(sign_in("clerk"), "visit_state", visit.pk).status_code == 404
