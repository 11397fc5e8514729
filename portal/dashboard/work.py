"""Where the files of a region stand, and where an organ's newest one stood."""

from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.models import Assessment, Cycle, Organ


@dataclass(frozen=True, slots=True)
class Standing:
    """The files of a round at one stage: how many, and for how many days the oldest has stood there."""

    stage: str
    label: stages.Text
    year: int
    files: int
    oldest_days: int


def files_by_stage(region, user) -> list[Standing]:
    """Return where the files of the open rounds stand in a region, in the order of their way; one statement.

    What has not been announced yet is counted only for those who see the files themselves.
    """
    order = list(stages.LABELS)
    grouped = (
        Assessment.objects.shown_to(user)
        .filter(cycle__in=Cycle.objects.open(), organ__region__paths_up__ancestor=region)
        .values("cycle__year", "shown_stage")
        .annotate(files=Count("pk"), oldest=Min("shown_since"))
        .order_by("-cycle__year")
    )
    standings = [
        Standing(stage, stages.LABELS[stage], row["cycle__year"], row["files"], _days(row["oldest"]))
        for row in grouped
        for stage in [row["shown_stage"]]
    ]
    return sorted(standings, key=lambda one: (-one.year, order.index(one.stage)))


def with_stage(organ: Organ, user) -> Organ:
    """Return the organ with the name and look of its newest file's `stage`; of one's own organ the one told."""
    stage = organ.stage
    if organ.file and organ.pk in user.organ_ids():
        known = Assessment.objects.get(pk=organ.file).changes_for(user).filter(at__lte=organ.since)
        stage = known.values_list("to_stage", flat=True).last()
    # a file may stand at “recognised” for ever, the title it brought has ended
    ended = stage == stages.RECOGNISED
    organ.stage_label = _("Title ended") if ended else stages.LABELS.get(stage)
    organ.stage_look = stages.WITHDRAWN if ended else stage
    return organ


def _days(instant) -> int:
    return (clock.today() - timezone.localdate(instant)).days
