"""The yearly figures behind the gate of the standard: entered, reckoned, and taken over as the answer."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creation import energy, rules
from creation.actions import figures
from creation.actions.energy import (
    LABELS,
    Readings,
    contradicts,
    earlier_figures,
    energy_indicator,
    readings_of,
)
from creation.forms.energy import TakeOverForm, YearForm
from creation.models import Assessment, EnergyFigures
from creation.views.progress import Progress
from creation.views.self_rating import WORKS_ON, crumbs_of, file_in_scope
from creation.views.taking import take

# The prefixes of the two years' fields.
THIS, LAST = "this", "last"


@dataclass
class Desk:
    """A file with its figures as the page works with them."""

    file: Assessment
    readings: Readings
    earlier: EnergyFigures | None
    this: YearForm
    last: YearForm

    @property
    def forms(self) -> tuple[YearForm, YearForm]:
        """Return the forms of both years, the rated one first."""
        return self.this, self.last

    def saved(self, form: YearForm) -> EnergyFigures | None:
        """Return what is saved of the form's year."""
        return self.readings.this if form is self.this else self.readings.last


def desk_of(file: Assessment, data=None) -> Desk:
    """Return the figures of a file with a form for each year; last year's starts from the organ's earlier file."""
    readings = readings_of(file)
    earlier = None if readings.last else earlier_figures(file)
    this = YearForm(data, year=readings.year, seen=readings.this, saved=bool(readings.this), asks_why=True, prefix=THIS)
    last = YearForm(
        data,
        year=readings.year - 1,
        seen=readings.last or earlier,
        saved=bool(readings.last),
        asks_why=False,
        prefix=LAST,
    )
    return Desk(file, readings, earlier, this, last)


def self_rating_energy(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the figures of both years with all that is reckoned from them; save what was entered, and stay there."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.read_content", file)
    if request.method != "POST":
        return energy_page(request, desk_of(file))
    rules.require(request.user, "file.answer", file)
    desk = desk_of(file, request.POST)
    checked = [form.is_valid() for form in desk.forms]  # both, so that every fault is named at once
    if all(checked):
        response = take(
            request,
            lambda: figures.save_figures(file, by=request.user, years=_entries(desk)),
            to=reverse("self_rating_energy", args=[pk]),
            done=_("The figures are saved."),
            form=desk.this,
        )
        if response is not None:
            return response
    return energy_page(request, desk_of_refused(file_in_scope(request, pk), desk))


def _entries(desk: Desk) -> dict[int, figures.Entry]:
    entries = {form.year: form.entry() for form in desk.forms}
    return {year: entry for year, entry in entries.items() if entry is not None}


def desk_of_refused(file: Assessment, typed: Desk) -> Desk:
    """Return the page's figures as they stand now under the forms as they were typed."""
    return Desk(file, readings_of(file), typed.earlier, typed.this, typed.last)


def energy_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Render the page; where a colleague saved in between, both entries of a year stand side by side."""
    file, user = desk.file, request.user
    may_answer = file.is_editable and rules.may(user, "file.answer", file)
    shows_own = rules.may(user, "file.read_self_points", file)
    works_on = rules.may(user, WORKS_ON, file)
    context = {
        "file": file,
        "desk": desk,
        "readings": desk.readings,
        "rows": _rows(desk),
        "conflicts": _conflicts(desk),
        "shows_form": may_answer or desk.this.is_bound,
        "may_answer": may_answer,
        "works_on": works_on,
        "asks_why": _asks_why(desk.readings),
        "shows_points": shows_own,
        "may_manage": rules.may(user, "energy.manage"),
        "form": _summary(desk),
        "crumbs": crumbs_of(file) if works_on else crumbs_of(file)[:1],
        **(_own_answer(file, desk.readings) if shows_own else {}),
        **_headline(file, shows_own=shows_own),
    }
    return render(request, "creation/self_rating_energy.html", context)


def _headline(file: Assessment, *, shows_own: bool) -> dict:
    progress = Progress(file)
    return {"progress": progress, "headline": progress.headline(with_points=shows_own)}


def _own_answer(file: Assessment, readings: Readings) -> dict:
    """Return what the organ answered to the gate beside what its figures say of it."""
    indicator = energy_indicator(file.cycle.standard)
    answer = file.answers.filter(indicator=indicator).first() if indicator else None
    answered = answer is not None and answer.found is not None
    agrees = answered and readings.proposal != energy.UNKNOWN and not contradicts(answer, readings.proposal)
    return {
        "indicator": indicator,
        "answer": answer,
        "agrees": agrees,
        "contradicts": contradicts(answer, readings.proposal),
        "can_take_over": indicator is not None and readings.proposal != energy.UNKNOWN and not agrees,
    }


def _rows(desk: Desk) -> list[SimpleNamespace]:
    """Return one line for each amount: its name, the fields of both years, and what is saved of them."""
    return [
        SimpleNamespace(
            name=last.name,
            label=this.label,
            last=last,
            this=this,
            saved_last=getattr(desk.readings.last, this.name, None),
            saved_this=getattr(desk.readings.this, this.name, None),
        )
        for last, this in zip(desk.last.amounts(), desk.this.amounts(), strict=True)
    ]


def _conflicts(desk: Desk) -> list[SimpleNamespace]:
    found = []
    for form in desk.forms:
        saved = desk.saved(form)
        if form.is_bound and saved is not None and form.seen_version() != saved.version:
            form.go_on_from(saved.version)
            found.append(form.beside(saved))
    return [one for one in found if one is not None]


def _asks_why(readings: Readings) -> list[str]:
    return [str(LABELS[name]) for name in readings.problems.errors]


def _summary(desk: Desk) -> SimpleNamespace:
    """Return the faults of both years in the shape of one form, for the list at the top of the page."""
    faults = [
        SimpleNamespace(
            id_for_label=field.id_for_label,
            auto_id=field.auto_id,
            label=f"{form.year} · {field.label}",
            errors=field.errors,
        )
        for form in desk.forms
        if form.is_bound
        for field in form
        if field.errors
    ]
    common = [error for form in desk.forms if form.is_bound for error in form.non_field_errors()]
    return _Summary(faults, common)


class _Summary(list):
    """Fields with faults, and the faults of no field, as the template of error summaries reads them."""

    def __init__(self, fields: list, common: list):
        super().__init__(fields)
        self.non_field_errors = common
        self.errors = bool(fields or common)


@require_POST
def energy_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the gate as the figures say, and go on at the item."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.answer", file)
    form = TakeOverForm(request.POST)
    page = reverse("self_rating_energy", args=[pk])
    indicator = energy_indicator(file.cycle.standard)
    if not form.is_valid() or indicator is None:
        return energy_page(request, desk_of(file))
    return take(
        request,
        lambda: figures.take_over_proposal(file, by=request.user, **form.cleaned_data),
        to=reverse("self_rating_item", args=[pk, indicator.code]),
        back=page,
        done=_("Taken over from the figures. The evidence is still attached at this item."),
    )
