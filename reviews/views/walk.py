"""A visit as its pages show it: the items in the order of the walk, how far the team has come, what it gives so far."""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import clock, scoring, stages
from creation.forms.ratings import found_text, plain
from creation.models import Appointment, Indicator, User
from creation.together import is_read
from reviews.actions.inspections import RATING_STAGE
from reviews.models import Finding, FindingStep, Inspection, Rating, VisitPhoto

ON_SITE = "site"


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator on a visit: what the team found, and the problems it recorded there."""

    indicator: Indicator
    rating: Rating | None
    findings: list[Finding]
    photos: list[VisitPhoto]

    @property
    def on_site(self) -> bool:
        """Tell whether it is decided by looking at the place."""
        return ON_SITE in self.indicator.check_by

    @property
    def is_rated(self) -> bool:
        """Tell whether something was found or the indicator marked not applicable."""
        return self.rating is not None and (self.rating.not_applicable or self.rating.found is not None)

    @property
    def cannot_check(self) -> str:
        """Return why the item cannot be checked so far, empty where it can."""
        return self.rating.cannot_check if self.rating else ""

    @property
    def standing(self) -> str:
        """Return in words how the item stands; a colour only ever repeats them."""
        if self.cannot_check:
            return _("cannot be checked so far")
        if not self.is_rated:
            return _("not rated")
        if self.rating.not_applicable:
            return _("not applicable")
        if self.rating.points == self.indicator.points:
            return _("meets")
        return _("partly") if self.rating.points else _("does not meet")

    @property
    def first_text(self) -> str:
        """Return in words what stood here before the comparison, empty where nothing was changed or stood here."""
        row = self.rating
        if row is None or row.changed_at is None:
            return ""
        return found_text(
            self.indicator, SimpleNamespace(found=row.first_found, not_applicable=row.first_not_applicable)
        )

    @property
    def found_text(self) -> str:
        """Return in words what the team found."""
        return found_text(self.indicator, self.rating)

    @property
    def points_text(self) -> str:
        """Return points and full points, such as 1.5 / 3."""
        points = "–" if self.rating is None or self.rating.points is None else plain(self.rating.points)
        return f"{points} / {plain(self.indicator.points)}"


class Walk:
    """A visit's items: those decided on site first, then the others, each in the order of the standard.

    `visit` brings file, round and the standard's indicators with it; ratings, findings, vetoes and photos are a
    statement each, and the people who act on findings two more where there are any.
    """

    def __init__(self, visit: Inspection):
        self.visit = visit
        self.standard = visit.assessment.cycle.standard
        ratings = {rating.indicator_id: rating for rating in visit.ratings.select_related("saved_by", "changed_by")}
        self.findings = list(visit.findings.select_related("indicator").prefetch_related("steps"))
        for finding in self.findings:
            finding.inspection = visit
        self.vetoes = list(visit.vetoes.select_related("by"))
        by_indicator: dict[int, list[Finding]] = {}
        for finding in self.findings:
            by_indicator.setdefault(finding.indicator_id, []).append(finding)
        photos: dict[int | None, list[VisitPhoto]] = {}
        for photo in visit.photos.select_related("evidence", "by"):
            photos.setdefault(photo.indicator_id, []).append(photo)
        self.loose_photos = photos.get(None, [])
        name_next(self.findings, visit)
        self.items = [
            Item(
                indicator,
                ratings.get(indicator.pk),
                by_indicator.get(indicator.pk, []),
                photos.get(indicator.pk, []),
            )
            for indicator in self.standard.indicators.all()
        ]
        self.items.sort(key=lambda item: (not item.on_site, item.indicator.position))

    def item(self, code: str) -> Item | None:
        """Return the item of one indicator, None for a code that the standard does not have."""
        return next((item for item in self.items if item.indicator.code == code), None)

    def neighbours(self, code: str) -> tuple[Item | None, Item | None]:
        """Return the items before and after `code` in the order of the walk, None at either end."""
        place = next(at for at, item in enumerate(self.items) if item.indicator.code == code)
        after = self.items[place + 1] if place + 1 < len(self.items) else None
        return (self.items[place - 1] if place else None, after)

    def place(self, code: str) -> int:
        """Return the item's number in the order of the walk, from 1."""
        return 1 + next(at for at, item in enumerate(self.items) if item.indicator.code == code)

    @property
    def sections(self) -> list[tuple[str, list[Item]]]:
        """Return the items to look at on site, and the others."""
        return [
            (_("To look at on site"), [item for item in self.items if item.on_site]),
            (_("From documents, data and questionnaires"), [item for item in self.items if not item.on_site]),
        ]

    @property
    def base(self) -> list[Item]:
        """Return the items without bonus, those that have to be rated."""
        return [item for item in self.items if not item.indicator.bonus]

    @property
    def rated(self) -> int:
        """Return how many items of the base are rated."""
        return sum(item.is_rated for item in self.base)

    @property
    def missing(self) -> list[Item]:
        """Return the items of the base that are not rated yet."""
        return [item for item in self.base if not item.is_rated]

    @property
    def blocked(self) -> list[Item]:
        """Return the items of the base that could not be checked so far, each with its reason."""
        return [item for item in self.missing if item.cannot_check]

    @property
    def open_findings(self) -> list[Finding]:
        """Return the findings that have not been accepted."""
        return [finding for finding in self.findings if finding.state != Finding.State.ACCEPTED]

    @property
    def can_rate(self) -> bool:
        """Tell whether ratings can be recorded now, as the verbs see it."""
        return not self.visit.is_filed and self.visit.assessment.stage == RATING_STAGE[self.visit.kind]

    @cached_property
    def result(self) -> scoring.Result:
        """Return points, total and verdict of what is saved, by the visit's own ratings and vetoes."""
        found = {item.indicator.code: item.rating.found_value() for item in self.items if item.rating}
        return scoring.rate(self.standard.rulebook(), found, sorted({veto.kind for veto in self.vetoes}))

    @property
    def unmet_gates(self) -> list[Indicator]:
        """Return the gates that are not met, in the order of the standard."""
        return [i for i in self.standard.indicators.all() if i.code in self.result.unmet_gates]

    def headline(self, *, with_points: bool) -> str:
        """Return the one line that stands on every page of the visit: filed or not, items, points, findings."""
        filed = _("Filed") if self.visit.is_filed else _("Not filed")
        rated = ngettext("%(rated)s of %(of)s item rated", "%(rated)s of %(of)s items rated", len(self.base))
        parts = [filed, rated % {"rated": self.rated, "of": len(self.base)}]
        if with_points:
            points = _("%(points)s points") if self.visit.is_filed else _("%(points)s points so far")
            parts.append(points % {"points": plain(self.result.total_shown)})
            if self.result.unmet_gates or self.result.vetoes:
                parts.append(_("cannot pass"))
        if self.open_findings:
            number = len(self.open_findings)
            parts.append(ngettext("%(number)s open finding", "%(number)s open findings", number) % {"number": number})
        return " · ".join(parts)


