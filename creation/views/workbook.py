"""The way through Excel: download what is there, bring it back, look at the difference, and only then save it."""

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from creation import rules
from creation.actions.figures import Entry
from creation.actions.workbook import Given, apply_workbook
from creation.exporting import workbook_of
from creation.forms.energy import read_amount
from creation.forms.uploads import TableForm, on_disk
from creation.importing.workbook import read_workbook
from creation.models import Assessment
from creation.views.imports import XLSX
from creation.views.progress import Progress
from creation.views.self_rating import crumbs_of, file_in_scope
from creation.views.taking import take

A_DAY = 24 * 60 * 60


def _file(request: HttpRequest, pk: int) -> Assessment:
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.answer", file)
    return file


def _salt(request: HttpRequest, file: Assessment) -> str:
    return f"workbook-{file.pk}-{request.user.pk}"


def self_rating_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page of the way through Excel; a workbook that is brought is shown with its faults or differences."""
    file = _file(request, pk)
    form = TableForm(request.POST or None, request.FILES or None, endings=(".xlsx",))
    context: dict = {"form": form, "brought": None}
    if request.method == "POST" and form.is_valid():
        with on_disk(form.cleaned_data["file"]) as path:
            brought = read_workbook(path, file)
        parcel = {one.key: one.payload for one in brought.differences}
        context |= {
            "brought": brought,
            "faults": brought.faults,
            "name": form.cleaned_data["file"].name,
            "changes": [one for one in brought.differences if not one.conflict],
            "conflicts": [one for one in brought.differences if one.conflict],
            "parcel": signing.dumps(parcel, salt=_salt(request, file), compress=True),
        }
    progress = Progress(file)
    context |= {
        "file": file,
        "progress": progress,
        "headline": progress.headline(),
        "editable": file.is_editable,
        "crumbs": crumbs_of(file),
    }
    return render(request, "creation/self_rating_workbook.html", context)


@require_safe
def workbook_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the workbook, filled with what is saved."""
    file = _file(request, pk)
    headers = {"Content-Disposition": f'attachment; filename="self-rating-{file.cycle.year}-{file.pk}.xlsx"'}
    return HttpResponse(workbook_of(file), content_type=XLSX, headers=headers)


@require_POST
def workbook_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what the page showed: the changes, and of the conflicts those that were ticked."""
    file = _file(request, pk)
    page = reverse("self_rating_workbook", args=[pk])
    try:
        parcel = signing.loads(request.POST.get("parcel", ""), salt=_salt(request, file), max_age=A_DAY)
    except signing.BadSignature:
        messages.error(request, _("The comparison is too old or was changed. Nothing was saved; bring the file again."))
        return redirect(page)
    chosen = {key: parcel[key] for key in request.POST.getlist("take") if key in parcel}
    answers = {row["code"]: _given(row) for row in chosen.values() if "code" in row}
    years = {row["year"]: _entry(row) for row in chosen.values() if "year" in row}
    count = len(chosen)
    done = ngettext("%(count)s change was saved.", "%(count)s changes were saved.", count) % {"count": count}
    return take(
        request,
        lambda: apply_workbook(file, by=request.user, answers=answers, years=years),
        to=reverse("self_rating_detail", args=[pk]),
        back=page,
        done=done,
    )


def _given(row: dict) -> Given:
    return Given(row["found"], row["not_applicable"], row["remark"], row["version"])


def _entry(row: dict) -> Entry:
    values = {name: typed for name, typed in row["values"].items() if name != "change_reason"}
    amounts = {name: read_amount(name, typed) for name, typed in values.items()}
    return Entry(amounts, row["values"].get("change_reason", ""), row["version"])
