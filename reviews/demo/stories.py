"""How one file goes its way in the demonstration: a story waits for a moment, then takes the next step by its verb."""

from dataclasses import dataclass, field

from creation import stages
from creation.actions import evidence, files
from creation.actions.answers import save_answer
from creation.models import Assessment, Cycle, Indicator, Organ, User
from reviews.actions import findings, inspections, teams
from reviews.demo import answers, builders, energy, papers, wording
from reviews.demo.diary import Diary
from reviews.demo.people import login
from reviews.models import Inspection

# Pairs of the three inspectors a big department has; the first one leads.
PAIRS = (("inspector", "inspector2"), ("inspector", "inspector3"), ("inspector2", "inspector"))
ORDER = list(stages.LABELS)
ENOUGH = 0.5  # of the answers: so far along, a clerk has entered this year's figures too


@dataclass
class Scene:
    """What every story of the round needs: the round, its indicators, the diary, the people, how far it may go."""

    cycle: Cycle
    diary: Diary
    last_stage: str
    people: dict[str, User]
    hosts: dict[tuple[str, int], str]
    indicators: list[Indicator] = field(default_factory=list)

    def allows(self, stage: str) -> bool:
        """Tell whether files may come to `stage`: it is not behind the last stage in the order of the labels."""
        return ORDER.index(stage) <= ORDER.index(self.last_stage)

    def who(self, role: str, code: str) -> User:
        """Return who holds a role in a region."""
        return self.people[login(role, code)]

    def host(self, role: str, organ: Organ) -> User:
        """Return the organ's clerk or signatory."""
        return self.people[self.hosts[role, organ.pk]]

    def team(self, code: str, number: int) -> list[User]:
        """Return two inspectors of a region, the lead first; where there are three they take turns."""
        pairs = PAIRS if login("inspector3", code) in self.people else PAIRS[:1]
        return [self.who(role, code) for role in pairs[number % len(pairs)]]

    def indicator(self, code: str) -> Indicator:
        """Return an indicator of the round's standard by its code."""
        return next(one for one in self.indicators if one.code == code)


def fill(scene: Scene, file: Assessment, share: float = 1.0) -> None:
    """Answer a share of the indicators, in their order, with the evidence that they ask for."""
    clerk = scene.host("clerk", file.organ)
    kept = library(scene, file.organ)
    entries = answers.self_rating(scene.indicators, file.organ.credit_code)
    for entry in entries[: int(len(entries) * share)]:
        one = entry.indicator
        save_answer(file, one, by=clerk, found=entry.found, not_applicable=entry.not_applicable, remark=entry.remark)
        if one.evidence_required and not entry.not_applicable:
            evidence.attach(file, one, kept[one.position % len(kept)], by=clerk)
    energy.enter(file, by=clerk, whole=share >= ENOUGH)


def library(scene: Scene, organ: Organ) -> list:
    """Bring the organ's papers into its library and return them."""
    clerk = scene.host("clerk", organ)
    return [
        evidence.upload_evidence(organ, papers.paper(name, organ.credit_code, f"Paper {number}"), by=clerk)
        for number, name in enumerate(papers.EVIDENCE, start=1)
    ]


def drafted(scene: Scene, organ: Organ, day: int, share: float = 1.0):
    """Start the file and answer a share of it; returns the file."""
    yield day, 9.5
    file = files.start(organ, scene.cycle, by=scene.host("clerk", organ))
    yield day + 1, 10.0
    fill(scene, file, share)
    return file


def prepared(scene: Scene, organ: Organ, day: int):
    """Hand the whole file over for signature; returns the file."""
    file = yield from drafted(scene, organ, day)
    yield day + 2, 15.0
    builders.pass_warnings(file, by=scene.host("clerk", organ), reason=wording.WARNING_REASON)
    files.prepare(file, by=scene.host("clerk", organ))
    return file


def submitted(scene: Scene, organ: Organ, day: int):
    """Submit the file three days after its start; returns it."""
    file = yield from prepared(scene, organ, day)
    yield day + 3, 10.5
    files.submit(file, by=scene.host("signatory", organ))
    return file


def sent_back(scene: Scene, organ: Organ, day: int):
    """Send the submitted file back with reasons; returns it."""
    file = yield from submitted(scene, organ, day)
    yield day + 5, 14.0
    reasons = wording.RETURN_REASONS[organ.pk % len(wording.RETURN_REASONS)]
    files.send_back(
        file,
        by=scene.who("official", organ.region.code),
        reasons={scene.indicator(code): reason for code, reason in reasons.items()},
        note=wording.RETURN_NOTE,
    )
    return file


def submitted_again(scene: Scene, organ: Organ, day: int):
    """Mend and submit a file that was sent back: it has two receipts."""
    file = yield from sent_back(scene, organ, day)
    yield day + 8, 15.0
    clerk = scene.host("clerk", organ)
    asked = file.changes.filter(step="send_back").latest("number").reasons.values("indicator")
    for row in file.answers.filter(indicator__in=asked).select_related("indicator"):
        save_answer(file, row.indicator, by=clerk, found=row.found, remark=wording.MENDED, version=row.version)
    files.prepare(file, by=clerk)
    yield day + 9, 11.0
    files.submit(file, by=scene.host("signatory", organ))


