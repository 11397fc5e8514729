"""Several small lists in one statement: a page that shows them waits for the database once, not once for each.

Each list stays a queryset like any other, with its scope and its order; only the way to the database is shared.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

# What PostgreSQL's own driver would have given instead of JSON. SQLite keeps such values as text or number itself, and
# Django's converters turn them into values as they always do.
_FROM_JSON: dict[str, dict[str, Callable[[Any], Any]]] = {
    "sqlite": {},
    "postgresql": {
        "DateTimeField": datetime.fromisoformat,
        "DateField": date.fromisoformat,
        "TimeField": time.fromisoformat,
        "DecimalField": Decimal,
        "FloatField": float,
        "UUIDField": UUID,
        "JSONField": lambda value: json.dumps(value, default=float),
    },
}


def read_together(*lists: QuerySet) -> None:
    """Evaluate the querysets with one statement; afterwards they are iterated without asking again.

    `select_related`, annotations and `values_list` hold, `prefetch_related` does not (see `hand_out`). A queryset that
    cannot have rows is left to itself, as Django asks nothing for it.
    """
    asked = [(rows, compiler, *found) for rows in lists if (found := _compiled(compiler := _compiler(rows)))]
    if not asked:
        return
    with_ = ", ".join(_named(number, compiler, sql) for number, (_rows, compiler, sql, _params) in enumerate(asked))
    parts = ", ".join(_as_json(number, len(compiler.select)) for number, (_r, compiler, *_rest) in enumerate(asked))
    with connection.cursor() as cursor:
        params = [value for _rows, _compiler_, _sql, params in asked for value in params]
        cursor.execute(f"WITH {with_} SELECT {parts}", params)
        answer = cursor.fetchone()
    for (rows, compiler, _sql, _params), text in zip(asked, answer, strict=True):
        _fill(rows, compiler, text)


def _compiler(rows: QuerySet):
    return rows.query.get_compiler(connection=connection)


def _compiled(compiler) -> tuple[str, tuple] | None:
    try:
        return compiler.as_sql()
    except EmptyResultSet:
        return None


def _named(number: int, compiler, sql: str) -> str:
    columns = ", ".join(f"c{place}" for place in range(len(compiler.select)))
    return f"q{number}({columns}) AS ({sql})"


def _as_json(number: int, width: int) -> str:
    if connection.vendor == "postgresql":
        return f"(SELECT json_agg(row_to_json(q{number}))::text FROM q{number})"  # noqa: S608 our own numbers
    columns = ", ".join(f"c{place}" for place in range(width))
    return f"(SELECT json_group_array(json_array({columns})) FROM q{number})"  # noqa: S608


def _fill(rows: QuerySet, compiler, text: str | None) -> None:
    """Let the queryset find its rows where it would ask the database for them."""
    exact = {"parse_float": Decimal} if connection.vendor == "postgresql" else {}
    found = json.loads(text or "[]", **exact)
    convert = [_converter(expression) for expression, *_rest in compiler.select]
    given = [list(_converted(row, convert)) for row in found]
    compiler.execute_sql = lambda *_args, **_kwargs: [given]
    rows.query.get_compiler = lambda *_args, **_kwargs: compiler
    len(rows)
    del rows.query.get_compiler


def _converter(expression) -> Callable[[Any], Any] | None:
    return _FROM_JSON[connection.vendor].get(expression.output_field.get_internal_type())


def _converted(row: list | dict, convert: Iterable) -> Iterator[Any]:
    values = row.values() if isinstance(row, dict) else row
    for value, how in zip(values, convert, strict=True):
        yield value if value is None or how is None else how(value)


def is_read(parent: Model, name: str) -> bool:
    """Tell whether the rows of a relation were read beforehand, so that `all()` asks nothing."""
    return name in getattr(parent, "_prefetched_objects_cache", ())


def hand_out(parents: Iterable[Model], name: str, children: Iterable[Model], *, by: str) -> None:
    """Give each parent those of the children whose `by` is its id, as `prefetch_related(name)` would have done."""
    of_parent: dict[int, list[Model]] = {}
    for child in children:
        of_parent.setdefault(getattr(child, by), []).append(child)
    for parent in parents:
        rows = getattr(parent, name).all()
        rows._result_cache = of_parent.get(parent.pk, [])  # noqa: SLF001 what prefetch_related does itself
        if not hasattr(parent, "_prefetched_objects_cache"):
            parent._prefetched_objects_cache = {}  # noqa: SLF001
        parent._prefetched_objects_cache[name] = rows  # noqa: SLF001
