"""What a message asked for and whether it still asks: read by the list of messages and by the digest of the day."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from creation import clock, stages
from creation.message_kinds import ACT, KINDS
from creation.models import Assessment, Cycle, Message, SectionDuty
from reviews.models import (
    Finding,
    Inspection,
    Notice,
    Objection,
    Pool,
    PoolMember,
    RecheckItem,
    RecheckMember,
    RevocationCase,
    TeamMember,
)

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


def _draw_in_unfinished(messages: Messages) -> set[int]:
    """One drawn after the draw asks while it stands under spot check and no team has been sent."""
    files = Assessment.objects.filter(
        pk__in={one.assessment_id for one in messages}, stage=stages.UNDER_SPOT_CHECK
    ).exclude(inspections__kind=Inspection.Kind.SPOT_CHECK)
    waiting = set(files.values_list("pk", flat=True))
    return {one.pk for one in messages if one.assessment_id in waiting}


def _recheck_unfinished(messages: Messages) -> set[int]:
    """The draw of a recheck asks while a drawn organ has neither a day for its visit nor a visit."""
    waits = {"recheck_item__visit_on__isnull": True, "recheck_item__site_at__isnull": True}
    rows = PoolMember.objects.to_visit().filter(pool__in=_ids(messages), **waits)
    return _about(messages, rows.values_list("pool", flat=True))


def _objection_open(messages: Messages) -> set[int]:
    rows = Objection.objects.open().filter(pk__in=_ids(messages))
    return _about(messages, rows.values_list("pk", flat=True))


def _objection_unheard(messages: Messages) -> set[int]:
    rows = Objection.objects.open().filter(pk__in=_ids(messages), hearings__isnull=True)
    return _about(messages, rows.values_list("pk", flat=True))


def _notice_unapproved(messages: Messages) -> set[int]:
    """A notice asks those who may approve it until it is approved, or taken or given back."""
    rows = Notice.objects.filter(pk__in=_ids(messages), handed_in_at__isnull=False, approved_at__isnull=True)
    authors = Notice.authors_of(rows)
    return {
        one.pk for one in messages if one.user_id not in authors.get(one.values["about"], {one.user_id})
    }  # fmt: skip


def _notice_returned(messages: Messages) -> set[int]:
    rows = Notice.objects.filter(pk__in=_ids(messages), handed_in_at__isnull=True, published_at__isnull=True)
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


def _cases(messages: Messages, **still) -> set[int]:
    rows = RevocationCase.objects.open().filter(pk__in=_ids(messages), **still)
    return _about(messages, rows.values_list("pk", flat=True))


def _case_unanswered(messages: Messages) -> set[int]:
    return _cases(messages, answered_at__isnull=True)


def _case_unproposed(messages: Messages) -> set[int]:
    return _cases(messages, proposed_at__isnull=True)


def _case_proposed(messages: Messages) -> set[int]:
    """A proposal asks the officials who did not make it."""
    rows = RevocationCase.objects.open().filter(pk__in=_ids(messages), proposed_at__isnull=False)
    proposed = dict(rows.values_list("pk", "proposed_by"))
    return {one.pk for one in messages if proposed.get(one.values["about"], one.user_id) != one.user_id}


def _rechecks(messages: Messages, **still) -> set[int]:
    rows = RecheckItem.objects.filter(pk__in=_ids(messages), settled_at__isnull=True, **still)
    return _about(messages, rows.values_list("pk", flat=True))


def _recheck_unreported(messages: Messages) -> set[int]:
    return _rechecks(messages, reported_at__isnull=True, paper_verdict="")


def _recheck_unvisited(messages: Messages) -> set[int]:
    """A visit of a recheck asks its inspectors until it is filed, and for the day that was told alone."""
    rows = RecheckMember.objects.filter(item__in=_ids(messages), item__site_at__isnull=True)
    days = {(item, user): day for item, user, day in rows.values_list("item", "user", "item__visit_on")}
    told = {one.pk: (days.get((one.values["about"], one.user_id)), one.values["day"]) for one in messages}
    return {pk for pk, (day, said) in told.items() if day is not None and day.isoformat() == said}


def _recheck_unconcluded(messages: Messages) -> set[int]:
    return _rechecks(messages, outcome="")


def _recheck_unrectified(messages: Messages) -> set[int]:
    return _rechecks(messages, outcome="rectify", rectified_at__isnull=True)


def _recheck_answered(messages: Messages) -> set[int]:
    return _rechecks(messages, outcome="rectify", rectified_at__isnull=False)


def _findings_left(state: str) -> Callable[[Messages], set[int]]:
    """A reminder of findings asks while one of the file stands there."""

    def rule(messages: Messages) -> set[int]:
        rows = Finding.objects.filter(
            inspection__assessment__in={one.assessment_id for one in messages},
            inspection__assessment__stage=stages.RECTIFYING,
            state=state,
        )
        left = set(rows.values_list("inspection__assessment", flat=True))
        return {one.pk for one in messages if one.assessment_id in left}

    return rule


def _department_waits(messages: Messages) -> set[int]:
    """A reminder of a department's files asks while one of them stands at the stage."""
    places = {one.pk: (one.values["cycle"], one.values["region"], one.values["stage"]) for one in messages}
    rows = Assessment.objects.filter(
        cycle__in={place[0] for place in places.values()},
        organ__region__in={place[1] for place in places.values()},
        stage__in={place[2] for place in places.values()},
    )
    left = set(rows.values_list("cycle", "organ__region", "stage").order_by().distinct())
    return {pk for pk, place in places.items() if place in left}


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
    "drawn_in": _draw_in_unfinished,
    "recheck_pool_closed": _pool_undrawn,
    "recheck_drawn": _recheck_unfinished,
    "notice_to_approve": _notice_unapproved,
    "notice_returned": _notice_returned,
    "notice_stopped": _notice_returned,
    "objection_to_decide": _objection_open,
    "objection_heard": _objection_open,
    "objection_to_answer": _objection_unheard,
    "recheck_opened": _recheck_unreported,
    "recheck_visit": _recheck_unvisited,
    "recheck_visited": _recheck_unconcluded,
    "recheck_to_rectify": _recheck_unrectified,
    "recheck_rectified": _recheck_answered,
    "case_opened": _case_unanswered,
    "case_answered": _case_unproposed,
    "case_to_decide": _case_proposed,
    "section_given": _section_of_mine,
    "window_ends": _window_runs,
    "remind_rectify": _findings_left(Finding.State.OPEN),
    "remind_visit": _visit_of_mine,
    "remind_accept": _findings_left(Finding.State.ANSWERED),
    **dict.fromkeys(
        ("remind_assign", "remind_draw", "remind_team", "remind_publicise", "remind_recognise"), _department_waits
    ),
}
