"""What teams, organs and deciding officials hear; reminders; the mail of the day; who is listed before the click."""

import pytest
from django.core import mail

from creation import clock, stages
from creation.actions import files
from creation.message_kinds import KINDS
from creation.models import Appointment, Assessment, Message
from creation.recipients import HEARS, holders, organs_hear
from reviews.actions import (
    approvals,
    draws,
    findings,
    inspections,
    objections,
    recognitions,
    revocations,
    spot_checks,
    teams,
)
from reviews.actions.reminders import remind
from reviews.demo import builders
from reviews.models import Finding
from reviews.recipients import hears
from reviews.settled import RULES, still_asking
from tests.telling import DAY, SECRET, a_finding, an_objection, mail_everybody, on, told

pytestmark = pytest.mark.django_db


def named(heard):
    return sorted((one.user.username, one.kind) for one in heard)


# --- listed before, told after: every step of the table --------------------------------------------------------------


def _end(world, file, step):
    """Take a step of the table with the file standing before it, and return who took it."""
    if step == "prepare":
        builders.answer_everything(file, by=world["clerk"])
    visit = file.inspections.order_by("-pk").first()
    team = [world["inspector"], world["inspector2"]]
    indicator = world.standard.indicators.get(code="3.4")
    ways = {
        "prepare": ("clerk", lambda by: files.prepare(file, by=by)),
        "reopen": ("clerk", lambda by: files.reopen(file, by=by)),
        "submit": ("signatory", lambda by: files.submit(file, by=by)),
        "withdraw": ("clerk", lambda by: files.withdraw(file, by=by, reason="撤")),
        "send_back": ("official", lambda by: files.send_back(file, by=by, reasons={indicator: "补"})),
        "assign": (
            "official",
            lambda by: teams.assign(file, team=team, lead=team[0], visit_on=clock.today(), by=by),
        ),
        "require_rectification": ("inspector", lambda by: findings.require_rectification(visit, by=by)),
        "rectified": ("inspector2", lambda by: findings.accept_finding(Finding.objects.get(), by=by)),
        "pass": ("inspector", lambda by: inspections.file_inspection(visit, by=by)),
        "fail": ("inspector", lambda by: inspections.file_inspection(visit, by=by)),
        "confirm": ("checker", lambda by: inspections.file_inspection(visit, by=by)),
        "overturn": ("checker", lambda by: inspections.file_inspection(visit, by=by, statement="不符")),
        "publicise": ("superior", lambda by: approvals.approve(file.listing.notice, by=by)),
        "uphold_objection": ("city", lambda by: objections.decide(_heard(file), by=by)),
        "recognise": ("city", lambda by: recognitions.recognise(file, batch="1", document_number="1号", by=by)),
        "revoke": (
            "city",
            lambda by: revocations.decide(file.recognition.revocation_cases.get(), by=by),
        ),
    }  # fmt: skip
    return ways[step]


def _heard(file):
    return file.listing.objections.get()


