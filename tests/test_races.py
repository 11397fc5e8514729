"""Two people, one moment: exactly one wins and the others are told, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from creation import clock, stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Event, FormKey, Message, Recognition, ReturnReason, StageChange, Submission
from reviews.actions import (
    approvals,
    draws,
    extensions,
    inspections,
    notices,
    nudges,
    objections,
    recognitions,
    spot_checks,
    teams,
)
from reviews.demo import builders
from reviews.models import Draw, DrawnMember, Extension, Inspection, Notice, Objection, Pool, PoolMember

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
CLICKS = 50


def at_once(*calls):
    """Let all calls begin at the same moment, each on its own connection; return what each gave or raised."""
    gate = Barrier(len(calls))

    def run(call):
        try:
            connection.ensure_connection()
            gate.wait(timeout=60)
            return call()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def winners(outcomes):
    return [outcome for outcome in outcomes if not isinstance(outcome, Refused)]


def copy_of(assessment):
    return Assessment.objects.with_places().get(pk=assessment.pk)


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


def test_a_late_decision_and_a_recognition_agree(world):
    file = world.bring_to(stages.PUBLICISED)
    objection = objections.object_to(file.listing, kind="person", name="王某", phone="13800000000", grounds="食堂浪费")
    objections.hear(objection, text="已查", by=world["clerk"])
    objections.propose_decision(objection, uphold=True, reason="属实", by=world["superior"])
    clock.set_ahead(30)
    copy = copy_of(file)
    at_once(
        lambda: objections.decide(objection, by=world["city"]),
        lambda: recognitions.recognise(copy, batch="2026", document_number="1号", by=world["city"]),
    )
    file.refresh_from_db()
    assert file.stage == stages.NOT_MET
    assert not Recognition.objects.exists()
    assert Objection.objects.get().state == "upheld"


def test_a_pool_is_closed_once_and_drawn_once(world):
    file = world.bring_to(stages.INSPECTED)
    closed = at_once(*[lambda: draws.close_pool(world.cycle, world.city, by=world["city"])] * THREADS)
    assert len(winners(closed)) == 1
    pool = Pool.objects.get()
    drawn = at_once(
        *[
            lambda seed=seed: draws.draw(
                pool, seed=f"seed {seed}", seed_source="lottery", seed_at=pool.closed_at, by=world["city"]
            )
            for seed in range(THREADS)
        ]
    )
    assert len(winners(drawn)) == 1
    assert Draw.objects.count() == 1
    assert file.changes.filter(step__in=["sample", "clear"]).count() == 1


def test_of_fifty_clicks_on_one_draw_one_draws(world):
    file = world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    seed = {"seed_source": "lottery", "seed_at": pool.closed_at, "by": world["city"]}
    outcomes = at_once(*[lambda n=n: draws.draw(Pool.objects.get(), seed=f"seed {n}", **seed) for n in range(CLICKS)])
    assert len(winners(outcomes)) == 1
    assert [type(one) for one in outcomes if isinstance(one, Refused)] == [Overtaken] * (CLICKS - 1)
    assert Draw.objects.get() == winners(outcomes)[0]
    assert (DrawnMember.objects.count(), file.changes.filter(step__in=["sample", "clear"]).count()) == (1, 1)


def test_whoever_only_looked_whether_a_draw_is_there_would_draw_many_times(world):
    """The control arm: at one moment everybody finds none; it is the database that lets one through."""
    world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    looked = Barrier(THREADS)

    def naive():
        is_free = not Draw.objects.filter(pool=pool).exists()
        looked.wait(timeout=60)
        return is_free

    assert at_once(*[naive] * THREADS) == [True] * THREADS


@pytest.mark.parametrize("saw", [True, False])
def test_two_extensions_at_once_draw_the_next_one_each_once(world, saw):
    organs = [world.organ, world.neighbour]
    for number in (31, 32):
        organs.append(builders.make_organ(world.district, number))
        builders.make_person(f"c{number}", ("clerk", organs[-1]))
        builders.make_person(f"s{number}", ("signatory", organs[-1]))
    for organ in organs:
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draw = draws.draw(pool, seed="1 2", seed_source="lottery", seed_at=pool.closed_at, by=world["city"])
    order = list(PoolMember.objects.order_by("result__rank"))
    given = {"stratum": "110101", "reason": "补充", "by": world["city"], "expected": order[1].key if saw else ""}
    outcomes = at_once(*[lambda: extensions.extend_draw(Draw.objects.get(pk=draw.pk), **given)] * 3)
    drawn_in = list(Extension.objects.order_by("pk").values_list("member", flat=True))
    # who saw the same one next draws nobody else; and whoever draws takes the next of the order, each once
    assert len(winners(outcomes)) == len(drawn_in) >= 1
    assert not saw or len(drawn_in) == 1
    assert drawn_in == [member.pk for member in order[1 : 1 + len(drawn_in)]]
    in_sample = Assessment.objects.filter(stage=stages.UNDER_SPOT_CHECK).count()
    assert in_sample == 1 + len(drawn_in)


def test_a_replacement_and_a_rating_exclude_each_other(world):
    for organ in (world.organ, world.neighbour):
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draw = draws.draw(pool, seed="1 2", seed_source="lottery", seed_at=pool.closed_at, by=world["city"])
    first = PoolMember.objects.get(result__rank=1)
    team = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(first.assessment, team=team, lead=team[0], visit_on=clock.today(), by=world["city"])
    indicator = world.standard.indicators.first()
    found = builders.best_finding(indicator)
    outcomes = at_once(
        lambda: extensions.extend_draw(draw, stratum="110101", reason="搬迁", replaces=first, by=world["city"]),
        lambda: inspections.save_rating(visit, indicator, by=team[0], found=found),
    )
    replaced = Extension.objects.exists()
    assert len(winners(outcomes)) == 1
    assert replaced != Inspection.objects.filter(pk=visit.pk, ratings__isnull=False).exists()


def test_a_notice_is_published_once(world):
    file = world.bring_to(stages.CHECKED)
    notice = builders.make_notice(world.cycle, [file], by=world["city"])
    handed = at_once(*[lambda: approvals.hand_in(notice, by=world["city"])] * THREADS)
    assert len(winners(handed)) == 1
    third = builders.make_person("third", ("official", world.city))
    outcomes = at_once(*[lambda by=by: approvals.approve(notice, by=by) for by in (world["superior"], third)] * 4)
    assert len(winners(outcomes)) == 1
    assert file.changes.filter(step="publicise").count() == 1
    assert Notice.objects.get().is_published


def test_what_is_approved_is_what_was_handed_in_whoever_changes_it_at_that_moment(world):
    file = world.bring_to(stages.CHECKED)
    notice = approvals.hand_in(builders.make_notice(world.cycle, [file], by=world["city"]), by=world["city"])
    seen, wording = approvals.content_sha256(notice), {field: getattr(notice, field) for field in notices.FIELDS}

    def change():
        approvals.take_back(notice, by=world["city"])
        notices.edit_notice(notice, wording | {"title": "换了"}, by=world["city"])
        return approvals.hand_in(notice, by=world["city"])

    at_once(change, *[lambda: approvals.approve(notice, seen=seen, by=world["superior"])] * THREADS)
    after = Notice.objects.get()
    assert after.is_published == (after.title == wording["title"])
    assert file.changes.filter(step="publicise").count() == int(after.is_published)


def test_two_workers_publish_a_notice_once_and_nobody_gives_it_back_meanwhile(world):
    file = world.bring_to(stages.CHECKED)
    notice = builders.make_notice(world.cycle, [file], by=world["city"])
    approvals.hand_in(notice, publish_at=clock.now() + timedelta(seconds=1), by=world["city"])
    approvals.approve(notice, by=world["superior"])
    clock.set_ahead(1)
    outcomes = at_once(
        lambda: approvals.take_back(notice, by=world["city"]) and False,
        *[lambda: approvals.publish_due(notice)] * THREADS,
    )
    after = Notice.objects.get()
    assert outcomes[1:].count(True) == int(after.is_published) == file.changes.filter(step="publicise").count()
    assert isinstance(outcomes[0], Refused) == after.is_published


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


def test_an_answer_and_a_decision_at_once_never_an_answer_behind_it(world):
    file = world.bring_to(stages.PUBLICISED)
    objection = objections.object_to(file.listing, kind="person", name="王某", phone="13800000000", grounds="食堂浪费")
    objections.propose_decision(objection, uphold=False, reason="查无实据", by=world["superior"])
    copies = [Objection.objects.get() for _ in range(THREADS)]
    at_once(
        lambda: objections.decide(objection, by=world["city"]),
        *[lambda copy=copy: objections.hear(copy, text="已查", by=world["clerk"]) for copy in copies],
    )
    decided = Objection.objects.get()
    assert decided.state == "dismissed"
    assert not decided.hearings.filter(at__gt=decided.decided_at).exists()


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
