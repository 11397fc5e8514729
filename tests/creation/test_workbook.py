"""The way through Excel: what is downloaded comes back unchanged, faults by their cells, conflicts never unasked."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation.actions import figures
from creation.actions.answers import save_answer
from creation.actions.workbook import Given, apply_workbook
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Answer
from creation.spreadsheets import Form, write_forms
from reviews.demo import builders
from tests.cast import keyed

pytestmark = pytest.mark.django_db
NASTY = (
    '=HYPERLINK("http://x")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "<r>=1</r>",
    "'=1",
    "https://x.cn",
)


@pytest.fixture
def file(world):
    return world.start()


def say(world, file, code, found, remark="", version=0, **more):
    indicator = file.cycle.standard.indicators.get(code=code)
    return save_answer(file, indicator, by=world["clerk"], found=found, remark=remark, version=version, **more)


def download(client, file):
    return client.get(reverse("workbook_download", args=[file.pk])).content


def bring(client, file, raw, name="work.xlsx"):
    sent = keyed(file=SimpleUploadedFile(name, raw))
    return client.post(reverse("self_rating_workbook", args=[file.pk]), sent)


def changed(raw, cells):
    """Return the workbook with cells changed, each given as (sheet from 0, cell)."""
    book = openpyxl.load_workbook(io.BytesIO(raw))
    for (sheet, cell), value in cells.items():
        book.worksheets[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(raw, code):
    """Return the number of the row of an item."""
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == code)


def apply(client, file, answer, take=None, **more):
    brought = answer.context["brought"]
    take = [one.key for one in brought.differences if not one.conflict] if take is None else take
    sent = keyed(parcel=answer.context["parcel"], take=take, **more)
    return client.post(reverse("workbook_apply", args=[file.pk]), sent, follow=True)


def keys(answer):
    return [(one.key, one.conflict) for one in answer.context["brought"].differences]


def faults(answer):
    return [(fault.cell, fault.value) for fault in answer.context["brought"].faults]


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person, status", [("stranger", 404), ("clerk2", 404), ("signatory", 403), ("clerk", 200)])
def test_who_works_in_excel(world, sign_in, file, person, status):
    client = sign_in(person)
    for name in ("self_rating_workbook", "workbook_download"):
        assert client.get(reverse(name, args=[file.pk])).status_code == status
    if status != 200:
        with pytest.raises(Forbidden):
            apply_workbook(file, by=world[person], answers={"2.1": Given(None, False, "", 0)}, years={})


# --- round trip ------------------------------------------------------------------------------------------------------


def test_downloaded_and_brought_back_unchanged_there_is_no_difference(world, sign_in, file):
    builders.answer_everything(file, by=world["clerk"])
    say(world, file, "3.7", None, "本单位无食堂\r\n第二行 ", 1, not_applicable=True)
    say(world, file, "4.3", None, "只有说明", 1)
    year = file.cycle.calendar_year
    entry = figures.Entry({"electricity_kwh": "0.30", "users": 100}, "一\r\n二")
    figures.save_figures(file, by=world["clerk"], years={year: entry})
    client = sign_in("clerk")
    raw = download(client, file)
    answer = bring(client, file, raw)
    assert (faults(answer), keys(answer)) == ([], [])
    assert "No difference" in answer.content.decode()
    # also after another program has written it anew
    assert keys(bring(client, file, changed(raw, {}))) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_best_and_every_poor_finding_survives_the_way(world, sign_in, file, language):
    client = sign_in("clerk")
    client.cookies["django_language"] = language
    for version, finding in ((0, builders.best_finding), (1, builders.poor_finding)):
        for indicator in file.cycle.standard.indicators.all():
            say(world, file, indicator.code, finding(indicator), version=version)
        assert keys(bring(client, file, download(client, file))) == []


def test_an_offer_of_the_earlier_file_is_no_difference_until_this_year_is_filled_in(world, sign_in):
    earlier = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    old = builders.files.start(world.organ, earlier, by=world["clerk"])
    figures.save_figures(old, by=world["clerk"], years={earlier.calendar_year: figures.Entry({"users": 90})})
    builders.bring_to(old, "submitted", world.cast_for(world.organ))
    file = world.start()
    client = sign_in("clerk")
    raw = download(client, file)
    assert keys(bring(client, file, raw)) == []
    year = file.cycle.calendar_year
    answer = bring(client, file, changed(raw, {(1, "C9"): "91"}))
    assert keys(answer) == [(f"year-{year - 1}", False), (f"year-{year}", False)]
    apply(client, file, answer)
    assert {row.year: row.users for row in file.energy_figures.all()} == {year - 1: 90, year: 91}


# --- changes ---------------------------------------------------------------------------------------------------------


def test_changes_are_shown_first_then_saved_all_at_once(world, sign_in, file):
    client = sign_in("clerk")
    raw = download(client, file)
    cells = {
        (0, f"D{row_of(raw, '1.1')}"): "Met",
        (0, f"D{row_of(raw, '2.1')}"): "１、2",
        (0, f"D{row_of(raw, '3.2')}"): 3,
        (0, f"D{row_of(raw, '2.11')}"): 92.5,
        (0, f"D{row_of(raw, '3.5')}"): "2",
        (0, f"E{row_of(raw, '3.7')}"): "是",
        (0, f"F{row_of(raw, '3.7')}"): "无食堂",
        (1, "C2"): 120000.5,
        (1, "C9"): "100",
    }
    parts = len(file.cycle.standard.indicators.get(code="2.1").rubric["parts"])
    if parts == 1:
        cells[0, f"D{row_of(raw, '2.1')}"] = "1"
    answer = bring(client, file, changed(raw, cells))
    year = file.cycle.calendar_year
    assert faults(answer) == []
    assert keys(answer) == [
        *((f"item-{code}", False) for code in ("1.1", "2.1", "2.11", "3.2", "3.5", "3.7")),
        (f"year-{year}", False),
    ]
    assert not file.answers.exists()
    done = apply(client, file, answer)
    assert "7 changes were saved" in done.content.decode()
    found = {one.indicator.code: (one.found, one.not_applicable, one.done) for one in file.answers.all()}
    assert found == {
        "1.1": ({"met": True}, False, True),
        "2.1": ({"present": [0, 1][:parts]}, False, True),
        "2.11": ({"value": "92.5"}, False, True),
        "3.2": ({"count": 3}, False, True),
        "3.5": ({"level": 1}, False, True),
        "3.7": (None, True, True),
    }
    assert str(file.energy_figures.get().electricity_kwh) == "120000.500"


def test_sent_twice_it_is_saved_once(world, sign_in, file):
    client = sign_in("clerk")
    raw = download(client, file)
    answer = bring(client, file, changed(raw, {(0, f"D{row_of(raw, '3.2')}"): "3"}))
    sent = keyed(parcel=answer.context["parcel"], take=["item-3.2"])
    address = reverse("workbook_apply", args=[file.pk])
    assert [client.post(address, sent).status_code for _time in range(2)] == [302, 302]
    assert file.answers.get().version == 1


def test_every_fault_is_named_by_sheet_and_cell_at_once_and_nothing_is_saved(world, sign_in, file):
    client = sign_in("clerk")
    raw = download(client, file)
    rows = {code: row_of(raw, code) for code in ("1.1", "2.1", "3.2", "3.5", "2.11")}
    cells = {
        (0, f"D{rows['1.1']}"): "maybe",
        (0, f"D{rows['2.1']}"): "99",
        (0, f"D{rows['3.2']}"): "-1",
        (0, f"D{rows['3.5']}"): "drei",
        (0, f"E{rows['2.11']}"): "Yes",
        (0, "A40"): "9.9",
        (1, "B2"): "12a",
        (1, "C9"): "1.5",
    }
    answer = bring(client, file, changed(raw, cells))
    assert faults(answer) == [
        (f"Items!D{rows['1.1']}", "maybe"),
        (f"Items!D{rows['2.1']}", "99"),
        (f"Items!E{rows['2.11']}", "Yes"),
        (f"Items!D{rows['3.2']}", "-1"),
        (f"Items!D{rows['3.5']}", "drei"),
        ("Items!A40", "9.9"),
        ("Energy figures!B2", "12a"),
        ("Energy figures!C9", "1.5"),
    ]
    assert "Energy figures!C9" in answer.content.decode()
    assert "Save what is ticked" not in answer.content.decode()
    assert not file.answers.exists()


# --- conflicts -------------------------------------------------------------------------------------------------------


def test_what_a_colleague_changed_is_a_conflict_and_stays_unless_ticked(world, sign_in, file):
    say(world, file, "3.2", {"count": 1}, "旧")
    client = sign_in("clerk")
    raw = download(client, file)
    say(world, file, "3.2", {"count": 2}, "同事", 1)
    say(world, file, "3.3", {"count": 4}, "同事")
    answer = bring(client, file, changed(raw, {(0, f"D{row_of(raw, '3.2')}"): "5"}))
    # 3.3 was not touched in Excel: the colleague's answer is no conflict and stays
    assert keys(answer) == [("item-3.2", True)]
    text = answer.content.decode()
    assert "was changed in the portal since" in text
    assert "同事" in text
    assert 'value="item-3.2" id="take-item-3.2">' in text
    assert "Nothing was chosen" in apply(client, file, answer).content.decode()
    assert file.answers.get(indicator__code="3.2").found == {"count": 2}
    apply(client, file, answer, take=["item-3.2"])
    assert file.answers.get(indicator__code="3.2").found == {"count": 5}
    assert file.answers.get(indicator__code="3.3").found == {"count": 4}


def test_a_colleague_between_the_difference_and_the_click_loses_nothing(world, sign_in, file):
    client = sign_in("clerk")
    raw = download(client, file)
    cells = {(0, f"D{row_of(raw, '3.2')}"): "5", (0, f"D{row_of(raw, '3.3')}"): "5"}
    answer = bring(client, file, changed(raw, cells))
    say(world, file, "3.3", {"count": 1})
    done = apply(client, file, answer)
    assert "saved this item in the meantime" in done.content.decode()
    assert {one.indicator.code: one.found for one in Answer.objects.filter(assessment=file)} == {"3.3": {"count": 1}}


def test_all_or_nothing_and_never_over_a_newer_version(world, file):
    say(world, file, "3.3", {"count": 1})
    answers = {"3.2": Given({"count": 5}, False, "", 0), "3.3": Given({"count": 5}, False, "", 0)}
    with pytest.raises(Overtaken):
        apply_workbook(file, by=world["clerk"], answers=answers, years={})
    assert not file.answers.filter(indicator__code="3.2").exists()
    with pytest.raises(Refused):
        apply_workbook(file, by=world["clerk"], answers={}, years={})


# --- what comes in ---------------------------------------------------------------------------------------------------


def test_the_workbook_of_another_file_and_no_workbook_are_refused(world, sign_in, file):
    other = world.start(world.neighbour)
    strange = download(sign_in("clerk2"), other)
    client = sign_in("clerk")
    assert "not the workbook of this file" in bring(client, file, strange).content.decode()
    assert "damaged" in bring(client, file, b"PK\x03\x04oops").content.decode()
    assert "Choose a file of this kind" in bring(client, file, b"x", name="a.csv").content.decode()
    raw = changed(download(client, file), {(0, "G5"): "oops"})
    assert faults(bring(client, file, raw)) == [("Items!G5", "oops")]


def test_a_bomb_is_not_unfolded(world, sign_in, file, monkeypatch):
    client = sign_in("clerk")
    raw = download(client, file)
    assert "too large" in bring(client, file, changed(raw, {(0, "ALM100001"): "x"})).content.decode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 250 * 1024**2)
    assert len(out.getvalue()) < 2 * 1024**2
    assert "too large" in bring(client, file, out.getvalue()).content.decode()


def test_a_forged_or_empty_parcel_saves_nothing(world, sign_in, file):
    client = sign_in("clerk")
    sent = keyed(parcel="forged", take=["item-3.2"])
    done = client.post(reverse("workbook_apply", args=[file.pk]), sent, follow=True)
    assert "Nothing was saved" in done.content.decode()
    assert not file.answers.exists()


# --- what goes out ---------------------------------------------------------------------------------------------------


def test_nothing_typed_becomes_a_formula_or_a_link(world, sign_in, file):
    codes = [one.code for one in file.cycle.standard.indicators.all()][: len(NASTY)]
    for code, text in zip(codes, NASTY, strict=True):
        say(world, file, code, None, text)
    client = sign_in("clerk")
    raw = download(client, file)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
    assert all("<f>" not in sheet and "<hyperlink" not in sheet for sheet in sheets)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert keys(bring(client, file, raw)) == []


def test_only_what_is_to_be_filled_in_is_open_and_the_rest_is_locked():
    raw = write_forms([Form("a", [["H", ""], ["", ""]], (5, 5), {(1, 1)}, {(1, 1): ("x", "y")}, {0})])
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]
    assert sheet.protection.sheet
    assert [[cell.protection.locked for cell in row] for row in sheet.iter_rows()] == [[True, True], [True, False]]
    assert [(str(each.sqref), each.formula1) for each in sheet.data_validations.dataValidation] == [("B2", '"x,y"')]
    assert sheet.column_dimensions["A"].hidden
