"""The parts of which questions and answers are made: what can be asked for, and in which shape things are told.

The descriptions are English; the page for programmers shows them in the reader's language.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_noop as _
from ninja import Path, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from creation import stages
from creation.models import Organ, Region

LARGEST_ID = 2**63 - 1
MOST_ROWS = 200
FIRST_YEAR, LAST_YEAR = 2000, 2999
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
CODE = r"^[0-9A-Za-z_-]{1,12}$"
CREDIT_CODE = r"^[0-9A-Z]{18}$"
CURSOR = r"^[0-9A-Za-z_-]{1,160}:[0-9A-Za-z_-]{43}$"


def _written(shape: re.Pattern[str], what: str) -> BeforeValidator:
    """Return what refuses every other way to write a value, such as an instant as a number of seconds."""

    def only_this(text: Any) -> Any:
        if isinstance(text, str) and not shape.fullmatch(text):
            msg = f"this is not {what}"
            raise ValueError(msg)
        return text

    return BeforeValidator(only_this)


Level = Literal["nation", "province", "city", "district"]
Stage = Literal[
    "draft", "prepared", "submitted", "returned", "under_inspection", "rectifying", "inspected", "under_spot_check",
    "checked", "publicised", "recognised", "revoked", "not_met", "withdrawn",
]  # fmt: skip
_Day = Annotated[date, _written(DAY, "a date such as 2026-11-22")]
_Instant = Annotated[datetime, _written(INSTANT, "an instant such as 2026-11-22T08:30:00+08:00, its + written as %2B")]

_ONLY_DIGITS = _written(WHOLE, "a whole number")
# bounds stand inside: outside of what reads the text the document would not name them
_Id = Annotated[int, Field(ge=1, le=LARGEST_ID), _ONLY_DIGITS]
_Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR), _ONLY_DIGITS]
_Rows = Annotated[int, Field(ge=1, le=MOST_ROWS), _ONLY_DIGITS]

# what can be asked for
RegionCode = Annotated[
    str, Path(description=_("Code of the region, such as 110101."), pattern=CODE, examples=["110000"])
]
CreditCode = Annotated[
    str, Path(description=_("Unified social credit code of the organ, 18 characters."), pattern=CREDIT_CODE)
]
Number = Annotated[_Id, Path(description=_("Number of the row, its `id` in lists."))]
InRegion = Annotated[
    str | None,
    Query(description=_("Only what lies in this region or below it: its code."), pattern=CODE, examples=["110000"]),
]
OfLevel = Annotated[
    Level | None, Query(description=_("Only organs of this level, that is: whose own region is of this kind."))
]
OfYear = Annotated[_Year | None, Query(description=_("Only rounds of this year."), examples=[2026])]
AsOf = Annotated[
    _Day | None,
    Query(description=_("As of the end of this day in Beijing, by default today; 404 for a day still to come.")),
]
Since = Annotated[
    _Instant | None,
    Query(
        description=_(
            "Only what has changed since this instant. Where single changes carry no instant, as after an import, "
            "everything that may have changed is in the answer: too much at times, never too little."
        ),
        examples=["2026-11-01T00:00:00+08:00"],
    ),
]
Limit = Annotated[_Rows, Query(50, description=_("How many rows at most."), examples=[50])]
Cursor = Annotated[
    str | None,
    Query(description=_("Where to go on: part of the address in `next`, never made up; 404 for any other."),
          pattern=CURSOR),
]  # fmt: skip


class Told(BaseModel):
    """What every object in an answer is: exactly its fields, no more and no less."""

    model_config = ConfigDict(extra="forbid")


class Name(Told):
    """A name in both languages."""

    zh: str = Field(description=_("Chinese; always there."), examples=["东城区"])
    en: str = Field(description=_("English; empty where there is none."), examples=["Dongcheng"])


class Place(Told):
    """A region."""

    code: str = Field(description=_("Code of the region."), examples=["110101"])
    name: Name
    level: Level = Field(description=_("Kind of the region, which is the level of its organs."))


class OrganNamed(Told):
    """An organ, as it is named in other things."""

    credit_code: str = Field(description=_("Unified social credit code."))
    name: Name
    region: Place


class PageOf(Told):
    """A part of a list."""

    next: str | None = Field(description=_("Address of the next part, null at the end of the list."))
    demonstration: bool = Field(description=_("Whether these are demonstration data, which are not official."))


Day = Annotated[date, Field(examples=["2026-11-22"])]
Instant = Annotated[datetime, Field(examples=["2026-11-22T08:30:00+08:00"])]


def name(thing: Any) -> Name:
    """Return the names of a region or an organ."""
    return Name(zh=thing.name, en=thing.name_en)


def place(region: Region) -> Place:
    """Return a region as other things name it."""
    return Place(code=region.code, name=name(region), level=region.kind)


def organ_named(organ: Organ) -> OrganNamed:
    """Return an organ as other things name it."""
    return OrganNamed(credit_code=organ.credit_code, name=name(organ), region=place(organ.region))


def local(instant: datetime | None) -> datetime | None:
    """Return an instant in Beijing's time, as all of them are told."""
    return None if instant is None else timezone.localtime(instant)


@lru_cache
def stage_name(stage: str) -> Name:
    """Return the name of a stage in both languages."""
    return in_both(lambda: str(stages.LABELS[stage]))


def in_both(text: Callable[[], str]) -> Name:
    """Return a text of the portal in both languages."""
    return Name(zh=_in("zh-hans", text), en=_in("en", text))


def _in(language: str, text: Callable[[], str]) -> str:
    with translation.override(language):
        return text()


def is_demonstration() -> bool:
    """Tell whether this portal holds demonstration data."""
    return settings.DEMO
