"""Organs are recognised when their notice has ended, by hand or by the scheduled job."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from creation import clock, doorbell, stages
from creation.actions.events import record
from creation.actions.moves import move
from creation.actions.recognitions import grant
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Recognition
from creation.rules import require
from reviews import workdays
from reviews.actions.sheets import write_sheet
from reviews.models import Listing, Notice, Objection, RecognitionOrder, RevocationCase, Veto

CARRY_OUT = "reviews.tasks.carry_out_orders"


@transaction.atomic
def recognise(assessment: Assessment, *, batch: str, document_number: str, by) -> Recognition:
    """Recognise one organ and return its title, valid from today; its verification sheet is issued with it.

    Refused before the notice has ended, while an objection to the organ is open, without batch or document number,
    and where a veto is recorded.
    """
    require(by, "notice.manage", assessment.cycle)
    if not batch.strip() or not document_number.strip():
        raise Refused(_("Batch and document number are needed."), field="document_number")
    return _recognise(assessment, batch=batch, document_number=document_number, by=by)


def _recognise(assessment: Assessment, *, batch: str, document_number: str, by) -> Recognition:
    # the file's row is locked first: an objection decided at the same moment is seen
    held = Assessment.objects.select_for_update().get(pk=assessment.pk)
    why = why_not(held)
    if why:
        raise Refused(why)
    move(held, "recognise", by=by, note=document_number)
    today = clock.today()
    try:
        with transaction.atomic():
            title = grant(
                assessment.organ,
                assessment=assessment,
                batch=batch,
                document_number=document_number,
                granted_on=today,
                valid_until=_valid_until(assessment, today),
                by=by,
            )
    except IntegrityError as error:
        raise Refused(_other_title()) from error
    write_sheet(title, by=by)
    return title


def why_not(assessment: Assessment) -> str:
    """Return what stands against recognising the file today, or an empty text."""
    if assessment.stage != stages.PUBLICISED:
        return _("The file stands at “%(stage)s”, not on a running or ended notice.") % {
            "stage": assessment.get_stage_display()
        }
    return _obstacle(_with_obstacles(Listing.objects.filter(assessment=assessment)).get())


def what_waits(notice: Notice) -> list[tuple[Assessment, str]]:
    """Return the files of a published notice that are not recognised yet, each with what stands against it today.

    The text is empty for a file that may be recognised; one statement, however long the notice.
    """
    listings = _with_obstacles(notice.listings.filter(assessment__stage=stages.PUBLICISED))
    return [(listing.assessment, _obstacle(listing)) for listing in listings]


def _with_obstacles(listings):
    open_objections = Objection.objects.open().filter(listing=OuterRef("pk"))
    vetoes = Veto.objects.filter(inspection__assessment=OuterRef("assessment"))
    # what the database would refuse: a second title of one day, and a title before a later one that lives
    in_the_way = Q(granted_on=clock.today()) | Q(granted_on__gt=clock.today(), revoked_on=None, replaced_on=None)
    titles = Recognition.objects.filter(in_the_way, organ=OuterRef("assessment__organ"))
    # a new title would replace the one that the case is about, and the case could take back nothing any more
    cases = RevocationCase.objects.filter(recognition__organ=OuterRef("assessment__organ"), decided_at__isnull=True)
    return listings.select_related("notice", "assessment__organ__region", "assessment__cycle").annotate(
        is_objected=Exists(open_objections),
        is_vetoed=Exists(vetoes),
        is_titled=Exists(titles),
        is_in_question=Exists(cases),
    )


def _obstacle(listing: Listing) -> str:
    if not workdays.notice_ended(listing.notice.last_day, clock.today()):
        return _("The notice runs until %(day)s.") % {"day": listing.notice.last_day.isoformat()}
    if listing.is_objected:
        return _("An objection is still open.")
    if listing.is_vetoed:
        return _("A veto stands against recognition.")
    if listing.is_in_question:
        return _("A case about the organ's present title is still open.")
    return _other_title() if listing.is_titled else ""


def _other_title() -> str:
    return _("The organ has another title of this day or a later one.")


def _valid_until(assessment: Assessment, granted_on: date) -> date | None:
    years = assessment.cycle.recognition_years
    if not years:
        return None
    # the last day with the title is the day before the same date some years later; where that year has no
    # 29 February the same date is 1 March, and the last day 28 February
    try:
        anniversary = granted_on.replace(year=granted_on.year + years)
    except ValueError:
        anniversary = date(granted_on.year + years, 3, 1)
    return anniversary - timedelta(days=1)


@transaction.atomic
def order_recognition(notice: Notice, *, batch: str, document_number: str, by) -> RecognitionOrder:
    """Order that everything on the notice is recognised as soon as it may be, and return the order.

    The row waits for the end of the notice and of its objections; the worker is rung at once. Refused when the
    notice is not published, without document number, and when there is an order already.
    """
    require(by, "notice.manage", notice.cycle)
    if not notice.is_published:
        raise Refused(_("The notice has not been published."))
    if not batch.strip() or not document_number.strip():
        raise Refused(_("Batch and document number are needed."), field="document_number")
    order, created = RecognitionOrder.objects.get_or_create(
        notice=notice,
        defaults={
            "batch": batch,
            "document_number": document_number,
            "ordered_by": by,
            "ordered_at": clock.now(),
        },
    )
    if not created:
        raise Overtaken(_("The recognition of this notice has been ordered already."))
    record("order", order, by=by, after={"batch": batch, "document_number": document_number})
    doorbell.ring(CARRY_OUT)
    return order


def carry_out(order: RecognitionOrder) -> tuple[int, int]:
    """Recognise what the order covers and may be recognised now; returns (recognised, still waiting).

    Each organ has its own short transaction; one that cannot be recognised stops no other. Idempotent: what was
    recognised is no longer publicised. The order is done when nothing waits.
    """
    recognised = 0
    for assessment in _waiting(order):
        try:
            with transaction.atomic():
                # who ordered had the right when ordering; a post that has ended since then stops nothing
                _recognise(assessment, batch=order.batch, document_number=order.document_number, by=order.ordered_by)
        except Refused:
            continue
        recognised += 1
    waiting = _waiting(order).count()
    if not waiting:
        RecognitionOrder.objects.filter(pk=order.pk, done_at=None).update(done_at=clock.now())
    return recognised, waiting


def _waiting(order: RecognitionOrder):
    return Assessment.objects.filter(listing__notice=order.notice, stage=stages.PUBLICISED).select_related(
        "organ", "cycle", "listing__notice"
    )
