"""What every page shows around its own content."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.models import Message
from creation.rules import at_city_or_above


def _holds(*roles: str) -> Callable[[Any], bool]:
    return lambda user: bool(user.roles & set(roles))


def _municipal_official(user) -> bool:
    return at_city_or_above(user, "official")


def _everybody(_user) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the main navigation: its page, whom it is shown to, and other pages that lie under it.

    `also` names pages, `within` the beginnings of addresses that have no page of their own; where two entries fit
    alike, the one whose own page it is is meant, then the later one.
    """

    view: str
    label: str | Promise
    shown: Callable[[Any], bool] = _everybody
    also: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


OF_VISITS = ("/inspections/", "/findings/", "/visits/")
OF_FILES = ("/self-rating/", "/evidence/", "/receipts/")

# The main navigation, in the order in which work flows. Who may do what is decided by the rules, not here.
SIGNED_IN = (
    Entry("home", _("My work")),
    Entry(
        "file_list",
        _("Files"),
        _holds("clerk", "signatory", "official", "viewer", "registrar"),
        within=(*OF_FILES, *OF_VISITS),
    ),
    Entry("inspection_list", _("My visits"), _holds("inspector"), within=OF_VISITS),
    Entry("draw_list", _("Draws"), _holds("official", "viewer")),
    Entry("notice_manage", _("Publicity"), _municipal_official),
    Entry(
        "objection_list",
        _("Objections"),
        lambda user: _municipal_official(user) or bool(user.roles & {"clerk", "signatory"}),
    ),
    Entry(
        "recheck_list",
        _("Rechecks"),
        _holds("clerk", "signatory", "inspector", "official", "viewer"),
        also=("revocation_list", "expiring_list"),
    ),
    Entry("dashboard", _("Rates"), also=("announced_list", "operations_show", "report_list")),
    Entry("organ_list", _("Register"), _holds("official", "viewer", "registrar", "inspector"), also=("import_list",)),
    Entry("person_list", _("People"), _holds("registrar")),
    Entry(
        "cycle_list",
        _("Rounds & standards"),
        _holds("official", "viewer", "registrar"),
        also=("standard_list", "calendar_list", "target_list", "deviation_list"),
    ),
)
PUBLIC = (
    Entry("notice_list", _("Notices")),
    Entry("recognised_list", _("Recognised organs")),
    Entry("public_draw_list", _("Draws")),
    Entry("outcome_list", _("Outcomes")),
    Entry("announced_list", _("Announced rates")),
    Entry("objection_state", _("State of an objection")),
    Entry("verification", _("Check a sheet")),
)


def frame(request):
    """Return the `frame` of the page: profile, version, office, date, navigation as (address, label, is here)."""
    user = getattr(request, "user", None)
    return {
        "frame": {
            "demo": settings.DEMO,
            "version": settings.VERSION,
            "office": settings.HOST_OFFICE,
            "contact": settings.HOST_CONTACT,
            "languages": settings.LANGUAGES,
            "today": clock.today,
        },
        # Read only by pages that show them: the number of messages and the roles cost a statement each.
        "unread_messages": SimpleLazyObject(lambda: _unread(user)),
        "nav_items": SimpleLazyObject(lambda: navigation(user, request.path)),
    }


def _unread(user) -> int:
    return Message.objects.in_portal(user).unread().count()


def _reach(entry: Entry) -> list[tuple[str, bool]]:
    """Return the addresses under which an entry is marked, and whether one is its own page."""
    others = [*(reverse(view) for view in entry.also), *entry.within]
    return [(reverse(entry.view), True), *((url, False) for url in others)]


def navigation(user, path):
    """Return the entries that `user` (None or anonymous for the public) sees as (address, label, is here)."""
    if user is None or not user.is_authenticated:
        entries = PUBLIC
    else:
        entries = [entry for entry in SIGNED_IN if entry.shown(user)]
    # The longest address that begins the path is where one is; the home page begins them all.
    under = [
        (len(url), own, place)
        for place, entry in enumerate(entries)
        for url, own in _reach(entry)
        if path == url or (url != "/" and path.startswith(url))
    ]
    here = entries[max(under)[2]] if under else None
    return [(reverse(entry.view), entry.label, entry is here) for entry in entries]
