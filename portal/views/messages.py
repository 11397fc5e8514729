"""Messages: what one was told, what of it still asks for something, and what one wants to hear."""

from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation.actions import messages as verbs
from creation.message_kinds import KINDS, TOPICS, kinds_for
from creation.models import Message, MessageChoice
from creation.views.taking import take
from portal.forms import ChoicesForm
from reviews.settled import still_asking

PER_PAGE = 50
LONGEST_NUMBER = 18  # digits that every database takes for an id
UNREAD_FIRST = Case(When(read_at=None, then=Value(0)), default=Value(1))


@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """Show one's messages, unread first; the filter by kind stands in the address."""
    kind = request.GET.get("kind", "")
    mine = Message.objects.in_portal(request.user)
    shown = mine.filter(kind=kind) if kind in KINDS else mine
    page = Paginator(
        shown.select_related("assessment").order_by(UNREAD_FIRST, "-at", "-id"), PER_PAGE
    ).get_page(request.GET.get("page"))  # fmt: skip
    rows = list(page)
    asking = still_asking(rows)
    kinds = sorted(mine.order_by().values_list("kind", flat=True).distinct(), key=list(KINDS).index)
    context = {
        "page": page,
        "rows": [(message, message.pk in asking) for message in rows],
        "kinds": [KINDS[slug] for slug in kinds],
        "kind": kind if kind in KINDS else "",
        "any_unread": any(message.read_at is None for message in rows),
        "newest": max((message.pk for message in rows), default=0),
    }
    return render(request, "portal/message_list.html", context)


@require_safe
def message_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a message is about; whoever opens it has read it."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    if request.method == "GET":
        verbs.mark_read(message, by=request.user)
    return redirect(message.address)


@require_POST
def message_read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what stood on the list, of one kind where it was filtered."""
    newest = request.POST.get("newest", "")
    newest = int(newest) if newest.isdecimal() and len(newest) <= LONGEST_NUMBER else 0
    kind = request.POST.get("kind", "")
    kind = kind if kind in KINDS else ""
    back = reverse("message_list")
    return take(
        request,
        lambda: verbs.mark_all_read(by=request.user, up_to=newest, kind=kind),
        to=f"{back}?kind={kind}" if kind else back,
        done=_("Marked as read."),
    )


def message_choices(request: HttpRequest) -> HttpResponse:
    """Let a person choose which kinds they want in the portal and by mail, and where their mail goes."""
    kinds = kinds_for(request.user.roles)
    form = ChoicesForm(request.POST or None, kinds=kinds, initial={"email": request.user.email})
    if request.method == "POST" and form.is_valid():
        response = take(
            request,
            lambda: verbs.choose(by=request.user, **form.cleaned_data),
            to=reverse("message_choices"),
            done=_("Your choice has been saved."),
            form=form,
        )
        if response:
            return response
    if form.is_bound:
        portal, mail = (set(request.POST.getlist(name)) for name in ("portal", "mail"))
    else:
        rows = MessageChoice.objects.filter(user=request.user)
        off = {(row.kind, name) for row in rows for name in ("in_portal", "by_mail") if not getattr(row, name)}
        portal = {kind.slug for kind in kinds if (kind.slug, "in_portal") not in off}
        mail = {kind.slug for kind in kinds if (kind.slug, "by_mail") not in off}
    topics = [
        (label, [(kind, kind.slug in portal, kind.slug in mail) for kind in kinds if kind.topic == topic])
        for topic, label in TOPICS.items()
    ]
    context = {
        "form": form,
        "topics": [(label, rows) for label, rows in topics if rows],
        "crumbs": [(_("Messages"), reverse("message_list"))],
    }
    return render(request, "portal/message_choices.html", context)
