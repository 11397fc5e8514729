"""Yearly figures from a file: read, shown beside what is saved, and only then saved."""

from decimal import Decimal

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import rules
from creation.actions import figures
from creation.actions.energy import FIELDS, LABELS, canonical, earlier_figures, figures_of
from creation.forms.energy import read_amount
from creation.forms.uploads import TableForm, on_disk
from creation.importing.energy import COLUMNS, heading_of, read_figures
from creation.models import Assessment, EnergyFigures
from creation.spreadsheets import write_csv, write_workbook
from creation.views.imports import XLSX
from creation.views.self_rating import crumbs_of, file_in_scope
from creation.views.taking import take

ENDINGS = (".csv", ".xlsx")
A_DAY = 24 * 60 * 60


def _file(request: HttpRequest, pk: int) -> Assessment:
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.answer", file)
    return file


def _years(file: Assessment) -> tuple[int, int]:
    return file.cycle.calendar_year - 1, file.cycle.calendar_year


def _salt(request: HttpRequest, file: Assessment) -> str:
    return f"energy-import-{file.pk}-{request.user.pk}"


def energy_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form that takes a file in; a sent one is read and shown with every fault or with what would change."""
    file = _file(request, pk)
    form = TableForm(request.POST or None, request.FILES or None, endings=ENDINGS)
    context = {"form": form, "read": False}
    if request.method == "POST" and form.is_valid():
        with on_disk(form.cleaned_data["file"]) as path:
            found, faults = read_figures(path, _years(file))
        context |= {"read": True, "faults": faults, "name": form.cleaned_data["file"].name}
        if not faults:
            saved = figures_of(file)
            changes = _changes(found, saved)
            versions = {year: saved[year].version if year in saved else 0 for year in found}
            parcel = signing.dumps(_packed(found, versions), salt=_salt(request, file), compress=True)
            context |= {"changes": changes, "parcel": parcel}
    return _page(request, file, context)


def _page(request: HttpRequest, file: Assessment, context: dict) -> HttpResponse:
    more = {
        "file": file,
        "editable": file.is_editable,
        "columns": [heading_of(name) for name in COLUMNS],
        "years": _years(file),
        "crumbs": [*crumbs_of(file), (_("Energy figures"), reverse("self_rating_energy", args=[file.pk]))],
    }
    return render(request, "creation/energy_import.html", context | more)


def _changes(found: dict[int, dict], saved: dict[int, EnergyFigures]) -> list[tuple[int, str, str, str]]:
    """Return what the file would change as (year, name, saved, in the file)."""
    rows = []
    for year, values in sorted(found.items()):
        now = figures.columns_of(saved.get(year))
        rows += [
            (year, str(LABELS[name]), _text(now[name]), _text(value))
            for name, value in values.items()
            if _text(now[name]) != _text(value)
        ]
    return rows


def _text(value: Decimal | int | str | None) -> str:
    return value if isinstance(value, str) else canonical(value) or ""


def _packed(found: dict[int, dict], versions: dict[int, int]) -> dict:
    return {
        str(year): {"version": versions[year], "values": {name: _text(value) for name, value in values.items()}}
        for year, values in found.items()
    }


@require_POST
def energy_import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what the preview showed; what a colleague saved since is not overwritten, the file is to be read anew."""
    file = _file(request, pk)
    page = reverse("energy_import", args=[pk])
    try:
        parcel = signing.loads(request.POST.get("parcel", ""), salt=_salt(request, file), max_age=A_DAY)
    except signing.BadSignature:
        messages.error(request, _("The preview is too old or was changed. Nothing was saved; choose the file again."))
        return redirect(page)
    saved = figures_of(file)
    entries = {int(year): _entry(row, saved.get(int(year))) for year, row in parcel.items()}
    return take(
        request,
        lambda: figures.save_figures(file, by=request.user, years=entries),
        to=reverse("self_rating_energy", args=[pk]),
        back=page,
        done=_("The figures of the file are saved."),
    )


def _entry(row: dict, saved: EnergyFigures | None) -> figures.Entry:
    """Return what is to be saved of one year: what the file says, and what is saved where it says nothing."""
    values = figures.columns_of(saved)
    for name, typed in row["values"].items():
        values[name] = typed if name == "change_reason" else read_amount(name, typed)
    reason = values.pop("change_reason")
    return figures.Entry(values, reason, row["version"])


@require_safe
def energy_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a table to fill in, with both years as they are saved; CSV, or a workbook with `?format=xlsx`."""
    file = _file(request, pk)
    saved = figures_of(file)
    rows: list[list] = [[heading_of(name) for name in COLUMNS]]
    for year in _years(file):
        row = saved.get(year) or (earlier_figures(file) if year != file.cycle.calendar_year else None)
        reason = saved[year].change_reason if year in saved else ""
        rows.append([year, *(_number(getattr(row, name, None)) for name in FIELDS), reason])
    name = f"energy-{file.pk}"
    if request.GET.get("format") == "xlsx":
        return _download(write_workbook({"figures": rows}), XLSX, f"{name}.xlsx")
    return _download(write_csv(rows), "text/csv; charset=utf-8", f"{name}.csv")


def _number(amount: Decimal | int | None) -> Decimal | None:
    text = canonical(amount)
    return None if text is None else Decimal(text)


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
