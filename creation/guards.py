"""The database as the last guard: triggers that refuse to change frozen rows, on PostgreSQL and SQLite alike.

A migration lists its guards as data and calls `install`. A migration that alters tables begins with `remove_all` and
installs them again at its end (`manage.py verify` names a missing one).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

PREFIX = "guard_"
_YEARS_BEFORE = re.compile(r"<years before (\S+) ([^\s>]+)>")


@dataclass(frozen=True, slots=True)
class Guard:
    """One refusal: `event` (INSERT, UPDATE, DELETE or TRUNCATE) on `table` when the SQL `condition` holds.

    `word` is what the database answers and tells two guards of one event on one table apart. In a condition
    `<differs>` compares two columns of which either may be empty, `<years before DAY YEARS>` is a day so much earlier.
    """

    table: str
    event: str
    condition: str
    word: str = "frozen"

    @property
    def name(self) -> str:
        """Return the trigger's name, the same on both databases."""
        end = "" if self.word == "frozen" else f"_{self.word}"
        return f"{PREFIX}{self.table}_{self.event.lower()}{end}"


def append_only(table: str) -> list[Guard]:
    """Return guards for a table whose rows are written once and never changed or deleted."""
    return [Guard(table, event, "1 = 1") for event in ("UPDATE", "DELETE", "TRUNCATE")]


def frozen_when(table: str, condition: str) -> list[Guard]:
    """Return guards for rows that no longer change once `condition` holds for them (write columns as `ROW.column`)."""
    old = condition.replace("ROW.", "OLD.")
    return [Guard(table, "UPDATE", old), Guard(table, "DELETE", old), Guard(table, "TRUNCATE", "1 = 1")]


def frozen_with_parent(table: str, key: str, parent: str, condition: str) -> list[Guard]:
    """Return guards for rows frozen by their parent: `condition` speaks of the parent as `P`, `key` points to it."""

    def met(side: str) -> str:
        return f"EXISTS (SELECT 1 FROM {parent} P WHERE P.id = {side}.{key} AND ({condition}))"

    return [
        Guard(table, "INSERT", met("NEW")),
        Guard(table, "UPDATE", f"{met('OLD')} OR {met('NEW')}"),
        Guard(table, "DELETE", met("OLD")),
        Guard(table, "TRUNCATE", "1 = 1"),
    ]


def closed_with_parent(table: str, key: str, parent: str, condition: str) -> list[Guard]:
    """Return the guard that takes no new row once `condition` holds for the parent (`P`) that `key` points to."""
    met = f"EXISTS (SELECT 1 FROM {parent} P WHERE P.id = NEW.{key} AND ({condition}))"
    return [Guard(table, "INSERT", met)]


def only_columns_change(table: str, fixed: tuple[str, ...], once: tuple[str, ...] = ()) -> list[Guard]:
    """Return guards for rows where `fixed` columns never change and `once` columns may be set a single time."""
    moved = [f"NEW.{column} <differs> OLD.{column}" for column in fixed]
    reset = [f"(OLD.{column} IS NOT NULL AND NEW.{column} <differs> OLD.{column})" for column in once]
    return [
        Guard(table, "UPDATE", " OR ".join(moved + reset)),
        Guard(table, "DELETE", "1 = 1"),
        Guard(table, "TRUNCATE", "1 = 1"),
    ]


def fixed_once(table: str, condition: str, columns: tuple[str, ...]) -> list[Guard]:
    """Return guards for rows that stay, and whose `columns` stay, once `condition` holds (write `OLD.column`)."""
    moved = " OR ".join(f"NEW.{column} <differs> OLD.{column}" for column in columns)
    return [
        Guard(table, "UPDATE", f"{condition} AND ({moved})"),
        Guard(table, "DELETE", condition),
        Guard(table, "TRUNCATE", "1 = 1"),
    ]


def install(guards: list[Guard], schema_editor) -> None:
    """Create the triggers in the schema editor's database, for the tables that are there by now.

    The list is today's, the migration may be an old one: a table that a later migration brings gets its guards there.
    """
    tables = set(schema_editor.connection.introspection.table_names())
    there = [guard for guard in guards if guard.table in tables]
    for statement in statements(there, schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove_all(_apps, schema_editor) -> None:
    """Drop every guard: the first operation of a migration that alters tables, `install` being the last.

    SQLite rebuilds a table to alter it, drops its triggers on the way and stops at those that speak of it.
    """
    for name in sorted(installed()):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)


def remove(guards: list[Guard], schema_editor) -> None:
    """Drop the triggers again, the reverse of `install`."""
    for guard in guards:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {guard.name}", params=None)


def statements(guards: list[Guard], vendor: str) -> Iterator[str]:
    """Yield the SQL that creates the guards on `vendor` (postgresql or sqlite)."""
    for guard in guards:
        if vendor == "postgresql":
            yield from _postgresql(guard)
        elif guard.event != "TRUNCATE":  # SQLite knows no TRUNCATE
            yield _sqlite(guard)


def _postgresql(guard: Guard) -> Iterator[str]:
    condition = guard.condition.replace("<differs>", "IS DISTINCT FROM")
    condition = _YEARS_BEFORE.sub(r"(\1 - make_interval(years => \2))::date", condition)
    yield f"""
        CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
        BEGIN
            IF {condition} THEN
                RAISE EXCEPTION '{guard.word}: {guard.table}' USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $guard$"""
    each = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH {each} EXECUTE FUNCTION {guard.name}()"
    )


def _sqlite(guard: Guard) -> str:
    condition = guard.condition.replace("<differs>", "IS NOT")
    # the 29th of February becomes the 1st of March here: never stricter than the verb that asked before
    condition = _YEARS_BEFORE.sub(r"date(\1, '-' || \2 || ' years')", condition)
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.word}: {guard.table}'); END"
    )


def installed() -> set[str]:
    """Return the names of the guards that the connected database has."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'guard!_%' ESCAPE '!'",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard!_%' ESCAPE '!'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


@contextmanager
def without_guards() -> Iterator[None]:
    """Let the test runner empty the database between tests; the portal itself never calls this."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard!_%' ESCAPE '!'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        try:
            yield
        finally:
            for _name, sql in triggers:
                cursor.execute(sql)
