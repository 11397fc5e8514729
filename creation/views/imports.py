"""Pages of imports: hand a file in, watch it being checked, read what it would do, apply it or lay it aside."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from creation.forms.imports import ImportForm
from creation.importing import uploads
from creation.importing.differences import SHOWN as CHANGES_SHOWN
from creation.importing.faults import SHOWN as FAULTS_SHOWN
from creation.importing.faults import Fault, as_rows
from creation.importing.queue import faults_of
from creation.importing.work import KINDS
from creation.models import Import, Organ, Region
from creation.rules import require
from creation.spreadsheets import write_csv, write_workbook
from creation.views.organ_history import label_of, word_of
from creation.views.taking import take

IMPORTS_PER_PAGE = 50
RUNNING = (Import.State.WAITING, Import.State.CHECKING, Import.State.APPLYING)
PARTS = (
    ("added", gettext_lazy("Added")),
    ("changed", gettext_lazy("Changed")),
    ("closed", gettext_lazy("Closed or revoked")),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ALLOWED = {
    "kind": Region.Kind.choices,
    "category": Organ.Category.choices,
}


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """Return the files handed in so far, newest first, and the way to hand in another."""
    require(request.user, "register.import")
    found = uploads.visible_imports(request.user).select_related("by").defer("errors", "preview")
    page = Paginator(found, IMPORTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "kinds": Import.Kind.choices, "crumbs": _crumbs()[:1]}
    return render(request, "creation/import_list.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Register"), reverse("organ_list")), (_("Imports"), reverse("import_list"))]


def _kind(kind: str) -> Import.Kind:
    if kind not in Import.Kind.values:
        raise Http404
    return Import.Kind(kind)


def import_add(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the form for a file of this kind; a sent one is kept for checking, nothing else happens yet."""
    kind = _kind(kind)
    require(request.user, "register.import")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: uploads.hand_in(
                kind, form.cleaned_data["file"], sha256=form.cleaned_data["sha256"], by=request.user
            ),
            to=lambda imported: reverse("import_detail", args=[imported.pk]),
            form=form,
        )
        if answer:
            return answer
    columns = KINDS[kind].COLUMNS
    context = {
        "form": form,
        "kind": kind,
        "columns": columns,
        "allowed": [(name, ALLOWED[name]) for name in columns if name in ALLOWED],
        "crumbs": _crumbs(),
    }
    return render(request, "creation/import_add.html", context)


@require_safe
def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """Return a CSV file with the heading of this kind, ready to be filled in."""
    kind = _kind(kind)
    require(request.user, "register.import")
    return _download(write_csv([KINDS[kind].COLUMNS]), "text/csv; charset=utf-8", f"{kind}.csv")


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


@require_safe
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return how far the file is, what it would change or what is wrong with it; htmx asks for the part that moves."""
    imported = _import(request, pk)
    context = {"import": imported, "running": imported.state in RUNNING}
    if request.htmx and not request.htmx.boosted:
        answer = render(request, "creation/_import_progress.html", context)
        if not context["running"]:
            answer["HX-Refresh"] = "true"  # the preview or the errors need the whole page
        return answer
    context |= {
        "parts": _parts(imported),
        "faults": [Fault(*kept) for kept in imported.errors[:FAULTS_SHOWN]],
        "faults_total": imported.preview.get("faults", len(imported.errors)),
        "mine": imported.by_id == request.user.pk,
        "limit": CHANGES_SHOWN,
        "differences": sum(imported.preview.get("counts", {}).values()),
        "crumbs": _crumbs(),
    }
    return render(request, "creation/import_detail.html", context)


def _import(request: HttpRequest, pk: int) -> Import:
    imported = get_object_or_404(uploads.visible_imports(request.user).select_related("by"), pk=pk)
    require(request.user, "register.import")
    return imported


def _parts(imported: Import) -> list[dict]:
    """Return added, changed and closed with exact counts and the first rows of each in words."""
    counts, shown = imported.preview.get("counts", {}), imported.preview.get("shown", {})
    return [
        {
            "slug": slug,
            "label": label,
            "count": counts.get(slug, 0),
            "rows": [_in_words(row) for row in shown.get(slug, [])],
        }
        for slug, label in PARTS
    ]


def _in_words(row: dict) -> dict:
    facts = [(label_of(field), word_of(field, value)) for field, value in row["facts"].items() if field != "name"]
    changes = [(label_of(field), word_of(field, old), word_of(field, new)) for field, old, new in row["changes"]]
    return {"code": row["code"], "name": row["name"], "facts": facts, "changes": changes}


@require_POST
def import_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the worker write what the preview says; the file is checked once more right before."""
    imported = _import(request, pk)
    page = reverse("import_detail", args=[pk])
    return take(request, lambda: uploads.confirm(imported, by=request.user), to=page)


@require_POST
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay the file aside."""
    imported = _import(request, pk)
    return take(
        request,
        lambda: uploads.discard(imported, by=request.user),
        to="import_list",
        back=reverse("import_detail", args=[pk]),
        done=_("The file has been laid aside; nothing was changed."),
    )


@require_safe
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Return every error of the file as CSV, or as a workbook with `?format=xlsx`."""
    imported = _import(request, pk)
    rows = as_rows(faults_of(imported))
    name = f"errors-{imported.pk}"
    if request.GET.get("format") == "xlsx":
        return _download(write_workbook({"errors": rows}), XLSX, f"{name}.xlsx")
    return _download(write_csv(rows), "text/csv; charset=utf-8", f"{name}.csv")
