"""The whole register as a file, beside a bare writer that is fed the same rows."""

import csv
import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from creation.models import Organ
from creation.spreadsheets import csv_to, workbook_to
from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench

COLUMNS = ("credit_code", "name", "name_en", "region__code", "category", "staff", "floor_area_m2", "established_on")
AT_MOST = 1 / 0.5


def csv_export(bench: Bench) -> Measured:
    """Write all organs as CSV in which nothing is live, beside the plain csv module."""
    return _beside("export of all organs to CSV ÷ a bare writer", _csv, _bare_csv, bench)


def xlsx_export(bench: Bench) -> Measured:
    """Write all organs as XLSX in which nothing is live, beside plain xlsxwriter in constant memory."""
    return _beside("export of all organs to XLSX ÷ a bare writer", _xlsx, _bare_xlsx, bench)


def _rows() -> Iterator[tuple]:
    yield COLUMNS
    yield from Organ.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=5000)


def _csv(path: Path) -> None:
    with path.open("wb") as file:
        csv_to(file, _rows())


def _bare_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_rows())


def _xlsx(path: Path) -> None:
    workbook_to(path, {"organs": _rows()})


def _bare_xlsx(path: Path) -> None:
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("organs")
        for number, row in enumerate(_rows()):
            sheet.write_row(number, 0, row)


def _beside(name: str, ours: Callable[[Path], None], bare: Callable[[Path], None], bench: Bench) -> Measured:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        found = compare(
            name,
            lambda: ours(path),
            lambda: bare(path),
            at_most=AT_MOST,
            rounds=bench.rounds,
        )
    return replace(found, note=f"{_most_memory()} MB at most")


def _most_memory() -> int:
    """Return the most memory that this process has held so far, in MB: an upper bound of what the work needs."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
