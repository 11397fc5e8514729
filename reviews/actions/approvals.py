"""Four eyes on a notice: one official hands its draft in, another approves it, and at its instant it is published.

An approved notice is a row that waits; the worker publishes it. What was approved is known by its digest, so nothing
else than what the second person saw ever becomes public.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import clock, doorbell, stages
from creation.actions.cycles import check_window
from creation.actions.events import record
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.recipients import officials_of
from creation.rules import require
from reviews.actions.notices import FIELDS, period_from
from reviews.actions.tellings import tell_of_notice
from reviews.models import Listing, Notice, Pool, Veto

PUBLISH = "reviews.tasks.publish_notices"
LISTED = ("number", "assessment_id", "organ_name", "organ_name_en", "region_name", "region_name_en", "level", "batch")
_HANDED_IN = ["handed_in_by", "handed_in_at", "publish_at", "returned_reason"]
_APPROVED = ["approved_by", "approved_at", "approved_sha256"]
_PUBLISHED = ["published_by", "published_at", "first_day", "last_day", "working_days"]


def content_sha256(notice: Notice) -> str:
    """Return the SHA-256 over what the public will read of the notice, from its title to its list and its instant."""
    content = {
        **{field: getattr(notice, field) for field in FIELDS},
        "region": notice.region_id,
        "publish_at": int(notice.publish_at.timestamp()) if notice.publish_at else None,
        "working_days": notice.cycle.notice_days,
        "points": notice.cycle.publish_scores,
        "anonymous": notice.cycle.anonymous_objections,
        "list": list(notice.listings.order_by("number").values_list(*LISTED)),
    }
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@transaction.atomic
def hand_in(notice: Notice, *, publish_at: datetime | None = None, by) -> Notice:
    """Hand a drafted notice over for approval and return it: nobody edits it until it is taken or given back.

    `publish_at` is the planned instant, None means as soon as approved. The other officials of the municipality are
    told. Refused for an instant that has passed, when nobody else could approve it, and for whatever would stop the
    publication: outside the window, in a year the calendar does not know, with a veto or a file that is not cleared.
    A draw that is not published yet stops the publication only.
    """
    require(by, "notice.manage", notice.cycle)
    held = _held(notice)
    if held.is_handed_in:
        raise Overtaken(_("The draft has been handed in already."))
    if publish_at is not None and publish_at <= clock.now():
        raise Refused(_("This instant has passed. Leave it empty to publish as soon as approved."), field="publish_at")
    _check_publishable(held, publish_at)
    held.handed_in_by, held.handed_in_at, held.publish_at, held.returned_reason = by, clock.now(), publish_at, ""
    _refuse_unless_somebody_else(held)
    held.save(update_fields=_HANDED_IN)
    event = record("hand_in", held, by=by, after={"publish_at": publish_at.isoformat() if publish_at else ""})
    tell_of_notice("hand_in_notice", held, event, by=by)
    return held


def _refuse_unless_somebody_else(notice: Notice) -> None:
    officials = {user.pk for user, _role in officials_of(notice.region_id)}
    if not officials - notice.author_ids():
        raise Refused(
            _(
                "Nobody else could approve this notice: every official of the municipality wrote or hands it in. Let "
                "an official who has not touched it be appointed, or discard the draft and let one person draft it."
            )
        )


@transaction.atomic
def take_back(notice: Notice, *, by) -> Notice:
    """Take a draft that one wrote or handed in back for editing and return it, also when it is approved and waits.

    Refused once it is published, and for others, who give it back with a reason.
    """
    require(by, "notice.manage", notice.cycle)
    held = _held_handed_in(notice)
    if by.pk not in held.author_ids():
        raise Refused(_("Only who wrote or handed in a notice takes it back. Give it back with a reason."))
    _to_draft(held, "", "take_back", by=by)
    return held


@transaction.atomic
def give_back(notice: Notice, *, reason: str, by) -> Notice:
    """Give a handed-in notice back to whoever wrote it, with a reason, and return it; they are told.

    Also an approved one that waits for its instant. Refused without a reason, once it is published, and for its own
    authors, who take it back.
    """
    require(by, "notice.manage", notice.cycle)
    if not reason.strip():
        raise Refused(_("A reason is needed."), field="reason")
    held = _held_handed_in(notice)
    if by.pk in held.author_ids():
        raise Refused(_("You wrote or handed in this notice: take it back."))
    event = _to_draft(held, reason.strip(), "give_back", by=by)
    tell_of_notice("give_back_notice", held, event, by=by)
    return held


@transaction.atomic
def approve(notice: Notice, *, seen: str | None = None, by) -> Notice:
    """Approve a handed-in notice and return it: published at once, or at its planned instant by the worker.

    What was approved is kept as a digest. Refused for whoever drafted it, ever changed it or handed it in; when it is
    no longer what the person had before their eyes (`seen`, a digest); and, published at once, for whatever stops that.
    """
    require(by, "notice.manage", notice.cycle)
    held = _held_handed_in(notice)
    if held.is_approved:
        raise Overtaken(_("The notice has been approved already."))
    if by.pk in held.author_ids():
        raise Refused(_("Four eyes: another official than whoever wrote or handed in a notice approves it."))
    digest = content_sha256(held)
    if seen is not None and seen != digest:
        raise Overtaken(_("The notice has changed since you opened it. Read it again before you approve it."))
    instant = _still_to_come(held)
    _check_publishable(held, instant)
    held.approved_by, held.approved_at, held.approved_sha256 = by, clock.now(), digest
    held.save(update_fields=_APPROVED)
    event = record("approve", held, by=by, after={"sha256": digest})
    if instant is None:
        _publish(held)
    else:
        tell_of_notice("approve_notice", held, event, by=by)
        doorbell.ring(PUBLISH)
    return held


def _still_to_come(notice: Notice) -> datetime | None:
    return notice.publish_at if notice.publish_at and notice.publish_at > clock.now() else None


def due_notices():
    """Return the approved notices whose instant has come; the row is the queue."""
    return Notice.objects.waiting().filter(publish_at__lte=clock.now()).order_by("publish_at", "pk")


def ring_for_the_next(within: int) -> None:
    """Ring the worker at the instant of each notice that is published in the next `within` seconds."""
    now = clock.now()
    soon = Notice.objects.waiting().filter(publish_at__gt=now, publish_at__lte=now + timedelta(seconds=within))
    for instant in set(soon.values_list("publish_at", flat=True)):
        doorbell.ring_in(PUBLISH, (instant - now).total_seconds())


@transaction.atomic
def publish_due(notice: Notice) -> bool:
    """Publish an approved notice whose instant has come, and tell whether that was done now; part of the worker.

    Two workers at once publish it once. Where it cannot be published it is a draft again, with the reason, and
    everybody who worked on it is told.
    """
    held = Notice.objects.select_for_update(of=("self",)).select_related("cycle", "approved_by").get(pk=notice.pk)
    if not held.is_approved or _still_to_come(held) is not None:
        return False
    try:
        with transaction.atomic():
            _publish(held)
    except Refused as refused:
        why = "\n".join([str(refused), *(f"{where}: {what}" for where, what in refused.problems)])
        _stop(Notice.objects.select_related("cycle", "approved_by").get(pk=notice.pk), why)
        return False
    return True


def _stop(held: Notice, why: str) -> None:
    approver = held.approved_by
    event = _to_draft(held, why[: Notice._meta.get_field("returned_reason").max_length], "stop", by=None)
    held.approved_by = approver  # for the telling alone, the row has forgotten
    tell_of_notice("stop_notice", held, event, by=None)
    held.approved_by = None


def _to_draft(held: Notice, reason: str, verb: str, *, by):
    """Make a handed-in notice a draft again and return the event; who had it in hand stays in the event."""
    before = {"handed_in_by": held.handed_in_by_id, "approved_by": held.approved_by_id, "sha256": held.approved_sha256}
    held.handed_in_at = held.publish_at = held.approved_by = held.approved_at = None
    held.approved_sha256, held.returned_reason = "", reason
    held.save(update_fields=[*_HANDED_IN, *_APPROVED])
    return record(verb, held, by=by, before=before, after={"reason": reason})


def _publish(held: Notice) -> None:
    """Publish an approved notice now: its period is counted, its files move, its rows freeze.

    The period has the cycle's number of working days by the official calendar, from the day after publication.
    """
    if content_sha256(held) != held.approved_sha256:
        raise Refused(_("The notice is no longer what was approved."))
    first, last = _check_publishable(held, None)
    _refuse_before_the_draw(held)
    by = held.approved_by  # who approved had the right then; a post that has ended since stops nothing
    # in one order, as whoever publishes a draw holds its files
    for file in sorted(_files(held), key=lambda file: file.pk):
        move(file, "publicise", by=by)
    held.published_by, held.published_at = by, clock.now()
    held.first_day, held.last_day, held.working_days = first, last, held.cycle.notice_days
    held.save(update_fields=_PUBLISHED)
    event = record("publish", held, by=by, after={"first_day": first.isoformat(), "last_day": last.isoformat()})
    tell_of_notice("publish_notice", held, event, by=None if held.publish_at else by)


def _check_publishable(notice: Notice, instant: datetime | None):
    """Return the period of the notice published at `instant` (None: now), or refuse with what stands against it."""
    day = timezone.localdate(instant) if instant else clock.today()
    check_window(notice.cycle, "publicity", on=timezone.localdate(instant) if instant else None)
    period = period_from(day, notice.cycle.notice_days)
    files = _files(notice)
    moved_on = [(str(file.organ), file.get_stage_display()) for file in files if file.stage != stages.CHECKED]
    if moved_on:
        raise Refused(_("Not every organ on the notice is cleared any longer."), problems=moved_on)
    vetoed = Veto.objects.filter(inspection__assessment__in=files).select_related("inspection__assessment__organ")
    if vetoed:
        raise Refused(
            _("A veto stands against publicity."),
            problems=[(str(veto.inspection.assessment.organ), veto.get_kind_display()) for veto in vetoed],
        )
    return period


def _refuse_before_the_draw(notice: Notice) -> None:
    """Refuse while a draw is not published: who is missing on a notice would tell who was drawn."""
    inside = [str(pool) for pool in Pool.objects.inside_of(notice)]
    if inside:
        raise Refused(
            _("The draw of organs on this notice is not published yet, and who is missing would tell who was drawn."),
            problems=[(pool, _("publish who was drawn first")) for pool in inside],
        )


def _files(notice: Notice):
    listings = Listing.objects.filter(notice=notice).select_related("assessment__organ", "assessment__cycle")
    return [listing.assessment for listing in listings]


def _held(notice: Notice) -> Notice:
    """Return the notice with its row locked; refused once it is published."""
    held = Notice.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=notice.pk)
    if held.is_published:
        raise Overtaken(_("The notice has been published already."))
    return held


def _held_handed_in(notice: Notice) -> Notice:
    held = _held(notice)
    if not held.is_handed_in:
        raise Overtaken(_("The notice is a draft: it has not been handed in, or was taken or given back."))
    return held
