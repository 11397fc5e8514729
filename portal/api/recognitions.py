"""Titles: recognised organs as of a day."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from pydantic import Field

from creation.models import Recognition
from portal.api import fields
from portal.api.fields import OrganNamed, PageOf, Told
from portal.api.paging import changed, day_or_404, narrowed, part_of, readable
from reviews.exporting import titles_on

router = Router(tags=["recognitions"])
State = Literal["valid", "revoked", "expired", "closed"]


class TitleTold(Told):
    """A title as it stands on a day."""

    id: int
    organ: OrganNamed
    batch: str
    document_number: str = Field(description=_("Number of the announcement's document."))
    granted_on: fields.Day = Field(description=_("First day with the title."))
    valid_until: fields.Day | None = Field(description=_("Last day with the title, null without an end."))
    state: State = Field(description=_("What it is on that day; “valid” is what the completion rates count."))
    ended_on: fields.Day | None = Field(description=_("Since when it is no longer valid."))
    reason: str = Field(description=_("Why it was revoked, empty otherwise."))


class Titles(PageOf):
    """A part of the list of titles."""

    as_of: fields.Day = Field(description=_("The day for which this holds."))
    items: list[TitleTold]


@router.get(
    "/recognitions",
    response=Titles,
    url_name="api_recognitions",
    summary=_("Titles as of a day"),
    description=_(
        "The titles of the organs that the token's owner sees; one that a later one has replaced is left out."
    ),
)
def recognitions(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    level: fields.OfLevel = None,
    state: Annotated[State | None, Query(description=_("Only titles in this state on that day."))] = None,
    as_of: fields.AsOf = None,
    changed_since: fields.Since = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Titles:
    """Return one part of the list."""
    day = day_or_404(as_of)
    rows = narrowed(_rows(request, day), "organ", region=region, level=level)
    if state is not None:
        rows = rows.filter(state=state)
    if changed_since is not None:
        rows = rows.filter(_changed(changed_since))
    asked = {"region": region, "level": level, "state": state, "as_of": day, "changed_since": changed_since}
    return part_of(request, rows, Titles, _title, asked=asked, limit=limit, cursor=cursor, as_of=day)


def _changed(since: datetime) -> Q:
    """Return what is true of titles recorded, changed or ended since an instant; also those that ran out by a date."""
    since = readable(since)
    began = Q(recorded_at__gte=since) | Q(ended_on__gte=timezone.localdate(since))
    return began | changed("recognition", since, "import_recognitions")


@router.get(
    "/recognitions/{number}",
    response=TitleTold,
    url_name="api_recognition",
    summary=_("One title as of a day"),
    description=_("One title; 404 before the day on which it was granted and after it was replaced."),
)
def recognition(request: HttpRequest, *, number: fields.Number, as_of: fields.AsOf = None) -> TitleTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return _title(get_object_or_404(_rows(request, day_or_404(as_of)), pk=number))


def _rows(request: HttpRequest, day: date):
    mine = Recognition.objects.visible_to(request.auth)
    return titles_on(day).filter(pk__in=mine.order_by().values("pk")).select_related("organ__region")


def _title(title: Recognition) -> TitleTold:
    return TitleTold(
        id=title.pk,
        organ=fields.organ_named(title.organ),
        batch=title.batch,
        document_number=title.document_number,
        granted_on=title.granted_on,
        valid_until=title.valid_until,
        state=title.state,
        ended_on=title.ended_on,
        reason=title.revoke_reason if title.state == "revoked" else "",
    )
