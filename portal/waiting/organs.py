"""What waits for an organ's own staff."""

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import clock, stages
from creation.models import Assessment, Cycle, Indicator, Organ, StageChange, User
from portal.waiting.lines import Line, counted, day_of, lines_about
from reviews.models import Finding, Objection


def _organs_of(user: User, role: str) -> list[int]:
    return [post.organ_id for post in user.posts if post.role == role]


def files_to_start(user: User) -> list[Line]:
    """Return a line for each organ of a clerk that has no file yet in an open round whose window is running."""
    today = clock.today()
    running = Cycle.objects.open().filter(self_rating_from__lte=today, self_rating_until__gte=today)
    begun = Assessment.objects.filter(organ=OuterRef("pk"), cycle=OuterRef("round"))
    rows = (
        Organ.objects.active_on(today)
        .filter(pk__in=_organs_of(user, "clerk"), region__paths_up__ancestor__cycles__in=running)
        .annotate(
            round=F("region__paths_up__ancestor__cycles"),
            year=F("region__paths_up__ancestor__cycles__year"),
            until=F("region__paths_up__ancestor__cycles__self_rating_until"),
        )
        .exclude(Exists(begun))
    )
    text = _("Start the self-rating of %(year)s: %(organ)s")
    return [
        Line(text % {"year": organ.year, "organ": organ}, reverse("self_rating_start"), due=organ.until)
        for organ in rows
    ]


def _own_files(user: User, role: str, stage: str):
    return (
        Assessment.objects.filter(organ__in=_organs_of(user, role), stage=stage, cycle__closed_at__isnull=True)
        .select_related("organ", "cycle")
        .order_by("stage_since")
    )


def drafts_to_finish(user: User) -> list[Line]:
    """Return a line for each draft of a clerk: how many items are answered, and until when."""
    answered = Q(answers__indicator__bonus=False) & (Q(answers__found__isnull=False) | Q(answers__not_applicable=True))
    items = Indicator.objects.filter(standard=OuterRef("cycle__standard"), bonus=False).order_by().values("standard")
    rows = _own_files(user, "clerk", stages.DRAFT).annotate(
        answered=Count("answers", filter=answered), items=Subquery(items.annotate(count=Count("pk")).values("count"))
    )
    text = _("Finish the self-rating of %(year)s: %(answered)s of %(items)s items answered – %(organ)s")
    return [
        Line(
            text % {"year": file.cycle.year, "answered": file.answered, "items": file.items, "organ": file.organ},
            reverse("self_rating_detail", args=[file.pk]),
            due=file.cycle.self_rating_until,
        )
        for file in rows
    ]


def files_sent_back(user: User) -> list[Line]:
    """Return a line for each file of a clerk that was sent back, with the number of reasons."""
    # the sending back is the change that led to this stage at this very instant
    rows = _own_files(user, "clerk", stages.RETURNED).annotate(
        reasons=Count("changes__reasons", filter=Q(changes__at=F("stage_since")))
    )
    lines = []
    for file in rows:
        text = ngettext(
            "Sent back with %(count)s reason: correct it and hand it over again – %(organ)s",
            "Sent back with %(count)s reasons: correct it and hand it over again – %(organ)s",
            file.reasons,
        ) % {"count": file.reasons, "organ": file.organ}
        url = reverse("self_rating_detail", args=[file.pk])
        lines.append(Line(text, url, since=day_of(file.stage_since), due=file.cycle.self_rating_until))
    return lines


def files_to_sign(user: User) -> list[Line]:
    """Return a line for each prepared file that a signatory may submit, which is never one they prepared themselves."""
    prepared = StageChange.objects.filter(assessment=OuterRef("pk"), step="prepare").order_by("-number")
    rows = (
        _own_files(user, "signatory", stages.PREPARED)
        .annotate(prepared_by=Subquery(prepared.values("by")[:1]))
        .exclude(prepared_by=user.pk)
    )
    text = _("Check and submit the self-rating of %(year)s – %(organ)s")
    return [
        Line(
            text % {"year": file.cycle.year, "organ": file.organ},
            reverse("self_rating_check", args=[file.pk]),
            since=day_of(file.stage_since),
            due=file.cycle.self_rating_until,
        )
        for file in rows
    ]


def findings_to_answer(user: User) -> list[Line]:
    """Return a line for each visit with open findings at the person's organs, with the nearest deadline."""
    rows = (
        Finding.objects.filter(
            state=Finding.State.OPEN,
            inspection__assessment__organ__in=user.organ_ids(),
            inspection__assessment__stage__in=(stages.UNDER_INSPECTION, stages.RECTIFYING),
        )
        .order_by()
        .values("inspection")
        .annotate(count=Count("pk"), oldest=Min("raised_at"), due=Min("due_on"))
    )
    return [
        Line(
            ngettext(
                "%(count)s finding of the inspection to answer",
                "%(count)s findings of the inspection to answer",
                row["count"],
            )
            % {"count": row["count"]},
            reverse("inspection_detail", args=[row["inspection"]]),
            since=day_of(row["oldest"]),
            due=row["due"],
        )
        for row in rows
    ]


def objections_to_answer(user: User) -> list[Line]:
    """Return a line about open objections to the person's organs on which the organ has not been heard."""
    found = counted(
        Objection.objects.open().filter(listing__assessment__organ__in=user.organ_ids(), hearings__isnull=True), "at"
    )
    text = ngettext("%(count)s objection to answer", "%(count)s objections to answer", found["count"])
    return lines_about(found, text, reverse("objection_list"), "objection_detail")
