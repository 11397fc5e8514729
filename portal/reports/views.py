"""Reports: one's own list with how far each is, the form that asks for one, the download."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from creation.errors import Refused
from creation.views.taking import as_text, form_key_of, take
from portal.reports import asking
from portal.reports.kinds import KINDS
from reviews.exporting import as_download
from reviews.models import Report

PER_PAGE = 25
LONGEST_QUERY = 2000
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@never_cache
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Show one's own reports, the newest first; htmx asks for the part that moves while something is written."""
    rows = Report.objects.filter(asked_by=request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    shown = [
        (row, title, asking.key_of(row) if asking.is_known(row) else "")
        for row, title in zip(page, asking.titles_of(page), strict=True)
    ]
    context = {
        "page": page,
        "rows": shown,
        "at_work": any(row.state in asking.AT_WORK for row, _title, _key in shown),
        "days": settings.REPORT_DAYS,
    }
    part = request.htmx and not request.htmx.boosted
    return render(request, "portal/_report_rows.html" if part else "portal/report_list.html", context)


@require_POST
def report_ask(request: HttpRequest) -> HttpResponse:
    """Ask for what a page shows (`kind`, `format`, and the page's own address as `query`) and lead to the list."""
    form_key_of(request)
    kind = KINDS.get(request.POST.get("kind", ""))
    asked = QueryDict(request.POST.get("query", "")[:LONGEST_QUERY]).dict()
    if kind is None or kind.clean(asked, request.user) is None:
        raise Http404
    return take(
        request,
        lambda: asking.ask(kind.slug, request.POST.get("format", ""), asked, by=request.user),
        to=reverse("report_list"),
        done=_("It is being written. You will get a message when it is ready."),
    )


@never_cache
@require_POST
def report_download(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Return a written report to whoever asked for it; every download is recorded."""
    form_key_of(request)
    report = get_object_or_404(Report, pk=pk, asked_by=request.user)
    if not asking.has_key(report, key):
        raise Http404
    try:
        path = asking.hand_out(report, by=request.user)
    except Refused as refused:
        messages.error(request, as_text(refused))
        return redirect("report_list")
    return as_download(path, name=report.name, content_type=TYPES[report.format])
