"""Who will hear of what others say, listed before the button is pressed; from the very function that the verb asks."""

from django import template

from creation.recipients import organs_hear
from creation.stages import STEPS
from creation.templatetags.hearing import listed
from reviews.recipients import hears

register = template.Library()


@register.inclusion_tag("includes/who_hears.html", takes_context=True)
def who_hears_of(context, occasion: str, subject, when: str = "", note: str = "") -> dict:
    """List who will hear of the occasion when the reader brings it about.

    `when` names the outcome in which they do; `note` says who cannot be named yet, such as whoever is chosen here.
    """
    return listed(hears(occasion, subject, by=context["user"]), when=when, note=note)


@register.inclusion_tag("includes/who_hears.html", takes_context=True)
def who_hears_of_notice(context, step: str, notice, when: str = "") -> dict:
    """List who of the organs will hear when the reader publishes the notice, or recognises what stands on it."""
    waiting = notice.listings.filter(assessment__stage__in=STEPS[step].from_stages).select_related("assessment")
    return listed(organs_hear(step, [listing.assessment for listing in waiting], by=context["user"]), when=when)
