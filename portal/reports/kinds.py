"""The reports the portal knows, as one table: what may be asked of each, who may have it, and what writes it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, stages
from creation.errors import Refused
from creation.forms.people import PeopleFilter
from creation.models import Appointment, Organ, Region
from creation.spreadsheets import csv_to, workbook_to
from portal.dashboard import ahead, counted, figures, places, reading, since, tables
from portal.dashboard.forms import ChangesForm, levels_below
from portal.dashboard.words import ORGANS_OF
from portal.reports import lists, paper, state_columns, word, work_lists
from portal.reports.chunks import Progress, ids_in_pieces
from portal.reports.mapping import BadMapping
from portal.reports.region import document_of
from reviews import rates
from reviews.counted import FIGURES
from reviews.models import Objection

Text = Any
Asked = Mapping[str, str]
Names = Mapping[str, Region]
DOCX, PDF, XLSX, CSV = "docx", "pdf", "xlsx", "csv"
MOST_ROWS = 1_048_576  # of a sheet, its head among them


@dataclass(frozen=True, slots=True)
class Order:
    """What a writer is to write: what was asked, for whom (with today's rights), in which form and where to."""

    asked: Asked
    user: Any
    format: str
    to: Path
    progress: Progress


@dataclass(frozen=True, slots=True)
class Kind:
    """One report. `clean` returns what is asked in its one form, None outside what the person may have."""

    slug: str
    label: Text
    formats: tuple[str, ...]
    clean: Callable[[Asked, Any], dict[str, str] | None]
    about: Callable[[Asked, Names], str]  # what it is about, in words; the regions come by their codes
    write: Callable[[Order], None]


def _posted(clean: Callable[[Asked, Any], dict[str, str] | None]) -> Callable[[Asked, Any], dict[str, str] | None]:
    """Return `clean` for people who hold a post; nobody else has a list of anything."""
    return lambda asked, user: clean(asked, user) if user.posts else None


# --- a region's page -------------------------------------------------------------------------------------------------


def _region_asked(asked: Asked, user) -> dict[str, str] | None:
    place, day = places.find(asked.get("region", ""), user), _day(asked)
    return {"region": place.region.code, "as_of": day.isoformat()} if place and day else None


def _open_region_asked(asked: Asked, user) -> dict[str, str] | None:
    """Names of organs are for those who see the register there."""
    place, day = places.find(asked.get("region", ""), user), _day(asked)
    if place is None or day is None or not place.is_open:
        return None
    return {"region": place.region.code, "as_of": day.isoformat()}


def _day(asked: Asked) -> date | None:
    """Return the day asked for, today when none is; None for what is no day or has not come."""
    try:
        day = date.fromisoformat(asked["as_of"]) if asked.get("as_of") else clock.today()
    except ValueError:
        return None
    return day if day <= clock.today() else None


def _write_region(order: Order) -> None:
    page = reading.read(_place(order), date.fromisoformat(order.asked["as_of"]), user=order.user)
    order.progress(0, 2)
    document = document_of(page, user=order.user)
    order.progress(1, 2)
    (word if order.format == DOCX else paper).write(document, order.to)
    order.progress(2, 2)


def _place(order: Order) -> places.Place:
    place = places.find(order.asked["region"], order.user)
    if place is None:
        raise Refused(_("You may no longer read this region."))
    return place


def _about_region(asked: Asked, names: Names) -> str:
    return f"{names.get(asked['region'], asked['region'])} · {asked['as_of']}"


# --- lists -----------------------------------------------------------------------------------------------------------


def _list(one: lists.List) -> Kind:
    """Return the report of a list of officials."""

    def write(order: Order) -> None:
        rows = one.rows(order.asked, order.user, order.progress)
        write_table(order, str(one.label), lists.heads(one.columns), rows)

    def about(asked: Asked, names: Names) -> str:
        return one.about(asked) if one.about else _about_list(asked, names)

    return Kind(one.slug, one.label, (XLSX, CSV), _posted(one.asked), about, write)


def _about_list(asked: Asked, names: Names) -> str:
    said = {**SAID, "region": names}
    words = [str(said.get(name, {}).get(value, value)) for name, value in asked.items() if name != "sort"]
    return " · ".join(words) or _("all in your reach")


# What the values of a filter are called where they are codes.
SAID: Mapping[str, Mapping[str, Text]] = {
    "category": dict(Organ.Category.choices),
    "stage": stages.LABELS,
    "level": dict(Region.Kind.choices),
    "closed": {"on": gettext_lazy("Closed ones too")},
    "role": dict(Appointment.Role.choices),
    "state": {
        **dict(PeopleFilter.base_fields["state"].choices),
        **dict(Objection.State.choices),
        "open": gettext_lazy("Open"),
        "filed": gettext_lazy("Filed"),
        "decided": gettext_lazy("Decided"),
        "all": gettext_lazy("All"),
    },
}


# --- the organs or titles behind a figure ----------------------------------------------------------------------------


def _counted_asked(asked: Asked, user) -> dict[str, str] | None:
    found, figure = _open_region_asked(asked, user), asked.get("what", "")
    if found is None or figure not in FIGURES:
        return None
    place = places.find(found["region"], user)
    level = asked.get("level") or levels_below(place.region)[0]
    within = asked.get("within", "")
    inside = {region.code for region in (place.region, *place.children)}
    if level not in levels_below(place.region) or (within and within not in inside):
        return None
    return found | {"level": level, "what": figure} | lists.kept(["within", "q"], asked)


def _write_counted(order: Order) -> None:
    asked, place = order.asked, _place(order)
    inside = {region.code: region for region in (place.region, *place.children)}
    narrowed = counted.Asked(
        level=asked["level"],
        day=date.fromisoformat(asked["as_of"]),
        within=inside.get(asked.get("within", "")),
        figure=asked["what"],
        text=asked.get("q", ""),
    )
    found = counted.rows_of(counted.scope_of(place, narrowed), narrowed)
    rows = (
        tables.counted_row(counted.explained(row, order.user))
        for ids in ids_in_pieces(found, order.progress)
        for row in found.filter(pk__in=ids)
    )
    write_table(order, _("What is counted"), tables.counted_head(), rows)


def _about_counted(asked: Asked, names: Names) -> str:
    return f"{_about_region(asked, names)} · {ORGANS_OF[asked['level']]} · {counted.NAMES[asked['what']]}"


# --- the small tables of the pages on changes and on what lies ahead -------------------------------------------------


def _changes_asked(asked: Asked, user) -> dict[str, str] | None:
    place = places.find(asked.get("region", ""), user)
    if place is None:
        return None
    found = ChangesForm(asked, levels=levels_below(place.region), today=clock.today()).asked()
    return {"region": place.region.code, **{name: str(value) for name, value in found.items()}}


def _write_changes(order: Order) -> None:
    asked = order.asked
    days = [date.fromisoformat(asked[name]) for name in ("since", "until")]
    write_table(order, _("What has changed"), *tables.changes_of(since.read(_place(order), asked["level"], *days)))


def _about_changes(asked: Asked, names: Names) -> str:
    place = names.get(asked["region"], asked["region"])
    return f"{place} · {ORGANS_OF[asked['level']]} · {asked['since']} – {asked['until']}"


def _ahead_asked(asked: Asked, user) -> dict[str, str] | None:
    place = places.find(asked.get("region", ""), user)
    level = asked.get("level") or (levels_below(place.region)[0] if place else "")
    if place is None or level not in levels_below(place.region):
        return None
    return {"region": place.region.code, "level": level}


def _write_ahead(order: Order, made_of: Callable[[ahead.Ahead], tables.Made], sheet: str) -> None:
    place, level = _place(order), order.asked["level"]
    found = figures.of_today(place)
    targets = rates.targets_for(place.path, level, rates.targets_on(clock.today()))
    states = rates.target_states(found.counts.get((place.region.pk, level), rates.Counts()), targets)
    write_table(order, sheet, *made_of(ahead.read(place, level, found, states, clock.today(), asked={})))


def _about_ahead(asked: Asked, names: Names) -> str:
    return f"{names.get(asked['region'], asked['region'])} · {ORGANS_OF[asked['level']]}"


# --- the columns of the State's system -------------------------------------------------------------------------------


def _columns_asked(asked: Asked, user) -> dict[str, str] | None:
    found = _open_region_asked(asked, user)
    rows = asked.get("rows") or state_columns.RECOGNISED
    return found and found | {"rows": rows} if rows in {state_columns.RECOGNISED, state_columns.REGISTER} else None


def _write_columns(order: Order) -> None:
    try:
        columns = state_columns.columns()
    except (BadMapping, OSError) as error:
        raise Refused(_("The file of the State's columns cannot be used: %(fault)s") % {"fault": error}) from error
    rows = state_columns.rows(
        columns,
        _place(order).region,
        date.fromisoformat(order.asked["as_of"]),
        which=order.asked["rows"],
        progress=order.progress,
    )
    write_table(order, columns.sheet, columns.heads, rows)


def _about_columns(asked: Asked, names: Names) -> str:
    which = _("recognised organs") if asked["rows"] == state_columns.RECOGNISED else _("the whole register")
    return f"{_about_region(asked, names)} · {which}"


# --- tables ----------------------------------------------------------------------------------------------------------


def write_table(order: Order, sheet: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table of any length, row by row, in the form and to the place of the order."""
    write_rows(order.to, order.format, sheet, head, rows)


def write_rows(to: Path, form: str, sheet: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table as a workbook or CSV. Refused for more rows than a sheet of a workbook holds."""
    if form == CSV:
        with to.open("wb") as file:
            csv_to(file, _with_head(head, rows))
    else:
        workbook_to(to, {sheet: _as_long_as_a_sheet(_with_head(head, rows))})


def _with_head(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield head
    yield from rows


def _as_long_as_a_sheet(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            raise Refused(_("An Excel sheet holds 1,048,576 rows and this table has more: ask for it as CSV."))
        yield row


# fmt: off
_TABLE = (
    Kind("region", gettext_lazy("Completion rates"), (DOCX, PDF),
         _region_asked, _about_region, _write_region),
    *map(_list, (*lists.LISTS, *work_lists.LISTS)),
    Kind("counted", gettext_lazy("What is counted"), (XLSX, CSV),
         _counted_asked, _about_counted, _write_counted),
    Kind("changes", gettext_lazy("What has changed"), (XLSX, CSV),
         _changes_asked, _about_changes, _write_changes),
    Kind("needed", gettext_lazy("What the targets need"), (XLSX, CSV), _ahead_asked, _about_ahead,
         lambda order: _write_ahead(order, tables.needed_of, _("What the targets need"))),
    Kind("pace", gettext_lazy("The last 12 weeks"), (XLSX, CSV), _ahead_asked, _about_ahead,
         lambda order: _write_ahead(order, tables.weeks_of, _("The last 12 weeks"))),
    Kind("forecast", gettext_lazy("Files on their way"), (XLSX, CSV), _ahead_asked, _about_ahead,
         lambda order: _write_ahead(order, tables.passages_of, _("Files on their way"))),
    Kind("state_columns", gettext_lazy("In the columns of the State's system"), (XLSX, CSV),
         _columns_asked, _about_columns, _write_columns),
)
# fmt: on
KINDS: dict[str, Kind] = {kind.slug: kind for kind in _TABLE}
