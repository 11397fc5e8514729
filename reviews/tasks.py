"""What Celery runs. Every task works off rows, may run twice at once, and loses nothing when it is killed."""

import logging

from celery import shared_task

from creation.importing.queue import check_waiting
from creation.models import CountChange
from reviews.actions.rates import recount as recount_rates
from reviews.actions.rates import recount_all
from reviews.actions.recognitions import carry_out
from reviews.models import RecognitionOrder

log = logging.getLogger(__name__)


@shared_task
def recount() -> None:
    """Bring the snapshot up to date with the queued changes."""
    recount_rates()


@shared_task
def carry_out_orders() -> None:
    """Recognise what has been ordered and may be recognised now."""
    for order in RecognitionOrder.objects.filter(done_at=None).select_related("notice", "ordered_by"):
        carry_out(order)


@shared_task
def work_off_imports() -> None:
    """Check the files that were handed in, and apply those that were confirmed."""
    check_waiting()


@shared_task
def sweep() -> None:
    """Every 30 seconds: pick up every row whose bell was lost."""
    work_off_imports()
    carry_out_orders()
    if CountChange.objects.exists():
        recount()


@shared_task
def nightly() -> None:
    """Every night: count everything anew."""
    log.info("Nightly recount: %s rows", recount_all())
