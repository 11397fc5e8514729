"""A recheck (回头看) of recognised organs: all of them on paper, a share drawn by lot on site, and what comes of it.

The organ reports, its department reviews on paper, inspectors visit whom the draw named, and an official concludes:
keep, put right by a date, or open a case in which the title may be taken back.
"""

from collections.abc import Iterable
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.evidence import store
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Evidence, Recognition, User
from creation.rules import require
from reviews.actions.revocations import open_case
from reviews.actions.teams import refuse_conflicts
from reviews.actions.tellings import tell_of_recheck, tell_of_recheck_opened, tell_recheck_team
from reviews.models import (
    RecheckItem,
    RecheckMember,
    RecheckPaper,
    RecheckRound,
    RevocationCase,
    Verdict,
)
from reviews.recipients import going_of

FACTS_LENGTH = 4000
AT_ONCE = 200  # as many as one request concludes in a few seconds


@transaction.atomic
def open_round(recheck: RecheckRound, *, by) -> RecheckRound:
    """Open a recheck and return it; it takes in every title of the municipality that holds today.

    The clerks of these organs are told to report. Refused while an earlier recheck of the round is open, where no
    title holds, and for days that do not follow one another or have passed.
    """
    require(by, "recheck.manage", recheck)
    _check_days(recheck)
    if RecheckRound.objects.filter(cycle=recheck.cycle, closed_at=None).exists():
        raise Refused(_("Another recheck of this round is open; close it first."))
    today = clock.today()
    titles = list(
        Recognition.objects.live_on(today)
        .filter(organ__in=_organs_on_register(recheck, today))
        .select_related("organ")
        .order_by("organ__region__position", "organ__credit_code")
    )
    if not titles:
        raise Refused(_("No title holds today; there is nothing to recheck."))
    recheck.number = RecheckRound.objects.filter(cycle=recheck.cycle).count() + 1
    recheck.opened_by, recheck.opened_at = by, clock.now()
    try:
        with transaction.atomic():
            recheck.save(force_insert=True)
    except IntegrityError as error:
        raise Overtaken(_("Another recheck of this round was opened at this moment.")) from error
    RecheckItem.objects.bulk_create((RecheckItem(round=recheck, recognition=title) for title in titles), batch_size=500)
    record("open_recheck", recheck, by=by, after={"items": len(titles), "share": str(recheck.share)})
    tell_of_recheck_opened(recheck, by=by)
    return recheck


def _organs_on_register(recheck: RecheckRound, today: date):
    organs = Recognition._meta.get_field("organ").related_model
    return organs.objects.active_on(today).filter(region__paths_up__ancestor=recheck.cycle.region).values("pk")


def _check_days(recheck: RecheckRound) -> None:
    if recheck.paper_until < clock.today():
        raise Refused(_("This day has passed."), field="paper_until")
    if recheck.site_until < recheck.paper_until:
        raise Refused(_("The visits end on the last day of the review on paper or later."), field="site_until")


def _hold(item: RecheckItem) -> RecheckItem:
    """Lock an item until the end of the transaction and return it fresh; refused once it is settled."""
    held = RecheckItem.objects.select_for_update().get(pk=item.pk)
    if held.settled_at:
        raise Overtaken(_("The recheck of this organ is over."))
    return held


def _stored(item: RecheckItem, files: Iterable, *, by, purpose: str) -> list[Evidence]:
    """Keep the files of an item; reading and re-encoding them lies before the transaction of the verb."""
    organ = item.recognition.organ
    return list(dict.fromkeys(store(organ, file, purpose=purpose, by=by) for file in files))


def _attach(item: RecheckItem, stored: list[Evidence], *, by, is_photo: bool) -> None:
    known = set(item.papers.values_list("evidence", flat=True))
    RecheckPaper.objects.bulk_create(
        RecheckPaper(item=item, evidence=one, is_photo=is_photo, by=by, at=clock.now())
        for one in stored
        if one.pk not in known
    )


