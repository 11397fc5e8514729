"""What a page says about files before they are sent: the same limits, in the same words, as the server's own check."""

from django import template
from django.conf import settings
from django.utils.translation import gettext as _

from creation import uploads

register = template.Library()
NAME = "{name}"  # the browser puts the file's name here


@register.simple_tag
def upload_endings() -> str:
    """Return the accepted endings, separated by commas."""
    return ",".join(uploads.ALLOWED)


@register.simple_tag
def upload_most() -> str:
    """Return how many bytes a file may have."""
    return str(settings.UPLOAD_MAX_BYTES)


@register.simple_tag
def upload_kind_word() -> str:
    """Return what is said about a file of another kind."""
    return _("“%(name)s” is not of an accepted kind. Accepted: %(kinds)s.") % {
        "name": NAME,
        "kinds": uploads.kinds_text(),
    }


@register.simple_tag
def upload_large_word() -> str:
    """Return what is said about a file that is too large."""
    return _("“%(name)s” is too large: at most %(limit)s MB.") % {
        "name": NAME,
        "limit": settings.UPLOAD_MAX_BYTES // 1024 // 1024,
    }
