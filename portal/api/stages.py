"""Files and where they stand, as far as the token's owner may know."""

from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import Query, Router
from pydantic import Field

from creation.models import Assessment
from portal.api import fields
from portal.api.fields import Name, OrganNamed, PageOf, Stage, Told
from portal.api.paging import narrowed, part_of, readable

router = Router(tags=["stages"])


class FileTold(Told):
    """The file of an organ in a round."""

    id: int
    organ: OrganNamed
    cycle: int = Field(description=_("Number of the round."))
    year: int = Field(description=_("Year of the round."), examples=[2026])
    stage: Stage = Field(description=_("Where the file stands, as far as the token's owner may know."))
    stage_name: Name
    since: fields.Instant = Field(description=_("Since when it stands there."))


class Files(PageOf):
    """A part of the list of files."""

    items: list[FileTold]


@router.get(
    "/stages",
    response=Files,
    url_name="api_stages",
    summary=_("Files and their stages"),
    description=_(
        "The files that the token's owner sees. A step that has not been announced to them is not told here either."
    ),
)
def stages(
    request: HttpRequest,
    *,
    region: fields.InRegion = None,
    level: fields.OfLevel = None,
    year: fields.OfYear = None,
    stage: Annotated[Stage | None, Query(description=_("Only files that stand at this stage."))] = None,
    changed_since: fields.Since = None,
    limit: fields.Limit = 50,
    cursor: fields.Cursor = None,
) -> Files:
    """Return one part of the list."""
    rows = narrowed(_rows(request), "organ", region=region, level=level)
    if year is not None:
        rows = rows.filter(cycle__year=year)
    if stage is not None:
        rows = rows.filter(shown_stage=stage)
    if changed_since is not None:
        rows = rows.filter(shown_since__gte=readable(changed_since))
    asked = {"region": region, "level": level, "year": year, "stage": stage, "changed_since": changed_since}
    return part_of(request, rows, Files, _file, asked=asked, limit=limit, cursor=cursor)


@router.get(
    "/stages/{number}",
    response=FileTold,
    url_name="api_stage",
    summary=_("One file and its stage"),
    description=_("One file."),
)
def stage_of(request: HttpRequest, *, number: fields.Number) -> FileTold:
    """Return the one that is asked for, 404 outside of what may be seen."""
    return _file(get_object_or_404(_rows(request), pk=number))


def _rows(request: HttpRequest):
    files = Assessment.objects.visible_to(request.auth).shown_to(request.auth)
    return files.select_related("organ__region", "cycle")


def _file(file: Assessment) -> FileTold:
    return FileTold(
        id=file.pk,
        organ=fields.organ_named(file.organ),
        cycle=file.cycle_id,
        year=file.cycle.year,
        stage=file.shown_stage,
        stage_name=fields.stage_name(file.shown_stage),
        since=fields.local(file.shown_since),
    )
