"""Public lists as files: CSV in the reader's words, JSON for programs. The same rows, the same order of columns.

Every file says where it comes from, as of which day it holds, and whether it is demonstration data. Rows are read and
written one by one, so that memory grows by the finished file only.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.models import Recognition
from creation.models.named import local
from creation.spreadsheets import write_csv
from reviews.exporting import STATES
from reviews.models import RateAnnouncement
from reviews.published import KINDS, RESULTS, Outcome

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in JSON, which never changes; its head in CSV, empty where CSV lacks it; what it holds.

    `shown` makes of the row what CSV shows; by default the plain value.
    """

    name: str
    head: str | Promise
    holds: str | Promise
    shown: Callable[[Row], Any] | None = None

    def in_csv(self, row: Row) -> object:
        """Return what CSV shows of the row in this column."""
        return self.shown(row) if self.shown else row[self.name]


def _state(row: Row) -> str:
    return str(STATES[row["state"]])


def _kind(row: Row) -> str:
    return str(KINDS[row["kind"]])


def _result(row: Row) -> str:
    return str(RESULTS[row["result"]])


def _region(row: Row) -> str:
    return local(row["region"], row["region_en"])


AS_OF = Column("as_of", gettext_lazy("As of"), gettext_lazy("the day for which the row holds"))
SOURCE = Column("source", gettext_lazy("Source"), gettext_lazy("who publishes it, and whether it is demonstration"))
REGION_EN = Column("region_en", "", gettext_lazy("English name of the region"))

TITLES = (
    AS_OF,
    Column("organ", gettext_lazy("Organ"), gettext_lazy("name on the register")),
    Column("organ_en", gettext_lazy("English name"), gettext_lazy("where there is one")),
    Column("credit_code", gettext_lazy("Credit code"), gettext_lazy("unified social credit code, 18 characters")),
    Column("region", gettext_lazy("Region"), gettext_lazy("the region to which the organ belongs"), _region),
    REGION_EN,
    Column("batch", gettext_lazy("Batch"), gettext_lazy("the batch in which the title was granted")),
    Column("document_number", gettext_lazy("Document number"), gettext_lazy("of the announcement")),
    Column("granted_on", gettext_lazy("Granted on"), gettext_lazy("first day with the title")),
    Column("valid_until", gettext_lazy("Valid until"), gettext_lazy("last day with the title; empty without an end")),
    Column("state", gettext_lazy("State"), gettext_lazy("valid, revoked, expired or closed on that day"), _state),
    Column("ended_on", gettext_lazy("Ended on"), gettext_lazy("since when it is no longer valid")),
    Column("reason", gettext_lazy("Reason"), gettext_lazy("why it was revoked")),
    SOURCE,
)
OUTCOMES = (
    AS_OF,
    Column("kind", gettext_lazy("Decision on"), gettext_lazy("objection or revocation"), _kind),
    Column("organ", gettext_lazy("Organ"), gettext_lazy("name on the notice or the register")),
    Column("organ_en", gettext_lazy("English name"), gettext_lazy("where there is one")),
    Column("region", gettext_lazy("Region"), gettext_lazy("the region to which the organ belongs"), _region),
    REGION_EN,
    Column("about", gettext_lazy("Notice or document"), gettext_lazy("title of the notice, or number of the document")),
    Column("decided_on", gettext_lazy("Decided on"), gettext_lazy("day of the decision")),
    Column("result", gettext_lazy("Result"), gettext_lazy("upheld, dismissed, revoked or kept"), _result),
    Column("from_day", gettext_lazy("Revoked on"), gettext_lazy("first day without the title")),
    Column("reason", gettext_lazy("Reason"), gettext_lazy("the published reason of the decision")),
    SOURCE,
)
RATES = (
    AS_OF,
    Column("document_number", gettext_lazy("Document number"), gettext_lazy("of the announcement")),
    Column("region_code", gettext_lazy("Region code"), gettext_lazy("administrative division code")),
    Column("region", gettext_lazy("Region"), gettext_lazy("name at the time of the announcement"), _region),
    REGION_EN,
    Column("level", gettext_lazy("Level"), gettext_lazy("whose organs are counted: city or district")),
    Column("organs", gettext_lazy("Organs"), gettext_lazy("on the register on that day")),
    Column("recognised", gettext_lazy("Recognised"), gettext_lazy("organs with a title on that day")),
    Column("percent", gettext_lazy("Rate (%)"), gettext_lazy("recognised of all organs, rounded down to two places")),
    Column("target", gettext_lazy("Target (%)"), gettext_lazy("one row for each target; empty without one")),
    Column("deadline", gettext_lazy("Deadline"), gettext_lazy("by which the target is to be met")),
    Column("met", gettext_lazy("Met"), gettext_lazy("1 met, 0 not met: compared in whole organs, never rounded")),
    Column("missing", gettext_lazy("Organs missing"), gettext_lazy("to reach the target")),
    SOURCE,
)


