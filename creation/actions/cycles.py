"""A yearly round is laid out, opened and closed."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.errors import Refused
from creation.models import BOUNDS, WINDOWS, Cycle
from creation.rules import require

CHANGEABLE = (
    "year",
    "batch",
    "calendar_year",
    "standard_id",
    *(f"{name}_{end}" for name in WINDOWS for end in ("from", "until")),
    "notice_days",
    "sample_share",
    "sample_minimum",
    "longer_chance_years",
    "team_size",
    "conflict_years",
    "reminder_days",
    "blind",
    "publish_scores",
    "anonymous_objections",
    "hearing_days",
    "retention_months",
    "recognition_years",
)


@transaction.atomic
def create_cycle(cycle: Cycle, *, by) -> Cycle:
    """Lay out a round and return it.

    Refused when its standard is not published, a window is upside down, a setting outside its bounds (a notice of
    fewer than five working days among them), or when the round of the year exists.
    """
    require(by, "cycle.create", cycle.region)
    _check_rules(cycle)
    try:
        with transaction.atomic():
            cycle.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("The round of this year exists already."), field="year") from error
    record("create", cycle, by=by, after={"year": cycle.year})
    return cycle


def _check_rules(cycle: Cycle) -> None:
    if cycle.standard.published_at is None:
        raise Refused(_("The standard has not been published."), field="standard")
    for name in WINDOWS:
        first, last = cycle.window(name)
        if last < first:
            raise Refused(_("A window ends before it begins."), field=f"{name}_until")
    for name, (least, most) in BOUNDS.items():
        value = getattr(cycle, name)
        if value is not None and not least <= value <= most:
            raise Refused(
                _("This number lies between %(least)s and %(most)s.") % {"least": least, "most": most}, field=name
            )


@transaction.atomic
def change_cycle(cycle: Cycle, *, by) -> Cycle:
    """Save the changed rules of a round that has not been opened and return it; refused from its opening on."""
    require(by, "cycle.manage", cycle)
    _check_rules(cycle)
    held = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if held.opened_at is not None:
        raise Refused(_("This round has been opened: its rules no longer change."))
    changed = [name for name in CHANGEABLE if getattr(held, name) != getattr(cycle, name)]
    try:
        with transaction.atomic():
            cycle.save(update_fields=changed)
    except IntegrityError as error:
        raise Refused(_("The round of this year exists already."), field="year") from error
    before = {name: str(getattr(held, name)) for name in changed}
    record("change", cycle, by=by, before=before, after={name: str(getattr(cycle, name)) for name in changed})
    return cycle


@transaction.atomic
def open_cycle(cycle: Cycle, *, by) -> Cycle:
    """Open the round to the organs: from now on its rules are frozen by the database."""
    require(by, "cycle.manage", cycle)
    if Cycle.objects.filter(pk=cycle.pk, opened_at=None).update(opened_at=clock.now()) != 1:
        raise Refused(_("This round is open already."))
    record("open", cycle, by=by)
    cycle.refresh_from_db()
    return cycle


@transaction.atomic
def close_cycle(cycle: Cycle, *, by) -> Cycle:
    """Close the round: nothing more is started or submitted in it; files already on their way go on."""
    require(by, "cycle.manage", cycle)
    done = Cycle.objects.filter(pk=cycle.pk, opened_at__isnull=False, closed_at=None).update(closed_at=clock.now())
    if done != 1:
        raise Refused(_("Only an open round can be closed."))
    record("close", cycle, by=by)
    cycle.refresh_from_db()
    return cycle


def check_window(cycle: Cycle, name: str, *, on: date | None = None) -> None:
    """Refuse to go on outside the named window of the round (inclusive dates, Asia/Shanghai; the arrival counts).

    `on` asks for a day that is planned.
    """
    first, last = cycle.window(name)
    day = on or clock.arrival_day()
    if day < first:
        raise Refused(_("The window for this step opens on %(day)s.") % {"day": first.isoformat()})
    if day > last:
        raise Refused(_("The window for this step ended on %(day)s.") % {"day": last.isoformat()})
