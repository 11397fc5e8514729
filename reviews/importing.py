"""A file with assignments: one row for each organ, read and checked cell by cell before anybody is assigned."""

from pathlib import Path

from creation.importing import cells
from creation.importing.cells import Bad
from creation.importing.faults import Faults
from creation.importing.reading import in_width, open_table
from creation.models import Assessment, User
from reviews.actions.assignments import Assignment
from reviews.actions.teams import inspectors_for

COLUMNS = ("credit_code", "organ", "visit_on", "lead", "team")
PARSERS = {
    "credit_code": cells.credit_code,
    "organ": cells.text(200, required=False),  # for people to read; the code decides
    "visit_on": cells.day(required=True),
    "lead": cells.text(150, required=True),
    "team": cells.text(1000, required=False),
}


def read_assignments(path: Path, files: list[Assessment], faults: Faults) -> list[Assignment]:
    """Return the assignments of the file; every fault is noted with its row and column, and nothing is written.

    `files` are those that may be assigned. `team` names the others by user name, separated by blanks, commas or
    semicolons. Whether somebody has a conflict of interest is asked by the verb that assigns.
    """
    table = open_table(path, COLUMNS, faults)
    if table is None:
        return []
    reader = _Reader(files, faults)
    found = [reader.read(number, _named(row, table)) for number, row in table.rows]
    if not found and not faults.total:
        faults.add(None, "", "", "no_rows")
    return [one for one in found if one is not None]


def _named(row: list, table) -> dict:
    row = in_width(row, table.width)
    return {
        name: row[place] if place < len(row) and row[place] is not None else "" for name, place in table.places.items()
    }


class _Reader:
    def __init__(self, files: list[Assessment], faults: Faults):
        self.files = {file.organ.credit_code: file for file in files}
        self.faults = faults
        self.seen: dict[str, int] = {}

    def read(self, number: int, row: dict) -> Assignment | None:
        """Return the assignment of one row, None when anything in it cannot be taken."""
        before = self.faults.total
        values = {name: self._cell(number, name, row.get(name, "")) for name in COLUMNS}
        if self.faults.total > before:
            return None
        file = self._file(number, values["credit_code"])
        if file is None:
            return None
        people = {user.username: user for user in inspectors_for(file, "inspection", values["visit_on"])}
        lead = self._person(number, "lead", values["lead"], people)
        names = values["team"].replace(",", " ").replace(";", " ").replace("，", " ").replace("；", " ").split()
        others = [self._person(number, "team", name, people) for name in dict.fromkeys(names) if name != values["lead"]]
        if self.faults.total > before:
            return None
        return Assignment(file, (lead, *others), lead, values["visit_on"])

    def _cell(self, number: int, name: str, raw: object):
        try:
            return PARSERS[name](raw)
        except Bad as bad:
            self.faults.add(number, name, raw, bad.code, **bad.details)
            return None

    def _file(self, number: int, code: str) -> Assessment | None:
        first = self.seen.setdefault(code, number)
        if first != number:
            self.faults.add(number, "credit_code", code, "twice", other=first)
        elif code not in self.files:
            self.faults.add(number, "credit_code", code, "nothing_to_assign")
        else:
            return self.files[code]
        return None

    def _person(self, number: int, column: str, name: str, people: dict[str, User]) -> User | None:
        if name not in people:
            self.faults.add(number, column, name, "not_an_inspector")
        return people.get(name)
