"""Random people try random steps; whatever they do, the promises of the workflow hold after every step.

WALKS (default 200) walks of STEPS (default 50) steps, spread over the test workers. `WALKS=10000 STEPS=80` is the
long run on demand.
"""

import hashlib
import os
import random
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from creation import clock, stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.actions.moves import change_hash
from creation.errors import Refused
from creation.models import Assessment, Recognition, Submission
from reviews import rates, sampling
from reviews.actions import draws, findings, inspections, objections, recognitions, revocations, statements, teams
from reviews.demo import builders
from reviews.models import Draw, Finding, Inspection, Notice, Objection, RevocationCase, Veto

WALKS = int(os.environ.get("WALKS", "200"))
STEPS = int(os.environ.get("STEPS", "50"))
CHUNKS = 10
# who tries: the people who could be right most of the time, and those who never are
PEOPLE = (
    "clerk", "signatory", "official", "inspector", "inspector2", "city", "superior", "checker", "checker2", "clerk2",
    "viewer", "stranger", "far_official",
)  # fmt: skip


class Walk:
    """One world and the tries that can be made in it."""

    def __init__(self, world, seed):
        self.world, self.dice = world, random.Random(seed)
        self.people = {name: world[name] for name in PEOPLE}
        self.file = None
        self.reached = set()

    def step(self):
        """Let somebody try something; a refusal is an answer, anything else that is raised is a defect."""
        by = self.people[self.dice.choice(PEOPLE)]
        sensible = SENSIBLE.get(self.file.stage if self.file else "", EVERYTHING)
        name = self.dice.choice(sensible if self.dice.random() < 0.65 else EVERYTHING)
        try:
            with transaction.atomic():
                getattr(self, name)(self.likely(name) if self.dice.random() < 0.8 else by)
        except (Refused, PermissionDenied):
            pass
        if self.file:
            self.file = Assessment.objects.with_places().get(pk=self.file.pk)
            self.reached.add(self.file.stage)

    def likely(self, name):
        """Return who is usually right for this try, so that walks get far."""
        right = {
            "try_start": "clerk", "try_answer": "clerk", "try_prepare": "clerk", "try_reopen": "signatory",
            "try_submit": "signatory", "try_withdraw": "clerk", "try_send_back": "official", "try_assign": "official",
            "try_rate": self.team_member(), "try_veto": self.team_member(), "try_find": "inspector",
            "try_answer_finding": "clerk", "try_accept_finding": "inspector2", "try_require": "inspector",
            "try_file": self.team_member(), "try_state": "clerk", "try_take_down": self.team_member(),
            "try_object": "clerk",
        }  # fmt: skip
        return self.people[right.get(name, "city")]

    def team_member(self):
        return "checker" if self.file and self.file.stage == stages.UNDER_SPOT_CHECK else "inspector"

    def need_file(self):
        if self.file is None:
            raise Refused("no file yet")
        return self.file

    def visit(self):
        visit = Inspection.objects.filter(assessment=self.need_file()).order_by("-pk").first()
        if visit is None:
            raise Refused("no visit yet")
        return visit

    def try_start(self, by):
        started = files.start(self.world.organ, self.world.cycle, by=by)
        self.file = self.file or started

    def try_answer(self, by):
        file = self.need_file()
        done = dict(file.answers.values_list("indicator__code", "version"))
        proof = None
        for indicator in file.cycle.standard.indicators.filter(bonus=False):
            poor = self.dice.random() < 0.02
            found = builders.poor_finding(indicator) if poor else builders.best_finding(indicator)
            save_answer(file, indicator, by=by, found=found, version=done.get(indicator.code, 0))
            if indicator.evidence_required:
                proof = proof or builders.evidence.upload_evidence(file.organ, builders.a_pdf(), by=by)
                builders.evidence.attach(file, indicator, proof, by=by)
        builders.pass_warnings(file, by=by)

    def try_prepare(self, by):
        files.prepare(self.need_file(), by=by)

    def try_reopen(self, by):
        if self.dice.random() < 0.2:
            files.reopen(self.need_file(), by=by)

    def try_submit(self, by):
        files.submit(self.need_file(), by=by)

    def try_withdraw(self, by):
        if self.dice.random() < 0.03:
            files.withdraw(self.need_file(), by=by, reason="重报")

    def try_send_back(self, by):
        if self.dice.random() < 0.2:
            indicator = self.need_file().cycle.standard.indicators.first()
            files.send_back(self.file, by=by, reasons={indicator: "补充"})

    def try_assign(self, by):
        pair = ["inspector", "inspector2"] if self.need_file().stage == stages.SUBMITTED else ["checker", "checker2"]
        team = [self.people[name] for name in (pair if self.dice.random() < 0.8 else ["clerk", "inspector"])]
        send = teams.assign if self.file.stage == stages.SUBMITTED else teams.assign_spot_check
        who = by if self.file.stage == stages.SUBMITTED else self.people["city"]
        send(self.file, team=team, lead=team[0], visit_on=clock.today(), by=who)

    def try_rate(self, by):
        visit = self.visit()
        done = dict(visit.ratings.values_list("indicator__code", "version"))
        bad_day = self.dice.random() < 0.15
        for indicator in visit.assessment.cycle.standard.indicators.filter(bonus=False):
            poor = bad_day or self.dice.random() < 0.02
            found = builders.poor_finding(indicator) if poor else builders.best_finding(indicator)
            inspections.save_rating(visit, indicator, by=by, found=found, version=done.get(indicator.code, 0))

    def try_veto(self, by):
        if self.dice.random() < 0.05:
            inspections.record_veto(self.visit(), kind="verified_waste", reason="浪费", by=by)

    def try_find(self, by):
        if self.dice.random() < 0.3:
            indicator = self.need_file().cycle.standard.indicators.first()
            due = clock.today() + timedelta(days=5)
            findings.raise_finding(self.visit(), indicator, kind="by_deadline", text="漏水", due_on=due, by=by)

    def finding(self):
        finding = Finding.objects.filter(inspection__assessment=self.need_file()).exclude(state="accepted").first()
        if finding is None:
            raise Refused("no finding")
        return finding

    def try_answer_finding(self, by):
        findings.answer_finding(self.finding(), text="已修", by=by)

    def try_accept_finding(self, by):
        findings.accept_finding(self.finding(), by=by)

    def try_require(self, by):
        findings.require_rectification(self.visit(), by=by)

    def try_state(self, by):
        statements.state(self.visit(), text="已知悉", by=by)

    def try_take_down(self, by):
        statements.take_down_statement(self.visit(), text="无异议", spoken_by="王某", by=by)

    def try_file(self, by):
        inspections.file_inspection(self.visit(), by=by, statement="如实")

    def try_draw(self, by):
        pool = draws.close_pool(self.world.cycle, self.world.city, by=by)
        draws.draw(pool, seed=str(self.dice.random()), seed_source="lottery", seed_at=clock.now(), by=by)

    def try_publish_draw(self, by):
        for drawn in Draw.objects.filter(publication=None, pool__cycle=self.world.cycle):
            draws.publish_draw(drawn, by=by)

    def try_publicise(self, by):
        if self.dice.random() < 0.9:
            self.try_publish_draw(by)
        notice = builders.make_notice(self.world.cycle, [self.need_file()], by=by)
        builders.publish(notice, by=by)

    def try_object(self, _by):
        if self.dice.random() < 0.3:
            listing = getattr(self.need_file(), "listing", None)
            if listing is None:
                raise Refused("no listing")
            objections.object_to(listing, kind="person", name="王某", phone="13800000000", grounds="浪费")

    def try_hear(self, _by):
        objection = Objection.objects.filter(state="open").first()
        if objection:
            objections.hear(objection, text="说明", by=self.people["clerk"])

    def try_decide(self, by):
        objection = Objection.objects.filter(state="open").first()
        if objection:
            objections.propose_decision(objection, uphold=self.dice.random() < 0.3, reason="查实", by=by)

    def try_confirm(self, by):
        objection = Objection.objects.filter(state="open").first()
        if objection and self.dice.random() < 0.2:
            objections.give_back(objection, reason="再查", by=by)
        elif objection:
            objections.decide(objection, by=self.people["superior"] if self.dice.random() < 0.7 else by)

    def try_recognise(self, by):
        recognitions.recognise(self.need_file(), batch="1", document_number="1号", by=by)

    def try_wait(self, _by):
        if self.dice.random() < 0.6:
            clock.set_ahead(min(clock.lead_days() + 3, 100))

    def try_case(self, by):
        """A case about the title goes on by whatever comes next, or by whatever must not come yet."""
        case = RevocationCase.objects.open().order_by("-pk").first()
        title = Recognition.objects.filter(organ=self.world.organ, revoked_on=None).first()
        next_one = "decide" if case and case.proposed else "propose" if case else "open"
        tried = self.dice.choice([next_one, next_one, "answer", "propose", "decide"])
        if title and tried == "open":
            revocations.open_case(title, grounds="verified_waste", facts="浪费", by=by)
        elif case and tried == "answer":
            revocations.answer_case(case, text="说明", by=self.people["clerk"])
        elif case and tried == "propose":
            decision = self.dice.choice(["revoked", "revoked", "kept"])
            revocations.propose(case, decision=decision, reason="浪费", on=clock.today(), by=by)
        elif case:
            revocations.decide(case, by=self.people["superior"] if self.dice.random() < 0.7 else by)


