"""A document as a Word file: real headings, heads of tables that repeat, alternative texts, page numbers."""

import io
from collections.abc import Callable
from pathlib import Path

import docx
from django.utils.translation import gettext as _
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from portal.reports.pieces import LEAD, NOTE, Document, Heading, Picture, Piece, Said, Table

# What every Windows and WPS has; a machine without them takes its own Chinese font.
LATIN, CHINESE, CHINESE_HEADS = "Calibri", "宋体", "黑体"
GREEN, QUIET = RGBColor(0x1D, 0x5B, 0x44), RGBColor(0x55, 0x60, 0x5A)
LANGUAGES = {"zh-hans": "zh-CN", "en": "en-US"}
PAGE, MARGIN = (Cm(21), Cm(29.7)), Cm(2)
TEXT_WIDTH = PAGE[0] - 2 * MARGIN
LANGUAGE_OF_CHINESE = "zh-CN"
SIZES = {"Normal": 10.5, "Title": 22, "Subtitle": 11, "Heading 1": 15, "Heading 2": 12, "Caption": 9.5}
CELL_SIZE = Pt(9)


def write(document: Document, to: Path) -> None:
    """Write the document as a Word file."""
    word = docx.Document()
    _styles(word, document)
    _sheet(word, document)
    _properties(word, document)
    word.add_paragraph(document.title, style="Title")
    word.add_paragraph(document.subtitle, style="Subtitle")
    if document.demonstration:
        word.add_paragraph(style="Normal").add_run(document.demonstration).bold = True
    _facts(word, document)
    for piece in document.pieces:
        PIECES[type(piece)](word, piece)
    word.save(str(to))


# --- looks -----------------------------------------------------------------------------------------------------------


def _styles(word: Word, document: Document) -> None:
    for name, size in SIZES.items():
        style = word.styles[name]
        heads = name.startswith(("Heading", "Title"))
        style.font.size = Pt(size)
        style.font.color.rgb = GREEN if heads else QUIET if name in {"Subtitle", "Caption"} else RGBColor(0, 0, 0)
        style.font.italic = False
        _fonts(style.element.get_or_add_rPr(), CHINESE_HEADS if heads else CHINESE)
    word.styles["Caption"].paragraph_format.keep_with_next = True
    word.styles["Normal"].paragraph_format.space_after = Pt(6)
    defaults = word.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    _fonts(defaults, CHINESE)
    language = defaults.find(qn("w:lang"))
    if language is None:
        language = _added(defaults, "w:lang")
    language.set(qn("w:val"), LANGUAGES.get(document.language, document.language))
    language.set(qn("w:eastAsia"), LANGUAGE_OF_CHINESE)


def _fonts(properties, chinese: str) -> None:
    """Name the fonts one by one: a theme's font would win over the Chinese one."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script, name in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", chinese)):
        fonts.set(qn(f"w:{script}"), name)


def _sheet(word: Word, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    head = section.header.paragraphs[0]
    head.text = " · ".join(part for part in (document.title, document.subtitle) if part)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = _("Page {page} of {pages}").replace("{pages}", "{page}").split("{page}")
    for text, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        foot.add_run(text)
        if field:
            _field(foot, field)
    for paragraph in (head, foot):
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(8.5), QUIET


def _field(paragraph: Paragraph, what: str) -> None:
    field = _added(paragraph._p, "w:fldSimple")  # noqa: SLF001 python-docx knows no fields
    field.set(qn("w:instr"), what)
    run = _added(field, "w:r")
    _added(run, "w:t").text = "1"


def _properties(word: Word, document: Document) -> None:
    properties = word.core_properties
    properties.title, properties.subject = document.title, document.subject
    properties.author = properties.last_modified_by = document.office
    properties.language = LANGUAGES.get(document.language, document.language)
    properties.keywords, properties.comments = document.subtitle, document.demonstration
    properties.created = properties.modified = document.made_at.replace(tzinfo=None, microsecond=0)


# --- pieces ----------------------------------------------------------------------------------------------------------


def _facts(word: Word, document: Document) -> None:
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for label, value in document.facts:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, (label, value), (Cm(4), TEXT_WIDTH - Cm(4)), strict=True):
            cell.width = width
            _fill(cell.paragraphs[0], text, bold=text is label)
    _describe(table, _("About this document"))
    word.add_paragraph()


def _heading(word: Word, piece: Heading) -> None:
    word.add_heading(piece.text, piece.level)


def _said(word: Word, piece: Said) -> None:
    run = word.add_paragraph(style="Normal").add_run(piece.text)
    if piece.style == LEAD:
        run.bold, run.font.size = True, Pt(12)
    if piece.style == NOTE:
        run.font.size, run.font.color.rgb = Pt(9), QUIET


def _table(word: Word, piece: Table) -> None:
    if piece.captioned:
        word.add_paragraph(piece.title, style="Caption")
    table = word.add_table(rows=0, cols=len(piece.head), style="Table Grid")
    for number, row in enumerate((piece.head, *piece.rows)):
        line = table.add_row()
        properties = line._tr.get_or_add_trPr()  # noqa: SLF001 as above
        _added(properties, "w:cantSplit")
        if number == 0:
            _added(properties, "w:tblHeader")  # repeated on every page
        for place, (cell, text) in enumerate(zip(line.cells, row, strict=True)):
            paragraph = cell.paragraphs[0]
            _fill(paragraph, text, bold=number == 0)
            if place in piece.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _describe(table, piece.title)
    word.add_paragraph()


def _fill(paragraph: Paragraph, text: str, *, bold: bool) -> None:
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, CELL_SIZE
    paragraph.paragraph_format.space_after = Pt(0)


def _describe(table, text: str) -> None:
    _added(table._tbl.tblPr, "w:tblCaption").set(qn("w:val"), text)  # noqa: SLF001 as above


def _picture(word: Word, piece: Picture) -> None:
    word.add_paragraph(piece.title, style="Caption")
    shape = word.add_picture(io.BytesIO(piece.png), width=TEXT_WIDTH)
    about = shape._inline.docPr  # noqa: SLF001 as above
    about.set("title", piece.title)
    about.set("descr", piece.alt)
    said = word.add_paragraph(style="Normal").add_run(piece.alt)
    said.font.size, said.font.color.rgb = Pt(9), QUIET


def _added(parent, tag: str):
    element = OxmlElement(tag)
    parent.append(element)
    return element


PIECES: dict[type[Piece], Callable] = {Heading: _heading, Said: _said, Table: _table, Picture: _picture}
