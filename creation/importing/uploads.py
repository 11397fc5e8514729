"""Handing a file in, confirming its preview and discarding it; the worker does the rest."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from creation import clock, doorbell
from creation.errors import Overtaken, Refused
from creation.models import Import, User
from creation.rules import require

WORK_OFF = "reviews.tasks.work_off_imports"
State = Import.State


def visible_imports(user: User) -> QuerySet[Import]:
    """Return the imports of municipal registrars in the person's regions and those made by command.

    Nothing for anybody who is no municipal registrar.
    """
    if not any(post.role == "registrar" and post.region.kind != "district" for post in user.posts if post.region_id):
        return Import.objects.none()
    colleagues = User.objects.filter(
        appointments__role="registrar", appointments__region__in=user.scope("registrar")
    ).values("pk")
    return Import.objects.filter(Q(by=user) | Q(by=None) | Q(by__in=colleagues))


@transaction.atomic
def hand_in(kind: str, file, *, sha256: str, by: User) -> Import:
    """Keep an uploaded file for checking, ring the worker and return the import; nothing is changed yet."""
    require(by, "register.import")
    imported = Import(kind=kind, name=file.name[-200:], sha256=sha256, by=by, at=clock.now())
    # a large upload lies on the disk already and is only moved, so the transaction stays short
    imported.file.save(f"{kind}.{'xlsx' if file.name.lower().endswith('.xlsx') else 'csv'}", file, save=False)
    imported.save(force_insert=True)
    doorbell.ring(WORK_OFF)
    return imported


@transaction.atomic
def confirm(imported: Import, *, by: User) -> Import:
    """Let the worker apply a checked file and return it; refused to others than who handed it in."""
    _require_own(imported, by)
    preview = imported.preview | {"beat": None, "moved": False}
    _set(imported, (State.CHECKED,), state=State.APPLYING, attempts=0, preview=preview)
    doorbell.ring(WORK_OFF)
    return imported


@transaction.atomic
def discard(imported: Import, *, by: User) -> Import:
    """Lay a file aside that has not been applied and return it; nothing is changed."""
    _require_own(imported, by)
    _set(imported, (State.WAITING, State.CHECKED, State.FAULTY), state=State.DISCARDED)
    return imported


def _require_own(imported: Import, by: User) -> None:
    require(by, "register.import")
    if imported.by_id != by.pk:
        raise Refused(_("Only the person who handed the file in can do this."))


def _set(imported: Import, was: tuple[str, ...], **columns: object) -> None:
    # compare and set: of two clicks at the same moment one takes effect
    if Import.objects.filter(pk=imported.pk, state__in=was, state=imported.state).update(**columns) != 1:
        raise Overtaken(_("This import has moved on meanwhile. Look at it again."))
    imported.refresh_from_db()
