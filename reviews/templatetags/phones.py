"""How a visit stands on the phones of its team, in one line for the visit's page and the file's."""

from django import template

from reviews.actions.phones import by_visit

register = template.Library()
NOTHING = {"ready": 0, "since": None, "records": 0, "photos": 0, "known": 0, "quarantined": 0}


@register.inclusion_tag("reviews/_phone_state.html")
def phone_state(visit) -> dict:
    """Return since when the visit is ready on phones, how much was made there, how much is here and how much waits."""
    read = getattr(visit, "on_phones", None) or [next(iter(rows), {}) for rows in by_visit([visit.pk])]
    phones, here = (NOTHING | found for found in read)
    made = {name: max(phones[name] or 0, here[name]) for name in ("records", "photos")}
    missing = sum(made[name] - here[name] for name in made)
    is_known = bool(phones["known"] or here["records"] or here["photos"])
    return {"visit": visit, "phones": phones, "made": made, "here": here, "missing": missing, "is_known": is_known}
