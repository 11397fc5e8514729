"""A self-rating that comes back from Excel: every fault with its cell, or what differs from what is saved.

Three texts are compared: what the row said when it was downloaded (by its digest), what the file says, and what is
saved now. Untouched in Excel: nothing happens. Touched there alone: a change. Touched on both sides: a conflict, which
is shown and never written over unasked.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from creation.actions.energy import FIELDS, LABELS, canonical, figures_of
from creation.actions.figures import columns_of
from creation.exporting import (
    ANSWER,
    CODE,
    ENERGY_KEY,
    ENERGY_LAST,
    ENERGY_THIS,
    KEY,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    REMARK,
    YES,
    digest_of,
    figures_digest,
    items_key,
    one_kind_of_lines,
)
from creation.forms.energy import REASON_LENGTH, read_amount
from creation.forms.ratings import NONE_OF_THEM, RatingForm, found_text
from creation.importing.energy import CellFault, cell_text, in_words
from creation.importing.faults import Faults, visible
from creation.importing.reading import cell_name, open_book
from creation.models import Answer, Assessment, EnergyFigures, Indicator

MAX_CELLS = 1_000_000
MOST_ROWS = 500
MOST_DIGITS = 4  # of a place in a list
_KEY = re.compile(r"([0-9]{1,9}):([0-9a-f]{16})")
_SEPARATORS = re.compile(r"[\s,，、;；/]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One item or one year that the file would change. `rows` are (what, now, in the file) where they differ.

    `payload` is what the verb is given, with the version that is saved now; `conflict` tells that a colleague changed
    it since the download.
    """

    key: str
    title: str
    rows: list[tuple[str, str, str]]
    payload: dict[str, Any]
    conflict: bool
    saved: Answer | EnergyFigures | None


@dataclass
class Brought:
    """What a workbook brought: its faults, or what differs."""

    faults: list[CellFault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)


def read_workbook(path: Path, assessment: Assessment) -> Brought:
    """Return what the workbook at `path` says other than what is saved; with a fault nothing of it may be used."""
    faults, brought = Faults(), Brought()
    book = open_book(path, faults, MAX_CELLS)
    if book is None:
        return Brought([in_words(fault) for fault in faults.first])
    try:
        sheets = dict(_sheets(book, assessment))
    except (CalamineError, OSError):
        return Brought([CellFault("", "", _("The workbook cannot be read: save it anew as XLSX."))])
    if "items" not in sheets:
        return Brought([CellFault("", "", _not_ours())])
    _read_items(*sheets["items"], assessment, brought)
    if "energy" in sheets:
        _read_energy(*sheets["energy"], assessment, brought)
    return brought


def _not_ours() -> str:
    return _(
        "This is not the workbook of this file: download it here, fill it in and leave its hidden column in place."
    )


