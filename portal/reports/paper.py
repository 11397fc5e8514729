"""A document as a PDF, by the template templates/paper/report.typ."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from creation import pdf
from portal.reports.pieces import Document, Heading, Picture, Piece, Said, Table


def write(document: Document, to: Path) -> None:
    """Write the document as a tagged PDF with its fonts; `CannotPrint` when a font is missing."""
    data = {
        "title": document.title,
        "lang": document.language,
        "at": document.made_at,
        "subtitle": document.subtitle,
        "office": document.office,
        "demonstration": document.demonstration,
        "facts": [list(fact) for fact in document.facts],
        "facts_title": _("About this document"),
        "pieces": [_as_data(piece) for piece in document.pieces],
        "footer": f"{document.title} · {document.subtitle}",
        "page_label": _("Page {page} of {pages}"),
    }
    to.write_bytes(pdf.render("report.typ", data))


def _as_data(piece: Piece) -> dict[str, Any]:
    match piece:
        case Heading(text, level):
            return {"kind": "heading", "text": text, "level": level}
        case Said(text, style):
            return {"kind": "said", "text": text, "style": style}
        case Table(title, head, rows, numbers, captioned):
            shown = {"head": list(head), "rows": [list(row) for row in rows], "numbers": sorted(numbers)}
            return {"kind": "table", "title": title if captioned else "", **shown, "widest": _widest(piece)}
        case Picture(title, alt, _png, svg):
            return {"kind": "picture", "title": title, "alt": alt, "svg": svg}


def _widest(table: Table) -> list[int]:
    """Return for each column how long its longest text is, from 7 to 24: columns share the width by it."""
    return [
        min(24, max(7, *(len(row[column].encode("gb18030", "replace")) for row in (table.head, *table.rows))))
        for column in range(len(table.head))
    ]
