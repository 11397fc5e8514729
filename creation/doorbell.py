"""Rings the worker after a commit, so that nobody waits for the timetable.

The row in the database is the queue; the bell may be lost. A dead broker therefore costs a delay and never an error
page: whatever goes wrong while ringing is written to the log and forgotten.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial

from celery import current_app
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

# A broker that is away costs whoever rings some two seconds; nobody else of this process tries for so many more.
SILENCE = 10
_silent_until = 0.0
_muffled: ContextVar[bool] = ContextVar("muffled", default=False)


def ring(task: str) -> None:
    """Start the named task right after the present transaction has committed: once, however often it is rung."""
    if settings.DOORBELL and not _muffled.get():
        bell = _bell(task)
        if all(waiting[1] is not bell for waiting in transaction.get_connection().run_on_commit):
            transaction.on_commit(bell)


def ring_in(task: str, seconds: float) -> None:
    """Start the named task in so many seconds; meant for less than a minute, longer waits are rows for the sweep."""
    if settings.DOORBELL and not _muffled.get():
        _send(task, countdown=max(0.0, seconds))


@cache
def _bell(task: str) -> Callable[[], None]:
    return partial(_send, task)


@contextmanager
def muffled() -> Iterator[None]:
    """Let nothing ring inside: for bulk work that recounts itself at its end, or leaves its rows to the sweep."""
    token = _muffled.set(True)
    try:
        yield
    finally:
        _muffled.reset(token)


def _send(task: str, **when: float) -> None:
    global _silent_until  # noqa: PLW0603 one broker for the whole process
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, retry=False, ignore_result=True, **when)
    except Exception:  # any fault of any broker: the sweep finds the row within 30 s
        _silent_until = time.monotonic() + SILENCE
        log.warning("The worker could not be rung for %s; the sweep will find the row.", task, exc_info=True)
