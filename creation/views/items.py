"""One indicator of a self-rating: its page, the points while choosing, and the evidence attached to it.

The page is one form: whichever of its buttons is pressed, what was typed is saved and the files that were chosen are
kept. A file input cannot be filled in again by the server, so files never wait for an answer that has to be mended.
"""

from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import rules
from creation.actions import evidence
from creation.actions.answers import save_answer
from creation.forms.evidence import NEWEST, AttachForm
from creation.forms.ratings import RatingForm, rating_form
from creation.models import Assessment, Evidence
from creation.views.progress import Line, Progress, saved_text
from creation.views.self_rating import WORKS_ON, crumbs_of, file_in_scope
from creation.views.taking import form_key_of, take

LATER = "later"  # the button that saves and says that the item is not done


@dataclass
class Item:
    """One indicator of a file as its page works with it."""

    request: HttpRequest
    file: Assessment
    progress: Progress
    line: Line
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Return the indicator's code."""
        return self.line.indicator.code

    @property
    def address(self) -> str:
        """Return the page's own address."""
        return reverse("self_rating_item", args=[self.file.pk, self.code])


def item_in_scope(request: HttpRequest, pk: int, code: str) -> Item:
    """Return the item, 404 outside the person's scope and for a code that the standard does not have."""
    file = file_in_scope(request, pk)
    progress = Progress(file)
    line = progress.line(code)
    if line is None:
        raise Http404
    return Item(request, file, progress, line)


