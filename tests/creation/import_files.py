"""Rows and files for the tests of imports."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command

from creation.credit_code import check_character
from creation.importing.work import KINDS, examine
from creation.models import CountChange, Event, Import, Organ, Recognition, Region

DATA = Path(settings.BASE_DIR) / "data"
REGIONS, REGISTER, RECOGNITIONS = (KINDS[kind].COLUMNS for kind in ("regions", "register", "recognitions"))


def code(number, region="110101"):
    first = f"11{region}TMT{number:06d}"
    return first + check_character(first)


def organ_row(number, **other):
    row = {
        "credit_code": code(number),
        "name": f"测试机关{number}",
        "name_en": "",
        "region_code": "110101",
        "category": "administrative",
        "staff": "10",
        "floor_area_m2": "100.5",
        "established_on": "2019-01-01",
        "abolished_on": "",
    }
    return [(row | other)[name] for name in REGISTER]


def title_row(organ, granted, **other):
    row = {
        "credit_code": organ.credit_code,
        "granted_on": granted,
        "batch": "2020",
        "document_number": "京管发〔2021〕1号",
        "valid_until": "",
        "revoked_on": "",
        "reason": "",
    }
    return [(row | other)[name] for name in RECOGNITIONS]


@pytest.fixture
def a_file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(rows, *, name="file.csv", encoding="utf-8", raw=None):
        path = tmp_path / name
        if raw is not None:
            path.write_bytes(raw)
        elif name.endswith(".xlsx"):
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append([cell if cell != "" else None for cell in row])
            book.save(path)
        else:
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


def faults_in(kind, path, **more):
    """Return each fault of the file as (row, column, code), and nothing has been written."""
    before = tuple(model.objects.count() for model in (Region, Organ, Recognition, Event, CountChange))
    found = []
    examine(kind, path, sink=found.append, **more)
    assert before == tuple(model.objects.count() for model in (Region, Organ, Recognition, Event, CountChange))
    return sorted(((fault.row, fault.column, fault.code) for fault in found), key=lambda one: (one[0] or 0, one[1]))


def take_in(kind, path):
    call_command(f"import_{kind}", path, verbosity=0)


def traces():
    return Event.objects.count(), CountChange.objects.count(), Import.objects.count()


def as_on_register():
    fields = ("credit_code", "name", "name_en", "region__code", "category", "staff", "floor_area_m2")
    return list(Organ.objects.order_by("credit_code").values_list(*fields, "established_on", "abolished_on"))


def known(organ, **other):
    return organ_row(
        0,
        **{
            "credit_code": organ.credit_code,
            "name": organ.name,
            "name_en": organ.name_en,
            "staff": "",
            "floor_area_m2": "",
            "region_code": organ.region.code,
            **other,
        },
    )
