"""A photo comes in pieces, goes on where it stopped, and ends as a record with the hash of what arrived.

The bytes lie in a private file, written and fsynced before anything is acknowledged; `PhotoUpload.received` says how
many of them have been. The picture is decoded outside of any transaction.
"""

import fcntl
import hashlib
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import filetype
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from creation import clock
from creation.actions.evidence import store
from creation.errors import Overtaken, Refused
from creation.models import Evidence
from creation.rules import require
from reviews.actions.phones import hold, keep
from reviews.models import Inspection, PhoneRecord, PhotoUpload

PHOTO_SIDE = 1600  # what the phone scales to
PHOTO_BYTES = 512_000
CHUNK_BYTES = 128 * 1024
MOST_OPEN = 100  # photos under way of one person on one visit
ABANDONED = timedelta(days=30)
_READ = 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Announced:
    """What the phone says of a photo before its first byte."""

    key: UUID
    device: UUID
    sha256: str
    size: int
    meta: dict


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a photo has come; `sha256` is of what the server has, once it is done: the receipt."""

    received: int
    done: bool = False
    sha256: str | None = None
    state: str | None = None
    reason: str = ""

    def as_answer(self) -> dict:
        """Return it as plain data."""
        return {
            "received": self.received,
            "done": self.done,
            "sha256": self.sha256,
            "state": self.state,
            "reason": self.reason,
        }


class WrongPlace(Overtaken):
    """The chunk does not begin where the file ends; `received` says where to go on."""

    def __init__(self, received: int):
        super().__init__(str(received))
        self.received = received


class NotTaken(Refused):
    """The photo is not taken at all: too large, too many under way, or its key is another's."""


def announce_photo(inspection: Inspection, announced: Announced, *, by) -> Standing:
    """Open a place for a photo, or find it again, and return how far it has come.

    `NotTaken` for a photo that is too large, beyond `MOST_OPEN`, or under a key that is in use elsewhere.
    """
    require(by, "phone.send", inspection)
    if not 0 < announced.size <= PHOTO_BYTES:
        raise NotTaken("too_large")
    record = PhoneRecord.objects.filter(key=announced.key).first()
    if record is not None:
        return _receipt(record, inspection, by=by)
    upload = _open(inspection, announced, by=by)
    if (upload.inspection_id, upload.by_id) != (inspection.pk, by.pk):
        raise NotTaken("key_in_use")
    if (upload.sha256, upload.size) != (announced.sha256, announced.size) and upload.done_at is None:
        _begin_anew(upload, announced)
    return _go_on(upload, by=by)


def _open(inspection: Inspection, announced: Announced, *, by) -> PhotoUpload:
    known = PhotoUpload.objects.filter(key=announced.key).first()
    if known is not None:
        return known
    if PhotoUpload.objects.filter(inspection=inspection, by=by, done_at=None).count() >= MOST_OPEN:
        raise NotTaken("too_many")
    try:
        with transaction.atomic():
            return PhotoUpload.objects.create(
                inspection=inspection,
                key=announced.key,
                device=announced.device,
                by=by,
                sha256=announced.sha256,
                size=announced.size,
                meta=announced.meta,
                begun_at=clock.now(),
            )
    except IntegrityError:  # announced twice at the same moment
        return PhotoUpload.objects.get(key=announced.key)


def _begin_anew(upload: PhotoUpload, announced: Announced) -> None:
    """Let the photo under this key be another one: the phone has drawn on it since."""
    with _file_of(upload) as file:
        upload.sha256, upload.size, upload.meta, upload.received = announced.sha256, announced.size, announced.meta, 0
        upload.save(update_fields=["sha256", "size", "meta", "received"])
        os.ftruncate(file, 0)


def receive_chunk(upload: PhotoUpload, *, by, offset: int, chunk: bytes) -> Standing:
    """Keep a piece of a photo and return how far it has come; with the last one the photo itself is kept.

    `WrongPlace` where the piece does not begin where the file ends; one that is here already is answered as received.
    """
    require(by, "phone.send", upload.inspection)
    record = PhoneRecord.objects.filter(key=upload.key).first()
    if record is not None:
        return _receipt(record, upload.inspection, by=by)
    with _file_of(upload) as file:
        here = _received(upload, file)
        if offset + len(chunk) > (upload.size if offset == here else here):
            raise WrongPlace(here)
        if offset == here:
            _write(upload, file, here, chunk)
    return _go_on(upload, by=by)


