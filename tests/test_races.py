"""Two people, one file, one moment: exactly one wins and the others are told, on both databases."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from creation import clock, stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.actions.moves import move
from creation.errors import Refused
from creation.models import Assessment, Event, FormKey, Message, Recognition, ReturnReason, StageChange, Submission
from reviews.actions import (
    inspections,
    nudges,
    recognitions,
    spot_checks,
    teams,
)
from reviews.demo import builders
from reviews.models import Inspection, Notice
from tests.racing import CLICKS, THREADS, at_once, copy_of, winners

pytestmark = pytest.mark.django_db(transaction=True)


def one_wins(assessment, verb):
    """Let eight people take a step with their own copies of the file; return the outcomes after checking the count."""
    copies = [copy_of(assessment) for _ in range(THREADS)]
    before = assessment.changes.count()
    outcomes = at_once(*[lambda copy=copy: verb(copy) for copy in copies])
    assert len(winners(outcomes)) == 1
    assert assessment.changes.count() == before + 1
    return outcomes


def test_the_same_file_is_submitted_once(world):
    file = world.bring_to(stages.PREPARED)
    one_wins(file, lambda copy: files.submit(copy, by=world["signatory"]))
    assert Submission.objects.filter(assessment=file).count() == 1


def test_a_naive_check_then_save_would_let_many_win(world):
    """The control arm: without compare-and-set everybody believes to have won."""
    file = world.bring_to(stages.PREPARED)
    copies = [copy_of(file) for _ in range(THREADS)]

    def naive(copy):
        if copy.stage == stages.PREPARED:
            copy.stage = stages.SUBMITTED
            copy.save()
            return True
        raise Refused("too late")

    assert len(winners(at_once(*[lambda copy=copy: naive(copy) for copy in copies]))) > 1


def test_sending_back_and_assigning_exclude_each_other(world):
    file = world.bring_to(stages.SUBMITTED)
    one, two = copy_of(file), copy_of(file)
    indicator = file.cycle.standard.indicators.first()
    team = [world["inspector"], world["inspector2"]]
    outcomes = at_once(
        lambda: files.send_back(one, by=world["official"], reasons={indicator: "补充材料"}),
        lambda: teams.assign(two, team=team, lead=team[0], visit_on=clock.today(), by=world["official"]),
    )
    assert len(winners(outcomes)) == 1
    file.refresh_from_db()
    assert (file.stage == stages.UNDER_INSPECTION) == Inspection.objects.filter(assessment=file).exists()


def test_a_file_starts_once(world):
    def start():
        return files.start(world.organ, world.cycle, by=world["clerk"])

    assert len(winners(at_once(*[start] * THREADS))) == 1
    assert Assessment.objects.count() == 1
    assert StageChange.objects.count() == 1


def test_an_answer_never_changes_behind_the_back_of_the_hand_over(world):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    indicator = file.cycle.standard.indicators.get(code="2.1")
    one, two = copy_of(file), copy_of(file)
    saved, prepared = at_once(
        lambda: save_answer(one, indicator, by=world["clerk"], found=None, version=1),
        lambda: files.prepare(two, by=world["clerk"]) or "prepared",
    )
    file.refresh_from_db()
    emptied = file.answers.get(indicator=indicator).found is None
    # either the answer was emptied first and the hand-over refused, or the hand-over came first and froze the answer
    assert emptied == (file.stage == stages.DRAFT)
    assert isinstance(saved, Refused) != isinstance(prepared, Refused)


def test_an_organ_is_recognised_once(world):
    file = world.bring_to(stages.PUBLICISED)
    clock.set_ahead(30)
    one_wins(file, lambda copy: recognitions.recognise(copy, batch="2026", document_number="1号", by=world["city"]))
    assert Recognition.objects.count() == 1


def test_of_two_who_send_back_only_the_first_one_s_reasons_stand(world):
    file = world.bring_to(stages.SUBMITTED)
    indicator = file.cycle.standard.indicators.first()
    one_wins(file, lambda copy: files.send_back(copy, by=world["official"], reasons={indicator: "补充材料"}))
    assert ReturnReason.objects.filter(change__assessment=file).count() == 1


def test_the_superior_s_letter_and_its_team_exclude_each_other(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK, world.municipal_organ)
    team = [world["state_checker"], world["state_checker2"]]

    def by_letter(copy):
        letter = builders.a_pdf("来函.pdf")
        number = {"letter_number": "国管函1号", "reason": ""}
        spot_checks.record_result(copy, confirmed=True, letter=letter, by=world["city"], **number)

    def by_team(copy):
        teams.assign_spot_check(copy, team=team, lead=team[0], visit_on=clock.today(), by=world["state"])

    tried = [(verb, copy_of(file)) for verb in (by_letter, by_team) * (THREADS // 2)]
    outcomes = at_once(*[lambda verb=verb, copy=copy: verb(copy) for verb, copy in tried])
    assert len(winners(outcomes)) == 1
    file.refresh_from_db()
    assert (file.stage == stages.UNDER_SPOT_CHECK) == file.inspections.filter(kind="spot_check").exists()


def test_a_visit_is_filed_once(world):
    file = world.bring_to(stages.UNDER_INSPECTION)
    visit = file.inspections.get()
    builders.rate_everything(visit, by=world["inspector"])
    outcomes = at_once(*[lambda: inspections.file_inspection(visit, by=world["inspector"])] * THREADS)
    assert len(winners(outcomes)) == 1
    assert file.changes.filter(step="pass").count() == 1


def test_two_colleagues_on_one_item_the_second_is_told(world):
    file = world.start()
    indicator = file.cycle.standard.indicators.get(code="2.1")
    for version in (0, 1):
        outcomes = at_once(
            *[
                lambda part=part, version=version: save_answer(
                    copy_of(file), indicator, by=world["clerk"], found={"present": part}, version=version
                )
                for part in ([], [0])
            ]
        )
        assert len(winners(outcomes)) == 1
    assert file.answers.get().version == 2


def test_one_form_sent_eight_times_takes_effect_once_and_all_are_led_on(world, sign_in):
    key = str(uuid4())
    clients = [sign_in("clerk") for _ in range(THREADS)]
    data = {"form_key": key, "opening": f"{world.organ.pk}:{world.cycle.pk}"}
    answers = at_once(*[lambda client=client: client.post(reverse("self_rating_start"), data) for client in clients])
    assert {answer.status_code for answer in answers} == {302}
    assert Assessment.objects.count() == 1
    assert FormKey.objects.count() == 1
    assert {answer["Location"] for answer in answers} == {
        reverse("self_rating_detail", args=[Assessment.objects.get().pk])
    }


def test_a_file_goes_on_one_of_two_drafts_and_the_loser_keeps_his_text(world):
    file = world.bring_to(stages.CHECKED)
    outcomes = at_once(*[lambda: builders.make_notice(world.cycle, [file], by=world["city"])] * THREADS)
    assert len(winners(outcomes)) == 1
    assert {outcome.field for outcome in outcomes if isinstance(outcome, Refused)} == {"files"}
    assert Notice.objects.count() == 1


def test_moves_of_different_files_do_not_hinder_each_other(world):
    first, second = world.bring_to(stages.PREPARED), world.bring_to(stages.PREPARED, world.far_organ)
    outcomes = at_once(
        lambda: files.submit(copy_of(first), by=world["signatory"]),
        lambda: files.submit(copy_of(second), by=world["far_signatory"]),
    )
    assert len(winners(outcomes)) == 2


def test_a_stale_copy_loses_even_without_a_race(world):
    file = world.bring_to(stages.SUBMITTED)
    stale = copy_of(file)
    files.withdraw(file, by=world["clerk"], reason="重报")
    with pytest.raises(Refused):
        move(stale, "assign", by=world["official"])


def test_fifty_clicks_at_once_remind_once(world):
    """Two officials, fifty clicks at one moment: each person of the list has one message, and one event says so."""
    with time_machine.travel(clock.now() - timedelta(days=3)):
        world.start()
        world.start(world.neighbour)
    people = [world["official"], world["city"]]
    year = world.cycle.year
    seen = {one.pk: nudges.plan(world.district, stage=stages.DRAFT, year=year, by=one).mark for one in people}
    clicks = [
        lambda by=people[click % 2]: nudges.nudge(
            world.district, stage=stages.DRAFT, year=year, by=by, seen=seen[by.pk]
        )
        for click in range(CLICKS)
    ]
    outcomes = at_once(*clicks)
    assert sorted(outcomes) == [0] * (CLICKS - 1) + [2]
    told = Message.objects.filter(kind="remind_finish").values_list("user__username", flat=True)
    assert sorted(told) == ["clerk", "clerk2"]
    assert Event.objects.filter(verb="remind").count() == 1
