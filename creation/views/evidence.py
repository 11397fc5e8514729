"""An organ's library of evidence, and the way its files leave the portal."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation.actions import evidence
from creation.errors import Forbidden
from creation.forms.evidence import UploadForm
from creation.models import Attachment, Evidence, Organ
from creation.views.taking import form_key_of, take

PAGE = 50
# Whatever a file holds, the browser that shows it runs nothing and asks for nothing.
LOCKED = "default-src 'none'; sandbox"


def evidence_list(request: HttpRequest) -> HttpResponse:
    """Show the organ's library with what each file is attached to."""
    return _list_page(request, UploadForm(organs=_own_organs(request)))


@require_POST
def evidence_upload(request: HttpRequest) -> HttpResponse:
    """Put several files into the library, each with its own result in words."""
    form_key_of(request)
    form = UploadForm(request.POST, request.FILES, organs=_own_organs(request))
    if form.is_valid():
        organ, brought = form.cleaned_data["organ"], form.cleaned_data["files"]
        # Writing originals takes long and would hold up every other writer inside the form's transaction. The library
        # keeps the same content once, so that a form sent twice does no harm here.
        for checked in brought.kept:
            evidence.upload_evidence(organ, checked, by=request.user)
        done = take(request, lambda: None, to=reverse("evidence_list"), form=form)
        if done is not None:
            for checked in brought.kept:
                messages.success(request, _("“%(name)s” is in the library.") % {"name": checked.name})
            for _name, sentence in brought.faults:
                messages.error(request, sentence)
            return done
    return _list_page(request, form)


def _own_organs(request: HttpRequest):
    """Return the organs where the person works; whoever works at none has no library to look at."""
    if not request.user.organ_ids():
        raise Forbidden(_("Only the staff of an organ have a library of evidence."))
    return Organ.objects.filter(pk__in=request.user.organ_ids())


def _list_page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    attached = Attachment.objects.select_related("assessment__cycle", "indicator").order_by("-assessment_id", "pk")
    library = (
        Evidence.objects.filter(organ__in=request.user.organ_ids(), purpose=Evidence.Purpose.EVIDENCE)
        .select_related("organ", "uploaded_by")
        .prefetch_related(Prefetch("attachments", queryset=attached))
    )
    name = request.GET.get("name", "").replace("\x00", "").strip()
    page = Paginator(library.filter(name__icontains=name) if name else library, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "name": name, "form": form, "crumbs": [(_("My work"), reverse("home"))]}
    return render(request, "creation/evidence_list.html", context)


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> FileResponse:
    """Send the original, as it came, as a download."""
    piece = _piece(request, pk)
    return locked(
        FileResponse(
            piece.original.open("rb"), as_attachment=True, filename=piece.name, content_type=piece.content_type
        )
    )


@require_safe
def evidence_picture(request: HttpRequest, pk: int) -> FileResponse:
    """Send a picture in its re-encoded form, to be shown on a page; 404 for what is no picture."""
    piece = _piece(request, pk)
    if not piece.display:
        raise Http404
    return locked(FileResponse(piece.display.open("rb"), content_type="image/jpeg", filename=f"{piece.pk}.jpg"))


def _piece(request: HttpRequest, pk: int) -> Evidence:
    """Return a piece of evidence in the person's scope; photos of findings and letters leave by their own pages."""
    return get_object_or_404(Evidence.objects.visible_to(request.user).filter(purpose=Evidence.Purpose.EVIDENCE), pk=pk)


def locked(response: FileResponse) -> FileResponse:
    """Return the answer with headers under which the browser that shows the file runs nothing."""
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
