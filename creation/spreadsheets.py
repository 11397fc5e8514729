"""Tables for download. The only place that writes spreadsheets: what was typed must never become a formula there."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

# Excel ends a cell at 32,767 UTF-16 units and keeps 15 digits of a number; it has no dates before 1900.
LONGEST_TEXT = 16_000
_LARGEST_NUMBER = 10**15
_FIRST_YEAR = 1900
_COLUMN_WIDTH = 18
_LONGEST_CHOICES = 255  # what Excel takes as a list of its own

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}

# What makes a spreadsheet program read text as a formula. The full-width forms count too in a Chinese or Japanese
# Excel, and blanks before the mark are skipped by some programs.
_LIVE = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
# A live text is quoted as it stands, at the beginning of a line or after a comma. This finds all of them in a written
# table, and some that are none: what it finds is looked at cell by cell.
_MAY_BE_LIVE = re.compile(r'(?:^|[,\n])"' + _LIVE.pattern)
# What the csv module writes as `_csv_cell` would have it. Not bool, which it takes for a number.
_PLAIN = frozenset({str, int, float, Decimal, date, datetime, NoneType})
_PIECE = 256  # rows


def workbook_to(target: Path | BinaryIO, sheets: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """Write an XLSX file with one sheet per entry; the first row of a sheet is its heading, in bold, and stays in view.

    Text stays text whatever it begins with. ``int``, ``float`` and ``Decimal`` become numbers (text where Excel would
    lose digits), ``date`` a date in ISO form, ``datetime`` text, ``None`` an empty cell; anything else its text.
    Text beyond `LONGEST_TEXT` characters is cut and ends in "…". Rows are read one by one and memory does not grow with
    them: what is not packed yet waits in a temporary file. Raises xlsxwriter's own error for a bad sheet name,
    ``ValueError`` for more rows than a sheet holds; `target` is then no file that may be used.
    """
    place = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(place, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_row(0, None, bold)
            for number, row in enumerate(rows):
                if number == 0:
                    sheet.set_column(0, max(len(row) - 1, 0), _COLUMN_WIDTH)
                for column, value in enumerate(row):
                    _write_cell(sheet, number, column, value)


def write_workbook(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """Return what `workbook_to` writes. For tables of a page; a whole register is written to a file."""
    output = io.BytesIO()
    workbook_to(output, sheets)
    return output.getvalue()


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet to be filled in: all cells text, locked but for those in ``open_cells`` (row and column from 0).

    ``choices`` are offered as a list where they fit one; ``hidden`` are columns that only the program reads.
    """

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    open_cells: Collection[tuple[int, int]] = ()
    choices: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict)
    hidden: Collection[int] = ()


def write_forms(forms: Iterable[Form]) -> bytes:
    """An XLSX file with one sheet per form. Text stays text whatever it begins with, also what is typed into it later.

    The lock has no password: it keeps a slip of the hand out of what is not to be changed, and nobody from looking.
    """
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {**_OPTIONS, "constant_memory": False}) as book:
        common = {"num_format": "@", "text_wrap": True, "valign": "top"}
        heading = book.add_format({**common, "bold": True, "bg_color": "#E8EFEA", "border": 1})
        closed = book.add_format({**common, "bg_color": "#F4F4F2", "border": 1, "border_color": "#C9CEC9"})
        to_fill = book.add_format({**common, "locked": False, "border": 1, "border_color": "#5B7F6A"})
        for form in forms:
            sheet = book.add_worksheet(form.name)
            sheet.freeze_panes(1, 2)
            sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
            for column, width in enumerate(form.widths):
                sheet.set_column(column, column, width, None, {"hidden": column in form.hidden})
            for row, cells in enumerate(form.rows):
                for column, text in enumerate(cells):
                    style = to_fill if (row, column) in form.open_cells else heading if not row else closed
                    if text:
                        sheet.write_string(row, column, _cell_text(text), style)
                    else:
                        sheet.write_blank(row, column, None, style)
            for (row, column), words in form.choices.items():
                if len(",".join(words)) <= _LONGEST_CHOICES and not any("," in word for word in words):
                    sheet.data_validation(row, column, row, column, {"validate": "list", "source": list(words)})
    return output.getvalue()


def csv_pieces(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8 piece by piece, with the byte order mark without which Excel misreads Chinese.

    Text that a spreadsheet program would read as a formula gets an apostrophe before it; numbers are left as they are.
    Text is quoted, so that no other separator can cut a formula out of the middle of it. At most `_PIECE` rows are
    held at a time, so a response can send a whole register while it is read.
    """
    yield codecs.BOM_UTF8
    rows = iter(rows)
    while some := list(islice(rows, _PIECE)):
        yield _csv_text(some).encode()


def csv_to(file: BinaryIO, rows: Iterable[Sequence[Any]]) -> None:
    """Write the CSV file of `csv_pieces` to `file`, opened for bytes; memory does not grow with the rows."""
    file.writelines(csv_pieces(rows))


def write_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return what `csv_to` writes."""
    return b"".join(csv_pieces(rows))


def _csv_text(rows: list[Sequence[Any]]) -> str:
    """Return rows as CSV. Written plainly first: nearly always nothing in it is live, and looking is cheaper so."""
    if set(map(type, chain.from_iterable(rows))) <= _PLAIN:
        text = _quoted(rows)
        if not _MAY_BE_LIVE.search(text):
            return text
    return _quoted(map(_csv_cell, row) for row in rows)


def _quoted(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return text.getvalue()


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Writes by the type of the value, never by what a text looks like (that is what Worksheet.write would do)."""
    if value is None:
        return
    if _is_number(value) and abs(value) < _LARGEST_NUMBER:
        written = sheet.write_number(row, column, value)
    elif isinstance(value, date) and not isinstance(value, datetime) and value.year >= _FIRST_YEAR:
        written = sheet.write_datetime(row, column, value)
    else:
        written = sheet.write_string(row, column, _cell_text(value))
    if written != 0:
        raise ValueError("a sheet holds 1,048,576 rows and 16,384 columns")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _cell_text(value: object) -> str:
    text = str(value)
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT] + "…"
    if text.startswith("<r>") and text.endswith("</r>"):
        # xlsxwriter takes such a text for finished markup and writes it unescaped: anybody could close the cell in it
        # and open one with a formula. A blank at the end makes it text like any other.
        return text + " "
    return text


def _csv_cell(value: Any) -> Any:
    if not isinstance(value, str):
        if value is None or _is_number(value):
            return value
        value = str(value)
    return f"'{value}" if _LIVE.match(value) else value


def typed_text(text: str) -> str:
    """What was typed before `write_csv` put its apostrophe before it; any other text as it is."""
    return text[1:] if text.startswith("'") and _LIVE.match(text[1:]) else text
