"""A number that explains itself: what is counted, what is not and why, and the organs or titles behind a figure."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import stages
from creation.models import Organ, Recognition, Region, User
from portal.dashboard import work
from portal.dashboard.places import Place
from portal.dashboard.words import ORGANS_OF
from reviews import corrections, counted, rates
from reviews.counted import NOT_COUNTED, ORGANS, OTHER_LEVELS, TITLES, Parts, Scope
from reviews.rates import Counts, TargetState

A_PAGE = 25
OTHER_NAMES = {
    "register": gettext_lazy("On the register on this day"),
    "missing": gettext_lazy("Without a title"),
    "not_counted": gettext_lazy("Not counted on this day"),
    "entered": gettext_lazy("Ever entered for this region"),
    "titles": gettext_lazy("Titles ever entered"),
}
NAMES = OTHER_NAMES | {part: name for part, (name, _why) in (ORGANS | TITLES).items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sum: the figure's key, its name, why it counts or not, its number; a sum stands out."""

    figure: str
    name: object
    why: object
    number: int
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: level, day, region narrowed to (None: all), figure that is opened, words sought."""

    level: str
    day: date
    within: Region | None = None
    figure: str = ""
    text: str = ""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a target asks for, so that anybody can do the sum again: percent of the register, rounded up to organs."""

    state: TargetState
    needed: int


@dataclass(frozen=True, slots=True)
class Counted:
    """Both sums of one rate with what its targets need, what was entered late, and the list behind a figure."""

    counts: Counts
    organs: list[Line]
    titles: list[Line]
    needs: list[Need]
    late: Page | None
    late_titles: corrections.LateTitles | None
    opened: Line | None
    shows_names: bool
    found: Page | None


def read(place: Place, asked: Asked, *, today: date, user: User) -> Counted:
    """Return what a place and level count on a day; names only where the reader sees the register."""
    scope = scope_of(place, asked)
    parts = counted.parts_of(scope)
    numbers = Counts(*(parts.of(part) for part in counted.COUNTED))
    lines = organ_lines(parts)
    titles = title_lines(parts)
    opened = next((line for line in [*lines, *titles] if line.figure == asked.figure), None)
    opened = opened or _opened(asked.figure, parts)
    region, is_past = scope.region, asked.day < today
    return Counted(
        counts=numbers,
        organs=lines,
        titles=titles,
        needs=_needs(place, scope, numbers),
        late=_late(region, asked) if is_past and place.is_open else None,
        late_titles=corrections.of_titles(region, asked.level, asked.day) if is_past else None,
        opened=opened,
        shows_names=place.is_open,
        found=_found(scope, asked, opened.number, user) if opened and place.is_open else None,
    )


SAID = {
    corrections.CORRECTED: gettext_lazy("Corrected"),
    corrections.ENTERED: gettext_lazy("Put on the register"),
    corrections.CLOSED: gettext_lazy("Organ closed"),
}


def _late(region: Region, asked: Asked) -> Page:
    """Return the newest changes of the register that changed the day's numbers, each with what happened to whom."""
    page = Paginator(corrections.of_register(region, asked.level, asked.day).select_related("by"), A_PAGE).get_page(1)
    organs = Organ.objects.in_bulk({event.subject_id for event in page.object_list})
    for event in page.object_list:
        event.said, event.named = SAID[event.what], organs[event.subject_id]
    return page


def scope_of(place: Place, asked: Asked) -> Scope:
    """Return what is counted: the place, one of the regions below it, or the organs of the place's own region alone."""
    region = asked.within or place.region
    return Scope(region, asked.level, asked.day, alone=asked.within == place.region)


def organ_lines(parts: Parts) -> list[Line]:
    """Return the sum of organs: what counts, what does not, and what counts at its own level; idle parts left out."""
    register = [_line(part, parts) for part in counted.COUNTED]
    absent = [_line(part, parts) for part in NOT_COUNTED if parts.of(part)]
    elsewhere = [_line(part, parts) for part in OTHER_LEVELS if parts.of(part)]
    return [*register, _sum("register", parts), *absent, _sum("not_counted", parts), *elsewhere, _sum("entered", parts)]


