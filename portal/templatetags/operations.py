"""What a fault may show of itself."""

import re

from django import template

register = template.Library()
ADDRESS = re.compile(r"[\w.+-]+@")


@register.filter
def without_addresses(fault: str) -> str:
    """Return the text of a fault with the names before an @ left out: whose mail it is, is nobody else's matter."""
    return ADDRESS.sub("…@", fault)
