"""An organ's library of evidence, and the way its files leave the portal."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from creation import rules, stages, uploads
from creation.actions import evidence
from creation.errors import Forbidden, Refused
from creation.forms.evidence import EvidenceForm, LibraryFileForm, LibraryFilter, OneFileForm, PlacesForm, UploadForm
from creation.models import Assessment, Attachment, Evidence, Indicator, Organ
from creation.views.taking import form_key_of, take

PAGE = 20  # a row says where its file is attached, and grows with the years
LONGEST_NUMBER = 18  # digits that every database takes for an id
# Whatever a file holds, the browser that shows it runs nothing and asks for nothing.
LOCKED = "default-src 'none'; sandbox"


# --- the library ---------------------------------------------------------------------------------------------------


def evidence_list(request: HttpRequest) -> HttpResponse:
    """Show the organ's library with what each file is attached to, narrowed by the filter in the address."""
    organs = _own_organs(request)
    return _list_page(request, UploadForm(organs=organs), organs)


@require_POST
def evidence_upload(request: HttpRequest) -> HttpResponse:
    """Put several files into the library, each with its own result in words."""
    form_key_of(request)
    organs = _own_organs(request)
    form = UploadForm(request.POST, request.FILES, organs=organs)
    if form.is_valid():
        organ, chosen = form.cleaned_data["organ"], form.cleaned_data["files"]
        # Writing originals takes long and would hold up every other writer inside the form's transaction. The library
        # keeps the same content once, so that a form sent twice does no harm here.
        said = [
            said_of(checked.name, evidence.bring_evidence(organ, checked, by=request.user)) for checked in chosen.kept
        ]
        done = take(request, lambda: None, to=reverse("evidence_list"), form=form)
        if done is not None:
            for sentence in said:
                messages.success(request, sentence)
            for _name, sentence in chosen.faults:
                messages.error(request, sentence)
            return done
    return _list_page(request, form, organs)


def said_of(name: str, brought: evidence.Brought) -> str:
    """Return in words what became of a file of this name that was brought to the library."""
    if not brought.was_known:
        return _("“%(name)s” is in the library.") % {"name": brought.evidence.name}
    if brought.evidence.name == name:
        return _("“%(name)s” was in the library already; it is kept once.") % {"name": name}
    return _("“%(name)s” was in the library already as “%(known)s”; it is kept once.") % {
        "name": name,
        "known": brought.evidence.name,
    }


def _own_organs(request: HttpRequest) -> QuerySet[Organ]:
    """Return the organs where the person works; whoever works at none has no library to look at."""
    if not request.user.organ_ids():
        raise Forbidden(_("Only the staff of an organ have a library of evidence."))
    return Organ.objects.filter(pk__in=request.user.organ_ids())


def _list_page(request: HttpRequest, form: UploadForm, organs: QuerySet[Organ]) -> HttpResponse:
    attached = Attachment.objects.select_related("assessment__cycle", "indicator").order_by("-assessment_id", "pk")
    library = (
        Evidence.objects.in_library_of(request.user)
        .select_related("organ", "uploaded_by")
        .prefetch_related(Prefetch("attachments", queryset=attached))
    )
    chosen = LibraryFilter(_without_nul(request), organs=organs)
    context = {
        "page": Paginator(chosen.narrow(library), PAGE).get_page(request.GET.get("page")),
        "filter": chosen,
        "is_filtered": any(request.GET.get(name) for name in ("name", "show", "organ")),
        "form": form,
        "may_upload": any(rules.may(request.user, "evidence.upload", organ) for organ in organs),
        "one_organ": len(organs) == 1,
        "crumbs": [(_("My work"), reverse("home"))],
    }
    return render(request, "creation/evidence_list.html", context)


def _without_nul(request: HttpRequest) -> dict:
    """Return the address's fields without the sign that PostgreSQL takes in no search."""
    return {name: request.GET.get(name, "").replace("\x00", "").strip() for name in ("name", "show", "organ")}


