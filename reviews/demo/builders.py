"""Small builders: a place, a person with a post, a round, and a file taken to any stage by the verbs themselves."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from creation import clock, stages
from creation.actions import cycles, evidence, files, places, standards, warnings
from creation.actions.answers import save_answer
from creation.actions.findings import open_findings
from creation.credit_code import check_character
from creation.models import (
    AT_ORGAN,
    Appointment,
    Assessment,
    Cycle,
    Indicator,
    Organ,
    Recognition,
    Region,
    Standard,
    User,
)
from reviews.actions import (
    approvals,
    draws,
    inspections,
    notices,
    objections,
    recognitions,
    revocations,
    statements,
    teams,
)
from reviews.models import Inspection, Notice, Objection
from reviews.recipients import municipality_of

DATA = Path(settings.BASE_DIR) / "data"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
LONG_AGO = date(2019, 1, 1)


def make_region(code: str, name: str, kind: str, parent: Region | None = None, *, name_en: str = "") -> Region:
    """Put a region into the tree and return it."""
    position = Region.objects.count() + 1
    region = Region.objects.create(code=code, name=name, name_en=name_en, kind=kind, parent=parent, position=position)
    places.rebuild_region_paths()
    return region


def make_organ(region: Region, number: int, *, name: str = "", name_en: str = "", **fields: object) -> Organ:
    """Put an organ with a valid credit code onto the register and return it."""
    base = f"11{region.code:0>6}TXT{number:06d}"
    fields.setdefault("category", Organ.Category.ADMINISTRATIVE)
    fields.setdefault("established_on", LONG_AGO)
    return Organ.objects.create(
        region=region,
        credit_code=base + check_character(base),
        name=name or f"机关{number}",
        name_en=name_en or f"Organ {number}",
        **fields,
    )


def make_person(
    username: str, *posts: tuple[str, Organ | Region], password: str | None = None, **fields: object
) -> User:
    """Create a person who holds the posts (role, place) since long ago, and return them."""
    fields.setdefault("name", username)
    user = User(username=username, **fields)
    user.set_password(password)
    user.save(force_insert=True)
    for role, place in posts:
        where = {"organ": place} if role in AT_ORGAN else {"region": place}
        Appointment.objects.create(user=user, role=role, starts_on=LONG_AGO, **where)
    return user


def make_standard(*, by: User) -> Standard:
    """Import and publish the demonstration standard and return it."""
    standard = standards.import_standard((DATA / "standard_demo.json").read_bytes(), by=by)
    return standards.publish_standard(standard, by=by)


def make_cycle(region: Region, standard: Standard, *, by: User, year: int | None = None, **fields: object) -> Cycle:
    """Lay out and open a round whose four windows lie around today, and return it."""
    today = clock.today()
    for name in ("self_rating", "inspection", "spot_check", "publicity"):
        fields.setdefault(f"{name}_from", today - timedelta(days=60))
        fields.setdefault(f"{name}_until", today + timedelta(days=120))
    year = year or today.year
    fields.setdefault("batch", f"{year}")
    cycle = Cycle(region=region, year=year, calendar_year=year - 1, standard=standard, **fields)
    return cycles.open_cycle(cycles.create_cycle(cycle, by=by), by=by)


def best_finding(indicator: Indicator) -> dict:
    """Return a finding that earns the indicator's full points."""
    rubric = indicator.rubric
    method = rubric["method"]
    if method == "gate":
        return {"met": True}
    if method == "checklist":
        return {"present": list(range(len(rubric["parts"])))}
    if method == "levels":
        points = [Decimal(str(level["points"])) for level in rubric["levels"]]
        return {"level": points.index(max(points))}
    if method == "deductive":
        return {"count": 0}
    if method == "additive":
        return {"count": int(indicator.points / Decimal(str(rubric["each"]))) + 1}
    return {"value": str(rubric["bands"][0]["at_least"])}


def poor_finding(indicator: Indicator) -> dict:
    """Return a finding that earns nothing."""
    worst = {
        "gate": {"met": False},
        "checklist": {"present": []},
        "levels": {"level": 0},
        "deductive": {"count": 99},
        "additive": {"count": 0},
        "banded": {"value": "0"},
    }
    return worst[indicator.rubric["method"]]


