"""Self, inspection and spot-check points side by side, as far as the person may read them."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creation import rules, scoring, stages
from creation.forms.ratings import plain
from creation.models import Assessment, Indicator, User
from reviews.models import Inspection, Signature, Veto, VisitStatement

RATERS: dict[str, str | Promise] = {
    "self": _("Self-rating"),
    "inspection": _("Inspection"),
    "spot_check": _("Spot check"),
}
# the two deviations of the domain: what it is, the later rater, the earlier one
PAIRS: tuple[tuple[str | Promise, str, str], ...] = (
    (_("Inspection − self-rating"), "inspection", "self"),
    (_("Spot check − inspection"), "spot_check", "inspection"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One rater's points with the verdict they give; `rater` is a key of `RATERS`."""

    rater: str
    label: str | Promise
    rows: dict[int, object]
    result: scoring.Result
    unmet_gates: list[Indicator]
    vetoes: list[str]
    pass_mark: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: (rater, points) of each column and (name, deviation) of each pair."""

    indicator: Indicator
    cells: list[tuple[str | Promise, str]]
    deviations: list[tuple[str | Promise, str]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All columns the person may read; lines and totals stand in the order of the columns."""

    columns: list[Column]
    pairs: list[str | Promise]
    lines: list[Line]
    totals: list[tuple[str | Promise, str]]
    total_deviations: list[tuple[str | Promise, str]]


@dataclass(frozen=True, slots=True)
class Overturned:
    """Why a spot check overturned the inspection: what everybody in scope reads on the page of the file."""

    visit: Inspection
    gates: list[Indicator]
    vetoes: list[Veto]
    totals: list[tuple[str | Promise, str]]
    signed: list[Signature]
    statements: list[VisitStatement]


def signed(number: Decimal | None) -> str:
    """Return a deviation with its sign (+1.5, −2, 0), an en dash where there is none."""
    if number is None:
        return "–"
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{plain(abs(number))}"


def may_read_self(user: User, file: Assessment) -> bool:
    """Tell whether the organ's own points may be shown to the person: neither before submission nor while blind."""
    return rules.may(user, "file.read_content", file) and rules.may(user, "file.read_self_points", file)


def compare(user: User, file: Assessment, visits: list[Inspection], *, reads_self: bool) -> Comparison:
    """Return the columns of the file that the person may read; a visit's stands there once it has been filed.

    `file` and `visits`, those that the person may see, come from `file_reading.read_file` with what belongs to them.
    """
    columns = {}
    if reads_self and file.stage not in stages.BEFORE_SUBMISSION:
        columns["self"] = _column("self", file, file.answers.all(), [])
    for visit in visits:
        if visit.is_filed and rules.may(user, "inspection.read_ratings", visit):
            columns[visit.kind] = _column(visit.kind, file, visit.ratings.all(), list(visit.vetoes.all()))
    pairs = [pair for pair in PAIRS if pair[1] in columns and pair[2] in columns]
    return Comparison(
        columns=list(columns.values()),
        pairs=[label for label, _later, _earlier in pairs],
        lines=[_line(indicator, columns, pairs) for indicator in file.cycle.standard.indicators.all()],
        totals=[(column.label, str(column.result.total_shown)) for column in columns.values()],
        total_deviations=[
            # of the totals as shown, so that a reader who subtracts them gets the same
            (label, signed(columns[later].result.total_shown - columns[earlier].result.total_shown))
            for label, later, earlier in pairs
        ],
    )


def overturned(comparison: Comparison, visits: list[Inspection]) -> Overturned | None:
    """Return why the spot check overturned the inspection, None where it did not or the person does not read it."""
    visit = next((one for one in visits if one.is_spot_check and one.is_filed and not one.passed), None)
    column = next((one for one in comparison.columns if one.rater == "spot_check"), None)
    if visit is None or column is None:
        return None
    return Overturned(
        visit=visit,
        gates=column.unmet_gates,
        vetoes=list(visit.vetoes.all()),
        totals=comparison.totals,
        signed=list(visit.signatures.all()),
        statements=list(visit.statements.all()),
    )


def _column(rater: str, file: Assessment, rows, vetoes: list[Veto]) -> Column:
    standard = file.cycle.standard
    indicators = {indicator.pk: indicator for indicator in standard.indicators.all()}
    found = {indicators[row.indicator_id].code: row.found_value() for row in rows}
    result = scoring.rate(standard.rulebook(), found, sorted({veto.kind for veto in vetoes}))
    return Column(
        rater=rater,
        label=RATERS[rater],
        rows={row.indicator_id: row for row in rows},
        result=result,
        unmet_gates=[indicator for indicator in indicators.values() if indicator.code in result.unmet_gates],
        vetoes=[veto.get_kind_display() for veto in vetoes],
        pass_mark=standard.pass_mark,
    )


def _line(indicator: Indicator, columns: dict[str, Column], pairs) -> Line:
    cells = []
    for column in columns.values():
        row = column.rows.get(indicator.pk)
        points = None if _out_of_base(indicator, row) else column.result.points[indicator.code]
        cells.append((column.label, "–" if points is None else plain(points)))
    deviations = [
        (label, signed(_deviation(indicator, columns[later], columns[earlier]))) for label, later, earlier in pairs
    ]
    notes = [note for column in columns.values() for note in _notes(column, column.rows.get(indicator.pk))]
    return Line(indicator, cells, deviations, notes)


def _notes(column: Column, row) -> list[str]:
    """Return what has to be said beside a rater's points: a change after the comparison, an entry from paper."""
    notes = []
    if getattr(row, "changed_at", None) is not None:
        first = "–" if row.first_points is None else plain(row.first_points)
        said = {"rater": column.label, "first": first, "reason": row.change_reason}
        notes.append(_("%(rater)s: %(first)s before the comparison. %(reason)s") % said)
    if getattr(row, "from_paper", False):
        notes.append(_("%(rater)s: entered from paper by %(by)s") % {"rater": column.label, "by": row.saved_by})
    return notes


def _out_of_base(indicator: Indicator, row) -> bool:
    return bool(row and row.not_applicable and indicator.not_applicable == Indicator.NotApplicable.RESCALE)


def _deviation(indicator: Indicator, later: Column, earlier: Column) -> Decimal | None:
    """Return later − earlier; None where one has no points of its own (not rated, or left out of the base)."""
    for column in (later, earlier):
        row = column.rows.get(indicator.pk)
        if column.result.points[indicator.code] is None or _out_of_base(indicator, row):
            return None
    return later.result.points[indicator.code] - earlier.result.points[indicator.code]
