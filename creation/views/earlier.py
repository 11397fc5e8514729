"""Ask once: what the clerk says of last year's answer to one item."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from creation import rules
from creation.actions import earlier
from creation.forms.earlier import CHANGED, EVIDENCE, NO_LONGER, STILL_TRUE, EarlierForm
from creation.views.items import Item, item_in_scope, next_address
from creation.views.taking import take

VERBS = {STILL_TRUE: earlier.still_true, CHANGED: earlier.changed, NO_LONGER: earlier.no_longer}
DONE = {
    STILL_TRUE: _("Item %(code)s: still true, done."),
    CHANGED: _("Last year's answer to item %(code)s stands in the fields: change it, then save."),
    NO_LONGER: _("Item %(code)s starts empty: answer it, then save."),
    EVIDENCE: _("Last year's evidence is attached to item %(code)s again."),
}


@require_POST
def self_rating_earlier(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Carry out what is chosen: still true, changed, no longer applies, or last year's evidence alone.

    “Still true” goes on to the next item, in the list to the next row; everything else to the item.
    """
    item = item_in_scope(request, pk, code)
    rules.require(request.user, "file.answer", item.file)
    form = EarlierForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    chosen = form.cleaned_data
    in_list = chosen["page"] == "list"
    return take(
        request,
        lambda: _carry_out(item, chosen["choice"], chosen["version"]),
        to=_onwards(item, in_list=in_list) if chosen["choice"] == STILL_TRUE else item.address,
        done=DONE[chosen["choice"]] % {"code": item.code},
        back=_row(item, item.code) if in_list else item.address,
    )


def _carry_out(item: Item, choice: str, version: int) -> object:
    file, indicator, by = item.file, item.line.indicator, item.request.user
    if choice == EVIDENCE:
        return earlier.attach_again(file, indicator, by=by)
    return VERBS[choice](file, indicator, by=by, version=version)


def _onwards(item: Item, *, in_list: bool) -> str:
    """Return where one goes on: the next item, or in the list the next row where one click is left."""
    if not in_list:
        return next_address(item)
    codes = [line.indicator.code for line in item.progress.lines]
    waiting = [line.indicator.code for line in item.progress.to_confirm if line is not item.line]
    after = [code for code in waiting if codes.index(code) > codes.index(item.code)]
    return _row(item, next(iter(after or waiting), item.code))


def _row(item: Item, code: str) -> str:
    return f"{reverse('self_rating_detail', args=[item.file.pk])}#item-{code}"
