"""What a phone recorded becomes a row of the visit, or the reason why it cannot. The visit's row is held throughout."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DataError, transaction
from django.utils.dateparse import parse_datetime

from creation import scoring
from creation.actions.answers import save_found
from creation.errors import Refused
from creation.models import Indicator
from creation.rules import may
from reviews.actions.findings import raise_finding
from reviews.actions.inspections import hold_for_rating
from reviews.actions.signatures import sign
from reviews.models import Finding, FindingPhoto, Inspection, PhoneRecord, Rating, VisitPhoto

Reason = PhoneRecord.Reason
LONGEST = {"remark": 4000, "cannot_check": 1000, "text": 2000}
_DAY = len("2026-11-22")
_LARGEST = 2**31 - 1


class CannotLand(Refused):
    """The record stays what it is: kept, with one of `PhoneRecord.Reason`."""

    def __init__(self, reason: str):
        super().__init__(Reason(reason).label)
        self.reason = reason


def land(held: Inspection, record: PhoneRecord, *, by, entering: bool = False) -> tuple[int, int | None]:
    """Let a record take effect and return the id of its row and, of a rating, the version it gave the row.

    `held` is the visit, its row locked. Raises `Refused` (`CannotLand` for the reasons that are listed) and changes
    nothing then. `entering`: somebody who has seen what stands there enters it nevertheless.
    """
    if held.is_filed:
        raise CannotLand(Reason.FILED)
    if not may(by, "inspection.rate", held):
        raise CannotLand(Reason.NOT_ON_TEAM)
    if record.kind not in _LANDERS:
        raise CannotLand(Reason.UNREADABLE)
    try:
        with transaction.atomic():
            return _LANDERS[record.kind](held, record, by, entering=entering)
    except DataError as error:  # whatever the database cannot hold
        raise CannotLand(Reason.NOT_KEPT) from error


# --- reading what it says -------------------------------------------------------------------------------------------


def said_by(record: PhoneRecord) -> dict[str, Any]:
    """Return what the record says as an object; `CannotLand` where it is none."""
    said = record.payload
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except (ValueError, RecursionError) as error:
            raise CannotLand(Reason.UNREADABLE) from error
    if not isinstance(said, dict) or said.keys() == {"escaped"}:
        raise CannotLand(Reason.UNREADABLE)
    return said


def can_be_kept(text: str) -> bool:
    """Tell whether both databases can hold the text: no NUL, no half of a character."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _text(said: dict, name: str) -> str:
    text = said.get(name) or ""
    if not isinstance(text, str):
        raise CannotLand(Reason.UNREADABLE)
    if len(text) > LONGEST[name] or not can_be_kept(text):
        raise CannotLand(Reason.NOT_KEPT)
    return text.strip()


def _flag(said: dict, name: str) -> bool:
    flag = said.get(name, False)
    if not isinstance(flag, bool):
        raise CannotLand(Reason.UNREADABLE)
    return flag


def _number(said: dict, name: str) -> int:
    number = said.get(name) or 0
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST:
        raise CannotLand(Reason.UNREADABLE)
    return number


def _day(said: dict, name: str) -> date | None:
    day = said.get(name)
    if day in (None, ""):
        return None
    try:
        if len(day) == _DAY:
            return date.fromisoformat(day)
    except (TypeError, ValueError):
        pass
    raise CannotLand(Reason.UNREADABLE)


