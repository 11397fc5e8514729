"""Writing the yearly figures, taking over what they say of the gate, and laying down factors and goals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, energy
from creation.actions.answers import save_answer
from creation.actions.energy import FIELDS, LABELS, energy_indicator, readings_of
from creation.actions.events import record
from creation.actions.files import hold_for_editing
from creation.errors import Overtaken, Refused
from creation.models import Answer, Assessment, ConversionFactor, EnergyFigures, EnergyGoal
from creation.rules import require

DIVISORS = ("area_m2", "users")  # what is divided by them means nothing when they are 0


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered for one year (a field that is not named is not known), and which version the writer had seen."""

    amounts: Mapping[str, Decimal | int | None] = field(default_factory=dict)
    change_reason: str = ""
    version: int = 0

    def columns(self) -> dict[str, object]:
        """Return every column of the year's row."""
        return {name: self.amounts.get(name) for name in FIELDS} | {"change_reason": self.change_reason.strip()}


def columns_of(row: EnergyFigures | None) -> dict[str, object]:
    """Return the same columns of a saved row; nothing is known without one."""
    if row is None:
        return Entry().columns()
    return {name: getattr(row, name) for name in (*FIELDS, "change_reason")}


@transaction.atomic
def save_figures(assessment: Assessment, *, by, years: Mapping[int, Entry]) -> dict[int, EnergyFigures]:
    """Keep the figures of the rated year and the one before, all named years or none, and return the rows by year.

    A draft takes empty figures: they stay unknown. A year that says what is saved already is left as it is.
    `Overtaken` when a colleague saved other figures of the year in between; refused for another year, for an amount
    out of range, and for an area or a number of users of 0.
    """
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    rated = assessment.cycle.calendar_year
    if not set(years) <= {rated, rated - 1}:
        raise Refused(
            _("Only figures of %(last)s and %(this)s belong to this file.") % {"last": rated - 1, "this": rated}
        )
    return {year: _save_year(assessment, year, entry, by=by) for year, entry in years.items()}


def _save_year(assessment: Assessment, year: int, entry: Entry, *, by) -> EnergyFigures:
    columns = entry.columns()
    saved = assessment.energy_figures.filter(year=year).first()
    if saved is not None and columns_of(saved) == columns:
        return saved
    row = EnergyFigures(assessment=assessment, year=year, saved_by=by, saved_at=clock.now(), **columns)
    _check(row)
    if entry.version:
        mine = assessment.energy_figures.filter(year=year, version=entry.version)
        if mine.update(**columns, saved_by=by, saved_at=row.saved_at, version=entry.version + 1) != 1:
            raise Overtaken(_overtaken(year))
        return assessment.energy_figures.get(year=year)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Overtaken(_overtaken(year)) from error
    return row


def _overtaken(year: int) -> str:
    return _("A colleague saved the figures of %(year)s in the meantime.") % {"year": year}


def _check(row: EnergyFigures) -> None:
    """Refuse with every amount that cannot be."""
    problems: list[tuple[str, object]] = []
    try:
        row.clean_fields(exclude={"assessment", "saved_by", "saved_at", "version"})
    except ValidationError as error:
        for name, sentences in error.message_dict.items():
            problems += [(f"{row.year} · {LABELS.get(name, name)}", sentence) for sentence in sentences]
    for name in DIVISORS:
        if getattr(row, name) == 0:
            problems.append((f"{row.year} · {LABELS[name]}", _("Enter a number above 0, or leave it empty.")))
    if problems:
        raise Refused(_("The figures were not saved."), problems=problems)


@transaction.atomic
def take_over_proposal(assessment: Assessment, *, by, proposal: str, version: int) -> Answer:
    """Answer the gate as the figures say and return the answer; its explanation stays as it is.

    `proposal` is what the organ had read and `version` the answer's version on that page (0: none): `Overtaken` when
    either is another by now. Refused while nothing can be said, and where the standard has no gate decided by data.
    """
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    indicator = energy_indicator(assessment.cycle.standard)
    if indicator is None:
        raise Refused(_("This standard has no gate that is decided by figures."))
    now = readings_of(assessment).proposal
    if now == energy.UNKNOWN:
        raise Refused(_("The figures do not say yet whether the goals are met."))
    if now != proposal:
        raise Overtaken(_("The figures say something else by now. Read them again."))
    saved = assessment.answers.filter(indicator=indicator).first()
    return save_answer(
        assessment,
        indicator,
        by=by,
        found={"met": now == energy.MET},
        remark=saved.remark if saved else "",
        version=version,
    )


# --- factors and goals ---------------------------------------------------------------------------------------------


@transaction.atomic
def add_factor(factor: ConversionFactor, *, by) -> ConversionFactor:
    """Lay down a factor and return it; it holds from its date on and is never rewritten, a later row replaces it.

    Refused without a source, for a factor out of range and for a unit that does not fit the carrier.
    """
    require(by, "energy.manage")
    factor.entered_by, factor.entered_at = by, clock.now()
    _save_new(factor)
    record("add", factor, by=by, after={"into": factor.into, "carrier": factor.carrier, "factor": str(factor.factor)})
    return factor


@transaction.atomic
def add_goal(goal: EnergyGoal, *, by) -> EnergyGoal:
    """Lay down a goal for a region and year and return it; never rewritten, a later row replaces it.

    Refused outside the person's regions, without a source, and for a change out of range.
    """
    require(by, "energy.set_goal", goal.region)
    goal.entered_by, goal.entered_at = by, clock.now()
    _save_new(goal)
    record("add", goal, by=by, after={"measure": goal.measure, "year": goal.year, "percent": str(goal.change_percent)})
    return goal


def _save_new(row: ConversionFactor | EnergyGoal) -> None:
    row.source = row.source.strip()
    try:
        row.full_clean(exclude={"entered_by"})
    except ValidationError as error:
        labels = {one.name: str(one.verbose_name) for one in row._meta.fields}
        problems = [
            (labels.get(name, ""), sentence) for name, sentences in error.message_dict.items() for sentence in sentences
        ]
        raise Refused(_("This cannot be laid down."), problems=problems) from error
    row.save(force_insert=True)
