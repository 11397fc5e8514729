"""What an organ's figures say: read together with the factors and goals that hold, compared, and put into words.

Nothing is written here. Both years are reckoned with the factors that hold on the last day of the rated year, so that
a new factor is not taken for a saving. What a submitted file says stays as it was: factors and goals entered after its
submission do not touch it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from creation import energy, stages
from creation.models import (
    AMOUNTS,
    Answer,
    Assessment,
    ConversionFactor,
    EnergyFigures,
    EnergyGoal,
    Indicator,
    RegionPath,
    Standard,
)

FIELDS = (*AMOUNTS, "users")
Carrier, Into, Measure = ConversionFactor.Carrier, ConversionFactor.Into, EnergyGoal.Measure
LABELS: Mapping[str, str] = {
    name: EnergyFigures._meta.get_field(name).verbose_name for name in (*FIELDS, "change_reason")
}


@dataclass(frozen=True, slots=True)
class Readings:
    """A file's figures with all that is reckoned from them."""

    year: int
    this: EnergyFigures | None
    last: EnergyFigures | None
    factors: list[ConversionFactor]
    goals: list[EnergyGoal]
    totals: tuple[energy.Worked, energy.Worked]
    measures: list[tuple[str, energy.Worked, energy.Worked]]
    comparisons: list[tuple[EnergyGoal, energy.Comparison]]

    @property
    def last_year(self) -> int:
        """Return the year before the rated one."""
        return self.year - 1

    @property
    def totals_by_year(self) -> tuple[energy.Worked, energy.Worked]:
        """Return the totals in kgce in the order of time, as tables show them."""
        this, last = self.totals
        return last, this

    @property
    def proposal(self) -> str:
        """Return what the goals say of the gate: met, not_met or unknown."""
        return energy.propose([comparison for _goal, comparison in self.comparisons])

    @property
    def problems(self) -> energy.Problems:
        """Return what stands against handing the figures over."""
        reason = self.this.change_reason if self.this else ""
        return energy.energy_problems(as_year(self.this), as_year(self.last), reason)


def energy_indicator(standard: Standard) -> Indicator | None:
    """Return the standard's gate that is decided by data (1.1 in the demonstration), None where it has none."""
    rows = standard.indicators.all()
    return next((one for one in rows if "data" in one.check_by and one.rubric["method"] == "gate"), None)


def as_year(figures: EnergyFigures | None) -> energy.Year:
    """Return a row as plain data for the reckoning; nothing is known of a year without one."""
    return energy.Year(**{name: getattr(figures, name) for name in FIELDS}) if figures else energy.Year()


def figures_of(assessment: Assessment) -> dict[int, EnergyFigures]:
    """Return the figures that the file holds, by calendar year."""
    return {row.year: row for row in assessment.energy_figures.select_related("saved_by")}


def earlier_figures(assessment: Assessment) -> EnergyFigures | None:
    """Return what the organ's newest earlier file says of the year before the rated one, None without such a file."""
    return (
        EnergyFigures.objects.filter(
            assessment__organ=assessment.organ_id,
            assessment__cycle__year__lt=assessment.cycle.year,
            year=assessment.cycle.calendar_year - 1,
        )
        .exclude(assessment__stage__in=stages.BEFORE_SUBMISSION)
        .select_related("assessment__cycle", "saved_by")
        .order_by("-assessment__cycle__year")
        .first()
    )


def reckoned_at(assessment: Assessment) -> datetime | None:
    """Return when a submitted file was submitted: what was entered later does not touch it. None while it is not."""
    if assessment.stage in stages.BEFORE_SUBMISSION:
        return None
    change = assessment.changes.filter(step="submit").order_by("-number").first()
    return change.at if change else None


def factors_on(day: date, entered_by: datetime | None = None) -> list[ConversionFactor]:
    """Return for each carrier and unit the factor that holds on `day`: the newest date, of one date the newest row."""
    rows = ConversionFactor.objects.filter(valid_from__lte=day).order_by("carrier", "into", "-valid_from", "-id")
    if entered_by:
        rows = rows.filter(entered_at__lte=entered_by)
    newest: dict[tuple[str, str], ConversionFactor] = {}
    for row in rows:
        newest.setdefault((row.carrier, row.into), row)
    return list(newest.values())


def as_factors(rows: list[ConversionFactor]) -> energy.Factors:
    """Return the rows as plain data for the reckoning."""
    by_unit = {
        into: {row.carrier: row.factor for row in rows if row.into == into and row.carrier != Carrier.PETROL_DENSITY}
        for into in (Into.KGCE, Into.KGCO2)
    }
    density = next((row.factor for row in rows if row.carrier == Carrier.PETROL_DENSITY), None)
    return energy.Factors(by_unit[Into.KGCE], by_unit[Into.KGCO2], density)