def report(item: RecheckItem, *, text: str, papers: Iterable = (), by) -> RecheckItem:
    """Keep what the organ reports about itself, with its papers, and return the item.

    It can be completed until the department has reviewed it. Refused without a text.
    """
    require(by, "recheck.report", item)
    if not text.strip():
        raise Refused(_("Write the organ's report."), field="text")
    stored = _stored(item, papers, by=by, purpose=Evidence.Purpose.EVIDENCE)
    with transaction.atomic():
        held = _hold(item)
        if held.paper_verdict:
            raise Overtaken(_("The report has been reviewed; it can no longer be changed."))
        before = {"report": held.report} if held.report else {}
        held.report, held.reported_by, held.reported_at = text, by, clock.now()
        held.save(update_fields=["report", "reported_by", "reported_at"])
        _attach(held, stored, by=by, is_photo=False)
        record("report", held, by=by, before=before, after={"papers": len(stored)})
    return held


@transaction.atomic
def review_paper(item: RecheckItem, *, verdict: str, reason: str = "", by) -> RecheckItem:
    """Give the verdict on paper and return the item.

    Refused a second time; for anything but “keep” without a reason, and before the organ has reported or its time to
    do so is over.
    """
    require(by, "recheck.review", item)
    held = _hold(item)
    if held.paper_verdict:
        raise Overtaken(_("This organ has been reviewed on paper already."))
    if verdict != Verdict.KEEP:
        if not reason.strip():
            raise Refused(_("Give the reason; the organ reads it."), field="reason")
        if not held.reported_at and clock.today() <= held.round.paper_until:
            raise Refused(_("The organ can still report, until %(day)s.") % {"day": held.round.paper_until.isoformat()})
    held.paper_verdict, held.paper_reason, held.paper_by, held.paper_at = Verdict(verdict), reason, by, clock.now()
    held.save(update_fields=["paper_verdict", "paper_reason", "paper_by", "paper_at"])
    record("review_paper", held, by=by, after={"verdict": held.paper_verdict, "reason": reason})
    return held


def keep_on_paper(items: Iterable[RecheckItem], *, by) -> int:
    """Give the verdict “keep” on paper to many at once and return to how many.

    Each has its own short transaction; one that a colleague has reviewed meanwhile stops no other.
    """
    return _each(items, lambda item: review_paper(item, verdict=Verdict.KEEP, by=by))


def _each(items: Iterable[RecheckItem], verb) -> int:
    done = 0
    for item in items:
        try:
            verb(item)
        except Refused:
            continue
        done += 1
    return done


# --- visits --------------------------------------------------------------------------------------------------------


def as_visited(item: RecheckItem) -> Assessment:
    """Return what the rule about conflicts of interest speaks of: the organ in the recheck, with or without a file."""
    return Assessment(organ=item.recognition.organ, cycle=item.round.cycle)


@transaction.atomic
def assign_visit(item: RecheckItem, *, team: list[User], visit_on: date, by) -> RecheckItem:
    """Send inspectors to a drawn organ and return the item; others can be sent until the visit is filed.

    Who joins and who leaves is told, of another day whoever stays too.

    Refused for an organ that was not drawn, a team that is too small, a day that has passed or lies behind the end
    of the visits, and with anybody who has a conflict of interest (named in the message).
    """
    require(by, "recheck.review", item)
    held = _hold(item)
    if not held.is_drawn:
        raise Refused(_("This organ was not drawn for a visit."))
    if held.site_at:
        raise Overtaken(_("This visit has been filed and can no longer be changed."))
    if not clock.today() <= visit_on <= held.round.site_until:
        raise Refused(
            _("The visit is planned for today or later, until %(day)s.") % {"day": held.round.site_until.isoformat()},
            field="visit_on",
        )
    size = held.round.cycle.team_size
    if len(set(team)) < size:
        raise Refused(_("A team needs at least %(number)s people.") % {"number": size}, field="team")
    refuse_conflicts(as_visited(held), "recheck", team, visit_on)
    before = {"team": held.team_names(), "visit_on": held.visit_on and held.visit_on.isoformat()}
    people, day = going_of(held), held.visit_on
    held.visit_on = visit_on
    held.save(update_fields=["visit_on"])
    held.members.exclude(user__in=team).delete()
    RecheckMember.objects.bulk_create([RecheckMember(item=held, user=user) for user in team], ignore_conflicts=True)
    after = {"team": held.team_names(), "visit_on": visit_on.isoformat()}
    event = record("assign_visit", held, by=by, before=before, after=after)
    tell_recheck_team(held, event, before=people, moved_from=day, by=by)
    return held


