"""Where a public page lies: the way back from it, the same for everybody."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()
LISTS = {
    "notice_list": gettext_lazy("Notices"),
    "recognised_list": gettext_lazy("Recognised organs"),
    "public_draw_list": gettext_lazy("Draws"),
    "outcome_list": gettext_lazy("Outcomes"),
    "announced_list": gettext_lazy("Announced rates"),
    "verification": gettext_lazy("Check a sheet"),
}


@register.simple_tag
def public_crumbs(*lists: str) -> list[tuple[str, str]]:
    """Return the way to a public page as (label, address): the first page, then the lists above it."""
    return [(_("Home"), reverse("home")), *((str(LISTS[name]), reverse(name)) for name in lists)]
