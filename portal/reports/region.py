"""A region's page as a document: the same reading as the screen, put into headings, sentences, tables and pictures."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from creation import clock, pdf
from portal.charts.drawing import svgs_of
from portal.dashboard import counted, gallery, tables
from portal.dashboard.reading import Level, Page
from portal.reports.pieces import LEAD, NOTE, Document, Heading, Picture, Piece, Said, table
from reviews.counted import Scope, organs_of

MOST_MISSING = 100  # organs named in a document; more are a table of their own


def document_of(page: Page, *, user) -> Document:
    """Return the document of a page, in the language of the moment, for whoever asked for it."""
    region, day = page.place.region, page.figures.day.isoformat()
    return Document(
        title=_("Completion rates: %(region)s") % {"region": region},
        subtitle=gallery.as_of(page),
        subject=_("Conservation-oriented organs: recognised organs against their targets, as of %(day)s")
        % {"day": day},
        office=settings.HOST_OFFICE or _("Competent department of organ affairs"),
        facts=tuple(_facts(page, user)),
        pieces=tuple(_pieces(page, user)),
        made_at=clock.now(),
        language=get_language() or settings.LANGUAGE_CODE,
        demonstration=_("Demonstration data: nothing in this document is official.") if settings.DEMO else "",
    )


def _facts(page: Page, user) -> Iterator[tuple[str, str]]:
    region = page.place.region
    yield _("Region"), f"{region} ({region.code})"
    yield _("As of"), page.figures.day.isoformat()
    if page.figures.computed_at and not page.is_past:
        yield _("Numbers computed"), date_format(page.figures.computed_at, "Y-m-d H:i")
    yield (
        _("Who is counted"),
        _("Every organ on the register on this day, by its level; whoever has not rated itself counts as well."),
    )
    yield (
        _("What counts as recognised"),
        _("A title granted by this day and not revoked, replaced or expired by then. Rates are rounded down."),
    )
    yield _("Written for"), f"{user} · {date_format(clock.now(), 'Y-m-d H:i')}"


def _pieces(page: Page, user) -> Iterator[Piece]:
    for level in page.levels:
        yield Said(level.sentence, LEAD)
    if page.together_said:
        yield Said(page.together_said)
    if page.freshness.is_stale:
        yield Said(_("Some changes had not been counted yet when this was written."), NOTE)
    if not page.levels:
        yield Said(_("No organ of this region stood on the register on this day, so there is no rate."))
    pictures = _pictures(page)
    for level in page.levels:
        yield from _level(page, level, [one for one in pictures if one[0].startswith(f"{level.slug}-")])
    yield from _still_to_do(page, user, [one for one in pictures if not _is_of_a_level(one[0], page)])


def _is_of_a_level(name: str, page: Page) -> bool:
    return any(name.startswith(f"{level.slug}-") for level in page.levels)


def _pictures(page: Page) -> list[tuple[str, Picture]]:
    charts = gallery.charts_of(page)
    drawn = svgs_of(charts, language=get_language() or "")
    return [
        (chart.name, Picture(chart.title, " ".join([chart.alt, *chart.notes]), pdf.picture(svg), svg))
        for chart, svg in zip(charts, drawn, strict=True)
    ]


def _level(page: Page, level: Level, pictures: list[tuple[str, Picture]]) -> Iterator[Piece]:
    region = page.place.region
    yield Heading(_("Recognised among %(organs)s") % {"organs": level.organs})
    said = _("%(percent)s %%: %(recognised)s of %(organs)s organs are recognised.") % {
        "percent": level.counts.percent, "recognised": level.counts.recognised, "organs": level.counts.organs,
    }  # fmt: skip
    yield Said(said)
    yield from (picture for _name, picture in pictures)
    yield Heading(_("Targets and standings"), 2)
    yield table(_("Targets"), *tables.targets_of_level(level))
    yield table(_("Where the organs stand"), *tables.standings_of_level(level))
    if level.table:
        below = _("Region by region below %(region)s") % {"region": region}
        yield Heading(below, 2)
        yield table(below, *tables.regions_of_level(level), captioned=False)
    if level.months:
        yield Heading(_("By month"), 2)
        yield table(_("By month"), *tables.months_of_level(level), captioned=False)
    yield Said(
        _(
            "Counted are the organs on the register on this day. An organ that was merged, split or closed leaves both "
            "numbers from that day on; its title stays its own and does not pass to a successor."
        ),
        NOTE,
    )


def _still_to_do(page: Page, user, pictures: list[tuple[str, Picture]]) -> Iterator[Piece]:
    if page.stages:
        yield Heading(_("Where the files stand"))
        yield from (picture for _name, picture in pictures)
        yield table(_("Where the files stand"), *tables.stages_of(page), captioned=False)
    if page.place.is_open and page.levels:
        yield Heading(_("Organs still missing"))
        for level in page.levels:
            yield from _missing(page, level, user)


def _missing(page: Page, level: Level, user) -> Iterator[Piece]:
    number = level.without_title
    said = _("Without a title on this day, of the %(organs)s: %(number)s.") % {
        "organs": level.organs,
        "number": number,
    }
    if number > MOST_MISSING:
        said += " " + _("The first %(most)s are named here; the table of the page names all.") % {"most": MOST_MISSING}
    yield Said(said)
    if number:
        scope = Scope(page.place.region, level.slug, page.figures.day)
        found = organs_of(scope, "missing")[:MOST_MISSING]
        rows = [tables.counted_row(counted.explained(organ, user)) for organ in found]
        yield table(_("Organs still missing: %(organs)s") % {"organs": level.organs}, tables.counted_head(), rows)
