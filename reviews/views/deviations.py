"""Pages of the deviations: how far the three ratings lie apart by item, by district, and for who leads by person."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from creation.models import Cycle, Region
from creation.rules import require
from creation.spreadsheets import write_csv
from reviews import rated_twice
from reviews.deviations import FEW, Summary, shown
from reviews.rated_twice import Line, Table

INDICATORS, DISTRICTS, INSPECTORS = "indicators", "districts", "inspectors"
# what a table is sorted by when it is asked for; never by itself, a comparison is no ranking
SORTS = {
    "n": lambda summary: summary.n,
    "mean": lambda summary: summary.mean,
    "absolute": lambda summary: summary.mean_absolute,
    "changed": lambda summary: summary.changed_percent,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is shown; the three numbers are None where there are too few cases."""

    code: str
    label: str | Promise
    n: int
    mean: Decimal | None
    absolute: Decimal | None
    changed: Decimal | None

    @property
    def mean_text(self) -> str:
        """Return the mean deviation with its sign and two places, an en dash where there are too few cases."""
        if self.mean is None:
            return "–"
        return f"{'+' if self.mean > 0 else '−' if self.mean < 0 else ''}{abs(self.mean)}"


def _row(code: str, label: str | Promise, summary: Summary) -> Row:
    numbers = (summary.mean, summary.mean_absolute, summary.changed_percent)
    return Row(code, label, summary.n, *(None if one is None else shown(one) for one in numbers))


def leads_in(user) -> list[int]:
    """Return the regions whose department the person leads today."""
    return [post.region_id for post in user.posts if post.role == "official" and post.leads]


@require_safe
def deviation_list(request: HttpRequest) -> HttpResponse:
    """Show the deviations of a round by item and by district, of the organs in the official's regions."""
    require(request.user, "deviation.read")
    context = about(request)
    cycle = context["cycle"]
    if cycle:
        files, indicators = read(request, cycle)
        context["sections"] = [
            _section(request, INDICATORS, tables_of(INDICATORS, request, files, indicators)),
            _section(request, DISTRICTS, tables_of(DISTRICTS, request, files, indicators)),
        ]
    return render(request, "reviews/deviation_list.html", context)


@require_safe
def deviation_inspectors(request: HttpRequest) -> HttpResponse:
    """Show the deviations by inspector, to whoever leads the department and to nobody else."""
    if not leads_in(request.user):
        raise Http404
    context = about(request)
    cycle = context["cycle"]
    if cycle:
        files, indicators = read(request, cycle)
        context["sections"] = [_section(request, INSPECTORS, tables_of(INSPECTORS, request, files, indicators))]
    context["crumbs"] = [(_("Deviations"), reverse("deviation_list"))]
    return render(request, "reviews/deviation_inspectors.html", context)


@require_safe
def deviation_csv(request: HttpRequest, of: str) -> HttpResponse:
    """Return one of the tables as CSV; that of the inspectors to whoever leads the department alone."""
    if of not in SECTIONS or (of == INSPECTORS and not leads_in(request.user)):
        raise Http404
    require(request.user, "deviation.read")
    cycle = _chosen(request, list(rated_twice.rounds_of(request.user)))
    tables = tables_of(of, request, *read(request, cycle)) if cycle else []
    head = [_("Round"), _("Deviation"), _("Code"), _("Name"), *map(str, HEADS)]
    lines = [
        [cycle.year, str(table.title), row.code, str(row.label), row.n, row.mean, row.absolute, row.changed]
        for table in tables
        for row in _rows(table)
    ]
    name = f"deviations-{of}-{cycle.year if cycle else 'none'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write_csv([head, *lines]), content_type="text/csv; charset=utf-8", headers=headers)


SECTIONS = {
    INDICATORS: gettext_lazy("By item"),
    DISTRICTS: gettext_lazy("By district"),
    INSPECTORS: gettext_lazy("By inspector"),
}
HEADS = (
    gettext_lazy("Cases"),
    gettext_lazy("Mean deviation"),
    gettext_lazy("Mean without sign"),
    gettext_lazy("Changed verdicts (%)"),
)


def about(request: HttpRequest) -> dict:
    """Return what all pages show: the rounds to choose from, the one that is shown, who may read of inspectors."""
    rounds = list(rated_twice.rounds_of(request.user))
    cycle = _chosen(request, rounds)
    return {
        "rounds": rounds,
        "cycle": cycle,
        "sort": request.GET.get("sort", ""),
        "leads": bool(leads_in(request.user)),
        "few": FEW,
        "columns": list(zip(SORTS, HEADS, strict=True)),
    }


def _chosen(request: HttpRequest, rounds: list[Cycle]) -> Cycle | None:
    """Return the round asked for (its id), the newest where none or an unknown one is."""
    asked = request.GET.get("round", "")
    return next((one for one in rounds if str(one.pk) == asked), rounds[0] if rounds else None)


def read(request: HttpRequest, cycle: Cycle):
    """Return the visited files of a round in the reader's regions, and the items of its standard."""
    indicators = list(cycle.standard.indicators.all())
    return rated_twice.files_of(cycle, indicators, request.user), indicators


def tables_of(of: str, request: HttpRequest, files, indicators) -> list[Table]:
    """Return one table for each deviation: by item, by district, or by inspector."""
    if of == INDICATORS:
        return rated_twice.by_indicator(files, indicators)
    if of == DISTRICTS:
        regions = Region.objects.filter(pk__in={file.region for file in files}).order_by("position", "code")
        return rated_twice.by_district(files, list(regions))
    return rated_twice.by_inspector(files, leads_in(request.user))


def _section(request: HttpRequest, of: str, tables: list[Table]) -> dict:
    sort = request.GET.get("sort", "")
    return {
        "slug": of,
        "title": SECTIONS[of],
        "tables": [
            {
                "title": table.title,
                "rows": _rows(table, sort),
                "total": _row("", _("All"), table.total) if table.total and table.total.n else None,
            }
            for table in tables
        ],
    }


def _rows(table: Table, sort: str = "") -> list[Row]:
    return [_row(line.code, line.label, line.summary) for line in _in_order(table.lines, sort)]


def _in_order(lines: list[Line], sort: str) -> list[Line]:
    """Return the lines by what was asked for (a minus: from the largest down), few cases last; else as they are."""
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        return lines
    enough = [line for line in lines if not line.summary.is_few]
    few = [line for line in lines if line.summary.is_few]
    return [*sorted(enough, key=lambda line: key(line.summary), reverse=sort.startswith("-")), *few]