def _before(world, step):
    """Return a file that stands right before the step."""
    stage = {
        "prepare": stages.DRAFT, "reopen": stages.PREPARED, "submit": stages.PREPARED, "withdraw": stages.SUBMITTED,
        "send_back": stages.SUBMITTED, "assign": stages.SUBMITTED, "require_rectification": stages.UNDER_INSPECTION,
        "rectified": stages.UNDER_INSPECTION, "pass": stages.UNDER_INSPECTION, "fail": stages.UNDER_INSPECTION,
        "confirm": stages.UNDER_SPOT_CHECK, "overturn": stages.UNDER_SPOT_CHECK, "publicise": stages.CHECKED,
        "uphold_objection": stages.PUBLICISED, "recognise": stages.PUBLICISED, "revoke": stages.PUBLICISED,
    }[step]  # fmt: skip
    file = world.bring_to(stage)
    if step in {"require_rectification", "rectified"}:
        finding = a_finding(world, file)
    if step == "rectified":
        findings.require_rectification(finding.inspection, by=world["inspector"])
        findings.answer_finding(Finding.objects.get(), by=world["clerk"], text="已修复")
    if step in {"pass", "fail"}:
        codes = [one.code for one in world.standard.indicators.filter(bonus=False)]
        visit = file.inspections.get()
        builders.rate_everything(visit, by=world["inspector"], poor=tuple(codes) if step == "fail" else ())
    if step in {"confirm", "overturn"}:
        second = [world["checker"], world["checker2"]]
        visit = teams.assign_spot_check(file, team=second, lead=second[0], visit_on=clock.today(), by=world["superior"])
        codes = [one.code for one in world.standard.indicators.filter(bonus=False)]
        builders.rate_everything(visit, by=world["checker"], poor=tuple(codes) if step == "overturn" else ())
        builders.hear_organ(visit, by=world["checker"])
    if step == "publicise":
        approvals.hand_in(builders.make_notice(file.cycle, [file], by=world["city"]), by=world["city"])
    if step == "uphold_objection":
        objections.hear(an_objection(world, file), text="已整改", by=world["clerk"])
        objections.propose_decision(_heard(file), uphold=True, reason="属实", by=world["superior"])
    if step in {"recognise", "revoke"}:
        clock.set_ahead(30)
    if step == "revoke":
        title = recognitions.recognise(file, batch="1", document_number="1号", by=world["city"])
        case = revocations.open_case(title, grounds="verified_waste", facts="浪费", by=world["superior"])
        revocations.answer_case(case, text="属实", by=world["clerk"])
        case.refresh_from_db()
        revocations.propose(case, decision="revoked", reason="浪费", on=clock.today(), by=world["superior"])
    return Assessment.objects.get(pk=file.pk)


@pytest.mark.parametrize("step", sorted(set(stages.STEPS) - {"start", "sample", "clear", "draw_in", "excuse"}))
def test_who_is_listed_before_a_step_is_told_after_it(world, step):
    file = _before(world, step)
    who, take = _end(world, file, step)
    listed = named(hears(step, file, by=world[who]))
    team = [("inspector", "on_team"), ("inspector2", "on_team")] if step == "assign" else []
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    take(world[who])
    # told besides the step that follows from it: the last finding accepted, the notice published
    after = [one for one in told(pk__gt=last) if one[1] not in {"finding_accepted", "notice_published"}]
    assert after == sorted(listed + team)
    assert after  # no step of these concerns nobody


def test_a_draw_tells_each_official_once_and_a_drawn_organ_nothing(world):
    organs = [world.organ, *(builders.make_organ(world.district, number) for number in (31, 32))]
    for organ in organs[1:]:
        builders.make_person(f"c{organ.pk}", ("clerk", organ))
        builders.make_person(f"s{organ.pk}", ("signatory", organ))
    files_here = [world.bring_to(stages.INSPECTED, organ) for organ in organs]
    pool = draws.close_pool(world.cycle, world.city, by=world["superior"])
    assert told(kind="pool_closed") == [("city", "pool_closed")]
    listed = named(hears("draw", pool, by=world["superior"]))
    draws.draw(pool, seed="1 2 3", seed_source="摇号", seed_at=clock.now(), by=world["superior"])
    assert told(kind="drawn") == listed == [("city", "drawn")]
    assert told(kind="cleared") == []  # who is cleared hears of it when everybody may
    draws.publish_draw(pool.draw, by=world["superior"])
    for file in files_here:
        file.refresh_from_db()
        cleared = told(kind="cleared", assessment=file)
        expected = named(hears("clear", file, by=world["superior"])) if file.stage == stages.CHECKED else []
        assert cleared == [one for one in expected if one[1] == "cleared"]
    drawn = [file for file in files_here if file.stage == stages.UNDER_SPOT_CHECK]
    assert len(drawn) == 1
    staff = [user.pk for user, _role in holders(drawn[0], [stages.CLERK, stages.SIGNATORY])]
    assert set(Message.objects.filter(user__in=staff).values_list("kind", flat=True)) == {
        "to_sign", "submitted", "visit_planned", "passed",
    }  # fmt: skip


