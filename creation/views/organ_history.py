"""What happened to an organ, readable for people: who changed which fact from what to what."""

from django.utils.translation import gettext_lazy as _

from creation.models import Event, Organ, Region

VERBS = {
    "add": _("Put on the register"),
    "correct": _("Corrected"),
    "abolish": _("Organ closed"),
    "import_add": _("Put on the register by an import"),
    "import_correct": _("Changed by an import"),
    "import_abolish": _("Closed by an import"),
}
FIELDS = {
    "name": _("name"),
    "name_en": _("English name"),
    "region_id": _("region"),
    "category": _("category"),
    "staff": _("staff"),
    "floor_area_m2": _("floor area (m²)"),
    "address": _("address"),
    "established_on": _("established on (first day)"),
    "abolished_on": _("abolished on (first day without)"),
    # of regions and recognitions, in the previews of imports
    "parent_code": _("region above"),
    "kind": _("kind"),
    "position": _("register order"),
    "granted_on": _("granted on"),
    "batch": _("batch"),
    "document_number": _("document number"),
    "valid_until": _("valid until"),
    "revoked_on": _("revoked on"),
    "revoke_reason": _("reason"),
    "replaced_on": _("replaced on"),
}
CHOICES = {"category": dict(Organ.Category.choices), "kind": dict(Region.Kind.choices)}


def history_of(organ: Organ) -> list[dict]:
    """Return the organ's events, newest first, each with its verb and the facts that changed (label, old, new)."""
    events = list(Event.objects.filter(subject_type="organ", subject_id=organ.pk).select_related("by").order_by("-id"))
    ids = {side.get("region_id") for event in events for side in (event.before, event.after)} - {None}
    regions = {str(region.pk): str(region) for region in Region.objects.filter(pk__in=ids)}
    return [
        {
            "at": event.at,
            "by": event.by,
            "verb": VERBS.get(event.verb, event.verb),
            "changes": _changes(event, regions) if event.before else [],
        }
        for event in events
    ]


def _changes(event: Event, regions: dict[str, str]) -> list[tuple]:
    return [
        (label_of(field), *(word_of(field, side.get(field), regions) for side in (event.before, event.after)))
        for field in event.after
        if event.before.get(field) != event.after[field]
    ]


def label_of(field: str) -> object:
    """Return a field's name for people."""
    return FIELDS.get(field, field)


def word_of(field: str, value: str | None, regions: dict[str, str] | None = None) -> object:
    """Return a value as people know it: a category's or kind's name, a region's name."""
    if value in {None, ""}:
        return "–"
    if regions and field == "region_id":
        return regions.get(value, value)
    return CHOICES.get(field, {}).get(value, value)