def goals_for(region_id: int, year: int, entered_by: datetime | None = None) -> list[EnergyGoal]:
    """Return the goals of a year that hold in a region, one for each measure: of the nearest region up the tree that
    has one, and there the newest row.
    """
    depths = dict(RegionPath.objects.filter(descendant=region_id).values_list("ancestor_id", "depth"))
    rows = EnergyGoal.objects.filter(region__in=depths, year=year).select_related("region")
    if entered_by:
        rows = rows.filter(entered_at__lte=entered_by)
    nearest: dict[str, EnergyGoal] = {}
    for row in sorted(rows, key=lambda row: (depths[row.region_id], -row.pk)):
        nearest.setdefault(row.measure, row)
    return [nearest[name] for name in energy.MEASURES if name in nearest]


def readings_of(assessment: Assessment) -> Readings:
    """Return the file's figures of both years with totals, measures, goals and the proposal for the gate."""
    year, until = assessment.cycle.calendar_year, reckoned_at(assessment)
    rows, factors = figures_of(assessment), factors_on(date(year, 12, 31), until)
    this, last, known = rows.get(year), rows.get(year - 1), as_factors(factors)
    now, before = as_year(this), as_year(last)
    goals = goals_for(assessment.organ.region_id, year, until)
    return Readings(
        year,
        this,
        last,
        factors,
        goals,
        (energy.total(now, known), energy.total(before, known)),
        [(name, energy.measure(name, now, known), energy.measure(name, before, known)) for name in energy.MEASURES],
        [(goal, energy.compare(goal.measure, now, before, known, goal.change_percent)) for goal in goals],
    )


# --- what the file's own steps ask ---------------------------------------------------------------------------------


def open_energy_points(assessment: Assessment, readings: Readings | None = None) -> list[tuple[str, str]]:
    """Return what in the figures keeps the file from being handed over, as (indicator code, what is missing).

    Users or area that changed by more than 10 % without a reason, and an answer to the gate that the figures
    contradict without an explanation. Nothing where the standard has no gate that is decided by data. `readings` of
    the file may be handed in where they have been read already.
    """
    indicator = energy_indicator(assessment.cycle.standard)
    if indicator is None:
        return []
    readings = readings or readings_of(assessment)
    asked = [
        _("%(what)s changed by more than 10 %% against the year before: say why.") % {"what": LABELS[name]}
        for name in readings.problems.errors
    ]
    answer = assessment.answers.filter(indicator=indicator).first()
    if contradicts(answer, readings.proposal) and not answer.remark.strip():
        asked.append(_("The answer differs from what the figures say: explain why."))
    return [(indicator.code, text) for text in asked]


def contradicts(answer: Answer | None, proposal: str) -> bool:
    """Tell whether the organ answered the gate otherwise than its figures say."""
    if answer is None or answer.found is None or answer.not_applicable or proposal == energy.UNKNOWN:
        return False
    return answer.found["met"] != (proposal == energy.MET)


def energy_warnings(assessment: Assessment, readings: Readings | None = None) -> list[tuple[str, str, str]]:
    """Return what may be passed with a reason, as (indicator code, kind, text): figures that are not known."""
    indicator = energy_indicator(assessment.cycle.standard)
    if indicator is None:
        return []
    readings = readings or readings_of(assessment)
    years = {"this": readings.year, "last": readings.year - 1}
    found: dict[str, list[str]] = {}
    for name, slug in readings.problems.warnings:
        found.setdefault(name, []).append(missing_text(slug))
    return [
        (
            indicator.code,
            f"energy_missing_{name}",
            _("Figures of %(year)s are missing: %(what)s.") % {"year": years[name], "what": _listed(slugs)},
        )
        for name, slugs in found.items()
    ]


def _listed(words: list[str]) -> str:
    return _(", ").join(words)


def missing_text(slug: str) -> str:
    """Return in words what is missing for a number (see `energy.Worked`)."""
    fixed = {
        "petrol": _("petrol (L or kg)"),
        "petrol_density": _("the density of petrol"),
        "area_zero": _("a building area above 0"),
        "users_zero": _("a number of users above 0"),
    }
    if slug in fixed:
        return fixed[slug]
    if ":" in slug:
        into, carrier = slug.split(":")
        return _("the factor %(carrier)s → %(unit)s") % {"carrier": Carrier(carrier).label, "unit": Into(into).label}
    return str(LABELS[slug])


def figures_content(assessment: Assessment) -> list[dict]:
    """Return what the file says of each year in canonical strings, newest year first; part of what is submitted."""
    rows = sorted(figures_of(assessment).values(), key=lambda row: -row.year)
    return [
        {
            "year": row.year,
            **{name: canonical(getattr(row, name)) for name in FIELDS},
            "change_reason": row.change_reason,
        }
        for row in rows
    ]


def canonical(amount: Decimal | int | None) -> str | None:
    """Return an amount as one and the same text on every database: 120000, 0.5; None stays None."""
    if amount is None:
        return None
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