def test_the_spot_checks_team_is_told_and_the_organ_is_not(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    last = Message.objects.latest("pk").pk
    second = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(file, team=second, lead=second[0], visit_on=clock.today(), by=world["superior"])
    assert told(pk__gt=last) == [("checker", "on_team"), ("checker2", "on_team")]
    last = Message.objects.latest("pk").pk
    third = builders.make_person("checker3", ("inspector", world.city))
    teams.change_team(visit, team=[second[0], third], lead=third, visit_on=clock.today() + DAY, by=world["superior"])
    assert told(pk__gt=last) == [("checker", "visit_changed"), ("checker2", "off_team"), ("checker3", "on_team")]


def test_who_leaves_and_who_joins_a_team_is_told_each_time(world):
    file = world.bring_to(stages.UNDER_INSPECTION)
    visit, third = file.inspections.get(), builders.make_person("third", ("inspector", world.district))
    one, two = world["inspector"], world["inspector2"]
    for team in ([one, third], [one, two], [one, third]):
        last = Message.objects.latest("pk").pk
        before = {member.user_id for member in visit.members.all()}
        teams.change_team(visit, team=team, lead=one, visit_on=clock.today(), by=world["official"])
        joined = next(user for user in team if user.pk not in before)
        left = two if joined == third else third
        assert told(pk__gt=last) == sorted(
            [(joined.username, "on_team"), (left.username, "off_team"), ("clerk", "visit_changed"),
             ("signatory", "visit_changed")]
        )  # fmt: skip
    mine = Message.objects.filter(user=two, kind="on_team")
    assert still_asking(mine.select_related("assessment")) == set()  # taken off: the visit asks nothing of them
    assert len(still_asking(third.messages.filter(kind="on_team").select_related("assessment"))) == 2


# --- findings --------------------------------------------------------------------------------------------------------


def test_a_finding_goes_to_and_fro_and_each_side_hears(world):
    finding = a_finding(world)
    assert told(kind__startswith="finding") == [("clerk", "finding_raised")]
    findings.answer_finding(finding, by=world["clerk"], text="已修")
    assert told(kind="finding_answered") == [("inspector", "finding_answered"), ("inspector2", "finding_answered")]
    findings.return_finding(finding, by=world["inspector2"], text="仍漏")
    assert told(kind="finding_returned") == [("clerk", "finding_returned")]
    findings.answer_finding(finding, by=world["clerk"], text="再修")
    assert len(told(kind="finding_answered")) == 4
    asking = Message.objects.filter(kind="finding_answered").select_related("assessment")
    assert len(still_asking(asking)) == 4
    findings.accept_finding(finding, by=world["inspector2"])
    assert told(kind="finding_accepted") == [("clerk", "finding_accepted")]
    assert still_asking(Message.objects.filter(kind__startswith="finding").select_related("assessment")) == set()


def test_what_is_fixed_on_the_spot_needs_no_message(world):
    a_finding(world, kind="on_the_spot", due_on=None)
    assert told(kind__startswith="finding") == []


# --- objections: never who, what for, or from where ------------------------------------------------------------------


def test_an_objection_is_told_without_the_objector(world):
    objection = an_objection(world)
    assert told(kind__startswith="objection") == [
        ("city", "objection_to_decide"), ("clerk", "objection_to_answer"), ("signatory", "objection_to_answer"),
        ("superior", "objection_to_decide"),
    ]  # fmt: skip
    assert named(hears("object", objection, by=None)) == told(kind__startswith="objection")
    objections.hear(objection, text="已整改", by=world["clerk"])
    builders.decide(objection, uphold=False, reason="查无实据", by=world["city"])
    assert told(kind="objection_heard") == [("city", "objection_heard"), ("superior", "objection_heard")]
    assert told(kind="decision_to_confirm") == [("superior", "decision_to_confirm")]
    assert told(kind="objection_dismissed") == [("clerk", "objection_dismissed"), ("signatory", "objection_dismissed")]
    texts = [f"{one.what} {one.values} {one.key} {one.address}" for one in Message.objects.all()]
    mail_everybody()
    assert mail.outbox
    texts += [one.subject + one.body for one in mail.outbox]
    for secret in (SECRET, "13900001234", "整夜亮灯", objection.receipt):
        assert not [text for text in texts if secret in text]


def test_an_official_of_the_organ_itself_is_not_told_as_a_decider(world):
    file = world.bring_to(stages.PUBLICISED)
    Appointment.objects.create(user=world["city"], role="clerk", organ=world.organ, starts_on=clock.today())
    an_objection(world, file)
    assert ("city", "objection_to_decide") not in told()
    assert ("city", "objection_to_answer") in told()


def test_points_stand_in_no_message(world):
    file = world.bring_to(stages.INSPECTED)
    total = str(file.inspections.get().total)
    assert not [one for one in Message.objects.all() if total in f"{one.what}{one.values}"]


# --- reminders -------------------------------------------------------------------------------------------------------


def test_a_finding_is_reminded_of_before_its_day_and_once_after_it(world):
    a_finding(world)  # in ten days; the round reminds three days before
    seen = []
    for days in (0, 6, 7, 8, 10, 11, 12):
        on(days)
        remind()
        remind()
        seen.append(len(told(kind="finding_due")) + 10 * len(told(kind="finding_overdue")))
    assert seen == [0, 0, 1, 1, 1, 11, 11]
    assert told(kind="finding_due") == [("clerk", "finding_due")]


def test_a_run_that_was_missed_is_made_up_for(world):
    a_finding(world)
    on(9)
    remind()
    assert told(kind="finding_due") == [("clerk", "finding_due")]


def test_an_answered_finding_is_not_reminded_of(world):
    findings.answer_finding(a_finding(world), by=world["clerk"], text="已修")
    on(9)
    remind()
    assert told(kind="finding_due") == []


def test_the_end_of_the_window_is_told_to_those_with_something_missing(world):
    last = (world.cycle.self_rating_until - clock.today()).days
    world.start()  # a draft
    world.bring_to(stages.PREPARED, world.far_organ)
    world.bring_to(stages.SUBMITTED, world.municipal_organ)
    on(last - 4)
    remind()
    assert told(kind="window_ends") == []
    on(last - 3)
    remind()
    on(last)
    remind()
    assert told(kind="window_ends") == [("clerk", "window_ends"), ("clerk2", "window_ends")]  # clerk2: nothing begun
    assert told(kind="sign_by") == [("far_signatory", "sign_by")]
    asking = Message.objects.filter(kind="window_ends").select_related("assessment")
    assert len(still_asking(asking)) == 2
    on(last + 1)
    assert still_asking(asking) == set()


def test_an_organ_with_a_living_title_is_not_asked_to_begin(world):
    builders.recognitions.grant(
        world.neighbour, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"]
    )
    on((world.cycle.self_rating_until - clock.today()).days)
    remind()
    assert ("clerk2", "window_ends") not in told()
    assert ("clerk", "window_ends") in told()


def test_the_team_hears_the_day_before_its_visit(world):
    file = world.bring_to(stages.SUBMITTED)
    team = [world["inspector"], world["inspector2"]]
    teams.assign(file, team=team, lead=team[0], visit_on=clock.today() + 5 * DAY, by=world["official"])
    world["inspector2"].appointments.update(ends_on=clock.today() + DAY)
    on(3)
    remind()
    assert told(kind="visit_soon") == []
    on(4)
    remind()
    remind()
    assert told(kind="visit_soon") == [("inspector", "visit_soon")]


# --- the table is whole ----------------------------------------------------------------------------------------------


def test_every_rule_of_what_is_settled_belongs_to_a_kind_that_asks():
    assert {slug for slug in RULES if KINDS[slug].asks != "act"} == set()


def test_the_list_of_a_notice_costs_the_same_for_one_organ_and_for_three(world, django_assert_num_queries):
    files_here = [world.bring_to(stages.DRAFT, organ) for organ in (world.organ, world.neighbour, world.far_organ)]
    by = world["city"]
    for some in (files_here[:1], files_here):
        with django_assert_num_queries(len(HEARS["publicise"])):
            heard = organs_hear("publicise", some, by=by)
    assert len(heard) == 6
    assert [one.user.username for one in heard if one.user.username == "stranger"] == []


def test_what_a_letter_decides_is_told_as_the_step_is(world):
    municipal = world.bring_to(stages.INSPECTED, world.municipal_organ)
    pool = draws.close_pool(world.cycle, world.nation, by=world["city"])
    draws.record_letter(
        pool,
        chosen={municipal.organ.credit_code},
        letter=builders.a_pdf("来函.pdf"),
        letter_number="1号",
        by=world["city"],
    )
    last = Message.objects.latest("pk").pk
    municipal.refresh_from_db()
    listed = named(hears("confirm", municipal, by=world["city"]))
    spot_checks.record_result(
        municipal, confirmed=True, letter=builders.a_pdf("果.pdf"), letter_number="2号", reason="", by=world["city"]
    )
    assert told(pk__gt=last) == listed
