"""Files come in checked, and are attached to indicators."""

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, uploads
from creation.actions.events import record
from creation.actions.files import hold_for_editing
from creation.errors import Refused
from creation.models import Assessment, Attachment, Evidence, Indicator, Organ
from creation.rules import require


def upload_evidence(organ: Organ, file, *, by) -> Evidence:
    """Put an uploaded file into the organ's library and return it; the same content is kept once.

    Refused for a kind that is not allowed, a content that is not what its name says, a file or picture too large.
    """
    require(by, "evidence.upload", organ)
    return store(organ, file, purpose=Evidence.Purpose.EVIDENCE, by=by)


def store(organ: Organ, file, *, purpose: str, by) -> Evidence:
    """Check and keep a file for `purpose` and return its row (the existing one for a known content).

    Reading, hashing and re-encoding are done before the transaction, which stays short.
    """
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
    try:
        with transaction.atomic():
            evidence.save(force_insert=True)
            record("upload", evidence, by=by, after={"sha256": checked.sha256, "name": checked.name})
    except IntegrityError:  # the same content came in twice at the same moment
        return Evidence.objects.get(organ=organ, purpose=purpose, sha256=checked.sha256)
    return evidence


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
def detach(attachment: Attachment, *, by) -> None:
    """Take evidence off an indicator; the file stays in the library."""
    require(by, "file.answer", attachment.assessment)
    hold_for_editing(attachment.assessment)
    attachment.delete()
