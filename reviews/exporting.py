"""What leaves the portal as a file: everything needed to repeat a draw, and the list of recognised organs."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.models import Recognition
from creation.models.named import local
from reviews import sampling
from reviews.models import Draw, Pool

FORMAT = "conservation-organs-draw-1"
# what a published title can be on a day; "valid" is what the completion rates count
STATES = {
    "valid": gettext_lazy("Valid"),
    "revoked": gettext_lazy("Revoked"),
    "expired": gettext_lazy("Expired"),
    "closed": gettext_lazy("Organ closed"),
}


def draw_document(pool: Pool, *, with_draw: bool = True) -> dict:
    """Return a pool and its draw as plain data, with everything that is needed to repeat the draw elsewhere.

    Members come as [stratum, key]; the pool's SHA-256 is that of the lines "stratum|key", sorted by their bytes.
    `share` is percent as a decimal in text. `draw` is None before the draw; `results` are in drawing order.
    """
    return {
        "format": FORMAT,
        "method": sampling.METHOD,
        "ticket": "sha256(seed|stratum|key) in UTF-8; within a stratum by ticket, ascending",
        "sample_size": "per stratum: share percent of its members rounded up, at least minimum, at most all",
        "cycle": pool.cycle.year,
        "region": pool.region.code,
        "number": pool.number,
        "closed_at": _instant(pool.closed_at),
        "sha256": pool.sha256,
        "share": str(pool.share),
        "minimum": pool.minimum,
        "members": [list(pair) for pair in pool.members.values_list("stratum", "key")],
        "draw": _draw(pool.draw) if with_draw and hasattr(pool, "draw") else None,
    }


def _draw(draw: Draw) -> dict:
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
    }


def _instant(at) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


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


def recognised_rows(titles: Iterable[Recognition], day: date) -> Iterator[tuple]:
    """Yield the table of `titles_on` for download, heading first; every row says as of which day it holds."""
    yield (
        _("As of"),
        _("Organ"),
        _("English name"),
        _("Credit code"),
        _("Region"),
        _("Batch"),
        _("Document number"),
        _("Granted on"),
        _("Valid until"),
        _("State"),
        _("Ended on"),
        _("Reason"),
    )
    for title in titles:
        organ = title.organ
        yield (
            day,
            organ.name,
            organ.name_en,
            organ.credit_code,
            local(organ.region.name, organ.region.name_en),
            title.batch,
            title.document_number,
            title.granted_on,
            title.valid_until,
            STATES[title.state],
            title.ended_on,
            title.revoke_reason if title.state == "revoked" else "",
        )


def as_download(file, *, name: str, content_type: str) -> FileResponse:
    """Return a kept file for download under its own name; it is never shown inside the browser and never stored."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "no-store, private"
    return response
