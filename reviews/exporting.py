"""What leaves the portal as a file: everything needed to repeat a draw, and the list of recognised organs."""

from collections.abc import Iterable, Iterator

from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from creation.models.named import local
from reviews import sampling
from reviews.models import Draw, Pool

FORMAT = "conservation-organs-draw-1"


def draw_document(pool: Pool) -> dict:
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
        "draw": _draw(pool.draw) if hasattr(pool, "draw") else None,
    }


def _draw(draw: Draw) -> dict:
    results = draw.results.values_list("member__stratum", "member__key", "rank", "drawn")
    return {
        "source": draw.source,
        "method": draw.method,
        "seed": draw.seed,
        "seed_source": draw.seed_source,
        "letter_number": draw.letter_number,
        "letter_sha256": draw.letter.sha256 if draw.letter else "",
        "at": _instant(draw.at),
        "results": [
            {"stratum": stratum, "key": key, "rank": rank, "drawn": drawn} for stratum, key, rank, drawn in results
        ],
    }


def _instant(at) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def recognised_rows(titles: Iterable[dict], day) -> Iterator[tuple]:
    """Yield the table of titles for download, heading first; every row says as of which day it holds."""
    yield (
        _("As of"),
        _("Organ"),
        _("English name"),
        _("Region"),
        _("Batch"),
        _("Document number"),
        _("Granted on"),
        _("Valid until"),
        _("State of the title"),
        _("Ended on"),
    )
    for title in titles:
        yield (
            day,
            title["organ__name"],
            title["organ__name_en"],
            local(title["organ__region__name"], title["organ__region__name_en"]),
            title["batch"],
            title["document_number"],
            title["granted_on"],
            title["valid_until"],
            title["state_label"],
            title["ended_on"],
        )


def as_download(file, *, name: str, content_type: str) -> FileResponse:
    """Return a kept file for download under its own name; it is never shown inside the browser and never stored."""
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "no-store, private"
    return response
