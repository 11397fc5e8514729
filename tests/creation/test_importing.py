"""Files of organs: every error at once, all or nothing, twice as good as once."""

import csv
import io
import zipfile
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from creation.importing.faults import TEXTS, Fault
from creation.importing.work import examine
from creation.models import CountChange, Event, Organ, Region, RegionPath
from tests.creation.import_files import (
    DATA,
    REGISTER,
    a_file,
    as_on_register,
    code,
    faults_in,
    known,
    organ_row,
    take_in,
    traces,
)

__all__ = ["a_file"]  # a fixture is found by its name

# --- the demonstration's own files ----------------------------------------------------------------------------------


def test_the_demonstration_register_comes_in_whole_and_twice_is_once(db):
    take_in("regions", DATA / "regions.csv")
    take_in("register", DATA / "register_demo.csv")
    assert Region.objects.count() == 19
    assert RegionPath.objects.count() == 1 + 2 + 17 * 3
    assert list(Region.objects.values_list("position", flat=True)) == list(range(1, 20))
    kinds = Counter(Organ.objects.values_list("region__kind", flat=True))
    assert kinds == {"city": 86, "district": 1176}
    before = traces(), as_on_register()
    take_in("regions", DATA / "regions.csv")
    take_in("register", DATA / "register_demo.csv")
    assert (traces(), as_on_register()) == before


def test_what_comes_in_is_queued_for_the_recount_once(db):
    take_in("regions", DATA / "regions.csv")
    take_in("register", DATA / "register_demo.csv")
    with_organs = set(Organ.objects.values_list("region", flat=True))
    assert sorted(CountChange.objects.values_list("region", "since")) == sorted(
        (pk, date(2019, 1, 1)) for pk in with_organs
    )


def test_an_event_for_each_row_and_one_for_the_file(db):
    take_in("regions", DATA / "regions.csv")
    verbs = Counter(Event.objects.values_list("verb", "subject_type"))
    assert verbs == {("import_add", "region"): 19, ("import_regions", "import"): 1}


# --- fifty planted errors -------------------------------------------------------------------------------------------

PLANTED = {
    "check": {number: {"credit_code": "11110101TMT000001A"} for number in range(1, 6)},
    "unknown region": {number: {"region_code": "999999"} for number in range(6, 11)},
    "category": {11: {"category": "ministry"}, 12: {"category": "行政机关"}, 13: {"category": "PARTY"}},
    "dates": {
        14: {"established_on": "2019-02-30"},
        15: {"established_on": "2019/1/1"},
        16: {"established_on": "01/02/2019"},
        17: {"established_on": "19-01-01"},
        18: {"abolished_on": "soon"},
        19: {"established_on": "20190101"},
        20: {"established_on": "1066-10-14"},
    },
    "order of dates": {
        21: {"abolished_on": "2018-12-31"},
        22: {"abolished_on": "2019-01-01"},
    },
    "numbers": {
        23: {"staff": "-1"},
        24: {"staff": "ten"},
        25: {"staff": "1.5"},
        26: {"staff": "1,234"},
        27: {"staff": "99999999999"},
        28: {"floor_area_m2": "-0.5"},
        29: {"floor_area_m2": "100 m²"},
        30: {"floor_area_m2": "1.234"},
        31: {"floor_area_m2": "99999999999"},
        32: {"floor_area_m2": "NaN"},
    },
    "missing": {
        33: {"credit_code": ""},
        34: {"name": " "},
        35: {"region_code": ""},
        36: {"category": ""},
        37: {"established_on": ""},
    },
    "text": {
        38: {"name": "长" * 201},
        39: {"name_en": "x" * 201},
        40: {"name": "a\0b"},
        41: {"name": "a\nb"},
        42: {"name_en": "a\x07b"},
        43: {"name": "a\u202eb"},
    },
    "codes": {
        44: {"credit_code": "123"},
        45: {"credit_code": "11110101TSI000001A"},
        46: {"credit_code": code(100)},
        47: {"credit_code": code(100)},
    },
    # two errors in one row are two
    "two at once": {48: {"staff": "-5", "category": "x"}},
}
CODES_PLANTED = {
    "code_check": 5, "region_unknown": 5, "category": 4, "date": 4, "date_unclear": 2, "date_range": 1,
    "abolished_early": 2, "negative": 3, "number": 4, "number_whole": 1, "number_large": 2, "places": 1, "missing": 5,
    "too_long": 2, "control": 4, "code_length": 1, "code_character": 1, "twice": 2, "cells": 1,
}  # fmt: skip


