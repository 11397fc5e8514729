"""Yearly rounds: laid out, corrected, opened, closed."""

from decimal import Decimal

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from creation import clock, stages
from creation.actions import cycles
from creation.errors import Forbidden
from creation.forms.cycles import SETTINGS, CycleForm
from creation.models import WINDOWS, Assessment, Cycle, Region
from creation.rules import may, require
from creation.views.taking import take

WINDOW_NAMES = {
    "self_rating": gettext_lazy("Self-rating"),
    "inspection": gettext_lazy("Inspection"),
    "spot_check": gettext_lazy("Spot check"),
    "publicity": gettext_lazy("Publicity"),
}


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Rounds"), reverse("cycle_list")), *more]


def _page_of(cycle: Cycle) -> str:
    return reverse("cycle_detail", args=[cycle.pk])


def _own_regions(user) -> list[Region]:
    """Return the municipalities in which the person may lay out a round; nobody without one comes further."""
    regions = Region.objects.filter(pk__in=user.region_ids("official"))
    mine = [region for region in regions if may(user, "cycle.create", region)]
    if not mine:
        raise Forbidden(_("Only an official of a municipality lays out a round."))
    return mine


@require_safe
def cycle_list(request: HttpRequest) -> HttpResponse:
    """Return the rounds that have been opened, and the drafts of the official's own municipality."""
    rounds = Cycle.objects.visible_to(request.user).select_related("region", "standard")
    return render(request, "creation/cycle_list.html", {"cycles": rounds})


def cycle_add(request: HttpRequest) -> HttpResponse:
    """Return the form that lays out a round, filled with what is usual; a sent one lays it out."""
    form = CycleForm(request.POST or None, regions=_own_regions(request.user))
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: cycles.create_cycle(form.instance, by=request.user),
            to=_page_of,
            done=_("The round is laid out. Organs see it once it is opened."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/cycle_add.html", {"form": form, "crumbs": _crumbs()})


def cycle_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form that corrects a round before it is opened; a sent one changes it."""
    cycle = get_object_or_404(Cycle.objects.visible_to(request.user), pk=pk)
    require(request.user, "cycle.manage", cycle)
    form = CycleForm(request.POST or None, instance=cycle, regions=_own_regions(request.user))
    form.fields["region"].disabled = True
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: cycles.change_cycle(form.instance, by=request.user),
            to=_page_of,
            done=_("The round has been changed."),
            form=form,
        )
        if answer:
            return answer
    context = {"form": form, "crumbs": _crumbs((str(Cycle.objects.get(pk=pk)), reverse("cycle_detail", args=[pk])))}
    return render(request, "creation/cycle_change.html", context)


@require_safe
def cycle_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a round: its windows, its settings, and how many files stand at which stage."""
    cycle = get_object_or_404(Cycle.objects.visible_to(request.user).select_related("region", "standard"), pk=pk)
    today = clock.today()
    windows = [(WINDOW_NAMES[name], *cycle.window(name), _state_of(cycle.window(name), today)) for name in WINDOWS]
    settings = [
        (Cycle._meta.get_field(name).verbose_name, _plain(getattr(cycle, name)), explained)
        for name, explained in SETTINGS.items()
    ]
    context = {
        "cycle": cycle,
        "windows": windows,
        "settings": settings,
        "files": _files_by_stage(cycle, request.user),
        "crumbs": _crumbs(),
    }
    return render(request, "creation/cycle_detail.html", context)


def _plain(value: object) -> object:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _state_of(window: tuple, today) -> str:
    first, last = window
    if today < first:
        return _("not begun")
    return _("ended") if today > last else _("running")


def _files_by_stage(cycle: Cycle, user) -> list[tuple[str, stages.Text, int]]:
    files = Assessment.objects.visible_to(user).shown_to(user).filter(cycle=cycle)
    counts = dict(files.order_by().values_list("shown_stage").annotate(Count("pk", distinct=True)))
    return [(stage, label, counts[stage]) for stage, label in stages.LABELS.items() if stage in counts]


def cycle_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page that names what opening means; a sent form opens the round."""
    return _step(request, pk, cycles.open_cycle, "creation/cycle_open.html", _("The round is open."))


def cycle_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page that names what closing means; a sent form closes the round."""
    return _step(request, pk, cycles.close_cycle, "creation/cycle_close.html", _("The round is closed."))


def _step(request: HttpRequest, pk: int, verb, template: str, done: str) -> HttpResponse:
    cycle = get_object_or_404(Cycle.objects.visible_to(request.user).select_related("region", "standard"), pk=pk)
    require(request.user, "cycle.manage", cycle)
    if request.method == "POST":
        return take(request, lambda: verb(cycle, by=request.user), to=_page_of(cycle), done=done)
    context = {"cycle": cycle, "crumbs": _crumbs((str(cycle), _page_of(cycle)))}
    return render(request, template, context)
