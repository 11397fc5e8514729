"""`manage.py verify`: reads everything the portal promises never to change, and names what is not as promised."""

import hashlib
import json
from collections.abc import Callable, Iterator

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Count, F, OuterRef, Q, Subquery

from creation import frozen, guards, stages
from creation.actions.moves import change_hash
from creation.models import Assessment, CountChange, Evidence, Organ, StageChange, Submission
from creation.scoring import BadFound
from reviews import frozen as reviews_frozen
from reviews import rates, sampling, sheets
from reviews.actions.inspections import content_of
from reviews.models import (
    CompletionRate,
    Draw,
    Inspection,
    Objection,
    ObjectionFile,
    Pool,
    PublishedKey,
    VerificationSheet,
)

CHUNK = 1024 * 1024


class Command(BaseCommand):
    help = (
        "Check hashes, chains, files on disk, draws, guards of the database and the snapshot; 1 when anything is wrong."
    )

    def handle(self, *args, **options):
        findings = 0
        for name, check in CHECKS.items():
            found = list(check())
            findings += len(found)
            self.stdout.write(f"{name}: {'ok' if not found else len(found)}")
            for line in found:
                self.stdout.write(f"  {line}")
        if findings:
            raise CommandError(f"{findings} findings")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def check_guards() -> Iterator[str]:
    """Name every guard that the connected database lacks."""
    wanted = [*frozen.GUARDS, *reviews_frozen.GUARDS]
    # SQLite knows no TRUNCATE
    names = {guard.name for guard in wanted if guard.event != "TRUNCATE" or connection.vendor == "postgresql"}
    for name in sorted(names - guards.installed()):
        yield f"guard {name} is missing"


def check_stages() -> Iterator[str]:
    """Check that the changes of every file have no gap, follow the table, carry their hashes and end at its stage."""
    before: StageChange | None = None
    for change in StageChange.objects.order_by("assessment_id", "number").iterator():
        previous = before if before is not None and before.assessment_id == change.assessment_id else None
        for fault in _faults(change, previous):
            yield f"file {change.assessment_id}, change {change.number}: {fault}"
        before = change
    last = StageChange.objects.filter(assessment=OuterRef("pk")).order_by("-number")
    files = Assessment.objects.annotate(last=Subquery(last.values("to_stage")[:1]), at=Subquery(last.values("at")[:1]))
    for pk, stage, since, to_stage, at in files.values_list("pk", "stage", "stage_since", "last", "at").iterator():
        if stage != to_stage or since != at:
            yield f"file {pk}: stands at {stage} since {since}, its last change leads to {to_stage} at {at}"


def check_told() -> Iterator[str]:
    """Check that organs are told what everybody may know: behind the file only by a draw that is not published."""
    last = StageChange.objects.filter(assessment=OuterRef("pk")).order_by("-number")
    behind = Assessment.objects.exclude(told_stage=F("stage"))
    withheld = [step.name for step in stages.STEPS.values() if step.withheld]
    kept = behind.annotate(step=Subquery(last.values("step")[:1])).filter(step__in=withheld)
    published = Q(told_stage=stages.INSPECTED, pool_member__pool__draw__publication__isnull=False)
    for pk in behind.exclude(pk__in=kept.exclude(published).values("pk")).values_list("pk", flat=True):
        yield f"file {pk}: its organ is told of another stage, and nothing keeps it from knowing"


def _faults(change: StageChange, previous: StageChange | None) -> Iterator[str]:
    if change.number != (previous.number + 1 if previous else 1):
        yield "there is a gap before it"
    if change.previous_hash != (previous.hash if previous else ""):
        yield "it does not follow the hash before it"
    if change.from_stage != (previous.to_stage if previous else ""):
        yield "it does not start where the one before ended"
    if change.hash != change_hash(change):
        yield "its hash is not that of its content"
    step = stages.STEPS.get(change.step)
    allowed = step is not None and step.to_stage == change.to_stage
    if not allowed or (change.from_stage not in step.from_stages and (change.from_stage or step.from_stages)):
        yield f"the step {change.step} does not lead from {change.from_stage} to {change.to_stage}"


