"""The columns of the State's system: a file says which, in what order and how; a wrong one says what is wrong."""

import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from creation import clock
from creation.models import Organ, Recognition
from portal import checks
from portal.reports import asking, state_columns
from portal.reports.mapping import BadMapping, as_written, read
from portal.tasks import work_off_reports
from reviews.demo import builders
from reviews.models import Report

GRANTED = date(2021, 6, 5)


def a_file(*columns, **changed):
    data = {
        "format": "conservation-organs-columns-1", "name": "名录", "sheet": "名录",
        "columns": list(columns) or [{"head": "单位名称", "source": "organ.name"}],
    }  # fmt: skip
    return json.dumps(data | changed, ensure_ascii=False).encode()


def faults(*columns, **changed):
    with pytest.raises(BadMapping) as found:
        read(a_file(*columns, **changed), state_columns.SOURCES)
    return found.value.faults


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_file_that_is_delivered_can_be_used():
    columns = state_columns.columns()
    assert len(columns.columns) == 16
    assert columns.heads[:3] == ["序号", "行政区划代码", "所属地区"]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"source": "organ.name"}, "it has no head."),
        ({"head": " ", "source": "organ.name"}, "it has no head."),
        ("organ.name", "it has no head."),
        ({"head": "x"}, "it needs either a source or a text."),
        ({"head": "x", "source": "organ.name", "text": "y"}, "it needs either a source or a text."),
        ({"head": "x", "text": "y", "date": "YYYY-MM-DD"}, "a text stands alone, without a pattern or values."),
        ({"head": "x", "text": 3}, "a text stands alone, without a pattern or values."),
        ({"head": "x", "source": "organ.name", "width": 3}, "“width” is not known here."),
        ({"head": "x", "source": "organ.name", "date": "YYYY-MM-DD"}, "“organ.name” is no date"),
        ({"head": "x", "source": "title.granted_on", "date": "YYYY-MM"}, "the pattern “YYYY-MM” must name"),
        ({"head": "x", "source": "title.granted_on", "date": 3}, "the pattern “3” must name"),
        ({"head": "x", "source": "organ.name", "values": {"a": "b"}}, "“organ.name” has no codes"),
        ({"head": "x", "source": "title.holds"}, "its values lack no, yes."),
        ({"head": "x", "source": "title.holds", "values": {"yes": "是"}}, "its values lack no."),
        ({"head": "x", "source": "title.holds", "values": ["是"]}, "values are an object"),
        (
            {"head": "x", "source": "title.holds", "values": {"yes": "1", "no": "0", "maybe": "2"}},
            "its values name maybe, which do not exist.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_column_is_named_with_its_place(column, said):
    good = {"head": "好", "source": "organ.name"}
    (fault,) = faults(good, column)
    assert fault.startswith("Column 2: ")
    assert said in fault


def test_an_unknown_source_names_all_that_are_known():
    (fault,) = faults({"head": "x", "source": "organ.phone"})
    assert "“organ.phone” is not one of as_of, number, organ.abolished_on, organ.address" in fault


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": "conservation-organs-columns-2"}, "Its format is “conservation-organs-columns-2”"),
        ({"name": ""}, "Its name is missing."),
        ({"sheet": "a/b"}, "cannot be the name of a sheet"),
        ({"sheet": "名" * 32}, "cannot be the name of a sheet"),
        ({"columns": []}, "It names no columns."),
        ({"columns": {}}, "It names no columns."),
    ],
)
def test_a_wrong_file_says_what_is_wrong(changed, said):
    (fault,) = faults(**changed)
    assert said in fault


def test_everything_wrong_is_said_at_once():
    found = faults({"head": "x", "source": "nothing"}, {"head": "x", "source": "organ.name", "date": "D"}, {})
    assert [fault[:8] for fault in found] == ["Column 1", "Column 2", "Column 3", "Two colu"]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[1", b"3", b'{"format": 1}'])
def test_what_is_no_such_file_is_refused(raw):
    with pytest.raises(BadMapping):
        read(raw, state_columns.SOURCES)


KEYS = st.sampled_from(["head", "source", "text", "date", "values", "x"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
)


@given(ANYTHING)
def test_no_column_whatever_it_is_ends_in_anything_but_columns_or_faults(column):
    try:
        read(a_file(column), state_columns.SOURCES)
    except BadMapping as found:
        assert found.faults


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("YYYY-MM-DD", "2021-06-05"),
        ("YYYYMMDD", "20210605"),
        ("YYYY年M月D日", "2021年6月5日"),
        ("D.M.YYYY", "5.6.2021"),
    ],
)
def test_a_day_by_its_pattern(pattern, written):
    assert as_written(GRANTED, pattern) == written


# --- the rows --------------------------------------------------------------------------------------------------------


@pytest.fixture
def titled(world):
    """One of four organs holds a title, one lost it."""
    common = {"batch": "2020年度", "recorded_at": clock.now(), "granted_on": GRANTED, "source": "import"}
    Recognition.objects.create(organ=world.organ, document_number="=1号", **common)
    Recognition.objects.create(
        organ=world.far_organ, document_number="2号", revoked_on=date(2024, 5, 20), revoke_reason="浪费", **common
    )
    return world