def _write(upload: PhotoUpload, file: int, here: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    at = here
    while left:
        written = os.pwrite(file, left, at)
        at, left = at + written, left[written:]
    os.fsync(file)
    same = PhotoUpload.objects.filter(pk=upload.pk, received=here, done_at=None)
    if same.update(received=at) != 1:
        raise WrongPlace(PhotoUpload.objects.values_list("received", flat=True).get(pk=upload.pk))
    upload.received = at


def _received(upload: PhotoUpload, file: int) -> int:
    """Return how many bytes are really here: acknowledged, and on the disk; all of them once the photo is kept."""
    upload.refresh_from_db(fields=["received", "size", "sha256", "done_at"])
    if upload.done_at is not None:
        return upload.size
    on_disk = os.fstat(file).st_size
    if on_disk < upload.received:  # a disk that was restored from yesterday
        PhotoUpload.objects.filter(pk=upload.pk, done_at=None).update(received=on_disk)
        upload.received = on_disk
    return upload.received


def _go_on(upload: PhotoUpload, *, by) -> Standing:
    """Return how far the photo has come; once every byte is here and the hash agrees, keep it."""
    with _file_of(upload) as file:
        received = _received(upload, file)
        if received < upload.size:
            return Standing(received)
        if upload.done_at is not None:
            return _receipt(PhoneRecord.objects.get(key=upload.key), upload.inspection, by=by)
        content = os.pread(file, upload.size, 0)
        if hashlib.sha256(content).hexdigest() != upload.sha256:
            PhotoUpload.objects.filter(pk=upload.pk, done_at=None).update(received=0)
            os.ftruncate(file, 0)
            return Standing(0)
    return _finish(upload, content, by=by)


def _finish(upload: PhotoUpload, content: bytes, *, by) -> Standing:
    """Keep original and display picture, then the rows in one transaction, and return the receipt."""
    evidence, sha256 = _stored_picture(upload, content, by=by)
    try:
        with transaction.atomic():
            held = hold(upload.inspection_id)
            record = PhoneRecord.objects.filter(key=upload.key).first()
            if record is None:
                record = keep(held, _record_of(upload, evidence, sha256, by=by), by=by)
            PhotoUpload.objects.filter(pk=upload.pk, done_at=None).update(done_at=clock.now())
    except IntegrityError:  # the key of this photo is that of a record elsewhere
        raise NotTaken("key_in_use") from None
    if evidence is not None:
        _path_of(upload.key).unlink(missing_ok=True)
    return _receipt(record, upload.inspection, by=by)


def _record_of(upload: PhotoUpload, evidence: Evidence | None, sha256: str, *, by) -> PhoneRecord:
    return PhoneRecord(
        inspection_id=upload.inspection_id,
        key=upload.key,
        device=upload.device,
        number=upload.meta["number"],
        kind=PhoneRecord.Kind.PHOTO,
        subject=upload.meta["item"],
        payload=upload.meta | {"evidence": evidence.pk if evidence else None, "size": upload.size},
        sha256=sha256,
        recorded_at=parse_datetime(upload.meta["taken_at"]),
        received_at=clock.now(),
        by=by,
    )


def _stored_picture(upload: PhotoUpload, content: bytes, *, by) -> tuple[Evidence | None, str]:
    """Return the picture's evidence with the hash of what lies on the disk; without evidence where it is no picture.

    What cannot be shown stays in the private file as it came.
    """
    kind = filetype.guess_extension(content) or "jpg"
    file = io.BytesIO(content)
    file.name, file.size = f"{upload.key}.{kind}", len(content)
    if kind not in {"jpg", "png", "webp"}:
        return None, upload.sha256
    try:
        evidence = store(upload.inspection.assessment.organ, file, purpose=Evidence.Purpose.PHOTO, by=by)
    except Refused:
        return None, upload.sha256
    with evidence.original.open("rb") as original:
        os.fsync(original.fileno())
        sha256 = hashlib.file_digest(original, "sha256").hexdigest()
    for kept in (evidence.original, evidence.display):
        _settle_on_disk(Path(kept.path))
    return evidence, sha256


def _settle_on_disk(path: Path) -> None:
    """Let the file and its name outlive a power cut: the phone deletes its own copy next."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _receipt(record: PhoneRecord, inspection: Inspection, *, by) -> Standing:
    if (record.inspection_id, record.by_id, record.kind) != (inspection.pk, by.pk, PhoneRecord.Kind.PHOTO):
        raise NotTaken("key_in_use")
    size = record.payload["size"]
    reason = record.reason_text if record.is_kept_apart else ""
    return Standing(size, done=True, sha256=record.sha256, state=record.state, reason=reason)


# --- the private files ----------------------------------------------------------------------------------------------


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "phones"


def _path_of(key: UUID) -> Path:
    return _folder() / f"{key}.part"


@contextmanager
def _file_of(upload: PhotoUpload) -> Iterator[int]:
    """Open the photo's file for this thread of work alone."""
    path = _path_of(upload.key)
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True, mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, settings.FILE_UPLOAD_PERMISSIONS)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
        if is_new:
            _settle_on_disk(path)


def kept_bytes(record: PhoneRecord) -> bytes | None:
    """Return the bytes of a photo that is kept as it came because it is no picture, None where they are gone."""
    path = _path_of(record.key)
    return path.read_bytes() if path.exists() else None


def clear_abandoned() -> int:
    """Delete the pieces of photos that stopped coming 30 days ago, and files whose photo is kept; return how many.

    A phone that comes back later begins that photo anew. What is kept in quarantine is not touched.
    """
    since = clock.now() - ABANDONED
    stale = PhotoUpload.objects.filter(done_at=None, begun_at__lt=since)
    old = [upload for upload in stale if _last_written(_path_of(upload.key)) < since.timestamp()]
    for upload in old:
        _path_of(upload.key).unlink(missing_ok=True)
        PhotoUpload.objects.filter(pk=upload.pk, done_at=None).delete()
    for record in PhoneRecord.objects.filter(key__in=_keys_on_disk()):
        if record.payload["evidence"] is not None:  # killed between the receipt and the tidying up
            _path_of(record.key).unlink(missing_ok=True)
    return len(old)


def _last_written(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _keys_on_disk() -> list[UUID]:
    return [UUID(path.stem) for path in _folder().glob("*.part")]
