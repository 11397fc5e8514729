"""The lists of officials as tables of any length: the register and the files, with the filters of their pages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from creation import clock, stages
from creation.forms.register import OrganFilter
from creation.models import Assessment, Organ, Recognition, Region
from portal.reports.chunks import Progress, ids_in_pieces, in_pieces
from reviews.forms.files import SORTS, FileFilter
from reviews.models import Objection, RevocationCase

Text = Any
Asked = Mapping[str, str]
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Cells:
    """One column: its head, the field it is read from, and how the value is shown (`regions` by id at hand)."""

    head: Text
    field: str
    shown: Callable[[Any, Mapping[int, Region]], Any] = lambda value, _regions: value


@dataclass(frozen=True, slots=True)
class Told:
    """One column of a table that is made of whole rows: its head, and what it says of a row."""

    head: Text
    of: Callable[[Any], Any]


def _region(value: int, regions: Mapping[int, Region]) -> str:
    return str(regions[value])


def _region_code(value: int, regions: Mapping[int, Region]) -> str:
    return regions[value].code


def _level(value: int, regions: Mapping[int, Region]) -> str:
    return regions[value].get_kind_display()


def _category(value: str, _regions: Mapping[int, Region]) -> str:
    return str(CATEGORIES.get(value, value))


def _next(value: str, _regions: Mapping[int, Region]) -> str:
    return " / ".join(str(actor) for actor in stages.next_actors(value))


CATEGORIES = dict(Organ.Category.choices)
OF_REGION = (
    Cells(_("Region"), "region_id", _region),
    Cells(_("Region code"), "region_id", _region_code),
    Cells(_("Level"), "region_id", _level),
)
REGISTER = (
    Cells(_("Credit code"), "credit_code"),
    Cells(_("Organ"), "name"),
    Cells(_("English name"), "name_en"),
    *OF_REGION,
    Cells(_("Category"), "category", _category),
    Cells(_("Staff"), "staff"),
    Cells(_("Floor area (m²)"), "floor_area_m2"),
    Cells(_("Address"), "address"),
    Cells(_("Established on (first day)"), "established_on"),
    Cells(_("Abolished on (first day without)"), "abolished_on"),
)
FILES = (
    Cells(_("Credit code"), "organ__credit_code"),
    Cells(_("Organ"), "organ__name"),
    Cells(_("English name"), "organ__name_en"),
    *(Cells(one.head, f"organ__{one.field}", one.shown) for one in OF_REGION),
    Cells(_("Round"), "cycle__year"),
    Cells(_("Stage"), "shown_stage", lambda value, _regions: str(stages.LABELS[value])),
    Cells(_("Since"), "shown_since", lambda value, _regions: localdate(value)),
    Cells(_("Days"), "shown_since", lambda value, _regions: (clock.today() - localdate(value)).days),
    Cells(_("Who acts next"), "shown_stage", _next),
)


def _day(value, _regions: Mapping[int, Region]) -> Any:
    return value and localdate(value)


def _named(choices) -> Callable[[Any, Mapping[int, Region]], str]:
    """Return what shows a code by its name; an empty one stays empty."""
    return lambda value, _regions: str(dict(choices).get(value, value))


def _of_organ(path: str) -> tuple[Cells, ...]:
    columns = (*REGISTER[:3], *OF_REGION)
    return tuple(Cells(one.head, f"{path}__{one.field}", one.shown) for one in columns)


EXPIRING = (
    *_of_organ("organ"),
    Cells(_("Batch"), "batch"),
    Cells(_("Document number"), "document_number"),
    Cells(_("Granted on"), "granted_on"),
    Cells(_("Valid until"), "valid_until"),
)
REVOCATIONS = (
    *_of_organ("recognition__organ"),
    Cells(_("Document number"), "recognition__document_number"),
    Cells(_("Grounds"), "grounds", _named(RevocationCase.Grounds.choices)),
    Cells(_("Opened"), "opened_at", _day),
    Cells(_("The organ may answer until"), "heard_until"),
    Cells(_("Answered"), "answered_at", _day),
    Cells(_("Decided"), "decided_at", _day),
    Cells(_("Decision"), "decision", _named(RevocationCase.Decision.choices)),
)
# Neither the receipt, which opens the page of whoever objected, nor grounds, in which somebody may name himself.
OBJECTIONS = (
    *_of_organ("listing__assessment__organ"),
    Cells(_("Notice"), "listing__notice__title"),
    Cells(_("Number on the notice"), "listing__number"),
    Cells(_("Received"), "at", _day),
    Cells(_("State"), "state", _named(Objection.State.choices)),
    Cells(_("Decided"), "decided_at", _day),
)


def expiring_asked(asked: Asked, user) -> dict[str, str] | None:
    """Return nothing to narrow by; None for whoever is no official."""
    return {} if "official" in user.roles else None


def by_state(asked: Asked, user) -> dict[str, str]:
    """Return the state that a list was narrowed to; without one its page shows what is open."""
    return {"state": asked.get("state", "open")[:LONGEST]}


def expiring_rows(asked: Asked, user, progress: Progress) -> Iterator[list[Any]]:
    """Yield the titles of the page of titles that expire soon."""
    within = Recognition.objects.filter(organ__region__in=user.scope("official"))
    yield from _rows(within.expiring(clock.today()), EXPIRING, progress)


def revocation_rows(asked: Asked, user, progress: Progress) -> Iterator[list[Any]]:
    """Yield the cases of the page of cases about titles."""
    found = RevocationCase.objects.visible_to(user)
    if asked["state"] in {"open", "decided"}:
        found = found.filter(decided_at__isnull=asked["state"] == "open")
    yield from _rows(found.order_by("-opened_at", "-pk"), REVOCATIONS, progress)


def objection_rows(asked: Asked, user, progress: Progress) -> Iterator[list[Any]]:
    """Yield the objections of the page of objections; nothing in it tells who objected."""
    found = Objection.objects.visible_to(user)
    if asked["state"] in Objection.State.values:
        found = found.filter(state=asked["state"])
    yield from _rows(found.order_by("at", "pk"), OBJECTIONS, progress)


def kept(fields, asked: Asked) -> dict[str, str]:
    """Return what was asked for of these fields, so far as it says anything."""
    return {name: asked[name][:LONGEST] for name in fields if asked.get(name)}


def register_asked(asked: Asked, user) -> dict[str, str]:
    """Return the filters of the register that were asked for."""
    return kept(OrganFilter.base_fields, asked)


def files_asked(asked: Asked, user) -> dict[str, str]:
    """Return the filters and the order of the files that were asked for."""
    return kept([*FileFilter.base_fields, "sort"], asked)


def register_rows(asked: Asked, user, progress: Progress) -> Iterator[list[Any]]:
    """Yield the organs of the page of the register, all of them, as rows of cells."""
    found = OrganFilter(asked, user=user).narrow(Organ.objects.visible_to(user))
    yield from _rows(found.order_by("region__position", "credit_code"), REGISTER, progress)


def files_rows(asked: Asked, user, progress: Progress) -> Iterator[list[Any]]:
    """Yield the files of the page of files, all of them, as rows of cells."""
    files = FileFilter(asked, user=user).narrow(Assessment.objects.visible_to(user).shown_to(user))
    order = SORTS.get(asked.get("sort", ""), SORTS["register"])
    yield from _rows(files.order_by(*order), FILES, progress)


def heads(columns: tuple[Cells | Told, ...]) -> list[str]:
    """Return the heads of the columns in the language of the moment."""
    return [str(one.head) for one in columns]


def whole_rows(
    found, columns: tuple[Told, ...], progress: Progress, known: Callable[[list[Any]], Any] = list
) -> Iterator[list[Any]]:
    """Yield ordered rows as cells, piece by piece; `known` adds to a piece's rows what the page adds to its own."""
    for wanted in ids_in_pieces(found, progress):
        by_id = {row.pk: row for row in known(list(found.order_by().filter(pk__in=wanted)))}
        for pk in wanted:
            if pk in by_id:  # else it is gone by now
                yield [column.of(by_id[pk]) for column in columns]


