"""Verification sheets: issued with every title that is recognised here, on demand for those that were imported."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.errors import Refused
from creation.models import Recognition
from creation.rules import require
from reviews import codes, sheets
from reviews.models import PublishedKey, VerificationSheet


@transaction.atomic
def issue(recognition: Recognition, *, by) -> VerificationSheet:
    """Issue the sheet of a title that has none yet, such as an imported one, and return it.

    A title has one sheet for ever: called again, it is that one, whatever has become of the title; the live page says
    it. Refused for a title that has none and does not hold today.
    """
    require(by, "sheet.issue", recognition)
    kept = VerificationSheet.objects.filter(recognition=recognition).first()
    if kept is not None:
        return kept
    state, _since = standing_of(recognition)
    if state != "valid":
        raise Refused(_("A sheet is issued for a title that holds today."))
    return write_sheet(recognition, by=by)


def write_sheet(recognition: Recognition, *, by) -> VerificationSheet:
    """Sign what a title says and return its sheet; the one that it has stays.

    The public key is published with its first sheet. Part of the verbs that recognise; call it inside their
    transaction.
    """
    kept = VerificationSheet.objects.filter(recognition=recognition).first()
    if kept is not None:
        return kept
    key = sheets.signing_key(settings.SIGNING_KEY)
    public_key = sheets.public_key_of(key)
    key_id = sheets.key_id_of(public_key)
    PublishedKey.objects.get_or_create(key_id=key_id, defaults={"public_key": public_key, "since": clock.now()})
    content = _content(recognition, key_id=key_id)
    payload = sheets.payload_of(content)
    sheet = VerificationSheet(
        recognition=recognition,
        code=content.code,
        payload=payload,
        key_id=key_id,
        signature=sheets.sign(payload, key),
        issued_by=by,
        issued_at=clock.now(),
    )
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
            # the code opens the live page: it stands on the sheet and nowhere else
            record("issue", sheet, by=by, after={"recognition": recognition.pk, "key_id": key_id})
    except IntegrityError:  # somebody issued it at the same moment
        return VerificationSheet.objects.get(recognition=recognition)
    return sheet


def _content(recognition: Recognition, *, key_id: str) -> sheets.Content:
    organ = recognition.organ
    return sheets.Content(
        code=codes.new_code(),
        credit_code=organ.credit_code,
        organ=organ.name,
        region=organ.region.name,
        batch=recognition.batch,
        document_number=recognition.document_number,
        granted_on=recognition.granted_on.isoformat(),
        valid_until=recognition.valid_until.isoformat() if recognition.valid_until else "",
        issued_on=clock.today().isoformat(),
        key_id=key_id,
        address=settings.PORTAL_ADDRESS.rstrip("/") + reverse("verification"),
        note=sheets.DEMONSTRATION if settings.DEMO else "",
    )


def standing_of(recognition: Recognition):
    """Return what has become of a title by today as (state, first day of it or None); see `sheets.standing`."""
    return sheets.standing(
        clock.today(),
        granted_on=recognition.granted_on,
        valid_until=recognition.valid_until,
        revoked_on=recognition.revoked_on,
        replaced_on=recognition.replaced_on,
        closed_on=recognition.organ.abolished_on,
    )
