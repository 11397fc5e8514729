"""The door for objections from the public: a proof first, then the form, the receipt, and the state by its number.

Whoever brings no proof is turned away before a byte of the form is read and before the database is asked. The proof
travels in the address, so that it can be judged without the form.
"""

from datetime import timedelta
from functools import lru_cache

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from creation import clock
from creation.errors import Refused
from creation.models.named import local
from creation.views.taking import form_key_of, put_on_form, take
from reviews import proofs
from reviews.actions import doors, objections
from reviews.actions.brought import laid_down
from reviews.forms.objections import ObjectionForm, ReceiptForm
from reviews.models import Listing, Notice, Objection, SetAside
from reviews.views.standing import standing

DOOR, SUM_DOOR, RECEIPT_DOOR = "objection", "objection_sum", "receipt"
HOUR = timedelta(hours=1)
FREE = 20  # objections of one address and hour before more work is asked, as an office may share one
HARDER = 4  # bits above the first: what is asked at most
SUMS = 10  # objections of one address and hour by the sum: a machine may learn to add
GUESSES = 60  # unknown receipt numbers of one address and hour; there are 31 ** 12
LARGEST_BODY = 65 * 1024 * 1024  # five files and a seal, with some room


class LeaveFiles(FileUploadHandler):
    """Passes over the files of a form whose proof does not do, so that what was typed can be shown again."""

    def new_file(self, *args, **kwargs):
        """Skip the file."""
        raise SkipFile

    def receive_data_chunk(self, raw_data, start):
        """Never called, as every file is skipped."""

    def file_complete(self, file_size):
        """Keep nothing."""


