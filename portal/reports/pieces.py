"""What a document is made of, before anybody decides whether it becomes a Word file or a PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; 1 is a chapter of the document, 2 a part of it."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """A paragraph; a `lead` says the most important thing first, a `note` how to read what stands above it."""

    text: str
    style: str = ""


LEAD, NOTE = "lead", "note"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title, its heads and rows of texts; columns in `numbers` stand to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    captioned: bool = True  # a heading right above says the same


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its title and what it says in words."""

    title: str
    alt: str
    png: bytes
    svg: str


Piece = Heading | Said | Table | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: what it is about, the facts at its head, and its pieces in their order."""

    title: str
    subtitle: str
    subject: str
    office: str
    facts: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...]
    made_at: datetime
    language: str  # zh-hans or en
    demonstration: str = ""

    def of(self, kind: type[Any]) -> Iterator[Any]:
        """Yield the pieces of one kind."""
        yield from (piece for piece in self.pieces if isinstance(piece, kind))


def table(title: str, head: Sequence[Any], rows: Sequence[Sequence[Any]], *, captioned: bool = True) -> Table:
    """Return a table of texts made from values; a column that holds numbers alone stands to the right."""
    numbers = {
        column
        for column in range(len(head))
        if any(is_number(row[column]) for row in rows)
        and all(row[column] is None or is_number(row[column]) for row in rows)
    }
    texts = tuple(tuple(as_text(value) for value in row) for row in rows)
    return Table(title, tuple(str(one) for one in head), texts, frozenset(numbers), captioned)


def is_number(value: object) -> bool:
    """Tell whether a value is counted or measured."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def as_text(value: object) -> str:
    """Return a value as the screen writes it: days in ISO form, an empty one as a dash."""
    return NOTHING if value is None or value == "" else str(value)
