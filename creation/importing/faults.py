"""What is wrong with a file, fault by fault: row, column, value, reason and repair.

A fault is kept as a code with its details and put into words only when somebody reads it, in the reader's language.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SHOWN = 500  # kept with the import and shown on its page; all of them go through the sink
LONGEST_VALUE = 100
LONGEST_DETAIL = 500
HEADING = ("row", "column", "value", "reason", "repair")

# code → (reason, repair)
TEXTS = {
    "empty": (gettext_lazy("The file is empty."), gettext_lazy("Choose the file again, or fill in the template.")),
    "no_rows": (
        gettext_lazy("The file has a heading but no rows."),
        gettext_lazy("Add at least one row below the heading."),
    ),
    "gb18030": (
        gettext_lazy("The file is not UTF-8; it looks like GB18030 (GBK)."),
        gettext_lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "utf16": (
        gettext_lazy("The file is not UTF-8; it looks like UTF-16."),
        gettext_lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "encoding": (
        gettext_lazy("The file is not UTF-8; here begins what cannot be read."),
        gettext_lazy("Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."),
    ),
    "old_excel": (
        gettext_lazy("This is an Excel file of the old kind (XLS)."),
        gettext_lazy("Save it as an Excel workbook (XLSX)."),
    ),
    "unreadable": (
        gettext_lazy("The workbook cannot be read: it is damaged, protected by a password, or no Excel workbook."),
        gettext_lazy("Open it, remove the password and save it as an Excel workbook (XLSX)."),
    ),
    "too_large": (gettext_lazy("Unpacked, the workbook is too large."), gettext_lazy("Save the table as “CSV UTF-8”.")),
    "delimiter": (
        gettext_lazy("The cells are not separated by commas."),
        gettext_lazy("Save the file with commas between the cells."),
    ),
    "no_heading": (
        gettext_lazy("The first row is not the heading."),
        gettext_lazy("Write the names of the columns into the first row: %(columns)s."),
    ),
    "column_missing": (
        gettext_lazy("This column is missing."),
        gettext_lazy("Add the column; its cells may be empty where allowed."),
    ),
    "column_unknown": (
        gettext_lazy("This column is not known."),
        gettext_lazy("Remove it or name it as one of: %(columns)s."),
    ),
    "column_twice": (gettext_lazy("This column stands twice."), gettext_lazy("Keep one of the two.")),
    "cells": (
        gettext_lazy("The row has %(found)s cells, the heading has %(expected)s."),
        gettext_lazy("Put text that holds a comma into quotation marks, and keep the empty cells."),
    ),
    "quotes": (
        gettext_lazy("The quotation marks of this row do not match."),
        gettext_lazy("Close each quotation mark; write one inside a text twice."),
    ),
    "missing": (gettext_lazy("A value is missing."), gettext_lazy("Fill in this cell.")),
    "control": (
        gettext_lazy("The text holds a character that cannot be seen (a line break, a tab or a control character)."),
        gettext_lazy("Type the text anew."),
    ),
    "too_long": (
        gettext_lazy("The text is too long: %(found)s characters."),
        gettext_lazy("At most %(limit)s characters."),
    ),
    "code_length": (
        gettext_lazy("The code has %(found)s characters instead of 18."),
        gettext_lazy("Copy the unified social credit code from the certificate; in Excel, format the cells as text."),
    ),
    "code_character": (
        gettext_lazy("The code holds a character that no such code has."),
        gettext_lazy("Use digits and capital letters without I, O, Z, S and V."),
    ),
    "code_check": (
        gettext_lazy("The check character of the code does not fit (GB 32100-2015)."),
        gettext_lazy("Compare the code with the certificate: a character is wrong or two are swapped."),
    ),
    "twice": (
        gettext_lazy("Row %(other)s has the same code."),
        gettext_lazy("Keep one of the rows %(other)s and %(row)s."),
    ),
    "other_organ": (
        gettext_lazy("The code belongs to another organ on the register: %(organ)s."),
        gettext_lazy("Enter this organ's own code; a code is never used again."),
    ),
    "region_unknown": (
        gettext_lazy("There is no region with this code."),
        gettext_lazy("Correct the code, or import the region first."),
    ),
    "region_outside": (
        gettext_lazy("The region is not one of yours."),
        gettext_lazy("Remove the row, or ask the registrar of that region."),
    ),
    "organ_outside": (
        gettext_lazy("The organ stands on the register of another region: %(region)s."),
        gettext_lazy("Remove the row, or ask the registrar of that region."),
    ),
    "organ_unknown": (
        gettext_lazy("There is no organ with this code on the register."),
        gettext_lazy("Correct the code, or import the organ first."),
    ),
    "category": (gettext_lazy("This category is not known."), gettext_lazy("Use one of: %(choices)s.")),
    "kind": (gettext_lazy("This kind is not known."), gettext_lazy("Use one of: %(choices)s.")),
    "date": (gettext_lazy("This is not a date."), gettext_lazy("Write year, month and day, such as 2026-01-31.")),
    "date_unclear": (
        gettext_lazy("This date can be read in more than one way."),
        gettext_lazy("Write year, month and day, such as 2026-01-31."),
    ),
    "date_range": (gettext_lazy("The year lies outside 1900 to 2199."), gettext_lazy("Correct the year.")),
    "number": (gettext_lazy("This is not a number."), gettext_lazy("Write digits only, such as 1250.")),
    "number_whole": (gettext_lazy("This is not a whole number."), gettext_lazy("Write a whole number, such as 1250.")),
    "negative": (gettext_lazy("The number is negative."), gettext_lazy("Write 0 or more, or leave the cell empty.")),
    "number_large": (gettext_lazy("The number is too large."), gettext_lazy("Check the number and its unit.")),
    "places": (gettext_lazy("The number has more than two decimal places."), gettext_lazy("Round it to two places.")),
    "abolished_early": (
        gettext_lazy("The organ would be abolished before it was established (%(other)s)."),
        gettext_lazy("abolished_on is the first day without the organ: it must lie after established_on."),
    ),
    "region_code": (
        gettext_lazy("The code may hold digits, letters and hyphens only."),
        gettext_lazy("Correct the code."),
    ),
    "parent_unknown": (
        gettext_lazy("The region above is not known."),
        gettext_lazy("Add it to the file, or correct parent_code."),
    ),
    "parent_missing": (gettext_lazy("A district needs a region above it."), gettext_lazy("Fill in parent_code.")),
    "kind_order": (
        gettext_lazy("A region of kind %(kind)s cannot lie in one of kind %(parent_kind)s (%(parent)s)."),
        gettext_lazy("Correct kind or parent_code; the order is nation, province, city, district."),
    ),
    "cycle": (
        gettext_lazy("These regions lie in each other: %(codes)s."),
        gettext_lazy("Correct parent_code in one of their rows."),
    ),
    "granted_early": (
        gettext_lazy("The organ was recognised before it was established (%(other)s)."),
        gettext_lazy("Correct granted_on, or the organ's established_on."),
    ),
    "granted_late": (
        gettext_lazy("The organ was recognised after it had been abolished (%(other)s)."),
        gettext_lazy("Correct granted_on, or name the organ that went on."),
    ),
    "future": (gettext_lazy("The date lies in the future."), gettext_lazy("Correct the date.")),
    "expired_early": (
        gettext_lazy("The recognition would end before it was granted (%(other)s)."),
        gettext_lazy("valid_until is the last day with the title: it cannot lie before granted_on."),
    ),
    "revoked_early": (
        gettext_lazy("The recognition would be revoked before it was granted (%(other)s)."),
        gettext_lazy("revoked_on is the first day without the title: it cannot lie before granted_on."),
    ),
    "reason_missing": (gettext_lazy("A revoked recognition needs a reason."), gettext_lazy("Fill in reason.")),
    "reason_alone": (
        gettext_lazy("There is a reason but no date of revocation."),
        gettext_lazy("Fill in revoked_on, or remove the reason."),
    ),
    "recognition_twice": (
        gettext_lazy("Row %(other)s has a recognition of this organ on the same day."),
        gettext_lazy("Keep one of the rows %(other)s and %(row)s."),
    ),
    "live_twice_row": (
        gettext_lazy("The organ would hold two recognitions at once: see row %(other)s."),
        gettext_lazy("Give the earlier one an end (valid_until or revoked_on), or remove a row."),
    ),
    "live_twice_record": (
        gettext_lazy("The organ would hold two recognitions at once: one of %(other)s is on record."),
        gettext_lazy("Give the earlier one an end (valid_until or revoked_on), or remove the row."),
    ),
    "recorded_differently": (
        gettext_lazy("This recognition is on record with something else: %(what)s."),
        gettext_lazy("A record never changes; only a revocation with its reason may be added. Correct the row."),
    ),
    "revoke_in_portal": (
        gettext_lazy("This recognition was granted in the portal."),
        gettext_lazy("Revoke it on the page of its file, where its stage changes too."),
    ),
    "nothing_to_assign": (
        gettext_lazy("No submitted file of this organ waits for a team of your department."),
        gettext_lazy("Correct the code, or remove the row."),
    ),
    "not_an_inspector": (
        gettext_lazy("This is not the user name of an inspector of the area that visits on that day."),
        gettext_lazy("Write the user name as the list of people shows it."),
    ),
    "parked": (
        gettext_lazy("The file could not be worked off in three attempts. Nothing was changed."),
        gettext_lazy("Hand it in again; if that does not help, tell the operator of the portal."),
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
