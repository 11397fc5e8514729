"""Everything that the page of a file shows, read in one or two statements, and handed to the objects it belongs to."""

from dataclasses import dataclass
from itertools import chain

from django.db.models import Exists, OuterRef, QuerySet

from creation import clock
from creation.models import (
    Appointment,
    Assessment,
    Recognition,
    RegionPath,
    ReturnReason,
    StageChange,
    Submission,
    User,
)
from creation.together import hand_out, read_together
from reviews.actions import extensions
from reviews.actions.phones import by_visit
from reviews.models import (
    Finding,
    FindingStep,
    Inspection,
    Listing,
    Objection,
    Pool,
    PoolMember,
    Rating,
    Signature,
    TeamMember,
    Veto,
    VisitStatement,
)

OF_MEMBER = ("pool", "result", "extension__publication", "replaced_by__publication")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as one person may see it; what belongs to a visit, a finding or a step is prefetched there."""

    file: Assessment
    visits: list[Inspection]
    findings: list[Finding]
    changes: list[StageChange]
    receipts: list[Submission]
    clerks: list[Appointment]
    member: PoolMember | None
    listing: Listing | None
    recognition: Recognition | None
    heard: Inspection | None
    objection: Objection | None
    replaceable: PoolMember | None
    has_spot_check: bool


def read_file(user: User, file: Assessment) -> Reading:
    """Return what the person may see of the file (`with_places`), in one statement, and one more for its visits.

    What the rules ask about person and file is noted in `file.facts` and `user.paths_read`, so that asking many rules
    costs nothing more.
    """
    of_file, single, facts = _of_file(user, file), _singles(user, file), _facts(user, file)
    path = RegionPath.objects.filter(descendant=file.organ.region_id).values_list("ancestor_id", flat=True)
    read_together(*(rows for group in (of_file, single, facts) for rows in group.values()), path)
    # by the ids of what has been found: asking again who may see a visit, for each list, costs more than a statement
    of_visit = _of_visits([visit.pk for visit in of_file["visits"]])
    of_finding = FindingStep.objects.filter(finding__in=[finding.pk for finding in of_file["findings"]])
    read_together(*of_visit.values(), of_finding)

    _hand_all_out(file, of_file | {"steps": of_finding}, of_visit)
    file.facts = {"user": user.pk} | {name: bool(rows) for name, rows in facts.items()}
    user.paths_read[file.organ.region_id] = set(path)
    found = {name: next(iter(rows), None) for name, rows in single.items()}
    for name in ("listing", "recognition"):
        Assessment._meta.get_field(name).set_cached_value(file, found[name])
    if found["recognition"]:
        found["recognition"].organ = file.organ
    found["has_spot_check"] = found["has_spot_check"] is not None
    lists = {name: list(of_file[name]) for name in ("visits", "findings", "changes", "receipts", "clerks")}
    return Reading(file=file, **lists, **found)


def _of_file(user: User, file: Assessment) -> dict[str, QuerySet]:
    visits = Inspection.objects.visible_to(user).filter(assessment=file)
    findings = Finding.objects.visible_to(user).filter(inspection__assessment=file)
    clerks = Appointment.objects.filter(organ=file.organ_id, role="clerk", user__is_active=True)
    return {
        "visits": visits.select_related("lead", "filed_by").order_by("assigned_at"),
        "findings": findings.select_related("indicator", "inspection"),
        "indicators": file.cycle.standard.indicators.all(),
        "answers": file.answers.select_related("indicator"),
        "changes": file.changes.order_by("number").select_related("by"),
        "reasons": ReturnReason.objects.filter(change__assessment=file).select_related("indicator"),
        "receipts": file.submissions.select_related("by"),
        "clerks": clerks.select_related("user"),
    }


def _of_visits(ids: list[int]) -> dict[str, QuerySet]:
    """Return what belongs to these visits; nothing is asked where there are none."""
    phones, records = by_visit(ids)
    return {
        "members": TeamMember.objects.filter(inspection__in=ids).select_related("user"),
        "vetoes": Veto.objects.filter(inspection__in=ids),
        "ratings": Rating.objects.filter(inspection__in=ids).select_related("saved_by"),
        "statements": VisitStatement.objects.filter(inspection__in=ids).select_related("by"),
        "signatures": Signature.objects.filter(inspection__in=ids, side=Signature.Side.ORGAN),
        "on phones": phones,
        "from phones": records,
    }


def _hand_all_out(file: Assessment, of_file: dict[str, QuerySet], of_visit: dict[str, QuerySet]) -> None:
    """Give each object what belongs to it, and let visits and findings know the file and each other."""
    visits, findings = of_file["visits"], of_file["findings"]
    hand_out([file.cycle.standard], "indicators", of_file["indicators"], by="standard_id")
    hand_out([file], "answers", of_file["answers"], by="assessment_id")
    hand_out(of_file["changes"], "reasons", of_file["reasons"], by="change_id")
    hand_out(findings, "steps", of_file["steps"], by="finding_id")
    for name in ("members", "vetoes", "ratings", "statements", "signatures"):
        hand_out(visits, name, of_visit[name], by="inspection_id")
    on_phones = [{row["inspection_id"]: row for row in of_visit[name]} for name in ("on phones", "from phones")]
    by_id = {visit.pk: visit for visit in visits}
    for visit in visits:
        visit.on_phones = [found.get(visit.pk, {}) for found in on_phones]
    for finding in findings:
        finding.inspection = by_id.get(finding.inspection_id, finding.inspection)
    for visit in chain(visits, (finding.inspection for finding in findings)):
        visit.assessment = file


def _singles(user: User, file: Assessment) -> dict[str, QuerySet]:
    """Return the querysets of what a file has at most one of."""
    pools = Pool.objects.visible_to(user).filter(pk=OuterRef("pool_id"))
    members = PoolMember.objects.filter(assessment=file)
    return {
        "member": members.select_related(*OF_MEMBER).annotate(reads_pool=Exists(pools)),
        "listing": Listing.objects.filter(assessment=file).select_related("notice"),
        "recognition": Recognition.objects.filter(assessment=file),
        "heard": Inspection.objects.hearing(user, clock.today()).filter(assessment=file),
        "objection": Objection.objects.open().filter(listing__assessment=file).select_related("listing__notice"),
        "replaceable": extensions.replaceable_members().filter(assessment=file),
        "has_spot_check": Inspection.objects.filter(assessment=file, kind="spot_check"),
    }


def _facts(user: User, file: Assessment) -> dict[str, QuerySet]:
    """Return, as querysets with or without a row, what the rules ask about person and file."""
    waiting = user.visits.filter(inspection__assessment=file, inspection__filed_at=None)
    compares = {"inspection__kind": "inspection", "inspection__own_points_at__isnull": False}
    return {
        "asked": user.asked_files().filter(assessment=file),
        "open_visit": waiting,
        "rates_blind": waiting.exclude(pk__in=user.visits.filter(**compares).values("pk")),
    }
