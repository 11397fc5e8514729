"""Submitting with a receipt, by another person than prepared; sent back, and submitted anew."""

import hashlib
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from creation import stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.errors import Forbidden, Overtaken
from creation.models import Submission
from reviews.demo import builders
from tests.creation.standing import fresh, indicator, refusal, stage_of

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
