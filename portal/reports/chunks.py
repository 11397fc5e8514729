"""Rows of any number in constant memory: the ids in their order first, then the rows piece by piece.

A cursor held open for minutes would do the same on PostgreSQL; on SQLite it keeps an old reading open, in which the
worker could not note its progress.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

AT_ONCE = 2000
Progress = Callable[[int, int], None]


def ids_in_pieces(found: QuerySet[Any], progress: Progress) -> Iterator[list[int]]:
    """Yield the ids of an ordered queryset, up to `AT_ONCE` at a time; `progress` hears how many of how many."""
    ids = array("q", found.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE))
    progress(0, len(ids))
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE].tolist()
        progress(min(start + AT_ONCE, len(ids)), len(ids))


def in_pieces(found: QuerySet[Any], fields: tuple[str, ...], progress: Progress) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of an ordered queryset as tuples of `pk` and `fields`, piece by piece.

    A row that is gone by the time its piece is read is left out.
    """
    rows = found.order_by().values_list("pk", *fields)
    for wanted in ids_in_pieces(found, progress):
        by_id = {row[0]: row for row in rows.filter(pk__in=wanted)}
        yield [by_id[pk] for pk in wanted if pk in by_id]
