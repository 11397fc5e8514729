"""What Celery runs. Every task works off rows, may run twice at once, and loses nothing when it is killed."""

import logging

from celery import shared_task

from creation.importing.queue import check_waiting
from reviews.actions.approvals import due_notices, publish_due, ring_for_the_next
from reviews.actions.digests import send_digests, write_digests
from reviews.actions.photos import clear_abandoned
from reviews.actions.rates import recount as recount_rates
from reviews.actions.rates import recount_all
from reviews.actions.recognitions import carry_out
from reviews.actions.reminders import remind
from reviews.models import RecognitionOrder

log = logging.getLogger(__name__)

AHEAD = 40  # seconds: further than the next sweep, so that a notice appears at its instant and not at a sweep


@shared_task
def recount() -> None:
    """Bring the snapshot up to date with the queued changes."""
    recount_rates()


@shared_task
def carry_out_orders() -> None:
    """Recognise what has been ordered and may be recognised now; an order that fails stops no other."""
    for order in RecognitionOrder.objects.filter(done_at=None).select_related("notice", "ordered_by"):
        try:
            carry_out(order)
        except Exception:  # whatever it was, the row waits for the next sweep
            log.exception("Order %s could not be carried out.", order.pk)


@shared_task
def publish_notices() -> None:
    """Publish the approved notices whose instant has come, and be rung for the next; a fault stops no other."""
    for notice in due_notices():
        try:
            publish_due(notice)
        except Exception:  # whatever it was, the row waits for the next sweep
            log.exception("Notice %s could not be published.", notice.pk)
    ring_for_the_next(AHEAD)


@shared_task
def work_off_imports() -> None:
    """Check the files that were handed in, and apply those that were confirmed."""
    check_waiting()


@shared_task
def reminders() -> None:
    """Every morning: remind whoever has something missing before a date."""
    remind()


@shared_task
def digests() -> None:
    """Write the mails of the day once their hour has come, and send what has not left."""
    write_digests()
    send_digests()


@shared_task
def sweep() -> None:
    """Every 30 seconds: pick up every row whose bell was lost, and begin a new day; a fault in one stops no other."""
    for work in (publish_notices, work_off_imports, carry_out_orders, recount, digests):
        try:
            work()
        except Exception:  # its rows are still there in 30 seconds
            log.exception("The sweep could not finish %s.", work.name)


@shared_task
def nightly() -> None:
    """Every night: count everything anew, and clear away the photos that stopped coming."""
    log.info("Nightly recount: %s rows", recount_all())
    log.info("Abandoned photos: %s", clear_abandoned())
