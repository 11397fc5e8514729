"""The draw: a pool is closed, a seed is named, and every member of the pool gets its answer at once.

The superior draws from inspected files, of which every one moves by the draw. For a recheck the municipality draws
from recognised organs; there the draw only says which of them are visited.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.cycles import check_window
from creation.actions.events import record
from creation.actions.evidence import store
from creation.actions.moves import announce, move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Cycle, Evidence, Organ, Region, StageChange
from creation.rules import require
from reviews import sampling
from reviews.actions.tellings import tell_of_draw, tell_of_pool
from reviews.models import (
    Draw,
    DrawnMember,
    DrawPublication,
    Inspection,
    Pool,
    PoolMember,
    RecheckItem,
    RecheckRound,
)

LONGER_CHANCE = 2  # tickets of an organ that nobody has visited for years


def inspected_files(cycle: Cycle, region: Region):
    """Return the inspected files that wait for the draw of `region`, the superior of the organs' own regions."""
    return (
        Assessment.objects.filter(
            cycle=cycle, stage=stages.INSPECTED, organ__region__parent=region, pool_member__isnull=True
        )
        .select_related("organ__region")
        .order_by("organ__region__position", "organ__credit_code")
    )


@transaction.atomic
def close_pool(cycle: Cycle, region: Region, *, by) -> Pool:
    """Close the pool of inspected files under `region` and return it with its SHA-256.

    Share and smallest sample are copied from the cycle, and who has a longer chance is settled. What is inspected
    later goes into the next pool. Refused outside the window of the spot check and while nothing waits.
    """
    pool = _new_pool(cycle, region, share=cycle.sample_share, minimum=cycle.sample_minimum, by=by)
    require(by, "pool.close", pool)
    check_window(cycle, "spot_check")
    files = list(inspected_files(cycle, region))
    if not files:
        raise Refused(_("No inspected file waits for a draw."))
    tickets = tickets_for(pool, [file.organ for file in files])
    return _closed(pool, [_member(pool, file.organ, tickets, assessment=file) for file in files], by=by)


@transaction.atomic
def close_recheck_pool(recheck: RecheckRound, *, by) -> Pool:
    """Close the pool of all organs of a recheck and return it with its SHA-256; share and minimum are the recheck's.

    Officials of the municipality draw from it like from any other. Refused a second time, for a recheck that has been
    closed, and while nothing is in it.
    """
    cycle = recheck.cycle
    pool = _new_pool(cycle, cycle.region, share=recheck.share, minimum=recheck.minimum, by=by)
    pool.purpose, pool.recheck = Pool.Purpose.RECHECK, recheck
    require(by, "pool.close", pool)
    if recheck.closed_at:
        raise Refused(_("This recheck has been closed."))
    if Pool.objects.filter(recheck=recheck).exists():
        raise Refused(_("The pool of this recheck has been closed already."))
    items = list(RecheckItem.objects.filter(round=recheck).select_related("recognition__organ__region"))
    if not items:
        raise Refused(_("No organ is in this recheck."))
    tickets = tickets_for(pool, [item.recognition.organ for item in items])
    return _closed(pool, [_member(pool, item.recognition.organ, tickets, recheck_item=item) for item in items], by=by)


def tickets_for(pool: Pool, organs: Iterable[Organ]) -> dict[str, int]:
    """Return the tickets of these organs in the pool by their credit code, of those that have more than one.

    Where the round gives a longer chance, an organ that was not visited within its years before the closing has two.
    Everybody in a pool of inspected files has just been inspected, so that there only the superior's own visits
    count, by letter or through the portal; for a recheck every filed visit does. A title by import is no visit.
    """
    years = pool.cycle.longer_chance_years
    if not years:
        return {}
    organs = list(organs)
    visited = _visited_since(_years_before(pool.closed_at, years), organs, recheck=pool.is_recheck)
    return {organ.credit_code: LONGER_CHANCE for organ in organs if organ.pk not in visited}