def check_submissions() -> Iterator[str]:
    """Check that every receipt's content has its hash, and that the answers are still those of the last receipt."""
    newest: dict[int, Submission | None] = {}
    for submission in Submission.objects.order_by("at", "pk").iterator():
        newest[submission.assessment_id] = submission
        if submission.sha256 != _sha256(submission.content):
            newest[submission.assessment_id] = None
            yield f"receipt {submission.number}: the content does not have its hash"
    handed_over = StageChange.objects.filter(assessment=OuterRef("pk"), step__in=["submit", "send_back"])
    files = Assessment.objects.annotate(last=Subquery(handed_over.order_by("-number").values("step")[:1]))
    # what was sent back may have been edited since
    for file in files.filter(last="submit").iterator():
        if file.pk not in newest:
            yield f"file {file.pk}: it was submitted without a receipt"
            continue
        receipt = newest[file.pk]
        if receipt is not None and _answers(file) != json.loads(receipt.content)["answers"]:
            yield f"file {file.pk}: the answers are not those of receipt {receipt.number}"


def _answers(file: Assessment) -> list[dict]:
    attached: dict[int, list[str]] = {}
    for indicator, sha256 in file.attachments.values_list("indicator_id", "evidence__sha256"):
        attached.setdefault(indicator, []).append(sha256)
    return [
        {
            "indicator": answer.indicator.code,
            "found": answer.found,
            "not_applicable": answer.not_applicable,
            "points": None if answer.points is None else str(answer.points),
            "remark": answer.remark,
            "evidence": sorted(attached.get(answer.indicator_id, [])),
        }
        for answer in file.answers.select_related("indicator")
    ]


def check_visits() -> Iterator[str]:
    """Check that every filed visit has its hash, and that its ratings, team and vetoes still give its content."""
    filed = Inspection.objects.filter(filed_at__isnull=False).select_related("assessment__cycle__standard")
    for visit in filed.iterator():
        if visit.sha256 != _sha256(visit.content):
            yield f"visit {visit.pk}: the content does not have its hash"
        if visit.content != _content_now(visit):
            yield f"visit {visit.pk}: its ratings no longer give what was filed"


def _content_now(visit: Inspection) -> str:
    try:
        return content_of(visit, visit.result())
    except BadFound:  # no rubric reads what stands there now
        return ""


def check_files() -> Iterator[str]:
    """Check that every uploaded file lies on the disk with its hash."""
    rows = [(row, row.original) for row in Evidence.objects.iterator()]
    rows += [(row, row.file) for row in ObjectionFile.objects.iterator()]
    for row, stored in rows:
        where = f"{row._meta.model_name} {row.pk}"
        if not stored.storage.exists(stored.name):
            yield f"{where}: {stored.name} is missing"
        elif _hash_of(stored) != row.sha256:
            yield f"{where}: {stored.name} is not what was uploaded"
        display = getattr(row, "display", None)
        if display and not display.storage.exists(display.name):
            yield f"{where}: {display.name} is missing"


def _hash_of(stored) -> str:
    digest = hashlib.sha256()
    with stored.storage.open(stored.name) as file:
        while block := file.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def check_draws() -> Iterator[str]:
    """Check that every pool has its hash, and that its draw gives the same sample when it is made again."""
    for pool in Pool.objects.iterator():
        if not _has_its_hash(pool):
            yield f"pool {pool.pk}: the members do not have its hash"
    for draw in Draw.objects.select_related("pool").iterator():
        results = draw.results.values_list("member__stratum", "member__key", "rank", "drawn")
        if results.count() != draw.pool.members.count():
            yield f"draw {draw.pk}: it does not cover its pool"
        elif draw.source == Draw.Source.PORTAL and {*results} != _repeated(draw):
            yield f"draw {draw.pk}: the same seed gives another sample"
        elif not _extensions_follow(draw):
            yield f"draw {draw.pk}: who was drawn after it is not the next in the order"


def _has_its_hash(pool: Pool) -> bool:
    pairs, tickets = _members(pool)
    try:
        return sampling.pool_hash(pairs, tickets) == pool.sha256
    except sampling.BadPool:
        return False


def _members(pool: Pool) -> tuple[list[tuple[str, str]], dict[str, int]]:
    rows = list(pool.members.values_list("stratum", "key", "tickets"))
    return [row[:2] for row in rows], {key: tickets for _stratum, key, tickets in rows if tickets != 1}


