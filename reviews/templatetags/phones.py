"""How a visit stands on the phones of its team, in one line for the visit's page and the file's."""

from django import template
from django.db.models import Count, Max, Q, Sum

from reviews.actions.phones import counts_of

register = template.Library()


@register.inclusion_tag("reviews/_phone_state.html")
def phone_state(visit) -> dict:
    """Return since when the visit is ready on phones, how much was made there, how much is here and how much waits."""
    phones = visit.phones.aggregate(
        ready=Count("pk", filter=Q(ready_at__isnull=False)),
        since=Max("ready_at"),
        records=Sum("records_made"),
        photos=Sum("photos_made"),
        known=Count("pk"),
    )
    here = counts_of(visit.phone_records.all())
    made = {name: max(phones[name] or 0, here[name]) for name in ("records", "photos")}
    missing = sum(made[name] - here[name] for name in made)
    is_known = bool(phones["known"] or here["records"] or here["photos"])
    return {"visit": visit, "phones": phones, "made": made, "here": here, "missing": missing, "is_known": is_known}
