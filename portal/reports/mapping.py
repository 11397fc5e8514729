"""The columns that another system asks for, read from a mapping file: an edit of that file changes them, no code does.

The file is JSON: `format`, `name`, `sheet`, and `columns` in their order, each with its `head` and either a `source`
(a field of the portal) or a `text` that is the same in every row. A date may name its pattern (`date`: YYYY, MM, M, DD,
D and anything between them), a field with codes says what each is called there (`values`).
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

FORMAT = "conservation-organs-columns-1"
TEXT, NUMBER, DATE, CODE = "text", "number", "date", "code"
KEYS = {"head", "source", "text", "date", "values", "note"}
NEEDED = {"format", "name", "sheet", "columns"}
LONGEST_SHEET = 31
NOT_IN_SHEET = re.compile(r"[\[\]:*?/\\]")
PARTS = re.compile(r"YYYY|MM|M|DD|D")


class BadMapping(Exception):
    """The mapping file cannot be used; `faults` are all that is wrong, each with its place."""

    def __init__(self, faults: list[str]):
        super().__init__(" ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Source:
    """A field of the portal that a column may show: its kind, and its codes where it has any."""

    kind: str
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and where its value comes from and how it is written."""

    head: str
    source: str = ""
    text: str = ""
    date: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def cell(self, row: Mapping[str, Any]) -> Any:
        """Return the value of a row (source → value) as the other system wants it; None for an empty cell."""
        if not self.source:
            return self.text
        value = row[self.source]
        if value is None or value == "":
            return None
        if self.values:
            return self.values[str(value)]
        return as_written(value, self.date) if self.date else value


@dataclass(frozen=True, slots=True)
class Columns:
    """A mapping file that can be used."""

    name: str
    sheet: str
    columns: tuple[Column, ...]

    @property
    def heads(self) -> list[str]:
        """Return the heads in their order."""
        return [one.head for one in self.columns]


def as_written(day: date, pattern: str) -> str:
    """Return a day by its pattern: YYYY the year, MM and DD with two digits, M and D without a zero before them."""
    parts = {
        "YYYY": f"{day.year:04d}", "MM": f"{day.month:02d}", "M": str(day.month),
        "DD": f"{day.day:02d}", "D": str(day.day),
    }  # fmt: skip
    return PARTS.sub(lambda found: parts[found[0]], pattern)


def read(raw: bytes, sources: Mapping[str, Source]) -> Columns:
    """Return the mapping in a file; `BadMapping` with every fault at once when it cannot be used."""
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except ValueError as error:
        raise BadMapping([_("This is no JSON in UTF-8: %(fault)s") % {"fault": error}]) from error
    faults = [*_faults_of_file(data)]
    if not faults:
        for number, column in enumerate(data["columns"], start=1):
            place = _("Column %(number)s: ") % {"number": number}
            faults += [place + fault for fault in _faults_of(column, sources)]
        faults += _faults_of_heads([one.get("head") for one in data["columns"] if isinstance(one, dict)])
    if faults:
        raise BadMapping(faults)
    columns = tuple(Column(**{key: one[key] for key in KEYS & one.keys() - {"note"}}) for one in data["columns"])
    return Columns(data["name"], data["sheet"], columns)


def _faults_of_file(data: Any) -> Iterable[str]:
    if not isinstance(data, dict) or not data.keys() >= NEEDED:
        yield _("The file is an object with %(needed)s.") % {"needed": ", ".join(sorted(NEEDED))}
        return
    if data["format"] != FORMAT:
        yield _("Its format is “%(found)s”, and must be “%(format)s”.") % {"found": data["format"], "format": FORMAT}
    if not isinstance(data["name"], str) or not data["name"].strip():
        yield _("Its name is missing.")
    if not _is_sheet_name(data["sheet"]):
        yield _("“%(sheet)s” cannot be the name of a sheet: 1 to 31 characters, none of []:*?/\\.") % {
            "sheet": data["sheet"]
        }
    if not isinstance(data["columns"], list) or not data["columns"]:
        yield _("It names no columns.")


def _is_sheet_name(name: Any) -> bool:
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_SHEET:
        return False
    return not NOT_IN_SHEET.search(name) and not name.startswith("'") and not name.endswith("'")


def _faults_of_heads(heads: list[Any]) -> Iterable[str]:
    for head in sorted({head for head in heads if isinstance(head, str) and heads.count(head) > 1}):
        yield _("Two columns have the head “%(head)s”.") % {"head": head}


def _faults_of(column: Any, sources: Mapping[str, Source]) -> Iterable[str]:
    if not isinstance(column, dict) or not isinstance(column.get("head"), str) or not column["head"].strip():
        yield _("it has no head.")
        return
    if unknown := sorted(column.keys() - KEYS):
        yield _("“%(key)s” is not known here.") % {"key": "”, “".join(unknown)}
    if ("source" in column) == ("text" in column):
        yield _("it needs either a source or a text.")
        return
    if "text" in column:
        if not isinstance(column["text"], str) or column.keys() & {"date", "values"}:
            yield _("a text stands alone, without a pattern or values.")
        return
    source = sources.get(column["source"]) if isinstance(column["source"], str) else None
    if source is None:
        yield _("the source “%(source)s” is not one of %(known)s.") % {
            "source": column["source"],
            "known": ", ".join(sorted(sources)),
        }
        return
    yield from _faults_of_pattern(column, source)
    yield from _faults_of_values(column, source)


def _faults_of_pattern(column: Mapping[str, Any], source: Source) -> Iterable[str]:
    if "date" not in column:
        return
    pattern = column["date"]
    if source.kind != DATE:
        yield _("“%(source)s” is no date, so that it takes no pattern.") % {"source": column["source"]}
    elif not isinstance(pattern, str) or {part[0] for part in PARTS.findall(pattern)} != {"Y", "M", "D"}:
        yield _("the pattern “%(pattern)s” must name YYYY, MM or M, and DD or D.") % {"pattern": pattern}


def _faults_of_values(column: Mapping[str, Any], source: Source) -> Iterable[str]:
    values = column.get("values", {})
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        yield _("values are an object from each code to its text.")
        return
    if source.kind != CODE:
        if values:
            yield _("“%(source)s” has no codes, so that it takes no values.") % {"source": column["source"]}
        return
    if lacking := sorted(source.codes - values.keys()):
        yield _("its values lack %(codes)s.") % {"codes": ", ".join(lacking)}
    if unknown := sorted(values.keys() - source.codes):
        yield _("its values name %(codes)s, which do not exist.") % {"codes": ", ".join(unknown)}
