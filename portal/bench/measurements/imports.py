"""A register from a file, with every check and its audit events, beside writing the ready rows alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction

from creation.credit_code import check_character
from creation.importing.command import carry_out_file
from creation.importing.register import Register
from creation.spreadsheets import csv_to, workbook_to
from portal.bench import register as made
from portal.bench.loading import insert
from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench

CSV_AT_MOST = {"postgresql": 1 / 0.5, "sqlite": 1 / 0.3}
XLSX_AT_MOST = 1 / 0.4
BEHIND = 10_000_000  # ids of the floor's own rows


def csv_import(bench: Bench) -> Measured:
    """Take in as many new organs as the scale has, beside writing their ready rows without looking at them."""
    rows = [(BEHIND + number, *row[1:3], code, *row[4:8], "", *row[9:]) for number, code, row in _organs(bench)]
    with _file(bench, "csv") as path:
        return compare(
            f"import of all organs from CSV ÷ {'COPY' if _is_copied() else 'executemany'} of the ready rows",
            lambda: _undone(lambda: _take_in(path)),
            lambda: _undone(lambda: insert("creation.Organ", rows)),
            at_most=CSV_AT_MOST[connection.vendor],
            rounds=bench.rounds,
            note="with an audit event each",
        )


def xlsx_import(bench: Bench) -> Measured:
    """Take in the same organs from a workbook, beside taking them in from CSV."""
    with _file(bench, "csv") as csv, _file(bench, "xlsx") as xlsx:
        return compare(
            "import of all organs from XLSX ÷ from CSV",
            lambda: _undone(lambda: _take_in(xlsx)),
            lambda: _undone(lambda: _take_in(csv)),
            at_most=XLSX_AT_MOST,
            rounds=bench.rounds,
        )


def _organs(bench: Bench) -> Iterator[tuple[int, str, tuple]]:
    """Yield number, a code that no organ on the register has, and row of each organ."""
    for number, row in enumerate(made.organs(bench.register)):
        base = "12" + row[3][2:17]
        yield number, base + check_character(base), row


@contextmanager
def _file(bench: Bench, kind: str) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"organs.{kind}"
        if kind == "csv":
            with path.open("wb") as file:
                csv_to(file, _lines(bench))
        else:
            workbook_to(path, {"organs": _lines(bench)})
        yield path


def _lines(bench: Bench) -> Iterator[tuple]:
    codes = {row[0]: row[3] for row in bench.register.regions}
    yield Register.COLUMNS
    for _number, code, row in _organs(bench):
        _pk, name, name_en, _code, region, category, staff, area, _address, since, until = row
        yield code, name, name_en, codes[region], category, staff, float(area), since, until


def _take_in(path: Path) -> None:
    carry_out_file("register", path, sha256="0" * 64)


def _undone(work: Callable[[], object]) -> None:
    """Do the work with every check that a commit would make, and take it back."""
    with transaction.atomic():
        work()
        if _is_copied():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def _is_copied() -> bool:
    return connection.vendor == "postgresql"
