"""The door to papers: data in, tagged PDF with its fonts out; no text becomes markup, no character stops it."""

import io
from datetime import UTC, datetime

import pytest
from django.core import checks
from django.test import override_settings
from pypdf import PdfReader

from creation import pdf

AT = datetime(2026, 11, 22, 17, 30, 5, tzinfo=UTC)  # 2026-11-23 01:30:05 in Shanghai
TEMPLATE = """#import "base.typ": *
#show: paper
= #data.title
#lines(data.body)
#at.display("[year]-[month]-[day] [hour]:[minute]:[second]")
"""


@pytest.fixture
def folder(tmp_path, settings):
    """Return a folder of templates with the shared look and one small paper in it."""
    base = settings.PAPER_DIR / "base.typ"
    (tmp_path / "base.typ").write_text(base.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "small.typ").write_text(TEMPLATE, encoding="utf-8")
    settings.PAPER_DIR = tmp_path
    return tmp_path


def small(body="正文", **more):
    return pdf.render(
        "small.typ", {"title": "回执", "lang": "zh-hans", "at": AT, "page_label": "", "body": body} | more
    )


def read(made):
    return PdfReader(io.BytesIO(made))


def text_of(made):
    return "\n".join(page.extract_text() for page in read(made).pages)


def test_the_same_data_give_the_same_bytes(folder):
    assert small() == small()
    assert small() != small("另一段")
    assert small() != small(at=AT.replace(second=6))


def test_it_is_tagged_titled_in_its_language_and_embeds_both_fonts(folder):
    made = read(small())
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert made.metadata.title == "回执"
    fonts = [font.get_object() for font in made.pages[0]["/Resources"]["/Font"].values()]
    names = {font["/BaseFont"].split("+")[1] for font in fonts}
    assert {name.split("-Identity")[0] for name in names} == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
    below = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert all(any(key.startswith("/FontFile") for key in font.get_object()) for font in below)


def test_its_date_is_the_papers_own_in_shanghai(folder):
    made = small()
    assert "2026-11-23 01:30:05" in text_of(made)
    assert read(made).metadata.creation_date.replace(tzinfo=None) == datetime(2026, 11, 23, 1, 30, 5)  # noqa: DTZ001


LIVE = '#read("/etc/passwd") *x* _y_ $z$ = 标题 \\u{41} @ref <label> // no #panic("!") `raw` [b] ~'


def test_no_text_becomes_markup(folder):
    shown = text_of(small(LIVE, title=LIVE))
    assert shown.replace("\n", " ").count('#read("/etc/passwd") *x* _y_ $z$') == 2
    assert "root:" not in shown


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("囍㐂①②℃m²〔〕Ⅱ㎡", "囍㐂①②℃m²〔〕Ⅱ㎡"),
        ("CO₂", "CO2"),
        ("😀", "[U+1F600]"),
        ("a\u200b\u202eb\ufe0f\x00\x07c", "abc"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd e"),
        ("\ud800", "[U+D800]"),
    ],
)
def test_a_character_without_a_shape_is_written_and_not_lost(folder, typed, printed):
    assert pdf.as_printed(typed) == printed
    assert small(typed).startswith(b"%PDF")


def test_every_plane_and_script_prints(folder):
    every = "".join(chr(code) for code in range(0x20, 0x30000, 61))
    assert small(every).startswith(b"%PDF")


@pytest.mark.parametrize("wrong", ['#set text(font: "No Such Font")\nx', "#data.nothing", '#read("/etc/passwd")', "#"])
def test_a_warning_or_a_fault_makes_no_paper(folder, wrong):
    (folder / "small.typ").write_text('#import "base.typ": *\n#show: paper\n' + wrong, encoding="utf-8")
    with pytest.raises(pdf.CannotPrint, match=r"small\.typ"):
        small()


def test_missing_fonts_are_named_with_the_command_that_brings_them(tmp_path):
    with override_settings(FONTS_DIR=tmp_path):
        with pytest.raises(pdf.CannotPrint, match="Run `make setup`"):
            small()
        found = checks.run_checks(tags=["files"])
    assert [(each.id, "make setup" in each.hint) for each in found] == [("portal.W001", True)]
    assert checks.run_checks(tags=["files"]) == []
