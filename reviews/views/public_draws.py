"""Draws for everybody, without an account: the pool since it was closed, who was drawn since that was published."""

from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reviews.exporting import draw_document, extensions_of, is_published
from reviews.models import Pool
from reviews.views.pools import paged, standings
from reviews.views.public import PAGE, answer_unless_known

VERIFIER = Path(__file__).resolve().parent.parent / "offline" / "verify_draw.py"


def _pools() -> QuerySet[Pool]:
    return Pool.objects.select_related("cycle__region", "region", "recheck", "draw__publication", "draw__letter")


@login_not_required
@require_safe
def public_draw_list(request: HttpRequest) -> HttpResponse:
    """Show every closed pool, the newest first, and whether its draw has been published."""
    pools = _pools().annotate(organs=Count("members")).order_by("-closed_at", "-pk")
    page = Paginator(pools, PAGE).get_page(request.GET.get("page"))
    rows = [(pool, is_published(pool)) for pool in page]
    return answer_unless_known(request, render(request, "reviews/public_draw_list.html", {"page": page, "rows": rows}))


@login_not_required
@require_safe
def public_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a pool with its SHA-256 and, once published, the seed and who was drawn."""
    pool = get_object_or_404(_pools(), pk=pk)
    published = is_published(pool)
    order = ("stratum", "result__rank", "key") if published else ("stratum", "key")
    members = list(pool.members.with_organs().select_related(*(["result"] if published else [])).order_by(*order))
    extensions = list(extensions_of(pool.draw, published_only=True)) if published else []
    organs = {member.pk: member.organ for member in members}
    context = {
        "pool": pool,
        "published": published,
        "members": len(members),
        "page": paged(
            standings(members, extensions) if published else [(member, "") for member in members],
            request.GET.get("page"),
        ),
        "has_tickets": any(member.tickets > 1 for member in members),
        "extensions": [(one, organs[one.member_id], organs.get(one.replaces_id)) for one in extensions],
    }
    return answer_unless_known(request, render(request, "reviews/public_draw.html", context))


@login_not_required
@require_safe
def public_draw_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Return everything that is needed to repeat the draw; without the draw until it has been published."""
    pool = get_object_or_404(_pools(), pk=pk)
    document = draw_document(pool, published_only=True)
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    name = f"draw-{pool.cycle.year}-{pool.region.code}-{pool.number}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer_unless_known(request, response)


@login_not_required
@require_safe
def public_draw_verifier(request: HttpRequest) -> HttpResponse:
    """Return the stand-alone program that repeats a draw from its JSON file."""
    response = HttpResponse(VERIFIER.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_draw.py"'
    return answer_unless_known(request, response)
