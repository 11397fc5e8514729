"""Assigning many files at once: choose them, look through the proposed teams (or those of a file), assign."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from creation import clock, stages
from creation.errors import Forbidden
from creation.forms.imports import ImportForm
from creation.importing.faults import Faults
from creation.spreadsheets import write_csv, write_workbook
from creation.views.taking import take
from reviews.actions.assignments import Assignment, assign_many, files_to_assign, propose_teams
from reviews.actions.teams import team_choices
from reviews.forms.assignments import MOST, AssignmentForm, ProposalForm, ReviewForm
from reviews.importing import COLUMNS, read_assignments

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _waiting(request: HttpRequest):
    """Return the files that wait for a team of the person's department; 403 for whoever assigns none."""
    if not request.user.region_ids("official"):
        raise Forbidden(_("You do not have the right to this step."))
    return files_to_assign(request.user)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Files"), reverse("file_list"))]


@require_safe
def assignment_choose(request: HttpRequest) -> HttpResponse:
    """Show the files that wait for a team: propose teams for some, or take a file (`?format=` gives one to fill in)."""
    waiting = _waiting(request)
    if request.GET.get("format") in TYPES:
        rows = [COLUMNS, *((file.organ.credit_code, str(file.organ), "", "", "") for file in waiting)]
        return _download(rows, request.GET["format"])
    return _choose_page(request, waiting)


def _download(rows: list, ending: str) -> HttpResponse:
    content = write_csv(rows) if ending == "csv" else write_workbook({"assignments": rows})
    response = HttpResponse(content, content_type=TYPES[ending])
    response["Content-Disposition"] = f'attachment; filename="assignments.{ending}"'
    return response


def _choose_page(request: HttpRequest, waiting, *, form=None, upload=None, faults=None) -> HttpResponse:
    context = {
        "form": form or ProposalForm(waiting, initial=ProposalForm.usual(clock.today())),
        "upload": upload or ImportForm(),
        "faults": faults,
        "waiting": list(waiting),
        "most": MOST,
        "has_errors": bool((form and form.errors) or (upload and upload.errors) or faults),
        "crumbs": _crumbs(),
    }
    return render(request, "reviews/assignment_choose.html", context)


@require_safe
def assignment_propose(request: HttpRequest) -> HttpResponse:
    """Show a proposed team for each chosen file, to be looked through and changed; nothing is written."""
    waiting = _waiting(request)
    form = ProposalForm(waiting, request.GET)
    if not form.is_valid():
        return _choose_page(request, waiting, form=form)
    asked = form.cleaned_data
    proposals = propose_teams(asked["file"], first=asked["first"], last=asked["last"], per_day=asked["per_day"])
    return _review_page(request, [_row(one) for one in proposals])


@require_POST
def assignment_read(request: HttpRequest) -> HttpResponse:
    """Read a file with assignments and show each team, or every fault of the file at once; nothing is written."""
    waiting = _waiting(request)
    upload = ImportForm(request.POST, request.FILES)
    if not upload.is_valid():
        return _choose_page(request, waiting, upload=upload)
    faults = Faults()
    found = _on_disk(upload.cleaned_data["file"], lambda path: read_assignments(path, list(waiting), faults))
    if faults.total or len(found) > MOST:
        if len(found) > MOST:
            upload.add_error("file", _("Choose at most %(most)s files at once.") % {"most": MOST})
        return _choose_page(request, waiting, upload=upload, faults=faults)
    return _review_page(request, [_row(one) for one in found])


def _on_disk(file: UploadedFile, read: Callable[[Path], list[Assignment]]) -> list[Assignment]:
    """Return what `read` makes of the upload, which the readers of tables want as a file on the disk."""
    with tempfile.NamedTemporaryFile() as copy:
        for block in file.chunks():
            copy.write(block)
        copy.flush()
        return read(Path(copy.name))


@require_POST
def assignment_assign(request: HttpRequest) -> HttpResponse:
    """Assign every ticked team, all or nothing; what stands against one is shown at it."""
    waiting = {str(file.pk): file for file in _waiting(request)}
    shown = [waiting[pk] for pk in dict.fromkeys(request.POST.getlist("file")) if pk in waiting][:MOST]
    rows = [_row(Assignment(file), request.POST) for file in shown]
    head = ReviewForm(request.POST)
    if all(row.is_valid() for row in rows):
        chosen = [row.assignment() for row in rows if row.cleaned_data["take"]]
        response = take(
            request,
            lambda: assign_many(chosen, by=request.user),
            to=f"{reverse('file_list')}?stage={stages.UNDER_INSPECTION}",
            done=ngettext("%(number)s team has been assigned.", "%(number)s teams have been assigned.", len(chosen))
            % {"number": len(chosen)},
            form=head,
        )
        if response:
            return response
    return _review_page(request, rows, head=head)


def _row(one: Assignment, data=None) -> AssignmentForm:
    """Return the form of one team, with who could go on the day shown and who cannot, and why."""
    form = AssignmentForm(one.file, data, present=one)
    form.offer(team_choices(one.file, "inspection", _day_shown(form, one)))
    return form


def _day_shown(form: AssignmentForm, one: Assignment):
    """Return the day for which people are looked up: as typed, as proposed, or the first possible one."""
    first, last = one.file.cycle.window("inspection")
    day = form.typed_day() or one.visit_on
    # nobody could go outside the window, and the verb that gets such a day says so
    return day if day and first <= day <= last else max(clock.today(), first)


def _review_page(request: HttpRequest, rows: list[AssignmentForm], *, head: ReviewForm | None = None) -> HttpResponse:
    crumbs = [*_crumbs(), (_("Assign many"), reverse("assignment_choose"))]
    head = head or ReviewForm()
    wrong = bool(head.errors) or any(row.is_bound and row.errors for row in rows)
    context = {"rows": rows, "form": head, "has_errors": wrong, "crumbs": crumbs}
    return render(request, "reviews/assignment_review.html", context)