def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one file of the library with its preview and where it is attached; save its name and last day."""
    piece = _piece(request, pk)
    rules.require(request.user, "evidence.read_library", piece.organ)
    form = EvidenceForm(request.POST or None, initial={"name": piece.name, "expires_on": piece.expires_on})
    if request.method == "POST":
        rules.require(request.user, "evidence.upload", piece.organ)
        done = _save_entry(request, piece, form)
        if done is not None:
            return done
    attached = piece.attachments.select_related("assessment__cycle", "indicator").order_by("-assessment_id", "pk")
    context = {
        "piece": piece,
        "form": form,
        "attached": attached,
        "may_change": rules.may(request.user, "evidence.upload", piece.organ),
        "crumbs": [(_("My work"), reverse("home")), (_("Library of evidence"), reverse("evidence_list"))],
    }
    return render(request, "creation/evidence_detail.html", context)


def _save_entry(request: HttpRequest, piece: Evidence, form: EvidenceForm) -> HttpResponse | None:
    form_key_of(request)
    if not form.is_valid():
        return None

    def save() -> None:
        evidence.rename_evidence(piece, name=form.cleaned_data["name"], by=request.user)
        evidence.set_expiry(piece, day=form.cleaned_data["expires_on"], by=request.user)

    return take(request, save, to=reverse("evidence_detail", args=[piece.pk]), done=_("Saved."), form=form)


# --- one file at a time, as a script brings it ---------------------------------------------------------------------


@require_POST
def evidence_upload_one(request: HttpRequest) -> JsonResponse:
    """Put one file into the library of the organ that the form names and answer with its result in words.

    Needs no form key: the same content is kept once, however often it arrives.
    """
    form = LibraryFileForm(request.POST, request.FILES, organs=_own_organs(request))
    if not form.is_valid():
        raise BadRequest
    return _result(request, form.cleaned_data["file"], form.cleaned_data["organ"])


@require_POST
def evidence_attach_one(request: HttpRequest, pk: int, code: str) -> JsonResponse:
    """Put one file into the library and attach it to the indicator; answer with its result in words.

    Needs no form key: the same content is kept once and attached once, however often it arrives.
    """
    file = get_object_or_404(Assessment.objects.visible_to(request.user).with_places(), pk=pk)
    rules.require(request.user, "file.answer", file)
    indicator = get_object_or_404(file.cycle.standard.indicators, code=code)
    form = OneFileForm(request.POST, request.FILES)
    if not form.is_valid():
        raise BadRequest
    return _result(request, form.cleaned_data["file"], file.organ, place=(file, indicator))


def _result(
    request: HttpRequest, sent, organ: Organ, *, place: tuple[Assessment, Indicator] | None = None
) -> JsonResponse:
    """Keep the one file that was sent, attach it to `place`, and return in words what became of it."""
    try:
        checked = uploads.check(sent)
        brought = evidence.bring_evidence(organ, checked, by=request.user)
        if place is not None:
            evidence.attach(*place, brought.evidence, by=request.user)
    except Refused as refused:
        return JsonResponse({"kept": False, "said": str(refused)})
    said = said_of(checked.name, brought)
    if place:
        said += " " + _("It is attached to this item.")
    return JsonResponse({"kept": True, "said": said})


# --- one file to many items ----------------------------------------------------------------------------------------


def evidence_place(request: HttpRequest) -> HttpResponse:
    """Choose the items of open self-ratings to which the chosen files of the library are attached, all at once."""
    if not any(rules.may(request.user, "evidence.upload", organ) for organ in _own_organs(request)):
        raise Forbidden(_("The clerks of an organ attach its files."))
    numbers = [
        number for number in request.GET.getlist("piece") if number.isdecimal() and len(number) <= LONGEST_NUMBER
    ]
    pieces = list(Evidence.objects.in_library_of(request.user).filter(pk__in=numbers[:PAGE]).select_related("organ"))
    files = _open_files(request, pieces)
    places = {f"{file.pk}:{line.code}": (file, line) for file, lines in files for line in lines}
    form = PlacesForm(request.POST or None, places=[(value, "") for value in places])
    if request.method == "POST":
        form_key_of(request)
        done = _attach_all(request, form, places, pieces) if form.is_valid() else None
        if done is not None:
            return done
    context = {
        "pieces": pieces,
        "files": [(file, _as_rows(file, lines, pieces, form)) for file, lines in files],
        "form": form,
        "crumbs": [(_("My work"), reverse("home")), (_("Library of evidence"), reverse("evidence_list"))],
    }
    return render(request, "creation/evidence_place.html", context)


def _open_files(request: HttpRequest, pieces: list[Evidence]) -> list[tuple[Assessment, list[Indicator]]]:
    """Return the files that the person can edit, of the organs of the pieces, each with its indicators."""
    found = (
        Assessment.objects.visible_to(request.user)
        .filter(organ__in={piece.organ_id for piece in pieces}, stage__in=stages.EDITABLE)
        .with_places()
    )
    return [
        (file, list(file.cycle.standard.indicators.select_related("dimension")))
        for file in found
        if rules.may(request.user, "file.answer", file)
    ]


def _as_rows(file: Assessment, lines: list[Indicator], pieces: list[Evidence], form: PlacesForm) -> list[dict]:
    """Return the file's items as the page shows them: which were ticked, and which have all the pieces already."""
    own = {piece.pk for piece in pieces if piece.organ_id == file.organ_id}
    there: dict[int, set[int]] = {}
    for indicator, piece in file.attachments.filter(evidence__in=own).values_list("indicator_id", "evidence_id"):
        there.setdefault(indicator, set()).add(piece)
    ticked = set(form.data.getlist("places")) if form.is_bound else set()
    rows = [(f"{file.pk}:{line.code}", line) for line in lines]
    return [
        {"value": value, "indicator": line, "ticked": value in ticked, "has_all": there.get(line.pk) == own}
        for value, line in rows
    ]


def _attach_all(request: HttpRequest, form: PlacesForm, places: dict, pieces: list[Evidence]) -> HttpResponse | None:
    chosen = [places[value] for value in form.cleaned_data["places"]]
    number = len(chosen)
    done = ngettext("Attached to %(number)s item.", "Attached to %(number)s items.", number) % {"number": number}
    return take(
        request,
        lambda: evidence.attach_to_items(chosen, pieces, by=request.user),
        to=lambda _new: reverse("evidence_list"),
        done=done,
        form=form,
    )


# --- how files leave -----------------------------------------------------------------------------------------------


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
    pieces = Evidence.objects.visible_to(request.user).filter(purpose=Evidence.Purpose.EVIDENCE)
    return get_object_or_404(pieces.select_related("organ", "uploaded_by"), pk=pk)


def locked(response: FileResponse) -> FileResponse:
    """Return the answer with headers under which the browser that shows the file runs nothing."""
    response.headers["Content-Security-Policy"] = LOCKED
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
