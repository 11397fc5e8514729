"""The proof of an archive: a program of its own finds whatever was changed afterwards."""

import hashlib
import json
import shutil
import zipfile

import pytest
from django.urls import reverse

from reviews.actions import archives
from reviews.archiving import Entry, manifest_text
from tests.reviews.archived import VERIFIER, laid_out, lived, verify, written

__all__ = ["laid_out", "lived"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


def test_the_program_says_in_one_line_that_there_is_no_archive(tmp_path):
    done = verify("archive.zip", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "NOT READ: there is no archive.zip\n")


@pytest.mark.parametrize("content", [b"", b"no zip"], ids=["empty", "no zip"])
def test_the_program_proves_nothing_of_what_it_cannot_read(tmp_path, content):
    (tmp_path / "archive.zip").write_bytes(content)
    done = verify("archive.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert done.stdout.startswith("DIFFERENT: cannot be read: ")


def sealed_anew(root):
    """Write the manifest anew, as somebody would who wants to hide a change."""
    paths = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith("manifest.")]
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    text = manifest_text(
        Entry(path, len(content), hashlib.sha256(content).hexdigest()) for path, content in contents.items()
    )
    (root / "manifest.txt").write_text(text, encoding="utf-8")
    (root / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest() + "  manifest.txt\n")


def test_folder_and_zip_have_the_same_manifest_and_the_program_proves_both(world, laid_out, tmp_path):
    root, _folder = laid_out
    export = written(world)
    manifest = (root / "manifest.txt").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == export.manifest_sha256
    path = archives.path_of(export)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == export.sha256
    with zipfile.ZipFile(path) as packed:
        assert packed.read("manifest.txt") == manifest
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    other = tmp_path / "elsewhere"
    other.mkdir()
    for archive in (root, path):
        proved = verify(archive, export.manifest_sha256, cwd=other)
        assert (proved.returncode, proved.stdout[:3]) == (0, "OK:"), proved.stdout + proved.stderr
        assert verify(archive, "0" * 64, cwd=other).returncode == 1
    # the same data once more: the same to the byte
    again = written(world)
    assert (again.pk, again.sha256) != (export.pk, "")
    assert (again.manifest_sha256, again.sha256) == (export.manifest_sha256, export.sha256)


def flipped(root, folder):
    path = next((folder / "evidence").iterdir())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    return "changed: organs/"


def missing(root, folder):
    next((folder / "evidence").iterdir()).unlink()
    return "missing: organs/"


def extra(root, folder):
    (folder / "evidence" / "more.pdf").write_bytes(b"%PDF-")
    return "not in the manifest: organs/"


def other_history(root, folder):
    path = folder / "history.json"
    history = json.loads(path.read_text(encoding="utf-8"))
    history["changes"][1]["note"] = "另一种说法"
    path.write_text(json.dumps(history, ensure_ascii=False), encoding="utf-8")
    sealed_anew(root)
    return "change 2 breaks the chain"


def shortened_history(root, folder):
    path = folder / "history.json"
    history = json.loads(path.read_text(encoding="utf-8"))
    del history["changes"][-1]
    path.write_text(json.dumps(history, ensure_ascii=False), encoding="utf-8")
    sealed_anew(root)
    return "the file stands at 'recognised'"


def other_receipt(root, folder):
    path = next(path for path in (folder / "receipts").iterdir() if path.suffix == ".json")
    path.write_text(path.read_text(encoding="utf-8").replace('"remark":""', '"remark":"x"', 1), encoding="utf-8")
    sealed_anew(root)
    return "not the text whose SHA-256 was kept"


def no_folder(root, folder):
    shutil.rmtree(folder)
    sealed_anew(root)
    return "cannot be read: "


def other_head(root, folder):
    path = root / "manifest.txt"
    text = path.read_text(encoding="utf-8").replace("files ", "files 1", 1)
    path.write_text(text, encoding="utf-8")
    (root / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())
    return "the head of the manifest does not fit its lines"


def test_whatever_is_changed_afterwards_is_found(laid_out, tmp_path):
    root, folder = laid_out
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert verify(root, cwd=other).returncode == 0
    for number, change in enumerate(
        (flipped, missing, extra, other_history, shortened_history, other_receipt, no_folder, other_head)
    ):
        copy = tmp_path / f"changed-{number}"
        shutil.copytree(root, copy)
        expected = change(copy, copy / folder.relative_to(root))
        found = verify(copy, cwd=other)
        assert found.returncode == 1, change
        assert expected in found.stdout, (change, found.stdout, found.stderr)
        assert found.stderr == ""


def test_a_damaged_zip_is_found(world, lived, tmp_path):
    path = archives.path_of(written(world))
    with zipfile.ZipFile(path) as packed:
        place = next(info for info in packed.infolist() if "/evidence/" in info.filename)
    content = bytearray(path.read_bytes())
    content[place.header_offset + 30 + len(place.filename.encode()) + 5] ^= 1
    for broken in (bytes(content), bytes(content[:-200]), b""):
        (tmp_path / "broken.zip").write_bytes(broken)
        found = verify(tmp_path / "broken.zip", cwd=tmp_path)
        assert (found.returncode, found.stderr) == (1, "")


def test_everybody_gets_the_program(client):
    answer = client.get(reverse("archive_verifier"))
    assert answer.content == VERIFIER.read_bytes()
    assert len(VERIFIER.read_text(encoding="utf-8").splitlines()) < 120
