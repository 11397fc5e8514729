"""Notices: the published ones, and for officials of the municipality those that wait."""

from typing import Literal

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from creation import clock
from portal.api import fields
from portal.api.fields import Level, Name, PageOf, Place, Told
from portal.api.paging import of_year, part_of
from reviews.models import Listing, Notice

router = Router(tags=["notices"])


class NoticeTold(Told):
    """A public notice of the organs that are to be recognised."""

    id: int
    title: str
    region: Place
    cycle: int = Field(description=_("Number of the round."))
    year: int = Field(description=_("Year of the round."), examples=[2026])
    state: Literal["draft", "handed_in", "approved", "published"]
    published_at: fields.Instant | None
    first_day: fields.Day | None = Field(description=_("First day on which one can object."))
    last_day: fields.Day | None = Field(description=_("Last day on which one can object."))
    working_days: int | None
    organs: int = Field(description=_("How many organs stand on it."))


class ListingTold(Told):
    """An organ on a notice, with the names it had then."""

    number: int
    organ: Name
    region: Name
    level: Level
    batch: str


class NoticeWhole(NoticeTold):
    """A notice with its text and its list."""

    basis: str
    process: str
    office: str = Field(description=_("Where objections are received."))
    office_phone: str
    office_address: str
    office_mailbox: str
    listings: list[ListingTold]


class Notices(PageOf):
    """A part of the list of notices."""

    items: list[NoticeTold]


@router.get(
    "/notices",
    response=Notices,
    url_name="api_notices",
    summary=_("Notices"),
    description=_("All published notices, and for officials those of their municipality that wait; the newest first."),
)
def notices(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    year: fields.OfYear = None,
    changed_since: fields.Since = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Notices:
    """Return one part of the list."""
    asked = {"region": region, "year": year, "changed_since": changed_since}
    rows = of_year(_visible(request), "notice", "cycle__year", **asked)
    return part_of(request, rows, Notices, notice_told, asked=asked, limit=limit, cursor=cursor, newest_first=True)


@router.get(
    "/notices/{number}",
    response=NoticeWhole,
    url_name="api_notice",
    summary=_("One notice"),
    description=_("One notice with its text and its list."),
)
def notice(request: HttpRequest, *, number: fields.Number) -> NoticeWhole:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return whole(get_object_or_404(_visible(request), pk=number))


def _visible(request: HttpRequest) -> QuerySet[Notice]:
    mine = Notice.objects.visible_to(request.auth).values("pk")
    return with_places(Notice.objects.filter(pk__in=mine) | Notice.objects.public(clock.now()))


def with_places(rows: QuerySet[Notice]) -> QuerySet[Notice]:
    """Return the notices with what is told of them, in the same statement."""
    return rows.select_related("region", "cycle").annotate(organs=Count("listings"))


def notice_told(notice: Notice) -> NoticeTold:
    """Return what lists tell of a notice."""
    return NoticeTold(**_facts(notice))


def whole(notice: Notice) -> NoticeWhole:
    """Return a notice with its text and its list, in one more statement."""
    text = {
        field: getattr(notice, field)
        for field in ("basis", "process", "office", "office_phone", "office_address", "office_mailbox")
    }
    return NoticeWhole(**_facts(notice), **text, listings=[_listing(row) for row in notice.listings.order_by("number")])


def _facts(notice: Notice) -> dict:
    return {
        "id": notice.pk,
        "title": notice.title,
        "region": fields.place(notice.region),
        "cycle": notice.cycle_id,
        "year": notice.cycle.year,
        "state": _state(notice),
        "published_at": fields.local(notice.published_at),
        "first_day": notice.first_day,
        "last_day": notice.last_day,
        "working_days": notice.working_days,
        "organs": notice.organs,
    }


def _state(notice: Notice) -> str:
    if notice.is_published:
        return "published"
    return "approved" if notice.is_approved else "handed_in" if notice.is_handed_in else "draft"


def _listing(row: Listing) -> ListingTold:
    return ListingTold(
        number=row.number,
        organ=Name(zh=row.organ_name, en=row.organ_name_en),
        region=Name(zh=row.region_name, en=row.region_name_en),
        level=row.level,
        batch=row.batch,
    )
