"""Checking a verification sheet, for everybody, without an account: the live page, and what works without a network.

The code on the sheet opens its page and nothing lists the codes. Whoever tries codes that do not exist is held back
after a while; a right code is never held back behind another address.
"""

from pathlib import Path

from axes.helpers import get_client_ip_address
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from reviews import sheets
from reviews.actions import doors
from reviews.actions.sheets import standing_of
from reviews.codes import as_code
from reviews.forms.sheets import CodeForm
from reviews.models import PublishedKey, VerificationSheet
from reviews.views.public import answer_unless_known
from reviews.views.sheets import facts_of, not_a_certificate, standing_text

PROGRAM = Path(sheets.__file__).resolve().parent / "offline" / "verify_sheet.py"
DOOR = "verification"
GUESSES = 20  # wrong codes from one address within ten minutes
NOT_FOUND = 404
TOO_MANY = 429


@login_not_required
@require_safe
def verification(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a sheet and lead to its live page; offer what checks a sheet without a network."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("verification_detail", form.cleaned_data["code"])
    return answer_unless_known(request, render(request, "reviews/verification.html", _page(form)))


def _page(form: CodeForm) -> dict:
    return {"form": form, "keys": PublishedKey.objects.all(), "not_a_certificate": not_a_certificate()}


@login_not_required
@require_safe
def verification_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a sheet says and what has become of its title by now; one clear sentence for a code that is none."""
    wanted = as_code(code)
    if wanted and wanted != code:
        return redirect("verification_detail", wanted)
    address = get_client_ip_address(request)
    if doors.times(DOOR, address) >= GUESSES:
        return _held_back(request)
    if not wanted:  # no guess: nothing has such a code
        return _unknown(request, code)
    found = VerificationSheet.objects.select_related("recognition__organ").filter(code=wanted).first()
    if found is None:
        doors.knock(DOOR, address)
        return _unknown(request, code)
    answer = answer_unless_known(request, render(request, "reviews/verification_detail.html", _live(found)))
    answer["X-Robots-Tag"] = "noindex"  # who has the sheet has the code, and nobody else
    return answer


def _live(sheet: VerificationSheet) -> dict:
    title, content = sheet.recognition, sheets.content_of(sheet.payload)
    state, since = standing_of(title)
    name_today = str(title.organ)
    return {
        "code": sheet.code,
        "state": state,
        "standing": standing_text(state, since),
        "reason": title.revoke_reason if state == "revoked" else "",
        "facts": facts_of(content),
        "name_today": name_today if name_today != content.organ else "",
        "is_demonstration": bool(content.note),
        "read_at": localtime(clock.now()),
        "not_a_certificate": not_a_certificate(),
    }


def _unknown(request: HttpRequest, code: str) -> HttpResponse:
    form = CodeForm({"code": code})
    if form.is_valid():
        form.add_error("code", _("No sheet has this code. Compare it with the sheet, sign by sign."))
    return _never_kept(render(request, "reviews/verification.html", _page(form), status=NOT_FOUND))


def _held_back(request: HttpRequest) -> HttpResponse:
    seconds = doors.seconds_left()
    context = {"minutes": -(-seconds // 60)}
    answer = _never_kept(render(request, "reviews/verification_held_back.html", context, status=TOO_MANY))
    answer["Retry-After"] = str(seconds)
    return answer


def _never_kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


@login_not_required
@require_safe
def verification_keys(request: HttpRequest) -> HttpResponse:
    """Return every public key that has signed sheets, the newest first."""
    keys = [
        {"id": key.key_id, "public_key": key.public_key, "since": localtime(key.since).isoformat(timespec="seconds")}
        for key in PublishedKey.objects.all()
    ]
    answer = JsonResponse({"format": sheets.KEYS_FORMAT, "algorithm": "Ed25519", "keys": keys})
    answer["Content-Disposition"] = 'attachment; filename="key.json"'
    return answer_unless_known(request, answer)


@login_not_required
@require_safe
def verification_program(request: HttpRequest) -> HttpResponse:
    """Return the stand-alone program that checks a sheet's QR code without a network."""
    answer = HttpResponse(PROGRAM.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_sheet.py"'
    return answer_unless_known(request, answer)
