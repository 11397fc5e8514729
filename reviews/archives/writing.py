"""How pieces get onto the disk: into plain folders or into one zip, each hashed while it is written.

Nothing here knows of the time: the same pieces give the same manifest, and the same zip to the byte.
"""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from creation.models import Evidence
from reviews.archiving import MANIFEST, MANIFEST_HASH, Described, Entry, manifest_text, metadata_xml

CHUNK = 1024 * 1024
METADATA = "metadata.xml"
# what is packed already gains nothing from being packed again
PACKED = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".webp", ".docx", ".xlsx"})
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can tell


class Damaged(Exception):
    """A kept file is gone, or is not what was uploaded: an archive without it would not be complete."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to be written: its path inside its folder, what is said of it (None: no record), and what it holds.

    A paper is made only when its turn comes, so that one at a time lies in memory; evidence is copied in blocks.
    """

    path: str
    said: Described | None
    content: bytes | Callable[[], bytes] | Evidence


def as_json(data: object) -> bytes:
    """Return plain data as JSON that people can read, with one spelling only."""
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


# --- where to ------------------------------------------------------------------------------------------------------


class Sink(Protocol):
    """Whatever takes files by their paths."""

    def open(self, path: str, size: int):
        """Return a context manager that gives the open file; `size` is how large it is going to be."""


class Folders:
    """Plain folders below a new folder."""

    def __init__(self, root: Path):
        self.root = root
        root.mkdir(parents=True)

    @contextmanager
    def open(self, path: str, _size: int) -> Iterator[BinaryIO]:
        """Give a new file; one that exists is never written over."""
        where = self.root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        with where.open("xb") as file:
            yield file


class Zip:
    """One zip, written from front to back; above 4 GB by its 64-bit form."""

    def __init__(self, path: Path):
        self.path = path
        self.zip = zipfile.ZipFile(path, "w")

    @contextmanager
    def open(self, path: str, size: int) -> Iterator[BinaryIO]:
        """Give a new entry, whose time and rights are always the same."""
        info = zipfile.ZipInfo(path, LONG_AGO)
        info.compress_type = zipfile.ZIP_STORED if Path(path).suffix.lower() in PACKED else zipfile.ZIP_DEFLATED
        info.create_system, info.external_attr, info.file_size = 3, (stat.S_IFREG | 0o644) << 16, size
        with self.zip.open(info, "w") as file:
            yield file

    def close(self) -> None:
        """Write the table of contents and let the file outlive a power cut."""
        self.zip.close()
        with self.path.open("rb") as file:
            os.fsync(file.fileno())


# --- what gets there -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sums:
    """What an archive came to: how many files, how many bytes in them, and the SHA-256 of its manifest."""

    files: int
    size: int
    manifest_sha256: str


@dataclass
class Writer:
    """Writes pieces into a sink and keeps the list of what it wrote; the list alone grows with the archive."""

    sink: Sink
    entries: list[Entry] = field(default_factory=list)

    def put(self, path: str, content: bytes) -> Entry:
        """Write a file and return its entry."""
        with self.sink.open(path, len(content)) as file:
            file.write(content)
        return self._note(Entry(path, len(content), hashlib.sha256(content).hexdigest()))

    def copy(self, path: str, evidence: Evidence) -> Entry:
        """Copy a kept original and return its entry; `Damaged` when it is gone or has other bytes."""
        digest, size = hashlib.sha256(), 0
        try:
            with evidence.original.open("rb") as source, self.sink.open(path, evidence.size) as file:
                while block := source.read(CHUNK):
                    digest.update(block)
                    size += len(block)
                    file.write(block)
        except FileNotFoundError as error:
            raise Damaged(f"{evidence.name} ({evidence.sha256}): {error}") from error
        if digest.hexdigest() != evidence.sha256:
            raise Damaged(f"{evidence.name}: {evidence.sha256} ≠ {digest.hexdigest()}")
        return self._note(Entry(path, size, evidence.sha256))

    def folder(self, path: str, said: Described, pieces: Iterable[Piece], *, unit: str, kept: str, about: str) -> None:
        """Write a folder: its pieces, and what is said of it and of them as metadata.

        `unit` is whose archive it is, `kept` the retention period, `about` the classification, all in words.
        """
        records = []
        for piece in pieces:
            entry = self._piece(f"{path}/{piece.path}", piece.content)
            if piece.said is not None:
                records.append((piece.said, Entry(piece.path, entry.size, entry.sha256)))
        text = metadata_xml(said, records, unit=unit, classification=about, retention=kept)
        self.put(f"{path}/{METADATA}", text)

    def _piece(self, path: str, content: bytes | Callable[[], bytes] | Evidence) -> Entry:
        if isinstance(content, Evidence):
            return self.copy(path, content)
        return self.put(path, content() if callable(content) else content)

    def finish(self) -> Sums:
        """Write the manifest and its own SHA-256, and return the sums; the last thing that is written."""
        manifest = manifest_text(self.entries).encode()
        sha256 = hashlib.sha256(manifest).hexdigest()
        sums = Sums(len(self.entries), sum(entry.size for entry in self.entries), sha256)
        self.put(MANIFEST, manifest)
        self.put(MANIFEST_HASH, f"{sha256}  {MANIFEST}\n".encode())
        return sums

    def _note(self, entry: Entry) -> Entry:
        self.entries.append(entry)
        return entry
