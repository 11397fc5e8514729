"""Reads a file row by row, CSV or XLSX by its content and not by its name, and names what hinders reading it."""

import codecs
import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from creation.importing.cells import BLANKS, as_text
from creation.importing.faults import Faults
from creation.uploads import MAX_INFLATED

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BLOCK = 1024 * 1024
# A workbook is unfolded into one field of cells from its first to its last: two cells far apart would fill the memory.
MAX_CELLS = 30_000_000

Row = tuple[int, list[Any]]  # the row as people count it (the heading is 1), its cells


@dataclass(frozen=True, slots=True)
class Table:
    """A readable file: where each known column stands, its rows below the heading, about how many there are."""

    places: dict[str, int]
    width: int
    rows: Iterator[Row]
    about: int


def open_table(
    path: Path,
    columns: tuple[str, ...],
    faults: Faults,
    *,
    named: Callable[[str], str] = str,
    required: tuple[str, ...] | None = None,
    max_cells: int = MAX_CELLS,
) -> Table | None:
    """Return the file's table, or None when it cannot be read at all; every fault of file and heading is noted.

    The rows are read one by one while they are asked for; blank ones are left out. `named` turns a heading into the
    column's own name, `required` are the columns that must be there (by default all).
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(ZIP):
        rows, about = _workbook(path, faults, max_cells)
    elif head.startswith(OLE):
        faults.add(None, "", "", "old_excel")
        return None
    else:
        rows, about = _csv(path, faults)
    if rows is None:
        return None
    first = next(rows, None)
    while first is not None and _is_blank(first[1]):
        first = next(rows, None)
    if first is None:
        if not faults.total:
            faults.add(None, "", "", "empty")
        return None
    heading = _without_blank_end([named(as_text(cell)) for cell in first[1]])
    places = _places(first[0], heading, columns, faults, columns if required is None else required)
    if not places:
        return None
    filled = (row for row in rows if not _is_blank(row[1]))
    return Table(places, len(heading), filled, about)


def _places(
    number: int, heading: list[str], columns: tuple[str, ...], faults: Faults, required: tuple[str, ...]
) -> dict[str, int]:
    """Return where each column stands; a missing, an unknown and a doubled one are each a fault."""
    listed = ", ".join(columns)
    places: dict[str, int] = {}
    if not set(heading) & set(columns):
        other = len(heading) == 1 and any(mark in heading[0] for mark in ";\t|")
        faults.add(number, "", heading[0], "delimiter" if other else "no_heading", columns=listed)
        return places
    for place, name in enumerate(heading):
        if name in places:
            faults.add(number, name, name, "column_twice")
        elif name in columns:
            places[name] = place
        else:
            faults.add(number, name, name, "column_unknown", columns=listed)
    for name in required:
        if name not in places:
            faults.add(number, name, "", "column_missing")
    return places


def _is_blank(cells: list[Any]) -> bool:
    return not any(cell.strip(BLANKS) if isinstance(cell, str) else cell is not None for cell in cells)


def _without_blank_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def in_width(cells: list[Any], width: int) -> list[Any]:
    """Return the cells without blank ones behind the last column; some programs write them."""
    if len(cells) > width and not any(as_text(cell) for cell in cells[width:]):
        return cells[:width]
    return cells


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv(path: Path, faults: Faults) -> tuple[Iterator[Row] | None, int]:
    lines, wrong = _lines_of_utf8(path)
    if wrong is None:
        return _csv_rows(path, faults), lines
    line, found = wrong
    with path.open("rb") as file:
        head = file.read(2)
    if head in UTF16:
        faults.add(None, "", "", "utf16")
    elif _is_gb18030(path):
        faults.add(line, "", found, "gb18030")
    else:
        faults.add(line, "", found, "encoding")
    return None, 0


def _lines_of_utf8(path: Path) -> tuple[int, tuple[int, str] | None]:
    """Return the number of lines, and where and what is not UTF-8 (line, bytes in hexadecimal) if anything is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            # the decoder holds back the start of a character that the block cuts off
            held = decoder.getstate()[0]
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                wrong = (held + block)[error.start : error.start + 4]
                return lines, (lines + (held + block)[: error.start].count(b"\n") + 1, wrong.hex(" ").upper())
            if not block:
                return lines, None
            lines += block.count(b"\n")


