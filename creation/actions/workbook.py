"""What came back from Excel is saved through the verbs of answers and figures: all of it or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from creation.actions.answers import save_answer
from creation.actions.figures import Entry, save_figures
from creation.errors import Refused
from creation.models import Assessment
from creation.rules import require


@dataclass(frozen=True, slots=True)
class Given:
    """What a workbook says of one item, and the answer's version that was seen beside it."""

    found: dict | None
    not_applicable: bool
    remark: str
    version: int


@transaction.atomic
def apply_workbook(assessment: Assessment, *, by, answers: Mapping[str, Given], years: Mapping[int, Entry]) -> int:
    """Save the answers by indicator code and the figures by year, and return how many things were saved.

    `Overtaken` when a colleague saved one of them since it was seen, refused when one cannot be saved: then nothing is.
    An item that is answered counts as done: whoever brought the workbook said so.
    """
    require(by, "file.answer", assessment)
    if not answers and not years:
        raise Refused(_("Nothing was chosen, nothing was saved."))
    indicators = {one.code: one for one in assessment.cycle.standard.indicators.all()}
    for code, given in answers.items():
        save_answer(
            assessment,
            indicators[code],
            by=by,
            found=given.found,
            not_applicable=given.not_applicable,
            remark=given.remark,
            version=given.version,
            done=True if given.found is not None or given.not_applicable else None,
        )
    if years:
        save_figures(assessment, by=by, years=years)
    return len(answers) + len(years)