def _extensions_follow(draw: Draw) -> bool:
    """Tell whether each extension took the next of its stratum, and replaced only somebody who stood in the sample."""
    sample: dict[str, list[int]] = {}
    for stratum, member in draw.results.filter(drawn=True).values_list("member__stratum", "member"):
        sample.setdefault(stratum, []).append(member)
    taken = {stratum: len(members) for stratum, members in sample.items()}
    for extension in draw.extensions.select_related("member__result").order_by("pk"):
        member, stands = extension.member, sample.setdefault(extension.member.stratum, [])
        taken[member.stratum] = taken.get(member.stratum, 0) + 1
        if (member.pool_id, member.result.rank) != (draw.pool_id, taken[member.stratum]):
            return False
        if extension.replaces_id is not None:
            if extension.replaces_id not in stands:
                return False
            stands.remove(extension.replaces_id)
        stands.append(member.pk)
    return draw.source == Draw.Source.PORTAL or not draw.extensions.exists()


def _repeated(draw: Draw) -> set[tuple[str, str, int, bool]]:
    members, tickets = _members(draw.pool)
    drawn = sampling.draw(members, draw.seed, share=draw.pool.share, minimum=draw.pool.minimum, tickets=tickets)
    return {
        (stratum, key, rank, key in drawn[stratum])
        for stratum, keys in sampling.ranked(members, draw.seed, tickets).items()
        for rank, key in enumerate(keys, start=1)
    }


def check_objections() -> Iterator[str]:
    """Name objections without exactly one row of who objected."""
    for objection in Objection.objects.annotate(known=Count("objector")).exclude(known=1).iterator():
        yield f"objection {objection.pk}: who objected is not kept"


def check_sheets() -> Iterator[str]:
    """Check that a published key signed every verification sheet, and that the title still says what was signed."""
    keys = dict(PublishedKey.objects.values_list("key_id", "public_key"))
    for key_id, public_key in keys.items():
        if sheets.key_id_of(public_key) != key_id:
            yield f"key {key_id}: it is another key"
    for sheet in VerificationSheet.objects.select_related("recognition__organ").iterator():
        if not sheets.is_signed(sheet.payload, sheet.signature, keys.get(sheet.key_id, "")):
            yield f"sheet {sheet.pk}: no published key has signed it"
        elif _said(sheets.content_of(sheet.payload)) != _held(sheet):
            yield f"sheet {sheet.pk}: the title does not say what was signed"


def _said(content: sheets.Content) -> tuple[str, ...]:
    return (
        content.code,
        content.credit_code,
        content.batch,
        content.document_number,
        content.granted_on,
        content.valid_until,
    )


def _held(sheet: VerificationSheet) -> tuple[str, ...]:
    title = sheet.recognition
    until = title.valid_until.isoformat() if title.valid_until else ""
    facts = (title.batch, title.document_number, title.granted_on.isoformat(), until)
    return sheet.code, title.organ.credit_code, *facts


def check_snapshot() -> Iterator[str]:
    """Compare every row of the snapshot with a count made now; regions with a queued change are yet to be recounted."""
    parents = rates.region_parents()
    queued = CountChange.objects.values_list("region_id", flat=True).distinct()
    waiting = {above for region in queued for above in rates.path_of(region, parents)}
    kept: dict = {}
    for row in CompletionRate.objects.iterator():
        counts = rates.Counts(row.recognised, row.in_progress, row.not_met, row.not_started)
        kept.setdefault(row.as_of, {})[row.region_id, row.level] = counts
    if not kept and Organ.objects.exists():
        yield "there is no snapshot yet: manage.py recount"
    for day, rows in sorted(kept.items()):
        counted = rates.counts_on(day, parents)
        for pair in sorted(pair for pair in counted.keys() | rows.keys() if pair[0] not in waiting):
            if rows.get(pair) != counted.get(pair):
                yield f"region {pair[0]}, {pair[1]}, {day}: {rows.get(pair)} kept, {counted.get(pair)} counted"


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "guards": check_guards,
    "stages": check_stages,
    "told": check_told,
    "submissions": check_submissions,
    "visits": check_visits,
    "files": check_files,
    "draws": check_draws,
    "objections": check_objections,
    "sheets": check_sheets,
    "snapshot": check_snapshot,
}