def self_rating_item(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show one indicator; save what was found, explained and attached, and go on to where the button says."""
    item = item_in_scope(request, pk, code)
    rules.require(request.user, WORKS_ON, item.file)
    if request.method == "POST":
        rules.require(request.user, "file.answer", item.file)
        return _save(item, always=True, to=next_address(item))
    form = rating_form(item.line.indicator, initial=item.line.answer)
    return _item_page(item, form)


@require_POST
def evidence_attach(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Attach new files and files of the library to the indicator, save what was typed, and stay there."""
    item = item_in_scope(request, pk, code)
    rules.require(request.user, "file.answer", item.file)
    return _save(item, always=False, to=item.address)


@require_POST
def evidence_detach(request: HttpRequest, pk: int, attachment: int) -> HttpResponse:
    """Take a file off its indicator, save what was typed, and stay there; the file stays in the library."""
    file = file_in_scope(request, pk)
    rules.require(request.user, "file.answer", file)
    code = request.POST.get("code", "")
    item = item_in_scope(request, pk, code)
    return _save(item, always=False, to=item.address, detach=attachment)


@require_safe
def self_rating_points(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Return the fragment with the points of what is being chosen and the total with it; saves nothing."""
    item = item_in_scope(request, pk, code)
    rules.require(request.user, "file.answer", item.file)
    form = rating_form(item.line.indicator, request.GET, initial=item.line.answer)
    return render(request, "creation/_self_rating_points.html", _points_context(item, form))


# --- saving --------------------------------------------------------------------------------------------------------


OWN_WRITINGS = 50  # how many writings without an answer a page may name as its own


def unanswered(request: HttpRequest) -> list[UUID]:
    """Return the page's own writings of which no answer came back, as it names them; what is no name is left out."""
    found = []
    for text in request.POST.getlist("unanswered")[-OWN_WRITINGS:]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _save(item: Item, *, always: bool, to: str, detach: int | None = None) -> HttpResponse:
    """Keep the files, save the answer (`always`, or only when it changed), and return where it goes on.

    The buttons that save say that the item is done, or that it is not; those of the evidence say nothing of it.

    When the answer cannot be saved the files are attached all the same, and the page shows what was typed.
    """
    form_key_of(item.request)
    form = rating_form(item.line.indicator, item.request.POST, initial=item.line.answer)
    attached = _chosen_files(item)
    typed = always or ("version" in item.request.POST and form.has_changed())

    def attach() -> None:
        for each in attached:
            evidence.attach(item.file, item.line.indicator, each, by=item.request.user)
        gone = item.file.attachments.filter(pk=detach, indicator=item.line.indicator).first() if detach else None
        if gone is not None:
            evidence.detach(gone, by=item.request.user)

    def save() -> None:
        attach()
        if typed:
            answer = {**form.answer(), "done": _says_done(item) if always else None}
            own = unanswered(item.request)
            save_answer(item.file, item.line.indicator, by=item.request.user, unanswered=own, **answer)

    done = _("Saved.") if typed else ""
    response = None
    if not typed or form.is_valid():
        response = take(item.request, save, to=item.address if item.faults else to, done=done, form=form)
    if response is not None:
        return response
    if (attached or detach) and file_in_scope(item.request, item.file.pk).is_editable:
        take(item.request, attach, to=item.address, form=form)
    return _item_page(item_in_scope(item.request, item.file.pk, item.code), form)


def _says_done(item: Item) -> bool:
    return item.request.POST.get("then") != LATER


def _chosen_files(item: Item) -> list[Evidence]:
    """Return the evidence that is to be attached; new files go into the library first, each with a word on it.

    The library keeps the same content once, so that a form sent twice does no harm here.
    """
    form = AttachForm(item.request.POST, item.request.FILES, library=_library(item))
    if not form.is_valid():
        for errors in form.errors.values():
            item.faults.extend(("", error) for error in errors)
    brought = form.cleaned_data.get("files")
    kept = []
    for checked in brought.kept if brought else []:
        kept.append(evidence.upload_evidence(item.file.organ, checked, by=item.request.user))
        messages.success(item.request, _("“%(name)s” is in the library.") % {"name": checked.name})
    item.faults.extend(brought.faults if brought else [])
    for _name, sentence in item.faults:
        messages.error(item.request, sentence)
    return [*kept, *form.cleaned_data.get("existing", [])]


def _library(item: Item):
    return Evidence.objects.filter(organ=item.file.organ_id, purpose=Evidence.Purpose.EVIDENCE)


def next_address(item: Item) -> str:
    """Return where the pressed button leads: the next indicator, or the item's row in the list or on the check page.

    Whoever came to the check page by going on from the last item reads it from its top.
    """
    then = item.request.POST.get("then", "next")
    _before, after = item.progress.neighbours(item.code)
    row = f"#item-{item.code}"
    if then in {"list", LATER}:
        return reverse("self_rating_detail", args=[item.file.pk]) + row
    if then == "check" or after is None:
        return reverse("self_rating_check", args=[item.file.pk]) + (row if _came_from_check(item) else "")
    return reverse("self_rating_item", args=[item.file.pk, after])


def _came_from_check(item: Item) -> bool:
    return item.request.GET.get("from") == "check"


# --- showing -------------------------------------------------------------------------------------------------------


def _points_context(item: Item, form: RatingForm) -> dict:
    readable = form.is_bound and not form.has_error("found")
    saved = item.line.answer.points if item.line.answer else None
    return {
        "indicator": item.line.indicator,
        "points": form.points() if form.is_bound else saved,
        "unreadable": form.is_bound and not readable,
        "result": item.progress.result_with({item.code: form.value()} if readable else {}),
    }


def conflict_of(item: Item, form: RatingForm) -> SimpleNamespace | None:
    """Return what a colleague saved in between (`saved`) beside what was typed (`typed`), None without a conflict."""
    answer = item.line.answer
    if answer is None or form.seen_version() == answer.version:
        return None
    if answer.writer is not None and answer.writer in unanswered(item.request):
        return None
    return SimpleNamespace(saved=answer, typed=form.as_row())


def _item_page(item: Item, form: RatingForm) -> HttpResponse:
    """Render the page; where a colleague saved in between, both entries stand side by side."""
    answer = item.line.answer
    conflict = conflict_of(item, form) if form.is_bound else None
    if form.is_bound and answer is not None:
        form.go_on_from(answer.version)
    before, after = item.progress.neighbours(item.code)
    may_answer = item.file.is_editable and rules.may(item.request.user, "file.answer", item.file)
    taken = [attachment.evidence_id for attachment in item.line.attachments]
    earlier = item.line.earlier if may_answer else None
    context = {
        "file": item.file,
        "progress": item.progress,
        "headline": item.progress.headline(),
        "line": item.line,
        "title": f"{item.code} {item.line.indicator}",
        "form": form,
        "shows_form": form.is_bound or may_answer,
        "may_answer": may_answer,
        "conflict": conflict,
        "earlier": earlier,
        "papers_again": earlier is not None and any(piece.pk not in taken for piece in earlier.valid),
        "saved_at": saved_text(answer.saved_at) if answer else "",
        "attach_form": AttachForm(library=_library(item).exclude(pk__in=taken)[:NEWEST]),
        "before": before,
        "after": after,
        "to_check": _came_from_check(item) or item.request.POST.get("then") == "check",
        "crumbs": crumbs_of(item.file),
        **_points_context(item, form),
    }
    return render(item.request, "creation/self_rating_item.html", context)
