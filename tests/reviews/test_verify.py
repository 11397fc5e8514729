"""The command that verifies: green on an honest world, red for every kind of row that somebody tampered with."""

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from creation import clock, guards, stages
from creation.actions.recognitions import grant
from creation.models import Answer, Assessment, Evidence, Recognition, StageChange, Submission
from reviews.actions import draws, extensions, objections, sheets
from reviews.demo import builders
from reviews.models import (
    CompletionRate,
    DrawnMember,
    Extension,
    Inspection,
    Objector,
    Pool,
    PoolMember,
    PublishedKey,
    Rating,
    VerificationSheet,
)

LATER = date(2030, 1, 1)


@pytest.fixture
def honest(world):
    """A file on a running notice after a spot check, an objection to it, a stranger's draft beside it, a recount."""
    file = world.bring_to(stages.PUBLICISED)
    world.start(world.far_organ)
    objections.object_to(file.listing, kind="person", name="王某", phone="010-12345", grounds="长明灯")
    call_command("recount", stdout=StringIO())
    return file


def verified() -> tuple[bool, dict[str, list[str]]]:
    """Return whether the command ended well, and what it found by check."""
    out, well = StringIO(), True
    try:
        call_command("verify", stdout=out)
    except CommandError as error:
        assert error.returncode == 1
        well = False
    found: dict[str, list[str]] = {}
    for line in out.getvalue().splitlines():
        if line.startswith("  "):
            found[list(found)[-1]].append(line.strip())
        else:
            found[line.split(":")[0]] = []
    return well, found


def red() -> list[str]:
    """Return the checks that found something; the command must have ended with 1."""
    well, found = verified()
    names = [name for name, lines in found.items() if lines]
    assert well is (names == [])
    return names


def tamper(rows, **values: object) -> None:
    """Change rows behind the guards' backs; exactly one."""
    with guards.without_guards():
        assert rows.update(**values) == 1


def test_an_honest_world_is_green(honest):
    well, found = verified()
    assert well
    assert found == {
        name: []
        for name in (
            "guards",
            "stages",
            "told",
            "submissions",
            "visits",
            "files",
            "draws",
            "objections",
            "sheets",
            "snapshot",
        )
    }


def test_without_a_guard(honest):
    gone = "guard_creation_stagechange_update"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {gone}" + (" ON creation_stagechange" if connection.vendor == "postgresql" else "")
        )
    assert verified() == (False, verified()[1] | {"guards": [f"guard {gone} is missing"]})
    assert red() == ["guards"]


