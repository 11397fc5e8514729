"""Whose numbers a person reads, and the region a page is about."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from creation import clock
from creation.models import CountChange, Region, RegionPath
from creation.querysets import SEES_FILES, SEES_REGISTER
from portal.operations import NIGHTLY, SWEEP
from reviews.models import CompletionRate, RecountRun, TaskState


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells how fresh the numbers of a region are, as it stands in the rows."""

    waiting_since: datetime | None  # of the oldest change that has not been counted
    last_error: str
    as_of: date | None  # the day of the newest numbers, and when they were computed
    counted_at: datetime | None
    swept_at: datetime | None  # the last sweep of the worker, and its last nightly run
    nightly_at: datetime | None


RIDING_ALONG = [one.name for one in fields(Signs)]


@dataclass(frozen=True, slots=True)
class Place:
    """A region with what lies above (from the top) and directly below it, and how the recount stands."""

    region: Region
    above: list[Region]
    children: list[Region]
    is_open: bool  # the reader sees the register here: organs by name
    has_open_files: bool  # the reader sees the files of these organs too
    is_official: bool  # the reader is an official here or above: “files.remind” without a statement of its own
    signs: Signs | None  # None where nobody asks how fresh the numbers are

    @property
    def path(self) -> list[int]:
        """Return the ids of the region and everything above it, from the bottom up."""
        return [self.region.pk, *(region.pk for region in reversed(self.above))]


def home_region(user) -> Region | None:
    """Return the region a person's page opens on: of the first post in a region, else of their organ, else None."""
    posts = sorted(user.posts, key=lambda post: (post.region is None, post.pk))
    return (posts[0].region or posts[0].organ.region) if posts else None


def find(code: str, user) -> Place | None:
    """Return the place with this code, None where there is none whose numbers the person reads; one statement.

    Numbers are read where the person sees the region, and on the path above it: a district compares itself with
    its city. Names of organs stay with those who see the register there.
    """
    regions, signs = {}, {}
    for region in _around(code, user):
        regions[region.pk] = region
        signs[region.pk] = {name: vars(region).pop(name) for name in RIDING_ALONG}
    region = next((one for one in regions.values() if one.code == code and one.readable), None)
    if region is None:
        return None
    above: list[Region] = []
    while (top := above[0] if above else region).parent_id is not None:
        above.insert(0, regions[top.parent_id])
    upwards = {region.pk, *(one.pk for one in above)}
    return Place(
        region=region,
        above=above,
        children=[one for one in regions.values() if one.parent_id == region.pk],
        is_open=not upwards.isdisjoint(user.region_ids(*SEES_REGISTER)),
        has_open_files=not upwards.isdisjoint(user.region_ids(*SEES_FILES)),
        is_official=not upwards.isdisjoint(user.region_ids("official")),
        signs=Signs(**signs[region.pk] | {"last_error": signs[region.pk]["last_error"] or ""}),
    )


def _around(code: str, user):
    """Return the region, its path and its children in register order; how the recount stands rides along."""
    mine = Region.objects.visible_to(user).values("pk")
    ended = RecountRun.objects.exclude(ended_at=None, error="").order_by("-pk")
    newest = CompletionRate.objects.filter(region=OuterRef("pk"), as_of__lte=clock.today())
    newest = newest.order_by("-as_of", "-computed_at")
    began = TaskState.objects.values("started_at")
    return (
        Region.objects.filter(
            Q(parent__code=code) | Q(pk__in=RegionPath.objects.filter(descendant__code=code).values("ancestor"))
        )
        .annotate(
            readable=Exists(RegionPath.objects.filter(ancestor=OuterRef("pk"), descendant__in=mine)),
            waiting_since=Subquery(CountChange.objects.order_by("at").values("at")[:1]),
            last_error=Subquery(ended.values("error")[:1]),
            as_of=Subquery(newest.values("as_of")[:1]),
            counted_at=Subquery(newest.values("computed_at")[:1]),
            swept_at=Subquery(began.filter(name=SWEEP)),
            nightly_at=Subquery(began.filter(name=NIGHTLY)),
        )
        .order_by("position", "code")
    )
