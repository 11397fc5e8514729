"""Visits: one visit with its team, vetoes, rectification and filing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import scoring, stages
from creation.errors import Overtaken
from creation.rules import may, require
from creation.views.taking import take
from reviews.actions import findings as finding_verbs
from reviews.actions import inspections as verbs
from reviews.actions.teams import PERMISSION
from reviews.forms.inspections import FilingForm, RectifyForm, VetoForm
from reviews.models import Finding, Inspection, Veto
from reviews.views.signers import signers
from reviews.views.walk import Walk, clerks_of, earlier_findings, next_step


def visit_in_scope(request: HttpRequest, pk: int) -> Inspection:
    """Return the visit with its file, round and standard, or answer with 404."""
    visits = Inspection.objects.visible_to(request.user).with_file()
    return get_object_or_404(visits.prefetch_related("assessment__cycle__standard__indicators"), pk=pk)


def about(request: HttpRequest, visit: Inspection, walk: Walk, *, here: bool = False) -> dict:
    """Return what every page of a visit shows: the visit, the way back, which organ and when, how far it is."""
    organ = str(visit.assessment.organ)
    on_team = may(request.user, "inspection.rate", visit)
    crumbs = [(_("My visits"), reverse("inspection_list"))]
    if not on_team:
        crumbs = [(organ, reverse("file_detail", args=[visit.assessment_id]))]
    if not here:
        label = organ if on_team else visit.get_kind_display()
        crumbs.append((label, reverse("inspection_detail", args=[visit.pk])))
    reads = may(request.user, "inspection.read_ratings", visit)
    return {
        "visit": visit,
        "file": visit.assessment,
        "walk": walk,
        "reads_ratings": reads,
        "headline": walk.headline(with_points=reads),
        "crumbs": crumbs,
        "heading": organ if on_team else visit.get_kind_display(),
        "place": f"{visit.get_kind_display()} · {visit.visit_on.isoformat()} · {visit.assessment.organ}",
    }


@require_safe
def inspection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a visit: what to look at, how far the team is, what it found, and what can be done now."""
    visit = visit_in_scope(request, pk)
    walk = Walk(visit)
    rates = may(request.user, "inspection.rate", visit)
    first = next(iter(walk.missing), None) or walk.items[0]
    context = {
        **about(request, visit, walk, here=True),
        "rates": rates,
        "findings": walk.findings,
        "may_change_team": not visit.is_filed and may(request.user, PERMISSION[visit.kind], visit.assessment),
        "members": visit.members.select_related("user"),
        "contacts": clerks_of(visit) if rates else [],
        "first": first,
        "signers": signers(visit),
        "statements": visit.statements.select_related("by") if visit.is_spot_check else [],
        "earlier": earlier_findings(visit)[:5] if rates else [],
        "photos_without_item": walk.loose_photos,
        "may_compare": rates and visit.assessment.cycle.blind and not visit.is_spot_check and walk.can_rate,
        "can_require": any(
            finding.kind == Finding.Kind.BY_DEADLINE and finding.state == Finding.State.OPEN
            for finding in walk.findings
        ),
        "next_step": next_step(
            visit,
            missing=len(walk.missing),
            answered=sum(finding.state == Finding.State.ANSWERED for finding in walk.findings),
        ),
    }
    return render(request, "reviews/inspection_detail.html", context)


# --- vetoes --------------------------------------------------------------------------------------------------------


def veto_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a fact that forbids recognition whatever the points."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    walk = Walk(visit)
    form = VetoForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: verbs.record_veto(visit, by=request.user, **form.cleaned_data),
            to=reverse("inspection_detail", args=[pk]),
            done=_("The veto has been recorded."),
            form=form,
        )
        if response:
            return response
    return render(request, "reviews/veto_add.html", {**about(request, visit, walk), "form": form})


@require_POST
def veto_take_back(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Take back a veto that was recorded by mistake."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    return take(
        request,
        lambda: verbs.take_back_veto(_veto(visit, kind), by=request.user),
        to=reverse("inspection_detail", args=[pk]),
        done=_("The veto has been taken back."),
    )


def _veto(visit: Inspection, kind: str) -> Veto:
    veto = visit.vetoes.filter(kind=kind).first()
    if veto is None:
        raise Overtaken(_("This veto has been taken back already."))
    return veto


# --- rectification and filing --------------------------------------------------------------------------------------


def inspection_rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the file into rectification: the organ answers the findings by their deadlines."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.file", visit)
    walk = Walk(visit)
    form = RectifyForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: finding_verbs.require_rectification(visit, by=request.user, note=form.cleaned_data["note"]),
            to=reverse("inspection_detail", args=[pk]),
            done=_("The organ has been asked to put the findings right."),
            form=form,
        )
        if response:
            return response
    context = {**about(request, visit, walk), "form": form, "findings": walk.open_findings}
    return render(request, "reviews/inspection_rectify.html", context)


def _verdict(of: scoring.Result | Inspection) -> str:
    return "passed" if of.passed else "failed"


def inspection_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the visit and file it; the button says where its scores send the file."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.file", visit)
    walk = Walk(visit)
    form = FilingForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: verbs.file_inspection(
                visit,
                by=request.user,
                statement=form.cleaned_data["statement"],
                shown=form.cleaned_data["verdict"] == "passed",
            ),
            to=reverse("file_detail", args=[visit.assessment_id]),
            done=_("The visit has been filed. Nobody can change it any more."),
            form=form,
        )
        if response:
            return response
        walk = Walk(visit)
    context = {
        **about(request, visit, walk),
        "form": form,
        "verdict": _verdict(walk.result),
        "signers": signers(visit),
        "unsettled": visit.phone_records.unsettled().count(),
        "step": stages.STEPS[verbs.STEP_OF_VERDICT[visit.kind, walk.result.passed]],
    }
    context["unheard"] = visit.is_spot_check and not walk.result.passed and not visit.is_heard
    waits = walk.missing or context["unsettled"] or context["unheard"]
    context["blocked"] = bool(waits or (walk.result.passed and walk.open_findings))
    return render(request, "reviews/inspection_file.html", context)
