"""Rings the worker after a commit, so that nobody waits for the timetable.

The row in the database is the queue; the bell may be lost. A dead broker therefore costs a delay and never an error
page: whatever goes wrong while ringing is written to the log and forgotten.
"""

import logging
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)


def ring(task: str) -> None:
    """Start the named task right after the present transaction has committed."""
    if settings.DOORBELL:
        transaction.on_commit(partial(_send, task))


def _send(task: str) -> None:
    try:
        current_app.send_task(task, retry=False, ignore_result=True)
    except Exception:  # any fault of any broker: the sweep finds the row within 30 s
        log.warning("The worker could not be rung for %s; the sweep will find the row.", task, exc_info=True)
