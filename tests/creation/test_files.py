"""The organ's verbs and the one door: each condition of the way of a file, with its refusal and its success."""

import hashlib
import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from creation import clock, stages
from creation.actions import cycles, evidence, files
from creation.actions.answers import save_answer
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Answer, Assessment, Attachment, CountChange, Indicator, Organ, StageChange, Submission
from reviews.demo import builders

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_SECOND = time(23, 59, 59)


def at(day, moment):
    return time_machine.travel(datetime.combine(day, moment, tzinfo=SHANGHAI), tick=False)


def refusal(verb, *args, **kwargs):
    """Return what the refusal says; a verb that goes through fails the test."""
    with pytest.raises(Refused) as refused, transaction.atomic():
        verb(*args, **kwargs)
    return str(refused.value)


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage


def fresh(file):
    return Assessment.objects.get(pk=file.pk)


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


# --- the window, to the second -------------------------------------------------------------------------------------


def window(world, first, last):
    """Return a round whose self-rating lasts from `first` to `last` (days from today)."""
    today = clock.today()
    return builders.make_cycle(
        world.city,
        world.standard,
        by=world["city"],
        year=today.year + 1,
        self_rating_from=today + timedelta(days=first),
        self_rating_until=today + timedelta(days=last),
    )


def test_the_window_opens_with_the_first_second_of_its_first_day(world):
    cycle = window(world, 5, 9)
    first = cycle.self_rating_from
    with at(first - timedelta(days=1), LAST_SECOND):
        said = refusal(files.start, world.organ, cycle, by=world["clerk"])
    assert said == f"The window for this step opens on {first.isoformat()}."
    with at(first, time(0, 0, 0)):
        assert files.start(world.organ, cycle, by=world["clerk"]).stage == stages.DRAFT


@pytest.mark.parametrize("step", ["start", "prepare", "submit"])
def test_the_last_second_of_the_last_day_counts_and_the_next_does_not(world, step):
    last = world.cycle.self_rating_until
    first, second = world.organ, world.neighbour
    steps = {"start": _start, "prepare": _prepare, "submit": _submit}
    ready = {"start": None, "prepare": stages.DRAFT, "submit": stages.PREPARED}[step]
    for organ in (first, second):
        if ready:
            file = world.bring_to(ready, organ)
            if step == "prepare":
                builders.answer_everything(file, by=world.clerk_of(organ))
    with at(last + timedelta(days=1), time(0, 0, 0)):
        said = refusal(steps[step], world, second)
    assert said == f"The window for this step ended on {last.isoformat()}."
    with at(last, LAST_SECOND):
        steps[step](world, first)


@pytest.mark.parametrize("step", ["start", "prepare", "submit"])
def test_the_instant_of_arrival_counts_however_long_the_lock_was_waited_for(world, step):
    last = world.cycle.self_rating_until
    if step != "start":
        file = world.bring_to(stages.DRAFT if step == "prepare" else stages.PREPARED)
    if step == "prepare":
        builders.answer_everything(file, by=world["clerk"])
    with at(last, time(23, 59, 58)) as traveller, clock.arrival():
        traveller.shift(timedelta(seconds=5))
        {"start": _start, "prepare": _prepare, "submit": _submit}[step](world, world.organ)
    assert world.organ.assessments.get().changes.last().at.astimezone(SHANGHAI).date() == last + timedelta(days=1)


def _start(world, organ):
    files.start(organ, world.cycle, by=world.clerk_of(organ))


def _prepare(world, organ):
    files.prepare(organ.assessments.get(), by=world.clerk_of(organ))


def _submit(world, organ):
    files.submit(organ.assessments.get(), by=world.cast_for(organ)["signatory"])


def test_nothing_is_handed_over_or_submitted_in_a_closed_round(world):
    prepared = world.bring_to(stages.PREPARED)
    draft = world.start(world.neighbour)
    builders.answer_everything(draft, by=world["clerk2"])
    cycles.close_cycle(world.cycle, by=world["city"])
    said = "The cycle has been closed."
    assert refusal(files.submit, fresh(prepared), by=world["signatory"]) == said
    assert refusal(files.prepare, fresh(draft), by=world["clerk2"]) == said


# --- answers -------------------------------------------------------------------------------------------------------


def indicator(world, code):
    return world.standard.indicators.get(code=code)


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


# --- submit --------------------------------------------------------------------------------------------------------


def test_the_receipt_carries_the_hash_of_what_the_file_says(world):
    file = world.bring_to(stages.PREPARED)
    receipt = files.submit(file, by=world["signatory"])
    assert receipt.sha256 == hashlib.sha256(receipt.content.encode()).hexdigest()
    assert receipt.number == f"{world.cycle.year}-110101-{file.pk:06d}-03"
    assert (receipt.prepared_by, receipt.by) == (world["clerk"], world["signatory"])
    content = json.loads(receipt.content)
    proof = world.organ.evidence.get().sha256
    said = {answer["indicator"]: answer for answer in content["answers"]}
    assert (content["organ"], content["total"], len(said)) == (world.organ.credit_code, "100.00", 29)
    assert said["2.5"] == {
        "indicator": "2.5",
        "found": {"count": 4},
        "not_applicable": False,
        "points": "3.00",
        "remark": "",
        "evidence": [proof],
    }
    assert files.content_of(fresh(file)) == receipt.content


