"""Puts a register into an empty database as fast as the database takes it: COPY, or many rows a statement."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from io import StringIO
from itertools import islice

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from creation.models import Cycle, Standard, User
from portal.bench import register as made
from portal.bench.register import BY, Register

CHUNK = 20_000

COLUMNS = {
    "creation.Region": "id name name_en code kind parent_id position office_phone office_address office_mailbox",
    "creation.RegionPath": "id ancestor_id descendant_id depth",
    "creation.Organ": "id name name_en credit_code region_id category staff floor_area_m2 address established_on "
    "abolished_on",
    "creation.Assessment": "id cycle_id organ_id stage stage_since told_stage told_since started_by_id started_at",
    "creation.StageChange": "id assessment_id number step from_stage to_stage by_id at note previous_hash hash",
    "creation.Recognition": "id organ_id assessment_id source batch document_number granted_on valid_until revoked_on "
    "revoke_reason revoked_by_id replaced_on recorded_by_id recorded_at",
}


def load(register: Register) -> None:
    """Fill the empty tables with the register's rows, in one transaction."""
    with transaction.atomic():
        insert("creation.Region", register.regions)
        insert("creation.RegionPath", register.paths)
        insert("creation.Organ", made.organs(register))
        cycles = _rounds(register)
        insert("creation.Assessment", _files(register, cycles))
        insert("creation.StageChange", _changes(register))
        insert("creation.Recognition", _titles(register))
        _go_on_counting()
    analyse()


def analyse() -> None:
    """Let the database look at what is there, so that it plans as it does in service."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def insert(label: str, rows: Iterable[tuple]) -> None:
    """Write ready rows of a model's table, each in the order of `COLUMNS`."""
    table, columns, found = apps.get_model(label)._meta.db_table, COLUMNS[label].split(), iter(rows)
    write = _copy if connection.vendor == "postgresql" else _execute_many
    while chunk := list(islice(found, CHUNK)):
        write(table, columns, chunk)


def _copy(table: str, columns: list[str], rows: list[tuple]) -> None:
    text = "".join("\t".join(r"\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", StringIO(text))


def _execute_many(table: str, columns: list[str], rows: list[tuple]) -> None:
    marks = ", ".join("?" * len(columns))
    # the driver itself: Django's cursor would look at each statement for its log
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 our own names
            ([_plain(value) for value in row] for row in rows),
        )


def _plain(value: object) -> object:
    """Return a value as Django's own backend writes it on SQLite: dates as text, instants in UTC without a zone."""
    if hasattr(value, "utcoffset") and hasattr(value, "date"):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _rounds(register: Register) -> dict[int, int]:
    """Write whoever did it all, a standard and a round a year at the root; return year → the round's id."""
    today = register.today
    user = User(pk=BY, username="bench", name="测算")
    user.set_unusable_password()
    user.save(force_insert=True)
    standard = Standard.objects.create(
        name="测算",
        code="bench",
        version=1,
        effective_from=today,
        pass_mark=80,
        full_points=100,
        source_sha256="0" * 64,
    )
    windows = {
        f"{name}_{end}": today
        for name in ("self_rating", "inspection", "spot_check", "publicity")
        for end in ("from", "until")
    }
    return {
        year: Cycle.objects.create(
            region_id=1, year=year, batch=str(year), calendar_year=year - 1, standard=standard, **windows
        ).pk
        for year in range(today.year - 4, today.year + 1)
    }


def _files(register: Register, cycles: dict[int, int]) -> Iterator[tuple]:
    pk = 0
    for organ, story in enumerate(made.stories(register), 1):
        for ended, names in story.files:
            pk += 1
            way = list(made.steps(ended, names))
            *_rest, stage, since = way[-1]
            yield pk, cycles[ended.year], organ, stage, since, stage, since, BY, way[0][-1]


def _changes(register: Register) -> Iterator[tuple]:
    pk = file = 0
    for story in made.stories(register):
        for ended, names in story.files:
            file += 1
            for number, step, was, stage, at in made.steps(ended, names):
                pk += 1
                yield pk, file, number, step, was, stage, BY, at, "", "", f"{pk:064x}"


def _titles(register: Register) -> Iterator[tuple]:
    pk = file = 0
    recorded_at = next(at for *_rest, at in made.steps(register.today, ["start"]))
    for organ, story in enumerate(made.stories(register), 1):
        first_file, file = file + 1, file + len(story.files)
        for title in story.titles:
            pk += 1
            revoked = title["revoked_on"]
            reason, by = ("测算", BY) if revoked else (None, None)
            own_file = first_file if title["file"] else None
            dates = title["granted_on"], title["valid_until"], revoked
            yield pk, organ, own_file, "import", "b", "1号", *dates, reason, by, title["replaced_on"], BY, recorded_at


def _go_on_counting() -> None:
    """Let PostgreSQL number on behind the rows that came with their ids; SQLite does so by itself."""
    models = [apps.get_model(label) for label in (*COLUMNS, "creation.User")]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
