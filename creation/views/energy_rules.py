"""Conversion factors and energy goals: listed with their history, laid down, never rewritten."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.actions import figures
from creation.actions.energy import factors_on
from creation.forms.energy import FactorForm, GoalForm
from creation.models import ConversionFactor, EnergyGoal
from creation.rules import require
from creation.views.taking import take


@require_safe
def factor_list(request: HttpRequest) -> HttpResponse:
    """Return every factor with its date and source, newest first; the one that holds today is named."""
    require(request.user, "energy.manage")
    context = {
        "factors": ConversionFactor.objects.select_related("entered_by"),
        "holding": {row.pk for row in factors_on(clock.today())},
        "crumbs": [(_("Rounds"), reverse("cycle_list"))],
    }
    return render(request, "creation/factor_list.html", context)


def factor_add(request: HttpRequest) -> HttpResponse:
    """Return the form of a factor; a sent one lays it down."""
    require(request.user, "energy.manage")
    form = FactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: figures.add_factor(form.instance, by=request.user),
            to=reverse("factor_list"),
            done=_("The factor is laid down. Files that are not submitted yet are reckoned with it from its date on."),
            form=form,
        )
        if answer:
            return answer
    crumbs = [(_("Conversion factors"), reverse("factor_list"))]
    return render(request, "creation/factor_add.html", {"form": form, "crumbs": crumbs})


@require_safe
def energy_goal_list(request: HttpRequest) -> HttpResponse:
    """Return the goals of the person's regions with their sources, newest year first; the row that holds is named."""
    require(request.user, "energy.manage")
    goals = EnergyGoal.objects.filter(region__in=request.user.scope("official"))
    rows = list(goals.select_related("region", "entered_by").order_by("-year", "region__position", "measure", "-pk"))
    newest: dict[tuple, int] = {}
    for row in rows:
        newest.setdefault((row.region_id, row.year, row.measure), row.pk)
    context = {
        "goals": rows,
        "holding": set(newest.values()),
        "crumbs": [(_("Rounds"), reverse("cycle_list"))],
    }
    return render(request, "creation/energy_goal_list.html", context)


def energy_goal_add(request: HttpRequest) -> HttpResponse:
    """Return the form of a goal; a sent one lays it down."""
    require(request.user, "energy.manage")
    form = GoalForm(request.POST or None, regions=request.user.scope("official"))
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: figures.add_goal(form.instance, by=request.user),
            to=reverse("energy_goal_list"),
            done=_("The goal is laid down. It holds at once for every file of that year that is not submitted yet."),
            form=form,
        )
        if answer:
            return answer
    crumbs = [(_("Energy goals"), reverse("energy_goal_list"))]
    return render(request, "creation/energy_goal_add.html", {"form": form, "crumbs": crumbs})
