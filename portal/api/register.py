"""The register: regions and organs."""

from typing import Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from creation.models import Organ, Region
from portal.api import fields
from portal.api.fields import Name, PageOf, Place, Told
from portal.api.paging import changed, day_or_404, narrowed, part_of

router = Router(tags=["register"])
Category = Literal[
    "party", "congress", "administrative", "consultative", "supervision", "court", "procuratorate",
    "people_organisation", "township", "public_institution",
]  # fmt: skip


class RegionTold(Place):
    """A region with the region above it."""

    parent: str | None = Field(description=_("Code of the region above, null at the top."))


class Regions(PageOf):
    """A part of the list of regions."""

    items: list[RegionTold]


class OrganTold(Told):
    """An organ on the register, or one that was."""

    credit_code: str = Field(description=_("Unified social credit code."))
    name: Name
    region: Place
    category: Category = Field(description=_("What kind of body it is."))
    staff: int | None = Field(description=_("Number of staff, null where unknown."))
    floor_area_m2: str | None = Field(description=_("Floor area in square metres, null where unknown."))
    address: str
    established_on: fields.Day = Field(description=_("First day on the register."))
    abolished_on: fields.Day | None = Field(description=_("First day no longer on the register."))


class Organs(PageOf):
    """A part of the register."""

    items: list[OrganTold]


@router.get(
    "/regions",
    response=Regions,
    url_name="api_regions",
    summary=_("Regions"),
    description=_("The regions in which the token's owner sees the register, or where their organ lies."),
)
def regions(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    level: fields.OfLevel = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Regions:
    """Return one part of the list."""
    rows = Region.objects.visible_to(request.auth).select_related("parent")
    if region is not None:
        rows = rows.filter(paths_up__ancestor__code=region)
    if level is not None:
        rows = rows.filter(kind=level)
    asked = {"region": region, "level": level}
    return part_of(request, rows, Regions, _region, asked=asked, limit=limit, cursor=cursor)


def _region(region: Region) -> RegionTold:
    above = region.parent.code if region.parent else None
    return RegionTold(**dict(fields.place(region)), parent=above)


@router.get(
    "/register",
    response=Organs,
    url_name="api_register",
    summary=_("Organs on the register"),
    description=_(
        "The organs that the token's owner sees: those on the register on a day, or without a day all there ever were."
    ),
)
def register(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    level: fields.OfLevel = None,
    as_of: fields.AsOf = None,
    changed_since: fields.Since = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Organs:
    """Return one part of the list."""
    rows = narrowed(Organ.objects.visible_to(request.auth), "", region=region, level=level).select_related("region")
    if as_of is not None:
        rows = rows.active_on(day_or_404(as_of))
    if changed_since is not None:
        rows = rows.filter(changed("organ", changed_since, "import_register", "import_regions"))
    asked = {"region": region, "level": level, "as_of": as_of, "changed_since": changed_since}
    return part_of(request, rows, Organs, _organ, asked=asked, limit=limit, cursor=cursor)


@router.get(
    "/register/{credit_code}",
    response=OrganTold,
    url_name="api_organ",
    summary=_("One organ"),
    description=_("One organ by its credit code."),
)
def organ(request: HttpRequest, *, credit_code: fields.CreditCode) -> OrganTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    rows = Organ.objects.visible_to(request.auth).select_related("region")
    return _organ(get_object_or_404(rows, credit_code=credit_code))


def _organ(organ: Organ) -> OrganTold:
    return OrganTold(
        **dict(fields.organ_named(organ)),
        category=organ.category,
        staff=organ.staff,
        floor_area_m2=None if organ.floor_area_m2 is None else str(organ.floor_area_m2),
        address=organ.address,
        established_on=organ.established_on,
        abolished_on=organ.abolished_on,
    )