def _visited_since(since: datetime, organs: list[Organ], *, recheck: bool) -> set[int]:
    visits = Inspection.objects.filter(assessment__organ__in=organs, filed_at__gte=since)
    if not recheck:
        visits = visits.filter(kind=Inspection.Kind.SPOT_CHECK)
    # a superior that works by letter leaves no visit, but its result moved the file
    decided = StageChange.objects.filter(assessment__organ__in=organs, step__in=["confirm", "overturn"], at__gte=since)
    seen = {*visits.values_list("assessment__organ", flat=True), *decided.values_list("assessment__organ", flat=True)}
    if recheck:
        rechecked = RecheckItem.objects.filter(recognition__organ__in=organs, site_at__gte=since)
        seen |= {*rechecked.values_list("recognition__organ", flat=True)}
    return seen


def _years_before(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year - years)
    except ValueError:  # 29 February
        return at.replace(year=at.year - years, day=28)


def _new_pool(cycle: Cycle, region: Region, *, share, minimum: int, by) -> Pool:
    """Return a pool with the next number of the region in this round; not saved."""
    return Pool(
        cycle=cycle,
        region=region,
        number=Pool.objects.filter(cycle=cycle, region=region).count() + 1,
        share=share,
        minimum=minimum,
        closed_by=by,
        closed_at=clock.now(),
    )


def _member(pool: Pool, organ: Organ, tickets: dict[str, int], **what: object) -> PoolMember:
    key = organ.credit_code
    return PoolMember(pool=pool, stratum=organ.region.code, key=key, tickets=tickets.get(key, 1), **what)


def _closed(pool: Pool, members: list[PoolMember], *, by) -> Pool:
    pool.sha256 = sampling.pool_hash([(one.stratum, one.key) for one in members], _tickets(members))
    try:
        with transaction.atomic():
            pool.save(force_insert=True)
            PoolMember.objects.bulk_create(members)
    except IntegrityError as error:
        raise Overtaken(_("The pool was closed by somebody else at this moment.")) from error
    tell_of_pool(pool, by=by)
    return pool


def _tickets(members: Iterable[PoolMember]) -> dict[str, int]:
    return {one.key: one.tickets for one in members if one.tickets != 1}


def note_own_organ(pool: Pool, step: str, *, by) -> None:
    """Record that the person who takes a step on the pool works at an organ in it, as nobody else could take it."""
    if Pool.objects.with_organs_of(by).filter(pk=pool.pk).exists():
        record("pool_of_own_organ", pool, by=by, after={"step": step})


@transaction.atomic
def draw(pool: Pool, *, seed: str, seed_source: str, seed_at: datetime, by) -> Draw:
    """Draw once from a closed pool and return the draw: drawn files go to the spot check, the rest are cleared.

    The draw of a recheck moves no file: it says which of its organs are visited.

    Refused without a seed or its source, for a seed that was published before the pool was (`seed_at`) or is not yet,
    for a pool whose members no longer give its hash, and a second time.
    """
    require(by, "pool.draw", pool)
    _check_seed_is_later(pool, seed_at)
    if not seed.strip():
        raise Refused(_("Enter the seed."), field="seed")
    if not seed_source.strip():
        raise Refused(_("Say where the seed comes from."), field="seed_source")
    pairs, tickets = verified_members(pool)
    try:
        order = sampling.ranked(pairs, seed, tickets)
        drawn = sampling.draw(pairs, seed, share=pool.share, minimum=pool.minimum, tickets=tickets)
    except sampling.BadPool as error:
        raise Refused(_("The seed cannot be used: it must be one line of text."), field="seed") from error
    row = Draw(
        pool=pool,
        method=sampling.method_of(tickets),
        seed=seed,
        seed_source=seed_source,
        seed_at=seed_at,
        by=by,
        at=clock.now(),
    )
    note_own_organ(pool, "draw", by=by)
    return _carry_out(row, order, {key for keys in drawn.values() for key in keys}, by=by)


