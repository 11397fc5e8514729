"""What is wrong with a file, fault by fault: row, column, value, reason and repair.

A fault is kept as a code with its details and put into words only when somebody reads it, in the reader's language.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

SHOWN = 500  # kept with the import and shown on its page; all of them go through the sink
LONGEST_VALUE = 100
LONGEST_DETAIL = 500
HEADING = ("row", "column", "value", "reason", "repair")

# code → (reason, repair)
TEXTS = {
    "empty": (lazy("The file is empty."), lazy("Choose the file again, or fill in the template.")),
    "no_rows": (lazy("The file has a heading but no rows."), lazy("Add at least one row below the heading.")),
    "gb18030": (
        lazy("The file is not UTF-8; it looks like GB18030 (GBK)."),
        lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "utf16": (
        lazy("The file is not UTF-8; it looks like UTF-16."),
        lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "encoding": (
        lazy("The file is not UTF-8; here begins what cannot be read."),
        lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "old_excel": (lazy("This is an Excel file of the old kind (XLS)."), lazy("Save it as an Excel workbook (XLSX).")),
    "unreadable": (
        lazy("The workbook cannot be read: it is damaged, protected by a password, or no Excel workbook."),
        lazy("Open it, remove the password and save it as an Excel workbook (XLSX)."),
    ),
    "too_large": (lazy("Unpacked, the workbook is too large."), lazy("Save the table as “CSV UTF-8”.")),
    "delimiter": (lazy("The cells are not separated by commas."), lazy("Save the file with commas between the cells.")),
    "no_heading": (
        lazy("The first row is not the heading."),
        lazy("Write the names of the columns into the first row: %(columns)s."),
    ),
    "column_missing": (lazy("This column is missing."), lazy("Add the column; its cells may be empty where allowed.")),
    "column_unknown": (lazy("This column is not known."), lazy("Remove it or name it as one of: %(columns)s.")),
    "column_twice": (lazy("This column stands twice."), lazy("Keep one of the two.")),
    "cells": (
        lazy("The row has %(found)s cells, the heading has %(expected)s."),
        lazy("Put text that holds a comma into quotation marks, and keep the empty cells."),
    ),
    "quotes": (
        lazy("The quotation marks of this row do not match."),
        lazy("Close each quotation mark; write one inside a text twice."),
    ),
    "missing": (lazy("A value is missing."), lazy("Fill in this cell.")),
    "control": (
        lazy("The text holds a character that cannot be seen (a line break, a tab or a control character)."),
        lazy("Type the text anew."),
    ),
    "too_long": (lazy("The text is too long: %(found)s characters."), lazy("At most %(limit)s characters.")),
    "code_length": (
        lazy("The code has %(found)s characters instead of 18."),
        lazy("Copy the unified social credit code from the certificate; in Excel, format the cells as text."),
    ),
    "code_character": (
        lazy("The code holds a character that no such code has."),
        lazy("Use digits and capital letters without I, O, Z, S and V."),
    ),
    "code_check": (
        lazy("The check character of the code does not fit (GB 32100-2015)."),
        lazy("Compare the code with the certificate: a character is wrong or two are swapped."),
    ),
    "twice": (lazy("Row %(other)s has the same code."), lazy("Keep one of the rows %(other)s and %(row)s.")),
    "other_organ": (
        lazy("The code belongs to another organ on the register: %(organ)s."),
        lazy("Enter this organ's own code; a code is never used again."),
    ),
    "region_unknown": (
        lazy("There is no region with this code."),
        lazy("Correct the code, or import the region first."),
    ),
    "region_outside": (
        lazy("The region is not one of yours."),
        lazy("Remove the row, or ask the registrar of that region."),
    ),
    "organ_outside": (
        lazy("The organ stands on the register of another region: %(region)s."),
        lazy("Remove the row, or ask the registrar of that region."),
    ),
    "organ_unknown": (
        lazy("There is no organ with this code on the register."),
        lazy("Correct the code, or import the organ first."),
    ),
    "category": (lazy("This category is not known."), lazy("Use one of: %(choices)s.")),
    "kind": (lazy("This kind is not known."), lazy("Use one of: %(choices)s.")),
    "date": (lazy("This is not a date."), lazy("Write year, month and day, such as 2026-01-31.")),
    "date_unclear": (
        lazy("This date can be read in more than one way."),
        lazy("Write year, month and day, such as 2026-01-31."),
    ),
    "date_range": (lazy("The year lies outside 1900 to 2199."), lazy("Correct the year.")),
    "number": (lazy("This is not a number."), lazy("Write digits only, such as 1250.")),
    "number_whole": (lazy("This is not a whole number."), lazy("Write a whole number, such as 1250.")),
    "negative": (lazy("The number is negative."), lazy("Write 0 or more, or leave the cell empty.")),
    "number_large": (lazy("The number is too large."), lazy("Check the number and its unit.")),
    "places": (lazy("The number has more than two decimal places."), lazy("Round it to two places.")),
    "abolished_early": (
        lazy("The organ would be abolished before it was established (%(other)s)."),
        lazy("abolished_on is the first day without the organ: it must lie after established_on."),
    ),
    "region_code": (lazy("The code may hold digits, letters and hyphens only."), lazy("Correct the code.")),
    "parent_unknown": (
        lazy("The region above is not known."),
        lazy("Add it to the file, or correct parent_code."),
    ),
    "parent_missing": (lazy("A district needs a region above it."), lazy("Fill in parent_code.")),
    "kind_order": (
        lazy("A region of kind %(kind)s cannot lie in one of kind %(parent_kind)s (%(parent)s)."),
        lazy("Correct kind or parent_code; the order is nation, province, city, district."),
    ),
    "cycle": (
        lazy("These regions lie in each other: %(codes)s."),
        lazy("Correct parent_code in one of their rows."),
    ),
    "granted_early": (
        lazy("The organ was recognised before it was established (%(other)s)."),
        lazy("Correct granted_on, or the organ's established_on."),
    ),
    "granted_late": (
        lazy("The organ was recognised after it had been abolished (%(other)s)."),
        lazy("Correct granted_on, or name the organ that went on."),
    ),
    "future": (lazy("The date lies in the future."), lazy("Correct the date.")),
    "expired_early": (
        lazy("The recognition would end before it was granted (%(other)s)."),
        lazy("valid_until is the last day with the title: it cannot lie before granted_on."),
    ),
    "revoked_early": (
        lazy("The recognition would be revoked before it was granted (%(other)s)."),
        lazy("revoked_on is the first day without the title: it cannot lie before granted_on."),
    ),
    "reason_missing": (lazy("A revoked recognition needs a reason."), lazy("Fill in reason.")),
    "reason_alone": (
        lazy("There is a reason but no date of revocation."),
        lazy("Fill in revoked_on, or remove the reason."),
    ),
    "recognition_twice": (
        lazy("Row %(other)s has a recognition of this organ on the same day."),
        lazy("Keep one of the rows %(other)s and %(row)s."),
    ),
    "live_twice_row": (
        lazy("The organ would hold two recognitions at once: see row %(other)s."),
        lazy("Give the earlier one an end (valid_until or revoked_on), or remove a row."),
    ),
    "live_twice_record": (
        lazy("The organ would hold two recognitions at once: one of %(other)s is on record."),
        lazy("Give the earlier one an end (valid_until or revoked_on), or remove the row."),
    ),
    "recorded_differently": (
        lazy("This recognition is on record with something else: %(what)s."),
        lazy("A record never changes; only a revocation with its reason may be added. Correct the row."),
    ),
    "revoke_in_portal": (
        lazy("This recognition was granted in the portal."),
        lazy("Revoke it on the page of its file, where its stage changes too."),
    ),
    "parked": (
        lazy("The file could not be worked off in three attempts. Nothing was changed."),
        lazy("Hand it in again; if that does not help, tell the operator of the portal."),
    ),
}

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the row as people count it (the heading is 1; None for the whole file), column, value, what, why."""

    row: int | None
    column: str
    value: str
    code: str
    details: dict[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Return what is wrong, in the reader's language."""
        return str(TEXTS[self.code][0]) % self._words()

    @property
    def repair(self) -> str:
        """Return what to do about it, in the reader's language."""
        return str(TEXTS[self.code][1]) % self._words()

    def _words(self) -> dict[str, object]:
        return {**self.details, "row": self.row}

    def as_list(self) -> list:
        """Return the fault as it is kept in JSON."""
        return [self.row, self.column, self.value, self.code, self.details]

    def __str__(self) -> str:
        where = _("row %(row)s, column %(column)s") % {"row": self.row, "column": self.column or "–"}
        if self.row is None:
            where = _("file")
        value = f" “{self.value}”" if self.value else ""
        return f"{where}{value}: {self.reason} {self.repair}"


class Faults:
    """Counts the faults of one pass, keeps the first `SHOWN` and hands every one to `sink`."""

    def __init__(self, sink: Callable[[Fault], None] | None = None):
        self.total = 0
        self.first: list[Fault] = []
        self._sink = sink

    def add(self, row: int | None, column: str, value: object, code: str, **details: object) -> None:
        """Note a fault; the value is shortened and made visible."""
        words = {name: visible(detail, LONGEST_DETAIL) for name, detail in details.items()}
        fault = Fault(row, visible(column), visible(value), code, words)
        self.total += 1
        if len(self.first) < SHOWN:
            self.first.append(fault)
        if self._sink:
            self._sink(fault)


def visible(value: object, longest: int = LONGEST_VALUE) -> str:
    """Return a value as short text in which invisible characters show; a database never sees a NUL."""
    text = _INVISIBLE.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] < " " else "�", str(value))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def as_rows(faults: Iterable[Fault]) -> Iterator[tuple]:
    """Yield the faults as rows of a table for download, the heading first."""
    yield HEADING
    for fault in faults:
        yield (fault.row, fault.column, fault.value, fault.reason, fault.repair)
