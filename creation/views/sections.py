"""Who of the organ answers which section of its self-rating: seen and changed on one page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from creation import rules, stages
from creation.actions import sections
from creation.forms.sections import SectionsForm
from creation.models import Assessment, Dimension
from creation.views.self_rating import WORKS_ON, crumbs_of, file_in_scope
from creation.views.taking import form_key_of, take


def self_rating_sections(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who has which section; a clerk gives sections to colleagues and takes them back."""
    file = file_in_scope(request, pk)
    rules.require(request.user, WORKS_ON, file)
    if request.method == "POST":
        rules.require(request.user, "file.answer", file)
        form_key_of(request)
    duties = {duty.dimension_id: duty for duty in file.duties.select_related("user", "given_by")}
    form = SectionsForm(
        request.POST or None,
        sections=_sections_of(file),
        clerks=sections.clerks_of(file),
        having={dimension: duty.user for dimension, duty in duties.items()},
    )
    if request.method == "POST" and form.is_valid():
        done = take(
            request,
            lambda: sections.share_out(file, form.wanted(), by=request.user),
            to=reverse("self_rating_detail", args=[file.pk]),
            done=_("Saved. Whoever was given a section has been told."),
            form=form,
        )
        if done is not None:
            return done
    context = {
        "file": file,
        "form": form,
        "duties": [(section, duties.get(section.pk if section else None)) for section in form.sections],
        "may_give": file.stage in stages.BEFORE_SUBMISSION and rules.may(request.user, "file.answer", file),
        "crumbs": crumbs_of(file),
    }
    return render(request, "creation/self_rating_sections.html", context)


def _sections_of(file: Assessment) -> list[Dimension | None]:
    """Return the dimensions of the file's standard, and None for the bonus where it has one."""
    standard = file.cycle.standard
    bonus = [None] if standard.indicators.filter(dimension=None).exists() else []
    return [*standard.dimensions.all(), *bonus]
