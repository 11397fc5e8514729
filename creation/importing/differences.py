"""What a file would change: the differences between its rows and the record, counted exactly and shown in part."""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from creation import clock
from creation.importing.bulk import insert
from creation.importing.cells import Bad, Parser, as_text
from creation.importing.faults import Faults
from creation.importing.reading import Row, in_width
from creation.models import Event

ADDED, CHANGED, CLOSED = "added", "changed", "closed"
KINDS = (ADDED, CHANGED, CLOSED)
SHOWN = 200  # of each kind, kept with the import
BATCH = 5000
REMEMBERED = 4096  # cells of a column and type

BROKEN = object()  # a cell that has been named as a fault


class Difference(NamedTuple):
    """One row that is not as the record: what happens to which key, the record's values (if any) and the file's."""

    what: str
    key: str
    pk: int | None
    old: tuple | None
    new: tuple


class Preview:
    """Counts the differences, keeps the first of each kind for reading and a digest of them all.

    The digest tells whether a later look at the same file still finds the same differences.
    """

    def __init__(self) -> None:
        self.counts = dict.fromkeys(KINDS, 0)
        self.shown: dict[str, list[dict]] = {kind: [] for kind in KINDS}
        self.unchanged = self.untouched = self.rows = 0
        self._hash = hashlib.sha256()

    def take(self, differences: Iterable[Difference], describe: Callable[[Difference], dict]) -> None:
        """Count these differences and keep the first of them in words."""
        for one in differences:
            self.counts[one.what] += 1
            self._hash.update(repr((one.what, one.key, one.old, one.new)).encode())
            if len(self.shown[one.what]) < SHOWN:
                self.shown[one.what].append(describe(one))

    @property
    def total(self) -> int:
        """Return the number of differences."""
        return sum(self.counts.values())

    def as_json(self) -> dict:
        """Return the preview as it is kept with the import."""
        return {
            "counts": self.counts,
            "shown": self.shown,
            "unchanged": self.unchanged,
            "untouched": self.untouched,
            "digest": self._hash.hexdigest(),
        }


class Known:
    """Parses the cells of a column; what was parsed before is remembered, as a register says the same many times."""

    def __init__(self, parse: Parser):
        self._parse = parse
        # apart by type, as True, 1 and 1.0 are one key and three values
        self._by_type: dict[type, Remembered] = {}

    def column(self, cells: tuple) -> list:
        """Return the values of the cells; raises `Bad` at the first one that is wrong."""
        kinds = set(map(type, cells))
        for kind in kinds - self._by_type.keys():
            self._by_type[kind] = Remembered(self._parse)
        if len(kinds) == 1:
            return list(map(self._by_type[kinds.pop()].__getitem__, cells))
        return [self._by_type[type(cell)][cell] for cell in cells]


class Remembered(dict):
    """The values of the first `REMEMBERED` different cells; later ones are parsed each time."""

    def __init__(self, parse: Parser):
        super().__init__()
        self._parse = parse

    def __missing__(self, cell: Any) -> Any:
        """Return the value of a cell that is not remembered."""
        value = self._parse(cell)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value