def test_the_signatory_is_another_person_than_whoever_prepared(world):
    file = world.start()
    both = builders.make_person("both", ("clerk", world.organ), ("signatory", world.organ))
    builders.answer_everything(file, by=both)
    files.prepare(file, by=both)
    assert "another signatory has to sign" in refusal(files.submit, file, by=both)
    assert stage_of(file) == stages.PREPARED
    files.submit(fresh(file), by=world["signatory"])
    assert stage_of(file) == stages.SUBMITTED


def test_the_last_to_prepare_counts(world):
    file = world.bring_to(stages.PREPARED)
    both = builders.make_person("both", ("clerk", world.organ), ("signatory", world.organ))
    files.reopen(file, by=both)
    files.prepare(fresh(file), by=both)
    files.reopen(fresh(file), by=both)
    files.prepare(fresh(file), by=world["clerk"])
    files.submit(fresh(file), by=both)
    assert Submission.objects.get().prepared_by == world["clerk"]


def test_only_the_content_that_was_seen_is_signed(world):
    file = world.bring_to(stages.PREPARED)
    for step in (files.reopen, files.prepare):
        step(fresh(file), by=world["clerk"])
    with pytest.raises(Overtaken, match="handed over anew"):
        files.submit(fresh(file), by=world["signatory"], prepared_number=2)
    assert files.submit(fresh(file), by=world["signatory"], prepared_number=4).by == world["signatory"]


def test_the_file_is_locked_before_it_is_asked_who_prepared_it(world):
    file = world.bring_to(stages.PREPARED)
    with CaptureQueriesContext(connection) as captured:
        files.submit(file, by=world["signatory"])
    asked = [query["sql"] for query in captured]
    locked = next(number for number, sql in enumerate(asked) if 'FROM "creation_assessment"' in sql)
    assert locked < next(number for number, sql in enumerate(asked) if 'FROM "creation_stagechange"' in sql)
    assert ("FOR UPDATE" in asked[locked]) == (connection.vendor == "postgresql")


def test_the_database_too_refuses_one_person_for_both(world):
    file = world.bring_to(stages.SUBMITTED)
    receipt = Submission.objects.get()
    same = {"assessment": file, "content": "x", "sha256": "0" * 64, "at": receipt.at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(number="one", prepared_by=world["clerk"], by=world["clerk"], **same)
    Submission.objects.create(number="two", prepared_by=world["clerk"], by=world["signatory"], **same)


@pytest.mark.parametrize("username", ["clerk", "signatory2", "official", "stranger"])
def test_only_a_signatory_of_the_organ_submits(world, username):
    file = world.bring_to(stages.PREPARED)
    with pytest.raises(Forbidden):
        files.submit(file, by=world[username])
    assert Submission.objects.count() == 0


def test_a_draft_is_not_submitted(world):
    assert "is not possible" in refusal(files.submit, world.start(), by=world["signatory"])


# --- send back -----------------------------------------------------------------------------------------------------


def test_the_department_sends_back_with_a_reason_for_each_indicator(world):
    file = world.bring_to(stages.SUBMITTED)
    reasons = {indicator(world, "2.1"): "The notice is undated.", indicator(world, "2.2"): "  "}
    files.send_back(file, by=world["official"], reasons=reasons, note="See below")
    change = file.changes.last()
    assert (stage_of(file), change.note) == (stages.RETURNED, "See below")
    assert [(r.indicator.code, r.reason) for r in change.reasons.all()] == [("2.1", "The notice is undated.")]


def test_nothing_is_sent_back_without_a_reason(world):
    file = world.bring_to(stages.SUBMITTED)
    said = refusal(files.send_back, file, by=world["official"], reasons={indicator(world, "2.1"): " "})
    assert (said, stage_of(file)) == ("Give a reason for at least one indicator.", stages.SUBMITTED)


@pytest.mark.parametrize("username", ["far_official", "city", "inspector", "clerk", "stranger"])
def test_only_the_competent_department_sends_back(world, username):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(Forbidden):
        files.send_back(file, by=world[username], reasons={indicator(world, "2.1"): "Undated."})


def test_a_returned_file_is_edited_and_submitted_anew_with_a_receipt_of_its_own(world):
    file = world.bring_to(stages.SUBMITTED)
    item = indicator(world, "2.5")
    files.send_back(file, by=world["official"], reasons={item: "Count again."})
    save_answer(file, item, by=world["clerk"], found={"count": 2}, version=1)
    files.prepare(fresh(file), by=world["clerk"])
    files.submit(fresh(file), by=world["signatory"])
    first, second = Submission.objects.order_by("at")
    assert [json.loads(receipt.content)["total"] for receipt in (first, second)] == ["100.00", "99.00"]
    assert first.number != second.number
    assert first.sha256 == hashlib.sha256(first.content.encode()).hexdigest()
