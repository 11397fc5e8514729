"""What a document is made of: a Word file that Word can use, a PDF that can be read aloud; pictures have words."""

import re
import zipfile
from datetime import timedelta

import docx
import pypdf
import pytest
from django.utils import translation
from docx.oxml.ns import qn

from creation import clock
from creation.models import Recognition
from portal.reports import asking
from portal.tasks import work_off_reports
from reviews.actions.rates import recount_all
from reviews.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(world):
    """Two months of history, so that there is a line to be drawn."""
    Recognition.objects.create(
        organ=world.organ, batch="b", document_number="1号", recorded_at=clock.now(),
        granted_on=clock.today() - timedelta(days=70),
    )  # fmt: skip
    world.start(world.neighbour)
    recount_all()


def written(user, report_format, language="zh-hans"):
    with translation.override(language):
        report = asking.ask("region", report_format, {"region": "110000"}, by=user)
    work_off_reports()
    report.refresh_from_db()
    assert (report.state, report.fault) == (Report.State.DONE, "")
    return asking.path_of(report)


def test_the_word_file_has_headings_repeated_heads_page_numbers_and_properties(world, counted, settings):
    word = docx.Document(str(written(world["city"], "docx")))
    used = [paragraph.style.name for paragraph in word.paragraphs]
    assert used[:2] == ["Title", "Subtitle"]
    assert {"Heading 1", "Heading 2", "Caption"} <= set(used)
    assert clock.today().isoformat() in word.paragraphs[1].text
    assert any(run.bold for run in word.paragraphs[2].runs)  # that these are demonstration data
    facts, *tables = word.tables
    assert len(facts.rows) == 6
    assert tables
    for table in tables:
        first, *others = (row._tr.trPr for row in table.rows)
        assert first.find(qn("w:tblHeader")) is not None
        assert [one for one in others if one.find(qn("w:tblHeader")) is not None] == []
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
    footer = word.sections[0].footer._element.xml
    assert re.findall(r'w:instr="(\w+)"', footer) == ["PAGE", "NUMPAGES"]
    properties = word.core_properties
    assert properties.title == word.paragraphs[0].text
    assert properties.author
    assert properties.language == "zh-CN"
    assert properties.created.year >= 2026


def test_chinese_has_its_own_fonts_and_no_theme_wins_over_them(world, counted):
    path = written(world["city"], "docx")
    with zipfile.ZipFile(path) as packed:
        styles = packed.read("word/styles.xml").decode()
    word = docx.Document(str(path))
    for name, font in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Heading 2", "黑体"), ("Title", "黑体")):
        fonts = word.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == font, name
        assert [key for key in fonts.attrib if "Theme" in key] == []
    assert re.search(r'<w:lang [^>]*w:eastAsia="zh-CN"', styles)


def test_every_picture_says_in_words_what_it_shows(world, counted):
    word = docx.Document(str(written(world["city"], "docx", "en")))
    pictures = [shape._inline.docPr for shape in word.inline_shapes]
    assert len(pictures) >= 4
    for picture in pictures:
        assert len(picture.get("descr")) > 20
        assert picture.get("title")
    assert "33.33 %" in " ".join(picture.get("descr") for picture in pictures)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pdf_is_tagged_with_its_fonts_and_words_for_pictures(world, counted, language):
    reader = pypdf.PdfReader(written(world["city"], "pdf", language))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith(language[:2])
    title = {"en": "Completion rates: Beijing"}.get(language)
    assert title is None or reader.metadata.title == title
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    ]
    assert fonts
    for font in fonts:
        described = font["/FontDescriptor"]
        assert "NotoSansSC" in described["/FontName"]
        assert {"/FontFile2", "/FontFile3"} & set(described)
    alts = list(alternatives(root["/StructTreeRoot"]))
    assert len(alts) >= 4
    assert all(len(alt) > 10 for alt in alts)


def alternatives(node):
    """Yield the alternative texts of the figures in a PDF's tree."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from alternatives(one)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure":
            yield str(node["/Alt"])
        if "/K" in node and not isinstance(node["/K"], int):
            yield from alternatives(node["/K"])
