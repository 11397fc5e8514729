"""Every run of a task leaves its trace in a row, so that anybody can see what the worker does and when it stopped."""

import logging

from celery import Task
from django.db import DatabaseError, transaction
from django.db.models import F

from creation import clock
from reviews.models import TaskState

log = logging.getLogger(__name__)


class Noted(Task):
    """A task that notes when it began, when it ended and how it failed; a note that fails stops no work."""

    abstract = True

    def __call__(self, *args, **kwargs):
        """Run the task between two notes, whoever calls it: the worker, or another task."""
        _note(self.name, started_at=clock.now(), runs=F("runs") + 1)
        try:
            answer = super().__call__(*args, **kwargs)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"[:500]
            _note(self.name, ended_at=clock.now(), failed_at=clock.now(), fault=fault, failures=F("failures") + 1)
            raise
        _note(self.name, ended_at=clock.now())
        return answer


def _note(name: str, **columns) -> None:
    try:
        with transaction.atomic():
            if not TaskState.objects.filter(name=name).update(**columns):
                TaskState.objects.get_or_create(name=name, defaults={"started_at": clock.now()})
                TaskState.objects.filter(name=name).update(**columns)
    except DatabaseError:
        log.exception("The run of %s could not be noted.", name)
