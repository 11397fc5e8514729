"""The library of an organ in the browser, and how its files leave the portal: to whom, and in which form."""

import hashlib
import io
from typing import ClassVar
from urllib.parse import quote

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from PIL import Image

from creation import stages
from creation.actions import evidence
from creation.models import Attachment, Evidence
from reviews.demo import builders
from tests.cast import keyed

NAME = "关于节约用电的通知.pdf"
EVERYBODY = ("clerk", "signatory", "clerk2", "official", "far_official", "viewer", "inspector", "stranger", "public")


def a_picture(name="现场.png"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


def text(answer):
    return " ".join(answer.content.decode().split())


def fetch(client, name, piece):
    """Return the answer and what it sent; read to its end, the file behind it is closed."""
    answer = client.get(reverse(name, args=[piece.pk]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer, content


def statuses(sign_in, name, piece, who=EVERYBODY):
    return {each: fetch(sign_in(each), name, piece)[0].status_code for each in who}


class Watching(FileSystemStorage):
    """Keeps files as ever, and notes how many transactions of the portal were open inside the test's own."""

    open_ones: ClassVar[list] = []

    def _save(self, name, content):
        self.open_ones.append(len(connection.savepoint_ids))
        return super()._save(name, content)


@pytest.fixture
def piece(world):
    return evidence.upload_evidence(world.organ, builders.a_pdf(NAME), by=world["clerk"])


@pytest.fixture
def picture(world):
    return evidence.upload_evidence(world.organ, a_picture(), by=world["clerk"])


# --- how a file leaves ---------------------------------------------------------------------------------------------


def test_an_original_leaves_as_it_came_and_only_as_a_download(piece, sign_in):
    answer, content = fetch(sign_in("clerk"), "evidence_file", piece)
    assert hashlib.sha256(content).hexdigest() == piece.sha256
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(NAME)}"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_a_picture_is_shown_in_the_form_that_was_encoded_anew(picture, sign_in):
    answer, content = fetch(sign_in("clerk"), "evidence_picture", picture)
    assert content[:3] == b"\xff\xd8\xff"
    assert (answer["Content-Type"], answer["Content-Disposition"].split(";")[0]) == ("image/jpeg", "inline")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    original, content = fetch(sign_in("clerk"), "evidence_file", picture)
    assert original["Content-Disposition"].startswith("attachment;")
    assert content[:4] == b"\x89PNG"


def test_what_is_no_picture_has_none(piece, sign_in):
    assert statuses(sign_in, "evidence_picture", piece, ("clerk",)) == {"clerk": 404}


def test_a_name_cannot_write_a_header_of_its_own(world, sign_in):
    piece = evidence.upload_evidence(
        world.organ, SimpleUploadedFile('a"; filename="x.html\r\nX-Evil: 1.pdf', builders.PDF), by=world["clerk"]
    )
    answer, _content = fetch(sign_in("clerk"), "evidence_file", piece)
    assert "X-Evil" not in answer.headers
    assert answer["Content-Disposition"].startswith("attachment; filename=")


# --- to whom -------------------------------------------------------------------------------------------------------


def test_evidence_of_a_draft_is_seen_by_its_organ_alone(world, piece, picture, sign_in):
    file = world.start()
    for each in (piece, picture):
        evidence.attach(file, world.standard.indicators.get(code="2.1"), each, by=world["clerk"])
    inside = dict.fromkeys(("clerk", "signatory"), 200)
    expected = dict.fromkeys(EVERYBODY, 404) | inside | {"public": 302}
    assert statuses(sign_in, "evidence_file", piece) == expected
    assert statuses(sign_in, "evidence_picture", picture) == expected


def test_after_submission_the_department_sees_what_is_attached_and_nothing_else(world, piece, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    attached = file.attachments.first().evidence
    readers = dict.fromkeys(("clerk", "signatory", "official", "viewer"), 200)
    expected = dict.fromkeys(EVERYBODY, 404) | readers | {"public": 302}
    assert statuses(sign_in, "evidence_file", attached) == expected
    assert statuses(sign_in, "evidence_file", piece, ("official",)) == {"official": 404}


def test_an_inspector_sees_the_evidence_of_the_file_that_was_assigned(world, sign_in):
    file = world.bring_to(stages.UNDER_INSPECTION)
    attached = file.attachments.first().evidence
    got = statuses(sign_in, "evidence_file", attached, ("inspector", "far_inspector", "checker"))
    assert got == {"inspector": 200, "far_inspector": 404, "checker": 404}


def test_photos_and_letters_do_not_leave_by_this_door(world, sign_in):
    photo = evidence.store(world.organ, a_picture(), purpose=Evidence.Purpose.PHOTO, by=world["inspector"])
    assert statuses(sign_in, "evidence_file", photo, ("clerk",)) == {"clerk": 404}
    assert statuses(sign_in, "evidence_picture", photo, ("clerk",)) == {"clerk": 404}


# --- the library ---------------------------------------------------------------------------------------------------


def test_the_library_says_what_each_file_is_attached_to(world, piece, picture, sign_in):
    file = world.start()
    for code in ("2.1", "2.2"):
        evidence.attach(file, world.standard.indicators.get(code=code), piece, by=world["clerk"])
    shown = text(sign_in("signatory").get(reverse("evidence_list")))
    row = shown.split(NAME, 1)[1].split("</tr>")[0]
    assert [f">{code}</a>" in row for code in ("2.1", "2.2", "2.3")] == [True, True, False]
    assert "nothing yet" in shown.split("现场.png", 1)[1].split("</tr>")[0]
    assert NAME not in text(sign_in("clerk2").get(reverse("evidence_list")))


def test_a_library_that_is_empty_says_what_fills_it(world, sign_in):
    assert "The library is empty" in text(sign_in("clerk").get(reverse("evidence_list")))


def test_the_library_is_filtered_by_name(world, piece, picture, sign_in):
    client = sign_in("clerk")
    shown = text(client.get(reverse("evidence_list"), {"name": "节约用电"}))
    assert (NAME in shown, "现场.png" in shown) == (True, False)
    assert "No file has this in its name" in text(client.get(reverse("evidence_list"), {"name": "没有"}))
    assert client.get(reverse("evidence_list"), {"name": "\x00", "page": "x"}).status_code == 200


def test_several_files_are_uploaded_each_with_its_own_result(world, sign_in):
    client = sign_in("clerk")
    bad = SimpleUploadedFile("b.html", b"<html>")
    form = keyed(organ=world.organ.pk, files=[builders.a_pdf("a.pdf"), bad, builders.a_pdf("c.pdf")])
    shown = text(client.post(reverse("evidence_upload"), form, follow=True))
    assert "“a.pdf” is in the library." in shown
    assert "“b.html” is not of an accepted kind." in shown
    assert {each.name for each in Evidence.objects.all()} == {"a.pdf", "c.pdf"}
    again = client.post(reverse("evidence_upload"), form)
    assert (again.status_code, Evidence.objects.count()) == (302, 2)


def test_an_upload_without_a_file_or_a_key_changes_nothing(world, sign_in):
    client = sign_in("clerk")
    empty = client.post(reverse("evidence_upload"), keyed(organ=world.organ.pk))
    assert "Choose at least one file." in text(empty)
    assert client.post(reverse("evidence_upload"), {"organ": world.organ.pk}).status_code == 400
    assert client.get(reverse("evidence_upload")).status_code == 405
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize(("username", "expected"), [("signatory", 403), ("official", 403), ("stranger", 403)])
def test_only_a_clerk_uploads(world, sign_in, username, expected):
    form = keyed(organ=world.organ.pk, files=[builders.a_pdf()])
    assert sign_in(username).post(reverse("evidence_upload"), form).status_code == expected
    assert Evidence.objects.count() == 0


def test_nothing_is_put_into_the_library_of_another_organ(world, sign_in):
    form = keyed(organ=world.neighbour.pk, files=[builders.a_pdf()])
    assert sign_in("clerk").post(reverse("evidence_upload"), form).status_code == 200
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_reads_a_fixed_number_of_statements(world, sign_in, django_assert_num_queries, rows):
    file, client = world.start(), sign_in("clerk")
    for number in range(rows):
        piece = evidence.upload_evidence(world.organ, builders.a_pdf(f"{number}.pdf"), by=world["clerk"])
        evidence.attach(file, world.standard.indicators.get(code="2.1"), piece, by=world["clerk"])
    with django_assert_num_queries(9):
        client.get(reverse("evidence_list"))
    assert Attachment.objects.count() == rows


def test_originals_are_written_before_anybody_is_held_up(world, sign_in, settings):
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.Watching"}}
    Watching.open_ones.clear()
    files = [a_picture(), builders.a_pdf()]
    sent = keyed(organ=world.organ.pk, files=files)
    assert sign_in("clerk").post(reverse("evidence_upload"), sent).status_code == 302
    assert Watching.open_ones == [0, 0, 0]  # two originals and the picture's display
    with transaction.atomic():  # the control arm: inside a transaction it would be noticed
        evidence.upload_evidence(world.neighbour, builders.a_pdf(), by=world["clerk2"])
    assert Watching.open_ones == [0, 0, 0, 1]
