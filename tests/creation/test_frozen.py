"""What is frozen is refused by the running database itself, whoever asks; what is not frozen can be changed."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from creation import stages
from creation.actions import cycles, evidence, files, standards
from creation.actions.answers import save_answer
from creation.guards import installed, without_guards
from creation.models import (
    Answer,
    Attachment,
    Cycle,
    Dimension,
    Indicator,
    Recognition,
    ReturnReason,
    StageChange,
    Standard,
    Submission,
)
from reviews.demo import builders


@contextmanager
def undone():
    """Run something and undo it, so that the next attempt finds the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(sql, *values):
    """Return how many rows the statement touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def is_refused(sql, *values):
    """Tell whether the database refuses the statement; it fails the test when it hits no row at all."""
    try:
        with undone():
            assert run(sql, *values) == 1
    except DatabaseError as error:
        assert "frozen" in str(error)
        return True
    return False


def copy_sql(row, **changed):
    """Return the SQL and values that insert the same row once more, with some columns changed."""
    table = row._meta.db_table
    columns = [f.column for f in row._meta.concrete_fields if not f.primary_key]
    chosen = [f"%s AS {c}" if c in changed else c for c in columns]
    sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(chosen)} FROM {table} WHERE id = %s"
    return sql, *[changed[c] for c in columns if c in changed], row.pk


def update_and_delete(row, column, value):
    table = row._meta.db_table
    return {
        "update": is_refused(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, row.pk),
        "delete": is_refused(f"DELETE FROM {table} WHERE id = %s", row.pk),
    }


BOTH = {"update": True, "delete": True}
NEITHER = {"update": False, "delete": False}


@pytest.fixture
def bonus(world):
    return world.standard.indicators.get(code="A.1")


# --- what a file says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [stages.PREPARED, stages.SUBMITTED])
def test_what_a_file_says_is_frozen_once_it_is_handed_over(world, bonus, stage):
    file = world.bring_to(stage)
    answer, attachment = file.answers.first(), file.attachments.first()
    assert update_and_delete(answer, "remark", "changed") == BOTH
    assert update_and_delete(attachment, "indicator_id", bonus.pk) == BOTH
    assert is_refused(*copy_sql(answer, indicator_id=bonus.pk))
    assert is_refused(*copy_sql(attachment, indicator_id=bonus.pk))


def test_the_same_statements_work_on_a_draft(world, bonus):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    answer, attachment = file.answers.first(), file.attachments.first()
    assert update_and_delete(answer, "remark", "changed") == NEITHER
    assert update_and_delete(attachment, "indicator_id", bonus.pk) == NEITHER
    assert not is_refused(*copy_sql(answer, indicator_id=bonus.pk))
    assert not is_refused(*copy_sql(attachment, indicator_id=bonus.pk))


def test_a_returned_file_is_open_again_and_its_receipt_is_not(world):
    file = world.bring_to(stages.SUBMITTED)
    item = world.standard.indicators.get(code="2.1")
    files.send_back(file, by=world["official"], reasons={item: "Undated."})
    assert update_and_delete(file.answers.first(), "remark", "changed") == NEITHER
    assert update_and_delete(Submission.objects.get(), "content", "{}") == BOTH
    assert update_and_delete(ReturnReason.objects.get(), "reason", "Another.") == BOTH


def test_an_answer_cannot_be_carried_from_a_draft_into_a_frozen_file(world):
    frozen, draft = world.bring_to(stages.SUBMITTED), world.start(world.neighbour)
    item = world.standard.indicators.get(code="A.1")
    answer = save_answer(draft, item, by=world["clerk2"], found={"count": 1})
    assert is_refused("UPDATE creation_answer SET assessment_id = %s WHERE id = %s", frozen.pk, answer.pk)


def test_the_past_of_a_file_is_never_rewritten(world):
    file = world.bring_to(stages.SUBMITTED)
    assert update_and_delete(file.changes.first(), "note", "changed") == BOTH
    assert update_and_delete(Submission.objects.get(), "sha256", "0" * 64) == BOTH
    assert is_refused("UPDATE creation_assessment SET organ_id = %s WHERE id = %s", world.neighbour.pk, file.pk)
    assert is_refused("DELETE FROM creation_assessment WHERE id = %s", file.pk)


def test_a_step_forward_is_not_frozen(world):
    file = world.bring_to(stages.SUBMITTED)
    assert not is_refused("UPDATE creation_assessment SET stage = 'returned' WHERE id = %s", file.pk)
    assert not is_refused(*copy_sql(file.changes.last(), number=99))


def test_evidence_keeps_its_content_and_may_get_another_name(world):
    piece = evidence.upload_evidence(world.organ, builders.a_pdf(), by=world["clerk"])
    assert update_and_delete(piece, "sha256", "0" * 64) == BOTH
    assert is_refused("UPDATE creation_evidence SET original = 'elsewhere' WHERE id = %s", piece.pk)
    assert not is_refused("UPDATE creation_evidence SET name = 'b.pdf' WHERE id = %s", piece.pk)


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_published_standard_never_changes(world):
    standard = world.standard
    dimension, indicator = standard.dimensions.first(), standard.indicators.first()
    assert update_and_delete(standard, "pass_mark", 1) == BOTH
    assert update_and_delete(dimension, "name", "changed") == BOTH
    assert update_and_delete(indicator, "points", 1) == BOTH
    assert is_refused(*copy_sql(indicator, code="9.9"))
    assert is_refused(*copy_sql(dimension, code="9"))


def test_a_draft_of_a_standard_changes(world):
    raw = (builders.DATA / "standard_demo.json").read_bytes().replace(b'"version": 1', b'"version": 2')
    draft = standards.import_standard(raw, by=world["city"])
    assert not is_refused("UPDATE creation_standard SET pass_mark = 1 WHERE id = %s", draft.pk)
    assert update_and_delete(draft.indicators.first(), "points", 1) == NEITHER
    assert not is_refused(*copy_sql(draft.indicators.first(), code="9.9"))


def test_the_rules_of_an_opened_round_stay(world):
    cycle = world.cycle
    assert update_and_delete(cycle, "notice_days", 1) == BOTH
    assert is_refused("UPDATE creation_cycle SET self_rating_until = '2099-01-01' WHERE id = %s", cycle.pk)
    assert is_refused("UPDATE creation_cycle SET opened_at = NULL WHERE id = %s", cycle.pk)
    assert not is_refused("UPDATE creation_cycle SET closed_at = opened_at WHERE id = %s", cycle.pk)


def test_a_round_that_is_not_open_changes(world):
    fields = {f.name: getattr(world.cycle, f.name) for f in Cycle._meta.concrete_fields if f.name not in {"id", "pk"}}
    fields |= {"year": world.cycle.year + 1, "opened_at": None}
    draft = cycles.create_cycle(Cycle(**fields), by=world["city"])
    assert update_and_delete(draft, "notice_days", 9) == NEITHER


# --- titles ---------------------------------------------------------------------------------------------------------


def test_a_title_is_never_rewritten_and_revoked_only_once(world):
    title = Recognition.objects.create(
        organ=world.organ,
        source=Recognition.Source.IMPORTED,
        batch="1",
        document_number="京管发〔2021〕1号",
        granted_on="2021-08-23",
        recorded_by=world["city"],
        recorded_at=world.cycle.opened_at,
    )
    assert update_and_delete(title, "granted_on", "2020-01-01") == BOTH
    revoke = (
        "UPDATE creation_recognition SET revoked_on = %s, revoke_reason = 'waste', revoked_by_id = %s WHERE id = %s"
    )
    assert not is_refused(revoke, "2022-01-01", world["city"].pk, title.pk)
    run(revoke, "2022-01-01", world["city"].pk, title.pk)
    assert is_refused("UPDATE creation_recognition SET revoked_on = '2023-01-01' WHERE id = %s", title.pk)
    assert is_refused("UPDATE creation_recognition SET revoked_on = NULL WHERE id = %s", title.pk)


# --- the guards themselves ------------------------------------------------------------------------------------------


def test_every_frozen_table_has_its_guards(world):
    rows = (Answer, Attachment, StageChange, Submission, ReturnReason, Standard, Dimension, Indicator, Cycle)
    events = {"update", "delete"} | ({"truncate"} if connection.vendor == "postgresql" else set())
    wanted = {f"guard_{row._meta.db_table}_{event}" for row in rows for event in events}
    assert wanted - installed() == set()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE creation_answer SET remark = 'x'",
        "DELETE FROM creation_submission",
        "UPDATE creation_standard SET pass_mark = 1",
    ],
)
def test_without_the_guards_the_same_statement_goes_through(world, sql):
    """The control arm: it is the guards that refuse, and nothing else."""
    world.bring_to(stages.SUBMITTED)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        run(sql)
    with undone(), without_guards():
        assert run(sql) > 0
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        run(sql)


@pytest.mark.postgres
def test_a_frozen_table_cannot_be_emptied_at_a_stroke(world):
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        run("TRUNCATE creation_submission CASCADE")


def test_a_row_is_not_replaced_by_a_stranger_with_its_number(world):
    file = world.bring_to(stages.SUBMITTED)
    receipt = Submission.objects.get()
    sql = {
        "sqlite": "INSERT OR REPLACE INTO creation_submission (id, assessment_id, number, content, sha256, "
        "prepared_by_id, by_id, at) SELECT id, assessment_id, number, 'forged', sha256, prepared_by_id, by_id, at "
        "FROM creation_submission WHERE id = %s",
        "postgresql": "INSERT INTO creation_submission SELECT * FROM creation_submission WHERE id = %s "
        "ON CONFLICT (id) DO UPDATE SET content = 'forged'",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        run(sql, receipt.pk)
    assert Submission.objects.get().content == files.content_of(file)


def test_saving_a_frozen_row_in_python_is_refused_as_well(world):
    answer = world.bring_to(stages.SUBMITTED).answers.first()
    answer.remark = "changed"
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        answer.save(update_fields=["remark"])
