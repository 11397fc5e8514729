"""What templates ask about points and findings."""

from django import template

from creation.forms import ratings

register = template.Library()


@register.filter
def points(number) -> str:
    """Return points with their unit; empty while there are none."""
    return "" if number is None else ratings.points_text(number)


@register.filter
def plain(number) -> str:
    """Return a number of points without trailing zeros."""
    return "" if number is None else ratings.plain(number)


@register.simple_tag
def found_text(indicator, row) -> str:
    """Return in words what a saved row (Answer or Rating, or None) says was found; empty when it says nothing."""
    return ratings.found_text(indicator, row)
