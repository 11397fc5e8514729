"""Open data, for everybody and without a token: what is published, from the same functions as the public pages.

Nothing here reads a draft, a notice before its instant, a draw that has not been published, or who objected.
"""

from functools import partial
from typing import Annotated, Any, Literal

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from creation import clock
from creation.models import Recognition
from portal.api import fields
from portal.api.fields import Level, PageOf, Place, Told
from portal.api.notices import Notices, NoticeWhole, notice_told, whole, with_places
from portal.api.paging import day_or_404, narrowed, part_of
from reviews import open_data, published
from reviews.exporting import draw_document, is_published, titles_on
from reviews.models import Notice, Objection, Pool, RateAnnouncement

router = Router(tags=["open"])
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Opened(PageOf):
    """A part of a public list, with who publishes it."""

    source: fields.Name = Field(description=_("Who publishes it, and whether it is demonstration data."))


class TitleRow(Told):
    """A title as on the public list; the columns are those of its file."""

    as_of: fields.Day
    organ: str
    organ_en: str
    credit_code: str
    region: str
    region_en: str
    batch: str
    document_number: str
    granted_on: fields.Day
    valid_until: fields.Day | None
    state: Literal["valid", "revoked", "expired", "closed"]
    ended_on: fields.Day | None
    reason: str


class TitleRows(Opened):
    """A part of the list of recognised organs."""

    items: list[TitleRow]


class OutcomeTold(Told):
    """What became of an objection, as its public page tells it; never who objected, the grounds or the receipt."""

    id: int
    notice: int = Field(description=_("`id` of the notice on which the organ stands."))
    about: str = Field(description=_("Title of the notice."))
    number: int = Field(description=_("Number of the organ on the notice."))
    organ: fields.Name
    region: fields.Name
    decided_on: fields.Day
    result: Literal["upheld", "dismissed"]
    reason: str = Field(description=_("The published reason of the decision."))


class Outcomes(Opened):
    """A part of the list of outcomes."""

    items: list[OutcomeTold]


class AnnouncedTold(Told):
    """An announcement of completion rates."""

    id: int
    region: Place
    as_of: fields.Day
    title: str
    document_number: str
    announced_at: fields.Instant


class Announced(Opened):
    """A part of the list of announced rates."""

    items: list[AnnouncedTold]


class RateRow(Told):
    """An announced rate: one row for each region, level and target; the columns are those of its file."""

    as_of: fields.Day
    document_number: str
    region_code: str
    region: str
    region_en: str
    level: Level
    organs: int
    recognised: int
    percent: str | None = Field(description=_("Rounded down to two places; null without organs."))
    target: str = Field(description=_("Target in percent, empty where there is none."))
    deadline: str
    met: Literal[0, 1] | None
    missing: int | None


class AnnouncedWhole(AnnouncedTold):
    """An announcement with its numbers, which never change."""

    rows: list[RateRow]
    source: fields.Name
    demonstration: bool


class DrawTold(Told):
    """A closed pool."""

    id: int
    purpose: Literal["spot_check", "recheck"]
    region: Place
    year: int
    number: int
    closed_at: fields.Instant
    sha256: Sha256
    organs: int
    is_published: bool = Field(description=_("Whether everybody may read who was drawn."))


class Draws(Opened):
    """A part of the list of draws."""

    items: list[DrawTold]


class Drawn(Told):
    """A member of the pool in drawing order."""

    stratum: str
    key: str
    rank: int | None
    drawn: bool


class DrawnLater(Told):
    """A member that was drawn after the draw."""

    stratum: str
    key: str
    rank: int | None
    replaces: str | None
    reason: str
    at: str


class DrawResult(Told):
    """The draw of a pool."""

    source: Literal["portal", "letter"]
    method: str
    seed: str
    seed_source: str
    seed_at: str
    letter_number: str
    letter_sha256: str
    at: str
    results: list[Drawn]
    extensions: list[DrawnLater]


class DrawDocument(Told):
    """Everything that is needed to repeat a draw, the same as the file for the stand-alone verifier."""

    format: str
    purpose: Literal["spot_check", "recheck"]
    method: str
    ticket: str
    sample_size: str
    extension: str
    cycle: int
    region: str
    number: int
    closed_at: str
    sha256: Sha256
    share: str
    minimum: int
    members: list[list[str | int]] = Field(description=_("[stratum, key], or [stratum, key, tickets]."))
    draw: DrawResult | None = Field(description=_("null before it is published."))


def _source() -> fields.Name:
    return fields.in_both(open_data.source_note)


def _newest(request: HttpRequest, rows: QuerySet, answer: type, show: Any, **how: Any) -> Any:
    """Return one part of a list that nothing narrows, the newest first."""
    return part_of(request, rows, answer, show, asked={}, newest_first=True, **how)


@router.get(
    "/notices",
    response=Notices,
    url_name="api_open_notices",
    summary=_("Published notices"),
    description=_("Every published notice, the newest first."),
)
def notices(request: HttpRequest, *, limit: fields.Limit = 50, cursor: fields.Cursor = None) -> Notices:
    """Return one part of the list."""
    rows = with_places(Notice.objects.public(clock.now()))
    return _newest(request, rows, Notices, notice_told, limit=limit, cursor=cursor)


@router.get(
    "/notices/{number}",
    response=NoticeWhole,
    url_name="api_open_notice",
    summary=_("One published notice"),
    description=_("A published notice with its text and its list; 404 until the instant at which it is published."),
)
def notice(request: HttpRequest, *, number: fields.Number) -> NoticeWhole:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return whole(get_object_or_404(with_places(Notice.objects.public(clock.now())), pk=number))


