"""Yearly rounds."""

from typing import Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from creation.models import WINDOWS, Cycle
from portal.api import fields
from portal.api.fields import PageOf, Place, Told
from portal.api.paging import of_year, part_of

router = Router(tags=["cycles"])


class Window(Told):
    """The days within which a step is taken, both included."""

    first_day: fields.Day
    last_day: fields.Day


class CycleTold(Told):
    """A yearly round of a municipality."""

    id: int
    region: Place
    year: int = Field(description=_("Year of the round."), examples=[2026])
    batch: str = Field(description=_("National batch to which the round reports."))
    calendar_year: int = Field(description=_("Calendar year of the figures."))
    standard: str = Field(description=_("Code and version of the standard, such as BJ/1."))
    state: Literal["draft", "open", "closed"]
    windows: dict[Literal["self_rating", "inspection", "spot_check", "publicity"], Window]
    notice_days: int = Field(description=_("Length of a notice in working days."))
    sample_share: str = Field(description=_("Share of inspected files that is drawn for a spot check, in percent."))
    opened_at: fields.Instant | None
    closed_at: fields.Instant | None


class Cycles(PageOf):
    """A part of the list of rounds."""

    items: list[CycleTold]


@router.get(
    "/cycles",
    response=Cycles,
    url_name="api_cycles",
    summary=_("Rounds"),
    description=_("The opened rounds, and for officials the drafts in their regions; the newest first."),
)
def cycles(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    year: fields.OfYear = None,
    changed_since: fields.Since = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Cycles:
    """Return one part of the list."""
    asked = {"region": region, "year": year, "changed_since": changed_since}
    rows = of_year(_rows(request), "cycle", "year", **asked)
    return part_of(request, rows, Cycles, _cycle, asked=asked, limit=limit, cursor=cursor, newest_first=True)


@router.get(
    "/cycles/{number}", response=CycleTold, url_name="api_cycle", summary=_("One round"), description=_("One round.")
)
def cycle(request: HttpRequest, *, number: fields.Number) -> CycleTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return _cycle(get_object_or_404(_rows(request), pk=number))


def _rows(request: HttpRequest):
    return Cycle.objects.visible_to(request.auth).select_related("region", "standard")


def _cycle(cycle: Cycle) -> CycleTold:
    state = "open" if cycle.is_open else "closed" if cycle.closed_at else "draft"
    windows = {window: dict(zip(("first_day", "last_day"), cycle.window(window), strict=True)) for window in WINDOWS}
    return CycleTold(
        id=cycle.pk,
        region=fields.place(cycle.region),
        year=cycle.year,
        batch=cycle.batch,
        calendar_year=cycle.calendar_year,
        standard=f"{cycle.standard.code}/{cycle.standard.version}",
        state=state,
        windows=windows,
        notice_days=cycle.notice_days,
        sample_share=str(cycle.sample_share),
        opened_at=fields.local(cycle.opened_at),
        closed_at=fields.local(cycle.closed_at),
    )