def _is_gb18030(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(path: Path, faults: Faults) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = csv.reader(file, strict=True)
        number = 0
        while True:
            number += 1
            try:
                record = next(records)
            except StopIteration:
                return
            except csv.Error:
                # the reader goes on with the next line; this one is named and left out
                faults.add(number, "", "", "quotes")
                continue
            yield number, record


# --- XLSX -----------------------------------------------------------------------------------------------------------


def open_book(path: Path, faults: Faults, max_cells: int = MAX_CELLS) -> CalamineWorkbook | None:
    """Return a workbook that is safe to unfold, None for one that is damaged, too large, or spread too wide."""
    wrong = _trouble_with(path, max_cells)
    if wrong is None:
        try:
            return CalamineWorkbook.from_path(str(path))
        except (CalamineError, OSError):
            wrong = "unreadable"
    faults.add(None, "", "", wrong)
    return None


def _workbook(path: Path, faults: Faults, max_cells: int) -> tuple[Iterator[Row] | None, int]:
    """Return the rows of the first sheet that is not hidden."""
    book = open_book(path, faults, max_cells)
    if book is None:
        return None, 0
    try:
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name((shown or book.sheet_names)[0])
        rows = iter(sheet.iter_rows())
        # a damaged sheet is found at its first row at the latest
        first = next(rows, None)
    except (CalamineError, IndexError, OSError):
        faults.add(None, "", "", "unreadable")
        return None, 0
    return enumerate(rows if first is None else chain([first], rows), start=1), sheet.total_height


def _trouble_with(path: Path, max_cells: int) -> str | None:
    """Return the fault of a workbook that must not be opened, None when it may be.

    The bytes are counted while inflating up to the limit: the sizes that an archive announces may lie, and whoever
    trusts them inflates a bomb. So is the field of cells that each sheet spans, whatever size it announces.
    """
    size = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                bound = _Bound()
                with archive.open(part) as content:
                    while block := content.read(BLOCK):
                        size += len(block)
                        if size > MAX_INFLATED:
                            return "too_large"
                        bound.feed(block)
                if bound.cells > max_cells:
                    with archive.open(part) as content:
                        wrong = _trouble_with_sheet(content, max_cells)
                    if wrong:
                        return wrong
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return "unreadable"
    return None


class _Bound:
    """At most so many cells does one part of a workbook span: found fast, from whatever looks like a cell's place."""

    _PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,4})([0-9]{1,10})""")
    _LONGEST = 64  # a place that two blocks share is seen with the second one

    def __init__(self) -> None:
        self._tail = b""
        self._rows = self._columns = 0
        self._unplaced_rows = self._unplaced_cells = 0

    def feed(self, block: bytes) -> None:
        """Take in the next block of the part."""
        found = self._PLACE.findall(self._tail + block)
        letters = {each for each, _digits in found}
        self._columns = max(self._columns, *(_column(each.decode()) for each in letters), 0)
        self._rows = max(self._rows, max((int(digits) for _each, digits in found), default=0))
        placed_rows = sum(not each for each, _digits in found)
        self._unplaced_rows += max(0, block.count(b"<row") + block.count(b":row") - placed_rows)
        self._unplaced_cells += max(0, block.count(b"<c") + block.count(b":c") - (len(found) - placed_rows))
        self._tail = block[-self._LONGEST :]

    @property
    def cells(self) -> int:
        """Return the bound: cells and rows without a place of their own count behind the last one that has one."""
        return (self._rows + self._unplaced_rows) * (self._columns + self._unplaced_cells)


def _trouble_with_sheet(content: Any, max_cells: int) -> str | None:
    """Return the fault of one part, read as XML cell by cell; None for a sheet within the limit and for a picture."""
    span = _Span()
    is_sheet = False
    while block := content.read(BLOCK):
        is_sheet = is_sheet or b"sheetData" in block
        try:
            span.parser.Parse(block)
        except expat.ExpatError:
            return "unreadable" if is_sheet else None
        if span.rows * span.columns > max_cells:
            return "too_large"
    return None


class _Span:
    """The rows and columns that a sheet spans, followed by its elements."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row = self._column = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row, self._column = _number(attributes.get("r", ""), self._row + 1), 0
        elif kind == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._row = _number(place[len(letters) :], self._row)
            self._column = _column(letters) or self._column + 1
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)


def _number(digits: str, otherwise: int) -> int:
    return int(digits) if digits.isdecimal() and len(digits) < 10 else otherwise  # noqa: PLR2004 no row has ten digits


def _column(letters: str) -> int:
    """Return the number of a column by its letters (A is 1); 0 for what are no letters."""
    if not (letters.isascii() and letters.isalpha() and len(letters) < 5):  # noqa: PLR2004 the last one is XFD
        return 0
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def cell_name(row: int, place: int) -> str:
    """Return a cell as people name it: row as they count it, `place` counted from 0 (7, 2 is C7)."""
    letters, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row}"