def a_pdf(name: str = "材料.pdf") -> SimpleUploadedFile:
    """Return a small file that passes as evidence."""
    return SimpleUploadedFile(name, PDF + name.encode(), content_type="application/pdf")


def answer_everything(assessment: Assessment, *, by: User, poor: tuple[str, ...] = ()) -> None:
    """Answer every indicator of the file, those named in `poor` with nothing found, one piece of evidence for all.

    Warnings are passed with a reason, so that the file can be handed over.
    """
    proof = evidence.upload_evidence(assessment.organ, a_pdf(), by=by)
    for indicator in assessment.cycle.standard.indicators.filter(bonus=False):
        found = poor_finding(indicator) if indicator.code in poor else best_finding(indicator)
        save_answer(assessment, indicator, by=by, found=found)
        if indicator.evidence_required:
            evidence.attach(assessment, indicator, proof, by=by)
    pass_warnings(assessment, by=by)


def pass_warnings(assessment: Assessment, *, by: User, reason: str = "材料另存本单位，核查时现场提供。") -> None:
    """Pass every warning that still stands with the same reason."""
    indicators = {indicator.code: indicator for indicator in assessment.cycle.standard.indicators.all()}
    for found in open_findings(assessment):
        if not found.is_error:
            where = indicators[found.indicator]
            warnings.pass_warning(assessment, where, kind=found.kind, reason=reason, by=by)


def rate_everything(inspection: Inspection, *, by: User, poor: tuple[str, ...] = ()) -> None:
    """Rate every indicator on a visit, those named in `poor` with nothing found."""
    for indicator in inspection.assessment.cycle.standard.indicators.filter(bonus=False):
        found = poor_finding(indicator) if indicator.code in poor else best_finding(indicator)
        inspections.save_rating(inspection, indicator, by=by, found=found)


def hear_organ(visit: Inspection, *, by: User) -> None:
    """Let the team of a spot check take down what the organ says, as it has to before overturning."""
    statements.take_down_statement(visit, text="本单位对复核情况无异议。", spoken_by="单位负责人", by=by)


def bring_to(assessment: Assessment, stage: str, cast: dict[str, User]) -> Assessment:
    """Take a draft along the straight way to `stage` by the verbs and return it fresh.

    `cast` has clerk, signatory, official (of the competent department), inspector, inspector2, superior (official),
    checker, checker2 (the superior's inspectors) and city (official of the municipality). The draw takes everything
    that waits in the superior's pool along; recognition needs a notice that has ended.
    """
    way = (
        (stages.PREPARED, _prepare),
        (stages.SUBMITTED, _submit),
        (stages.UNDER_INSPECTION, _assign),
        (stages.INSPECTED, _pass),
        (stages.UNDER_SPOT_CHECK, _sample),
        (stages.CHECKED, _check),
        (stages.PUBLICISED, _publicise),
        (stages.RECOGNISED, recognise),
    )
    reached = stages.DRAFT
    for target, step in way:
        if reached == stage:
            break
        step(assessment, cast)
        assessment.refresh_from_db()
        reached = target
    return assessment


def _prepare(assessment: Assessment, cast: dict[str, User]) -> None:
    answer_everything(assessment, by=cast["clerk"])
    files.prepare(assessment, by=cast["clerk"])


def _submit(assessment: Assessment, cast: dict[str, User]) -> None:
    files.submit(assessment, by=cast["signatory"])


def _assign(assessment: Assessment, cast: dict[str, User]) -> None:
    team = [cast["inspector"], cast["inspector2"]]
    teams.assign(assessment, team=team, lead=team[0], visit_on=clock.today(), by=cast["official"])


def _pass(assessment: Assessment, cast: dict[str, User]) -> None:
    inspection = assessment.inspections.get(kind="inspection")
    rate_everything(inspection, by=cast["inspector"])
    inspections.file_inspection(inspection, by=cast["inspector"])


