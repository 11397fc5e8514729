"""Objections inside the portal: the deciding officials see everything, the organ the grounds alone."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation.actions.evidence import laid_down
from creation.models import Evidence
from creation.rules import may, require
from creation.views.taking import form_key_of, take
from reviews.actions import objections
from reviews.actions.erasing import erased_from
from reviews.exporting import as_download
from reviews.forms.objections import DecisionForm, GiveBackForm, HearingForm
from reviews.models import HearingFile, Objection, Objector, SetAside

PAGE = 50


def _objections(user):
    return Objection.objects.visible_to(user).select_related(
        "listing__notice__cycle", "listing__assessment__organ", "decided_by", "proposed_by"
    )


@require_safe
def objection_list(request: HttpRequest) -> HttpResponse:
    """Show the objections that the person decides, and those against their own organ; open ones unless asked."""
    state = request.GET.get("state", "open")
    rows = _objections(request.user).order_by("at", "pk")
    if state in Objection.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "states": Objection.State, "decides": "official" in request.user.roles}
    return render(request, "reviews/objection_list.html", context)


@require_safe
def objection_set_aside(request: HttpRequest) -> HttpResponse:
    """Show deciding officials what came late or without a name; it decides nothing, and nobody of the organ sees it."""
    rows = SetAside.objects.visible_to(request.user).select_related("listing__notice")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "reviews/objection_set_aside.html", {"page": page})


@require_safe
def objection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show grounds, answers and outcome; files and the way to the objector to deciding officials only."""
    objection = get_object_or_404(_objections(request.user).select_related("objector"), pk=pk)
    decides = may(request.user, "objection.decide", objection)
    context = {
        "erased_at": objection.objector.erased_at if decides else None,
        "erased_from": erased_from(objection) if decides else None,
        "objection": objection,
        "hearings": _answers(objection),
        "files": objection.files.all() if decides else [],
        "looks": objection.looks.select_related("by") if decides else [],
        "seen": objections.mark_of(objection),
    }
    return render(request, "reviews/objection_detail.html", context)


@never_cache
@require_POST
def objection_objector(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who objected to a deciding official; the look is recorded before anything is shown."""
    form_key_of(request)
    objection = get_object_or_404(_objections(request.user), pk=pk)
    objector = objections.see_objector(objection, by=request.user)
    context = {"objection": objection, "objector": objector, "files": objection.files.all()}
    return render(request, "reviews/objection_objector.html", context)


@never_cache
@require_POST
def objection_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Return a file brought with an objection; it may tell who objected, so this is a recorded look as well."""
    form_key_of(request)
    objection = _decided_by(request.user, pk)
    file = get_object_or_404(objection.files.exclude(file=""), pk=file_pk, objection__objector__erased_at=None)
    objections.see_objector(objection, by=request.user)
    return as_download(file.file, name=file.name, content_type=file.content_type)


@never_cache
@require_POST
def objection_seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the scan with the unit's seal; a recorded look like any other at who objected."""
    form_key_of(request)
    objection = _decided_by(request.user, pk)
    seal = get_object_or_404(Objector.objects.exclude(seal=""), objection=objection, erased_at=None).seal
    objections.see_objector(objection, by=request.user)
    ending = seal.name.rsplit(".", 1)[-1]
    return as_download(seal, name=f"seal-{pk}.{ending}", content_type="application/octet-stream")


def _decided_by(user, pk: int) -> Objection:
    """Return the objection to who decides it. The right is asked before anything about the objector is looked for.

    Otherwise the answer would tell the organ whether there is a seal: who objected, a person or a unit.
    """
    objection = get_object_or_404(_objections(user), pk=pk)
    require(user, "objection.decide", objection)
    return objection


@require_http_methods(["GET", "HEAD", "POST"])
def objection_hear(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the organ answer the grounds; it never learns who objected."""
    objection = get_object_or_404(_objections(request.user), pk=pk)
    require(request.user, "objection.answer", objection)
    form = HearingForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        text, files, organ = form.cleaned_data["text"], form.cleaned_data["files"], objection.listing.assessment.organ
        with laid_down(organ, files, purpose=Evidence.Purpose.EVIDENCE, by=request.user) as laid:
            answer = take(
                request,
                lambda: objections.hear(objection, text=text, files=laid, by=request.user),
                to=reverse("objection_detail", args=[pk]),
                done=_("The answer is with the deciding officials."),
                form=form,
            )
        if answer:
            return answer
    return render(request, "reviews/objection_hear.html", {"objection": objection, "form": form})


def _answers(objection: Objection):
    return objection.hearings.select_related("by").prefetch_related("files__evidence")


@require_safe
def objection_answer_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """Send a paper that came with the organ's answer to the deciding officials and the organ itself."""
    objection = get_object_or_404(_objections(request.user), pk=pk)
    require(request.user, "objection.read_answer", objection)
    papers = HearingFile.objects.filter(hearing__objection=objection).select_related("evidence")
    file = get_object_or_404(papers, pk=file_pk).evidence
    return as_download(file.original, name=file.name, content_type=file.content_type)


@require_http_methods(["GET", "HEAD", "POST"])
def objection_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose the decision of an objection, with a reason that is published once somebody else has confirmed it."""
    objection = _decided_by(request.user, pk)
    if request.method != "POST" and (objection.state != Objection.State.OPEN or objection.proposed_by_id):
        return redirect("objection_detail", pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        uphold = form.cleaned_data["outcome"] == Objection.State.UPHELD
        answer = take(
            request,
            lambda: objections.propose_decision(
                objection, uphold=uphold, reason=form.cleaned_data["reason"], by=request.user
            ),
            to=reverse("objection_detail", args=[pk]),
            done=_("Proposed. Another deciding official confirms it; nothing is published before."),
            form=form,
        )
        if answer:
            return answer
    context = {"objection": objection, "form": form, "hearings": _answers(objection)}
    return render(request, "reviews/objection_decide.html", context)


@require_POST
def objection_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the decision that another official proposed; it stands on the public notice at once."""
    objection = get_object_or_404(_objections(request.user), pk=pk)
    require(request.user, "objection.confirm", objection)
    return take(
        request,
        lambda: objections.decide(objection, by=request.user, seen=request.POST.get("seen", "-")),
        to=reverse("objection_detail", args=[pk]),
        done=_("Decided. The outcome and its reason stand on the public notice."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def objection_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a proposed decision back with a reason, or take one's own back."""
    objection = _decided_by(request.user, pk)
    if request.method != "POST" and not objection.proposed_by_id:
        return redirect("objection_detail", pk)
    form = GiveBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: objections.give_back(objection, reason=form.cleaned_data["reason"], by=request.user),
            to=reverse("objection_detail", args=[pk]),
            done=_("Given back. The decision is proposed anew."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/objection_give_back.html", {"objection": objection, "form": form})