def planted_rows():
    changed = {number: other for planted in PLANTED.values() for number, other in planted.items()}
    rows = [organ_row(number, **changed.get(number, {})) for number in range(1, 49)]
    return [REGISTER, organ_row(100), *rows, organ_row(49)[:5], organ_row(50)]


def test_fifty_planted_errors_are_fifty_each_with_reason_and_repair(world, a_file, tmp_path, capsys):
    path = a_file(planted_rows())
    found = faults_in("register", path)
    assert len(found) == 50
    assert Counter(one[2] for one in found) == CODES_PLANTED
    errors = tmp_path / "errors.csv"
    before = traces(), as_on_register()
    with pytest.raises(CommandError) as stopped:
        call_command("import_register", path, errors=errors)
    assert stopped.value.returncode == 1
    assert str(stopped.value) == "50 errors; nothing was changed."
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("row ")]
    assert len(lines) == 50
    table = list(csv.reader(io.StringIO(errors.read_text(encoding="utf-8-sig"))))
    assert table[0] == ["row", "column", "value", "reason", "repair"]
    assert len(table) == 51
    assert all(row[0].isdecimal() and row[3] and row[4] for row in table[1:])
    assert (traces(), as_on_register()) == before


def test_a_code_that_stands_twice_names_both_rows(world, a_file):
    found = []
    examine("register", a_file([REGISTER, organ_row(7), organ_row(8), organ_row(7)]), sink=found.append)
    assert [(fault.row, fault.value, fault.reason) for fault in found] == [(4, code(7), "Row 2 has the same code.")]
    assert found[0].repair == "Keep one of the rows 2 and 4."


def test_every_fault_has_its_words():
    words = ["found", "expected", "limit", "columns", "choices", "other", "organ", "region"]
    words += ["kind", "parent_kind", "parent", "codes", "what", "row"]
    with translation.override("en"):
        for slug in TEXTS:
            fault = Fault(1, "c", "v", slug, dict.fromkeys(words, "x"))
            assert fault.reason
            assert fault.repair


# --- what the whole file is -----------------------------------------------------------------------------------------

ONE = "credit_code,name,name_en,region_code,category,staff,floor_area_m2,established_on,abolished_on\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", [(None, "", "empty")]),
        (b"\xef\xbb\xbf", [(None, "", "empty")]),
        (b"\n\n,,\n", [(None, "", "empty")]),
        (ONE.encode(), [(None, "", "no_rows")]),
        ((ONE + ",".join(organ_row(1))).encode("gb18030"), [(2, "", "gb18030")]),
        ((ONE + ",".join(organ_row(1))).encode("utf-16"), [(None, "", "utf16")]),
        ((ONE + "\n\n").encode() + b"a\xff\xfe\xff\xff,", [(4, "", "encoding")]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), [(None, "", "old_excel")]),
        (b"PK\x03\x04" + bytes(64), [(None, "", "unreadable")]),
        ((ONE.replace(",", ";") + "a;b").encode(), [(1, "", "delimiter")]),
        (",".join(organ_row(1)).encode(), [(1, "", "no_heading")]),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(world, a_file, raw, expected):
    assert faults_in("register", a_file([], raw=raw)) == expected


def test_gb18030_is_refused_with_what_to_do(world, a_file):
    found = []
    examine("register", a_file([REGISTER, organ_row(1)], encoding="gb18030"), sink=found.append)
    assert [fault.repair for fault in found] == ["Save it as “CSV UTF-8” or as an Excel workbook (XLSX)."]


def test_columns_missing_unknown_and_doubled_are_named_and_the_rows_still_checked(world, a_file):
    heading = ["credit_code", "name", "name", "nmae", "region_code", "category", "staff", "floor_area_m2"]
    row = [code(1), "甲", "乙", "丙", "999999", "party", "1", "1"]
    assert faults_in("register", a_file([heading, row])) == [
        (1, "abolished_on", "column_missing"),
        (1, "established_on", "column_missing"),
        (1, "name", "column_twice"),
        (1, "name_en", "column_missing"),
        (1, "nmae", "column_unknown"),
        (2, "region_code", "region_unknown"),
    ]


