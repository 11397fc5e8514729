"""What happens to many files of the demonstration together: pools, draws, spot checks, notices, objections."""

from datetime import timedelta
from hashlib import sha256

from creation import clock, stages
from creation.models import Assessment
from reviews.actions import (
    approvals,
    draws,
    extensions,
    inspections,
    notices,
    objections,
    recognitions,
    revocations,
    spot_checks,
    statements,
    teams,
)
from reviews.demo import papers, wording
from reviews.demo.builders import decide, make_notice, publish
from reviews.demo.places import CITY, NATION
from reviews.demo.stories import Scene, rate
from reviews.models import Draw, Listing, Notice, PoolMember

AFTER_OBJECTIONS = -32  # the first notice is not recognised from before the objection to it was decided


def drawn_from(scene: Scene, code: str, day: int, *, by_letter: bool = False):
    """Close the pool under a region and draw on the day after; returns the drawn files."""
    yield day, 10.0
    city_official = scene.who("official", CITY)
    superior = city_official if by_letter else scene.who("official", code)
    region = scene.cycle.region if code == CITY else scene.cycle.region.parent
    if not draws.inspected_files(scene.cycle, region).exists():
        return []
    pool = draws.close_pool(scene.cycle, region, by=superior)
    yield day + 1, 10.0
    if by_letter:
        chosen = {pool.members.first().key}
        scan = papers.paper("抽查名单函.pdf", f"Letter on pool {pool.pk}")
        draws.record_letter(pool, chosen=chosen, letter=scan, letter_number=wording.LETTER_NUMBER, by=city_official)
    else:
        draws.draw(pool, seed=_seed(pool.sha256), seed_source=wording.SEED_SOURCE, seed_at=clock.now(), by=superior)
    return [member.assessment for member in pool.members.filter(result__drawn=True)]


def _seed(text: str) -> str:
    numbers = list(dict.fromkeys(byte % 33 + 1 for byte in sha256(text.encode()).digest()))[:6]
    return " ".join(f"{number:02d}" for number in numbers)


def _replaced(scene: Scene, drawn: list[Assessment]) -> list[Assessment]:
    """Replace the first drawn file that has a next one in its order, and return whom the sample holds then."""
    sample = PoolMember.objects.to_visit().filter(assessment__in=drawn).order_by("stratum", "key")
    for member in sample:
        if member.pool.members.filter(stratum=member.stratum, result__drawn=False).exists():
            given = {"stratum": member.stratum, "reason": wording.REPLACED, "by": scene.who("official", CITY)}
            joins = extensions.extend_draw(member.pool.draw, replaces=member, **given).member
            return [joins.assessment if file.pk == member.assessment_id else file for file in drawn]
    return drawn


def _publish_draws_of(scene: Scene, drawn: list[Assessment]) -> None:
    """Publish the draws of these files, with who was drawn after them."""
    for draw in Draw.objects.filter(pool__members__assessment__in=drawn).distinct().order_by("pk"):
        by_letter = draw.source == Draw.Source.LETTER
        by = scene.who("official", CITY if by_letter else draw.pool.region.code)
        draws.publish_draw(draw, by=by)
        for extension in draw.extensions.all():
            extensions.publish_extension(extension, by=by)


def spot_checked(scene: Scene, day: int, *, by_letter: bool = False, overturn: bool = False, replace: bool = False):
    """Draw from both pools, end every spot check within five days, and publish the draws; the first may be overturned.

    With `replace` another organ takes the place of one that was drawn.
    """
    drawn = yield from drawn_from(scene, CITY, day)
    above = yield from drawn_from(scene, NATION, day + 1, by_letter=by_letter)
    yield day + 2, 16.0
    if replace:
        drawn = _replaced(scene, drawn)
    yield day + 3, 9.0
    visits = [_sent(scene, file, day + 4) for file in (drawn if by_letter else drawn + above)]
    yield day + 4, 15.0
    for number, visit in enumerate(visits):
        passes = not (overturn and number == 0)
        rate(scene, visit, passes=passes)
        if not passes:  # the organ is heard, in its own words
            statements.state(visit, text=wording.SAID, by=scene.host("signatory", visit.assessment.organ))
        statement = wording.CONFIRMED if passes else wording.OVERTURNED
        inspections.file_inspection(visit, by=visit.lead, statement=statement)
    for file in above if by_letter else ():
        file.refresh_from_db()
        scan = papers.paper("抽查结果函.pdf", f"Letter on file {file.pk}")
        spot_checks.record_result(
            file,
            confirmed=True,
            letter=scan,
            letter_number=wording.LETTER_NUMBER,
            reason="",
            by=scene.who("official", CITY),
        )
    yield day + 5, 9.0
    _publish_draws_of(scene, drawn + above)


def _sent(scene: Scene, file: Assessment, day: int):
    file.refresh_from_db()
    above = file.organ.region.parent.code
    team = scene.team(above, file.pk)
    visit_on, by = scene.diary.day(day), scene.who("official", above)
    return teams.assign_spot_check(file, team=team, lead=team[0], visit_on=visit_on, by=by)


def spot_checks_running(scene: Scene):
    """Leave drawn files with the superior: some without a team yet, some half rated."""
    drawn = yield from drawn_from(scene, CITY, -7)
    drawn += yield from drawn_from(scene, NATION, -6)
    yield -4, 9.0
    visits = [_sent(scene, file, -2) for file in drawn[::2]]
    yield -2, 15.0
    for visit in visits[:2]:
        rate(scene, visit, share=0.5)


