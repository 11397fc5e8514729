"""Nothing that somebody typed becomes a formula in a download, and numbers, dates and text come back as they were."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from django.utils.translation import gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from creation.spreadsheets import LONGEST_TEXT, csv_pieces, csv_to, workbook_to, write_csv, write_workbook

HOSTILE = [
    "=1+1",
    '=HYPERLINK("//stranger.example","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "＠SUM(A1)",
    "{=1}",
    "http://stranger.example/",
    "mailto:stranger@example",
    "0012",
    "1e5",
    "<r><t>x</t></r>",
    "_x003D_1",
    "a;=1",
]
# Closes its cell and opens one with a formula, where a writer takes it for finished markup.
BREAKOUT = '<r></r></is></c><c r="Z1"><f>1+1</f></c><c r="AA1" t="inlineStr"><is><r></r>'


def cells(content):
    """All cells of the first sheet with something in them, as openpyxl sees them."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_hostile_text_stays_text_in_a_workbook():
    content = write_workbook({"Organs": [[text] for text in HOSTILE]})
    written = cells(content)
    assert {cell.data_type for cell in written} == {"s"}
    assert [cell.hyperlink for cell in written] == [None] * len(HOSTILE)
    values = [row[0] for row in CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()]
    # The one text that the writer would take for markup has a blank at its end.
    assert values == [text + " " if text.startswith("<r>") else text for text in HOSTILE]


def test_plain_openpyxl_would_make_it_live():
    # Control: the same text written plainly.
    book = openpyxl.Workbook()
    for text in ("=1+1", '=HYPERLINK("//stranger.example","x")'):
        book.active.append([text])
    output = io.BytesIO()
    book.save(output)
    assert [cell.data_type for cell in cells(output.getvalue())] == ["f", "f"]


def test_markup_cannot_break_out_of_its_cell():
    written = cells(write_workbook({"Organs": [[BREAKOUT]]}))
    assert [(cell.coordinate, cell.data_type, cell.value) for cell in written] == [("A1", "s", BREAKOUT + " ")]


def test_plain_xlsxwriter_would_let_markup_break_out():
    # Control: forcing strings is not enough.
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"constant_memory": True, "strings_to_formulas": False}) as book:
        book.add_worksheet("Organs").write_string(0, 0, BREAKOUT)
    kinds = [(cell.coordinate, cell.data_type) for cell in cells(output.getvalue())]
    assert kinds == [("A1", "s"), ("Z1", "f"), ("AA1", "s")]


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (3, "n", 3),
        (-3, "n", -3),
        (2.5, "n", 2.5),
        (Decimal("79.99"), "n", 79.99),
        (0, "n", 0),
        (999_999_999_999_999, "n", 999_999_999_999_999),
        (10**15, "s", "1000000000000000"),  # Excel keeps 15 digits and would end it in noughts
        (-(10**17) - 1, "s", "-100000000000000001"),
        (float("nan"), "s", "nan"),
        (float("inf"), "s", "inf"),
        (True, "s", "True"),
        (date(2026, 9, 30), "d", datetime(2026, 9, 30)),  # noqa: DTZ001 (a spreadsheet has no time zones)
        (date(1899, 12, 31), "s", "1899-12-31"),
        (datetime(2026, 9, 30, 8, 5, tzinfo=UTC), "s", "2026-09-30 08:05:00+00:00"),
        ("北京市委办公厅（演示）", "s", "北京市委办公厅（演示）"),
        ("two\nlines", "s", "two\nlines"),
    ],
)
def test_values_come_back_as_what_they_were(value, kind, read):
    (cell,) = cells(write_workbook({"x": [[value]]}))
    assert (cell.data_type, cell.value) == (kind, read)


def test_dates_are_shown_in_iso_form():
    (cell,) = cells(write_workbook({"x": [[date(2026, 9, 30)]]}))
    assert cell.number_format == "yyyy-mm-dd"


def test_a_lazy_heading_is_written_in_the_language_of_the_moment():
    heading = gettext_lazy("Sunday")
    with override("zh-hans"):
        (cell,) = cells(write_workbook({"x": [[heading]]}))
    assert cell.value == "星期日"


def test_an_empty_cell_stays_empty_and_headings_are_bold_and_in_view():
    content = write_workbook({"一": [["code", None, "name"], ["a", None, "b"]], "二": iter([("x",)]), "三": []})
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["一", "二", "三"]
    sheet = book["一"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["code", None, "name"], ["a", None, "b"]]
    assert [sheet["A1"].font.bold, sheet["A2"].font.bold, sheet.freeze_panes] == [True, False, "A2"]