@pytest.mark.parametrize(
    "values",
    [
        {"note": "nothing happened"},
        {"by_id": None},
        {"to_stage": stages.RECOGNISED},
        {"step": "recognise"},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
        {"number": 99},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_stage_change(honest, world, values):
    if "by_id" in values:
        values = {"by_id": world["stranger"].pk}
    tamper(StageChange.objects.filter(assessment=honest, step="submit"), **values)
    assert red() == ["stages"]


def test_a_stage_change_that_was_taken_out(honest):
    with guards.without_guards():
        honest.changes.filter(step="publicise").delete()
    assert red()[0] == "stages"


def test_a_stage_that_nobody_reached(honest, world):
    other = Assessment.objects.get(organ=world.far_organ)
    tamper(Assessment.objects.filter(pk=other.pk), stage_since=clock.now() + timedelta(days=1))
    assert red() == ["stages"]


def test_an_organ_that_is_kept_in_the_dark_for_no_reason(honest):
    tamper(Assessment.objects.filter(pk=honest.pk), told_stage=stages.INSPECTED)
    assert red() == ["told"]


def test_a_changed_receipt(honest):
    tamper(Submission.objects.filter(assessment=honest), content="{}")
    well, found = verified()
    assert well is False
    assert len(found["submissions"]) == 1


def test_a_receipt_that_was_taken_out(honest):
    with guards.without_guards():
        Submission.objects.all().delete()
    assert red() == ["submissions"]


def test_an_answer_changed_after_the_receipt(honest):
    answer = Answer.objects.filter(assessment=honest).first()
    tamper(Answer.objects.filter(pk=answer.pk), remark="changed")
    assert red() == ["submissions"]


def test_a_file_that_was_sent_back_may_be_edited(honest, world):
    file = world.bring_to(stages.SUBMITTED, world.neighbour)
    builders.files.send_back(file, by=world["official"], reasons={world.standard.indicators.get(code="2.6"): "缺账单"})
    answer = file.answers.get(indicator__code="2.6")
    builders.save_answer(
        file, answer.indicator, by=world["clerk2"], found=answer.found, remark="已补", version=answer.version
    )
    assert red() == []
    builders.files.withdraw(file, by=world["clerk2"], reason="本年度不再申报")
    assert red() == []


def test_a_rating_changed_after_the_filing(honest):
    rating = Rating.objects.filter(inspection__assessment=honest).first()
    tamper(Rating.objects.filter(pk=rating.pk), found={"met": False}, points=0)
    assert red() == ["visits"]
    tamper(Rating.objects.filter(pk=rating.pk), found={"nonsense": True})
    assert red() == ["visits"]


def test_a_changed_content_of_a_visit(honest):
    visit = Inspection.objects.filter(assessment=honest).first()
    tamper(Inspection.objects.filter(pk=visit.pk), content=visit.content + " ")
    well, found = verified()
    assert (well, len(found["visits"])) == (False, 2)


def test_a_swapped_and_a_missing_file(honest):
    kept = Evidence.objects.get(organ=honest.organ)
    with kept.original.storage.open(kept.original.name, "wb") as file:
        file.write(b"%PDF another")
    assert red() == ["files"]
    kept.original.storage.delete(kept.original.name)
    assert verified()[1]["files"] == [f"evidence {kept.pk}: {kept.original.name} is missing"]


def test_a_pool_that_lost_a_member(honest):
    with guards.without_guards():
        PoolMember.objects.filter(assessment=honest).update(key="11110101TXT000009X")
    assert red() == ["draws"]
    assert verified()[1]["draws"] == [f"pool {Pool.objects.get().pk}: the members do not have its hash"]


def test_a_sample_that_the_seed_does_not_give(honest):
    drawn = DrawnMember.objects.get(member__assessment=honest)
    tamper(DrawnMember.objects.filter(pk=drawn.pk), drawn=not drawn.drawn)
    assert verified()[1]["draws"] == [f"draw {Pool.objects.get().draw.pk}: the same seed gives another sample"]


@pytest.fixture
def extended(world):
    """Two organs of one district, one drawn, the other one drawn after it in its place."""
    for organ in (world.organ, world.neighbour):
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draw = draws.draw(pool, seed="1 2", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    first = pool.members.get(result__drawn=True)
    extension = extensions.extend_draw(draw, stratum="110101", reason="搬迁", replaces=first, by=world["city"])
    call_command("recount", stdout=StringIO())
    return extension


def test_an_extension_that_is_not_the_next_or_replaces_nobody(extended):
    assert red() == []
    wrong = [f"draw {extended.draw_id}: who was drawn after it is not the next in the order"]
    first, second = extended.replaces, extended.member
    for values in ({"member": first, "replaces": None}, {"replaces": second}):
        tamper(Extension.objects.filter(pk=extended.pk), **values)
        assert verified()[1]["draws"] == wrong
        tamper(Extension.objects.filter(pk=extended.pk), member=second, replaces=first)
    assert red() == []


def test_a_member_that_got_a_second_ticket(extended):
    tamper(PoolMember.objects.filter(pk=extended.member_id), tickets=2)
    pool = extended.draw.pool_id
    found = verified()[1]["draws"]
    assert f"pool {pool}: the members do not have its hash" in found


def test_an_objection_whose_objector_was_removed(honest):
    with guards.without_guards():
        Objector.objects.all().delete()
    assert red() == ["objections"]


@pytest.fixture
def sheet(honest, world):
    title = grant(world.neighbour, batch="1", document_number="1号", granted_on=clock.today(), by=None)
    issued = sheets.issue(title, by=world["city"])
    call_command("recount", stdout=StringIO())
    assert red() == []
    return VerificationSheet.objects.filter(pk=issued.pk)


@pytest.mark.parametrize("column", ["payload", "signature", "key_id"])
def test_a_sheet_that_nobody_signed(sheet, column):
    forged = {"payload": sheet.get().payload.replace("机关2", "机关9"), "signature": "A" * 86, "key_id": "0" * 16}
    tamper(sheet, **{column: forged[column]})
    assert verified()[1]["sheets"] == [f"sheet {sheet.get().pk}: no published key has signed it"]


@pytest.mark.parametrize(
    "values",
    [
        {"document_number": "2号"},
        {"batch": "2"},
        {"granted_on": date(2020, 1, 1)},
        {"valid_until": LATER},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_title_that_says_something_else_than_its_sheet(sheet, values):
    tamper(Recognition.objects.filter(sheet__in=sheet), **values)
    assert verified()[1]["sheets"] == [f"sheet {sheet.get().pk}: the title does not say what was signed"]


def test_a_sheet_under_another_code_and_a_key_that_was_changed(sheet):
    tamper(sheet, code="2222-2222-2222")
    assert verified()[1]["sheets"] == [f"sheet {sheet.get().pk}: the title does not say what was signed"]
    key = PublishedKey.objects.get()
    tamper(PublishedKey.objects.filter(pk=key.pk), public_key="A" * 43 + "=")
    assert verified()[1]["sheets"] == [
        f"key {key.key_id}: it is another key",
        f"sheet {sheet.get().pk}: no published key has signed it",
    ]


def test_a_wrong_number_in_the_snapshot(honest):
    row = CompletionRate.objects.filter(level="district", in_progress__gt=0).first()
    tamper(
        CompletionRate.objects.filter(pk=row.pk),
        recognised=row.recognised + 1,
        in_progress=row.in_progress - 1,
    )
    assert red() == ["snapshot"]
    call_command("recount", stdout=StringIO())
    assert red() == []


def test_a_recognition_behind_the_queues_back(honest):
    Recognition.objects.create(
        organ=honest.organ, batch="1", document_number="1", granted_on=clock.today(), recorded_at=clock.now()
    )
    assert red() == ["snapshot"]


def test_a_queued_change_is_not_wrong_but_waiting(honest, world):
    world.start(world.neighbour)
    assert red() == []


def test_no_snapshot_at_all(honest):
    CompletionRate.objects.all().delete()
    assert verified()[1]["snapshot"] == ["there is no snapshot yet: manage.py recount"]


def test_recount_says_what_it_wrote(honest):
    out = StringIO()
    call_command("recount", stdout=out)
    assert out.getvalue() == f"{CompletionRate.objects.count()} rows counted anew\n"
    assert json.loads(Submission.objects.get().content)["organ"] == honest.organ.credit_code
