"""Pages of the draw: close the pool, name the seed, see and repeat what was drawn."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation import clock, stages
from creation.actions.cycles import check_window
from creation.actions.evidence import laid_down
from creation.errors import Refused
from creation.models import Assessment, Cycle, Event, Evidence, Region
from creation.querysets import SEES_FILES
from creation.rules import may, require
from creation.views.taking import take
from reviews import sampling
from reviews.actions import draws, extensions
from reviews.exporting import as_download, draw_document, extensions_of, is_published
from reviews.forms.draws import ExtensionForm, PoolLetterForm, SeedForm
from reviews.models import Draw, Extension, Pool, PoolMember
from reviews.views.pools import paged, standings

PAGE = 50
# drawn by the draw or after it, and not replaced; and the same as far as everybody may read it
IN_SAMPLE = (Q(members__result__drawn=True) | Q(members__extension__isnull=False)) & Q(
    members__replaced_by__isnull=True
)
IN_PUBLIC = (Q(members__result__drawn=True) | Q(members__extension__publication__isnull=False)) & Q(
    members__replaced_by__publication__isnull=True
)


@require_safe
def draw_list(request: HttpRequest) -> HttpResponse:
    """Show what waits for a draw, and every pool in the person's reach with what became of it."""
    page = Paginator(pools_in_reach(request.user), PAGE).get_page(request.GET.get("page"))
    page.object_list = as_known(page.object_list, request.user)
    return render(request, "reviews/draw_list.html", {"page": page, "waiting": _waiting(request.user)})


def pools_in_reach(user):
    """Return the pools that the person sees, counted, the one closed last first."""
    return (
        Pool.objects.visible_to(user)
        .select_related("cycle__region", "region", "draw__publication")
        .annotate(
            files=Count("members"),
            drawn=Count("members", filter=IN_SAMPLE),
            in_public=Count("members", filter=IN_PUBLIC),
        )
        .order_by("-closed_at", "-pk")
    )


def as_known(pools: Iterable[Pool], user) -> list[Pool]:
    """Return the pools with their draw, and how many were drawn, as far as the person knows of it."""
    found, of_own = list(pools), set(Pool.objects.with_organs_of(user).values_list("pk", flat=True))
    for pool in found:
        reads = pool.pk not in of_own or may(user, "pool.read_draw", pool)
        pool.shown_draw = _draw_for(pool, reads=reads)
        pool.shown_drawn = pool.drawn if reads else pool.in_public
    return found