def test_text_beyond_what_a_cell_holds_ends_in_a_mark():
    # Characters outside the basic plane count twice in Excel's limit.
    longest, longer = "𠮷" * LONGEST_TEXT, "𠮷" * (LONGEST_TEXT + 1)
    written = cells(write_workbook({"x": [[longest], [longer]]}))
    assert [cell.value for cell in written] == [longest, longest + "…"]


def test_more_columns_than_a_sheet_has_are_refused_and_not_dropped():
    with pytest.raises(ValueError, match=r"16,384 columns"):
        write_workbook({"x": [["a"] * 16_385]})


def test_hostile_text_gets_an_apostrophe_in_a_csv_and_numbers_stay():
    rows = [[text] for text in HOSTILE]
    live = {"=1+1", HOSTILE[1], "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", "＠SUM(A1)"}
    assert read_csv(write_csv(rows)) == [[f"'{text}" if text in live else text] for text in HOSTILE]
    assert write_csv([[-3, -2.5, Decimal("-79.99"), None, "-3"]]).decode("utf-8-sig") == '-3,-2.5,-79.99,"","\'-3"\r\n'


def test_a_plain_csv_would_keep_it_live():
    # Control: what the csv module alone writes.
    output = io.StringIO()
    csv.writer(output).writerow(["=1+1"])
    assert output.getvalue() == "=1+1\r\n"


def test_a_csv_begins_with_the_mark_that_excel_needs_for_chinese():
    content = write_csv([["名称"], ["机关"]])
    assert content == b"\xef\xbb\xbf" + '"名称"\r\n"机关"\r\n'.encode()


def test_separators_quotes_and_line_breaks_stay_inside_their_cell():
    row = ["a,b", 'c"d', "e\nf", "g;=1", "h\t=1"]
    assert read_csv(write_csv([row])) == [row]
    assert b'"g;=1"' in write_csv([row])


def test_a_file_holds_what_the_bytes_hold(tmp_path):
    rows = [["名称", "组"], ["=1+1", 3], [None, date(2026, 9, 30)]]
    with (tmp_path / "a.csv").open("wb") as file:
        csv_to(file, iter(rows))
    assert (tmp_path / "a.csv").read_bytes() == write_csv(rows)
    workbook_to(tmp_path / "a.xlsx", {"机关": iter(rows)})
    read = [(cell.coordinate, cell.value, cell.data_type) for cell in cells((tmp_path / "a.xlsx").read_bytes())]
    assert read == [
        ("A1", "名称", "s"),
        ("B1", "组", "s"),
        ("A2", "=1+1", "s"),
        ("B2", 3, "n"),
        ("B3", datetime(2026, 9, 30), "d"),  # noqa: DTZ001 (a spreadsheet has no time zones)
    ]


def test_a_long_csv_is_sent_while_it_is_read():
    read = []
    pieces = csv_pieces(read.append(number) or [number] for number in range(100_000))
    assert [next(pieces), bool(next(pieces)), len(read) < 1_000] == [b"\xef\xbb\xbf", True, True]


def test_a_live_text_is_found_wherever_it_stands_among_many():
    harmless = [["a", 1, None], ["b,", -2, "c"]] * 300
    for place in (0, 1, 255, 256, 600):
        rows = [*harmless[:place], ["x", 3, "=1+1"], ["=2", None, ""], *harmless[place:]]
        back = read_csv(write_csv(rows))
        assert back[place : place + 2] == [["x", "3", "'=1+1"], ["'=2", "", ""]]
        assert sum(text.startswith("'") for row in back for text in row) == 2


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(HOSTILE)


@given(st.lists(st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=4))
def test_no_text_is_ever_live(rows):
    assert {cell.data_type for cell in cells(write_workbook({"x": rows}))} <= {"s"}
    back = read_csv(write_csv(rows))
    assert [[text.removeprefix("'") for text in row] for row in back] == [
        [text.removeprefix("'") for text in row] for row in rows
    ]
    assert not [
        text for row in back for text in row if text.lstrip()[:1] in set("=+-@＝＋－＠") or text[:1] in {"\t", "\r"}
    ]


values = texts | st.none() | st.integers() | st.booleans() | st.dates() | st.decimals(allow_nan=False) | st.fractions()


@given(st.lists(st.lists(values, min_size=1, max_size=3), max_size=5))
def test_a_row_of_a_csv_does_not_depend_on_its_neighbours(rows):
    assert write_csv(rows)[3:] == b"".join(write_csv([row])[3:] for row in rows)
    assert write_csv([[True, Decimal(-1)]])[3:] == b'"True",-1\r\n'