def test_quotes_that_do_not_match_are_one_error_of_their_row(world, a_file):
    raw = (ONE + '"x"y,a\n' + ",".join(organ_row(2, staff="x"))).encode()
    assert faults_in("register", a_file([], raw=raw)) == [(2, "", "quotes"), (3, "staff", "number")]


def test_columns_may_stand_in_any_order_with_blank_rows_and_a_mark_at_the_start(world, a_file):
    rows = [list(reversed(row)) for row in (REGISTER, organ_row(1), [""] * 9, organ_row(2))]
    take_in("register", a_file(rows, encoding="utf-8-sig"))
    assert set(Organ.objects.filter(credit_code__contains="TMT").values_list("credit_code", flat=True)) == {
        code(1),
        code(2),
    }


def test_a_bomb_is_not_inflated(world, a_file, monkeypatch):
    monkeypatch.setattr("creation.importing.reading.MAX_INFLATED", 1000)
    assert faults_in("register", a_file([REGISTER, organ_row(1)], name="a.xlsx")) == [(None, "", "too_large")]


@pytest.mark.parametrize("placed", [True, False])
def test_two_cells_far_apart_do_not_fill_the_memory(world, a_file, placed):
    # 5 kB; unfolded from its first to its last cell it takes 3 GB, and the process with it
    book = openpyxl.Workbook()
    book.active["A1"] = "credit_code"
    book.active["ALM100001"] = "x"
    out = io.BytesIO()
    book.save(out)
    raw = out.getvalue() if placed else _without_places(out.getvalue())
    assert faults_in("register", a_file([], raw=raw, name="a.xlsx"))[0] == (None, "", "too_large")


def _without_places(raw):
    """Return the workbook with a sheet whose row knows its place and whose cells do not."""
    out = io.BytesIO()
    cells = '<row r="1">' + "<c><v>1</v></c>" * 1000 + '</row><row r="100001"><c><v>1</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part.endswith("sheet1.xml"):
                start, end = content.index(b"<sheetData>") + 11, content.index(b"</sheetData>")
                content = content[:start] + cells.encode() + content[end:]
            new.writestr(part, content)
    return out.getvalue()


# --- CSV and XLSX ---------------------------------------------------------------------------------------------------


def test_a_workbook_with_its_own_dates_and_numbers_says_the_same_as_text(world, a_file):
    as_text = [REGISTER, organ_row(1, name_en="One", abolished_on="2024-06-30"), organ_row(2, staff="", name="2020")]
    typed = [
        REGISTER,
        organ_row(
            1,
            name_en="One",
            region_code=110101,
            staff=10,
            floor_area_m2=100.5,
            established_on=date(2019, 1, 1),
            abolished_on=datetime(2024, 6, 30),  # noqa: DTZ001 a workbook knows no zones
        ),
        organ_row(2, staff="", name=2020, floor_area_m2=0.1 + 0.2 + 100.2, established_on=date(2019, 1, 1)),
    ]
    take_in("register", a_file(typed, name="a.xlsx"))
    came = as_on_register()
    first = ("测试机关1", "One", "110101", "administrative", 10, Decimal("100.50"), date(2019, 1, 1), date(2024, 6, 30))
    second = ("2020", "", "110101", "administrative", None, Decimal("100.50"), date(2019, 1, 1), None)
    assert [one[1:] for one in came if one[0] in {code(1), code(2)}] == [first, second]
    before = traces()
    take_in("register", a_file(as_text, name="b.csv"))
    take_in("register", a_file(as_text, name="c.xlsx"))
    assert (traces(), as_on_register()) == (before, came)


def test_a_workbook_with_planted_errors_reports_the_same_ones(world, a_file):
    rows = [row for row in planted_rows() if len(row) == 9 and not any("\0" in c or "\x07" in c for c in row)]
    assert faults_in("register", a_file(rows, name="a.xlsx")) == faults_in("register", a_file(rows, name="a.csv"))


def test_a_time_of_day_is_no_date(world, a_file):
    row = organ_row(1, established_on=datetime(2019, 1, 1, 8, 30))  # noqa: DTZ001 a workbook knows no zones
    assert faults_in("register", a_file([REGISTER, row], name="a.xlsx")) == [(2, "established_on", "date")]


# --- organs that are known ------------------------------------------------------------------------------------------