def _sample(assessment: Assessment, cast: dict[str, User]) -> None:
    superior = assessment.organ.region.parent
    pool = draws.close_pool(assessment.cycle, superior, by=cast["superior"])
    draws.draw(pool, seed="2026-11-22 01 02 03", seed_source="lottery", seed_at=clock.now(), by=cast["superior"])


def _check(assessment: Assessment, cast: dict[str, User]) -> None:
    _confirm(assessment, cast)
    draws.publish_draw(assessment.pool_member.pool.draw, by=cast["superior"])


def _confirm(assessment: Assessment, cast: dict[str, User]) -> None:
    if assessment.stage == stages.CHECKED:  # not drawn
        return
    team = [cast["checker"], cast["checker2"]]
    visit = teams.assign_spot_check(assessment, team=team, lead=team[0], visit_on=clock.today(), by=cast["superior"])
    rate_everything(visit, by=cast["checker"])
    inspections.file_inspection(visit, by=cast["checker"], statement="核查属实。")


def _publicise(assessment: Assessment, cast: dict[str, User]) -> None:
    publish(make_notice(assessment.cycle, [assessment], by=cast["city"]), by=cast["city"])


def make_notice(cycle: Cycle, files_listed: list[Assessment], *, by: User, **fields: str) -> Notice:
    """Draft a notice of cleared files and return it."""
    wording = {
        "title": f"关于{cycle.year}年度节约型机关创建名单的公示",
        "basis": "《节约型机关创建行动方案》",
        "process": "经单位自评、实地核查、抽查复核，拟认定以下单位为节约型机关。",
        "office": "市机关事务管理局（演示）",
        "office_phone": "010-00000000",
        "office_address": "北京市通州区（演示）",
        "office_mailbox": "office@example.cn",
    }
    return notices.draft_notice(Notice(cycle=cycle, **(wording | fields)), files_listed, by=by)


def publish(notice: Notice, *, by: User, approved_by: User | None = None) -> Notice:
    """Let one official hand a draft in and another approve it, so that it is published now, and return it.

    Without `approved_by` another official of the same municipality approves.
    """
    approvals.hand_in(notice, by=by)
    return approvals.approve(notice, by=approved_by or another_official(notice.region, than=by))


def recognise(assessment: Assessment, cast: dict[str, User]) -> None:
    """Recognise a file whose notice has ended, by the official of the municipality in the cast."""
    recognitions.recognise(
        assessment,
        batch=assessment.cycle.batch,
        document_number=f"京管发〔{assessment.cycle.year}〕1号",
        by=cast["city"],
    )


def decide(objection: Objection, *, uphold: bool, reason: str, by: User, decided_by: User | None = None) -> Objection:
    """Let one official propose the decision on an objection and another confirm it, and return the objection.

    Without `decided_by` another official of the same municipality confirms.
    """
    objections.propose_decision(objection, uphold=uphold, reason=reason, by=by)
    other = decided_by or another_official(objection.listing.notice.region, than=by)
    return objections.decide(objection, by=other)


def revoke(
    title: Recognition, *, by: User, decided_by: User | None = None, reason: str = "查实浪费。", on: date | None = None
) -> Recognition:
    """Take a title back by a case that its organ answers at once, proposed by `by`, and return the title fresh.

    Without `decided_by` another official of the municipality decides. An organ without staff is given a clerk.
    """
    posts = Appointment.objects.on(clock.today()).filter(organ=title.organ_id).select_related("user")
    clerk = posts[0].user if posts else make_person(f"clerk-of-{title.organ_id}", ("clerk", title.organ))
    case = revocations.open_case(title, grounds="verified_waste", facts=reason, by=by)
    case = revocations.answer_case(case, text="情况属实。", by=clerk)
    case = revocations.propose(case, decision="revoked", reason=reason, on=on or clock.today(), by=by)
    revocations.decide(case, by=decided_by or another_official(municipality_of(title), than=by))
    return Recognition.objects.get(pk=title.pk)


def another_official(region: Region, *, than: User) -> User:
    """Return an official of exactly this region who is somebody else."""
    return User.objects.filter(appointments__role="official", appointments__region=region).exclude(pk=than.pk)[0]
