"""Targets for the completion rates are set as dated data."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation.actions.events import record
from creation.errors import Refused
from creation.rules import require
from reviews.models import Target

FULL = 100


@transaction.atomic
def set_target(target: Target, *, by) -> Target:
    """Keep a new target and return it; the rates themselves stay as they are, only what they are held to changes.

    Refused for a share outside of 0–100 %, a deadline before the first day, and where a target of this region,
    level and deadline stands already: a target that has been published is not quietly rewritten.
    """
    require(by, "target.set", target.region)
    if not 0 < target.percent <= FULL:
        raise Refused(_("The share must be above 0 and at most 100 %."), field="percent")
    if target.deadline < target.starts_on:
        raise Refused(_("The deadline lies before the day from which the target is in force."), field="deadline")
    try:
        with transaction.atomic():
            target.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("A target for this level and deadline stands already."), field="deadline") from error
    record("set_target", target, by=by, after=_as_event(target))
    return target


def _as_event(target: Target) -> dict:
    return {
        "region": target.region.code if target.region else None,
        "level": target.level,
        "percent": str(target.percent),
        "starts_on": target.starts_on.isoformat(),
        "deadline": target.deadline.isoformat(),
    }
