"""The register of a region in the columns that the State's system asks for; which ones is said by a mapping file."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from creation.models import Organ, Recognition, Region
from portal.reports.chunks import Progress, in_pieces
from portal.reports.mapping import CODE, DATE, NUMBER, TEXT, Columns, Source, read

RECOGNISED, REGISTER = "recognised", "register"
# field of the portal → its column in the database, where it is one of the organ itself
OF_ORGAN = {
    "organ.credit_code": ("credit_code", Source(TEXT)),
    "organ.name": ("name", Source(TEXT)),
    "organ.name_en": ("name_en", Source(TEXT)),
    "organ.category": ("category", Source(CODE, frozenset(Organ.Category.values))),
    "organ.staff": ("staff", Source(NUMBER)),
    "organ.floor_area_m2": ("floor_area_m2", Source(NUMBER)),
    "organ.address": ("address", Source(TEXT)),
    "organ.established_on": ("established_on", Source(DATE)),
    "organ.abolished_on": ("abolished_on", Source(DATE)),
}
OF_TITLE = {
    "title.batch": ("batch", Source(TEXT)),
    "title.document_number": ("document_number", Source(TEXT)),
    "title.granted_on": ("granted_on", Source(DATE)),
    "title.valid_until": ("valid_until", Source(DATE)),
}
KINDS = frozenset(Region.Kind.values)
OF_REGION = {
    "region.code": Source(TEXT),
    "region.name": Source(TEXT),
    "region.kind": Source(CODE, KINDS),
    "region.parent": Source(TEXT),
    "region.parent_code": Source(TEXT),
}
OTHERS = {
    "number": Source(NUMBER),
    "as_of": Source(DATE),
    "title.holds": Source(CODE, frozenset({"yes", "no"})),
}
SOURCES: Mapping[str, Source] = {
    **{name: source for name, (_field, source) in (OF_ORGAN | OF_TITLE).items()},
    **OF_REGION,
    **OTHERS,
}


def columns() -> Columns:
    """Return the columns of the mapping file that the settings name; `BadMapping` when it cannot be used."""
    return read(Path(settings.STATE_COLUMNS).read_bytes(), SOURCES)


def rows(asked: Columns, region: Region, day: date, *, which: str, progress: Progress) -> Iterator[list[Any]]:
    """Yield the organs at or below a region on `day` in the columns asked for, in register order.

    `which` is RECOGNISED (those with a title that holds on the day) or REGISTER (all).
    """
    found = Organ.objects.active_on(day).filter(region__paths_up__ancestor=region)
    if which == RECOGNISED:
        found = found.filter(pk__in=Recognition.objects.live_on(day).values("organ"))
    fields = [field for field, _source in OF_ORGAN.values()]
    regions = Region.objects.select_related("parent").in_bulk()
    number = 0
    for piece in in_pieces(found.order_by("region__position", "credit_code"), ("region_id", *fields), progress):
        titles = _titles([row[0] for row in piece], day)
        for pk, region_id, *values in piece:
            number += 1
            row = dict(zip(OF_ORGAN, values, strict=True))
            row |= _of_region(regions[region_id]) | titles.get(pk, NO_TITLE) | {"number": number, "as_of": day}
            yield [column.cell(row) for column in asked.columns]


NO_TITLE = {**dict.fromkeys(OF_TITLE), "title.holds": "no"}


def _titles(organs: list[int], day: date) -> dict[int, dict[str, Any]]:
    fields = [field for field, _source in OF_TITLE.values()]
    live = Recognition.objects.live_on(day).filter(organ__in=organs).values_list("organ_id", *fields)
    return {
        organ: dict(zip(OF_TITLE, values, strict=True)) | {"title.holds": "yes"} for organ, *values in live.order_by()
    }


def _of_region(region: Region) -> dict[str, Any]:
    above = region.parent
    return {
        "region.code": region.code,
        "region.name": region.name,
        "region.kind": region.kind,
        "region.parent": above.name if above else None,
        "region.parent_code": above.code if above else None,
    }