EVERYTHING = [name for name in dir(Walk) if name.startswith("try_")]
# what moves a file on from where it stands; two of three tries come from here, so that walks get far
SENSIBLE = {
    "": ["try_start"],
    "draft": ["try_answer", "try_prepare"],
    "returned": ["try_answer", "try_prepare"],
    "prepared": ["try_submit"],
    "submitted": ["try_assign", "try_send_back"],
    "under_inspection": ["try_rate", "try_file", "try_find", "try_require"],
    "rectifying": ["try_answer_finding", "try_accept_finding"],
    "inspected": ["try_draw"],
    "under_spot_check": ["try_assign", "try_rate", "try_take_down", "try_file"],
    "checked": ["try_publicise"],
    "publicised": ["try_object", "try_hear", "try_decide", "try_confirm", "try_wait", "try_recognise"],
    "recognised": ["try_case"],
}


def check_invariants(file):
    """Check the numbered promises of the workflow that can be seen on one file."""
    changes = list(file.changes.all())
    folded, previous = "", ""
    for number, change in enumerate(changes, start=1):
        row = stages.STEPS[change.step]
        # 1 each change is in the table · 3 who and when · 4 no gap, the chain verifies
        assert (change.from_stage in row.from_stages or row.name == "start") and change.to_stage == row.to_stage
        assert (change.number, change.from_stage, change.previous_hash) == (number, folded, previous)
        assert change.hash == change_hash(change)
        folded, previous = change.to_stage, change.hash
    assert file.stage == folded  # 2 the stage is the fold of its events
    told = [change for change in changes if change.at <= file.told_since]
    assert told[-1].to_stage == file.told_stage  # the organ knows a beginning of the truth, never anything else
    assert all(stages.STEPS[change.step].withheld for change in changes[len(told) :])
    for receipt in file.submissions.all():
        assert hashlib.sha256(receipt.content.encode()).hexdigest() == receipt.sha256  # 5
    assert not Submission.objects.filter(by=F("prepared_by")).exists()  # 8
    for visit in file.inspections.filter(filed_at__isnull=False):
        result = visit.result()  # 11 the score is a pure function of what was found
        assert (visit.passed, visit.total) == (result.passed, result.total_shown)
        for member in visit.members.all():  # 9
            assert not member.user.appointments.filter(organ=file.organ).exists()
    for visit in file.inspections.filter(kind="spot_check", passed=False):
        assert visit.is_heard  # nothing is overturned before the organ was heard
    first, second = (
        set(file.inspections.filter(kind=kind).values_list("members__user", flat=True))
        for kind in ("inspection", "spot_check")
    )
    assert not first & (second - {None})
    for draw in Draw.objects.select_related("pool"):  # 14
        pairs = list(draw.pool.members.values_list("stratum", "key"))
        drawn = sampling.draw(pairs, draw.seed, share=draw.pool.share, minimum=draw.pool.minimum)
        assert {key for keys in drawn.values() for key in keys} == set(
            draw.results.filter(drawn=True).values_list("member__key", flat=True)
        )
        assert draw.pool.closed_at <= draw.at
    check_recognised(file, [change.step for change in changes])


