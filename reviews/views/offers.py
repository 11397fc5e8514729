"""What a person is offered on a file now: the steps they may take, each with the page where it is taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creation import stages
from creation.models import Assessment, User
from creation.rules import may
from reviews.models import Finding, Inspection
from reviews.views.file_reading import Reading


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: where it leads and what it is called. `rank` is main, other or danger."""

    url: str
    label: str | Promise
    rank: str = "main"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who looks at which file, with all that this person may see of it."""

    user: User
    read: Reading

    @property
    def file(self) -> Assessment:
        """Return the file."""
        return self.read.file

    @property
    def visits(self) -> list[Inspection]:
        """Return the visits that the person may see."""
        return self.read.visits

    @property
    def findings(self) -> list[Finding]:
        """Return the findings that the person may see."""
        return self.read.findings

    def visit(self, kind: str) -> Inspection | None:
        """Return the visit of a kind that has not been filed, if there is one to see."""
        return next((visit for visit in self.visits if visit.kind == kind and not visit.is_filed), None)

    def finding(self, state: str) -> Finding | None:
        """Return the first finding in a state, of a visit that has not been filed."""
        unfiled = {visit.pk for visit in self.visits if not visit.is_filed}
        return next((one for one in self.findings if one.state == state and one.inspection_id in unfiled), None)


PageOfStep = Callable[[Scene, stages.Step], Iterator[Offer]]


def offers(scene: Scene) -> list[Offer]:
    """Return what the person may do with the file now, the main thing first, each page once."""
    ranked = sorted(_all(scene), key=lambda offer: ("main", "other", "danger").index(offer.rank))
    found: dict[str, Offer] = {}
    for offer in ranked:
        found.setdefault(offer.url, offer)
    return list(found.values())


def _all(scene: Scene) -> Iterator[Offer]:
    file, user = scene.file, scene.user
    if file.is_editable and may(user, "file.answer", file):
        yield Offer(reverse("self_rating_detail", args=[file.pk]), _("Go on with the self-rating"))
    waiting = scene.finding(Finding.State.OPEN)
    if waiting and may(user, "finding.answer", waiting):
        yield Offer(reverse("finding_detail", args=[waiting.pk]), _("Answer the findings"))
    if heard := scene.read.heard:
        yield Offer(reverse("visit_state", args=[heard.pk]), _("Say something to the spot check"), "other")
    for kind in ("inspection", "spot_check"):
        visit = scene.visit(kind)
        if visit and may(user, "inspection.rate", visit):
            yield Offer(reverse("inspection_detail", args=[visit.pk]), _("Open the visit"))
    for step in stages.steps_from(file.stage_for(user)):
        yield from _PAGE_OF_STEP[step.name](scene, step)


def _on_file(view: str, permission: str, rank: str = "main", label: str | Promise = "") -> PageOfStep:
    def offer(scene: Scene, step: stages.Step) -> Iterator[Offer]:
        if may(scene.user, permission, scene.file):
            yield Offer(reverse(view, args=[scene.file.pk]), label or step.label, rank)

    return offer


def _withdraw(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    if may(scene.user, "file.withdraw", scene.file):
        url = reverse("self_rating_check", args=[scene.file.pk])
        yield Offer(f"{url}#withdraw", step.label, "danger")


def _rectify(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    visit = scene.visit("inspection")
    if visit and scene.finding(Finding.State.OPEN) and may(scene.user, "inspection.file", visit):
        yield Offer(reverse("inspection_rectify", args=[visit.pk]), step.label, "other")


def _accept(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    answered = scene.finding(Finding.State.ANSWERED)
    if answered and may(scene.user, "finding.accept", answered):
        yield Offer(reverse("finding_detail", args=[answered.pk]), step.label)


def _file_visit(kind: str) -> PageOfStep:
    def offer(scene: Scene, step: stages.Step) -> Iterator[Offer]:
        visit = scene.visit(kind)
        if visit and may(scene.user, "inspection.file", visit):
            label = _("Check and file the inspection") if kind == "inspection" else _("Check and file the spot check")
            yield Offer(reverse("inspection_file", args=[visit.pk]), label, "other")

    return offer


def _spot_check(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    yield from _file_visit("spot_check")(scene, step)
    if not scene.read.has_spot_check:
        yield from _ASSIGN_SPOT_CHECK(scene, step)
        yield from _RECORD_LETTER(scene, step)


def _draw(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    if may(scene.user, "spot_check.assign", scene.file) or may(scene.user, "spot_check.record_letter", scene.file):
        yield Offer(reverse("draw_list"), _("Go to the draws"))


def _nothing(_scene: Scene, _step: stages.Step) -> Iterator[Offer]:
    """Nobody chooses whom the order of a draw names next; the pool's page draws one more."""
    yield from ()


def _replace(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    member = scene.read.replaceable
    if member and may(scene.user, "spot_check.assign", scene.file):
        yield Offer(reverse("pool_replace", args=[member.pool_id, member.pk]), _("Replace in the sample"), "other")


def _publicise(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    if may(scene.user, "notice.manage", scene.file.cycle):
        yield Offer(reverse("notice_manage"), step.label)


def _uphold(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    objection = scene.read.objection
    if objection:
        objection.listing.assessment = scene.file
    if objection and may(scene.user, "objection.decide", objection):
        yield Offer(reverse("objection_detail", args=[objection.pk]), _("Decide the objection"))
    elif objection and may(scene.user, "objection.answer", objection):
        yield Offer(reverse("objection_detail", args=[objection.pk]), _("Answer the objection"))


def _recognise(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    if may(scene.user, "notice.manage", scene.file.cycle):
        yield Offer(reverse("recognition_grant", args=[scene.file.pk]), step.label)


def _revoke(scene: Scene, step: stages.Step) -> Iterator[Offer]:
    recognition = scene.read.recognition
    if recognition and may(scene.user, "recognition.revoke", recognition):
        yield Offer(reverse("recognition_revoke", args=[recognition.pk]), step.label, "danger")


# the file's stage stays while a spot check is assigned, so no step of the table has the name
_ASSIGN_SPOT_CHECK = _on_file("spot_check_assign", "spot_check.assign", label=_("Assign the spot check"))
_RECORD_LETTER = _on_file(
    "spot_check_record_letter", "spot_check.record_letter", label=_("Record the superior's letter")
)
_PAGE_OF_STEP: dict[str, PageOfStep] = {
    "prepare": _on_file("self_rating_check", "file.prepare", "other"),
    "reopen": _on_file("self_rating_check", "file.reopen", "other"),
    "submit": _on_file("self_rating_check", "file.submit"),
    "withdraw": _withdraw,
    "send_back": _on_file("file_send_back", "file.send_back", "other"),
    "assign": _on_file("file_assign", "file.assign"),
    "require_rectification": _rectify,
    "rectified": _accept,
    "pass": _file_visit("inspection"),
    "fail": _file_visit("inspection"),
    "sample": _draw,
    "clear": _draw,
    "draw_in": _nothing,
    "excuse": _replace,
    "confirm": _spot_check,
    "overturn": _spot_check,
    "publicise": _publicise,
    "uphold_objection": _uphold,
    "recognise": _recognise,
    "revoke": _revoke,
}