def _waiting(user) -> list[dict]:
    """Return how many inspected files wait under each superior region whose pool the person may close."""
    mine = user.region_ids("official")
    closes = Q(organ__region__parent__in=mine) | Q(cycle__region__in=mine, organ__region=F("cycle__region"))
    rows = list(
        Assessment.objects.filter(
            closes, stage=stages.INSPECTED, pool_member__isnull=True, organ__region__parent__isnull=False
        )
        .order_by("cycle", "organ__region__parent")
        .values("cycle", superior=F("organ__region__parent"))
        .annotate(files=Count("pk"))
    )
    if not rows:
        return []
    cycles = Cycle.objects.select_related("region").in_bulk([row["cycle"] for row in rows])
    regions = Region.objects.in_bulk([row["superior"] for row in rows])
    return [{"cycle": cycles[row["cycle"]], "region": regions[row["superior"]], "files": row["files"]} for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def pool_close(request: HttpRequest, cycle_pk: int, code: str) -> HttpResponse:
    """Show what the pool would hold, and close it."""
    pool = _pool_to_close(request.user, cycle_pk, code)
    require(request.user, "pool.close", pool)
    if request.method == "POST":
        return take(
            request,
            lambda: draws.close_pool(pool.cycle, pool.region, by=request.user),
            to=lambda closed: reverse("pool_detail", args=[closed.pk]),
            done=_("The pool is closed. Publish its SHA-256; the seed comes after it."),
            back=reverse("draw_list"),
        )
    files = draws.inspected_files(pool.cycle, pool.region)
    context = {"pool": pool, "strata": _strata_of_files(files, pool), "outside": _outside_window(pool.cycle)}
    return render(request, "reviews/pool_close.html", context)


def _pool_to_close(user, cycle_pk: int, code: str) -> Pool:
    """Return the pool that would be closed (unsaved), in the scope in which a closed one would be seen."""
    cycle = get_object_or_404(Cycle.objects.visible_to(user).select_related("region"), pk=cycle_pk)
    region = get_object_or_404(Region, code=code)
    if not any(user.covers(pk, *SEES_FILES) for pk in (region.pk, cycle.region_id)):
        raise Http404
    return Pool(cycle=cycle, region=region, share=cycle.sample_share, minimum=cycle.sample_minimum)


def _strata_of_files(files, pool: Pool) -> list[dict]:
    by_region = defaultdict(list)
    for file in files:
        by_region[file.organ.region].append(file)
    return [
        {"region": region, "files": some, "size": sampling.sample_size(len(some), pool.share, pool.minimum)}
        for region, some in by_region.items()
    ]


def _outside_window(cycle: Cycle) -> str:
    try:
        check_window(cycle, "spot_check")
    except Refused as refused:
        return str(refused)
    return ""


def _pools(user):
    return Pool.objects.visible_to(user).select_related(
        "cycle__region", "region", "recheck", "draw__by", "draw__letter", "draw__publication", "closed_by"
    )


def _draw_for(pool: Pool, *, reads: bool) -> Draw | None:
    """Return the draw as far as the person knows of it: who works at an organ in the pool, once it is published."""
    return getattr(pool, "draw", None) if reads or is_published(pool) else None


@require_safe
def pool_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a pool with its SHA-256, its members by stratum and, once drawn, the drawing order."""
    pool = get_object_or_404(_pools(request.user), pk=pk)
    reads = may(request.user, "pool.read_draw", pool)
    draw = _draw_for(pool, reads=reads)
    later = list(extensions_of(draw, published_only=not reads).select_related("by")) if draw else []
    strata = _strata_of_pool(pool, draw, later)
    organs = {member.pk: member.organ for stratum in strata for member in stratum["members"]}
    is_drawn_here = bool(draw) and draw.source == Draw.Source.PORTAL
    context = {
        "pool": pool,
        "draw": draw,
        "waits_for_publication": not reads and not (draw and is_published(pool)),
        "steps_of_own": set(_steps_of_own(pool)) if draw else set(),
        **_page_of(strata, request.GET.get("page")),
        "extensions": [(one, organs[one.member_id], organs.get(one.replaces_id)) for one in later],
        "replaceable": set(extensions.replaceable_members().filter(pool=pool).values_list("pk", flat=True)),
        "may_extend": is_drawn_here and may(request.user, "pool.draw", pool),
        "has_tickets": any(member.tickets > 1 for stratum in strata for member in stratum["members"]),
    }
    return render(request, "reviews/pool_detail.html", context)


def _steps_of_own(pool: Pool) -> Iterable[str]:
    """Return the steps that somebody took who works at an organ of the pool, as nobody else of the department could."""
    events = Event.objects.filter(verb="pool_of_own_organ", subject_type="pool", subject_id=pool.pk)
    return (event.after["step"] for event in events)


def _page_of(strata: list[dict], number: object) -> dict:
    """Return one page of the members, under the head of each stratum that it shows."""
    page = paged([(place, row) for place, stratum in enumerate(strata) for row in stratum["rows"]], number)
    shown = [
        strata[place] | {"rows": [row for _place, row in rows]}
        for place, rows in groupby(page.object_list, key=itemgetter(0))
    ]
    return {"page": page, "strata": shown}


def _strata_of_pool(pool: Pool, draw: Draw | None, later: list[Extension]) -> list[dict]:
    """Return the members of each stratum, in the order of `draw` if there is one, with how many (will) be drawn.

    Of what was drawn after the draw only `later` is told.
    """
    related = ("result", "assessment__listing", "recheck_item__round") if draw else ()
    order = ("stratum", "result__rank", "key") if draw else ("stratum", "key")
    members = pool.members.with_organs().select_related(*related).order_by(*order)
    by_stratum = defaultdict(list)
    for member in members:
        by_stratum[member.organ.region].append(member)
    if draw is None:
        return [
            {
                "region": region,
                "members": some,
                "rows": [(member, "") for member in some],
                "size": sampling.sample_size(len(some), pool.share, pool.minimum),
            }
            for region, some in by_stratum.items()
        ]
    in_later = {one.member_id for one in later}
    return [
        {
            "region": region,
            "members": some,
            "rows": standings(some, later),
            "size": sum(member.result.drawn for member in some),
            **_way_on(some, in_later),
        }
        for region, some in by_stratum.items()
    ]


def _way_on(members: list[PoolMember], in_later: set[int]) -> dict[str, bool]:
    """Return whether the next of the drawing order can be drawn, or stands in the way because it has gone further."""
    following = next((one for one in members if not one.result.drawn and one.pk not in in_later), None)
    if following is None:
        return {"goes_on": False, "is_blocked": False}
    if following.recheck_item_id:
        has_gone_on = bool(following.recheck_item.round.closed_at or following.recheck_item.outcome)
    else:
        has_gone_on = following.assessment.stage != stages.CHECKED or hasattr(following.assessment, "listing")
    return {"goes_on": not has_gone_on, "is_blocked": has_gone_on}


@require_http_methods(["GET", "HEAD", "POST"])
def pool_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the seed and its source, and draw."""
    pool = get_object_or_404(_pools(request.user), pk=pk)
    require(request.user, "pool.draw", pool)
    if request.method != "POST" and hasattr(pool, "draw"):
        return redirect("pool_detail", pk)
    form = SeedForm(request.POST or None, initial={"seed_at": clock.now()})
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: draws.draw(pool, by=request.user, **form.cleaned_data),
            to=reverse("pool_detail", args=[pk]),
            done=_("Drawn. Every file of the pool has its answer."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/pool_draw.html", {"pool": pool, "form": form})


def _drawn_pool(request: HttpRequest, pk: int, permission: str) -> Pool:
    """Return a pool with its draw; the right is asked first, so that no answer tells whether there is a draw yet."""
    pool = get_object_or_404(_pools(request.user), pk=pk)
    require(request.user, permission, pool)
    if not hasattr(pool, "draw"):
        raise Http404
    return pool


@require_POST
def pool_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let everybody read who was drawn, from now on."""
    pool = _drawn_pool(request, pk, "pool.publish")
    return take(
        request,
        lambda: draws.publish_draw(pool.draw, by=request.user),
        to=reverse("pool_detail", args=[pk]),
        done=_("Published. Everybody can read and repeat the draw."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pool_extend(request: HttpRequest, pk: int, stratum: str) -> HttpResponse:
    """Draw the next of a region's order, one more than the draw itself."""
    pool = _drawn_pool(request, pk, "pool.draw")
    if not pool.members.filter(stratum=stratum).exists():
        raise Http404
    return _extend(request, pool, stratum, replaced=None)


@require_http_methods(["GET", "HEAD", "POST"])
def pool_replace(request: HttpRequest, pk: int, member_pk: int) -> HttpResponse:
    """Draw the next of a region's order in the place of somebody in the sample."""
    pool = _drawn_pool(request, pk, "pool.draw")
    replaced = get_object_or_404(pool.members.with_organs(), pk=member_pk)
    return _extend(request, pool, replaced.stratum, replaced=replaced)


def _extend(request: HttpRequest, pool: Pool, stratum: str, *, replaced: PoolMember | None) -> HttpResponse:
    back = reverse("pool_detail", args=[pool.pk])
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: extensions.extend_draw(
                pool.draw,
                stratum=stratum,
                replaces=replaced,
                expected=request.POST.get("expected", "-"),
                by=request.user,
                **form.cleaned_data,
            ),
            to=back,
            done=_("Drawn: the next in the order. Everybody reads it once you publish it."),
            form=form,
        )
        if answer:
            return answer
    member, why_not = _next_in_order(pool.draw, stratum)
    context = {
        "pool": pool,
        "member": member,
        "why_not": why_not,
        "replaced": replaced,
        "change": (member, replaced),
        "form": form,
        "back": back,
    }
    return render(request, "reviews/pool_extend.html", context)


def _next_in_order(draw: Draw, stratum: str) -> tuple[PoolMember | None, str]:
    """Return who is drawn next in the stratum, or None and why nobody is."""
    try:
        return extensions.next_in_order(draw, stratum), ""
    except Refused as refused:
        return None, str(refused)


@require_POST
def pool_extension_publish(request: HttpRequest, pk: int, extension_pk: int) -> HttpResponse:
    """Let everybody read who was drawn after the draw, from now on."""
    pool = _drawn_pool(request, pk, "pool.publish")
    extension = get_object_or_404(pool.draw.extensions, pk=extension_pk)
    return take(
        request,
        lambda: extensions.publish_extension(extension, by=request.user),
        to=reverse("pool_detail", args=[pk]),
        done=_("Published. Everybody can read and repeat it."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pool_record_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark which organs the superior's letter names as drawn, with its scan and document number."""
    pool = get_object_or_404(_pools(request.user), pk=pk)
    require(request.user, "pool.record_letter", pool)
    if request.method != "POST" and hasattr(pool, "draw"):
        return redirect("pool_detail", pk)
    form = PoolLetterForm(request.POST or None, request.FILES or None, pool=pool)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data | {"chosen": set(form.cleaned_data["chosen"])}
        with laid_down(pool.keeper, [given["letter"]], purpose=Evidence.Purpose.LETTER, by=request.user) as [letter]:
            answer = take(
                request,
                lambda: draws.record_letter(pool, by=request.user, **given | {"letter": letter}),
                to=reverse("pool_detail", args=[pk]),
                done=_("Recorded from the letter. Every file of the pool has its answer."),
                form=form,
            )
        if answer:
            return answer
    context = {
        "pool": pool,
        "form": form,
        "strata": _strata_of_pool(pool, None, []),
        "marked": set(form["chosen"].value() or []),
    }
    return render(request, "reviews/pool_record_letter.html", context)


@require_safe
def pool_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the scan of the superior's letter that the draw was recorded from."""
    pool = get_object_or_404(_pools(request.user).filter(draw__letter__isnull=False), pk=pk)
    if not _draw_for(pool, reads=may(request.user, "pool.read_draw", pool)):
        raise Http404
    letter = pool.draw.letter
    return as_download(letter.original, name=letter.name, content_type=letter.content_type)


@require_safe
def pool_json(request: HttpRequest, pk: int) -> JsonResponse:
    """Return everything that is needed to repeat the draw, as JSON."""
    pool = get_object_or_404(_pools(request.user), pk=pk)
    document = draw_document(pool, published_only=not may(request.user, "pool.read_draw", pool))
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = (
        f'attachment; filename="draw-{pool.cycle.year}-{pool.region.code}-{pool.number}.json"'
    )
    return response
