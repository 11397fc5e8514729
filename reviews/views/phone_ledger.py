"""The ledger of the phones: what was made on them, what is here, and what waits for somebody's decision."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation.errors import Refused
from creation.forms.ratings import found_text
from creation.models import Evidence, Indicator
from creation.rules import may, require
from creation.views.evidence import locked
from creation.views.taking import take
from reviews.actions.landing import said_by
from reviews.actions.phones import settle_record
from reviews.actions.photos import kept_bytes
from reviews.models import Finding, Inspection, Phone, PhoneRecord, Rating
from reviews.views.inspections import visit_in_scope

State = PhoneRecord.State


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One phone: whose, since when it is ready, how much was made on it and how much of that is here."""

    phone: Phone
    records_here: int
    photos_here: int

    @property
    def records_made(self) -> int:
        """Return how many records were made on it, as far as is known."""
        return max(self.phone.records_made, self.records_here)

    @property
    def photos_made(self) -> int:
        """Return how many photos were taken with it, as far as is known."""
        return max(self.phone.photos_made, self.photos_here)

    @property
    def missing(self) -> int:
        """Return how much is on the phone only."""
        return self.records_made - self.records_here + self.photos_made - self.photos_here


@dataclass(frozen=True, slots=True)
class KeptApart:
    """A record that could not land, or did not at first: what it says, and what stands there now."""

    record: PhoneRecord
    indicator: Indicator | None
    says: str
    stands: str
    has_picture: bool