def check_recognised(file, steps):
    """12, 16, 17 and 20: what stands behind a title, and behind a decided objection."""
    if file.stage in {stages.RECOGNISED, stages.REVOKED}:
        assert {"submit", "assign", "pass", "publicise", "recognise"} <= set(steps)
        sampled = [step for step in steps if step in {"sample", "clear", "draw_in", "excuse", "confirm"}]
        assert sampled[-1] in {"clear", "excuse", "confirm"}
        assert not Veto.objects.filter(inspection__assessment=file).exists()
        notice = Notice.objects.get(listings__assessment=file)
        assert file.recognition.granted_on > notice.last_day
        assert not Objection.objects.filter(listing__assessment=file, state="open").exists()
    if Notice.objects.filter(listings__assessment=file, published_at__isnull=False).exists():
        assert not Draw.objects.filter(pool__members__assessment=file, publication=None).exists()
    if file.stage == stages.REVOKED:
        # a case was told and answered (or its time was over) before a first official proposed and a second decided
        title, case = file.recognition, RevocationCase.objects.get(recognition=file.recognition, decision="revoked")
        assert (title.revoked_on, title.revoke_reason) == (case.revoked_on, case.reason)
        assert case.reason and case.decided_by_id not in {None, case.proposed_by_id}
        assert case.answered_at or timezone.localdate(case.proposed_at) > case.heard_until
        assert case.opened_at <= (case.answered_at or case.opened_at) <= case.proposed_at <= case.decided_at
    assert Recognition.objects.filter(organ=file.organ, revoked_on=None, replaced_on=None).count() <= 1  # 7
    decided = Objection.objects.exclude(state="open")
    assert not decided.filter(reason="").exists()
    assert not decided.filter(Q(proposed_by=None) | Q(proposed_by=F("decided_by"))).exists()


def check_rates(world):
    """18 and 19: the standings add up to the register, the children to the parent."""
    counts = rates.counts_on(clock.today())
    assert (
        counts[world.city.pk, "district"]
        == counts[world.district.pk, "district"] + counts[world.other_district.pk, "district"]
    )
    assert counts[world.city.pk, "district"].organs == 3
    live = Recognition.objects.live_on(clock.today()).filter(organ__region=world.district).count()
    assert counts[world.district.pk, "district"].recognised == live


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_people_try_the_promises_hold(world, chunk):
    reached = set()
    for number in range(chunk, WALKS, CHUNKS):
        clock.set_ahead(0)
        point = transaction.savepoint()
        walk = Walk(world, number)
        for _ in range(STEPS):
            walk.step()
            if walk.file:
                check_invariants(walk.file)
        check_rates(world)
        reached |= walk.reached
        transaction.savepoint_rollback(point)
    # a walk that gets nowhere proves nothing
    assert {stages.SUBMITTED, stages.INSPECTED, stages.NOT_MET, stages.PUBLICISED} <= reached
