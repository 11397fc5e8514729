"""What templates ask about warnings that an organ passed."""

from django import template

from creation import checks

register = template.Library()


@register.filter
def warning_label(kind: str) -> str:
    """Return in a few words what a passed warning was about."""
    return checks.label_of(kind)


@register.filter
def at_item(rows: dict, code: str) -> list:
    """Return the warnings passed at the item, from rows by the items' codes."""
    return rows.get(code, [])
