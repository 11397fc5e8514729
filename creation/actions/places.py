"""Changes to the register: new organs, corrections, closing, merging and splitting; the history stays."""

import hashlib
import json
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation.actions.counts import counts_changed
from creation.actions.events import record
from creation.errors import Overtaken, Refused
from creation.models import Organ, Region, RegionPath, Succession
from creation.rules import require

PARTS_OF_A_SPLIT = 2  # at least
FIELDS = (
    "name",
    "name_en",
    "region_id",
    "category",
    "staff",
    "floor_area_m2",
    "address",
    "established_on",
    "abolished_on",
)


def as_event(organ: Organ) -> dict:
    """Return the organ's fields as the audit event keeps them."""
    return {field: None if (value := getattr(organ, field)) is None else str(value) for field in FIELDS}


def state_of(organ: Organ) -> str:
    """Return a mark that differs as soon as anybody has changed the organ."""
    facts = as_event(organ)
    if facts["floor_area_m2"] is not None:
        facts["floor_area_m2"] = f"{organ.floor_area_m2:.2f}"
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def add_organ(organ: Organ, *, by) -> Organ:
    """Put a new organ on the register and return it; the fields were validated by their form.

    Refused when another organ has been given its credit code in the meantime.
    """
    require(by, "register.edit", organ.region)
    try:
        with transaction.atomic():
            organ.save(force_insert=True)
    except IntegrityError as error:
        if not Organ.objects.filter(credit_code=organ.credit_code).exists():
            raise  # some other fault, which would not be mended by another code
        raise Refused(_("Another organ has just been given this code."), field="credit_code") from error
    record("add", organ, by=by, after=as_event(organ))
    counts_changed({organ.region_id}, since=organ.established_on)
    return organ


@transaction.atomic
def correct_organ(organ: Organ, changes: dict, *, by, seen: str = "") -> Organ:
    """Correct fields of an organ and return it; before and after are kept as an event.

    `seen` is the `state_of` the organ that the person looked at: `Overtaken` when somebody has changed it since, so
    that nobody's correction is undone unseen.
    """
    current = Organ.objects.select_for_update().select_related("region").get(pk=organ.pk)
    require(by, "register.edit", current.region)
    if seen and state_of(current) != seen:
        raise Overtaken(_("Somebody has changed this organ meanwhile. Open the page again and look at what is new."))
    before = as_event(current)
    old_region = current.region_id
    for field, value in changes.items():
        setattr(current, field, value)
    require(by, "register.edit", current.region)
    if before == as_event(current):
        return current
    current.save(update_fields=sorted(changes))
    record("correct", current, by=by, before=before, after=as_event(current))
    since = min(date.fromisoformat(before["established_on"]), current.established_on)
    counts_changed({old_region, current.region_id}, since=since)
    return current


@transaction.atomic
def abolish(organ: Organ, *, on: date, by) -> Organ:
    """Close an organ from `on` (the first day without it) and return it; refused when it is closed already."""
    require(by, "register.edit", organ.region)
    current = Organ.objects.select_for_update().get(pk=organ.pk)
    if current.abolished_on is not None:
        raise Refused(_("%(organ)s is closed already.") % {"organ": current})
    if on <= current.established_on:
        raise Refused(_("The organ cannot close before it was established."), field="on")
    before = as_event(current)
    current.abolished_on = on
    current.save(update_fields=["abolished_on"])
    record("abolish", current, by=by, before=before, after=as_event(current))
    counts_changed({current.region_id}, since=on)
    return current


@transaction.atomic
def merge(predecessors: list[Organ], successor: Organ, *, on: date, reason: str, by) -> list[Succession]:
    """Merge organs into `successor` on the day `on`: they close, the successor goes on; returns the threads."""
    if not predecessors or successor in predecessors:
        raise Refused(_("Name at least one organ that goes over into another."))
    return _succeed(Succession.Kind.MERGE, [(one, successor) for one in predecessors], on=on, reason=reason, by=by)


@transaction.atomic
def split(predecessor: Organ, successors: list[Organ], *, on: date, reason: str, by) -> list[Succession]:
    """Split an organ into at least two others on the day `on` and return the threads; it closes, they go on."""
    if len(set(successors)) < PARTS_OF_A_SPLIT or predecessor in successors:
        raise Refused(_("A split needs at least two successors."))
    return _succeed(Succession.Kind.SPLIT, [(predecessor, one) for one in successors], on=on, reason=reason, by=by)


def _succeed(kind: str, pairs: list[tuple[Organ, Organ]], *, on: date, reason: str, by) -> list[Succession]:
    # all of them are locked before anything is looked at, in one order everywhere: two such steps at the same moment
    # neither wait for each other in a ring nor let an organ go over into one that is just being closed
    named = {organ.pk for pair in pairs for organ in pair}
    held = {organ.pk: organ for organ in Organ.objects.select_for_update().filter(pk__in=named).order_by("pk")}
    for predecessor, successor in pairs:
        require(by, "register.edit", predecessor.region)
        require(by, "register.edit", successor.region)
        if not held[successor.pk].is_active_on(on):
            raise Refused(_("%(organ)s is not on the register on that day.") % {"organ": successor}, field="on")
    # closed first: one that is closed already is refused in words before the same thread is written twice
    for predecessor in sorted({pair[0] for pair in pairs}, key=lambda organ: organ.pk):
        abolish(predecessor, on=on, by=by)
    return [
        Succession.objects.create(
            kind=kind, predecessor=predecessor, successor=successor, effective_on=on, reason=reason
        )
        for predecessor, successor in pairs
    ]


@transaction.atomic
def set_department(region: Region, changes: dict, *, by) -> Region:
    """Record the region's competent department and its office (names are data) and return the region."""
    require(by, "register.edit", region)
    for field, value in changes.items():
        setattr(region, field, value)
    region.save(update_fields=sorted(changes))
    record("set_department", region, by=by, after={field: str(value) for field, value in changes.items()})
    return region


def rebuild_region_paths() -> None:
    """Write the closure of the tree anew from the parents; called after regions were imported."""
    parent = dict(Region.objects.values_list("pk", "parent_id"))
    paths = []
    for region in parent:
        ancestor, depth = region, 0
        while ancestor is not None:
            paths.append(RegionPath(ancestor_id=ancestor, descendant_id=region, depth=depth))
            ancestor, depth = parent[ancestor], depth + 1
    RegionPath.objects.all().delete()
    RegionPath.objects.bulk_create(paths, batch_size=5000)
