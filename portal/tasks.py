"""What Celery runs for the frame: reports that were asked for. Each may run twice at once and loses nothing."""

import logging

from celery import shared_task

from portal.reports import queue
from portal.reports.asking import clear_old

log = logging.getLogger(__name__)

REPORT_SECONDS = 3600


@shared_task(soft_time_limit=REPORT_SECONDS, time_limit=REPORT_SECONDS + 60)
def work_off_reports() -> None:
    """Write the reports that were asked for: one after the other, each as long as it takes."""
    queue.work_off()


@shared_task
def clear_reports() -> None:
    """Every night: delete the files of reports whose time is over."""
    log.info("Reports deleted after their time: %s", clear_old())