def _sheets(book: CalamineWorkbook, assessment: Assessment) -> Iterator[tuple[str, tuple[str, list[list[Any]]]]]:
    """Yield the sheets of this file by their mark: (items or energy, (name, rows))."""
    marks = {"items": (KEY, items_key(assessment)), "energy": (ENERGY_KEY, f"energy|{assessment.pk}|")}
    for name in book.sheet_names:
        rows = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=MOST_ROWS)]
        for kind, (place, mark) in marks.items():
            if rows and len(rows[0]) > place and str(rows[0][place]).startswith(mark):
                yield kind, (name, rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, as people count it."""

    sheet: str
    number: int
    cells: list[Any]

    def text(self, place: int) -> str:
        """Return a cell as text."""
        return one_kind_of_lines(cell_text(self.cells[place])) if place < len(self.cells) else ""

    def fault(self, place: int, text: str) -> CellFault:
        """Return a fault of a cell, named by its sheet."""
        return CellFault(f"{self.sheet}!{cell_name(self.number, place)}", visible(self.text(place)), text)


def _rows(sheet: str, rows: list[list[Any]]) -> Iterator[Row]:
    """Yield the rows below the heading."""
    return (Row(sheet, number, cells) for number, cells in enumerate(rows[1:], start=2))


# --- items -----------------------------------------------------------------------------------------------------------


def _read_items(sheet: str, rows: list[list[Any]], assessment: Assessment, brought: Brought) -> None:
    indicators = {one.code: one for one in assessment.cycle.standard.indicators.all()}
    answers = {row.indicator_id: row for row in assessment.answers.select_related("saved_by")}
    seen: dict[str, int] = {}
    for row in _rows(sheet, rows):
        code = row.text(CODE)
        if not any(row.text(place) for place in (CODE, ANSWER, NOT_APPLICABLE, REMARK)):
            continue
        if code not in indicators:
            brought.faults.append(row.fault(CODE, _("The standard has no item with this code.")))
        elif code in seen:
            brought.faults.append(row.fault(CODE, _("Row %(row)s has the same code.") % {"row": seen[code]}))
        else:
            seen[code] = row.number
            _read_item(row, indicators[code], answers.get(indicators[code].pk), brought)


def _read_item(row: Row, indicator: Indicator, saved: Answer | None, brought: Brought) -> None:
    key = _KEY.fullmatch(row.text(KEY))
    if key is None:
        brought.faults.append(row.fault(KEY, _not_ours()))
        return
    form = RatingForm(indicator, _as_typed(indicator, row))
    faults = list(_faults_of(row, indicator, form))
    if faults:
        brought.faults += faults
        return
    value, remark = form.value(), one_kind_of_lines(form.cleaned_data["remark"])
    digest = digest_of(value.value, value.not_applicable, remark)
    now = digest_of(saved.found, saved.not_applicable, saved.remark) if saved else digest_of(None, False, "")
    if digest in {key[2], now}:
        return  # nobody touched it in Excel, or it says what is saved already
    payload = {
        "code": indicator.code,
        "found": value.value,
        "not_applicable": value.not_applicable,
        "remark": remark,
        "version": saved.version if saved else 0,
    }
    brought.differences.append(
        Difference(
            f"item-{indicator.code}",
            f"{indicator.code} {indicator}",
            _item_rows(indicator, saved, form),
            payload,
            now != key[2],
            saved,
        )
    )


def _as_typed(indicator: Indicator, row: Row) -> dict[str, Any]:
    """Return the cells of a row as the form of the item would have sent them."""
    data: dict[str, Any] = {"remark": row.text(REMARK), "version": "0"}
    if row.text(NOT_APPLICABLE):
        data["not_applicable"] = "on"
    typed = unicodedata.normalize("NFKC", row.text(ANSWER))
    if typed:
        data["found"] = _found_typed(indicator.rubric, typed)
    return data


def _found_typed(rubric: Mapping[str, Any], typed: str) -> str | list[str]:
    match rubric["method"]:
        case "gate":
            return {**_words(NOT_MET, "not_met"), **_words(MET, "met")}.get(typed.casefold(), typed)
        case "checklist":
            return [_place(part) for part in _SEPARATORS.split(typed) if part]
        case "levels":
            return _place(typed)
    return typed


def _words(word: Any, slug: str) -> dict[str, str]:
    """Return the word in both languages, so that a workbook may be filled in by one and brought by another."""
    found = {slug: slug}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found[str(word).casefold()] = slug
    return found


def _place(typed: str) -> str:
    """Return a place that counts from 1 as the form counts it; 0 is none of them."""
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > MOST_DIGITS:
        return typed
    return NONE_OF_THEM if int(typed) == 0 else str(int(typed) - 1)


def _faults_of(row: Row, indicator: Indicator, form: RatingForm) -> Iterator[CellFault]:
    """Yield what is wrong in one row, each with its cell."""
    places = {"found": ANSWER, "not_applicable": NOT_APPLICABLE, "remark": REMARK}
    for name, errors in form.errors.as_data().items():
        for error in errors:
            known = name != "found" or error.code != "invalid_choice"
            text = error.messages[0] if known else _("This cannot be entered here: see the column before it.")
            yield row.fault(places.get(name, ANSWER), text)
    marked = row.text(NOT_APPLICABLE)
    if marked and indicator.not_applicable == Indicator.NotApplicable.NOT_ALLOWED:
        yield row.fault(NOT_APPLICABLE, _("This indicator cannot be marked not applicable."))
    elif marked and unicodedata.normalize("NFKC", marked).casefold() not in _words(YES, "yes"):
        yield row.fault(NOT_APPLICABLE, _("Choose “%(yes)s”, or leave the cell empty.") % {"yes": YES})
    if _CONTROL.search(row.text(REMARK)):
        yield row.fault(REMARK, _("The text holds a character that cannot be seen. Type it anew."))


def _item_rows(indicator: Indicator, saved: Answer | None, form: RatingForm) -> list[tuple[str, str, str]]:
    rows = [
        (_("Answer"), found_text(indicator, saved), found_text(indicator, form.as_row())),
        (_("Explanation"), one_kind_of_lines(saved.remark) if saved else "", form.cleaned_data["remark"]),
    ]
    return [(what, now, new) for what, now, new in rows if one_kind_of_lines(now) != one_kind_of_lines(new)]


# --- figures ---------------------------------------------------------------------------------------------------------


def _read_energy(sheet: str, rows: list[list[Any]], assessment: Assessment, brought: Brought) -> None:
    heading = Row(sheet, 1, rows[0])
    keys = [_KEY.fullmatch(part) for part in heading.text(ENERGY_KEY).split("|")[2:]]
    rated, saved = assessment.cycle.calendar_year, figures_of(assessment)
    if len(keys) != 2 or None in keys:  # noqa: PLR2004 one for each year
        brought.faults.append(heading.fault(ENERGY_KEY, _not_ours()))
        return
    read = [_read_year(sheet, rows, place, brought) for place in (ENERGY_LAST, ENERGY_THIS)]
    touched = [figures_digest(values) != key[2] for values, key in zip(read, keys, strict=True)]
    if touched[1] and rated - 1 not in saved and any(read[0].values()):
        touched[0] = True  # last year's figures, offered from an earlier file, are read together with this year's
    for year, values, key, is_touched in zip((rated - 1, rated), read, keys, touched, strict=True):
        row = saved.get(year)
        now = figures_digest(columns_of(row))
        if is_touched and figures_digest(values) != now:
            offered = row is None and key[1] == "0"
            conflict = not offered and now != key[2]
            brought.differences.append(_year_difference(year, values, row, conflict=conflict))


def _read_year(sheet: str, rows: list[list[Any]], place: int, brought: Brought) -> dict[str, Any]:
    """Return one year's column; a row whose hidden name is gone counts as empty."""
    values: dict[str, Any] = dict.fromkeys(FIELDS) | {"change_reason": ""}
    for row in _rows(sheet, rows):
        name = row.text(ENERGY_KEY)
        if name not in values:
            continue
        typed = row.text(place)
        try:
            values[name] = _reason(typed) if name == "change_reason" else read_amount(name, typed)
        except ValidationError as error:
            brought.faults.append(row.fault(place, error.messages[0]))
    return values


def _reason(typed: str) -> str:
    if len(typed) > REASON_LENGTH or _CONTROL.search(typed):
        raise ValidationError(_("At most %(limit)s characters that can be seen.") % {"limit": REASON_LENGTH})
    return typed


def _year_difference(year: int, values: Mapping[str, Any], row: EnergyFigures | None, *, conflict: bool) -> Difference:
    now = columns_of(row)
    shown = [(str(LABELS[name]), _shown(now[name]), _shown(values[name])) for name in values]
    payload = {"year": year, "version": row.version if row else 0}
    payload["values"] = {name: _shown(value) for name, value in values.items()}
    rows = [(what, was, new) for what, was, new in shown if was != new]
    return Difference(f"year-{year}", _("Energy figures %(year)s") % {"year": year}, rows, payload, conflict, row)


def _shown(value: Any) -> str:
    return one_kind_of_lines(value) if isinstance(value, str) else canonical(value) or ""
