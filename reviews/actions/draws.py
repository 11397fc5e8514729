"""The superior's draw: a pool is closed, a seed is named, and every file of the pool gets its answer at once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.cycles import check_window
from creation.actions.evidence import store
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Cycle, Evidence, Region
from creation.rules import require
from reviews import sampling
from reviews.actions.tellings import tell_of_draw, tell_of_pool
from reviews.models import Draw, DrawnMember, DrawPublication, Pool, PoolMember


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

    Share and smallest sample are copied from the cycle. What is inspected later goes into the next pool. Refused
    outside the window of the spot check and while nothing waits.
    """
    number = Pool.objects.filter(cycle=cycle, region=region).count() + 1
    pool = Pool(
        cycle=cycle,
        region=region,
        number=number,
        share=cycle.sample_share,
        minimum=cycle.sample_minimum,
        closed_by=by,
        closed_at=clock.now(),
    )
    require(by, "pool.close", pool)
    check_window(cycle, "spot_check")
    files = list(inspected_files(cycle, region))
    if not files:
        raise Refused(_("No inspected file waits for a draw."))
    members = [(file.organ.region.code, file.organ.credit_code) for file in files]
    pool.sha256 = sampling.pool_hash(members)
    try:
        with transaction.atomic():
            pool.save(force_insert=True)
            PoolMember.objects.bulk_create(
                PoolMember(pool=pool, assessment=file, stratum=stratum, key=key)
                for file, (stratum, key) in zip(files, members, strict=True)
            )
    except IntegrityError as error:
        raise Overtaken(_("The pool was closed by somebody else at this moment.")) from error
    tell_of_pool(pool, by=by)
    return pool


@transaction.atomic
def draw(pool: Pool, *, seed: str, seed_source: str, seed_at: datetime, by) -> Draw:
    """Draw once from a closed pool and return the draw: drawn files go to the spot check, the rest are cleared.

    Refused without a seed or its source, for a seed that was published before the pool was (`seed_at`) or is not yet,
    for a pool whose members no longer give its hash, and a second time.
    """
    require(by, "pool.draw", pool)
    _check_seed_is_later(pool, seed_at)
    if not seed.strip():
        raise Refused(_("Enter the seed."), field="seed")
    if not seed_source.strip():
        raise Refused(_("Say where the seed comes from."), field="seed_source")
    pairs = _verified_pairs(pool)
    try:
        order = sampling.ranked(pairs, seed)
        drawn = sampling.draw(pairs, seed, share=pool.share, minimum=pool.minimum)
    except sampling.BadPool as error:
        raise Refused(_("The seed cannot be used: it must be one line of text."), field="seed") from error
    row = Draw(
        pool=pool,
        method=sampling.METHOD,
        seed=seed,
        seed_source=seed_source,
        seed_at=seed_at,
        by=by,
        at=clock.now(),
    )
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
    """Let everybody read who was drawn, from now on, and return the publication; twice is once."""
    require(by, "pool.publish", draw.pool)
    publication, _created = DrawPublication.objects.get_or_create(draw=draw, defaults={"by": by, "at": clock.now()})
    return publication


def _verified_pairs(pool: Pool) -> list[tuple[str, str]]:
    pairs = list(pool.members.values_list("stratum", "key"))
    if sampling.pool_hash(pairs) != pool.sha256:
        raise Refused(_("The pool is not what it was when it was closed; no draw is made from it."))
    return pairs


def record_letter(pool: Pool, *, chosen: set[str], letter, letter_number: str, by) -> Draw:
    """Record the list of a superior that does not work in the portal, with its scanned letter, and return the draw.

    `chosen` are credit codes of the pool. The record says that it comes from a letter. Refused for a code that is
    not in the pool.
    """
    require(by, "pool.record_letter", pool)
    pairs = _verified_pairs(pool)
    unknown = chosen - {key for _stratum, key in pairs}
    if unknown:
        raise Refused(_("Not in the pool: %(codes)s") % {"codes": ", ".join(sorted(unknown))}, field="chosen")
    if not letter_number.strip():
        raise Refused(_("Enter the document number of the letter."), field="letter_number")
    organ = pool.cycle.region.department or pool.members.first().assessment.organ
    scan = store(organ, letter, purpose=Evidence.Purpose.LETTER, by=by)
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
        return _carry_out(row, order, chosen, by=by)


def _carry_out(row: Draw, order: dict[str, list[str]], drawn: set[str], *, by) -> Draw:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Overtaken(_("A draw from this pool has been made already; there is never a second one.")) from error
    rank = {key: place for keys in order.values() for place, key in enumerate(keys, start=1)}
    members = list(row.pool.members.select_related("assessment__organ"))
    DrawnMember.objects.bulk_create(
        DrawnMember(draw=row, member=member, rank=rank[member.key], drawn=member.key in drawn) for member in members
    )
    for member in members:
        move(member.assessment, "sample" if member.key in drawn else "clear", by=by)
    tell_of_draw(row, drawn=len(drawn), cleared=len(members) - len(drawn), by=by)
    return row