def instant(raw: object) -> datetime | None:
    """Return the instant that a phone wrote, None where it wrote none that can be kept."""
    try:
        at = parse_datetime(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    sensible = range(2000, 2101)  # a phone's clock may be wrong; beyond these years it is no clock's
    return at if at is not None and at.tzinfo is not None and at.year in sensible else None


def key_of(raw: object) -> UUID | None:
    """Return the key that a phone gave, None where it is none."""
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def standard_of(inspection: Inspection) -> str:
    """Return the name under which phones know the visit's version of the standard, such as BJ-DEMO-2020/1."""
    standard = inspection.assessment.cycle.standard
    return f"{standard.code}/{standard.version}"


def _indicator(held: Inspection, said: dict, code: str) -> Indicator:
    if said.get("standard") != standard_of(held):
        raise CannotLand(Reason.OTHER_STANDARD)
    return _indicator_of(held, code)


def _indicator_of(held: Inspection, code: str) -> Indicator:
    indicator = held.assessment.cycle.standard.indicators.filter(code=code).first()
    if indicator is None:
        raise CannotLand(Reason.UNKNOWN_ITEM)
    return indicator


# --- what each kind becomes -----------------------------------------------------------------------------------------


def _land_rating(held: Inspection, record: PhoneRecord, by, *, entering: bool) -> tuple[int, int]:
    said = said_by(record)
    indicator = _indicator(held, said, record.subject)
    if held.own_points_at is not None:
        raise CannotLand(Reason.OWN_POINTS)
    hold_for_rating(held, "inspection.rate", by=by)
    value, remark, cannot_check = _found(said), _text(said, "remark"), _text(said, "cannot_check")
    if cannot_check and (value.value is not None or value.not_applicable):
        raise CannotLand(Reason.BOTH)
    row = Rating.objects.filter(inspection=held, indicator=indicator).first()
    if row is not None:
        if (row.found_value(), row.remark, row.cannot_check) == (value, remark, cannot_check):
            return row.pk, row.version  # a colleague found the same
        if not (entering or row.version == _number(said, "base") or _wrote_last(record, row, by)):
            raise CannotLand(Reason.OVERTAKEN)
    key = {"inspection": held, "indicator": indicator}
    version = row.version if row is not None else 0
    more = {"writer": record.device, "cannot_check": cannot_check, "from_paper": False}
    saved = save_found(Rating.objects, key, value, remark=remark, version=version, by=by, more=more)
    return saved.pk, saved.version


def _found(said: dict) -> scoring.Found:
    if _flag(said, "not_applicable"):
        return scoring.Found(None, not_applicable=True)
    return scoring.Found(said.get("found"))


def _wrote_last(record: PhoneRecord, row: Rating, by) -> bool:
    """Tell whether the row's version came from this person on this device: it may go on although it never heard so.

    The device alone would not do: two people may share one, and a page that saves over it may leave its mark.
    """
    mine = PhoneRecord.objects.filter(inspection=record.inspection_id, device=record.device, by=by, kind=record.kind)
    return row.writer == record.device and mine.filter(result_id=row.pk, result_version=row.version).exists()


def _land_finding(held: Inspection, record: PhoneRecord, by, **_entering: bool) -> tuple[int, None]:
    said = said_by(record)
    indicator = _indicator(held, said, record.subject)
    if said.get("kind") not in Finding.Kind.values:
        raise CannotLand(Reason.UNREADABLE)
    text, due_on = _text(said, "text"), _day(said, "due_on")
    finding = raise_finding(held, indicator, kind=said["kind"], text=text, due_on=due_on, by=by)
    waiting = VisitPhoto.objects.filter(inspection=held, finding_key=record.key, finding=None)
    for photo in waiting:  # they were faster than the finding that they show
        _show(photo, finding)
    waiting.update(finding=finding)
    return finding.pk, None


def _show(photo: VisitPhoto, finding: Finding) -> None:
    before = FindingPhoto(finding=finding, evidence_id=photo.evidence_id, when=FindingPhoto.When.BEFORE)
    FindingPhoto.objects.bulk_create([before], ignore_conflicts=True)


def _land_signature(held: Inspection, record: PhoneRecord, by, **_entering: bool) -> tuple[int, None]:
    said = said_by(record)
    signed_at = instant(said.get("signed_at"))
    texts = {name: said.get(name) or "" for name in ("side", "name", "position", "statement")}
    if signed_at is None or not all(isinstance(text, str) and can_be_kept(text) for text in texts.values()):
        raise CannotLand(Reason.UNREADABLE)
    number = _number(said, "user")
    member = held.members.filter(user=number).select_related("user").first() if number else None
    signature = sign(
        held,
        by=by,
        strokes=said.get("strokes"),
        disagrees=_flag(said, "disagrees"),
        signed_at=signed_at,
        key=record.key,
        user=member.user if member else None,
        **texts,
    )
    return signature.pk, None


def _land_photo(held: Inspection, record: PhoneRecord, by, **_entering: bool) -> tuple[int, None]:
    said = said_by(record)
    if said.get("evidence") is None:
        raise CannotLand(Reason.NO_PICTURE)
    finding_key = key_of(said.get("finding"))
    photo = VisitPhoto.objects.create(
        inspection=held,
        indicator=_indicator_of(held, record.subject) if record.subject else None,
        finding=_finding_of(held, finding_key),
        finding_key=finding_key,
        evidence_id=said["evidence"],
        key=record.key,
        sha256=record.sha256,
        taken_at=record.recorded_at,
        latitude=said.get("latitude"),
        longitude=said.get("longitude"),
        accuracy_m=said.get("accuracy"),
        by=record.by,
        received_at=record.received_at,
    )
    if photo.finding is not None:
        _show(photo, photo.finding)
    return photo.pk, None


def _finding_of(held: Inspection, key: UUID | None) -> Finding | None:
    """Return the finding that the photo shows, None while its record has not landed."""
    landed = PhoneRecord.objects.filter(inspection=held, key=key, kind="finding", state=PhoneRecord.State.LANDED)
    return Finding.objects.filter(inspection=held, pk__in=landed.values("result_id")).first() if key else None


_LANDERS = {
    PhoneRecord.Kind.RATING: _land_rating,
    PhoneRecord.Kind.FINDING: _land_finding,
    PhoneRecord.Kind.SIGNATURE: _land_signature,
    PhoneRecord.Kind.PHOTO: _land_photo,
}
