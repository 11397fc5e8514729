"""What phones fetch and send: packs before the visit, records and photos after it; and the ledger that people read."""

from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creation import clock
from creation.rules import require
from reviews.actions import phones, photos
from reviews.forms import phones as shape
from reviews.models import Inspection, PhoneRecord, PhotoUpload
from reviews.views.phone_pack import Packs, summaries, visits_of

LIMITS = {
    "photo_side": photos.PHOTO_SIDE,
    "photo_bytes": photos.PHOTO_BYTES,
    "chunk_bytes": photos.CHUNK_BYTES,
    "records": shape.MOST_RECORDS,
}
_NOT_TAKEN = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "key_in_use": HTTPStatus.CONFLICT,
}


def _error(word: str, status: int, **more: object) -> JsonResponse:
    return JsonResponse({"error": word, **more}, status=status)


def _for_phones(view):
    """Let a view take POST only, and answer what cannot be read, or not be taken, in a form that a script reads."""

    @require_POST
    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (shape.Malformed, RawPostDataException, UnreadablePostError):
            return _error("malformed", HTTPStatus.BAD_REQUEST)
        except RequestDataTooBig:
            return _error("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except photos.WrongPlace as wrong:
            return _error("wrong_place", HTTPStatus.CONFLICT, received=wrong.received)
        except photos.NotTaken as refused:
            return _error(str(refused), _NOT_TAKEN[str(refused)])

    return answered


def _visit_of_phone(request: HttpRequest, pk: int, permission: str = "phone.send") -> Inspection:
    """Return a visit of which the person may send records, or answer with 404 or 403."""
    visit = get_object_or_404(Inspection.objects.known_to_phone_of(request.user).with_file(), pk=pk)
    require(request.user, permission, visit)
    return visit


# --- before the visit -----------------------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_safe
def phone_packs(request: HttpRequest) -> JsonResponse:
    """List the person's visits as the phone shows them; `?device=` narrows “ready” to that device.

    Whoever is signed out is told just that: the page asks here who is there, and an error would be none.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"user": None})
    return JsonResponse(
        {
            "user": {"id": request.user.pk, "name": str(request.user)},
            "csrf": get_token(request),
            "now": clock.now().isoformat(),
            "limits": LIMITS,
            "visits": summaries(request.user, shape.key_of(request.GET.get("device"))),
        }
    )


@require_safe
def phone_pack(request: HttpRequest, pk: int) -> JsonResponse:
    """Return everything that the phone stores of one visit; for its team."""
    require(request.user, "inspection.rate", get_object_or_404(Inspection.objects.visible_to(request.user), pk=pk))
    visit = get_object_or_404(visits_of(request.user), pk=pk)
    return JsonResponse(Packs([visit]).pack(visit))


@_for_phones
def phone_ready(request: HttpRequest, pk: int) -> JsonResponse:
    """Note that the visit is stored on a phone, so that the department sees it too; `ready: false` takes it back."""
    visit = _visit_of_phone(request, pk, "inspection.rate")
    data = shape.as_object(request.body)
    ready = data.get("ready", True)
    if not isinstance(ready, bool):
        raise shape.Malformed
    device, label = shape.device_of(data), shape.label_of(data)
    phones.mark_ready(visit, by=request.user, device=device, label=label, ready=ready)
    return JsonResponse({})


# --- after it -------------------------------------------------------------------------------------------------------


@_for_phones
def phone_records(request: HttpRequest, pk: int) -> JsonResponse:
    """Land a batch of records, and say what became of each and how many are here."""
    visit = _visit_of_phone(request, pk)
    data = shape.as_object(request.body)
    if not shape.is_of_user(data, request.user):
        return _error("other_user", HTTPStatus.CONFLICT)
    device, made = shape.device_of(data), shape.made_of(data)
    came = shape.records_of(data, visit, device=device, by=request.user, at=clock.now())
    landed = iter(phones.land_records(visit, [each for each in came if isinstance(each, PhoneRecord)], by=request.user))
    results = [next(landed) if isinstance(each, PhoneRecord) else _broken(each) for each in came]
    phone = phones.report(visit, by=request.user, device=device, made=made)
    counts = phones.counts_of(visit.phone_records.filter(device=device, by=request.user))
    quarantined = counts.pop("quarantined")
    ledger = {
        "made": {"records": phone.records_made, "photos": phone.photos_made},
        "on_server": counts,
        "quarantined": quarantined,
    }
    return JsonResponse({"results": [each.as_answer() for each in results], "ledger": ledger})


def _broken(key: str) -> phones.Outcome:
    return phones.Outcome(
        shape.key_of(key), phones.REFUSED, _("It did not arrive as it was sent. It will be sent again.")
    )


@_for_phones
def phone_photo_announce(request: HttpRequest, pk: int) -> JsonResponse:
    """Open a place for a photo, or say how far it has come."""
    visit = _visit_of_phone(request, pk)
    data = shape.as_object(request.body)
    if not shape.is_of_user(data, request.user):
        return _error("other_user", HTTPStatus.CONFLICT)
    announced = shape.announced(data, device=shape.device_of(data), at=clock.now())
    return JsonResponse(photos.announce_photo(visit, announced, by=request.user).as_answer())


@_for_phones
def phone_photo(request: HttpRequest, pk: int, key) -> JsonResponse:
    """Take a piece of a photo (`?offset=` is where it begins), and with the last one give the receipt."""
    visit = _visit_of_phone(request, pk)
    mine = PhotoUpload.objects.filter(inspection=visit, by=request.user)
    upload = get_object_or_404(mine.select_related("inspection__assessment__organ"), key=key)
    offset = request.GET.get("offset", "")
    if not (offset.isascii() and offset.isdecimal() and len(offset) <= len(str(photos.PHOTO_BYTES))):
        raise shape.Malformed
    chunk = request.body
    if not chunk:
        raise shape.Malformed
    if len(chunk) > photos.CHUNK_BYTES:
        return _error("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    standing = photos.receive_chunk(upload, by=request.user, offset=int(offset), chunk=chunk)
    return JsonResponse(standing.as_answer())
