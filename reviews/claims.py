"""Rows that the worker works off, one by one: claimed by compare-and-set, with signs of life, parked after three tries.

For every table whose rows have `state` (waiting, running, done, failed), `tries`, `started_at`, `beat_at` and `fault`,
and end in a file. A killed worker leaves its row behind, and never half a file under the file's name.
"""

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from creation import clock

log = logging.getLogger(__name__)

WAITING, RUNNING, FAILED = "waiting", "running", "failed"
TRIES = 3
STALE = timedelta(minutes=5)  # a worker that has shown no sign of life for so long is dead
FAULT_LENGTH = 1000
CHUNK = 1 << 20
BEAT_CHUNKS = 64  # chunks between two signs of life while a file is hashed


class Overtaken(Exception):
    """Somebody else works on this row by now."""


@dataclass(frozen=True, slots=True)
class Work:
    """How the rows of one table are worked off.

    `write` does the work and ends in `kept`; `give_up` tells of a row that is parked, in the transaction that parks
    it; `path` is where the finished file of a row and its try lies, named "<id>-<try>.<ending>"; `anew` are the
    columns that begin again with each try.
    """

    rows: Callable[[], QuerySet[Any]]
    write: Callable[[Any], None]
    give_up: Callable[[Any], None]
    path: Callable[[Any], Path]
    anew: Mapping[str, Any] = field(default_factory=dict)


def is_waiting(rows: QuerySet[Any]) -> bool:
    """Tell whether a row waits for the worker, or for another one because its worker died."""
    return due(rows).exists()


def due(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows that wait, or whose worker died."""
    died = Q(state=RUNNING) & (Q(beat_at=None) | Q(beat_at__lt=clock.now() - STALE))
    return rows.filter(Q(state=WAITING) | died)


def work_off(work: Work) -> None:
    """Work off every row that waits; may run twice at once. A row that fails stops no other and is tried again."""
    for pk in list(due(work.rows()).order_by("pk").values_list("pk", flat=True)):
        row = _claim(work, pk)
        if row is None:
            continue
        try:
            work.write(row)
        except Overtaken:
            log.warning("%s %s is worked off by another worker.", row._meta.model_name, pk)
        except Exception as error:  # whatever it was, it is shown; one that fails stops no other
            log.exception("%s %s could not be worked off (try %s).", row._meta.model_name, pk, row.tries)
            _failed(work, row, f"{type(error).__name__}: {error}")
        finally:
            part_of(work.path(row)).unlink(missing_ok=True)


def _claim(work: Work, pk: int) -> Any:
    """Return the row when it is this worker's turn, one try counted; None when somebody else is at it."""
    rows = due(work.rows())
    try:
        row = rows.filter(pk=pk).first()
        if row is None:
            return None
        if row.tries >= TRIES:
            _failed(work, row, row.fault or _("The worker was stopped each time before it had finished."))
            return None
        now = clock.now()
        taken = {"state": RUNNING, "tries": row.tries + 1, "started_at": now, "beat_at": now, **work.anew}
        if due(type(row).objects.filter(pk=pk, tries=row.tries)).update(**taken) != 1:
            return None
    except OperationalError:
        log.warning("A row of %s is locked; the next sweep looks again.", rows.model._meta.model_name, exc_info=True)
        return None
    for name, value in taken.items():
        setattr(row, name, value)
    for left in work.path(row).parent.glob(f"{pk}-*"):  # what earlier tries left behind when they were killed
        left.unlink(missing_ok=True)
    return row


def mine(row: Any) -> QuerySet[Any]:
    """Return the row in the database as long as this try is at work on it, else nothing."""
    return type(row).objects.filter(pk=row.pk, state=RUNNING, tries=row.tries)


def beat(row: Any, **columns: Any) -> None:
    """Show a sign of life, with how far the work is; `Overtaken` when somebody else took over."""
    if mine(row).update(beat_at=clock.now(), **columns) != 1:
        raise Overtaken


def end(row: Any, path: Path, **columns: Any) -> None:
    """Write the last columns of the row, part of the transaction that ends the work.

    `Overtaken`, and the file deleted, when somebody else took over.
    """
    if mine(row).update(**columns) != 1:
        path.unlink(missing_ok=True)
        raise Overtaken


def _failed(work: Work, row: Any, fault: str) -> None:
    """Note the fault; the row waits for another try, or is parked after the last one."""
    parked = row.tries >= TRIES
    with transaction.atomic():
        if mine(row).update(state=FAILED if parked else WAITING, fault=fault[:FAULT_LENGTH]) and parked:
            work.give_up(row)


# --- the file --------------------------------------------------------------------------------------------------------


def part_of(path: Path) -> Path:
    """Return where a file is written until it is whole."""
    return path.with_suffix(".part")


def begin(path: Path) -> Path:
    """Return where the file is written until it is whole, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    return part_of(path)


def sha256_of(path: Path, *, row: Any = None) -> str:
    """Return the SHA-256 of a file, read in pieces, with signs of life for `row`: a big file takes its minutes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for number, block in enumerate(iter(lambda: file.read(CHUNK), b"")):
            digest.update(block)
            if row is not None and number % BEAT_CHUNKS == 0:
                beat(row)
    return digest.hexdigest()


def settle(part: Path, to: Path) -> None:
    """Give the whole file its name, and let the name outlive a power cut."""
    part.replace(to)
    handle = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