@pytest.fixture
def mapping(settings, tmp_path):
    """Return a function that puts another mapping file in the place of ours."""

    def put(*columns):
        settings.STATE_COLUMNS = tmp_path / "columns.json"
        settings.STATE_COLUMNS.write_bytes(a_file(*columns))

    return put


def written(user, **asked):
    report = asking.ask("state_columns", "csv", asked, by=user)
    work_off_reports()
    report.refresh_from_db()
    assert (report.state, report.fault) == (Report.State.DONE, "")
    return list(csv.reader(io.StringIO(asking.path_of(report).read_text(encoding="utf-8-sig"))))


@pytest.mark.django_db
def test_the_recognised_organs_in_our_order(titled):
    head, row = written(titled["city"], region="110000", as_of="2025-01-31")
    said = dict(zip(head, row, strict=True))
    assert said["序号"] == "1"
    assert (said["单位名称"], said["机关级别"], said["机关类别"]) == (titled.organ.name, "县（区）级机关", "行政机关")
    assert (said["是否建成节约型机关"], said["认定日期"], said["有效期至"]) == ("是", "2021-06-05", "")
    assert (said["发文字号"], said["统计日期"]) == ("'=1号", "2025年1月31日")


@pytest.mark.django_db
def test_a_past_day_has_the_titles_of_its_time(titled):
    rows = written(titled["city"], region="110000", as_of="2024-05-19")
    assert [row[4] for row in rows[1:]] == [titled.organ.name, titled.far_organ.name]
    assert len(written(titled["city"], region="110000", as_of="2024-05-20")) == 1 + 1
    assert len(written(titled["city"], region="110000", as_of="2021-06-04")) == 1
    everything = written(titled["city"], region="110000", as_of="2025-01-31", rows="register")
    assert [row[10] for row in everything[1:]] == ["否", "是", "否", "否"]
    assert [row[0] for row in everything[1:]] == ["1", "2", "3", "4"]


@pytest.mark.django_db
def test_another_order_is_an_edit_of_the_file_alone(titled, mapping):
    columns = [
        {"head": "甲", "source": "title.granted_on", "date": "YYYYMMDD"},
        {"head": "乙", "source": "organ.name"},
        {"head": "丙", "text": "演示"},
        {"head": "丁", "source": "title.holds", "values": {"yes": "1", "no": "0"}},
        {"head": "戊", "source": "region.parent"},
    ]
    mapping(*columns)
    assert written(titled["official"], region="110101") == [
        ["甲", "乙", "丙", "丁", "戊"],
        ["20210605", titled.organ.name, "演示", "1", "北京市"],
    ]
    mapping(*reversed(columns))
    assert written(titled["official"], region="110101") == [
        ["戊", "丁", "丙", "乙", "甲"],
        ["北京市", "1", "演示", titled.organ.name, "20210605"],
    ]


@pytest.mark.django_db
def test_a_wrong_file_is_told_on_the_page_and_by_the_system_check(titled, mapping):
    assert checks.state_columns_can_be_used(None) == []
    mapping({"head": "x", "source": "organ.phone"})
    (found,) = checks.state_columns_can_be_used(None)
    assert "organ.phone" in found.msg
    report = asking.ask("state_columns", "csv", {"region": "110000"}, by=titled["city"])
    work_off_reports()
    assert "organ.phone" in Report.objects.get(pk=report.pk).fault


@pytest.mark.django_db
def test_more_organs_cost_no_more_statements(titled):
    def statements():
        with CaptureQueriesContext(connection) as seen:
            list(
                state_columns.rows(
                    state_columns.columns(), titled.city, date(2025, 1, 31), which="register", progress=lambda *_: None
                )
            )
        return len(seen)

    few = statements()
    for number in range(20, 30):
        builders.make_organ(titled.district, number)
    assert statements() == few == 4


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_writes_the_same(titled, tmp_path):
    for ending in ("xlsx", "csv"):
        to, out = tmp_path / f"out.{ending}", io.StringIO()
        call_command("export_state_columns", region="110000", as_of=date(2025, 1, 31), to=to, stdout=out)
        assert "1 row" in out.getvalue()
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    assert rows == written(titled["city"], region="110000", as_of="2025-01-31")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["建成名录"]
    assert [cell.value for cell in book.worksheets[0][2]][4] == titled.organ.name
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} & {"f"} == set()
    assert Organ.objects.count() == 4


@pytest.mark.django_db
def test_the_command_refuses_what_it_cannot_do(titled, tmp_path, mapping):
    where = {"region": "110000", "to": tmp_path / "x.csv"}
    with pytest.raises(CommandError, match="no region"):
        call_command("export_state_columns", **where | {"region": "999999"})
    with pytest.raises(CommandError, match="xlsx or"):
        call_command("export_state_columns", **where | {"to": tmp_path / "x.pdf"})
    (tmp_path / "there.csv").write_text("x")
    with pytest.raises(CommandError, match="exists"):
        call_command("export_state_columns", **where | {"to": tmp_path / "there.csv"})
    mapping({"head": "x", "source": "organ.phone"})
    with pytest.raises(CommandError, match="phone"):
        call_command("export_state_columns", **where)
    assert not (tmp_path / "x.csv").exists()