def name_next(findings: list[Finding], visit: Inspection, posts: list[Appointment] | None = None) -> None:
    """Write into each finding who acts next (`next_people`): the organ's clerks, or those of the team who may judge.

    `posts` are the clerks' posts where a page has read them all, whenever they hold.
    """
    if not findings:
        return
    clerks = join_names(clerks_of(visit) if posts is None else clerks_among(posts, visit))
    members = visit.members.all() if is_read(visit, "members") else visit.members.select_related("user")
    team = [member.user for member in members]
    for finding in findings:
        finding.next_people = ""
        if visit.is_filed:
            continue
        if finding.state == Finding.State.OPEN:
            finding.next_people = clerks
        elif finding.state == Finding.State.ANSWERED:
            answered = [step for step in finding.steps.all() if step.what == FindingStep.What.ANSWERED]
            by = answered[-1].by_id if answered else None
            finding.next_people = join_names(user for user in team if user.pk != by)


def join_names(people) -> str:
    """Return names as one text, as the reader's language joins them."""
    return _(", ").join(str(person) for person in people)


def clerks_of(visit: Inspection):
    """Return the organ's clerks on the day of the visit, or today when that is past: whom the team turns to."""
    day = max(visit.visit_on, clock.today())
    clerks = Appointment.objects.on(day).filter(organ=visit.assessment.organ_id, role="clerk")
    return User.objects.filter(pk__in=clerks.values("user_id"), is_active=True)


def clerks_among(posts: list[Appointment], visit: Inspection) -> list[User]:
    """Return of these posts as clerk the people whom `clerks_of` names."""
    day = max(visit.visit_on, clock.today())
    held = {post.user for post in posts if post.starts_on <= day and (post.ends_on is None or post.ends_on >= day)}
    return sorted(held, key=lambda user: user.username)


def earlier_findings(visit: Inspection):
    """Return what was found at the organ in other rounds, the newest first."""
    found = Finding.objects.filter(inspection__assessment__organ=visit.assessment.organ_id)
    return (
        found.exclude(inspection__assessment=visit.assessment_id)
        .select_related("indicator", "inspection__assessment__cycle")
        .order_by("-raised_at", "-pk")
    )


def next_step(visit: Inspection, *, missing: int, answered: int) -> str:
    """Return in words what the team does next on a visit: `missing` items to rate, `answered` findings to judge."""
    if visit.is_filed:
        return _("Filed: passed") if visit.passed else _("Filed: not met")
    if visit.assessment.stage == stages.RECTIFYING:
        if answered:
            return _("Judge the organ's answers")
        return _("Wait for the organ's answers")
    if missing:
        return _("Rate the items")
    return _("Check and file")