@require_safe
def phone_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the phones that hold a visit and what could not be entered, to its team and the department that sends it."""
    visit = _visit(request, pk)
    apart = list(visit.phone_records.filter(state=State.QUARANTINED).select_related("by", "settled_by"))
    settled = visit.phone_records.filter(settled_at__isnull=False).select_related("by", "settled_by")
    context = {
        "visit": visit,
        "phones": _phones(visit),
        "apart": _described(visit, apart),
        "settled": _described(visit, list(settled.order_by("-settled_at", "-pk"))),
        # as everywhere, the department reads what the team gave once the visit has been filed
        "reads": may(request.user, "inspection.read_ratings", visit),
        "can_settle": may(request.user, "inspection.rate", visit),
        "crumbs": _crumbs(request, visit),
        "place": f"{visit.get_kind_display()} · {visit.visit_on.isoformat()} · {visit.assessment.organ}",
    }
    return render(request, "reviews/phone_ledger.html", context)


def _visit(request: HttpRequest, pk: int) -> Inspection:
    visit = visit_in_scope(request, pk)
    require(request.user, "phone.read_ledger", visit)
    return visit


def _crumbs(request: HttpRequest, visit: Inspection) -> list[tuple[str, str]]:
    first = (_("My visits"), reverse("inspection_list"))
    if not may(request.user, "inspection.rate", visit):
        first = (str(visit.assessment.organ), reverse("file_detail", args=[visit.assessment_id]))
    return [first, (_("Visit"), reverse("inspection_detail", args=[visit.pk]))]


def _phones(visit: Inspection) -> list[PhoneLine]:
    here: dict[tuple, list[int]] = {}
    for device, by, kind in visit.phone_records.values_list("device", "by", "kind"):
        counts = here.setdefault((device, by), [0, 0])
        counts[kind == PhoneRecord.Kind.PHOTO] += 1
    lines = visit.phones.select_related("user")
    return [PhoneLine(phone, *here.get((phone.device, phone.user_id), (0, 0))) for phone in lines]


# --- what records say -----------------------------------------------------------------------------------------------


def _described(visit: Inspection, records: list[PhoneRecord]) -> list[KeptApart]:
    indicators = {each.code: each for each in visit.assessment.cycle.standard.indicators.all()}
    ratings = {row.indicator.code: row for row in visit.ratings.select_related("indicator", "saved_by")}
    return [_describe(record, indicators.get(record.subject), ratings.get(record.subject)) for record in records]


def _describe(record: PhoneRecord, indicator: Indicator | None, row: Rating | None) -> KeptApart:
    try:
        said = said_by(record)
        says = _SAYS.get(record.kind, _unreadable)(indicator, said)
    except (Refused, AttributeError, KeyError, TypeError, ValueError, IndexError):  # whatever a phone may have written
        said, says = {}, ""
    stands = ""
    if record.kind == PhoneRecord.Kind.RATING and row is not None:
        stands = f"{_rating_text(indicator, row)} · {row.saved_by}"
    has_picture = record.kind == PhoneRecord.Kind.PHOTO and said.get("evidence") is not None
    return KeptApart(record, indicator, says, stands, has_picture)


def _rating_text(indicator: Indicator | None, row) -> str:
    found = found_text(indicator, row) if indicator is not None else ""
    if row.cannot_check:
        found = _("Cannot be checked: %(reason)s") % {"reason": row.cannot_check}
    return " · ".join(part for part in (found, row.remark) if part)


def _rating_said(indicator: Indicator | None, said: dict) -> str:
    texts = {name: str(said.get(name) or "") for name in ("remark", "cannot_check")}
    not_applicable = said.get("not_applicable") is True
    return _rating_text(indicator, SimpleNamespace(found=said.get("found"), not_applicable=not_applicable, **texts))


def _finding_said(_indicator: Indicator | None, said: dict) -> str:
    kinds = dict(Finding.Kind.choices)
    return " · ".join(str(part) for part in (kinds.get(said["kind"]), said.get("due_on"), said["text"]) if part)


def _signature_said(_indicator: Indicator | None, said: dict) -> str:
    return " · ".join(str(said[name]) for name in ("name", "position", "statement") if said.get(name))


def _photo_said(_indicator: Indicator | None, said: dict) -> str:
    return _("Photo, %(size)s kB") % {"size": -(-said["size"] // 1000)}


def _unreadable(_indicator: Indicator | None, _said: dict) -> str:
    return ""


_SAYS = {
    PhoneRecord.Kind.RATING: _rating_said,
    PhoneRecord.Kind.FINDING: _finding_said,
    PhoneRecord.Kind.SIGNATURE: _signature_said,
    PhoneRecord.Kind.PHOTO: _photo_said,
}


# --- settling -------------------------------------------------------------------------------------------------------


@require_POST
def phone_settle(request: HttpRequest, pk: int, key) -> HttpResponse:
    """Settle a record that could not land: `settle=enter` enters it now, `settle=aside` keeps it with a note."""
    visit = _visit(request, pk)
    require(request.user, "inspection.rate", visit)
    record = get_object_or_404(visit.phone_records, key=key)
    how, note = request.POST.get("settle"), request.POST.get("note", "").replace("\x00", "")
    if how not in {"enter", "aside"}:
        raise BadRequest
    ledger = reverse("phone_ledger", args=[pk])
    done = _("The record has been entered.") if how == "enter" else _("The record has been set aside with your note.")
    answer = take(
        request,
        lambda: settle_record(record, by=request.user, enter=how == "enter", note=note),
        to=ledger,
        done=done,
    )
    return answer or redirect(ledger)


@require_safe
def phone_kept(request: HttpRequest, pk: int, key) -> FileResponse | HttpResponse:
    """Send what a phone recorded as it is kept: a photo to look at, anything else as a file."""
    visit = _visit(request, pk)
    require(request.user, "inspection.read_ratings", visit)
    record = get_object_or_404(visit.phone_records, key=key)
    if record.kind != PhoneRecord.Kind.PHOTO:
        text = record.payload if isinstance(record.payload, str) else record.payload["escaped"]
        return _as_file(text.encode(), f"{record.key}.json")
    evidence = Evidence.objects.filter(pk=record.payload["evidence"]).first()
    if evidence is not None:
        return locked(FileResponse(evidence.display.open("rb"), content_type="image/jpeg", filename=f"{key}.jpg"))
    content = kept_bytes(record)
    if content is None:
        raise Http404
    return _as_file(content, f"{record.key}.bin")


def _as_file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return locked(HttpResponse(content, content_type="application/octet-stream", headers=headers))
