"""What leaves the portal as a file: everything needed to repeat a draw, and the list of recognised organs."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from creation.models import Organ, Recognition, Succession
from reviews import sampling
from reviews.models import Draw, Extension, Pool

FORMAT = "conservation-organs-draw-1"
TICKET = (
    "sha256(seed|stratum|key) in UTF-8, of further tickets sha256(seed|stratum|key|2) and so on; "
    "within a stratum by the smallest ticket, ascending"
)
# what a published title can be on a day; "valid" is what the completion rates count
STATES = {
    "valid": gettext_lazy("Valid"),
    "revoked": gettext_lazy("Revoked"),
    "expired": gettext_lazy("Expired"),
    "closed": gettext_lazy("Organ closed"),
}


def draw_document(pool: Pool, *, published_only: bool = False) -> dict:
    """Return a pool and its draw as plain data, with everything that is needed to repeat the draw elsewhere.

    Members come as [stratum, key], those with more tickets as [stratum, key, tickets]; the pool's SHA-256 is that of
    the lines "stratum|key" or "stratum|key|tickets", sorted by their bytes. `share` is percent as a decimal in text.
    `draw` is None before the draw; `results` are in drawing order, `extensions` in the order in which they were drawn.
    With `published_only` neither the draw nor an extension is in it before everybody may read it.
    """
    members = list(pool.members.all())
    draw = getattr(pool, "draw", None)
    if published_only and not is_published(pool):
        draw = None
    return {
        "format": FORMAT,
        "purpose": pool.purpose,
        "method": sampling.method_of({one.key: one.tickets for one in members}),
        "ticket": TICKET,
        "sample_size": "per stratum: share percent of its members rounded up, at least minimum, at most all",
        "extension": "the next member of the stratum's order, one more or in another's place",
        "cycle": pool.cycle.year,
        "region": pool.region.code,
        "number": pool.number,
        "closed_at": _instant(pool.closed_at),
        "sha256": pool.sha256,
        "share": str(pool.share),
        "minimum": pool.minimum,
        "members": [
            [one.stratum, one.key, one.tickets] if one.tickets > 1 else [one.stratum, one.key] for one in members
        ],
        "draw": _draw(draw, published_only=published_only) if draw else None,
    }


def is_published(pool: Pool) -> bool:
    """Tell whether everybody may read who was drawn."""
    return hasattr(pool, "draw") and hasattr(pool.draw, "publication")


def _draw(draw: Draw, *, published_only: bool) -> dict:
    results = draw.results.values_list("member__stratum", "member__key", "rank", "drawn")
    return {
        "source": draw.source,
        "method": draw.method,
        "seed": draw.seed,
        "seed_source": draw.seed_source,
        "seed_at": _instant(draw.seed_at) if draw.seed_at else "",
        "letter_number": draw.letter_number,
        "letter_sha256": draw.letter.sha256 if draw.letter else "",
        "at": _instant(draw.at),
        "results": [
            {"stratum": stratum, "key": key, "rank": rank, "drawn": drawn} for stratum, key, rank, drawn in results
        ],
        "extensions": [_extension(one) for one in extensions_of(draw, published_only=published_only)],
    }


def extensions_of(draw: Draw, *, published_only: bool) -> QuerySet[Extension]:
    """Return who was drawn after the draw, in that order; with `published_only` those that everybody may read."""
    extensions = draw.extensions.select_related("member__result", "replaces", "publication").order_by("pk")
    return extensions.filter(publication__isnull=False) if published_only else extensions


def _extension(extension: Extension) -> dict:
    member = extension.member
    return {
        "stratum": member.stratum,
        "key": member.key,
        "rank": member.result.rank,
        "replaces": extension.replaces.key if extension.replaces else None,
        "reason": extension.reason,
        "at": _instant(extension.at),
    }


def _instant(at) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def name_successors(titles: Iterable[Recognition], day: date) -> None:
    """Give each title of a closed organ its `successors` by `day`, the organs it went over into; one statement."""
    closed: dict[int, list[Organ]] = {title.organ_id: [] for title in titles if title.state == "closed"}
    threads = Succession.objects.filter(predecessor__in=closed, effective_on__lte=day).select_related("successor")
    for thread in threads.order_by("successor__credit_code") if closed else ():
        closed[thread.predecessor_id].append(thread.successor)
    for title in titles:
        title.successors = closed.get(title.organ_id, [])


def titles_on(day: date) -> QuerySet:
    """Return the titles granted by `day` with their `state` on that day (see STATES) and since when it has ended.

    A title that a later one has replaced is left out. Valid are exactly those that the completion rates count.
    """
    ended = (
        (Q(revoked_on__lte=day), "revoked", "revoked_on"),
        (Q(valid_until__lt=day), "expired", "valid_until"),
        (Q(organ__abolished_on__lte=day), "closed", "organ__abolished_on"),
    )
    return Recognition.objects.filter(
        Q(replaced_on__isnull=True) | Q(replaced_on__gt=day), granted_on__lte=day, organ__established_on__lte=day
    ).annotate(
        state=Case(*(When(met, then=Value(state)) for met, state, _since in ended), default=Value("valid")),
        ended_on=Case(*(When(met, then=F(since)) for met, _state, since in ended), output_field=DateField()),
    )


def as_download(file, *, name: str, content_type: str) -> FileResponse:
    """Return a kept file for download under its own name; it is never shown inside the browser and never stored."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "no-store, private"
    return response
