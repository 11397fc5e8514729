"""Who will hear of a step, listed before the button is pressed; from the very function that the verb asks."""

from django import template

from creation.recipients import Heard, hears

register = template.Library()
NAMED = 4


def listed(heard: list[Heard], *, note: str = "", when: str = "") -> dict:
    """Return what the list under a button shows: the first by name, how many more, a note, and for which outcome."""
    return {
        "heard": [(str(one.user), one.as_whom) for one in heard[:NAMED]],
        "more": max(0, len(heard) - NAMED),
        "note": note,
        "when": when,
    }


@register.inclusion_tag("includes/who_hears.html", takes_context=True)
def who_hears(context, step: str, file) -> dict:
    """List who will hear when the reader takes the step on the file."""
    return listed(hears(step, file, by=context["user"]))
