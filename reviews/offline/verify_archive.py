#!/usr/bin/env python3
"""Proves that an archive is complete and unchanged: python3 verify_archive.py FOLDER-OR-ZIP [SHA-256 of the manifest]

Needs Python 3.8 or later, asks no network, writes nothing. Checks the SHA-256 and size of every file, that none is
missing or added, the chain of each history, the texts behind receipts and visits, and that every organ has its folder.
Ends with 0 when all holds, 1 when not, 2 without an archive. With the manifest's SHA-256 of old that is checked too.
核验档案是否完整、未被改动：python3 verify_archive.py 文件夹或压缩包 [清单的SHA-256]，仅需 Python 3，不联网，不写入。
"""

import json
import sys
import zipfile
from collections import Counter
from hashlib import sha256
from pathlib import Path

FORMAT = "conservation-organs-archive-1"
MANIFEST, MANIFEST_HASH = "manifest.txt", "manifest.sha256"
STEP = ("number", "step", "from_stage", "to_stage", "by_id", "at_us", "note")
UNREADABLE = (KeyError, OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile)


class Archive:
    """A folder or a zip, read in the same way: `names` of its files, `open` one of them."""

    def __init__(self, path):
        root = Path(path)
        if root.is_dir():
            self.names = [each.relative_to(root).as_posix() for each in root.rglob("*") if not each.is_dir()]
            self.open = lambda name: (root / name).open("rb")
        else:
            packed = zipfile.ZipFile(root)
            self.names = [info.filename for info in packed.infolist() if not info.is_dir()]
            self.open = packed.open

    def read(self, name):
        """Return the bytes of a file."""
        with self.open(name) as file:
            return file.read()

    def hashed(self, name):
        """Return "sha256 size" of a file, however large it is."""
        size, digest = 0, sha256()
        with self.open(name) as file:
            for block in iter(lambda: file.read(2**20), b""):
                size += len(block)
                digest.update(block)
        return f"{digest.hexdigest()} {size}"


def file_faults(archive, listed):
    """Yield every file that is missing, was added, stands there twice, or has other bytes."""
    there = set(archive.names) - {MANIFEST, MANIFEST_HASH}
    yield from (f"missing: {name}" for name in sorted(set(listed) - there))
    yield from (f"not in the manifest: {name}" for name in sorted(there - set(listed)))
    yield from (f"twice: {name}" for name, times in Counter(archive.names).items() if times > 1)
    for name in sorted(there & set(listed)):
        try:
            if archive.hashed(name) != listed[name]:
                yield f"changed: {name}"
        except UNREADABLE as error:
            yield f"cannot be read: {name} ({error})"


def chain_faults(history):
    """Yield every change of a file's history that does not carry the chain on."""
    before = {"hash": "", "to_stage": "", "number": 0}
    for change in history["changes"]:
        content = [change["previous_hash"], history["file"], *(change[key] for key in STEP)]
        whole = sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest() == change["hash"]
        follows = (change["previous_hash"], change["from_stage"]) == (before["hash"], before["to_stage"])
        if not (whole and follows and change["number"] == before["number"] + 1):
            yield f"change {change['number']} breaks the chain"
        before = change
    if before["to_stage"] != history["stage"]:
        yield f"ends at {before['to_stage']!r}, the file stands at {history['stage']!r}"


def folder_faults(archive, folder):
    """Yield what is wrong in the folder of an organ: its history, its receipts, its visits."""
    yield from (f"{folder}: {fault}" for fault in chain_faults(json.loads(archive.read(f"{folder}/history.json"))))
    for name in ("receipts", "visits"):
        for row in json.loads(archive.read(f"{folder}/{name}.json")):
            if row["content"] and sha256(archive.read(f"{folder}/{row['content']}")).hexdigest() != row["sha256"]:
                yield f"{folder}/{row['content']}: not the text whose SHA-256 was kept"


def faults_of(archive, expected=""):
    """Yield in words what does not fit together; nothing when the archive is complete."""
    manifest = archive.read(MANIFEST)
    own = sha256(manifest).hexdigest()
    *head, lines = manifest.decode().split("\n", 3)
    rows = [line.split(" ", 2) for line in lines.splitlines()]
    if head != [FORMAT, f"files {len(rows)}", f"bytes {sum(int(row[1]) for row in rows)}"]:
        yield "the head of the manifest does not fit its lines"
    if archive.read(MANIFEST_HASH).decode().split()[:1] != [own] or expected.lower() not in {"", own}:
        yield f"the manifest has another SHA-256: {own}"
    yield from file_faults(archive, {path: f"{digest} {size}" for digest, size, path in rows})
    for row in filter(lambda row: row["folder"], json.loads(archive.read("round/register.json"))):
        yield from folder_faults(archive, f"organs/{row['folder']}")


def main(path, expected=""):
    """Print what was found and return 0 when the archive is complete and unchanged, 1 when not, 2 where none is."""
    if not Path(path).exists():
        print(f"NOT READ: there is no {path}", file=sys.stderr)
        return 2
    found = []
    try:
        archive = Archive(path)
        found.extend(faults_of(archive, expected))
    except UNREADABLE as error:
        found.append(f"cannot be read: {error}")
    print("\n".join(f"DIFFERENT: {line}" for line in found) or f"OK: {len(archive.names)} files, nothing differs")
    return len(found[:1])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in {2, 3} else f"{__doc__}")