def file_visit(item: RecheckItem, *, verdict: str, reason: str, photos: Iterable = (), by) -> RecheckItem:
    """File what was found on site, with photos, and return the item; it never changes afterwards.

    Refused without words, before the day of the visit, a second time, and with a conflict of interest by then.
    """
    require(by, "recheck.visit", item)
    if not reason.strip():
        raise Refused(_("Write down what was found."), field="reason")
    stored = _stored(item, photos, by=by, purpose=Evidence.Purpose.PHOTO)
    with transaction.atomic():
        held = _hold(item)
        require(by, "recheck.visit", held)
        if held.site_at:
            raise Overtaken(_("This visit has been filed already."))
        if held.visit_on > clock.today():
            raise Refused(_("The visit is on %(day)s; it is not filed before.") % {"day": held.visit_on.isoformat()})
        team = [member.user for member in held.members.select_related("user")]
        refuse_conflicts(as_visited(held), "recheck", team, held.visit_on, clock.today())
        _attach(held, stored, by=by, is_photo=True)
        held.site_verdict, held.site_reason, held.site_by, held.site_at = Verdict(verdict), reason, by, clock.now()
        held.save(update_fields=["site_verdict", "site_reason", "site_by", "site_at"])
        record("file_visit", held, by=by, after={"verdict": held.site_verdict, "photos": len(stored)})
        tell_of_recheck("recheck_visited", held, by=by, key="visited")
    return held


# --- what comes of it ----------------------------------------------------------------------------------------------


@transaction.atomic
def conclude(
    item: RecheckItem, *, outcome: str, reason: str = "", rectify_until: date | None = None, by
) -> RecheckItem:
    """Say what comes of the recheck of an organ and return the item; the organ is told.

    “Keep” ends it. “Rectify” gives the organ a date; concluded again it gives the answer back with a new date, or
    becomes another outcome. “Revoke” opens a case, whose decision ends it (none where the title is gone already).
    Refused before the review on paper, before the draw has been published, before the visit of a drawn organ is
    filed, and without a reason for all but “keep”.
    """
    require(by, "recheck.conclude", item)
    held = _hold(item)
    _check_basis(held)
    if outcome != Verdict.KEEP and not reason.strip():
        raise Refused(_("Give the reason; the organ reads it."), field="reason")
    if outcome == Verdict.RECTIFY and (rectify_until is None or rectify_until <= clock.today()):
        raise Refused(_("Give a day in the future."), field="rectify_until")
    if held.outcome == Verdict.REVOKE:
        raise Overtaken(_("A case about this title has been opened."))
    before = {"outcome": held.outcome, "rectified": held.rectified} if held.outcome else {}
    held.outcome, held.outcome_reason, held.outcome_by, held.outcome_at = Verdict(outcome), reason, by, clock.now()
    held.rectify_until = rectify_until if outcome == Verdict.RECTIFY else None
    held.rectified, held.rectified_by, held.rectified_at = "", None, None
    is_gone = outcome == Verdict.REVOKE and held.recognition.revoked_on is not None  # by another case meanwhile
    if outcome == Verdict.KEEP or is_gone:
        held.settled_by, held.settled_at = by, held.outcome_at
    held.save(update_fields=OUTCOME)
    event = record("conclude", held, by=by, before=before, after={"outcome": held.outcome, "reason": reason})
    if outcome == Verdict.REVOKE and not is_gone:
        grounds = RevocationCase.Grounds.FAILED_RECHECK
        open_case(held.recognition, grounds=grounds, facts=_facts(held), by=by, recheck_item=held)
    elif outcome != Verdict.REVOKE:
        tell_of_recheck(f"recheck_{held.outcome}", held, by=by, key=f"concluded:{event.pk}")
    return held


