"""Photos from phones: piece by piece, going on where they stopped, kept whole or not at all."""

import hashlib
import io
import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from creation.models import Evidence
from reviews.actions import photos
from reviews.demo.phones import a_photo
from reviews.models import FindingPhoto, PhoneRecord, PhotoUpload, VisitPhoto
from reviews.tasks import nightly
from tests.phone import Phone
from tests.reviews.phone_visits import phone, visit

__all__ = ["phone", "visit"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


@pytest.fixture
def content():
    """A photo with the notes that a camera writes into it: where and with what it was taken."""
    out = io.BytesIO()
    notes = Image.Exif()
    notes[0x010F] = "SecretCamera"
    Image.open(io.BytesIO(a_photo())).save(out, "JPEG", exif=notes)
    return out.getvalue()


def parts():
    return sorted(path.name for path in photos._folder().glob("*"))


def test_the_receipt_names_the_hash_of_what_is_kept(visit, phone, content):
    announced = phone.announcement(content)
    receipt = phone.photo(content, announced)
    assert receipt == {
        "received": len(content),
        "done": True,
        "sha256": hashlib.sha256(content).hexdigest(),
        "state": "landed",
        "reason": "",
    }
    photo = VisitPhoto.objects.get()
    assert (str(photo.key), photo.indicator.code, photo.by.username) == (announced["key"], "3.4", "inspector")
    assert (str(photo.latitude), str(photo.longitude), photo.accuracy_m) == ("39.91750", "116.39720", 12)
    assert photo.taken_at.isoformat() == "2026-11-20T02:11:12+00:00"
    assert Path(photo.evidence.original.path).read_bytes() == content
    assert b"SecretCamera" in content
    assert b"SecretCamera" not in Path(photo.evidence.display.path).read_bytes()
    assert parts() == []


def test_a_photo_sent_again_is_answered_with_its_receipt(phone, content):
    announced = phone.announcement(content)
    receipt = phone.photo(content, announced)
    assert phone.announce(announced) == receipt
    assert phone.chunk(announced["key"], 0, content[:4000]).json() == receipt
    counts = (VisitPhoto.objects.count(), PhoneRecord.objects.count(), Evidence.objects.filter(purpose="photo").count())
    assert counts == (1, 1, 1)


def test_a_piece_in_the_wrong_place_is_told_where_to_go_on(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    key = announced["key"]
    assert phone.chunk(key, 0, content[:3000]).json()["received"] == 3000
    early = phone.chunk(key, 5000, content[5000:6000])
    assert (early.status_code, early.json()["received"]) == (409, 3000)
    again = phone.chunk(key, 0, content[:3000])
    assert (again.status_code, again.json()["received"]) == (200, 3000)
    over = phone.chunk(key, 2000, content[2000:6000])
    assert (over.status_code, over.json()["received"]) == (409, 3000)
    assert phone.photo(content, announced)["sha256"] == announced["sha256"]


def test_more_than_was_announced_is_not_taken(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    answer = phone.chunk(announced["key"], 0, content + b"x")
    assert (answer.status_code, answer.json()["received"]) == (409, 0)


def test_a_wrong_hash_begins_anew(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    broken = content[:-10] + b"0123456789"
    assert phone.chunk(announced["key"], 0, broken).json() == {
        "received": 0, "done": False, "sha256": None, "state": None, "reason": "",
    }  # fmt: skip
    assert phone.photo(content, announced)["done"]


def test_killed_after_the_last_byte_it_is_finished_at_the_next_word(visit, phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    upload = PhotoUpload.objects.get()
    photos._path_of(upload.key).write_bytes(content)
    PhotoUpload.objects.update(received=len(content))
    assert phone.announce(announced)["state"] == "landed"
    assert VisitPhoto.objects.count() == 1


def test_killed_between_writing_and_acknowledging_the_piece_is_sent_again(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    path = photos._path_of(PhotoUpload.objects.get().key)
    path.write_bytes(content[:2000] + b"half a piece")
    PhotoUpload.objects.update(received=2000)
    assert phone.announce(announced)["received"] == 2000
    assert phone.photo(content, announced)["sha256"] == announced["sha256"]


def test_what_the_disk_lost_is_asked_for_again(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    phone.chunk(announced["key"], 0, content[:4000])
    photos._path_of(PhotoUpload.objects.get().key).unlink()
    assert phone.announce(announced)["received"] == 0
    assert phone.photo(content, announced)["done"]


def test_the_control_arm_counting_only_in_the_row_would_lose_what_the_disk_lost(phone, content, monkeypatch):
    announced = phone.announcement(content)
    phone.announce(announced)
    phone.chunk(announced["key"], 0, content[:4000])
    photos._path_of(PhotoUpload.objects.get().key).unlink()
    monkeypatch.setattr(photos, "_received", lambda upload, _file: upload.received)
    assert phone.announce(announced)["received"] == 4000


def test_what_is_no_picture_is_kept_as_it_came(visit, phone):
    for content in (b"%PDF-1.4 not a picture", b"\xff\xd8\xff\xe0" + b"broken" * 40, b"GIF89a" + b"\0" * 40):
        announced = phone.announcement(content)
        receipt = phone.photo(content, announced)
        assert (receipt["state"], receipt["reason"]) == ("quarantined", "The file is no picture that can be read.")
        assert receipt["sha256"] == hashlib.sha256(content).hexdigest()
        kept = phone.client.get(f"/visits/{visit.pk}/phone/{announced['key']}/")
        assert (kept.content, kept["Content-Disposition"][:10]) == (content, "attachment")
    assert photos.clear_abandoned() == 0
    assert len(parts()) == 3
    assert phone.client.get(f"/visits/{visit.pk}/phone/").status_code == 200


def test_an_unknown_item_is_kept_with_its_picture(visit, phone, content):
    receipt = phone.photo(content, phone.announcement(content, item="99.9"))
    assert (receipt["state"], receipt["reason"]) == ("quarantined", "The standard of this visit has no such item.")


def test_a_photo_of_a_finding_that_is_here_stands_at_it(visit, phone, content):
    finding = phone.finding("3.4")
    phone.send(finding)
    phone.photo(content, phone.announcement(content, finding=finding["key"]))
    assert FindingPhoto.objects.get().finding == VisitPhoto.objects.get().finding == visit.findings.get()


@pytest.mark.parametrize(
    "place",
    [
        {"latitude": 91}, {"longitude": None}, {"latitude": "x"}, {"latitude": 10**90}, {"latitude": True},
        {"latitude": "9" * 90}, {"latitude": "NaN"},
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_read_never_keeps_a_photo_away(phone, content, place):
    assert phone.photo(content, phone.announcement(content, **place))["state"] == "landed"
    assert VisitPhoto.objects.get().latitude is None


def test_a_time_that_cannot_be_read_gives_way_to_the_arrival(phone, content):
    phone.photo(content, phone.announcement(content, taken_at="yesterday", accuracy=-4))
    photo = VisitPhoto.objects.get()
    assert (abs((photo.taken_at - photo.received_at).total_seconds()) < 60, photo.accuracy_m) == (True, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "x"}, {"size": 0}, {"size": -1}, {"size": "9"}, {"sha256": "x"}, {"sha256": None}, {"item": 7},
        {"item": "3\x00"}, {"finding": "x"}, {"finding": 7},
    ],
)  # fmt: skip
def test_an_announcement_that_cannot_be_kept_is_a_bad_request(phone, content, wrong):
    assert phone.post("photos/", phone.announcement(content, **wrong)).status_code == 400
    assert PhotoUpload.objects.count() == 0


def test_limits_are_kept(phone, content, monkeypatch):
    large = phone.post("photos/", phone.announcement(content, size=photos.PHOTO_BYTES + 1))
    assert (large.status_code, large.json()) == (413, {"error": "too_large"})
    monkeypatch.setattr(photos, "MOST_OPEN", 1)
    phone.announce(phone.announcement(content))
    many = phone.post("photos/", phone.announcement(content))
    assert (many.status_code, many.json()) == (429, {"error": "too_many"})
    key = PhotoUpload.objects.get().key
    assert phone.chunk(key, 0, b"x" * (photos.CHUNK_BYTES + 1)).status_code == 413
    for offset in ("", "-1", "x", "9" * 40, "١"):
        assert phone.chunk(key, offset, b"x").status_code == 400
    assert phone.chunk(key, 0, b"").status_code == 400
    assert phone.chunk(uuid4(), 0, b"x").status_code == 404


def test_the_key_of_another_is_not_mine(phone, visit, world, sign_in, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    other = Phone(sign_in("inspector2"), visit, world["inspector2"])
    answer = other.post("photos/", announced | {"user": other.user.pk})
    assert (answer.status_code, answer.json()) == (409, {"error": "key_in_use"})
    assert other.chunk(announced["key"], 0, content).status_code == 404
    record = phone.finding("3.4")
    phone.send(record)
    assert phone.post("photos/", phone.announcement(content, key=record["key"])).status_code == 409
    assert phone.chunk(announced["key"], 0, content).json()["state"] == "landed"
    assert other.post("photos/", announced | {"user": other.user.pk}).status_code == 409


def test_a_photo_that_was_drawn_on_since_begins_anew(phone, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    phone.chunk(announced["key"], 0, content[:2000])
    drawn = a_photo(5)
    again = phone.announcement(drawn, key=announced["key"])
    assert phone.announce(again)["received"] == 0
    assert phone.photo(drawn, again)["sha256"] == hashlib.sha256(drawn).hexdigest()


def test_what_stopped_coming_is_cleared_after_thirty_days(phone, content, world):
    announced = phone.announcement(content)
    phone.announce(announced)
    phone.chunk(announced["key"], 0, content[:2000])
    assert (photos.clear_abandoned(), parts()) == (0, [f"{announced['key']}.part"])
    old = time.time() - 31 * 24 * 3600
    PhotoUpload.objects.update(begun_at="2020-01-01T00:00:00Z")
    assert photos.clear_abandoned() == 0  # it was still coming yesterday
    os.utime(photos._path_of(PhotoUpload.objects.get().key), (old, old))
    nightly()
    assert (PhotoUpload.objects.count(), parts()) == (0, [])
    assert phone.photo(content, announced)["done"]  # the phone comes back and begins anew


def test_a_stranger_sends_no_photo(phone, visit, world, sign_in, content):
    announced = phone.announcement(content)
    phone.announce(announced)
    for username, status in (("stranger", 404), ("official", 403)):
        other = Phone(sign_in(username), visit, world[username])
        assert other.chunk(announced["key"], 0, content).status_code == status
