"""A standard comes in from its JSON, is previewed, and is published once."""

import hashlib
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.errors import Refused
from creation.models import Dimension, Indicator, Standard
from creation.rules import require
from creation.standard_file import read_standard


@transaction.atomic
def import_standard(raw: bytes, *, by) -> Standard:
    """Take in a standard as a draft and return it; refused with every fault of the file at once.

    A version that was imported before is refused; its content never changes.
    """
    require(by, "standard.manage")
    data = read_standard(raw)
    standard = Standard(
        code=data["code"],
        version=data["version"],
        name=data["name"]["zh"],
        name_en=data["name"].get("en", ""),
        notice=data.get("notice", {}).get("zh", ""),
        notice_en=data.get("notice", {}).get("en", ""),
        effective_from=date.fromisoformat(data["effective_from"]),
        pass_mark=_number(data["pass_mark"]),
        full_points=_number(data["full_points"]),
        bonus_cap=_number(data.get("bonus_cap", 0)),
        source_sha256=hashlib.sha256(raw).hexdigest(),
    )
    try:
        with transaction.atomic():
            standard.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("This version of the standard is here already.")) from error
    _write_indicators(standard, data)
    record("import", standard, by=by, after={"sha256": standard.source_sha256})
    return standard


def _write_indicators(standard: Standard, data: dict) -> None:
    position = 0
    for place, dimension_data in enumerate(data["dimensions"], start=1):
        dimension = Dimension.objects.create(
            standard=standard,
            code=dimension_data["code"],
            position=place,
            name=dimension_data["name"]["zh"],
            name_en=dimension_data["name"].get("en", ""),
        )
        for item in dimension_data["indicators"]:
            position += 1
            _write_indicator(standard, dimension, item, position)
    for item in data.get("bonus", []):
        position += 1
        _write_indicator(standard, None, item, position)


def _write_indicator(standard: Standard, dimension: Dimension | None, item: dict, position: int) -> None:
    Indicator.objects.create(
        standard=standard,
        dimension=dimension,
        code=item["code"],
        position=position,
        points=_number(item["points"]),
        name=item["name"]["zh"],
        name_en=item["name"].get("en", ""),
        gate=item.get("gate", False),
        bonus=dimension is None,
        rubric=item["rubric"],
        check_by=item.get("check", []),
        evidence=item.get("evidence", {}).get("zh", ""),
        evidence_en=item.get("evidence", {}).get("en", ""),
        evidence_required=item.get("evidence_required", False),
        not_applicable=item.get("not_applicable", "not_allowed"),
        points_source=item.get("points_source", "proposed"),
    )


def _number(raw: object) -> Decimal:
    return Decimal(str(raw))


@transaction.atomic
def publish_standard(standard: Standard, *, by) -> Standard:
    """Publish a standard: from now on the database refuses every change to it. Refused when it is published."""
    require(by, "standard.manage")
    at = clock.now()
    if Standard.objects.filter(pk=standard.pk, published_at=None).update(published_at=at, published_by=by) != 1:
        raise Refused(_("This version is published already."))
    record("publish", standard, by=by)
    standard.refresh_from_db()
    return standard
