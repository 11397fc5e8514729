"""What was rated more than once in a round, read for the deviations: by item, by district, by inspector.

Only filed visits count, and only files on which the reader has no visit of their own to file: who still rates blind
sees nobody's points, in no sum either.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from creation import scoring
from creation.models import Answer, Cycle, Indicator, Region, User
from reviews.deviations import Pair, Summary, summarise, verdict_on
from reviews.models import Inspection, Rating, TeamMember

INSPECTION, SPOT_CHECK, SELF = "inspection", "spot_check", "self"
Text = str | Promise
# the two deviations of the domain: the later rater, the earlier one, what the deviation is called
PAIRS: tuple[tuple[str, str, Text], ...] = (
    (INSPECTION, SELF, _("Inspection − self-rating")),
    (SPOT_CHECK, INSPECTION, _("Spot check − inspection")),
)
# per person: whose team (the kind of visit), and the two ratings that are compared
OF_PEOPLE: tuple[tuple[str, str, str, Text], ...] = (
    (INSPECTION, INSPECTION, SELF, _("Inspectors: their inspection − self-rating")),
    (INSPECTION, SPOT_CHECK, INSPECTION, _("Inspectors: spot check − their inspection")),
    (SPOT_CHECK, SPOT_CHECK, INSPECTION, _("Spot checkers: their spot check − inspection")),
)


@dataclass(frozen=True, slots=True)
class Rated:
    """One rating of a file: the total as shown, the verdict, the points of each item that has any of its own."""

    total: Decimal
    passed: bool
    points: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class File:
    """A file with its ratings and the ids of its visits by rater, the region of its organ and the one above."""

    region: int
    superior: int | None
    ratings: Mapping[str, Rated]
    visits: Mapping[str, int]

    def department(self, kind: str) -> int | None:
        """Return the region of the department whose team makes visits of this kind."""
        return self.superior if kind == SPOT_CHECK else self.region


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its short name, its name, and the summary of its pairs."""

    code: str
    label: Text
    summary: Summary


@dataclass(frozen=True, slots=True)
class Table:
    """The lines about one deviation; lines without a pair are not in it."""

    title: Text
    lines: list[Line]
    total: Summary | None = None


def rounds_of(user: User) -> QuerySet[Cycle]:
    """Return the rounds in which a visit in the official's regions has been filed, the newest first."""
    filed = Inspection.objects.filter(
        filed_at__isnull=False, assessment__organ__region__in=user.scope("official")
    ).order_by()
    return (
        Cycle.objects.filter(pk__in=filed.values("assessment__cycle"))
        .select_related("region", "standard")
        .order_by("-year", "-pk")
    )


def files_of(cycle: Cycle, indicators: list[Indicator], user: User) -> list[File]:
    """Return the files of a round in the official's regions that were visited, with all their ratings; 3 statements."""
    blind = user.visits.filter(inspection__filed_at__isnull=True).values("inspection__assessment")
    visits = list(
        Inspection.objects.filter(
            assessment__cycle=cycle, filed_at__isnull=False, assessment__organ__region__in=user.scope("official")
        )
        .exclude(assessment__in=blind)
        .order_by("assessment", "pk")
        .values_list(
            "pk", "kind", "assessment", "total", "passed",
            "assessment__organ__region", "assessment__organ__region__parent",
        )
    )  # fmt: skip
    standard, items = cycle.standard, {one.pk: one for one in indicators}
    rulebook = scoring.Rulebook(
        tuple(one.as_item() for one in indicators), standard.pass_mark, standard.full_points, standard.bonus_cap
    )
    given = _points(Rating.objects.filter(inspection__in=[visit[0] for visit in visits]), "inspection", items)
    own, found = _answers(sorted({visit[2] for visit in visits}), items)
    ratings: dict[int, dict[str, Rated]] = {}
    places: dict[int, tuple[int, int | None]] = {}
    ids: dict[int, dict[str, int]] = {}
    for pk, kind, file, total, passed, region, superior in visits:
        if file not in ratings:
            result = scoring.rate(rulebook, found.get(file, {}))
            ratings[file] = {SELF: Rated(result.total_shown, result.passed, own.get(file, {}))}
            places[file], ids[file] = (region, superior), {}
        ratings[file][kind] = Rated(total, passed, given.get(pk, {}))
        ids[file][kind] = pk
    return [File(*places[file], ratings[file], ids[file]) for file in ratings]