@router.get(
    "/recognitions",
    response=TitleRows,
    url_name="api_open_recognitions",
    summary=_("Recognised organs as of a day"),
    description=_("Every title as of a day, with its state on that day."),
)
def recognitions(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    level: fields.OfLevel = None,
    as_of: fields.AsOf = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> TitleRows:
    """Return one part of the list."""
    day = day_or_404(as_of)
    rows = narrowed(titles_on(day), "organ", region=region, level=level).select_related("organ__region")
    asked = {"region": region, "level": level, "as_of": day}
    show = partial(_title, day=day)
    return part_of(request, rows, TitleRows, show, asked=asked, limit=limit, cursor=cursor, source=_source())


def _title(title: Recognition, day: Any) -> TitleRow:
    (row,) = open_data.title_rows([title], day)
    return TitleRow(**row)


@router.get(
    "/objections",
    response=Outcomes,
    url_name="api_open_objections",
    summary=_("Outcomes of objections"),
    description=_("Every decided objection to a published notice, the one received last first."),
)
def objections(request: HttpRequest, *, limit: fields.Limit = 50, cursor: fields.Cursor = None) -> Outcomes:
    """Return one part of the list."""
    return _newest(request, _decided(), Outcomes, _outcome, limit=limit, cursor=cursor, source=_source())


@router.get(
    "/objections/{number}",
    response=OutcomeTold,
    url_name="api_open_objection",
    summary=_("One outcome of an objection"),
    description=_("What was decided on one objection, with the published reason; 404 until it is decided."),
)
def objection(request: HttpRequest, *, number: fields.Number) -> OutcomeTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return _outcome(get_object_or_404(_decided(), pk=number))


def _decided() -> QuerySet[Objection]:
    """Return the decided objections with what is public of them, and no other column."""
    shown = ("state", "reason", "decided_at", "listing__notice__title", "listing__number")
    names = ("organ_name", "organ_name_en", "region_name", "region_name_en")
    rows = published.decided_objections(clock.now()).select_related("listing__notice")
    return rows.only(*shown, *(f"listing__{name}" for name in names))


def _outcome(decided: Objection) -> OutcomeTold:
    listing = decided.listing
    return OutcomeTold(
        id=decided.pk,
        notice=listing.notice_id,
        about=listing.notice.title,
        number=listing.number,
        organ=fields.Name(zh=listing.organ_name, en=listing.organ_name_en),
        region=fields.Name(zh=listing.region_name, en=listing.region_name_en),
        decided_on=timezone.localdate(decided.decided_at),
        result=decided.state,
        reason=decided.reason,
    )


@router.get(
    "/rates",
    response=Announced,
    url_name="api_open_rates",
    summary=_("Announced rates"),
    description=_("Every announcement of completion rates, the newest first."),
)
def announcements(request: HttpRequest, *, limit: fields.Limit = 50, cursor: fields.Cursor = None) -> Announced:
    """Return one part of the list."""
    rows = published.announcements(clock.now()).defer("rows")
    return _newest(request, rows, Announced, _announced, limit=limit, cursor=cursor, source=_source())


def _announced(announced: RateAnnouncement) -> AnnouncedTold:
    return AnnouncedTold(**_of_announcement(announced))


def _of_announcement(announced: RateAnnouncement) -> dict[str, Any]:
    return {
        "id": announced.pk,
        "region": fields.place(announced.region),
        "as_of": announced.as_of,
        "title": announced.title,
        "document_number": announced.document_number,
        "announced_at": fields.local(announced.at),
    }


@router.get(
    "/rates/{number}",
    response=AnnouncedWhole,
    url_name="api_open_rate",
    summary=_("One announcement"),
    description=_("The rates of one announcement, exactly as they were announced."),
)
def announcement(request: HttpRequest, *, number: fields.Number) -> AnnouncedWhole:
    """Return the one that is asked for, 404 outside of what may be seen."""
    announced = get_object_or_404(published.announcements(clock.now()), pk=number)
    return AnnouncedWhole(
        **_of_announcement(announced),
        rows=[RateRow(**row) for row in open_data.rate_rows(announced)],
        source=_source(),
        demonstration=fields.is_demonstration(),
    )


@router.get(
    "/draws",
    response=Draws,
    url_name="api_open_draws",
    summary=_("Draws"),
    description=_("Every closed pool, the newest first, and whether its draw has been published."),
)
def draws(request: HttpRequest, *, limit: fields.Limit = 50, cursor: fields.Cursor = None) -> Draws:
    """Return one part of the list."""
    rows = published.pools().annotate(organs=Count("members"))
    return _newest(request, rows, Draws, _draw, limit=limit, cursor=cursor, source=_source())


def _draw(pool: Pool) -> DrawTold:
    return DrawTold(
        id=pool.pk,
        purpose=pool.purpose,
        region=fields.place(pool.region),
        year=pool.cycle.year,
        number=pool.number,
        closed_at=fields.local(pool.closed_at),
        sha256=pool.sha256,
        organs=pool.organs,
        is_published=is_published(pool),
    )


@router.get(
    "/draws/{number}",
    response=DrawDocument,
    url_name="api_open_draw",
    summary=_("One draw"),
    description=_("A pool and, once published, its draw: everything that is needed to repeat it."),
)
def draw(request: HttpRequest, *, number: fields.Number) -> DrawDocument:
    """Return the one that is asked for, 404 outside of what may be seen."""
    pool = get_object_or_404(published.pools().select_related("draw__letter"), pk=number)
    return DrawDocument(**draw_document(pool, published_only=True))
