"""Papers as PDF: a typst template under templates/paper/ and plain data in, tagged PDF/UA-1 with its fonts out.

What people typed reaches the template as data (JSON), never as part of its source, so no text can become markup or
read a file. A paper is the same to the byte whenever it is made from the same data.
"""

import json
import struct
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from django.conf import settings

FONT_FILES = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_PICTURE_PPI = 192  # a pixel of an SVG is 1/96 inch: two to each
_LINE_BREAKS = "\n\u2028\u2029"


class CannotPrint(Exception):
    """A paper was not made: the fonts are missing, or the template left a warning."""


def missing_fonts() -> list[str]:
    """Return the font files that papers need and that are not there; empty when all is well."""
    return [str(path) for path in _font_paths() if not path.is_file()]


def _font_paths() -> list[Path]:
    return [Path(settings.FONTS_DIR) / name for name in FONT_FILES]


def render(template_name: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF that templates/paper/`template_name` makes of `data`.

    `data` is what JSON can carry, with `title` (also the document's own title), `lang` (a language code such as
    `zh-hans`) and `at` (an aware datetime: the paper's date, the only one it carries). The template finds it as
    `data`, with `at` in Asia/Shanghai as year, month, day, hour, minute, second. A character that the fonts lack is
    written as its nearest plain form, or else as its number, such as [U+20BB7]. `CannotPrint` when a font is missing
    or the template gives any warning.
    """
    if missing_fonts():
        raise CannotPrint(f"Fonts are missing: {', '.join(missing_fonts())}. Run `make setup`.")
    text = json.dumps(_printable({**data, "at": _moment(data["at"])}), ensure_ascii=False)
    folder = Path(settings.PAPER_DIR)
    try:
        made, warnings = typst.compile_with_warnings(
            str(folder / template_name),
            root=str(folder),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": text},
            pdf_standards="ua-1",
            format="pdf",
        )
    except typst.TypstError as error:
        raise CannotPrint(f"{template_name}: {error}") from error
    if warnings:
        raise CannotPrint(f"{template_name}: {'; '.join(warning.message for warning in warnings)}")
    return bytes(made)


def picture(svg: str) -> bytes:
    """Return an SVG as a PNG on white, two pixels to each of its own, with the fonts of the papers.

    Characters that the fonts lack are written as on a paper. `CannotPrint` when a font is missing or typst warns.
    """
    if missing_fonts():
        raise CannotPrint(f"Fonts are missing: {', '.join(missing_fonts())}. Run `make setup`.")
    folder = Path(settings.PAPER_DIR)
    try:
        made, warnings = typst.compile_with_warnings(
            str(folder / "picture.typ"),
            root=str(folder),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"svg": as_printed(svg)},
            format="png",
            ppi=_PICTURE_PPI,
        )
    except typst.TypstError as error:
        raise CannotPrint(f"A picture: {error}") from error
    if warnings:
        raise CannotPrint(f"A picture: {'; '.join(warning.message for warning in warnings)}")
    return bytes(made)


def _moment(at: datetime) -> dict[str, int]:
    local = at.astimezone(_SHANGHAI)
    return {part: getattr(local, part) for part in ("year", "month", "day", "hour", "minute", "second")}


# --- only characters that the fonts have ---------------------------------------------------------------------------


def _printable(value: Any) -> Any:
    """Return the data with every text, keys apart, in characters that both fonts have."""
    if isinstance(value, str):
        return as_printed(value)
    if isinstance(value, Mapping):
        return {str(key): _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value


def as_printed(text: str) -> str:
    """Return the text as a paper shows it: what no font has by its plain form or number, nothing dropped unseen."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(_character(char) for char in whole)


def _character(char: str) -> str:
    if char in _LINE_BREAKS:
        return "\n"
    if char == "\t":
        return " "
    if unicodedata.category(char) in {"Cc", "Cf"} or unicodedata.name(char, "").startswith("VARIATION SELECTOR"):
        return ""  # invisible by nature: direction marks, joiners, selectors
    if _has(char):
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain if all(_has(each) for each in plain) else f"[U+{ord(char):04X}]"


def _has(char: str) -> bool:
    return ord(char) in _characters()


@cache
def _fonts() -> typst.Fonts:
    folders = [str(path.parent) for path in _font_paths()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def _characters() -> frozenset[int]:
    """Return the code points that every font has."""
    return frozenset.intersection(*(_characters_of(path.read_bytes()) for path in _font_paths()))


def _characters_of(font: bytes) -> frozenset[int]:
    """Return the code points of a TrueType font: its table `cmap`, the subtable of format 12 (OpenType, cmap)."""
    for start in _tables(font, b"cmap"):
        (count,) = struct.unpack_from(">H", font, start + 2)
        for place in range(count):
            (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * place + 4)
            (kind,) = struct.unpack_from(">H", font, start + offset)
            if kind == _SEGMENTED_COVERAGE:
                return _groups(font, start + offset)
    raise CannotPrint("A font does not say which characters it has.")


_SEGMENTED_COVERAGE = 12


def _tables(font: bytes, wanted: bytes) -> list[int]:
    (count,) = struct.unpack_from(">H", font, 4)
    records = [struct.unpack_from(">4sIII", font, 12 + 16 * place) for place in range(count)]
    return [offset for tag, _sum, offset, _length in records if tag == wanted]


def _groups(font: bytes, at: int) -> frozenset[int]:
    (count,) = struct.unpack_from(">I", font, at + 12)
    found: set[int] = set()
    for place in range(count):
        first, last, _glyph = struct.unpack_from(">III", font, at + 16 + 12 * place)
        found.update(range(first, last + 1))
    return frozenset(found)