def _published(scene: Scene, files: list[Assessment], number: int) -> Notice:
    official = scene.who("official", CITY)
    year = scene.cycle.year
    title = f"关于{year}年度节约型机关创建名单（第{number}批）的公示（演示）"
    return publish(_drafted(scene, files, title), by=official, approved_by=scene.who("official2", CITY))


def _drafted(scene: Scene, files: list[Assessment], title: str) -> Notice:
    city = scene.cycle.region
    office = {
        "office": f"{city.department.name}",
        "office_phone": city.office_phone,
        "office_address": city.office_address,
        "office_mailbox": city.office_mailbox,
    }
    return make_notice(scene.cycle, files, title=title, by=scene.who("official", CITY), **office)


def _object(listing: Listing, what: str, number: int):
    return objections.object_to(
        listing,
        kind="person",
        name=wording.OBJECTORS[number],
        phone=f"010-5551{number:04d}",
        grounds=wording.GROUNDS[what],
    )


def recognised_notice(scene: Scene):
    """Take the first files to their end: publicised, ordered, recognised; one objection upheld, some revoked later."""
    yield from spot_checked(scene, -47, by_letter=True, overturn=scene.allows(stages.NOT_MET))
    yield -40, 9.0
    official = scene.who("official", CITY)
    notice = _published(scene, list(notices.cleared_files(scene.cycle)), 1)
    yield -39, 9.5
    number = f"京管发〔{scene.cycle.year}〕1号（演示）"
    order = recognitions.order_recognition(notice, batch=scene.cycle.batch, document_number=number, by=official)
    if scene.allows(stages.NOT_MET):
        yield from _upheld(scene, notice.listings.filter(level="district").last())
    earliest = scene.diary.today + timedelta(days=AFTER_OBJECTIONS)
    yield scene.diary.offset_from(max(notice.last_day + timedelta(days=1), earliest)), 2.5
    recognitions.carry_out(order)
    if scene.allows(stages.REVOKED):
        yield from _revoked(scene, notice)


def _revoked(scene: Scene, notice: Notice):
    """Take two titles back by a case each; of a third the case is open and the organ has answered."""
    official, other = scene.who("official", CITY), scene.who("official2", CITY)
    yield -22, 10.0
    rows = notice.listings.filter(assessment__stage=stages.RECOGNISED, level="district")
    titles = [listing.assessment.recognition for listing in rows.select_related("assessment__recognition")[:3]]
    cases = [
        revocations.open_case(title, grounds="verified_waste", facts=wording.REVOKE_FACTS, by=official)
        for title in titles
    ]
    yield -20, 14.0
    for case in cases:
        clerk = scene.host("clerk", case.recognition.organ)
        revocations.answer_case(case, text=wording.REVOKE_ANSWER, by=clerk)
    yield -8, 15.0
    for case in cases[:2]:
        case.refresh_from_db()
        revocations.propose(case, decision="revoked", reason=wording.REVOKE_REASON, on=clock.today(), by=official)
        case.refresh_from_db()
        revocations.decide(case, by=other)


def _upheld(scene: Scene, listing: Listing):
    yield -37, 11.0
    objection = _object(listing, "upheld", 0)
    yield -35, 10.0
    signatory = scene.host("signatory", listing.assessment.organ)
    objections.hear(objection, text=wording.HEARD, by=signatory)
    yield -33, 16.0
    official, other = scene.who("official", CITY), scene.who("official2", CITY)
    decide(objection, uphold=True, reason=wording.UPHELD, by=official, decided_by=other)


def ended_notice(scene: Scene):
    """Leave a notice that has ended with organs still to recognise: one objection dismissed, one still open."""
    yield from spot_checked(scene, -34, replace=True)
    yield -27, 9.0
    notice = _published(scene, list(notices.cleared_files(scene.cycle)), 2)
    yield -25, 10.0
    first, *_between, last = notice.listings.all()
    dismissed = _object(first, "dismissed", 1)
    blocking = _object(last, "blocking", 2)
    yield -20, 10.0
    official = scene.who("official", CITY)
    objections.see_objector(dismissed, by=official)
    other = scene.who("official2", CITY)
    decide(dismissed, uphold=False, reason=wording.DISMISSED, by=official, decided_by=other)
    yield -3, 10.0
    # waits for the second official
    objections.propose_decision(blocking, uphold=False, reason=wording.PROPOSED, by=official)


def running_notice(scene: Scene):
    """Clear a third group; where notices are allowed put half of it on a running one with an order that waits."""
    yield from spot_checked(scene, -14)
    if not scene.allows(stages.PUBLICISED):
        return
    yield -2, 9.0
    cleared = list(notices.cleared_files(scene.cycle))
    listed, waiting = cleared[::2], cleared[1::2]
    notice = _published(scene, listed, 3)
    yield -1, 10.0
    official = scene.who("official", CITY)
    number = f"京管发〔{scene.cycle.year}〕2号（演示）"
    recognitions.order_recognition(notice, batch=scene.cycle.batch, document_number=number, by=official)
    _object(notice.listings.last(), "running", 3)
    title = f"关于{scene.cycle.year}年度节约型机关创建名单（第4批）的公示（演示，草稿）"
    _drafted(scene, waiting[-2:], title)
    if handed_in := waiting[:-2][-2:]:
        title = f"关于{scene.cycle.year}年度节约型机关创建名单（第5批）的公示（演示，待审核）"
        approvals.hand_in(_drafted(scene, handed_in, title), by=official)
