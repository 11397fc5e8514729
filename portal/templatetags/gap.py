"""What stands between two sentences, or after a colon: a blank, and in Chinese nothing."""

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def gap() -> str:
    """Return the blank that follows a mark in the reader's language: full-width marks bring their own room."""
    return "" if (get_language() or "").startswith("zh") else " "