def source_note() -> str:
    """Return who publishes the list, and that it is demonstration data where it is."""
    office = settings.HOST_OFFICE or _("Competent department of organ affairs")
    if settings.DEMO:
        return _("%(office)s – demonstration data, not official") % {"office": office}
    return office


def title_rows(titles: Iterable[Recognition], day: date) -> Iterator[Row]:
    """Yield the rows of recognised organs (`exporting.titles_on`) as of a day."""
    for title in titles:
        organ = title.organ
        yield {
            "as_of": day,
            "organ": organ.name,
            "organ_en": organ.name_en,
            "credit_code": organ.credit_code,
            "region": organ.region.name,
            "region_en": organ.region.name_en,
            "batch": title.batch,
            "document_number": title.document_number,
            "granted_on": title.granted_on,
            "valid_until": title.valid_until,
            "state": title.state,
            "ended_on": title.ended_on,
            "reason": title.revoke_reason if title.state == "revoked" else "",
        }


def outcome_rows(outcomes: Iterable[Outcome], day: date) -> Iterator[Row]:
    """Yield the rows of decided objections and revocation cases."""
    for outcome in outcomes:
        yield {
            "as_of": day,
            "kind": outcome.kind,
            "organ": outcome.organ_name,
            "organ_en": outcome.organ_name_en,
            "region": outcome.region_name,
            "region_en": outcome.region_name_en,
            "about": outcome.about,
            "decided_on": timezone.localdate(outcome.decided_at),
            "result": outcome.result,
            "from_day": outcome.from_day,
            "reason": outcome.reason,
        }


def rate_rows(announcement: RateAnnouncement) -> Iterator[Row]:
    """Yield the announced rates, one row for each region, level and target; without a target one row."""
    for row in announcement.rows:
        for target in row["targets"] or [{"percent": "", "deadline": "", "met": None, "missing": None}]:
            yield {
                "as_of": announcement.as_of,
                "document_number": announcement.document_number,
                "region_code": row["region"],
                "region": row["name"],
                "region_en": row["name_en"],
                "level": row["level"],
                "organs": row["organs"],
                "recognised": row["recognised"],
                "percent": row["percent"],
                "target": target["percent"],
                "deadline": target["deadline"],
                "met": None if target["met"] is None else int(target["met"]),
                "missing": target["missing"],
            }


def as_csv(columns: Iterable[Column], rows: Iterable[Row]) -> bytes:
    """Return the rows as CSV, heads and values in the reader's words, the source at the end of each row."""
    return write_csv(_lines([column for column in columns if column.head], rows, source_note()))


def _lines(columns: list[Column], rows: Iterable[Row], source: str) -> Iterator[tuple]:
    yield tuple(str(column.head) for column in columns)
    for row in rows:
        filled = {**row, "source": source}
        yield tuple(column.in_csv(filled) for column in columns)


def as_json(name: str, columns: Iterable[Column], rows: Iterable[Row], *, as_of: date) -> bytes:
    """Return the rows as JSON: format, day, source and whether it is demonstration data, then the rows as objects.

    `name` and a version are the format; names of columns are those of `columns` and are never renamed in a version.
    """
    head = {
        "format": f"conservation-organs-{name}-1",
        "as_of": as_of,
        "source": source_note(),
        "demonstration": settings.DEMO,
        "columns": [column.name for column in columns if column is not SOURCE],
    }
    output = io.BytesIO()
    output.write(_dumped(head)[:-1] + b', "rows": [')
    for number, row in enumerate(rows):
        output.write((b",\n" if number else b"\n") + _dumped(row))
    output.write(b"\n]}\n")
    return output.getvalue()


def _dumped(value: Row) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_iso).encode()


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
