"""What every page shows around its own content."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from creation import clock

EVERYBODY = frozenset()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the main navigation: shown to people with one of `roles`, or to everybody when there are none."""

    view: str
    label: str | Promise
    roles: frozenset[str] = EVERYBODY


# The main navigation, in the order in which work flows. Who may do what is decided by the rules, not here.
SIGNED_IN = (
    Entry("home", _("My work")),
    Entry("dashboard", _("Completion rates")),
)
PUBLIC = ()


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
        # Read only by pages that show it, as the roles cost a statement.
        "nav_items": SimpleLazyObject(lambda: navigation(user, request.path)),
    }


def navigation(user, path):
    """Return the entries that `user` (None or anonymous for the public) sees as (address, label, is here)."""
    if user is None or not user.is_authenticated:
        entries = PUBLIC
    else:
        entries = [e for e in SIGNED_IN if not e.roles or e.roles & user.roles]
    addressed = [(reverse(entry.view), entry.label) for entry in entries]
    # The longest address that begins the path is where one is; the home page begins them all.
    here = max(
        (url for url, _label in addressed if path == url or (url != "/" and path.startswith(url))), default="", key=len
    )
    return [(url, label, url == here) for url, label in addressed]
