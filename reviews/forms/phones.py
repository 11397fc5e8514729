"""The shape of what phones send: what cannot be told apart is refused as a whole, what is merely wrong is kept so."""

import hashlib
import json
import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from reviews.actions.landing import can_be_kept, instant, key_of
from reviews.actions.photos import Announced
from reviews.models import Inspection, PhoneRecord

MOST_RECORDS = 200
LABEL = 80
_SUBJECT = 60
_LARGEST = 2**31 - 1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACES = Decimal("0.00001")
_METRES = 10**6
_RECORDED = {PhoneRecord.Kind.RATING, PhoneRecord.Kind.FINDING, PhoneRecord.Kind.SIGNATURE}


class Malformed(ValueError):
    """What came cannot be kept even in quarantine: it has no usable key, or is no object at all (answered with 400)."""


def as_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that came; `Malformed` for anything else."""
    try:
        data = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    if not isinstance(data, dict):
        raise Malformed
    return data


def _no_number(_name: str):
    raise Malformed


def device_of(data: dict) -> UUID:
    """Return the device that sent it; `Malformed` where it does not say."""
    device = key_of(data.get("device"))
    if device is None:
        raise Malformed
    return device


def label_of(data: dict) -> str:
    """Return how the device calls itself, without what cannot be kept."""
    label = data.get("label")
    return "".join(char for char in label if char.isprintable())[:LABEL].strip() if isinstance(label, str) else ""


def made_of(data: dict) -> dict[str, int] | None:
    """Return how much was made on the phone for the visit, None where it does not say; `Malformed` for no numbers."""
    made = data.get("made")
    if made is None:
        return None
    if not isinstance(made, dict):
        raise Malformed
    counts = {name: _whole(made.get(name)) for name in ("records", "photos")}
    if None in counts.values():
        raise Malformed
    return counts


def _whole(raw: object) -> int | None:
    is_whole = isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= _LARGEST
    return raw if is_whole else None


def is_of_user(data: dict, user) -> bool:
    """Tell whether what came was recorded by the person who is signed in; `Malformed` where it does not say."""
    who = _whole(data.get("user"))
    if who is None:
        raise Malformed
    return who == user.pk


# --- records --------------------------------------------------------------------------------------------------------


def records_of(data: dict, inspection: Inspection, *, device: UUID, by, at: datetime) -> list[PhoneRecord | str]:
    """Return the records of a batch, not saved; one that cannot be read carries its reason.

    In place of a record whose text did not arrive as it was sent stands its key: it is not kept, the phone sends it
    again. `Malformed` for more than a batch may have, and for a record without a key.
    """
    raw = data.get("records")
    if not isinstance(raw, list) or len(raw) > MOST_RECORDS:
        raise Malformed
    return [_record(each, inspection, device=device, by=by, at=at) for each in raw]


def _record(raw: object, inspection: Inspection, *, device: UUID, by, at: datetime) -> PhoneRecord | str:
    key = key_of(raw.get("key")) if isinstance(raw, dict) else None
    if key is None:
        raise Malformed
    payload, subject, kind = raw.get("payload"), raw.get("subject"), raw.get("kind")
    recorded_at, number = instant(raw.get("recorded_at")), _whole(raw.get("number"))
    text = payload if isinstance(payload, str) else json.dumps(payload)
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(payload, str) and raw.get("sha256") != sha256:
        return str(key)
    record = PhoneRecord(
        inspection=inspection,
        key=key,
        device=device,
        number=number or 0,
        kind=kind if isinstance(kind, str) and kind in _RECORDED else PhoneRecord.Kind.OTHER,
        subject=subject if _is_subject(subject) else "",
        payload=text if can_be_kept(text) else {"escaped": json.dumps(text)},
        sha256=sha256,
        recorded_at=recorded_at or at,
        received_at=at,
        by=by,
    )
    wrong = record.kind == PhoneRecord.Kind.OTHER or recorded_at is None or number is None
    if wrong or not isinstance(payload, str) or not (subject is None or _is_subject(subject)):
        record.reason = PhoneRecord.Reason.UNREADABLE
    elif not can_be_kept(text):
        record.reason = PhoneRecord.Reason.NOT_KEPT
    return record


def _is_subject(raw: object) -> bool:
    return isinstance(raw, str) and len(raw) <= _SUBJECT and can_be_kept(raw)


# --- photos ---------------------------------------------------------------------------------------------------------


def announced(data: dict, *, device: UUID, at: datetime) -> Announced:
    """Return what the phone says of a photo before its first byte; `Malformed` without key, hash or size.

    A place or a time that cannot be read is left out: it never keeps a photo from arriving.
    """
    key, size, sha256, item = key_of(data.get("key")), _whole(data.get("size")), data.get("sha256"), data.get("item")
    if key is None or not size or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise Malformed
    if item is not None and not _is_subject(item):
        raise Malformed
    finding = key_of(data.get("finding"))
    if finding is None and data.get("finding") is not None:
        raise Malformed
    latitude, longitude = _degrees(data.get("latitude"), 90), _degrees(data.get("longitude"), 180)
    is_placed = latitude is not None and longitude is not None
    taken_at = instant(data.get("taken_at")) or at
    meta = {
        "number": _whole(data.get("number")) or 0,
        "item": item or "",
        "finding": str(finding) if finding else None,
        "taken_at": taken_at.isoformat(),
        "latitude": str(latitude) if is_placed else None,
        "longitude": str(longitude) if is_placed else None,
        "accuracy": _metres(data.get("accuracy")) if is_placed else None,
    }
    return Announced(key=key, device=device, sha256=sha256, size=size, meta=meta)


def _decimal(raw: object) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str) or len(str(raw)) > _SUBJECT:
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _degrees(raw: object, most: int) -> Decimal | None:
    number = _decimal(raw)
    return number.quantize(_PLACES, ROUND_HALF_UP) if number is not None and abs(number) <= most else None


def _metres(raw: object) -> int | None:
    number = _decimal(raw)
    return int(number.to_integral_value(ROUND_HALF_UP)) if number is not None and 0 <= number <= _METRES else None
