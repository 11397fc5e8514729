"""Findings: recorded on a visit, answered by the organ, accepted or returned by an inspector who did not answer."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.forms import BaseForm
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation.rules import may, require
from creation.views.evidence import locked
from creation.views.taking import take
from reviews.actions import findings as verbs
from reviews.actions.visit_photos import lay_down
from reviews.forms.findings import AnswerForm, FindingForm, JudgeForm
from reviews.forms.visits import FindingPhotosForm
from reviews.models import Finding, FindingPhoto, FindingStep
from reviews.views.inspections import about, visit_in_scope
from reviews.views.walk import Walk, name_next


def finding_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a problem found on a visit, with its photos; `?item=` names the item it was found at."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    walk = Walk(visit)
    form = FindingForm(
        walk.standard.indicators.all(),
        request.POST or None,
        request.FILES or None,
        initial={"indicator": request.GET.get("item")},
    )
    if form.is_valid():
        typed = dict(form.cleaned_data)
        indicator = typed.pop("indicator")
        typed["photos"] = lay_down(typed["photos"], visit, by=request.user)
        response = take(
            request,
            lambda: verbs.raise_finding(visit, indicator, by=request.user, **typed),
            to=lambda finding: reverse("inspection_item", args=[pk, finding.indicator.code]),
            done=_("The finding has been recorded."),
            form=form,
        )
        if response:
            return response
    return render(request, "reviews/finding_add.html", {**about(request, visit, walk), "form": form})


def finding_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a finding with its photos before and after; let the organ answer it and the team judge the answer."""
    finding = _finding_in_scope(request, pk)
    forms = {"answer": AnswerForm(), "judge": JudgeForm(), "photos": FindingPhotosForm()}
    if request.method == "POST":
        response = _take_step(request, finding, forms)
        if response:
            return response
        finding = _finding_in_scope(request, pk)
    visit = finding.inspection
    name_next([finding], visit)
    answered = next((step for step in reversed(finding.told) if step.what == FindingStep.What.ANSWERED), None)
    context = {
        "finding": finding,
        "visit": visit,
        "file": visit.assessment,
        "answer_form": forms["answer"],
        "judge_form": forms["judge"],
        "photos_form": forms["photos"],
        "can_add_photos": not visit.is_filed and may(request.user, "finding.accept", finding),
        "has_errors": any(form.errors for form in forms.values()),
        "can_answer": _open_for(request, finding, Finding.State.OPEN, "finding.answer"),
        "can_judge": _open_for(request, finding, Finding.State.ANSWERED, "finding.accept"),
        "answered_by_me": answered is not None and answered.by_id == request.user.pk,
        "taken": finding.visit_photos.select_related("evidence", "by"),
        "before": [photo for photo in finding.shown if photo.when == FindingPhoto.When.BEFORE],
        "after": [photo for photo in finding.shown if photo.when == FindingPhoto.When.AFTER],
        "crumbs": [
            (str(visit.assessment.organ), reverse("file_detail", args=[visit.assessment_id])),
            (visit.get_kind_display(), reverse("inspection_detail", args=[visit.pk])),
        ],
    }
    return render(request, "reviews/finding_detail.html", context)


def _finding_in_scope(request: HttpRequest, pk: int) -> Finding:
    """Return the finding with its photos (`shown`) and what has been said (`told`), or answer with 404."""
    findings = Finding.objects.visible_to(request.user).select_related(
        "indicator", "raised_by", "inspection__assessment__organ__region", "inspection__assessment__cycle"
    )
    finding = get_object_or_404(findings, pk=pk)
    finding.shown = list(finding.photos.select_related("evidence"))
    finding.told = list(finding.steps.select_related("by"))
    return finding


def _open_for(request: HttpRequest, finding: Finding, state: str, permission: str) -> bool:
    """Tell whether the finding stands at `state` on a visit that is not filed, and the person may take the step."""
    return finding.state == state and not finding.inspection.is_filed and may(request.user, permission, finding)


def _with_photos_laid_down(request: HttpRequest, finding: Finding, form: BaseForm, permission: str) -> dict:
    """Return what was typed, its photos on the disk already: the transaction that follows waits for no disk."""
    photos = form.cleaned_data["photos"]
    laid = lay_down(photos, finding.inspection, by=request.user, permission=permission, subject=finding)
    return {**form.cleaned_data, "photos": laid}


def _answer(request: HttpRequest, finding: Finding, forms: dict) -> HttpResponse | None:
    require(request.user, "finding.answer", finding)
    form = forms["answer"] = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return None
    typed = _with_photos_laid_down(request, finding, form, "finding.answer")
    return take(
        request,
        lambda: verbs.answer_finding(finding, by=request.user, **typed),
        to=reverse("finding_detail", args=[finding.pk]),
        done=_("The answer has been sent to the inspectors."),
        form=form,
    )


def _judge(request: HttpRequest, finding: Finding, forms: dict, verb: Callable, done: str) -> HttpResponse | None:
    require(request.user, "finding.accept", finding)
    form = forms["judge"] = JudgeForm(request.POST)
    if not form.is_valid():
        return None
    return take(
        request,
        lambda: verb(finding, by=request.user, text=form.cleaned_data["text"]),
        to=reverse("finding_detail", args=[finding.pk]),
        done=done,
        form=form,
    )


def _accept(request: HttpRequest, finding: Finding, forms: dict) -> HttpResponse | None:
    return _judge(request, finding, forms, verbs.accept_finding, _("The answer has been accepted."))


def _return(request: HttpRequest, finding: Finding, forms: dict) -> HttpResponse | None:
    return _judge(request, finding, forms, verbs.return_finding, _("The answer has been given back to the organ."))


def _photos(request: HttpRequest, finding: Finding, forms: dict) -> HttpResponse | None:
    require(request.user, "finding.accept", finding)
    form = forms["photos"] = FindingPhotosForm(request.POST, request.FILES)
    if not form.is_valid():
        return None
    typed = _with_photos_laid_down(request, finding, form, "finding.accept")
    return take(
        request,
        lambda: verbs.add_finding_photos(finding, by=request.user, **typed),
        to=reverse("finding_detail", args=[finding.pk]),
        done=_("The photos have been kept."),
        form=form,
    )


STEPS = {"answer": _answer, "accept": _accept, "return": _return, "photos": _photos}


def _take_step(request: HttpRequest, finding: Finding, forms: dict) -> HttpResponse | None:
    """Take the step that the pressed button names; any other name is a bad request."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise BadRequest
    return step(request, finding, forms)


@require_safe
def finding_photo(request: HttpRequest, pk: int) -> FileResponse:
    """Send a photo of a finding in its re-encoded form to whoever may see the finding."""
    photos = FindingPhoto.objects.filter(finding__in=Finding.objects.visible_to(request.user))
    photo = get_object_or_404(photos.select_related("evidence"), pk=pk)
    if not photo.evidence.display:
        raise Http404
    picture = photo.evidence.display.open("rb")
    return locked(FileResponse(picture, content_type="image/jpeg", filename=f"finding-{photo.pk}.jpg"))