def test_the_preview_tells_added_changed_closed_unchanged_and_untouched_apart(world, a_file):
    rows = [
        REGISTER,
        organ_row(1),
        known(world.organ, name="新名"),
        known(world.neighbour, abolished_on="2026-01-01"),
        known(world.far_organ),
    ]
    _faults, preview = examine("register", a_file(rows))
    found = preview.as_json()
    assert found["counts"] == {"added": 1, "changed": 1, "closed": 1}
    assert (found["unchanged"], found["untouched"]) == (1, 1)
    assert found["shown"]["changed"][0]["changes"] == [["name", world.organ.name, "新名"]]
    assert found["shown"]["closed"][0]["changes"] == [["abolished_on", "", "2026-01-01"]]


def test_a_change_keeps_before_and_after_and_recounts_only_what_it_touches(world, a_file):
    CountChange.objects.all().delete()
    take_in("register", a_file([REGISTER, known(world.organ, name="新名")]))
    world.organ.refresh_from_db()
    assert world.organ.name == "新名"
    event = Event.objects.get(subject_type="organ", subject_id=world.organ.pk)
    assert (event.verb, event.before, event.after) == ("import_correct", {"name": "机关1"}, {"name": "新名"})
    assert not CountChange.objects.exists()
    moved = known(world.organ, name="新名", region_code="110102", established_on="2018-06-01")
    take_in("register", a_file([REGISTER, moved]))
    assert sorted(CountChange.objects.values_list("region__code", "since")) == [
        ("110101", date(2018, 6, 1)),
        ("110102", date(2018, 6, 1)),
    ]


def test_closing_recounts_from_the_day_of_closing(world, a_file):
    CountChange.objects.all().delete()
    take_in("register", a_file([REGISTER, known(world.organ, abolished_on="2024-05-01")]))
    assert list(CountChange.objects.values_list("region", "since")) == [(world.district.pk, date(2024, 5, 1))]
    assert Event.objects.filter(verb="import_abolish", subject_id=world.organ.pk).count() == 1


def test_a_code_never_passes_on_to_another_organ(world, a_file):
    Organ.objects.filter(pk=world.neighbour.pk).update(abolished_on=date(2023, 1, 1))
    rows = [
        REGISTER,
        known(world.organ, name="别的", region_code="110102", established_on="2020-01-01"),
        known(world.neighbour, established_on="2023-01-01"),
    ]
    assert faults_in("register", a_file(rows)) == [
        (2, "credit_code", "other_organ"),
        (3, "credit_code", "other_organ"),
    ]


def test_rows_outside_the_scope_are_errors(world, a_file):
    rows = [REGISTER, organ_row(1, region_code="110102"), known(world.far_organ, region_code="110101"), organ_row(2)]
    scope = {world.district.pk}
    assert faults_in("register", a_file(rows), scope=scope) == [
        (2, "region_code", "region_outside"),
        (3, "credit_code", "organ_outside"),
    ]
    _faults, preview = examine("register", a_file([REGISTER]), scope=scope)
    assert preview.untouched == 2


def test_an_error_in_the_last_row_undoes_the_first_batch(world, a_file, monkeypatch):
    monkeypatch.setattr("creation.importing.work.BATCH", 2)
    before = traces(), as_on_register()
    rows = [REGISTER, *(organ_row(number) for number in range(1, 10)), organ_row(10, staff="x")]
    with pytest.raises(CommandError):
        take_in("register", a_file(rows))
    assert (traces(), as_on_register()) == before


def test_a_dry_run_changes_nothing(world, a_file, capsys):
    before = traces(), as_on_register()
    call_command("import_register", a_file([REGISTER, organ_row(1)]), dry_run=True)
    assert capsys.readouterr().out == (
        "would be 1 added, 0 changed, 0 closed; 0 unchanged, 4 not in the file and untouched\n"
    )
    assert (traces(), as_on_register()) == before


def test_statements_grow_with_batches_not_with_rows(world, a_file):
    def statements(rows):
        path = a_file([REGISTER, *(organ_row(number) for number in range(rows))])
        with CaptureQueriesContext(connection) as seen:
            examine("register", path)
        return len(seen)

    assert statements(1) == statements(3) == 3


def test_twenty_thousand_rows(world, a_file):
    path = a_file([REGISTER, *(organ_row(number) for number in range(20_000))])
    take_in("register", path)
    assert Organ.objects.count() == 20_004
    before = traces()
    take_in("register", path)
    assert traces() == before
