"""What is still to be done in a region: which files stand where, and which organs are missing."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.models import Assessment, Cycle, Organ
from reviews import rates

ORGANS_A_PAGE = 25


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


def organs_missing(region, level: str, day: date, counts: rates.Counts, *, page: str | None, user):
    """Return a page of the organs without a title on `day`, each with its newest file's stage; one statement.

    Of the reader's own organs the stage is the one they have been told of.

    How many there are is known from the counts, so that nothing is counted a second time.
    """
    organs = rates.still_missing(region, level, day)
    paginator = Paginator(organs, ORGANS_A_PAGE)
    paginator.count = counts.organs - counts.recognised
    found = paginator.get_page(page)
    found.object_list = [_with_stage(organ, user) for organ in found.object_list]
    return found


def _with_stage(organ: Organ, user) -> Organ:
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