def _points(rows: QuerySet, of: str, items: Mapping[int, Indicator]) -> dict[int, dict[int, Decimal]]:
    points: dict[int, dict[int, Decimal]] = {}
    for owner, item, worth, left_out in rows.order_by().values_list(of, "indicator", "points", "not_applicable"):
        if _counts(items[item], worth, left_out=left_out):
            points.setdefault(owner, {})[item] = worth
    return points


def _answers(files: list[int], items: Mapping[int, Indicator]):
    """Return the organs' own points, and what they found as the scoring function takes it, by file."""
    points: dict[int, dict[int, Decimal]] = {}
    found: dict[int, dict[str, scoring.Found]] = {}
    rows = Answer.objects.filter(assessment__in=files).order_by()
    for file, item, value, left_out, worth in rows.values_list(
        "assessment", "indicator", "found", "not_applicable", "points"
    ):
        found.setdefault(file, {})[items[item].code] = scoring.Found(value, left_out)
        if _counts(items[item], worth, left_out=left_out):
            points.setdefault(file, {})[item] = worth
    return points, found


def _counts(item: Indicator, worth: Decimal | None, *, left_out: bool) -> bool:
    """Tell whether the item has points of its own: neither unrated nor left out of the base."""
    return worth is not None and not (left_out and item.not_applicable == Indicator.NotApplicable.RESCALE)


def _whole(file: File, later: str, earlier: str) -> Iterable[Pair]:
    """Return the pair of the totals, if both ratings are there; the verdict is whether the file passes."""
    if later in file.ratings and earlier in file.ratings:
        after, before = file.ratings[later], file.ratings[earlier]
        yield Pair(before.total, after.total, before.passed != after.passed)


def by_indicator(files: list[File], indicators: list[Indicator]) -> list[Table]:
    """Return for each deviation its lines by item, in the order of the standard; a verdict is full, part or none."""

    def pairs(item: Indicator, later: str, earlier: str) -> Iterable[Pair]:
        for file in files:
            after = file.ratings[later].points.get(item.pk) if later in file.ratings else None
            before = file.ratings[earlier].points.get(item.pk) if earlier in file.ratings else None
            if after is not None and before is not None:
                changed = verdict_on(before, item.points) != verdict_on(after, item.points)
                yield Pair(before, after, changed)

    return [
        Table(
            title,
            _lines((one.code, str(one), summarise(pairs(one, later, earlier))) for one in indicators),
        )
        for later, earlier, title in PAIRS
    ]


def by_district(files: list[File], regions: Iterable[Region]) -> list[Table]:
    """Return for each deviation of the totals its lines by the organs' region, in register order, with their sum."""
    return [
        Table(
            title,
            _lines(
                (one.code, str(one), _of(files, later, earlier, lambda file, one=one: file.region == one.pk))
                for one in regions
            ),
            _of(files, later, earlier),
        )
        for later, earlier, title in PAIRS
    ]


def by_inspector(files: list[File], departments: Iterable[int]) -> list[Table]:
    """Return for each deviation of the totals its lines by person, of visits of these departments' teams alone.

    A visit counts for everybody on its team. `departments` are the regions in which the reader leads.
    """
    led = set(departments)
    visits = {pk for file in files for kind, pk in file.visits.items() if file.department(kind) in led}
    teams: dict[int, set[int]] = {}
    people: dict[int, User] = {}
    for member in TeamMember.objects.filter(inspection__in=visits).select_related("user"):
        teams.setdefault(member.user_id, set()).add(member.inspection_id)
        people[member.user_id] = member.user
    named = sorted(people.values(), key=lambda person: person.username)
    return [
        Table(
            title,
            _lines(
                (
                    one.username,
                    str(one),
                    _of(files, later, earlier, lambda file, mine=teams[one.pk], of=of: file.visits.get(of) in mine),
                )
                for one in named
            ),
        )
        for of, later, earlier, title in OF_PEOPLE
    ]


def _of(files: list[File], later: str, earlier: str, which: Callable[[File], bool] = lambda _file: True) -> Summary:
    return summarise(pair for file in files if which(file) for pair in _whole(file, later, earlier))


def _lines(found: Iterable[tuple[str, Text, Summary]]) -> list[Line]:
    return [Line(code, label, summary) for code, label, summary in found if summary.n]
