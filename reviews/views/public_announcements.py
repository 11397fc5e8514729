"""Announced rates for everybody, without an account: the numbers of their day, in register order, never ranked."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from creation import clock
from creation.models import Region
from creation.models.named import local
from creation.rules import at_city_or_above
from reviews import open_data, published
from reviews.models import RateAnnouncement
from reviews.views.public import PAGE, answer_unless_known, as_file


@dataclass(frozen=True, slots=True)
class Level:
    """The announced numbers of one level: those of the region itself, then of what lies directly below it."""

    label: str
    targets: list[dict]
    total: dict
    rows: list[dict]


def levels_of(rows: Iterable[dict], region: str) -> list[Level]:
    """Return the rows of an announcement by level, in the order in which they were announced."""
    by_level: dict[str, list[dict]] = {}
    for row in rows:
        by_level.setdefault(row["level"], []).append({**row, "name": local(row["name"], row["name_en"])})
    found = []
    for level, listed in by_level.items():
        total = next((row for row in listed if row["region"] == region), listed[0])
        below = [row for row in listed if row is not total]
        found.append(Level(str(Region.Kind(level).label), total["targets"], total, below))
    return found


@login_not_required
@require_safe
def announced_list(request: HttpRequest) -> HttpResponse:
    """Show all announcements, the newest first."""
    page = Paginator(published.announcements(clock.now()).defer("rows"), PAGE).get_page(request.GET.get("page"))
    user = request.user
    context = {"page": page, "may_announce": user.is_authenticated and at_city_or_above(user, "official")}
    return answer_unless_known(request, render(request, "reviews/announced_list.html", context))


@login_not_required
@require_safe
def announced_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one announcement by level and region, exactly as it was announced."""
    announcement = _announced(pk)
    levels = levels_of(announcement.rows, announcement.region.code)
    context = {"announcement": announcement, "levels": levels, "columns": open_data.RATES}
    return answer_unless_known(request, render(request, "reviews/announced_detail.html", context))


@login_not_required
@require_safe
def announced_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one announcement as CSV."""
    announcement = _announced(pk)
    table = open_data.as_csv(open_data.RATES, open_data.rate_rows(announcement))
    return as_file(request, table, f"{_name(announcement)}.csv")


@login_not_required
@require_safe
def announced_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one announcement as JSON."""
    announcement = _announced(pk)
    rows = open_data.rate_rows(announcement)
    table = open_data.as_json("rates", open_data.RATES, rows, as_of=announcement.as_of)
    return as_file(request, table, f"{_name(announcement)}.json")


def _announced(pk: int) -> RateAnnouncement:
    return get_object_or_404(published.announcements(clock.now()), pk=pk)


def _name(announcement: RateAnnouncement) -> str:
    return f"rates-{announcement.region.code}-{announcement.as_of.isoformat()}"