OUTCOME = (
    "outcome", "outcome_reason", "outcome_by", "outcome_at", "rectify_until", "rectified", "rectified_by",
    "rectified_at", "settled_by", "settled_at",
)  # fmt: skip


def _check_basis(item: RecheckItem) -> None:
    if not item.paper_verdict:
        raise Refused(_("This organ has not been reviewed on paper yet."))
    if not item.round.is_drawn:
        raise Refused(_("Who is visited has not been drawn and published yet."))
    if item.is_drawn and not item.site_at:
        raise Refused(_("The organ was drawn: its visit has to be filed first."))


def _facts(item: RecheckItem) -> str:
    parts = [item.outcome_reason, item.site_reason, item.paper_reason]
    return "\n\n".join(dict.fromkeys(part for part in parts if part.strip()))[:FACTS_LENGTH]


def conclude_kept(recheck: RecheckRound, *, by) -> int:
    """Conclude “keep” for organs of which nothing else was found, at most `AT_ONCE`, and return for how many.

    These are the ones kept on paper that were not drawn, or were kept on site as well; organs of the person's own are
    left to a colleague.
    """
    require(by, "recheck.manage", recheck)
    others = RecheckItem.objects.filter(round=recheck).exclude(recognition__organ__in=by.organ_ids())
    kept = others.kept_so_far().select_related("recognition__organ", "round__cycle")
    return _each(kept[:AT_ONCE], lambda item: conclude(item, outcome=Verdict.KEEP, by=by))


def rectify(item: RecheckItem, *, text: str, papers: Iterable = (), by) -> RecheckItem:
    """Keep what the organ has put right, with papers, and return the item; late ones are taken and shown as late.

    Refused without a text, and where nothing is to be put right or an answer waits already.
    """
    require(by, "recheck.report", item)
    if not text.strip():
        raise Refused(_("Write what the organ has put right."), field="text")
    stored = _stored(item, papers, by=by, purpose=Evidence.Purpose.EVIDENCE)
    with transaction.atomic():
        held = _hold(item)
        if held.outcome != Verdict.RECTIFY or held.rectified_at:
            raise Refused(_("There is nothing to put right, or the answer has been sent already."))
        held.rectified, held.rectified_by, held.rectified_at = text, by, clock.now()
        held.save(update_fields=["rectified", "rectified_by", "rectified_at"])
        _attach(held, stored, by=by, is_photo=False)
        event = record("rectify", held, by=by, after={"papers": len(stored)})
        tell_of_recheck("recheck_rectified", held, by=by, key=f"rectified:{event.pk}")
    return held


@transaction.atomic
def accept(item: RecheckItem, *, by) -> RecheckItem:
    """Accept what the organ has put right, which ends its recheck, and return the item.

    Refused without an answer, and to whoever gave it.
    """
    require(by, "recheck.review", item)
    held = _hold(item)
    if held.outcome != Verdict.RECTIFY or not held.rectified_at:
        raise Refused(_("The organ has not answered yet."))
    if held.rectified_by_id == by.pk:
        raise Refused(_("Nobody accepts their own answer."))
    held.settled_by, held.settled_at = by, clock.now()
    held.save(update_fields=["settled_by", "settled_at"])
    record("accept", held, by=by)
    tell_of_recheck("recheck_accepted", held, by=by, key="accepted")
    return held


@transaction.atomic
def close_round(recheck: RecheckRound, *, by) -> RecheckRound:
    """Close a recheck and return it; refused while an organ's recheck is not settled."""
    require(by, "recheck.manage", recheck)
    left = RecheckItem.objects.filter(round=recheck, settled_at=None).count()
    if left:
        raise Refused(_("Organs whose recheck is not over yet: %(number)s.") % {"number": left})
    if RecheckRound.objects.filter(pk=recheck.pk, closed_at=None).update(closed_by=by, closed_at=clock.now()) != 1:
        raise Overtaken(_("This recheck has been closed already."))
    record("close_recheck", recheck, by=by)
    recheck.refresh_from_db()
    return recheck
