"""How an archive is laid out: names of its folders and files, its manifest, and the metadata of what lies in it.

The manifest names every file once, as "sha256 size path", sorted by path; the same files give the same manifest. The
metadata use element names of the rules for electronic records (GB/T 18894-2016 and DA/T 46-2009: 题名, 责任者, 日期 and
so on) as a help for taking over. They are made in the style of those rules; nobody has certified that they conform.
"""

import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

FORMAT = "conservation-organs-archive-1"
MANIFEST, MANIFEST_HASH = "manifest.txt", "manifest.sha256"
NAME_BYTES = 90  # of one name in UTF-8: 30 Chinese characters
ENDING_BYTES = 10
SHORTEST_ENDING = 2  # the dot and a letter
XML_CHARACTER = re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
STYLE = "参照 GB/T 18894-2016、DA/T 46-2009 的元数据名称编制，未经符合性认证"

_KEPT = frozenset(" -_.()（）〔〕【】《》、，·")
# what Windows takes for a device, whatever the ending
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))]
)


# --- names ---------------------------------------------------------------------------------------------------------


def safe_name(text: str, *, limit: int = NAME_BYTES) -> str:
    """Return `text` as a file name that any system takes: letters and digits of every script stay, marks become "_".

    Never empty, never a path, never hidden, never a device of Windows, no longer than `limit` bytes in UTF-8; the
    ending of a file's name survives shortening.
    """
    kept = "".join(
        char if char.isalnum() or char in _KEPT else "_" for char in unicodedata.normalize("NFC", text.strip())
    )
    name = " ".join(kept.split()).strip(" .") or "_"
    stem, ending = _parted(name)
    if stem.split(".")[0].strip().upper() in _DEVICES:
        stem = f"_{stem}"
    return _cut(stem, limit - len(ending.encode())) + ending


def _parted(name: str) -> tuple[str, str]:
    ending = PurePosixPath(name).suffix
    if len(ending) < SHORTEST_ENDING or len(ending.encode()) > ENDING_BYTES or " " in ending:
        return name, ""
    return name[: -len(ending)], ending


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode(errors="ignore").strip(" .") or "_"


def unique_name(name: str, taken: set[str]) -> str:
    """Return `name`, with a number where `taken` has it already (upper and lower case are one), and note it there."""
    stem, ending = _parted(name)
    chosen, number = name, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem} ({number}){ending}"
    taken.add(chosen.casefold())
    return chosen


def folder_of(region_code: str, credit_code: str, name: str) -> str:
    """Return the folder of an organ: its region and credit code, which no other organ has, and its name to be read."""
    return f"{safe_name(region_code, limit=12)}-{safe_name(credit_code, limit=18)}-{safe_name(name, limit=60)}"


# --- the manifest --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: where it lies, how many bytes it has, and their SHA-256."""

    path: str
    size: int
    sha256: str


def manifest_text(entries: Iterable[Entry]) -> str:
    """Return the manifest: format, counts, then one line for each file, sorted by path. Refuses a path that is twice.

    The order is that of the bytes, so that it does not depend on who sorts.
    """
    ordered = sorted(entries, key=lambda entry: entry.path)
    paths = [entry.path for entry in ordered]
    if len(set(paths)) != len(paths) or any("\n" in path or "\r" in path for path in paths):
        raise ValueError("a path stands in the archive twice, or has a line break")
    lines = [f"{entry.sha256} {entry.size} {entry.path}" for entry in ordered]
    head = [FORMAT, f"files {len(ordered)}", f"bytes {sum(entry.size for entry in ordered)}"]
    return "\n".join([*head, *lines]) + "\n"


# --- metadata ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of a folder, or of a file in it; a day is an ISO date, or empty where none is known."""

    title: str
    author: str = ""
    day: str = ""
    number: str = ""


def metadata_xml(
    folder: Described,
    records: Iterable[tuple[Described, Entry]],
    *,
    unit: str,
    classification: str,
    retention: str,
) -> bytes:
    """Return the metadata of a folder and of each of its records as XML in UTF-8, in the order given."""
    root = ET.Element("电子档案", {"说明": STYLE})
    listed = list(records)
    _put(root, "聚合层次", "案卷")
    _put(root, "立档单位名称", unit)
    _put(root, "类别", classification)
    _describe(root, folder)
    _put(root, "密级", "非涉密")
    _put(root, "保管期限", retention)
    _put(root, "件数", str(len(listed)))
    for said, entry in listed:
        record = ET.SubElement(root, "文件")
        _put(record, "聚合层次", "文件")
        _describe(record, said)
        _put(record, "保管期限", retention)
        _put(record, "格式信息", PurePosixPath(entry.path).suffix.lstrip(".").upper())
        _put(record, "计算机文件名", entry.path)
        _put(record, "计算机文件大小", str(entry.size))
        _put(record, "数字摘要", entry.sha256, {"算法": "SHA-256"})
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def _describe(parent: ET.Element, said: Described) -> None:
    _put(parent, "题名", said.title)
    _put(parent, "责任者", said.author)
    _put(parent, "日期", said.day)
    _put(parent, "文号", said.number)


def _put(parent: ET.Element, name: str, text: str, marks: dict[str, str] | None = None) -> None:
    if text:
        ET.SubElement(parent, name, marks or {}).text = "".join(char if _fits_xml(char) else "�" for char in text)


def _fits_xml(char: str) -> bool:
    """Tell whether XML 1.0 can carry the character: no control characters but tab and line breaks, no half pairs."""
    return XML_CHARACTER.fullmatch(char) is not None
