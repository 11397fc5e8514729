"""What comes from phones: records land once, in whatever order they arrive; what cannot land is kept and settled."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record as record_event
from creation.errors import Overtaken, Refused
from creation.rules import require
from reviews.actions.landing import CannotLand, land
from reviews.models import Inspection, Phone, PhoneRecord

State = PhoneRecord.State
REFUSED = "refused"  # not kept: the phone holds on to it and sends it again
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record, as the phone is told; sent again it is told the same."""

    key: UUID
    state: str
    reason: str = ""
    result: int | None = None
    version: int | None = None
    sha256: str = ""

    def as_answer(self) -> dict:
        """Return it as plain data."""
        return {
            "key": str(self.key),
            "state": self.state,
            "reason": self.reason,
            "result": self.result,
            "version": self.version,
            "sha256": self.sha256,
        }


def outcome_of(record: PhoneRecord) -> Outcome:
    """Return what became of a record that is here."""
    reason = record.reason_text if record.is_kept_apart else ""
    return Outcome(record.key, record.state, reason, record.result_id, record.result_version, record.sha256)


def land_records(inspection: Inspection, records: list[PhoneRecord], *, by) -> list[Outcome]:
    """Land the records of one batch and return what became of each, in their order.

    Each is its own transaction: a batch that breaks off has landed as far as it came. `records` are not saved yet; a
    key that is here already is not landed again, its stored outcome is returned. Refused (403) for whoever neither is
    on the team nor had the visit on a phone.
    """
    require(by, "phone.send", inspection)
    by_number = sorted(records, key=lambda record: record.number)
    outcomes = {id(record): _land_once(inspection, record, by=by) for record in by_number}
    return [outcomes[id(record)] for record in records]


def _land_once(inspection: Inspection, record: PhoneRecord, *, by) -> Outcome:
    try:
        with transaction.atomic():
            held = hold(inspection.pk)
            known = PhoneRecord.objects.filter(key=record.key).first()
            return _stored(known, inspection, by=by) if known else outcome_of(keep(held, record, by=by))
    except IntegrityError:  # the same key at the same moment, on another visit
        return _stored(PhoneRecord.objects.get(key=record.key), inspection, by=by)


def hold(inspection_id: int) -> Inspection:
    """Return the visit fresh, its row locked until the end of the transaction: its records land one after another."""
    return Inspection.objects.select_for_update().get(pk=inspection_id)


def _stored(known: PhoneRecord, inspection: Inspection, *, by) -> Outcome:
    if (known.inspection_id, known.by_id) != (inspection.pk, by.pk):
        return Outcome(known.key, REFUSED, _("This key belongs to another record."))
    return outcome_of(known)


def keep(held: Inspection, record: PhoneRecord, *, by) -> PhoneRecord:
    """Write the record together with its effect, or in quarantine with the reason, and return it.

    Call it inside a transaction that holds the visit.
    """
    later = _later_one(record)
    if later is not None:
        record.state, record.result_id, record.result_version = State.SUPERSEDED, later.result_id, later.result_version
    elif record.reason:  # unreadable as it came
        record.state = State.QUARANTINED
    else:
        try:
            record.result_id, record.result_version = land(held, record, by=by)
            record.state = State.LANDED
        except Refused as refused:
            record.state = State.QUARANTINED
            record.reason = refused.reason if isinstance(refused, CannotLand) else _shortened(refused)
    record.save(force_insert=True)
    _supersede_earlier(record)
    return record


def _shortened(refused: Refused) -> str:
    return str(refused)[:_LONGEST] or PhoneRecord.Reason.UNREADABLE


def _about_the_same(record: PhoneRecord):
    """Return the person's records of the same device about the same item; only ratings replace each other."""
    if record.kind != PhoneRecord.Kind.RATING:
        return PhoneRecord.objects.none()
    mine = PhoneRecord.objects.filter(inspection=record.inspection_id, device=record.device, by=record.by_id)
    return mine.filter(kind=record.kind, subject=record.subject)


def _later_one(record: PhoneRecord) -> PhoneRecord | None:
    """Return what the device said later about the same item, if that has landed already."""
    later = Q(number__gt=record.number) | Q(number=record.number, key__gt=record.key)
    landed = _about_the_same(record).filter(later, state=State.LANDED)
    return landed.order_by("-number", "-key").first()


