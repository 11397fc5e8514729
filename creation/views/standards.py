"""Standards: import, preview as raters will see it, publish once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from creation.actions import standards
from creation.errors import Refused
from creation.forms.standards import StandardForm
from creation.models import Standard
from creation.rules import require
from creation.scoring import VETOES
from creation.views.taking import take

CHECKS = {
    "documents": gettext_lazy("documents"),
    "site": gettext_lazy("on site"),
    "questionnaire": gettext_lazy("questionnaire"),
    "data": gettext_lazy("data"),
}
VETO_WORDS = {
    "target_missed": gettext_lazy("Annual target missed"),
    "major_accident": gettext_lazy("Major safety accident within three years"),
    "verified_waste": gettext_lazy("Verified waste"),
    "falsified_data": gettext_lazy("Falsified data"),
}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Standards"), reverse("standard_list")), *more]


@require_safe
def standard_list(request: HttpRequest) -> HttpResponse:
    """Return the published standards, and to those who may publish them the drafts as well."""
    standards_shown = Standard.objects.visible_to(request.user).select_related("published_by")
    return render(request, "creation/standard_list.html", {"standards": standards_shown})


def standard_import(request: HttpRequest) -> HttpResponse:
    """Return the form that takes in a standard; a faulty file comes back with all its faults as a table."""
    require(request.user, "standard.manage")
    form = StandardForm(request.POST or None, request.FILES or None)
    problems: list[tuple[str, object]] = []
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: _import(form.cleaned_data["file"], problems, by=request.user),
            to=_page_of,
            done=_("Taken in as a draft. Read it as raters will see it, then publish it."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/standard_import.html", {"form": form, "problems": problems, "crumbs": _crumbs()})


def _import(raw: bytes, problems: list[tuple[str, object]], *, by) -> Standard:
    try:
        return standards.import_standard(raw, by=by)
    except Refused as refused:
        problems += refused.problems
        raise Refused(refused.message, field="file") from refused


def _page_of(standard: Standard) -> str:
    return reverse("standard_detail", args=[standard.pk])


@require_safe
def standard_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a standard as raters see it: areas of work, indicators, rubrics in words, vetoes."""
    standard = get_object_or_404(Standard.objects.visible_to(request.user).select_related("published_by"), pk=pk)
    indicators = list(standard.indicators.all())
    for indicator in indicators:
        indicator.checks = [CHECKS.get(check, check) for check in indicator.check_by]
    groups = [
        (dimension, [indicator for indicator in indicators if indicator.dimension_id == dimension.pk])
        for dimension in standard.dimensions.all()
    ]
    context = {
        "standard": standard,
        "groups": groups,
        "bonus": [indicator for indicator in indicators if indicator.bonus],
        "count": len(indicators),
        "examples": sum(indicator.points_source == "proposed" for indicator in indicators),
        "vetoes": [VETO_WORDS[veto] for veto in VETOES],
        "crumbs": _crumbs(),
    }
    return render(request, "creation/standard_detail.html", context)


def standard_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page that names what publishing means; a sent form publishes the standard for good."""
    standard = get_object_or_404(Standard.objects.visible_to(request.user), pk=pk)
    require(request.user, "standard.manage")
    if request.method == "POST":
        return take(
            request,
            lambda: standards.publish_standard(standard, by=request.user),
            to=_page_of(standard),
            done=_("Published. From now on nobody can change this version."),
        )
    context = {"standard": standard, "crumbs": _crumbs((str(standard), _page_of(standard)))}
    return render(request, "creation/standard_publish.html", context)
