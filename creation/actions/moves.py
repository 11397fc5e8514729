"""The one door for every change of stage."""

import hashlib
import json
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.counts import counts_changed
from creation.actions.messages import tell_announced, tell_of
from creation.errors import Overtaken, Refused
from creation.models import Assessment, StageChange


@transaction.atomic
def move(assessment: Assessment, step: str, *, by, note: str = "", told: dict | None = None) -> StageChange:
    """Take `step` with the file and return the written stage change.

    Compares and sets in the database: where somebody else was faster nothing is written and `Overtaken` is raised.
    Refused when the table of steps does not allow the step from the file's stage. The region's counts are queued
    for a recount in the same transaction, and whoever hears of the step is told (`told` goes into their sentence); of a
    withheld step the organ neither hears nor sees anything before `announce`. Who may take the step is asked by the
    verbs that call this.
    """
    row = stages.STEPS[step]
    was = assessment.stage
    if was not in row.from_stages:
        raise Refused(
            _("“%(step)s” is not possible: the file stands at “%(stage)s”.")
            % {"step": row.label, "stage": stages.LABELS[assessment.stage_for(by)]}
        )
    at = clock.now()
    told_now = {} if row.withheld else {"told_stage": row.to_stage, "told_since": at}
    moving = Assessment.objects.filter(pk=assessment.pk, stage=was)
    if moving.update(stage=row.to_stage, stage_since=at, **told_now) != 1:
        raise Overtaken(_("Somebody else was faster: the file has moved on. Load the page again to see where it is."))
    change = _write_change(assessment, row, was, by=by, note=note, at=at)
    counts_changed({assessment.organ.region_id}, since=clock.today())
    assessment.stage, assessment.stage_since = row.to_stage, at
    assessment.told_stage = told_now.get("told_stage", assessment.told_stage)
    assessment.told_since = told_now.get("told_since", assessment.told_since)
    tell_of(change, by=by, values=told)
    return change


@transaction.atomic
def announce(changes: Iterable[StageChange], *, by) -> None:
    """Let the organs know of withheld steps: their pages show them from now on, and their staff hear of them.

    Part of the verbs that publish what was withheld. A file that has gone beyond the step is left as it is.
    """
    of_file = {change.assessment_id: change for change in changes}
    # held in one order, so that a visit that is filed at this moment is not overwritten
    held = Assessment.objects.select_for_update().filter(pk__in=of_file).order_by("pk")
    behind = [file for file in held if file.told_since < of_file[file.pk].at]
    for file in behind:
        change = of_file[file.pk]
        file.told_stage, file.told_since = change.to_stage, change.at
    Assessment.objects.bulk_update(behind, ["told_stage", "told_since"], batch_size=500)
    for file in behind:
        tell_announced(of_file[file.pk], by=by)


def first_change(assessment: Assessment, *, by) -> StageChange:
    """Write and return the stage change with which a new file begins."""
    change = _write_change(assessment, stages.STEPS["start"], "", by=by, note="", at=assessment.started_at)
    counts_changed({assessment.organ.region_id}, since=clock.today())
    return change


def _write_change(assessment: Assessment, row: stages.Step, was: str, *, by, note: str, at) -> StageChange:
    last = assessment.changes.order_by("-number").first()
    change = StageChange(
        assessment=assessment,
        number=last.number + 1 if last else 1,
        step=row.name,
        from_stage=was,
        to_stage=row.to_stage,
        by=by,
        at=at,
        note=note,
        previous_hash=last.hash if last else "",
    )
    change.hash = change_hash(change)
    change.save(force_insert=True)
    return change


def change_hash(change: StageChange) -> str:
    """Return the SHA-256 that ties a stage change to the one before it."""
    content = [
        change.previous_hash,
        change.assessment_id,
        change.number,
        change.step,
        change.from_stage,
        change.to_stage,
        change.by_id,
        int(change.at.timestamp() * 1_000_000),
        change.note,
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
