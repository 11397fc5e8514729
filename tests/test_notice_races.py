"""Two people, one notice, one moment: published once, and as it was approved."""

from datetime import timedelta

import pytest

from creation import clock, stages
from creation.errors import Refused
from creation.models import Recognition
from reviews.actions import (
    approvals,
    notices,
    objections,
    recognitions,
)
from reviews.demo import builders
from reviews.models import Notice, Objection
from tests.racing import THREADS, at_once, copy_of, winners

pytestmark = pytest.mark.django_db(transaction=True)


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