def _rows(found, columns: tuple[Cells, ...], progress: Progress) -> Iterator[list[Any]]:
    regions = {region.pk: region for region in Region.objects.all()}
    fields = tuple(dict.fromkeys(one.field for one in columns))
    places = [(fields.index(one.field) + 1, one.shown) for one in columns]
    for piece in in_pieces(found, fields, progress):
        for row in piece:
            yield [shown(row[place], regions) for place, shown in places]


@dataclass(frozen=True, slots=True)
class List:
    """A list of officials: its name, what of its address narrows it, its rows and its columns."""

    slug: str
    label: Text
    asked: Callable[[Asked, Any], dict[str, str] | None]
    rows: Callable[[Asked, Any, Progress], Iterator[list[Any]]]
    columns: tuple[Cells | Told, ...]
    about: Callable[[Asked], str] | None = None  # what was asked for, in words, where its values alone do not say it


LISTS = (
    List("register", _("Register"), register_asked, register_rows, REGISTER),
    List("files", _("Files"), files_asked, files_rows, FILES),
    List("expiring", _("Titles that expire soon"), expiring_asked, expiring_rows, EXPIRING),
    List("revocations", _("Cases about titles"), by_state, revocation_rows, REVOCATIONS),
    List("objections", _("Objections"), by_state, objection_rows, OBJECTIONS),
)
