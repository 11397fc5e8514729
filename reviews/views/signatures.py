"""Signing under a visit on the device, and the printed sheet for where that is not possible."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.forms.ratings import NONE_OF_THEM
from creation.models import Indicator
from creation.rules import may, require
from creation.views.taking import form_key_of, take
from reviews.actions.signatures import sign
from reviews.forms.visits import (
    CANNOT,
    DOES_NOT,
    MEETS,
    NOT_APPLICABLE,
    PARTLY,
    SignatureForm,
    VisitRatingForm,
    best_of,
    worst_of,
)
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


class Verdict(NamedTuple):
    """What can be said of an item in one tick; below “partly” stands what it may be made of."""

    label: str
    details: list[str]


@dataclass(frozen=True, slots=True)
class Printed:
    """One item on the printed sheet: the verdicts, as on the phone, or the number that is asked instead.

    `cannot` is the tick that needs its reason.
    """

    indicator: Indicator
    verdicts: list[Verdict]
    number: str
    help_text: str
    not_applicable: str
    cannot: str


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
    form = VisitRatingForm(indicator)
    found, said = form.fields["found"], dict(form.fields["verdict"].choices)
    counted = not form.is_choice
    asked = (MEETS, DOES_NOT) if counted else (MEETS, PARTLY, DOES_NOT)
    return Printed(
        indicator,
        [Verdict(said[one], _between(form) if one == PARTLY else []) for one in asked if one in said],
        str(found.label) if counted else "",
        str(found.help_text) if counted else "",
        said.get(NOT_APPLICABLE, ""),
        said[CANNOT],
    )


def _between(form: VisitRatingForm) -> list[str]:
    """Return what lies between “meets” and “does not meet”: parts, or levels that are neither top nor bottom."""
    ends = (best_of(form.indicator), worst_of(form.indicator))
    plain = {NONE_OF_THEM, *(str(end["level"]) for end in ends if end and "level" in end)}
    return [str(label) for value, label in form.fields["found"].choices if str(value) not in plain]
