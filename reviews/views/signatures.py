"""Signing under a visit on the device, and the printed sheet for where that is not possible."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.forms.ratings import RatingForm
from creation.models import Indicator
from creation.rules import may, require
from creation.views.taking import form_key_of, take
from reviews.actions.signatures import sign
from reviews.forms.visits import SignatureForm
from reviews.models import Signature
from reviews.views.inspections import about, visit_in_scope
from reviews.views.signers import signers
from reviews.views.walk import Walk, clerks_of

EMPTY_FINDINGS = range(4)


def inspection_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who has signed and take a signature drawn on the device; possible until the visit is filed."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.read_ratings", visit)
    team = [member.user for member in visit.members.select_related("user")]
    form = SignatureForm(team, request.POST or None, initial={"who": str(request.user.pk)})
    if request.method == "POST":
        require(request.user, "inspection.rate", visit)
        key = form_key_of(request)
        if form.is_valid():
            response = take(
                request,
                lambda: _sign(request, visit, form, key),
                to=reverse("inspection_sign", args=[pk]),
                done=_("The signature has been kept."),
                form=form,
            )
            if response:
                return response
    walk = Walk(visit)
    context = {
        **about(request, visit, walk),
        "form": form,
        "signers": signers(visit),
        "earlier": visit.signatures.select_related("taken_by").order_by("pk"),
        "may_sign": not visit.is_filed and may(request.user, "inspection.rate", visit),
        "organ_choice": SignatureForm.ORGAN,
    }
    return render(request, "reviews/inspection_sign.html", context)


def _sign(request: HttpRequest, visit, form: SignatureForm, key: UUID) -> Signature:
    return sign(visit, by=request.user, signed_at=clock.now(), key=key or uuid4(), **form.signature())


@dataclass(frozen=True, slots=True)
class Printed:
    """One item on the printed sheet: its permitted answers as boxes, or a number to write down."""

    indicator: Indicator
    boxes: list[str]
    number: str
    help_text: str
    not_applicable: str


@require_safe
def inspection_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the visit as a sheet to be printed and filled in by hand, for the team; it says nothing of any points."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    walk = Walk(visit)
    context = {
        **about(request, visit, walk),
        "sections": [(label, [_printed(item.indicator) for item in items]) for label, items in walk.sections if items],
        "members": visit.members.select_related("user"),
        "contacts": clerks_of(visit),
        "empty_findings": EMPTY_FINDINGS,
    }
    return render(request, "reviews/inspection_sheet.html", context)


def _printed(indicator: Indicator) -> Printed:
    form = RatingForm(indicator)
    found, left_out = form.fields["found"], form.fields.get("not_applicable")
    choices = [str(label) for _value, label in found.choices] if form.is_choice else []
    return Printed(
        indicator,
        choices,
        "" if form.is_choice else str(found.label),
        "" if form.is_choice else str(found.help_text),
        str(left_out.label) if left_out else "",
    )
