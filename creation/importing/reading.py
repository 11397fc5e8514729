"""Reads a file row by row, CSV or XLSX by its content and not by its name, and names what hinders reading it."""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from creation.importing.cells import BLANKS, as_text
from creation.importing.faults import Faults
from creation.uploads import MAX_INFLATED

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BLOCK = 1024 * 1024

Row = tuple[int, list[Any]]  # the row as people count it (the heading is 1), its cells


@dataclass(frozen=True, slots=True)
class Table:
    """A readable file: where each known column stands, its rows below the heading, about how many there are."""

    places: dict[str, int]
    width: int
    rows: Iterator[Row]
    about: int


def open_table(path: Path, columns: tuple[str, ...], faults: Faults) -> Table | None:
    """Return the file's table, or None when it cannot be read at all; every fault of file and heading is noted.

    The rows are read one by one while they are asked for; blank ones are left out.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(ZIP):
        rows, about = _workbook(path, faults)
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
    heading = _without_blank_end([as_text(cell) for cell in first[1]])
    places = _places(first[0], heading, columns, faults)
    if not places:
        return None
    filled = (row for row in rows if not _is_blank(row[1]))
    return Table(places, len(heading), filled, about)


def _places(number: int, heading: list[str], columns: tuple[str, ...], faults: Faults) -> dict[str, int]:
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
    for name in columns:
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


def _workbook(path: Path, faults: Faults) -> tuple[Iterator[Row] | None, int]:
    """Return the rows of the first sheet that is not hidden."""
    size = _inflated(path)
    if size is None or size > MAX_INFLATED:
        faults.add(None, "", "", "unreadable" if size is None else "too_large")
        return None, 0
    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheet = book.get_sheet_by_name((shown or book.sheet_names)[0])
        rows = iter(sheet.iter_rows())
        # a damaged sheet is found at its first row at the latest
        first = next(rows, None)
    except (CalamineError, IndexError, OSError):
        faults.add(None, "", "", "unreadable")
        return None, 0
    return enumerate(rows if first is None else chain([first], rows), start=1), sheet.total_height


def _inflated(path: Path) -> int | None:
    """Return the bytes that the archive really holds, counted while inflating up to the limit; None when damaged.

    The sizes that an archive announces may lie; whoever trusts them inflates a bomb.
    """
    size = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                with archive.open(part) as content:
                    while (block := content.read(BLOCK)) and size <= MAX_INFLATED:
                        size += len(block)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return None
    return size
