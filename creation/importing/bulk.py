"""Many new rows at once, as fast as the database takes them: COPY on PostgreSQL, one prepared statement on SQLite.

Nothing is checked here but by the database itself: whoever calls has checked each value. Neither `save` nor signals
take part. It all belongs to the transaction around it.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import partial
from io import StringIO
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import RawSQL


def among(texts: Iterable[str]) -> RawSQL:
    """Return texts for the right side of a `__in`, as one parameter: thousands of them cost more than the search."""
    each = {
        "postgresql": "SELECT jsonb_array_elements_text(%s::jsonb)",
        "sqlite": "SELECT value FROM json_each(%s)",
    }[connection.vendor]
    return RawSQL(each, [json.dumps(list(texts))])  # noqa: S611 the statement is ours, the texts are its parameter


def new_ids(model: type[Model], number: int) -> Sequence[int]:
    """Return so many ids that no other row of the model has or will get."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
            )
            return [pk for (pk,) in cursor.fetchall()]
        # the transaction holds the only right to write, and SQLite itself notes the highest id that was ever given
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return range(last + 1, last + 1 + number)


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values, each in the order of the fields `names`; JSON comes as text.

    Fields that are not named get their defaults of the database, an id for instance. A text that may be null cannot be
    empty: it would become null.
    """
    fields = [model._meta.get_field(name) for name in names]
    write = _copy if connection.vendor == "postgresql" else _execute_many
    write(model._meta.db_table, fields, rows)


def _copy(table: str, fields: list, rows: Iterable[Sequence[Any]]) -> None:
    """Send the rows as CSV: an empty cell is null, but in the columns that know no null."""
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    text.seek(0)
    never_null = ", ".join(field.column for field in fields if not field.null)
    columns = ", ".join(field.column for field in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({never_null}))", text
        )


def _execute_many(table: str, fields: list, rows: Iterable[Sequence[Any]]) -> None:
    columns, marks = ", ".join(field.column for field in fields), ", ".join("?" * len(fields))
    prepared = [_prepared(field) for field in fields]
    connection.ensure_connection()
    # the driver's own cursor: Django's would look at each row for its log
    with closing(connection.connection.cursor()) as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 our own names
            ([value if how is None else how(value) for how, value in zip(prepared, row, strict=True)] for row in rows),
        )


def _prepared(field):
    """Return what turns a field's value into what Django itself writes on SQLite, None where it stays as it is."""
    if field.get_internal_type() not in {"DateField", "DateTimeField", "DecimalField"}:
        return None
    return partial(field.get_db_prep_value, connection=connection, prepared=True)
