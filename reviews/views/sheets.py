"""Verification sheets for those who keep them: the organ itself and its departments; as page and as PDF.

A sheet is made from what was signed with it, so it says the same for ever. What has become of the title since then
stands on the live page (reviews/views/verification.py).
"""

import base64
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import pdf
from creation.models import Organ, Recognition
from creation.rules import require
from creation.views.taking import take
from reviews import sheets
from reviews.actions import sheets as verbs
from reviews.models import VerificationSheet


def title_in_reach(request: HttpRequest, pk: int) -> Recognition:
    """Return the title, or answer with 404; a title is in reach where its organ is."""
    within = Recognition.objects.filter(organ__in=Organ.objects.visible_to(request.user))
    return get_object_or_404(within.select_related("organ__region", "sheet"), pk=pk)


@require_safe
def sheet_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sheet of a title with its code, or how it comes to one."""
    title = title_in_reach(request, pk)
    require(request.user, "sheet.read", title)
    sheet = getattr(title, "sheet", None)
    state, since = verbs.standing_of(title)
    context = {
        "held": title,
        "sheet": sheet,
        "state": state,
        "standing": standing_text(state, since),
        "not_a_certificate": not_a_certificate(),
        "crumbs": _crumbs(title),
        **(_shown(sheet) if sheet else {}),
    }
    return render(request, "reviews/sheet_detail.html", context)


def _shown(sheet: VerificationSheet) -> dict:
    content = sheets.content_of(sheet.payload)
    svg = sheets.qr_svg(sheets.qr_text(sheet.payload, sheet.signature))
    return {
        "facts": facts_of(content),
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
        "live_page": content.address,
    }


def _crumbs(title: Recognition) -> list[tuple[str, str]]:
    """Return the way back: to the file where the title came from one, else to the organ."""
    if title.assessment_id:
        return [
            (_("Files"), reverse("file_list")),
            (str(title.organ), reverse("file_detail", args=[title.assessment_id])),
        ]
    return [(str(title.organ), reverse("organ_detail", args=[title.organ_id]))]


@require_POST
def sheet_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the sheet of a title that has none yet."""
    title = title_in_reach(request, pk)
    require(request.user, "sheet.issue", title)
    page = reverse("sheet_detail", args=[pk])
    return take(request, lambda: verbs.issue(title, by=request.user), to=page, done=_("The sheet has been issued."))


@require_safe
def sheet_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the sheet as PDF in the reader's language while the title holds; otherwise say so on its page."""
    title = title_in_reach(request, pk)
    require(request.user, "sheet.read", title)
    if not hasattr(title, "sheet"):
        raise Http404
    state, since = verbs.standing_of(title)
    if state != "valid":
        messages.error(
            request,
            _("No sheet is handed out for a title that does not hold. %(standing)s")
            % {"standing": standing_text(state, since)},
        )
        return redirect("sheet_detail", pk)
    try:
        made = pdf.render("sheet.typ", paper_of(title.sheet))
    except pdf.CannotPrint:
        messages.error(request, _("The PDF could not be made just now. Print this page instead."))
        return redirect("sheet_detail", pk)
    name = f"sheet-{title.sheet.code}.pdf"
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


# --- what a sheet says ---------------------------------------------------------------------------------------------


def facts_of(content: sheets.Content) -> list[tuple[str, str]]:
    """Return what was signed as (label, value), in the words of the register: names as they were on that day."""
    return [
        (_("Organ"), content.organ),
        (_("Unified social credit code"), content.credit_code),
        (_("Region"), content.region),
        (_("Batch"), content.batch),
        (_("Document number"), content.document_number),
        (_("Granted on"), content.granted_on),
        (_("Valid until"), content.valid_until or _("no last day")),
        (_("Sheet issued on"), content.issued_on),
    ]


def standing_text(state: str, since: date | None) -> str:
    """Return in one sentence what has become of a title; `state` and `since` as `sheets.standing` gives them."""
    texts = {
        "valid": _("The title holds today."),
        "coming": _("The title does not hold yet: it begins on %(day)s."),
        "revoked": _("The title was revoked: it does not hold since %(day)s."),
        "replaced": _("A later title has replaced this one on %(day)s."),
        "expired": _("The title has expired: it does not hold since %(day)s."),
        "closed": _("The organ has left the register on %(day)s."),
    }
    return texts[state] % {"day": since.isoformat() if since else ""}


def not_a_certificate() -> str:
    """Return the sentence that every sheet and its live page carry."""
    return _(
        "This sheet serves to check the title. It is no certificate of the State and bears no seal; the official "
        "certificate is printed from the State's own system."
    )


def paper_of(sheet: VerificationSheet) -> dict:
    """Return the data of templates/paper/sheet.typ, every label in the reader's language."""
    content = sheets.content_of(sheet.payload)
    heading = _("Verification sheet")
    return {
        "title": f"{heading} – {content.organ}",
        "lang": get_language(),
        "at": sheet.issued_at,
        "issuer": _("Portal for conservation-oriented organs"),
        "demonstration": _("Demonstration data: this sheet proves nothing.") if content.note else "",
        "heading": heading,
        "lead": _("%(organ)s has been recognised as a conservation-oriented organ.") % {"organ": content.organ},
        "facts": facts_of(content),
        "code_label": _("Code on the sheet"),
        "code": content.code,
        "picture": sheets.qr_svg(sheets.qr_text(sheet.payload, sheet.signature)),
        "picture_alt": _("QR code of this sheet; it leads to %(address)s") % {"address": content.address},
        "check_heading": _("How to check this sheet"),
        "checks": [
            _("Scan the QR code, or open %(address)s and type the code.") % {"address": content.address},
            _("The page shows whether the title holds today. Compare its words with this sheet."),
            _(
                "Without a network: the QR code carries what stands here with a signature; the program and the key to "
                "check it are on the same page."
            ),
        ],
        "not_a_certificate": not_a_certificate(),
        "footer": f"{heading} {content.code}",
        "page_label": _("Page {page} of {pages}"),
    }
