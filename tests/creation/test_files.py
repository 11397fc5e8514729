"""The organ's verbs up to the handing over: each condition of the way, with its refusal and its success."""

from datetime import timedelta

import pytest

from creation import clock, stages
from creation.actions import cycles, evidence, files
from creation.actions.answers import save_answer
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Answer, Assessment, Attachment, CountChange, Indicator, Organ, StageChange
from reviews.demo import builders
from tests.creation.standing import indicator, refusal, stage_of

# --- start ---------------------------------------------------------------------------------------------------------


def test_a_clerk_starts_the_organs_file(world):
    file = files.start(world.organ, world.cycle, by=world["clerk"])
    change = StageChange.objects.get(assessment=file)
    assert (file.stage, file.started_by) == (stages.DRAFT, world["clerk"])
    assert (change.number, change.step, change.from_stage, change.to_stage) == (1, "start", "", stages.DRAFT)
    assert CountChange.objects.filter(region=world.district).exists()


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "city", "registrar", "stranger"])
def test_nobody_else_starts_it(world, username):
    with pytest.raises(Forbidden):
        files.start(world.organ, world.cycle, by=world[username])
    assert Assessment.objects.count() == 0


def test_an_organ_that_is_not_active_cannot_start(world):
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=clock.today())
    world.organ.refresh_from_db()
    assert refusal(files.start, world.organ, world.cycle, by=world["clerk"]) == (
        "The organ is not active on the register today."
    )


def test_the_last_active_day_counts(world):
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=clock.today() + timedelta(days=1))
    world.organ.refresh_from_db()
    assert files.start(world.organ, world.cycle, by=world["clerk"]).stage == stages.DRAFT


def test_a_closed_round_and_one_elsewhere_are_not_open_for_the_organ(world):
    elsewhere = builders.make_region("120000", "天津市", "city", world.nation)
    official = builders.make_person("tianjin", ("official", elsewhere))
    other = builders.make_cycle(elsewhere, world.standard, by=official)
    said = "This cycle is not open for the organ."
    assert refusal(files.start, world.organ, other, by=world["clerk"]) == said
    cycles.close_cycle(world.cycle, by=world["city"])
    world.cycle.refresh_from_db()
    assert refusal(files.start, world.organ, world.cycle, by=world["clerk"]) == said


def test_one_file_for_an_organ_and_a_round(world):
    world.start()
    with pytest.raises(Overtaken, match="already has a file"):
        files.start(world.organ, world.cycle, by=world["clerk"])
    assert Assessment.objects.count() == 1


def test_a_withdrawn_file_is_not_begun_again_in_the_same_round(world):
    files.withdraw(world.start(), by=world["clerk"], reason="mistake")
    with pytest.raises(Overtaken):
        files.start(world.organ, world.cycle, by=world["clerk"])


# --- answers -------------------------------------------------------------------------------------------------------


def test_an_answer_gets_the_points_of_the_rubric_whatever_is_asked_for(world):
    file = world.start()
    answer = save_answer(file, indicator(world, "2.5"), by=world["clerk"], found={"count": 99})
    assert (answer.points, answer.version) == (3, 1)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"count": -1}, "The number cannot be below 0."),
        ({"count": "3"}, "Enter a number in plain digits, such as 3 or 92.5."),
        ({"count": True}, "Enter a number in plain digits, such as 3 or 92.5."),
        ({"count": 10**10}, "The number is too large."),
        ({}, "Enter what was found."),
        ({"count": 1, "points": 9}, "This choice does not belong to the indicator. Load the page again."),
    ],
)
def test_a_finding_that_the_rubric_cannot_read_is_refused(world, found, said):
    file = world.start()
    assert refusal(save_answer, file, indicator(world, "2.5"), by=world["clerk"], found=found) == said
    assert file.answers.count() == 0


def test_only_clerks_of_the_organ_answer(world):
    file = world.start()
    for username in ("signatory", "clerk2", "official", "stranger"):
        with pytest.raises(Forbidden):
            save_answer(file, indicator(world, "2.5"), by=world[username], found={"count": 1})


def test_the_later_of_two_writers_of_one_version_is_told(world):
    file, item = world.start(), indicator(world, "2.5")
    save_answer(file, item, by=world["clerk"], found={"count": 1})
    with pytest.raises(Overtaken):
        save_answer(file, item, by=world["clerk"], found={"count": 2})
    assert save_answer(file, item, by=world["clerk"], found={"count": 2}, version=1).version == 2
    with pytest.raises(Overtaken):
        save_answer(file, item, by=world["clerk"], found={"count": 3}, version=1)
    assert file.answers.get().found == {"count": 2}


