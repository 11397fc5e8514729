"""Addresses by the name of their page."""

from django.urls import NoReverseMatch, reverse


def address(view: str, *args: object) -> str:
    """Return the address of a page, an empty text for one that does not stand yet."""
    try:
        return reverse(view, args=args)
    except NoReverseMatch:
        return ""
