"""A file of earlier recognitions: each row is a title by organ and day. What is on record may only be revoked."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from creation import clock
from creation.actions.counts import counts_changed
from creation.importing import cells
from creation.importing.cells import Parser
from creation.importing.differences import (
    ADDED,
    BATCH,
    BROKEN,
    CHANGED,
    CLOSED,
    Difference,
    Rows,
    as_words,
)
from creation.importing.faults import Faults
from creation.models import Organ, Recognition

FIELDS = ("batch", "document_number", "valid_until", "revoked_on", "revoke_reason", "replaced_on")
FROZEN = FIELDS[:3]
REVOKED = 3  # its place in FIELDS
VERBS = {ADDED: "import_add", CHANGED: "import_replace", CLOSED: "import_revoke"}


@dataclass(slots=True)
class Title:
    """One title of an organ, on record (`pk`) or in the file (`row`), with the day it ends before."""

    granted_on: date
    fields: dict
    pk: int | None = None
    row: int | None = None
    portal: bool = False
    was: dict | None = None  # its fields on record, when the file changes any

    @property
    def end(self) -> date | None:
        """Return the first day without the title, or None while it has no end."""
        expires = self.fields["valid_until"]
        ends = [self.fields["revoked_on"], self.fields["replaced_on"], expires and expires + timedelta(days=1)]
        return min((day for day in ends if day), default=None)

    @property
    def is_open(self) -> bool:
        """Tell whether the title has neither been revoked nor replaced."""
        return self.fields["revoked_on"] is None and self.fields["replaced_on"] is None


class Recognitions(Rows):
    """Checks, compares and writes recognitions."""

    COLUMNS = ("credit_code", "granted_on", "batch", "document_number", "valid_until", "revoked_on", "reason")
    SUBJECT = "recognition"

    def __init__(self, faults: Faults, scope: set[int] | None):
        super().__init__(faults, scope)
        self.today = clock.today()
        self.rows: list[tuple[int, list, int]] = []
        self.organs: dict[int, tuple[str, str, int]] = {}  # id → credit code, name, region
        held = Recognition.objects.all() if scope is None else Recognition.objects.filter(organ__region__in=scope)
        self.standing = held.count()
        self.matched = 0

    def parsers(self) -> dict[str, Parser]:
        """Return the parser of each column."""
        return {
            "credit_code": cells.credit_code,
            "granted_on": cells.day(required=True),
            "batch": cells.text(60, required=True),
            "document_number": cells.text(80, required=True),
            "valid_until": cells.day(required=False),
            "revoked_on": cells.day(required=False),
            "reason": cells.text(1000, required=False),
        }

    def check(self, number: int, values: list) -> None:
        """Name days that cannot follow each other, a revocation without a reason, and a title that stands twice."""
        code, granted = values[:2]
        if BROKEN not in (code, granted):
            first = self.seen.setdefault((code, granted), number)
            if first != number:
                self.fault(number, values, "granted_on", "recognition_twice", other=first)
        self._check_days(number, values, granted)
        revoked, reason = values[5], values[6]
        if reason == "" and isinstance(revoked, date):
            self.fault(number, values, "reason", "reason_missing")
        elif revoked is None and reason is not BROKEN and reason:
            self.fault(number, values, "revoked_on", "reason_alone")

    def _check_days(self, number: int, values: list, granted: object) -> None:
        if not isinstance(granted, date):
            return
        until, revoked = values[4], values[5]
        if granted > self.today and values[1] is not BROKEN:
            self.fault(number, values, "granted_on", "future")
        if isinstance(until, date) and until < granted:
            self.fault(number, values, "valid_until", "expired_early", other=granted)
        if isinstance(revoked, date) and revoked < granted:
            self.fault(number, values, "revoked_on", "revoked_early", other=granted)
        elif isinstance(revoked, date) and revoked > self.today:
            self.fault(number, values, "revoked_on", "future")

    def compare(self, rows: list[tuple[int, list]]) -> list[Difference]:
        """Find the organs of the rows and keep the rows: an organ's titles are judged together."""
        codes = {values[0] for _number, values in rows}
        fields = ("credit_code", "pk", "name", "region_id", "region__name", "established_on", "abolished_on")
        known = {
            code: facts for code, *facts in Organ.objects.filter(credit_code__in=codes).order_by().values_list(*fields)
        }
        for number, values in rows:
            organ = known.get(values[0])
            if organ is None:
                self.fault(number, values, "credit_code", "organ_unknown")
            elif self._fits(number, values, organ[2:]):
                pk, name, region = organ[:3]
                self.organs[pk] = (values[0], name, region)
                self.rows.append((number, values, pk))
        return []

    def _fits(self, number: int, values: list, facts: list) -> bool:
        """Tell whether the organ is within the scope and stood on the register on the day of recognition."""
        region, region_name, established, abolished = facts
        if self.scope is not None and region not in self.scope:
            self.fault(number, values, "credit_code", "organ_outside", region=region_name)
        elif values[1] < established:
            self.fault(number, values, "granted_on", "granted_early", other=established)
        elif abolished is not None and values[1] >= abolished:
            self.fault(number, values, "granted_on", "granted_late", other=abolished)
        return BROKEN not in values

    def finish(self) -> list[Difference]:
        """Return the titles that are new, revoked or replaced; first those that end, then those that begin."""
        titles = self._on_record()
        for number, values, organ in self.rows:
            fields = dict(zip(FIELDS, (*values[2:6], values[6] or None, None), strict=True))
            recorded = titles[organ].get(values[1])
            if recorded is None:
                titles[organ][values[1]] = Title(values[1], fields, row=number)
            else:
                self.matched += 1
                self._revoke(number, values, recorded, fields)
        found = []
        named = {(organ, values[1]) for _number, values, organ in self.rows}
        for organ, of_organ in titles.items():
            in_order = sorted(of_organ.values(), key=lambda title: title.granted_on)
            self._follow(in_order)
            changed = [title for title in in_order if title.was or title.pk is None]
            found += [self._difference(organ, title) for title in changed]
            self.unchanged += sum(
                (organ, title.granted_on) in named for title in in_order if title.pk and not title.was
            )
        return sorted(found, key=lambda one: one.what == ADDED)

    def _on_record(self) -> dict[int, dict[date, Title]]:
        titles: dict[int, dict[date, Title]] = defaultdict(dict)
        ids = sorted(self.organs)
        for start in range(0, len(ids), BATCH):
            records = Recognition.objects.filter(organ_id__in=ids[start : start + BATCH]).order_by()
            for pk, organ, granted, source, *rest in records.values_list(
                "pk", "organ_id", "granted_on", "source", *FIELDS
            ):
                fields = dict(zip(FIELDS, rest, strict=True))
                portal = source == Recognition.Source.PORTAL
                titles[organ][granted] = Title(granted, fields, pk=pk, portal=portal)
        return titles

    def _revoke(self, number: int, values: list, title: Title, fields: dict) -> None:
        """Let a recorded title gain its revocation; name every other difference, as a record is frozen."""
        differing = [name for name in FROZEN if title.fields[name] != fields[name]]
        revocation = {name: fields[name] for name in ("revoked_on", "revoke_reason")}
        gains = title.is_open and revocation["revoked_on"] is not None
        if not gains:
            differing += [name for name in revocation if title.fields[name] != revocation[name]]
        if differing:
            what = "; ".join(f"{_column(name)}: {title.fields[name] or '–'}" for name in differing)
            self.fault(number, values, _column(differing[0]), "recorded_differently", what=what)
        elif gains and title.portal:
            self.fault(number, values, "revoked_on", "revoke_in_portal")
        elif gains:
            title.was = dict(title.fields)
            title.fields |= revocation
            title.row = number

    def _follow(self, in_order: list[Title]) -> None:
        """Name two titles at once; a title that ended by its time is replaced by the one that follows."""
        longest: Title | None = None
        for title in in_order:
            if longest is not None and (longest.end is None or longest.end > title.granted_on):
                self._name_overlap(longest, title)
            elif longest is not None and longest.is_open:
                longest.was = longest.was or (dict(longest.fields) if longest.pk else None)
                longest.fields["replaced_on"] = title.granted_on
            if longest is None or longest.end is not None:
                longest = title

    def _name_overlap(self, earlier: Title, later: Title) -> None:
        in_file = sorted((one for one in (earlier, later) if one.pk is None), key=lambda one: one.row)
        if not in_file:
            return  # both are on record already
        named = in_file[-1]
        other = earlier if named is later else later
        if other.pk is None:
            self.faults.add(named.row, "granted_on", named.granted_on, "live_twice_row", other=other.row)
        else:
            self.faults.add(named.row, "granted_on", named.granted_on, "live_twice_record", other=other.granted_on)

    def _difference(self, organ: int, title: Title) -> Difference:
        new = (organ, title.granted_on, *title.fields.values())
        if title.was is None:
            return Difference(ADDED, self.organs[organ][0], None, None, new)
        what = CLOSED if title.fields["revoked_on"] != title.was["revoked_on"] else CHANGED
        return Difference(what, self.organs[organ][0], title.pk, (organ, title.granted_on, *title.was.values()), new)

    def describe(self, difference: Difference) -> dict:
        """Return a difference as plain texts for the preview."""
        organ, granted, *new = difference.new
        texts = {name: "" if value is None else str(value) for name, value in zip(FIELDS, new, strict=True)}
        changes = []
        if difference.old:
            was = ("" if value is None else str(value) for value in difference.old[2:])
            changes = [[name, old, texts[name]] for name, old in zip(FIELDS, was, strict=True) if old != texts[name]]
        facts = {"granted_on": str(granted)}
        if not difference.old:
            facts |= {name: text for name, text in texts.items() if text}
        return {"code": difference.key, "name": self.organs[organ][1], "changes": changes, "facts": facts}

    def write(self, differences: list[Difference], *, by) -> None:
        """Write titles with an event each; those that end first, as an organ holds one at a time."""
        ended = [one for one in differences if one.old]
        Recognition.objects.bulk_update(
            [Recognition(pk=one.pk, revoked_by=_revoker(one, by), **_ends(one)) for one in ended],
            ["revoked_on", "revoke_reason", "revoked_by", "replaced_on"],
            batch_size=500,
        )
        at, new = clock.now(), [one for one in differences if not one.old]
        added = Recognition.objects.bulk_create([_recognition(one, by, at) for one in new], batch_size=BATCH)
        self.record_all(self._events(new, added, ended), by=by)
        for one in differences:
            if one.what != CHANGED:  # a title that had expired counts no less for being replaced
                since = one.new[1] if one.old is None else one.new[2 + REVOKED]
                self.counted({self.organs[one.new[0]][2]}, since)

    def _events(self, new: list[Difference], added: list[Recognition], ended: list[Difference]) -> Iterator[tuple]:
        names = ("organ_id", "granted_on", *FIELDS)
        for one, recognition in zip(new, added, strict=True):
            yield VERBS[one.what], recognition.pk, {}, as_words(dict(zip(names, one.new, strict=True)))
        for one in ended:
            pairs = [(name, old, now) for name, old, now in zip(names, one.old, one.new, strict=True) if old != now]
            before = as_words({name: old for name, old, _now in pairs})
            yield VERBS[one.what], one.pk, before, as_words({name: now for name, _old, now in pairs})

    def untouched(self) -> int:
        """Return how many recognitions (within the scope) the file does not name."""
        return max(0, self.standing - self.matched)

    def settle(self) -> None:
        """Queue the recount of everything touched."""
        if self.since:
            counts_changed(self.touched, since=self.since)


def _column(field: str) -> str:
    return "reason" if field == "revoke_reason" else field


def _ends(one: Difference) -> dict:
    named = dict(zip(FIELDS, one.new[2:], strict=True))
    return {name: named[name] for name in ("revoked_on", "revoke_reason", "replaced_on")}


def _revoker(one: Difference, by) -> object:
    return by if one.what == CLOSED else None


def _recognition(one: Difference, by, at) -> Recognition:
    organ, granted, *rest = one.new
    named = dict(zip(FIELDS, rest, strict=True))
    return Recognition(
        organ_id=organ,
        granted_on=granted,
        source=Recognition.Source.IMPORTED,
        recorded_by=by,
        recorded_at=at,
        revoked_by=by if named["revoked_on"] else None,
        **named,
    )
