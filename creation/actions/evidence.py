"""Files come in checked, and are attached to indicators; their names and expiry dates are kept up to date.

What a file says, its hash and its original never change: a submitted self-rating speaks of hashes. Nothing leaves the
library either (the database refuses), so that a receipt can always be followed to what it speaks of.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, uploads
from creation.actions.events import record
from creation.actions.files import hold_for_editing
from creation.errors import Refused
from creation.models import Assessment, Attachment, Evidence, Indicator, Organ
from creation.rules import require

NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a file that was brought: its row, and whether the library knew its content before."""

    evidence: Evidence
    was_known: bool


def upload_evidence(organ: Organ, file, *, by) -> Evidence:
    """Put an uploaded file into the organ's library and return it; the same content is kept once.

    Refused for a kind that is not allowed, a content that is not what its name says, a file or picture too large.
    """
    return bring_evidence(organ, file, by=by).evidence


def bring_evidence(organ: Organ, file, *, by) -> Brought:
    """Put an uploaded file into the organ's library; says whether its content was there already, by its hash.

    Refused as `upload_evidence` is.
    """
    require(by, "evidence.upload", organ)
    return _keep(organ, file, purpose=Evidence.Purpose.EVIDENCE, by=by)


def store(organ: Organ, file, *, purpose: str, by) -> Evidence:
    """Check and keep a file for `purpose` and return its row (the existing one for a known content).

    Reading, hashing and re-encoding are done before the transaction, which stays short. What has been stored already,
    ahead of the transaction of the verb that keeps it, is returned as it is; refused when it is another organ's.
    """
    if isinstance(file, Evidence):
        if (file.organ_id, file.purpose) != (organ.pk, purpose):
            raise Refused(_("This file belongs to another organ."))
        return _insert(file, by=by).evidence
    return _keep(organ, file, purpose=purpose, by=by).evidence


@contextmanager
def laid_down(organ: Organ, files: Iterable, *, purpose: str, by) -> Iterator[list[Evidence]]:
    """Write files to the disk ahead of the transaction of the verb that keeps them with `store`.

    A page does so before its transaction begins, and asks for the verb's right before: nobody waits for the disk of
    another. What no row speaks of afterwards, as the form was refused or sent twice, is taken from the disk again.
    """
    laid: list[Evidence] = []
    try:
        laid.extend(_lay(organ, file, purpose=purpose, by=by) for file in files)  # what came before a bad one is kept
        yield laid
    finally:
        for one in laid:
            if not Evidence.objects.filter(original=one.original.name).exists():
                _throw_away(one)


def _keep(organ: Organ, file, *, purpose: str, by) -> Brought:
    return _insert(_lay(organ, file, purpose=purpose, by=by), by=by)


def _lay(organ: Organ, file, *, purpose: str, by) -> Evidence:
    """Return the row of a content that is known, or a new one that is not saved, its files on the disk."""
    checked = uploads.check(file)
    known = Evidence.objects.filter(organ=organ, purpose=purpose, sha256=checked.sha256).first()
    if known is not None:
        return known
    evidence = Evidence(
        organ=organ,
        purpose=purpose,
        name=checked.name,
        sha256=checked.sha256,
        size=checked.size,
        content_type=checked.content_type,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )
    evidence.original.save("", ContentFile(checked.content), save=False)
    if checked.display:
        evidence.display.save("", ContentFile(checked.display), save=False)
    return evidence


def _insert(evidence: Evidence, *, by) -> Brought:
    if evidence.pk is not None:
        return Brought(evidence, was_known=True)
    try:
        with transaction.atomic():
            evidence.save(force_insert=True)
            record("upload", evidence, by=by, after={"sha256": evidence.sha256, "name": evidence.name})
    except IntegrityError:  # the same content came in twice at the same moment
        _throw_away(evidence)
        same = {"organ": evidence.organ_id, "purpose": evidence.purpose, "sha256": evidence.sha256}
        return Brought(Evidence.objects.get(**same), was_known=True)
    return Brought(evidence, was_known=False)


def _throw_away(evidence: Evidence) -> None:
    """Take files from the disk that no row will ever speak of."""
    for kept in (evidence.original, evidence.display):
        if kept:
            kept.storage.delete(kept.name)


@transaction.atomic
def rename_evidence(evidence: Evidence, *, name: str, by) -> Evidence:
    """Give a file of the library another name and return it; its ending, content and hash stay.

    Allowed at any stage of the files it is attached to: they speak of its hash. Refused for an empty name.
    """
    require(by, "evidence.upload", evidence.organ)
    held = Evidence.objects.select_for_update().get(pk=evidence.pk)
    new = _with_ending(name, PurePath(held.name).suffix)
    if new == held.name:
        return held
    before, held.name = held.name, new
    held.save(update_fields=["name"])
    record("rename_evidence", held, by=by, before={"name": before}, after={"name": new})
    return held


def _with_ending(name: str, ending: str) -> str:
    """Return the name as typed with the file's own ending, which nobody has to type and nobody can change."""
    typed = " ".join(name.replace("/", "-").replace("\\", "-").split())  # a name, never a path
    if typed.lower().endswith(ending.lower()):
        typed = typed[: len(typed) - len(ending)]
    stem = uploads.clean_name(typed.rstrip(" .")) if typed.strip(" .") else ""
    if not stem:
        raise Refused(_("Give the file a name."), field="name")
    return stem[: NAME_LENGTH - len(ending)] + ending


@transaction.atomic
def set_expiry(evidence: Evidence, *, day: date | None, by) -> Evidence:
    """Say until which day (inclusive) the paper is valid, None for without an end, and return it."""
    require(by, "evidence.upload", evidence.organ)
    held = Evidence.objects.select_for_update().get(pk=evidence.pk)
    if day == held.expires_on:
        return held
    before, held.expires_on = held.expires_on, day
    held.save(update_fields=["expires_on"])
    record("set_expiry", held, by=by, before={"expires_on": _iso(before)}, after={"expires_on": _iso(day)})
    return held


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


@transaction.atomic
def attach(assessment: Assessment, indicator: Indicator, evidence: Evidence, *, by) -> Attachment:
    """Attach evidence of the organ's own library to an indicator and return the attachment; twice is once."""
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    if evidence.organ_id != assessment.organ_id:
        raise Refused(_("This file belongs to another organ."))
    attachment, _created = Attachment.objects.get_or_create(
        assessment=assessment,
        indicator=indicator,
        evidence=evidence,
        defaults={"added_by": by, "added_at": clock.now()},
    )
    return attachment


@transaction.atomic
def attach_to_items(places: Iterable[tuple[Assessment, Indicator]], pieces: Iterable[Evidence], *, by) -> int:
    """Attach files of the library to several items at once and return how many attachments are new.

    Each piece goes to the items of its own organ's files. Refused where nothing was chosen; all or nothing.
    """
    wanted = [
        (assessment, indicator, piece)
        for assessment, indicator in places
        for piece in pieces
        if piece.organ_id == assessment.organ_id
    ]
    if not wanted:
        raise Refused(_("Choose at least one item."), field="places")
    files = {assessment.pk for assessment, _indicator, _piece in wanted}
    before = Attachment.objects.filter(assessment__in=files).count()
    for assessment, indicator, piece in wanted:
        attach(assessment, indicator, piece, by=by)
    return Attachment.objects.filter(assessment__in=files).count() - before


@transaction.atomic
def detach(attachment: Attachment, *, by) -> None:
    """Take evidence off an indicator; the file stays in the library."""
    require(by, "file.answer", attachment.assessment)
    hold_for_editing(attachment.assessment)
    attachment.delete()
