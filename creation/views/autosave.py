"""What a page saves by itself while somebody types, answered as data for its script (static/js/autosave.js)."""

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from creation import rules
from creation.actions.answers import keep_answer
from creation.errors import Overtaken, Refused
from creation.forms.ratings import RatingForm, plain, rating_form
from creation.models import Answer
from creation.views.items import Item, conflict_of, item_in_scope, unanswered
from creation.views.progress import saved_text

CONFLICT = 409


@require_POST
def self_rating_autosave(request: HttpRequest, pk: int, code: str) -> JsonResponse:
    """Save what can be read of one item and answer with its version, the time, points, total and headline.

    Needs no form key: what stands there already is a success, however often it comes. A field that cannot be read
    keeps what was saved and is named in `faults`. 409 with both texts (`conflict`) when somebody saved in between, or
    with the reason (`refused`) when the file cannot be edited.
    """
    item = item_in_scope(request, pk, code)
    rules.require(request.user, "file.answer", item.file)
    form = rating_form(item.line.indicator, request.POST, initial=item.line.answer)
    form.is_valid()
    if form.has_error("version"):
        raise BadRequest
    try:
        answer = keep_answer(
            item.file,
            item.line.indicator,
            by=request.user,
            version=form.seen_version(),
            writer=_writer(request),
            unanswered=unanswered(request),
            **_readable(item, form),
        )
    except Overtaken:
        return _conflict(item_in_scope(request, pk, code), form)
    except Refused as refused:
        return JsonResponse({"refused": str(refused)}, status=CONFLICT)
    return JsonResponse(_state(item_in_scope(request, pk, code), answer, form))


def _writer(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("writer", ""))
    except ValueError:
        return None


def _readable(item: Item, form: RatingForm) -> dict:
    """Return what the form says; a field that cannot be read says what is saved."""
    saved = item.line.answer
    found = form.found() if not form.has_error("found") else saved and saved.found
    remark = form.cleaned_data["remark"] if not form.has_error("remark") else (saved.remark if saved else "")
    return {"found": found, "not_applicable": form.not_applicable(), "remark": remark}


def _state(item: Item, answer: Answer, form: RatingForm) -> dict:
    """Return what the page shows after a writing; `item` is read anew."""
    progress, line = item.progress, item.line
    return {
        "version": answer.version,
        "saved": saved_text(answer.saved_at),
        "faults": {name: [str(error) for error in form.errors[name]] for name in form.errors},
        "done": line.is_done,
        "state": str(line.state_label),
        "missing": line.missing,
        "points": None if answer.points is None else plain(answer.points),
        "total": plain(progress.result.total_shown),
        "headline": progress.headline(),
        "cannot_pass": progress.cannot_pass,
    }


def _conflict(item: Item, form: RatingForm) -> JsonResponse:
    conflict = conflict_of(item, form)
    if conflict is None:  # it was taken back in the same moment; the next writing goes through
        return JsonResponse({"refused": ""}, status=CONFLICT)
    context = {"conflict": conflict, "line": item.line, "file": item.file}
    shown = render_to_string("creation/_conflict.html", context, item.request)
    return JsonResponse({"conflict": shown, "version": conflict.saved.version}, status=CONFLICT)