def title_lines(parts: Parts) -> list[Line]:
    """Return the sum of titles: those that count and those that do not, and why; idle parts left out."""
    lines = [_line(part, parts) for part in TITLES if parts.of(part) or part == "title_counts"]
    return [*lines, _sum("titles", parts)]


def _line(part: str, parts: Parts) -> Line:
    name, why = (ORGANS | TITLES)[part]
    return Line(part, name, why, parts.of(part))


def _sum(figure: str, parts: Parts) -> Line:
    return Line(figure, OTHER_NAMES[figure], "", parts.of(figure), is_sum=True)


def _opened(figure: str, parts: Parts) -> Line | None:
    return Line(figure, NAMES[figure], "", parts.of(figure)) if figure in counted.FIGURES else None


def _needs(place: Place, scope: Scope, numbers: Counts) -> list[Need]:
    path = place.path if scope.region == place.region else [scope.region.pk, *place.path]
    targets = rates.targets_for(path, scope.level, rates.targets_on(scope.day))
    states = rates.target_states(numbers, targets)
    return [Need(state, rates.missing(0, numbers.organs, state.percent)) for state in states]


def rows_of(scope: Scope, asked: Asked) -> QuerySet[Any]:
    """Return the organs or titles behind the figure asked for, in register order, with the words sought."""
    of_titles = counted.is_of_titles(asked.figure)
    rows = counted.titles_of(scope, asked.figure) if of_titles else counted.organs_of(scope, asked.figure)
    if asked.text:
        path = "organ__" if of_titles else ""
        fields = ("name", "name_en", "credit_code")
        sought = Q()
        for field in fields:
            sought |= Q(**{f"{path}{field}__icontains": asked.text})
        rows = rows.filter(sought)
    return rows


def _found(scope: Scope, asked: Asked, number: int, user: User) -> Page:
    """Return a page of the organs or titles behind the opened figure, each with its `reason` in words."""
    rows = rows_of(scope, asked)
    paginator = Paginator(rows, A_PAGE)
    if not asked.text:
        paginator.count = number  # known from the sum, so that nothing is counted a second time
    page = paginator.get_page(asked.page)
    page.object_list = [explained(row, user) for row in page.object_list]
    return page


@dataclass(frozen=True, slots=True)
class Found:
    """One row of the list: the organ, why it stands here, since when, and its newest file where that is the reason."""

    organ: Organ
    part: object
    reason: str
    since: object = None
    file: int | None = None
    look: str | None = None


def explained(row: Organ | Recognition, user: User) -> Found:
    """Return an organ or title of `counted.organs_of` or `titles_of` with its reason in words."""
    return _of_title(row) if isinstance(row, Recognition) else _of_organ(row, user)


def _of_organ(organ: Organ, user: User) -> Found:
    name = ORGANS[organ.part][0]
    if organ.part == "recognised":
        return Found(organ, name, organ.document, organ.granted)
    if organ.part in counted.WITHOUT_TITLE:
        work.with_stage(organ, user)
        return Found(organ, name, organ.stage_label or _("No file yet"), organ.since, organ.file, organ.stage_look)
    if organ.part in {"merged", "split"}:
        return Found(organ, name, _("now %(successor)s") % {"successor": organ.successor}, organ.abolished_on)
    if organ.part == "not_yet":
        return Found(organ, name, _("first day"), organ.established_on)
    if organ.part == "closed":
        return Found(organ, name, _("first day without it"), organ.abolished_on)
    return Found(organ, name, str(ORGANS_OF[organ.region.kind]), organ.established_on)


ENDED = {
    "title_revoked": lambda title: title.revoked_on,
    "title_replaced": lambda title: title.replaced_on,
    "title_expired": lambda title: title.valid_until,
    "title_left": lambda title: title.organ.abolished_on,
}


def _of_title(title: Recognition) -> Found:
    said = _("%(document)s, granted %(day)s") % {
        "document": title.document_number,
        "day": title.granted_on.isoformat(),
    }
    ended = ENDED.get(title.part, lambda one: one.granted_on)(title)
    return Found(title.organ, TITLES[title.part][0], said, ended, look=stages.RECOGNISED)
