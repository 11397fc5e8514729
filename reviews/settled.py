"""What a message asked for and whether it still asks: read by the list of messages and by the digest of the day."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from creation import clock, stages
from creation.message_kinds import ACT, KINDS
from creation.models import Assessment, Cycle, Message, SectionDuty
from reviews.models import Finding, Inspection, Objection, Pool, TeamMember

Messages = list[Message]


def still_asking(messages: Iterable[Message]) -> set[int]:
    """Return the ids of the messages that still ask to do something; what only informs asks nothing.

    A fixed number of statements, however many messages. The messages come with their files.
    """
    found: set[int] = set()
    asking = [message for message in messages if KINDS[message.kind].asks == ACT]
    for rule in dict.fromkeys(RULES.get(message.kind, _not_moved_on) for message in asking):
        found |= rule([message for message in asking if RULES.get(message.kind, _not_moved_on) is rule])
    return found


def _not_moved_on(messages: Messages) -> set[int]:
    """Whatever a step asked for is done, or no longer wanted, once the file has taken another step."""
    return {one.pk for one in messages if one.assessment is None or one.assessment.stage_since <= one.at}


def _about(messages: Messages, still: Iterable[int]) -> set[int]:
    ids = set(still)
    return {one.pk for one in messages if one.values.get("about") in ids}


def _ids(messages: Messages) -> set[int]:
    return {one.values["about"] for one in messages}


def _finding_open(messages: Messages) -> set[int]:
    rows = Finding.objects.filter(
        pk__in=_ids(messages),
        state=Finding.State.OPEN,
        inspection__assessment__stage__in=(stages.UNDER_INSPECTION, stages.RECTIFYING),
    )
    return _about(messages, rows.values_list("pk", flat=True))


def _finding_answered(messages: Messages) -> set[int]:
    rows = Finding.objects.filter(
        pk__in=_ids(messages), state=Finding.State.ANSWERED, inspection__filed_at__isnull=True
    )
    return _about(messages, rows.values_list("pk", flat=True))


def _visit_of_mine(messages: Messages) -> set[int]:
    """A visit asks its team until it is filed; nobody who was taken off it, and nobody for a day that was changed."""
    rows = TeamMember.objects.filter(inspection__in=_ids(messages), inspection__filed_at__isnull=True)
    days = {(visit, user): day for visit, user, day in rows.values_list("inspection", "user", "inspection__visit_on")}
    told = {one.pk: (days.get((one.values["about"], one.user_id)), one.values["day"]) for one in messages}
    return {pk for pk, (day, said) in told.items() if day is not None and day.isoformat() == said}


def _pool_undrawn(messages: Messages) -> set[int]:
    rows = Pool.objects.filter(pk__in=_ids(messages), draw__isnull=True)
    return _about(messages, rows.values_list("pk", flat=True))


def _draw_unfinished(messages: Messages) -> set[int]:
    """A draw asks while a drawn file has no team, or a cleared one stands on no notice."""
    visited = Inspection.objects.filter(kind=Inspection.Kind.SPOT_CHECK).values("assessment")
    waits = Q(stage=stages.UNDER_SPOT_CHECK) & ~Q(pk__in=visited) | Q(stage=stages.CHECKED, listing__isnull=True)
    rows = Assessment.objects.filter(waits, pool_member__pool__in=_ids(messages))
    return _about(messages, rows.values_list("pool_member__pool", flat=True))


def _objection_open(messages: Messages) -> set[int]:
    rows = Objection.objects.open().filter(pk__in=_ids(messages))
    return _about(messages, rows.values_list("pk", flat=True))


def _objection_unheard(messages: Messages) -> set[int]:
    rows = Objection.objects.open().filter(pk__in=_ids(messages), hearings__isnull=True)
    return _about(messages, rows.values_list("pk", flat=True))


def _section_of_mine(messages: Messages) -> set[int]:
    """A section asks its clerk while it is theirs and the file can be edited."""
    rows = SectionDuty.objects.filter(
        assessment__in={one.assessment_id for one in messages}, assessment__stage__in=stages.EDITABLE
    )
    mine = set(rows.values_list("assessment", "user"))
    return {one.pk for one in messages if (one.assessment_id, one.user_id) in mine}


def _window_runs(messages: Messages) -> set[int]:
    """The end of the window asks until it has passed or the organ has handed its file over."""
    runs = set(Cycle.objects.open().filter(self_rating_until__gte=clock.today()).values_list("pk", flat=True))
    pairs = {(one.values["cycle"], one.values["organ_id"]) for one in messages}
    files = Assessment.objects.filter(cycle__in={cycle for cycle, _organ in pairs}).filter(
        organ__in={organ for _cycle, organ in pairs}
    )
    done = set(files.exclude(stage__in=stages.EDITABLE).values_list("cycle", "organ"))
    return {
        one.pk
        for one in messages
        if one.values["cycle"] in runs and (one.values["cycle"], one.values["organ_id"]) not in done
    }


# What asks until the file takes another step is not named here.
RULES: dict[str, Callable[[Messages], set[int]]] = {
    "finding_raised": _finding_open,
    "finding_returned": _finding_open,
    "finding_due": _finding_open,
    "finding_overdue": _finding_open,
    "finding_answered": _finding_answered,
    "on_team": _visit_of_mine,
    "visit_soon": _visit_of_mine,
    "pool_closed": _pool_undrawn,
    "drawn": _draw_unfinished,
    "objection_to_decide": _objection_open,
    "objection_heard": _objection_open,
    "objection_to_answer": _objection_unheard,
    "section_given": _section_of_mine,
    "window_ends": _window_runs,
}
