"""A picture on its way to a browser: as a file, drawn only for who has not got it yet."""

import json
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language

from portal.charts import drawing
from portal.charts.chart import Chart

TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def sent(request, chart: Chart, kind: str, name: str) -> HttpResponse:
    """Return the chart as a download called `name`, as `svg` or `png`; 304 for who holds the same, 503 undrawn."""
    etag = quote_etag(_mark(chart, kind))
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            answer = HttpResponse(_drawn(chart, kind), content_type=TYPES[kind])
        except drawing.CannotDraw as error:
            return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    answer["ETag"] = etag
    return answer


def _drawn(chart: Chart, kind: str) -> str | bytes:
    draw = drawing.svg_of if kind == "svg" else drawing.png_of
    return draw(chart, language=get_language())


def _mark(chart: Chart, kind: str) -> str:
    """Return what changes whenever the picture would: its data, its language, the program that draws it."""
    program = Path(settings.CHART_SERVER)
    built = program.stat().st_mtime_ns if program.is_file() else 0
    words = json.dumps([chart.as_json(), kind, get_language(), settings.VERSION, built], ensure_ascii=False)
    return sha256(words.encode()).hexdigest()[:32]
