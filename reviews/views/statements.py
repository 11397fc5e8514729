"""The organ is heard on a spot check: its own page, and the page where the team takes its words down."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from creation import clock
from creation.rules import require
from creation.views.taking import take
from reviews.actions import statements
from reviews.forms.statements import StatementForm, TakenDownForm
from reviews.models import Inspection
from reviews.views.inspections import about, visit_in_scope
from reviews.views.walk import Walk


def visit_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the organ's staff say what it has to say to a spot check, from the day of the visit on; 404 before."""
    hearings = Inspection.objects.hearing(request.user, clock.today()).with_file()
    visit = get_object_or_404(hearings.prefetch_related("statements__by"), pk=pk)
    require(request.user, "visit.state", visit)
    form = StatementForm(request.POST or None)
    page = reverse("file_detail", args=[visit.assessment_id])
    if form.is_valid():
        response = take(
            request,
            lambda: statements.state(visit, by=request.user, **form.cleaned_data),
            to=page,
            done=_("What your organ says has been kept. The team reads it before it files."),
            form=form,
        )
        if response:
            return response
    organ = str(visit.assessment.organ)
    context = {"visit": visit, "file": visit.assessment, "form": form, "crumbs": [(organ, page)]}
    return render(request, "reviews/visit_state.html", context)


def visit_take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the team take down what the organ says, or that it had nothing to say."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    form = TakenDownForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: statements.take_down_statement(visit, by=request.user, **form.cleaned_data),
            to=reverse("inspection_detail", args=[pk]),
            done=_("What the organ says has been kept."),
            form=form,
        )
        if response:
            return response
    walk = Walk(visit)
    context = {**about(request, visit, walk), "form": form, "statements": visit.statements.select_related("by")}
    return render(request, "reviews/visit_take_down.html", context)
