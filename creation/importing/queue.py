"""Works off the imports that wait. The row is the queue: a lost message delays it, a killed worker loses nothing."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models import F

from creation import clock
from creation.importing.differences import Preview
from creation.importing.faults import Fault, Faults
from creation.importing.work import Faulty, Moved, carry_out, examine
from creation.models import Import

log = logging.getLogger(__name__)

ATTEMPTS = 3
STALE = timedelta(seconds=60)  # a pass that has shown no sign of life for so long is begun again
State = Import.State


def check_waiting() -> None:
    """Check the files that were handed in and apply those that were confirmed.

    May run twice at once: each file is claimed by compare-and-set. A file whose worker died is claimed again after
    `STALE`; after three attempts it is parked as faulty with a message.
    """
    waiting = Import.objects.filter(state__in=(State.WAITING, State.CHECKING, State.APPLYING)).order_by("id")
    for pk in waiting.values_list("pk", flat=True):
        imported = _claim(pk)
        if imported is None:
            continue
        try:
            _apply(imported) if imported.state == State.APPLYING else _check(imported)
        except Exception:  # one file that cannot be worked off stops no other; the next sweep tries it again
            log.exception("Import %s could not be worked off (attempt %s).", pk, imported.attempts)
            Import.objects.filter(pk=pk, state=imported.state, attempts=imported.attempts).update(
                preview=imported.preview | {"beat": None}
            )


def _claim(pk: int) -> Import | None:
    """Return the import when it is this worker's turn, one attempt counted; None when somebody else is at it."""
    try:
        with transaction.atomic():
            # whoever applies the file holds its row: on PostgreSQL it is passed over, on SQLite the file is locked
            skip = connection.features.has_select_for_update_skip_locked
            imported = Import.objects.select_for_update(skip_locked=skip).filter(pk=pk).first()
            if imported is None or not _is_due(imported):
                return None
            if imported.attempts >= ATTEMPTS:
                _park(imported)
                return None
            imported.attempts += 1
            imported.preview["beat"] = clock.now().isoformat()
            if imported.state == State.WAITING:
                imported.state = State.CHECKING
            imported.save(update_fields=["attempts", "preview", "state"])
            return imported
    except OperationalError:
        log.warning("Import %s is locked; the next sweep looks again.", pk, exc_info=True)
        return None


def _is_due(imported: Import) -> bool:
    if imported.state == State.WAITING:
        return True
    beat = imported.preview.get("beat")
    began = imported.state in {State.CHECKING, State.APPLYING}
    return began and (beat is None or clock.now() - datetime.fromisoformat(beat) > STALE)


def _park(imported: Import) -> None:
    imported.state = State.FAULTY
    imported.errors = [Fault(None, "", "", "parked").as_list()]
    imported.preview = {"faults": 1, "parked": True}
    imported.save(update_fields=["state", "errors", "preview"])


def _check(imported: Import) -> None:
    """Look at the file and leave its preview or its faults; outside of any transaction, so that nobody waits."""
    mine = Import.objects.filter(pk=imported.pk, state=State.CHECKING, attempts=imported.attempts)

    def progress(done: int, about: int) -> None:
        mine.update(done=done, rows=about, preview={"beat": clock.now().isoformat()})

    with _all_faults(imported) as sink:
        faults, preview = examine(
            imported.kind, Path(imported.file.path), scope=scope_of(imported), sink=sink, progress=progress
        )
    mine.update(**_outcome(faults, preview))


def _apply(imported: Import) -> None:
    """Write what was confirmed; when it would do something else now, the new preview waits for a decision instead."""
    mine = Import.objects.filter(pk=imported.pk, state=State.APPLYING, attempts=imported.attempts)
    expected = imported.preview.get("digest", "")
    try:
        with transaction.atomic(), _all_faults(imported) as sink:
            # the row is held for as long as the writing takes: a second worker finds it taken
            if mine.update(state=State.APPLIED, applied_at=clock.now()) != 1:
                return
            carry_out(
                imported,
                Path(imported.file.path),
                by=imported.by,
                scope=scope_of(imported),
                expected=expected,
                sink=sink,
            )
    except Faulty as found:
        mine.update(**_outcome(found.faults, found.preview))
    except Moved as found:
        outcome = _outcome(Faults(), found.preview)
        mine.update(**outcome | {"preview": outcome["preview"] | {"moved": True}})


def _outcome(faults: Faults, preview: Preview) -> dict:
    """Return the columns that keep what a look at the file has found."""
    return {
        "state": State.FAULTY if faults.total else State.CHECKED,
        "rows": preview.rows,
        "done": preview.rows,
        "attempts": F("attempts") if faults.total else 0,
        "preview": {**preview.as_json(), "faults": faults.total},
        "errors": [fault.as_list() for fault in faults.first],
    }


def scope_of(imported: Import) -> set[int]:
    """Return the ids of the regions that whoever handed the file in may touch today."""
    return set(imported.by.scope("registrar").values_list("descendant_id", flat=True))


# --- every fault, beside the file -----------------------------------------------------------------------------------


@contextmanager
def _all_faults(imported: Import) -> Iterator:
    """Give a sink that writes each fault as a line beside the file; a look begun again writes it anew."""
    with _faults_path(imported).open("w", encoding="utf-8") as lines:

        def sink(fault: Fault) -> None:
            lines.write(json.dumps(fault.as_list(), ensure_ascii=False) + "\n")

        yield sink


def faults_of(imported: Import) -> Iterator[Fault]:
    """Yield every fault of the import, not only those shown on its page."""
    path = _faults_path(imported) if imported.file else None
    if path is None or not path.exists() or imported.preview.get("parked"):
        yield from (Fault(*kept) for kept in imported.errors)
        return
    with path.open(encoding="utf-8") as lines:
        yield from (Fault(*json.loads(line)) for line in lines)


def _faults_path(imported: Import) -> Path:
    return Path(f"{imported.file.path}.faults")
