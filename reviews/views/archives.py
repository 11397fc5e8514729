"""The archive of a closed round: ask for it, watch it being written, download it; and what proves it, for everybody."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation.errors import Refused
from creation.models import Cycle
from creation.rules import require
from creation.views.taking import as_text, form_key_of, take
from reviews.actions import archives
from reviews.archives.round import VERIFIER
from reviews.exporting import as_download
from reviews.forms.archives import ArchiveForm
from reviews.models import ArchiveExport
from reviews.views.public import answer_unless_known


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the archives of a round, and the form that asks for one; htmx asks for the part that moves."""
    cycle = get_object_or_404(Cycle.objects.visible_to(request.user).select_related("region"), pk=pk)
    require(request.user, "archive.manage", cycle)
    rows = ArchiveExport.objects.visible_to(request.user).filter(cycle=cycle).select_related("asked_by")
    at_work = rows.at_work().first()
    if request.htmx and not request.htmx.boosted:
        answer = render(request, "reviews/_archive_progress.html", {"cycle": cycle, "export": at_work})
        if at_work is None:
            answer["HX-Refresh"] = "true"  # the list below needs the whole page
        return answer
    form = ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: archives.ask_for_archive(cycle, retention=form.cleaned_data["retention"], by=request.user),
            to=reverse("cycle_archive", args=[pk]),
            done=_("The archive is being written. You will get a message."),
            form=form,
        )
        if answer:
            return answer
    crumbs = [(_("Rounds"), reverse("cycle_list")), (str(cycle), reverse("cycle_detail", args=[pk]))]
    exports = list(rows)
    for row in exports:
        row.is_there = archives.path_of(row).is_file()
    context = {"cycle": cycle, "form": form, "export": at_work, "exports": exports, "crumbs": crumbs}
    context["days"] = settings.ARCHIVE_DAYS
    return render(request, "reviews/cycle_archive.html", context)


@never_cache
@require_POST
def archive_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a written archive; every download is recorded. Nobody but the municipality's officials knows of it."""
    form_key_of(request)
    found = ArchiveExport.objects.visible_to(request.user).select_related("cycle__region")
    export = get_object_or_404(found, pk=pk)
    try:
        path = archives.hand_out(export, by=request.user)
    except Refused as refused:
        messages.error(request, as_text(refused))
        return redirect("cycle_archive", export.cycle_id)
    return as_download(path, name=export.name, content_type="application/zip")


@login_not_required
@require_safe
def archive_verifier(request: HttpRequest) -> HttpResponse:
    """Return the stand-alone program that proves an archive complete and unchanged."""
    response = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_archive.py"'
    return answer_unless_known(request, response)
