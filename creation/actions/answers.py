"""What a rater found: the one way in which an answer, or a rating of the inspection, is written.

Every writer says which version it had seen, so that nobody's words are written over unread.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, scoring, stages
from creation.actions.files import hold_for_editing
from creation.errors import Overtaken, Refused
from creation.models import Answer, Assessment, Indicator
from creation.rules import require


@transaction.atomic
def save_answer(
    assessment: Assessment,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    not_applicable: bool = False,
    remark: str = "",
    version: int = 0,
    done: bool | None = True,
    unanswered: Collection[UUID] = (),
) -> Answer:
    """Keep what the organ found for one indicator and return the answer with its points.

    A draft takes an empty answer (points stay open). `done` is what the writer says of the item; None leaves it as it
    was, unless something else was found. `version` is what the writer had seen (0: nothing yet): `Overtaken` when
    somebody saved in between, except by one of the writer's own writings of which no answer came back (`unanswered`).
    Refused for a finding that the rubric cannot read.
    """
    require(by, "file.answer", assessment)
    held = hold_for_editing(assessment)
    was = Answer.objects.filter(assessment=assessment, indicator=indicator).first()
    value = scoring.Found(found, not_applicable)
    more = {
        "done": _stays_done(held, was, value) if done is None else done,
        "since_last_year": _since_last_year(was, value, remark),
        "writer": None,
    }
    return _save(assessment, indicator, was, value, remark=remark, version=version, by=by, more=more, own=unanswered)


@transaction.atomic
def keep_answer(
    assessment: Assessment,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    not_applicable: bool = False,
    remark: str = "",
    version: int = 0,
    writer: UUID | None = None,
    unanswered: Collection[UUID] = (),
) -> Answer:
    """Keep what a page saves by itself while somebody types, and return the answer; sent again it changes nothing.

    What is equal to what stands there is a success, whoever wrote it. `writer` names this one writing, so that the
    page that sent it may go on when its answer is lost (`unanswered`, see `save_answer`). Nobody says here that the
    item is done: it stays so only where nothing else was found. `Overtaken` and refused as `save_answer` is.
    """
    require(by, "file.answer", assessment)
    held = hold_for_editing(assessment)
    was = Answer.objects.filter(assessment=assessment, indicator=indicator).first()
    value = scoring.Found(found, not_applicable)
    if _says(was, value, remark):
        return was or Answer(assessment=assessment, indicator=indicator, version=0, done=False, saved_at=clock.now())
    more = {
        "done": _stays_done(held, was, value),
        "since_last_year": _since_last_year(was, value, remark),
        "writer": writer,
    }
    return _save(assessment, indicator, was, value, remark=remark, version=version, by=by, more=more, own=unanswered)


def _save(assessment, indicator, was, value, *, remark, version, by, more, own) -> Answer:
    """Write over the version that was seen, or over the writer's own writing whose answer was lost."""
    if was is not None and was.writer is not None and was.writer in own:
        version = was.version
    key = {"assessment": assessment, "indicator": indicator}
    return save_found(Answer.objects, key, value, remark=remark, version=version, by=by, more=more)


def _says(was: Answer | None, value: scoring.Found, remark: str) -> bool:
    """Tell whether this is what stands there already; nothing at all is what stands where there is no row."""
    if was is None:
        return value == scoring.Found(None, False) and not remark
    return was.found_value() == value and was.remark == remark


def _stays_done(held: Assessment, was: Answer | None, value: scoring.Found) -> bool:
    """Tell whether an item is still done: in a file that was sent back every change has to be called done anew."""
    return was is not None and was.done and was.found_value() == value and held.stage != stages.RETURNED


def _since_last_year(was: Answer | None, value: scoring.Found, remark: str) -> str:
    """Return how the answer stands to last year's: what was still true and is written anew has changed."""
    if was is None:
        return ""
    if was.since_last_year == Answer.SinceLastYear.STILL_TRUE and not _says(was, value, remark):
        return Answer.SinceLastYear.CHANGED
    return was.since_last_year


def save_found(rows, key: dict, value: scoring.Found, *, remark: str, version: int, by, more: dict | None = None):
    """Keep what a rater found under `key` (whose rating, which indicator) and return the row with its points.

    `more` are further columns of this rater's rows. `Overtaken` when the row's version is another than `version`;
    refused when the rubric cannot read the finding.
    """
    values = {
        "found": value.value,
        "not_applicable": value.not_applicable,
        "remark": remark,
        "points": _points_of(key["indicator"], value),
        "saved_by": by,
        "saved_at": clock.now(),
        **(more or {}),
    }
    return _write_versioned(rows, key, values, version)


def _points_of(indicator: Indicator, value: scoring.Found):
    """Return the points the rubric gives, None while unanswered; refused when the rubric cannot read what was found."""
    try:
        return scoring.item_points(indicator.as_item(), value)
    except scoring.BadFound as error:
        raise Refused(BAD_FOUND.get(error.reason, _("This entry does not fit the indicator."))) from error


BAD_FOUND = {
    "missing": gettext_lazy("Enter what was found."),
    "not-a-number": gettext_lazy("Enter a number in plain digits, such as 3 or 92.5."),
    "negative": gettext_lazy("The number cannot be below 0."),
    "out-of-range": gettext_lazy("The number is too large."),
    "unknown-part": gettext_lazy("This choice does not belong to the indicator. Load the page again."),
    "duplicate-part": gettext_lazy("A part was chosen twice."),
    "not-applicable-not-allowed": gettext_lazy("This indicator cannot be marked not applicable."),
}


def _write_versioned(rows, key: dict, values: dict, version: int):
    """Insert (version 0) or compare-and-set a row keyed by `key`; `Overtaken` when its version is another by now."""
    if version:
        changed = rows.filter(**key, version=version).update(**values, version=version + 1)
        if changed != 1:
            raise Overtaken(_("A colleague saved this item in the meantime."))
        return rows.get(**key)
    try:
        with transaction.atomic():
            return rows.create(**key, **values)
    except IntegrityError as error:
        raise Overtaken(_("A colleague saved this item in the meantime.")) from error