def _check_seed_is_later(pool: Pool, seed_at: datetime) -> None:
    # a person reads and types whole seconds
    if seed_at < pool.closed_at.replace(microsecond=0):
        raise Refused(
            _("The seed has to be younger than the pool: it was published before the pool was closed."),
            field="seed_at",
        )
    if seed_at > clock.now():
        raise Refused(_("This moment has not come yet."), field="seed_at")


@transaction.atomic
def publish_draw(draw: Draw, *, by) -> DrawPublication:
    """Let everybody read who was drawn, from now on, and return the publication; twice is once.

    The organs are told at this moment, not before: what the draw did to their files shows on their pages from now on.
    """
    require(by, "pool.publish", draw.pool)
    publication, created = DrawPublication.objects.get_or_create(draw=draw, defaults={"by": by, "at": clock.now()})
    if created:
        note_own_organ(draw.pool, "publish", by=by)
        announce(_changes_by(draw), by=by)
    return publication


def _changes_by(draw: Draw) -> list[StageChange]:
    """Return what the draw itself did to the files of its pool: the first withheld step of each."""
    steps = [step.name for step in stages.STEPS.values() if step.withheld]
    changes = StageChange.objects.filter(assessment__pool_member__pool=draw.pool, step__in=steps)
    first: dict[int, StageChange] = {}
    for change in changes.select_related("assessment__organ__region", "assessment__cycle").order_by("number"):
        first.setdefault(change.assessment_id, change)
    return list(first.values())


def verified_members(pool: Pool) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """Return the pool's members as (stratum, key) and the tickets of those with more than one.

    Refused when they no longer give the SHA-256 with which the pool was closed.
    """
    members = list(pool.members.all())
    pairs, tickets = [(one.stratum, one.key) for one in members], _tickets(members)
    try:
        is_whole = sampling.pool_hash(pairs, tickets) == pool.sha256
    except sampling.BadPool:
        is_whole = False
    if not is_whole:
        raise Refused(_("The pool is not what it was when it was closed; no draw is made from it."))
    return pairs, tickets


def record_letter(pool: Pool, *, chosen: set[str], letter, letter_number: str, by) -> Draw:
    """Record the list of a superior that does not work in the portal, with its scanned letter, and return the draw.

    `chosen` are credit codes of the pool. The record says that it comes from a letter. Refused for a code that is
    not in the pool.
    """
    require(by, "pool.record_letter", pool)
    pairs, _tickets_of_nobody = verified_members(pool)
    unknown = chosen - {key for _stratum, key in pairs}
    if unknown:
        raise Refused(_("Not in the pool: %(codes)s") % {"codes": ", ".join(sorted(unknown))}, field="chosen")
    if not letter_number.strip():
        raise Refused(_("Enter the document number of the letter."), field="letter_number")
    scan = store(pool.keeper, letter, purpose=Evidence.Purpose.LETTER, by=by)
    order: dict[str, list[str]] = {}
    for stratum, key in sorted(pairs, key=lambda pair: (pair[0], pair[1] not in chosen, pair[1])):
        order.setdefault(stratum, []).append(key)
    row = Draw(
        pool=pool,
        source=Draw.Source.LETTER,
        method="letter",
        letter=scan,
        letter_number=letter_number,
        by=by,
        at=clock.now(),
    )
    with transaction.atomic():
        note_own_organ(pool, "record_letter", by=by)
        return _carry_out(row, order, chosen, by=by)


def _carry_out(row: Draw, order: dict[str, list[str]], drawn: set[str], *, by) -> Draw:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Overtaken(_("A draw from this pool has been made already; there is never a second one.")) from error
    rank = {key: place for keys in order.values() for place, key in enumerate(keys, start=1)}
    members = list(row.pool.members.with_organs())
    DrawnMember.objects.bulk_create(
        DrawnMember(draw=row, member=member, rank=rank[member.key], drawn=member.key in drawn) for member in members
    )
    if not row.pool.is_recheck:
        for member in members:
            move(member.assessment, "sample" if member.key in drawn else "clear", by=by)
    tell_of_draw(row, drawn=len(drawn), cleared=len(members) - len(drawn), by=by)
    return row