def withdrawn(scene: Scene, organ: Organ, day: int):
    """Withdraw a submitted file."""
    file = yield from submitted(scene, organ, day)
    yield day + 5, 16.0
    files.withdraw(file, by=scene.host("signatory", organ), reason=wording.WITHDRAW_REASON)


def visited(scene: Scene, organ: Organ, day: int, visit_after: int = 7):
    """Have a team assigned to the submitted file five days after its start; returns the visit."""
    file = yield from submitted(scene, organ, day)
    yield day + 5, 9.0
    team = scene.team(organ.region.code, organ.pk)
    return teams.assign(
        file,
        team=team,
        lead=team[0],
        visit_on=scene.diary.day(day + visit_after),
        by=scene.who("official", organ.region.code),
    )


def rate(scene: Scene, visit: Inspection, *, passes: bool = True, share: float = 1.0) -> None:
    """Let the team rate a share of the indicators, in their order, by turns."""
    organ = visit.assessment.organ
    team = [member.user for member in visit.members.select_related("user")]
    entries = answers.inspection(scene.indicators, organ.credit_code, visit=visit.kind, passes=passes)
    for number, entry in enumerate(entries[: int(len(entries) * share)]):
        inspections.save_rating(
            visit,
            entry.indicator,
            by=team[number // 10 % len(team)],
            found=entry.found,
            not_applicable=entry.not_applicable,
            remark=entry.remark,
        )


def find(scene: Scene, visit: Inspection, number: int, *, days: int | None, photos: bool = False):
    """Raise one of the known findings, on the spot or with a deadline in so many days; returns it."""
    code, (text, _answer) = list(wording.FINDINGS.items())[number % len(wording.FINDINGS)]
    kind = "on_the_spot" if days is None else "by_deadline"
    due_on = None if days is None else scene.diary.day(days)
    pictures = [papers.photo("整改前.jpg", "before", visit.pk)] if photos else []
    indicator = scene.indicator(code)
    return findings.raise_finding(visit, indicator, kind=kind, text=text, due_on=due_on, photos=pictures, by=visit.lead)


def answer(scene: Scene, finding, *, photos: bool = False) -> None:
    """Let the organ's clerk answer a finding."""
    visit = finding.inspection
    pictures = [papers.photo("整改后.jpg", "after", visit.pk)] if photos else []
    text = wording.FINDINGS[finding.indicator.code][1]
    clerk = scene.host("clerk", visit.assessment.organ)
    findings.answer_finding(finding, text=text, photos=pictures, by=clerk)


def passed(scene: Scene, organ: Organ, day: int):
    """File a visit that passes, eight days after the start; every third has a finding fixed on the spot."""
    visit = yield from visited(scene, organ, day)
    yield day + 7, 15.0
    rate(scene, visit)
    if organ.pk % 3 == 0:
        finding = find(scene, visit, organ.pk, days=None)
        answer(scene, finding)
        findings.accept_finding(finding, by=visit.lead)
    yield day + 8, 16.0
    inspections.file_inspection(visit, by=visit.lead, statement=wording.PASSED)


def rectified(scene: Scene, organ: Organ, day: int):
    """File a visit that passes after a rectification, twelve days after the start."""
    visit, finding = yield from rectifying(scene, organ, day)
    yield day + 10, 11.0
    answer(scene, finding, photos=True)
    yield day + 11, 10.0
    findings.accept_finding(finding, by=visit.lead)
    yield day + 12, 9.5
    inspections.file_inspection(visit, by=visit.lead, statement=wording.PASSED)


def failed(scene: Scene, organ: Organ, day: int):
    """File a visit that does not pass."""
    visit = yield from visited(scene, organ, day)
    yield day + 7, 15.0
    rate(scene, visit, passes=False)
    yield day + 8, 16.0
    inspections.file_inspection(visit, by=visit.lead, statement=wording.FAILED)


def under_inspection(scene: Scene, organ: Organ, day: int, visit_after: int):
    """Leave the file with its team: the visit lies ahead, or has begun and is half rated."""
    visit = yield from visited(scene, organ, day, visit_after)
    if day + visit_after < 0:
        yield day + visit_after, 14.0
        rate(scene, visit, share=0.6)
        find(scene, visit, organ.pk, days=None)


def rectifying(scene: Scene, organ: Organ, day: int):
    """Require rectification of a finding with a deadline; returns the visit and the finding."""
    visit = yield from visited(scene, organ, day)
    yield day + 7, 15.0
    rate(scene, visit)
    finding = find(scene, visit, organ.pk, days=day + 30, photos=True)
    yield day + 8, 9.0
    findings.require_rectification(visit, by=visit.lead)
    return visit, finding


def rectifying_answered(scene: Scene, organ: Organ, day: int):
    """Leave the rectification answered and not yet accepted."""
    _visit, finding = yield from rectifying(scene, organ, day)
    yield day + 10, 11.0
    answer(scene, finding, photos=True)


def rectifying_returned(scene: Scene, organ: Organ, day: int):
    """Give the organ's answer back: the finding is open again."""
    visit, finding = yield from rectifying(scene, organ, day)
    yield day + 10, 11.0
    answer(scene, finding)
    yield day + 11, 15.0
    findings.return_finding(finding, text=wording.NOT_ENOUGH, by=visit.lead)
