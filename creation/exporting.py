"""A self-rating as an Excel workbook: the items with what may be entered and what is there, and the yearly figures.

Each row carries, in a hidden column, the version it was written from and a digest of what it then said, so that on its
way back one can tell what was changed in Excel, what a colleague changed meanwhile, and what is both.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.actions.energy import FIELDS, LABELS, canonical, earlier_figures, figures_of
from creation.actions.figures import columns_of
from creation.forms.ratings import plain, points_text
from creation.models import Answer, Assessment, EnergyFigures, Indicator
from creation.models.named import local
from creation.spreadsheets import Form, write_forms

CODE, NAME, MAY_ENTER, ANSWER, NOT_APPLICABLE, REMARK, KEY = range(7)
ENERGY_LABEL, ENERGY_LAST, ENERGY_THIS, ENERGY_KEY = range(4)
YES = gettext_lazy("Yes")
MET, NOT_MET = gettext_lazy("Met"), gettext_lazy("Not met")


def workbook_of(assessment: Assessment) -> bytes:
    """Return the file's answers and figures as an XLSX to be filled in, in the reader's language."""
    return write_forms([_items(assessment), _energy(assessment)])


# --- items -----------------------------------------------------------------------------------------------------------


def items_key(assessment: Assessment) -> str:
    """Return the mark by which the sheet of items is known to belong to this file and its standard."""
    return f"items|{assessment.pk}|{assessment.cycle.standard.code}/{assessment.cycle.standard.version}"


def _items(assessment: Assessment) -> Form:
    answers = {answer.indicator_id: answer for answer in assessment.answers.all()}
    rows = [
        [
            _("Code"), _("Item"), _("What may be entered"), _("Answer"), _("Not applicable"), _("Explanation"),
            items_key(assessment),
        ]
    ]  # fmt: skip
    open_cells, choices = set(), {}
    for number, indicator in enumerate(assessment.cycle.standard.indicators.all(), start=1):
        answer = answers.get(indicator.pk)
        rows.append(
            [
                indicator.code,
                str(indicator),
                may_enter(indicator),
                answer_cell(indicator, answer),
                str(YES) if answer and answer.not_applicable else "",
                one_kind_of_lines(answer.remark) if answer else "",
                row_key(answer),
            ]
        )
        open_cells |= {(number, ANSWER), (number, REMARK)}
        if indicator.rubric["method"] == "gate":
            choices[number, ANSWER] = (str(MET), str(NOT_MET))
        if indicator.rubric["method"] == "levels":
            choices[number, ANSWER] = tuple(str(place) for place in range(1, len(indicator.rubric["levels"]) + 1))
        if indicator.not_applicable != Indicator.NotApplicable.NOT_ALLOWED:
            open_cells.add((number, NOT_APPLICABLE))
            choices[number, NOT_APPLICABLE] = (str(YES),)
    return Form(_("Items"), rows, (8, 34, 44, 16, 12, 44, 4), open_cells, choices, {KEY})


def row_key(answer: Answer | None) -> str:
    """Return version and digest of an answer; of none at all where there is no row yet."""
    version = answer.version if answer else 0
    said = (answer.found, answer.not_applicable, answer.remark) if answer else (None, False, "")
    return f"{version}:{digest_of(*said)}"


def digest_of(found: Mapping | None, not_applicable: bool, remark: str) -> str:  # noqa: FBT001 the columns of a row
    """Return a short digest of what an answer says, the same in every language."""
    return _digest([found, not_applicable, one_kind_of_lines(remark)])


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def one_kind_of_lines(text: str) -> str:
    """Return a text with the line ends of a workbook and no blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def answer_cell(indicator: Indicator, answer: Answer | None) -> str:
    """Return what was found as it stands in the cell; places of parts and levels count from 1."""
    if answer is None or answer.found is None:
        return ""
    found, method = answer.found, indicator.rubric["method"]
    if method == "gate":
        return str(MET) if found["met"] else str(NOT_MET)
    if method == "checklist":
        return ", ".join(str(place + 1) for place in found["present"]) or "0"
    if method == "levels":
        return str(found["level"] + 1)
    return str(found["value"] if method == "banded" else found["count"])


def may_enter(indicator: Indicator) -> str:
    """Return in words what may be entered for an indicator, each choice with its points."""
    rubric = indicator.rubric
    match rubric["method"]:
        case "gate":
            words = _("“%(met)s” or “%(not_met)s”.") % {"met": MET, "not_met": NOT_MET}
        case "checklist":
            listed = _numbered(rubric["parts"])
            words = _("The numbers of what is present, such as 1, 2; 0 for none of these.") + "\n" + listed
        case "levels":
            words = _("One of the numbers.") + "\n" + _numbered(rubric["levels"])
        case "banded":
            words = _("A number: %(what)s") % {"what": _label(rubric, "measure")} + _unit(rubric)
        case _:
            words = _("A whole number: %(what)s") % {"what": _label(rubric, "counts")}
    return words


def _numbered(entries: list) -> str:
    return "\n".join(
        f"{place} = {_label(entry, 'label')} ({points_text(plain(entry['points']))})"
        for place, entry in enumerate(entries, start=1)
    )


def _unit(rubric: Mapping) -> str:
    return f" ({rubric['unit']})" if rubric.get("unit") else ""


def _label(entry: Mapping, name: str) -> str:
    text = entry.get(name) or {}
    return local(text.get("zh", ""), text.get("en", ""))


# --- figures ---------------------------------------------------------------------------------------------------------


def figures_key(assessment: Assessment, last: EnergyFigures | None, this: EnergyFigures | None, offered: str) -> str:
    """Return the mark of the sheet of figures: its file, and version and digest of both years."""
    last_digest = offered or figures_digest(columns_of(last))
    versions = [row.version if row else 0 for row in (last, this)]
    return f"energy|{assessment.pk}|{versions[0]}:{last_digest}|{versions[1]}:{figures_digest(columns_of(this))}"


def figures_digest(columns: Mapping) -> str:
    """Return a short digest of one year's figures."""
    return _digest([_text(columns[name]) for name in (*FIELDS, "change_reason")])


def _text(value: Decimal | int | str | None) -> str:
    return one_kind_of_lines(value) if isinstance(value, str) else canonical(value) or ""


def _energy(assessment: Assessment) -> Form:
    """Return the sheet of both years; last year's comes from the organ's earlier file while none is saved here."""
    year, saved = assessment.cycle.calendar_year, figures_of(assessment)
    this, last = saved.get(year), saved.get(year - 1)
    offer = None if last else earlier_figures(assessment)
    before = columns_of(last or offer) | ({} if last else {"change_reason": ""})
    now = columns_of(this)
    key = figures_key(assessment, last, this, figures_digest(before) if offer else "")
    rows = [[_("Figures (empty means not known, 0 means none)"), str(year - 1), str(year), key]]
    rows += [[str(LABELS[name]), _text(before[name]), _text(now[name]), name] for name in (*FIELDS, "change_reason")]
    open_cells = {(row, column) for row in range(1, len(rows)) for column in (ENERGY_LAST, ENERGY_THIS)}
    open_cells.discard((len(rows) - 1, ENERGY_LAST))  # only the rated year says why something changed
    return Form(_("Energy figures"), rows, (36, 22, 22, 4), open_cells, {}, {ENERGY_KEY})
