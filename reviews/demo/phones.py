"""What phones send, for the demonstration and for tests: a visit taken down on site, one record of it kept apart."""

import hashlib
import io
import json
from datetime import datetime, time, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone
from PIL import Image, ImageDraw

from creation import clock
from creation.models import Indicator, Region, User
from reviews.actions.inspections import save_rating
from reviews.actions.landing import standard_of
from reviews.actions.phones import land_records, mark_ready, report
from reviews.actions.photos import Announced, announce_photo, receive_chunk
from reviews.demo.builders import best_finding, poor_finding
from reviews.models import Finding, Inspection, PhoneRecord, PhotoUpload

MORNING = time(9, 30)
LABEL = "Chrome · Android"
FIXED_WITHIN = 20  # days


def make_key(*parts: object) -> UUID:
    """Return a key that is the same whenever it is made of the same parts."""
    return uuid5(NAMESPACE_URL, "/".join(str(part) for part in parts))


def a_record(
    visit: Inspection,
    kind: str,
    subject: str,
    said: dict,
    *,
    device: UUID,
    number: int,
    by: User,
    key: UUID | None = None,
) -> PhoneRecord:
    """Return a record as a phone would send it, not saved; `said` is its content beside the standard."""
    text = json.dumps({"standard": standard_of(visit)} | said, ensure_ascii=False)
    return PhoneRecord(
        inspection=visit,
        key=key or make_key(device, number),
        device=device,
        number=number,
        kind=kind,
        subject=subject,
        payload=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        recorded_at=clock.now(),
        received_at=clock.now(),
        by=by,
    )


def a_rating(visit: Inspection, indicator: Indicator, said: dict, **sender) -> PhoneRecord:
    """Return a rating as a phone would send it; `said` is what it says beyond the defaults."""
    whole = {"found": None, "not_applicable": False, "remark": "", "cannot_check": "", "base": 0} | said
    return a_record(visit, PhoneRecord.Kind.RATING, indicator.code, whole, **sender)


def a_finding(visit: Inspection, indicator: Indicator, said: dict, **sender) -> PhoneRecord:
    """Return a finding as a phone would send it, fixed on the spot unless `said` says otherwise."""
    whole = {"kind": Finding.Kind.ON_THE_SPOT, "text": "滴漏", "due_on": None} | said
    return a_record(visit, PhoneRecord.Kind.FINDING, indicator.code, whole, **sender)


def a_photo(seed: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a small JPEG that looks like nothing in particular, another one for each seed."""
    picture = Image.new("RGB", size, (40 + seed * 37 % 180, 120, 90 + seed * 53 % 120))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((120, 80, 420 - seed % 90, 380), outline=(200, 30, 30), width=8)
    draw.text((30, 20), f"demo {seed}", fill=(255, 255, 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def announcement(
    content: bytes, *, device: UUID, number: int, item: str = "", finding: UUID | None = None
) -> Announced:
    """Return what a phone says of a photo before its first byte."""
    meta = {
        "number": number,
        "item": item,
        "finding": str(finding) if finding else None,
        "taken_at": clock.now().isoformat(),
        "latitude": "39.91750",
        "longitude": "116.39720",
        "accuracy": 18,
    }
    sha256 = hashlib.sha256(content).hexdigest()
    return Announced(make_key(device, "photo", number), device, sha256, len(content), meta)


def send_photo(visit: Inspection, content: bytes, announced: Announced, *, by: User, chunk: int = 64 * 1024):
    """Send a photo piece by piece and return how it stands at the end."""
    standing = announce_photo(visit, announced, by=by)
    while not standing.done:
        upload = PhotoUpload.objects.select_related("inspection__assessment__organ").get(key=announced.key)
        piece = content[standing.received : standing.received + chunk]
        standing = receive_chunk(upload, by=by, offset=standing.received, chunk=piece)
    return standing


# --- the demonstration ----------------------------------------------------------------------------------------------


def build_phone_visit(region: Region) -> Inspection | None:
    """Let the lead of a visit in the region record part of it on a phone this morning, and return the visit.

    A colleague has rated one of the items meanwhile, so that one record is kept for a decision. None where the region
    has no open visit (a demonstration that stops before).
    """
    open_visits = Inspection.objects.filter(
        kind="inspection", filed_at=None, assessment__organ__region=region, assessment__stage="under_inspection"
    )
    visit = open_visits.with_file().order_by("visit_on", "pk").first()
    if visit is None:
        return None
    colleague = User.objects.filter(visits__inspection=visit).exclude(pk=visit.lead_id).first()
    with clock.at(_this_morning()):
        _record(visit, visit.lead, colleague)
    return visit


def _another_view(indicator: Indicator) -> dict:
    """Return what a colleague saw there: a single fault where faults are counted, otherwise nothing that counts."""
    return {"count": 1} if indicator.rubric["method"] == "deductive" else poor_finding(indicator)


def _this_morning() -> datetime:
    return timezone.make_aware(datetime.combine(clock.today(), MORNING)) - timedelta(days=1)


def _record(visit: Inspection, lead: User, colleague: User) -> None:
    device = make_key("demonstration", visit.pk)
    mark_ready(visit, by=lead, device=device, label=LABEL)
    indicators = visit.assessment.cycle.standard.indicators.filter(bonus=False)
    free = indicators.exclude(pk__in=visit.ratings.values("indicator"))
    contested, problem, *others = sorted(free, key=lambda each: ("site" not in each.check_by, each.position))[:6]
    save_rating(visit, contested, by=colleague, found=_another_view(contested), remark="现场发现一处不符（演示）")
    said = [
        a_rating(visit, each, {"found": best_finding(each)}, device=device, number=number, by=lead)
        for number, each in enumerate([contested, problem, *others], start=1)
    ]
    due_on = (clock.today() + timedelta(days=FIXED_WITHIN)).isoformat()
    text = {"kind": Finding.Kind.BY_DEADLINE, "text": "三层东侧卫生间水龙头滴漏（演示）", "due_on": due_on}
    finding = a_finding(visit, problem, text, device=device, number=len(said) + 1, by=lead)
    land_records(visit, [*said, finding], by=lead)
    content = a_photo(1)
    announced = announcement(content, device=device, number=len(said) + 2, item=problem.code, finding=finding.key)
    send_photo(visit, content, announced, by=lead)
    report(visit, by=lead, device=device, made={"records": len(said) + 3, "photos": 3})
