"""What Celery runs. Every task works off rows, may run twice at once, and loses nothing when it is killed."""

import logging

from celery import shared_task
from django.conf import settings

from creation.doorbell import ring
from creation.importing.queue import check_waiting
from reviews.actions import webhooks
from reviews.actions.approvals import due_notices, publish_due, ring_for_the_next
from reviews.actions.archives import TASK as WORK_OFF_ARCHIVES
from reviews.actions.archives import clear_old
from reviews.actions.digests import send_digests, write_digests
from reviews.actions.doors import forget
from reviews.actions.erasing import erase_due
from reviews.actions.photos import clear_abandoned
from reviews.actions.rates import recount as recount_rates
from reviews.actions.rates import recount_all
from reviews.actions.recognitions import carry_out
from reviews.actions.reminders import remind
from reviews.archives import queue as archives
from reviews.claims import is_waiting
from reviews.models import RecognitionOrder, Report
from reviews.sending import tell_all

log = logging.getLogger(__name__)

ARCHIVE_SECONDS = settings.LONGEST_TASK_SECONDS - 60
WORK_OFF_REPORTS = "portal.tasks.work_off_reports"  # by its name: the portal lies above this room

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


@shared_task(soft_time_limit=ARCHIVE_SECONDS, time_limit=ARCHIVE_SECONDS + 60)
def work_off_archives() -> None:
    """Write the archives that were asked for: one after the other, each as long as it takes."""
    archives.work_off()


@shared_task
def look_for_archives() -> None:
    """Ring for an archive that waits: writing it takes longer than a sweep may."""
    if archives.is_waiting():
        ring(WORK_OFF_ARCHIVES)


@shared_task
def look_for_reports() -> None:
    """Ring for a report that waits: a long table takes longer than a sweep may."""
    if is_waiting(Report.objects.all()):
        ring(WORK_OFF_REPORTS)


@shared_task
def reminders() -> None:
    """Every morning: remind whoever has something missing before a date."""
    remind()


@shared_task
def digests() -> None:
    """Write the mails of the day once their hour has come, and send what has not left."""
    write_digests()
    send_digests()


SWEPT = (
    publish_notices,
    work_off_imports,
    carry_out_orders,
    recount,
    digests,
    look_for_archives,
    look_for_reports,
)


@shared_task
def tell_webhooks() -> None:
    """Send to other systems what is due."""
    tell_all()


@shared_task
def look_for_occurrences() -> None:
    """Write down what other systems are to be told, and ring where something is due: sending takes its time."""
    webhooks.note_occurrences()
    if webhooks.due():
        ring(webhooks.TASK)


@shared_task
def sweep() -> None:
    """Every 30 seconds: pick up every row whose bell was lost, and begin a new day; a fault in one stops no other."""
    for work in (
        publish_notices,
        work_off_imports,
        carry_out_orders,
        recount,
        digests,
        look_for_archives,
        look_for_occurrences,
        look_for_reports,
    ):
        try:
            work()
        except Exception:  # its rows are still there in 30 seconds
            log.exception("The sweep could not finish %s.", work.name)


@shared_task
def erase_objectors() -> None:
    """Erase who objected where the retention time is over."""
    log.info("Objections whose sender was erased: %s", erase_due())


@shared_task
def forget_knocks() -> None:
    """Delete counts at the public doors that mean nothing any more."""
    log.info("Counts at the public doors forgotten: %s", forget())


@shared_task
def clear_old_archives() -> None:
    """Delete the files of archives that were ready for long enough; their rows stay."""
    log.info("Archives whose file was deleted: %s", clear_old())


@shared_task
def nightly() -> None:
    """Every night: erase what is to be erased, clear away what stopped coming, and count everything anew.

    What fails is logged and waits for the next night; it stops nothing else.
    """
    for work in (erase_objectors, forget_knocks, clear_old_archives):
        try:
            work()
        except Exception:  # its rows are still there tomorrow
            log.exception("The night could not finish %s.", work.name)
    log.info("Nightly recount: %s rows", recount_all())
    log.info("Abandoned photos: %s", clear_abandoned())
