"""Draws pictures on the server: ECharts in a node of its own makes the SVG, typst makes the PNG of it.

The browser draws from the same options (static/js/charts/options.js), so a document shows what the screen shows.
The same chart gives the same bytes.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils.html import escape

from creation import pdf
from portal.charts.chart import Chart

WIDTH = 760  # pixels, of a picture across a page
TIME_LIMIT = 20  # seconds for everything drawn at once; a picture takes some hundredths of one
_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r'\sstyle="([^"]*)"')
_IDS = re.compile(r"\bzr\d+-")
# what only a browser would use: where a pointer stands, how a mark looks under it
_POINTERS = re.compile(r'\s(?:ecmeta_\w+|class)="[^"]*"|<style\s*>.*?</style>', re.DOTALL)


class CannotDraw(Exception):
    """A picture was not drawn: node or its program is missing, took too long or failed."""


def svg_of(chart: Chart, *, width: int = WIDTH, language: str = "") -> str:
    """Return the chart as an SVG document of this width in pixels, with its title and its sentence.

    `language` is the code of its texts, such as `zh-hans`. Raises CannotDraw.
    """
    return svgs_of([chart], width=width, language=language)[0]


def svgs_of(charts: Iterable[Chart], *, width: int = WIDTH, language: str = "") -> list[str]:
    """Return the charts as SVG documents, drawn in one go; nothing is started for none. Raises CannotDraw."""
    wanted = list(charts)
    if not wanted:
        return []
    made = _run({"width": width, "charts": [chart.as_json() for chart in wanted]})
    return [_tidied(svg, chart, language) for svg, chart in zip(made, wanted, strict=True)]


def png_of(chart: Chart, *, width: int = WIDTH, language: str = "") -> bytes:
    """Return the chart as a PNG of twice as many pixels, on white. Raises CannotDraw."""
    return pngs_of([chart], width=width, language=language)[0]


def pngs_of(charts: Iterable[Chart], *, width: int = WIDTH, language: str = "") -> list[bytes]:
    """Return the charts as PNG, drawn in one go. Raises CannotDraw."""
    try:
        return [pdf.picture(svg) for svg in svgs_of(charts, width=width, language=language)]
    except pdf.CannotPrint as error:
        raise CannotDraw(str(error)) from error


def missing_parts() -> list[str]:
    """Return what pictures need and is not there; empty when all is well."""
    program = Path(settings.CHART_SERVER)
    return [
        *([] if shutil.which(settings.NODE) else [f"node at {settings.NODE}"]),
        *([] if program.is_file() else [str(program)]),
    ]


def _run(asked: dict) -> list[str]:
    if missing_parts():
        raise CannotDraw(
            f"Pictures cannot be drawn: missing {', '.join(missing_parts())}. `make setup` brings both, "
            "the setting NODE names another node."
        )
    try:
        done = subprocess.run(  # noqa: S603 both come from the settings, the data through stdin
            [settings.NODE, str(settings.CHART_SERVER)],
            input=json.dumps(asked, ensure_ascii=False).encode(),
            capture_output=True,
            timeout=TIME_LIMIT,
            check=True,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise CannotDraw(f"Pictures were not drawn within {TIME_LIMIT} seconds.") from error
    except subprocess.CalledProcessError as error:
        raise CannotDraw(f"Pictures were not drawn: {error.stderr.decode(errors='replace')[:500]}") from error


def _tidied(svg: str, chart: Chart, language: str) -> str:
    """Return the SVG with its words for readers, ids of its own, and its looks as attributes.

    A page with a strict policy shows attributes, no styles; and a second picture on the page must not share an id.
    """
    plain = _POINTERS.sub("", svg)
    plain = _IDS.sub(f"{chart.name}-", _TAG.sub(lambda tag: _STYLE.sub(_attributes, tag.group()), plain))
    spoken = f' lang="{escape(language)}"' if language else ""
    words = f"<title>{escape(chart.title)}</title><desc>{escape(chart.alt)}</desc>"
    return re.sub(r"<svg ([^>]*)>", rf'<svg role="img"{spoken} \1>{_literal(words)}', plain, count=1)


def _literal(text: str) -> str:
    return text.replace("\\", r"\\")


def _attributes(style: re.Match) -> str:
    """Return `font-size:12px;fill:#000` as the attributes that mean the same; what is none of SVG's is left out."""
    pairs = [pair.split(":", 1) for pair in style.group(1).split(";") if ":" in pair]
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs if name.strip() in _LOOKS)


_LOOKS = {"font-size", "font-family", "font-weight", "font-style", "opacity", "fill", "stroke"}