def _supersede_earlier(record: PhoneRecord) -> None:
    """Let a record that landed replace what the device had said earlier about the same item, landed or not."""
    if record.state != State.LANDED:
        return
    earlier = Q(number__lt=record.number) | Q(number=record.number, key__lt=record.key)
    _about_the_same(record).filter(earlier, state__in=[State.LANDED, State.QUARANTINED]).update(state=State.SUPERSEDED)


# --- the phone itself -----------------------------------------------------------------------------------------------


def report(inspection: Inspection, *, by, device: UUID, made: dict | None) -> Phone:
    """Keep how much the phone says it has made for this visit, and when it spoke, and return its row."""
    require(by, "phone.send", inspection)
    phone, _created = Phone.objects.get_or_create(inspection=inspection, device=device, user=by)
    phone.reported_at = clock.now()
    if made is not None:
        phone.records_made, phone.photos_made = made["records"], made["photos"]
    phone.save(update_fields=["reported_at", "records_made", "photos_made"])
    return phone


def mark_ready(inspection: Inspection, *, by, device: UUID, label: str, ready: bool = True) -> Phone:
    """Note that everything of the visit is stored on the phone for work without a network, or no longer is."""
    require(by, "inspection.rate", inspection)
    phone, _created = Phone.objects.get_or_create(inspection=inspection, device=device, user=by)
    phone.ready_at = (phone.ready_at or clock.now()) if ready else None
    phone.label, phone.reported_at = label or phone.label, clock.now()
    phone.save(update_fields=["ready_at", "label", "reported_at"])
    return phone


def counts_of(records) -> dict[str, int]:
    """Return how many of the records (a queryset) are here, photos apart, and how many wait for a decision."""
    is_photo = Q(kind=PhoneRecord.Kind.PHOTO)
    return records.aggregate(
        records=Count("pk", filter=~is_photo),
        photos=Count("pk", filter=is_photo),
        quarantined=Count("pk", filter=Q(state=State.QUARANTINED)),
    )


def by_visit(visit_ids) -> tuple[QuerySet, QuerySet]:
    """Return for each of the visits what its phones hold and what has come from them (as `counts_of`), as rows."""
    is_photo = Q(kind=PhoneRecord.Kind.PHOTO)
    phones = Phone.objects.filter(inspection__in=visit_ids).order_by().values("inspection_id")
    records = PhoneRecord.objects.filter(inspection__in=visit_ids).order_by().values("inspection_id")
    return (
        phones.annotate(
            ready=Count("pk", filter=Q(ready_at__isnull=False)),
            since=Max("ready_at"),
            records=Sum("records_made"),
            photos=Sum("photos_made"),
            known=Count("pk"),
        ),
        records.annotate(
            records=Count("pk", filter=~is_photo),
            photos=Count("pk", filter=is_photo),
            quarantined=Count("pk", filter=Q(state=State.QUARANTINED)),
        ),
    )


# --- what could not land --------------------------------------------------------------------------------------------


@transaction.atomic
def settle_record(record: PhoneRecord, *, by, enter: bool, note: str = "") -> PhoneRecord:
    """Settle a record in quarantine and return it: enter it now, over what stands there, or set it aside with a note.

    For today's team. Entered it counts as given by whoever enters it; the record keeps who took it down. Refused when
    it cannot be entered now either, without a note when it is set aside; `Overtaken` when a colleague was faster.
    """
    held = hold(record.inspection_id)
    require(by, "inspection.rate", held)
    fresh = PhoneRecord.objects.get(pk=record.pk)
    if not fresh.is_kept_apart:
        raise Overtaken(_("This record has been settled in the meantime."))
    if enter:
        fresh.result_id, fresh.result_version = land(held, fresh, by=by, entering=True)
    elif not note.strip():
        raise Refused(_("Write why it is set aside."), field="note")
    fresh.state = State.LANDED if enter else State.SETTLED
    fresh.settled_by, fresh.settled_at, fresh.settled_note = by, clock.now(), note.strip()[:_LONGEST]
    fresh.save(update_fields=["state", "result_id", "result_version", "settled_by", "settled_at", "settled_note"])
    _supersede_earlier(fresh)
    after = {"state": fresh.state, "result": fresh.result_id, "note": fresh.settled_note}
    record_event(
        "settle_record", fresh, by=by, before={"state": State.QUARANTINED, "reason": fresh.reason}, after=after
    )
    return fresh
