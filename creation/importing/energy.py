"""Yearly figures from a file, CSV or XLSX: one row for each year, every fault with its cell."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from creation.actions.energy import FIELDS, LABELS
from creation.forms.energy import REASON_LENGTH, read_amount
from creation.importing.cells import Bad, as_text, text
from creation.importing.faults import TEXTS, Fault, Faults, visible
from creation.importing.reading import Table, cell_name, in_width, open_table
from creation.spreadsheets import typed_text

COLUMNS = ("year", *FIELDS, "change_reason")
MOST_ROWS = 50
MAX_CELLS = 1_000_000
_EXACT = 10**15  # beyond it a workbook's number has no digits of its own
_FLOAT_PLACES = Decimal("0.000001")
# How offices name these columns; each is also known by its own name and by its label in the reader's language.
NAMES: Mapping[str, tuple[str, ...]] = {
    "year": ("年度", "年份", "统计年度", "calendar year"),
    "electricity_kwh": ("用电量（千瓦时）", "用电量（kWh）", "用电量", "电（kWh）", "electricity (kWh)"),
    "gas_m3": ("天然气（立方米）", "天然气（m³）", "天然气", "天然气用量", "natural gas (m³)"),
    "petrol_l": ("汽油（升）", "汽油（L）", "petrol (L)"),
    "petrol_kg": ("汽油（千克）", "汽油（公斤）", "汽油（kg）", "petrol (kg)"),
    "heat_gj": ("热力（吉焦）", "热力（GJ）", "热力", "heat (GJ)"),
    "water_m3": ("用水量（立方米）", "用水量（m³）", "用水量", "水（m³）", "water (m³)"),
    "area_m2": ("建筑面积（平方米）", "建筑面积（m²）", "建筑面积", "building area (m²)"),
    "users": ("用能人数（人）", "用能人数", "energy users (people)"),
    "change_reason": ("人数或面积变化原因", "变化原因", "why users or area changed"),
}


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong in one place of a file: the cell as people name it (empty: the whole file), value, what, repair."""

    cell: str
    value: str
    text: str
    repair: str = ""


def plain_name(heading: str) -> str:
    """Return a heading without what differs by keyboard: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())


def column_named(heading: str) -> str:
    """Return the column's own name for any of its names; an unknown heading stays as it is."""
    known = {plain_name(each): name for name, names in NAMES.items() for each in (name, *names)}
    known |= {plain_name(str(label)): name for name, label in LABELS.items()}
    return known.get(plain_name(heading), heading)


def heading_of(name: str) -> str:
    """Return a column's name in the reader's language, as the template has it."""
    return _("calendar year") if name == "year" else str(LABELS[name])


def read_figures(path: Path, years: tuple[int, ...]) -> tuple[dict[int, dict[str, Any]], list[CellFault]]:
    """Return what the file says by year (only the columns it has), and every fault with its cell.

    With a fault nothing of the file may be used. `years` are those that belong to the file in the portal.
    """
    faults = Faults()
    table = open_table(path, COLUMNS, faults, named=column_named, required=("year",), max_cells=MAX_CELLS)
    found: dict[int, dict[str, Any]] = {}
    wrong: list[CellFault] = []
    if table is not None:
        for number, (row, cells) in enumerate(table.rows):
            if number == MOST_ROWS:
                wrong.append(CellFault(f"{row}", "", _("Too many rows: one for each year is enough.")))
                break
            wrong += _read_row(row, in_width(cells, table.width), table, years, found)
        if not found and not wrong and not faults.total:
            wrong.append(in_words(Fault(None, "", "", "no_rows")))
    return found, [*(in_words(fault) for fault in faults.first), *wrong]


def in_words(fault: Fault) -> CellFault:
    """Return a fault of the file or its heading in words."""
    where = "" if fault.row is None else _("row %(row)s") % {"row": fault.row}
    columns = ", ".join(heading_of(name) for name in COLUMNS)
    details = fault.details | ({"columns": columns} if "columns" in fault.details else {})
    shown = Fault(fault.row, fault.column, fault.value, fault.code, details)
    value = fault.value or (heading_of(fault.column) if fault.column in COLUMNS else fault.column)
    return CellFault(where, value, shown.reason, shown.repair)


def _read_row(
    row: int, cells: list[Any], table: Table, years: tuple[int, ...], found: dict[int, dict[str, Any]]
) -> list[CellFault]:
    """Read one row into `found` and return its faults."""
    if len(cells) > table.width:
        return [in_words(Fault(row, "", "", "cells", {"found": str(len(cells)), "expected": str(table.width)}))]
    values = dict.fromkeys(table.places, "")
    values |= {name: cells[place] for name, place in table.places.items() if place < len(cells)}
    year = cell_text(values.pop("year", ""))
    wrong = []

    def refuse(name: str, value: str, sentence: str) -> None:
        wrong.append(CellFault(cell_name(row, table.places[name]), visible(value), sentence))

    if year not in {str(one) for one in years}:
        listed = ", ".join(str(one) for one in sorted(years))
        refuse("year", year, _("Only these years belong to this file: %(years)s.") % {"years": listed})
    elif int(year) in found:
        refuse("year", year, _("This year stands twice."))
    read: dict[str, Any] = {}
    for name, raw in values.items():
        try:
            read[name] = read_cell(name, raw)
        except ValidationError as error:
            refuse(name, cell_text(raw), error.messages[0])
    if not wrong:
        found[int(year)] = read
    return wrong


def read_cell(name: str, raw: Any) -> Decimal | int | str | None:
    """Return one cell of the column `name`: an amount, None where it is empty, or the reason; `ValidationError`."""
    if name != "change_reason":
        return read_amount(name, cell_text(raw))
    try:
        return text(REASON_LENGTH, required=False)(typed_text(raw) if isinstance(raw, str) else raw)
    except Bad as bad:
        reason, repair = TEXTS[bad.code]
        raise ValidationError(f"{str(reason) % bad.details} {str(repair) % bad.details}") from bad


def cell_text(raw: Any) -> str:
    """Return a cell as text; a workbook's own number without the noise of binary fractions, never as 1e+16."""
    if raw is None:
        return ""
    if isinstance(raw, float) and abs(raw) < _EXACT:
        return f"{Decimal(repr(raw)).quantize(_FLOAT_PLACES).normalize():f}"
    return as_text(raw)
