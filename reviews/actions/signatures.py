"""Who signs under a visit: the inspectors, and a representative of the organ, who may disagree and write why."""

import hashlib
import json
import math
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.errors import Refused
from creation.models import User
from reviews.actions.inspections import canonical, content_of, hold_visit
from reviews.models import Inspection, Signature

WIDTH, HEIGHT = 1000, 400
MAX_STROKES, MAX_POINTS, MIN_POINTS = 200, 5000, 2
LONGEST = {"name": 80, "position": 80, "statement": 2000}
_PAIR = 2


def sign(
    inspection: Inspection,
    *,
    by,
    side: str,
    name: str,
    position: str,
    strokes: list,
    disagrees: bool,
    statement: str,
    signed_at: datetime,
    key: UUID,
    user: User | None = None,
) -> Signature:
    """Keep a signature drawn on the device of `by`, somebody of the team, and return it; the same `key` lands once.

    An inspector (`user`, of the team) signs under their own name on the register; the organ's representative gives
    name and position, and a reason where they disagree. With it goes the SHA-256 of what the visit says at this
    moment (`sha256_to_sign`). Refused for strokes that are no drawing, and once the visit has been filed.
    """
    drawn = _checked_strokes(strokes)
    written = _checked_texts(side, name=name, position=position, statement=statement, disagrees=disagrees)
    try:
        with transaction.atomic():
            held = hold_visit(inspection.pk, "inspection.rate", by=by)
            earlier = Signature.objects.filter(key=key).first()
            if earlier is not None:
                return _same(earlier, held)
            if side == Signature.Side.INSPECTOR:
                user = _of_team(held, user)
                written["name"] = user.name
            return Signature.objects.create(
                inspection=held,
                side=side,
                user=user if side == Signature.Side.INSPECTOR else None,
                strokes=drawn,
                disagrees=disagrees,
                signed_sha256=sha256_to_sign(held),
                key=key,
                signed_at=min(signed_at, clock.now()),  # a phone whose clock is ahead
                taken_by=by,
                **written,
            )
    except IntegrityError:  # the same key at the same moment, on a visit that is another row
        return _same(Signature.objects.get(key=key), inspection)


def _same(earlier: Signature, inspection: Inspection) -> Signature:
    if earlier.inspection_id != inspection.pk:
        raise Refused(_("This signature belongs to another visit."))
    return earlier


def _of_team(held: Inspection, user: User | None) -> User:
    if user is None or not held.members.filter(user=user).exists():
        raise Refused(_("Choose who of the team signs."), field="user")
    return user


def _checked_texts(side: str, *, name: str, position: str, statement: str, disagrees: bool) -> dict:
    """Return the texts without spaces around them; refused where one is missing, too long or out of place."""
    texts = {"name": name.strip(), "position": position.strip(), "statement": statement.strip()}
    for field, text in texts.items():
        if len(text) > LONGEST[field] or "\x00" in text:
            raise Refused(_("This text is too long or holds signs that cannot be kept."), field=field)
    if side not in Signature.Side.values:
        raise Refused(_("Say for which side this is signed."), field="side")
    if side == Signature.Side.INSPECTOR:
        if disagrees or texts["statement"]:
            raise Refused(_("Only the organ's representative may disagree; inspectors write remarks at the items."))
        return texts
    if not texts["name"]:
        raise Refused(_("Enter the name of whoever signs."), field="name")
    if not texts["position"]:
        raise Refused(_("Enter the position of whoever signs for the organ."), field="position")
    if disagrees and not texts["statement"]:
        raise Refused(_("Write what the organ disagrees with, and why."), field="statement")
    return texts


def _checked_strokes(strokes) -> list[list[list[float]]]:
    """Return the strokes with one decimal; refused for anything that is no drawing in the field of 1000 × 400."""
    if not isinstance(strokes, list) or len(strokes) > MAX_STROKES:
        raise _no_drawing()
    if not all(isinstance(stroke, list) and stroke for stroke in strokes):
        raise _no_drawing()
    points = sum(len(stroke) for stroke in strokes)
    if points > MAX_POINTS:
        raise Refused(_("The signature has too many points. Clear the field and sign again."), field="strokes")
    drawn = [[_checked_point(point) for point in stroke] for stroke in strokes]
    if points < MIN_POINTS:  # a touch by mistake
        raise Refused(_("Sign in the field first."), field="strokes")
    return drawn


def _checked_point(point) -> list[float]:
    if not isinstance(point, list | tuple) or len(point) != _PAIR:
        raise _no_drawing()
    for number, most in zip(point, (WIDTH, HEIGHT), strict=True):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _no_drawing()
        if not (math.isfinite(number) and 0 <= number <= most):
            raise _no_drawing()
    return [round(float(number), 1) for number in point]


def _no_drawing() -> Refused:
    return Refused(_("What came is no drawing. Clear the field and sign again."), field="strokes")


def text_to_sign(inspection: Inspection) -> str:
    """Return what the visit says as canonical JSON: what is filed but signatures and statements, and what was wrong.

    Of a finding only what the team wrote counts: the organ's later answers do not change what was signed.
    """
    says = json.loads(content_of(inspection, inspection.result()))
    for said_later in ("signatures", "statements"):
        says.pop(said_later, None)
    says["findings"] = [
        {
            "indicator": finding.indicator.code,
            "kind": finding.kind,
            "text": finding.text,
            "due_on": finding.due_on.isoformat() if finding.due_on else None,
        }
        for finding in inspection.findings.select_related("indicator").order_by("pk")
    ]
    return canonical(says)


def sha256_to_sign(inspection: Inspection) -> str:
    """Return the SHA-256 of what the visit says now; a signature that has another one was given before a change."""
    return hashlib.sha256(text_to_sign(inspection).encode()).hexdigest()