@login_not_required
@never_cache
@csrf_exempt  # asked of `_page`, behind the proof: the question reads the whole form
@sensitive_post_parameters("name", "phone", "grounds")
@require_http_methods(["GET", "HEAD", "POST"])
def objection_add(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take an objection to one organ of a published notice from anybody, and lead to its receipt."""
    proof = _brought(request, pk, number)
    if request.method != "POST":
        return _page(request, pk, number, proof)
    if settings.PROOF_BITS and proof is None:
        return _turned_away()
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        return _turned_away()
    fault = _fault_of(request, proof)
    if fault:
        request.upload_handlers = [LeaveFiles(request)]
    return _page(request, pk, number, proof, fault)


def _brought(request: HttpRequest, pk: int, number: int) -> proofs.Challenge | None:
    """Return the challenge in the address if it is ours, for this place, and met; no more than hashing."""
    found = proofs.read_challenge(_place(pk, number), request.GET.get("c", ""))
    return found if found and found.is_met_by(request.GET.get("n", "")) else None


def _place(pk: int, number: int) -> str:
    return f"objection/{pk}/{number}"


def _fault_of(request: HttpRequest, proof: proofs.Challenge | None) -> str:
    """Return what stands against a proof that is met, or nothing; one that does is counted for its address."""
    if proof is None:
        return ""
    if not proof.is_fresh(int(clock.now().timestamp())):
        return _("This page stood open for more than two hours. Send it once more.")
    if doors.is_spent(proof.digest):
        return _("This page has been used to send something before. Send it once more.")
    address = get_client_ip_address(request)
    if not proof.bits:
        if doors.times(SUM_DOOR, address, span=HOUR) >= SUMS:
            return _too_many_sums()
        doors.knock(SUM_DOOR, address, span=HOUR)
    elif proof.bits < _bits(address):
        return _("Many objections come from your network just now. Your browser works a little longer; send once more.")
    doors.knock(DOOR, address, span=HOUR)
    return ""


def _too_many_sums() -> str:
    return _(
        "Too many objections have come from your network by the sum within this hour. Try again in %(minutes)s "
        "minutes, or with a browser that runs scripts."
    ) % {"minutes": doors.seconds_left(HOUR) // 60 + 1}


def _bits(address: str) -> int:
    base = settings.PROOF_BITS
    return proofs.bits_for(doors.times(DOOR, address, span=HOUR), base=base, free=FREE, most=base + HARDER)


@lru_cache(maxsize=8)
def _without_proof(_language: str) -> bytes:
    return render_to_string("errors/unproved.html").encode()


def _turned_away() -> HttpResponse:
    """Refuse what comes without a proof, at the least cost: nothing is read, asked or written."""
    return HttpResponseForbidden(_without_proof(get_language() or ""))


@csrf_protect
def _page(request: HttpRequest, pk: int, number: int, proof, fault: str = "") -> HttpResponse:
    public = Listing.objects.filter(notice__in=Notice.objects.public(clock.now()))
    listing = get_object_or_404(public.select_related("notice__cycle"), notice__pk=pk, number=number)
    given = {"anonymous": listing.notice.cycle.anonymous_objections, "use_required_attribute": False}
    sends = request.method == "POST" and not fault
    form = (
        ObjectionForm(request.POST, request.FILES, **given)
        if sends
        else ObjectionForm(initial=_typed(request), **given)
    )
    if sends:
        answer = _send(request, listing, form, proof)
        if answer:
            return answer
    context = {
        "notice": listing.notice,
        "listing": listing,
        "organ": local(listing.organ_name, listing.organ_name_en),
        "form": form,
        "fault": fault,
        "has_errors": bool(fault),
        "is_sent": request.method == "POST",
        # of a form whose proof did not do the files were not read
        "brought_files": bool(fault) or bool(sends and request.FILES),
        **standing(listing.notice),
        **_asked(request, pk, number, proof),
    }
    return render(request, "reviews/objection_add.html", context)


def _typed(request: HttpRequest) -> dict:
    return {name: request.POST[name] for name in ("kind", "name", "phone", "grounds") if name in request.POST}


def _send(request: HttpRequest, listing: Listing, form: ObjectionForm, proof) -> HttpResponse | None:
    digest = proof.digest if proof else ""
    why = _why_set_aside(listing, form)
    if why:
        _set_aside(listing, form, why, digest)
        return None
    if not form.is_valid():
        return None
    form_key_of(request)  # a form without a key writes no file
    given = dict(form.cleaned_data)
    with laid_down(given.pop("seal"), given.pop("files")) as (seal, files):
        return take(
            request,
            lambda: objections.object_to(listing, **given, seal=seal, files=files, proof=digest),
            to=lambda objection: reverse("objection_receipt", args=[objection.receipt]),
            form=form,
        )


def _why_set_aside(listing: Listing, form: ObjectionForm) -> str:
    """Return why grounds that can be kept are set aside, or nothing."""
    form.is_valid()
    given = form.cleaned_data
    if not given.get("grounds") or "grounds" in form.errors:
        return ""
    if objections.is_late(listing):
        return SetAside.Why.LATE
    words = {name: given.get(name) or form.data.get(name, "") for name in ("kind", "name", "phone")}
    nobody = objections.is_anonymous(**words, seal=given.get("seal") or "seal" in form.files)
    return SetAside.Why.ANONYMOUS if nobody and not form.anonymous else ""


def _set_aside(listing: Listing, form: ObjectionForm, why: str, digest: str) -> None:
    try:
        with transaction.atomic():
            objections.set_aside(listing, why=why, grounds=form.cleaned_data["grounds"], proof=digest)
    except Refused as refused:
        put_on_form(form, refused)
        return
    if why == SetAside.Why.LATE:
        form.add_error(None, objections.late_sentence(listing.notice))
    form.add_error(None, objections.set_aside_sentence(why))


def _asked(request: HttpRequest, pk: int, number: int, proof) -> dict:
    """Return what the page asks for: nothing while a proof is at hand, else work for the browser, or a sum."""
    if not settings.PROOF_BITS:
        return {"address": ""}
    now, place = int(clock.now().timestamp()), _place(pk, number)
    enough = proof and (not proof.bits or proof.bits >= _bits(get_client_ip_address(request)))
    if enough and proof.is_fresh(now) and not doors.is_spent(proof.digest):
        return {"address": f"?{urlencode({'c': proof.text, 'n': request.GET['n']})}"}
    asked = proofs.challenge(place, bits=0, now=now)
    if proof and not proof.bits and request.method == "POST":
        # a person who has answered once is not asked again while writing
        return {"address": f"?{urlencode({'c': asked.text, 'n': sum(asked.terms)})}"}
    return {
        "work": proofs.challenge(place, bits=_bits(get_client_ip_address(request)), now=now),
        "sum": asked,
        "terms": _in_words(asked.terms),
        "wrong_sum": "n" in request.GET and request.method != "POST",
        "by_sum": "ask" in request.GET or "n" in request.GET,
    }


def _in_words(terms: tuple[int, int]) -> dict:
    words = proofs.WORDS["zh" if (get_language() or "").startswith("zh") else "en"]
    return {"one": words[terms[0]], "other": words[terms[1]]}


@login_not_required
@never_cache
@require_safe
def objection_receipt(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show the receipt number to note down, and what happens next."""
    if _guesses(request) >= GUESSES:
        return _held_back(request)
    objection = Objection.objects.select_related("listing__notice").filter(receipt=receipt).first()
    if objection is None:
        doors.knock(RECEIPT_DOOR, get_client_ip_address(request), span=HOUR)
        get_object_or_404(Objection, receipt=receipt)
    listing = objection.listing
    context = {"objection": objection, "organ": local(listing.organ_name, listing.organ_name_en)}
    return render(request, "reviews/objection_receipt.html", context)


@login_not_required
@never_cache
@require_safe
def objection_state(request: HttpRequest) -> HttpResponse:
    """Tell the state of an objection by its receipt number: never who objected, nor the grounds."""
    form = ReceiptForm(request.GET if "receipt" in request.GET else None)
    objection = None
    if form.is_bound and form.is_valid():
        if _guesses(request) >= GUESSES:
            return _held_back(request)
        known = Objection.objects.select_related("listing__notice")
        objection = known.filter(receipt=form.cleaned_data["receipt"]).first()
        if objection is None:
            doors.knock(RECEIPT_DOOR, get_client_ip_address(request), span=HOUR)
            form.add_error("receipt", _("No objection has this number. Compare it with your receipt, sign by sign."))
    organ = local(objection.listing.organ_name, objection.listing.organ_name_en) if objection else ""
    return render(request, "reviews/objection_state.html", {"form": form, "objection": objection, "organ": organ})


def _guesses(request: HttpRequest) -> int:
    return doors.times(RECEIPT_DOOR, get_client_ip_address(request), span=HOUR)


def _held_back(request: HttpRequest) -> HttpResponse:
    form = ReceiptForm(request.GET if "receipt" in request.GET else None)
    context = {"form": form, "organ": "", "held_back": doors.seconds_left(HOUR) // 60 + 1}
    answer = render(request, "reviews/objection_state.html", context, status=429)
    answer["Retry-After"] = str(doors.seconds_left(HOUR))
    return answer
