"""What the worker has given up is tried again, where doing it once more does no harm."""

from django.db import transaction
from django.utils.translation import gettext as _

from creation.actions.events import record
from creation.doorbell import ring
from creation.errors import Refused
from creation.models import Digest, Import
from creation.rules import require
from reviews.actions.digests import ATTEMPTS as MAIL_TRIES


@transaction.atomic
def try_again(queue: str, pk: int, *, by) -> None:
    """Let the worker try a row that was given up anew, all its tries before it; refused when it does not wait for that.

    Safe for a mail, which leaves once, and for an import, which is checked anew and confirmed again before anything is
    written. Every other queue tries by itself, or whoever asked asks again.
    """
    require(by, "operations.retry")
    row = _again(queue, pk)
    if row is None:
        raise Refused(_("This does not wait to be tried again."))
    record("try_again", row, by=by)


def _again(queue: str, pk: int):
    """Return the row that was given back to the worker, None where there is none that was given up."""
    if queue == "mails":
        rows = Digest.objects.filter(pk=pk, sent_at__isnull=True, attempts__gte=MAIL_TRIES)
        changed = rows.update(attempts=0, tried_at=None)
        ring("reviews.tasks.digests")
        return Digest.objects.get(pk=pk) if changed else None
    if queue == "imports":
        rows = Import.objects.filter(pk=pk, state=Import.State.FAULTY, preview__parked=True)
        changed = rows.update(state=Import.State.WAITING, attempts=0, errors=[], preview={}, done=0)
        ring("reviews.tasks.work_off_imports")
        return Import.objects.get(pk=pk) if changed else None
    return None


SAFE = ("mails", "imports")