class Rows:
    """What the three kinds of files share: parsing rows by their columns, and the traces of what was written.

    `scope` holds the ids of the regions that may be touched; None means all of them.
    """

    COLUMNS: tuple[str, ...] = ()
    SUBJECT = ""

    def __init__(self, faults: Faults, scope: set[int] | None):
        self.faults = faults
        self.scope = scope
        self.seen: dict[Any, int] = {}
        self.touched: set[int] = set()
        self.since: date | None = None
        self.unchanged = 0
        self._plan: list[tuple[str, int | None, Parser]] = []
        self._known: dict[str, Known] = {}
        self._width = 0

    def parsers(self) -> dict[str, Parser]:
        """Return the parser of each column."""
        raise NotImplementedError

    def lay_out(self, places: dict[str, int], width: int) -> None:
        """Take note of where each column stands; the cells of one that is missing are left unchecked."""
        parsers = self.parsers()
        self._plan = [(name, places.get(name), parsers[name]) for name in self.COLUMNS]
        self._known = {name: Known(parsers[name]) for name in self.COLUMNS}
        self._width = width

    def read(self, rows: list[Row]) -> list[tuple[int, list]]:
        """Return the rows that are right by themselves, with their numbers; every fault in the others is noted."""
        columns = self._columns(rows)
        if columns is None:
            return self._read_each(rows)
        right = []
        for (number, _cells), values in zip(rows, map(list, zip(*columns, strict=True)), strict=True):
            before = self.faults.total
            self.check(number, values)
            if self.faults.total == before:
                right.append((number, values))
        return right

    def _columns(self, rows: list[Row]) -> list[list] | None:
        """Return the rows' values column by column, None where any cell is wrong: then each is looked at by itself."""
        if any(len(cells) != self._width for _number, cells in rows) or any(
            place is None for _n, place, _p in self._plan
        ):
            return None
        columns = list(zip(*(cells for _number, cells in rows), strict=True))
        try:
            return [self._known[name].column(columns[place]) for name, place, _parser in self._plan]
        except Bad:
            return None

    def _read_each(self, rows: list[Row]) -> list[tuple[int, list]]:
        right = []
        for number, cells in rows:
            fitting = cells if len(cells) == self._width else in_width(cells, self._width)
            if len(fitting) != self._width:
                self.faults.add(number, "", "", "cells", found=len(fitting), expected=self._width)
                continue
            values = self._values(number, fitting)
            self.check(number, values)
            if BROKEN not in values:
                right.append((number, values))
        return right

    def _values(self, number: int, cells: list) -> list:
        values = []
        for name, place, parser in self._plan:
            if place is None:
                values.append(BROKEN)
                continue
            try:
                values.append(parser(cells[place]))
            except Bad as bad:
                self.faults.add(number, name, as_text(cells[place]), bad.code, **bad.details)
                values.append(BROKEN)
        return values

    def fault(self, number: int, values: list, column: str, code: str, **details: object) -> None:
        """Note a fault that several cells make together, at one of them, which counts as broken from here on."""
        place = self.COLUMNS.index(column)
        value = values[place]
        self.faults.add(number, column, "" if value is None or value is BROKEN else value, code, **details)
        values[place] = BROKEN

    def check(self, number: int, values: list) -> None:
        """Check the cells of a row against each other and against the rows before it."""

    def compare(self, rows: list[tuple[int, list]]) -> list[Difference]:
        """Return what is different from the record; what cannot be is noted as a fault."""
        raise NotImplementedError

    def finish(self) -> list[Difference]:
        """Return the differences that show only once the whole file has been read."""
        return []

    def describe(self, difference: Difference) -> dict:
        """Return a difference as plain texts for the preview."""
        raise NotImplementedError

    def write(self, differences: list[Difference], *, by) -> None:
        """Write the differences and an audit event for each."""
        raise NotImplementedError

    def untouched(self) -> int:
        """Return how many records the file does not name."""
        raise NotImplementedError

    def settle(self) -> None:
        """Do once what follows from everything that was written."""

    def counted(self, region_ids: Iterable[int], since: date) -> None:
        """Note that something counted changes in these regions from `since` on."""
        self.touched.update(region_ids)
        self.since = since if self.since is None else min(self.since, since)

    def record_all(self, entries: Iterable[tuple[str, int, dict, dict]], *, by) -> None:
        """Write an audit event for each (verb, id, before, after)."""
        at, person = clock.now(), by and by.pk
        rows = (
            (at, person, verb, self.SUBJECT, pk, json.dumps(before), json.dumps(after))
            for verb, pk, before, after in entries
        )
        insert(Event, ("at", "by", "verb", "subject_type", "subject_id", "before", "after"), rows)


def as_words(values: dict[str, Any]) -> dict[str, str | None]:
    """Return values as the audit event keeps them."""
    return {name: None if value is None else str(value) for name, value in values.items()}