def test_nothing_is_answered_or_attached_outside_the_organs_hands(world):
    file = world.bring_to(stages.PREPARED)
    item, piece = indicator(world, "2.5"), world.organ.evidence.get()
    assert "cannot be edited" in refusal(save_answer, file, item, by=world["clerk"], found={"count": 1}, version=1)
    assert "cannot be edited" in refusal(evidence.attach, file, indicator(world, "3.2"), piece, by=world["clerk"])
    assert "cannot be edited" in refusal(evidence.detach, file.attachments.first(), by=world["clerk"])


# --- prepare -------------------------------------------------------------------------------------------------------


def test_the_handing_over_names_everything_that_is_missing(world):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"], poor=("2.2",))
    answer = file.answers.get(indicator__code="2.1")
    save_answer(file, answer.indicator, by=world["clerk"], found=None, version=1)
    Attachment.objects.filter(assessment=file, indicator__code__in=["2.2", "2.3"]).delete()
    with pytest.raises(Refused) as refused:
        files.prepare(file, by=world["clerk"])
    # 2.2 claims no points, so it needs no proof
    assert refused.value.problems == [("2.1", "Not answered yet"), ("2.3", "Required evidence is missing")]
    assert stage_of(file) == stages.DRAFT


@pytest.mark.parametrize(
    ("met", "has_evidence", "missing"),
    [(True, False, "Required evidence is missing"), (True, True, ""), (False, False, "")],
)
def test_a_gate_worth_no_points_asks_for_proof_where_it_is_said_to_be_met(met, has_evidence, missing):
    gate = Indicator(code="1.9", points=0, gate=True, evidence_required=True, rubric={"method": "gate"})
    answer = Answer(indicator=gate, found={"met": met}, points=0)
    assert files.missing_of(gate, answer, has_evidence=has_evidence) == missing


def test_what_does_not_apply_and_what_is_bonus_keeps_nothing_up(world):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    for code in ("2.10", "3.6", "3.7"):
        answer = file.answers.get(indicator__code=code)
        save_answer(file, answer.indicator, by=world["clerk"], found=None, not_applicable=True, version=answer.version)
        Attachment.objects.filter(assessment=file, indicator=answer.indicator).delete()
    files.prepare(file, by=world["clerk"])
    assert stage_of(file) == stages.PREPARED


def test_a_bonus_that_is_claimed_needs_its_evidence(world):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    save_answer(file, indicator(world, "A.1"), by=world["clerk"], found={"count": 1})
    with pytest.raises(Refused) as refused:
        files.prepare(file, by=world["clerk"])
    assert refused.value.problems == [("A.1", "Required evidence is missing")]


def test_not_applicable_is_refused_where_the_standard_does_not_allow_it(world):
    file = world.start()
    got = refusal(save_answer, file, indicator(world, "2.1"), by=world["clerk"], found=None, not_applicable=True)
    assert got == "This indicator cannot be marked not applicable."


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "stranger"])
def test_only_a_clerk_hands_over(world, username):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    with pytest.raises(Forbidden):
        files.prepare(file, by=world[username])
    assert stage_of(file) == stages.DRAFT


# --- reopen, withdraw ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["clerk", "signatory"])
def test_the_organs_people_take_a_prepared_file_back(world, username):
    file = world.bring_to(stages.PREPARED)
    files.reopen(file, by=world[username])
    assert stage_of(file) == stages.DRAFT


@pytest.mark.parametrize("stage", [stages.DRAFT, stages.SUBMITTED])
def test_what_is_not_prepared_cannot_be_taken_back(world, stage):
    file = world.bring_to(stage)
    assert "is not possible" in refusal(files.reopen, file, by=world["clerk"])


@pytest.mark.parametrize("stage", [stages.DRAFT, stages.PREPARED, stages.SUBMITTED])
def test_a_file_is_withdrawn_with_a_reason_until_inspection(world, stage):
    file = world.bring_to(stage)
    assert refusal(files.withdraw, file, by=world["clerk"], reason="  ") == "Give a reason."
    files.withdraw(file, by=world["signatory"], reason="mistake")
    assert (stage_of(file), file.changes.last().note) == (stages.WITHDRAWN, "mistake")


def test_under_inspection_nothing_is_withdrawn(world):
    file = world.bring_to(stages.UNDER_INSPECTION)
    assert "is not possible" in refusal(files.withdraw, file, by=world["clerk"], reason="mistake")


@pytest.mark.parametrize("username", ["clerk2", "official", "stranger"])
def test_others_neither_take_back_nor_withdraw(world, username):
    file = world.bring_to(stages.PREPARED)
    with pytest.raises(Forbidden):
        files.reopen(file, by=world[username])
    with pytest.raises(Forbidden):
        files.withdraw(file, by=world[username], reason="mistake")
    assert stage_of(file) == stages.PREPARED
