"""How a page takes a step: once for each form, with the answer where the person looks."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from creation.actions import keys
from creation.errors import Refused


def take(
    request: HttpRequest,
    verb: Callable[[], Any],
    *,
    to: Any,
    done: str | Callable[[Any], str] = "",
    form: BaseForm | None = None,
    back: Any = None,
) -> HttpResponse | None:
    """Let `verb` take effect once for this form's key and return the redirect.

    `to` is an address or a function from the verb's result to one, `done` the words of success or a function from the
    result to them. A form sent again is led where the first one was. A refusal is put onto `form` and None is
    returned, so that the page shows what was typed; without a form it becomes a message at `back` (or `to`). A form
    without a key is answered with 400.
    """
    key, by = form_key_of(request), request.user if request.user.is_authenticated else None
    earlier = keys.used(key, by=by)
    if earlier is not None:
        return redirect(earlier)
    try:
        with transaction.atomic():
            result = verb()
            location = to(result) if callable(to) else resolve_url(to)
            keys.use(key, by=by, location=location)
    except IntegrityError:
        earlier = keys.used(key, by=by)
        if earlier is not None:
            return redirect(earlier)
        if keys.is_known(key):
            raise BadRequest from None  # somebody else's form: its key was made up or copied
        raise
    except Refused as refused:
        earlier = keys.used(key, by=by)  # the same form, a moment earlier, may be what this one was refused for
        if earlier is not None:
            return redirect(earlier)
        return _refusal(request, refused, form, back or to)
    words = done(result) if callable(done) else done
    if words:
        messages.success(request, words)
    return redirect(location)


def form_key_of(request: HttpRequest) -> UUID:
    """Return the key that the form brought; a form without one is a bad request."""
    try:
        return UUID(request.POST.get("form_key", ""))
    except ValueError as error:
        raise BadRequest from error


def _refusal(request: HttpRequest, refused: Refused, form: BaseForm | None, back: Any) -> HttpResponse | None:
    if form is not None:
        put_on_form(form, refused)
        return None
    messages.error(request, as_text(refused))
    return redirect(back)


def put_on_form(form: BaseForm, refused: Refused) -> None:
    """Put a refusal and its single causes onto the form, at the field it belongs to."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, str(refused.message))
    for where, what in refused.problems:
        form.add_error(field, f"{where}: {what}")


def as_text(refused: Refused) -> str:
    """Return a refusal with its causes as one text."""
    causes = "; ".join(f"{where}: {what}" for where, what in refused.problems)
    return f"{refused.message} {causes}".strip()
