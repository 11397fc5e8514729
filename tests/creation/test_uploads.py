"""What may come in as a file: decided by its content; pictures are shown only in a form that was encoded anew."""

import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import Form
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from creation import uploads
from creation.actions import evidence
from creation.errors import Forbidden, Refused
from creation.forms.fields import CheckedFileField, MultipleCheckedFileField
from creation.models import Event, Evidence
from reviews.demo import builders

HTML = b"<html><script>alert(document.cookie)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
KIND, MEANS, EMPTY = "is not of an accepted kind", "is not what its name says", "is empty"


def a_file(name, content):
    return SimpleUploadedFile(name, content)


def a_picture(kind="JPEG", size=(40, 30), **extra):
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, kind, **extra)
    return out.getvalue()


def a_docx(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"word/document.xml": b"<w/>", **members}.items():
            archive.writestr(name, content)
    return out.getvalue()


def an_xlsx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
    return out.getvalue()


def a_huge_png(side):
    """Return a PNG of side × side pixels of one bit that is a few kilobytes long."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * ((side + 7) // 8)) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def refusal(name, content):
    with pytest.raises(Refused) as refused:
        uploads.check(a_file(name, content))
    return str(refused.value)


# --- what is accepted ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "content_type", "has_display"),
    [
        ("a.pdf", builders.PDF, "application/pdf", False),
        ("A.PDF", builders.PDF, "application/pdf", False),
        ("a.jpg", a_picture(), "image/jpeg", True),
        ("a.jpeg", a_picture(), "image/jpeg", True),
        ("a.png", a_picture("PNG"), "image/png", True),
        ("a.webp", a_picture("WEBP"), "image/webp", True),
        ("a.docx", a_docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False),
        ("a.xlsx", an_xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False),
    ],
)
def test_each_accepted_kind_comes_in(name, content, content_type, has_display):
    checked = uploads.check(a_file(name, content))
    assert (checked.name, checked.content_type, checked.content) == (name, content_type, content)
    assert (checked.size, checked.display is not None) == (len(content), has_display)
    assert uploads.check(checked) is checked


# --- what is not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run.exe", b"MZ\x90\x00", KIND),
        ("page.html", HTML, KIND),
        ("drawing.svg", SVG, KIND),
        ("macro.docm", b"PK", KIND),
        ("no-ending", builders.PDF, KIND),
        ("a.pdf.exe", builders.PDF, KIND),
        ("a.pdf", b"MZ\x90\x00" + b"\0" * 200, MEANS),
        ("a.pdf", HTML, MEANS),
        ("a.png", SVG, MEANS),
        ("a.png", HTML, MEANS),
        ("a.jpg", a_picture("PNG"), MEANS),
        ("a.jpg", builders.PDF, MEANS),
        ("a.docx", an_xlsx(), MEANS),
        ("a.docx", b"PK\x03\x04 not an archive", MEANS),
        ("a.docx", a_docx(**{"word/vbaProject.bin": b"macro"}), MEANS),
        ("a.docx", a_docx(**{"word/VBAPROJECT.BIN": b"macro"}), MEANS),
        ("a.pdf", b"", EMPTY),
        ("a.png", b"", EMPTY),
        ("a.jpg", a_picture()[:120], "cannot be read as a picture"),
    ],
)
def test_what_is_not_accepted_is_named_with_its_reason(name, content, said):
    sentence = refusal(name, content)
    assert said in sentence
    assert f"“{name}”" in sentence


def test_a_file_too_large_is_told_the_limit(settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    assert refusal("a.pdf", builders.PDF + b" " * 1024 * 1024) == "“a.pdf” is too large: at most 1 MB."
    assert uploads.check(a_file("a.pdf", builders.PDF.ljust(1024 * 1024))).size == 1024 * 1024


def test_an_archive_that_would_fill_the_memory_is_refused(monkeypatch):
    bomb = a_docx(**{f"word/{n}.xml": bytes(30 * 1024 * 1024) for n in range(7)})
    assert len(bomb) < 1024 * 1024
    assert MEANS in refusal("a.docx", bomb)
    monkeypatch.setattr(uploads, "MAX_INFLATED", 400 * 1024 * 1024)  # control arm: it is the size that was refused
    assert uploads.check(a_file("a.docx", bomb)).size == len(bomb)


def test_an_archive_that_lies_about_its_size_is_refused():
    size = 3 * 1024 * 1024
    honest = a_docx(**{"word/big.xml": bytes(size)})
    assert uploads.check(a_file("a.docx", honest)).size == len(honest)
    assert MEANS in refusal("a.docx", honest.replace(struct.pack("<I", size), struct.pack("<I", 10)))


def test_a_picture_of_400_megapixels_is_refused_before_it_is_decoded():
    huge = a_huge_png(20_000)
    assert len(huge) < 64 * 1024
    assert refusal("a.png", huge) == "“a.png” has too many pixels."
    assert "too many pixels" in refusal("a.png", a_huge_png(8_000))  # above the limit, below Pillow's own
    assert uploads.check(a_file("a.png", a_huge_png(1_000))).display


# --- what survives in a picture ------------------------------------------------------------------------------------


def test_place_and_camera_do_not_survive_in_what_is_shown():
    exif = Image.Exif()
    exif[0x010F] = "Maker of the camera"
    exif.get_ifd(0x8825)[1] = "N"
    checked = uploads.check(a_file("a.jpg", a_picture(exif=exif)))
    assert b"Maker of the camera" in checked.content  # the original stays as it came, and is never shown
    assert b"Maker of the camera" not in checked.display
    assert dict(Image.open(io.BytesIO(checked.display)).getexif()) == {}


def test_a_picture_is_turned_upright_and_made_smaller():
    exif = Image.Exif()
    exif[0x0112] = 6
    checked = uploads.check(a_file("a.jpg", a_picture(size=(3200, 1600), exif=exif)))
    assert Image.open(io.BytesIO(checked.display)).size == (800, 1600)


def test_a_second_format_hidden_in_a_picture_does_not_survive():
    polyglot = a_picture() + HTML
    checked = uploads.check(a_file("a.jpg", polyglot))
    assert HTML in checked.content
    assert b"script" not in checked.display


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    changes=st.lists(st.tuples(st.integers(12, 900), st.integers(0, 255)), min_size=1, max_size=10),
    cut=st.integers(0, 200),
)
def test_a_broken_picture_is_refused_or_read_and_never_breaks_the_portal(kind, changes, cut):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    content = bytearray(a_picture(kind, exif=exif))
    for place, value in changes:
        content[place % len(content)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            checked = uploads.check(a_file(f"a.{kind.lower()}", bytes(content[: len(content) - cut])))
        except Refused:
            return
    assert checked.display[:2] == b"\xff\xd8"


# --- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/cron.d/a.pdf", "a.pdf"),
        ("..\\..\\windows\\a.pdf", "a.pdf"),
        ("/a.pdf", "a.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie: x.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ("关于节约用电的通知（2026）.pdf", "关于节约用电的通知（2026）.pdf"),
        ("字" * 300 + ".pdf", "字" * 196 + ".pdf"),
        ("\x00\x01", "file"),
    ],
)
def test_a_name_is_a_name_and_never_a_path(name, kept):
    assert uploads.clean_name(name) == kept


def test_the_disk_knows_a_file_by_its_hash_alone(world):
    piece = evidence.upload_evidence(world.organ, builders.a_pdf("../../evil.pdf"), by=world["clerk"])
    assert piece.name == "evil.pdf"
    assert piece.original.name == f"originals/{piece.sha256[:2]}/{piece.sha256}"


# --- the library ---------------------------------------------------------------------------------------------------


def test_the_same_content_is_kept_once_for_an_organ_and_apart_for_another(world):
    one = evidence.upload_evidence(world.organ, a_file("a.pdf", builders.PDF), by=world["clerk"])
    again = evidence.upload_evidence(world.organ, a_file("b.pdf", builders.PDF), by=world["clerk"])
    other = evidence.upload_evidence(world.neighbour, a_file("a.pdf", builders.PDF), by=world["clerk2"])
    assert (one, other.sha256) == (again, one.sha256)
    assert Evidence.objects.count() == 2
    assert Event.objects.filter(verb="upload").count() == 2


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "stranger"])
def test_only_a_clerk_of_the_organ_fills_its_library(world, username):
    with pytest.raises(Forbidden):
        evidence.upload_evidence(world.organ, builders.a_pdf(), by=world[username])
    assert Evidence.objects.count() == 0


# --- fields --------------------------------------------------------------------------------------------------------


class OneFile(Form):
    file = CheckedFileField()


class ManyFiles(Form):
    files = MultipleCheckedFileField()


class SomeFiles(Form):
    files = MultipleCheckedFileField(partly=True, required=False)


def filled(form, *files, name="files"):
    return form({}, MultiValueDict({name: list(files)}))


def test_one_file_is_cleaned_to_what_the_verbs_take():
    form = filled(OneFile, a_file("a.pdf", builders.PDF), name="file")
    assert form.is_valid()
    assert form.cleaned_data["file"] == uploads.Checked(
        "a.pdf", "application/pdf", builders.PDF, None, hashlib.sha256(builders.PDF).hexdigest()
    )
    assert filled(OneFile, a_file("a.pdf", b""), name="file").errors["file"] == ["“a.pdf” is empty."]
    assert filled(OneFile, name="file").errors["file"] == ["Choose “File”."]


def test_all_faults_come_at_once_each_by_the_name_of_its_file():
    form = filled(
        ManyFiles, a_file("a.pdf", builders.PDF), a_file("b.exe", b"MZ"), a_file("c.pdf", b""), a_file("d.png", HTML)
    )
    assert [sentence.split("”")[0] for sentence in form.errors["files"]] == ["“b.exe", "“c.pdf", "“d.png"]
    assert filled(ManyFiles).errors["files"] == ["Choose at least one file."]


def test_good_files_are_not_held_up_by_bad_ones():
    form = filled(SomeFiles, a_file("a.pdf", builders.PDF), a_file("b.exe", b"MZ"))
    assert form.is_valid()
    result = form.cleaned_data["files"]
    assert ([each.name for each in result.kept], [name for name, _said in result.faults]) == (["a.pdf"], ["b.exe"])


def test_more_files_than_may_come_at_once_are_refused(settings):
    settings.UPLOAD_MAX_FILES = 2
    form = filled(SomeFiles, *(a_file(f"{n}.pdf", builders.PDF) for n in range(3)))
    assert form.errors["files"] == ["At most 2 files at once."]


def test_the_hash_is_known_from_the_check_on():
    checked = uploads.check(a_file("a.pdf", builders.PDF))
    assert replace(checked, content=b"another").sha256 == hashlib.sha256(builders.PDF).hexdigest()
