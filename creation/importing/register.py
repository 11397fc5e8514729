"""A file of organs: each row is an organ by its unified social credit code. Organs it does not name stay untouched."""

from collections.abc import Iterator, Sequence

from creation.actions.counts import counts_changed
from creation.importing import cells
from creation.importing.bulk import among, insert, new_ids
from creation.importing.cells import Bad, Parser
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
from creation.models import Organ, Region

FIELDS = (
    "name",
    "name_en",
    "region_id",
    "category",
    "staff",
    "floor_area_m2",
    "established_on",
    "abolished_on",
)
NAME, REGION, ESTABLISHED, ABOLISHED = 0, 2, 6, 7  # places in FIELDS
VERBS = {ADDED: "import_add", CHANGED: "import_correct", CLOSED: "import_abolish"}


class Register(Rows):
    """Checks, compares and writes organs."""

    COLUMNS = (
        "credit_code",
        "name",
        "name_en",
        "region_code",
        "category",
        "staff",
        "floor_area_m2",
        "established_on",
        "abolished_on",
    )
    SUBJECT = "organ"

    def __init__(self, faults: Faults, scope: set[int] | None):
        super().__init__(faults, scope)
        regions = list(Region.objects.values_list("pk", "code", "name"))
        self.region_ids = {code: pk for pk, code, _name in regions}
        self.region_texts = {pk: f"{code} {name}" for pk, code, name in regions}
        organs = Organ.objects.all() if scope is None else Organ.objects.filter(region__in=scope)
        self.standing = organs.count()
        self.matched = 0

    def parsers(self) -> dict[str, Parser]:
        """Return the parser of each column."""
        return {
            "credit_code": cells.credit_code,
            "name": cells.text(200, required=True),
            "name_en": cells.text(200, required=False),
            "region_code": self._region,
            "category": cells.choice(Organ.Category.values, "category"),
            "staff": cells.integer,
            "floor_area_m2": cells.area,
            "established_on": cells.day(required=True),
            "abolished_on": cells.day(required=False),
        }

    def _region(self, raw: object) -> int:
        code = cells.as_text(raw)
        pk = self.region_ids.get(code)
        if pk is None:
            raise Bad("region_unknown" if code else "missing")
        if self.scope is not None and pk not in self.scope:
            raise Bad("region_outside")
        return pk

    def check(self, number: int, values: list) -> None:
        """Name a code that stands twice, and an organ that would end before it begins."""
        established, abolished = values[-2], values[-1]
        code = values[0]
        if code is not BROKEN:
            first = self.seen.setdefault(code, number)
            if first != number:
                self.fault(number, values, "credit_code", "twice", other=first)
        if BROKEN in (established, abolished) or abolished is None:
            return
        if abolished <= established:
            self.fault(number, values, "abolished_on", "abolished_early", other=established)

    def compare(self, rows: list[tuple[int, list]]) -> list[Difference]:
        """Return the organs that are new or not as on the register."""
        codes = among(values[0] for _number, values in rows)
        known = {
            record[1]: record
            for record in Organ.objects.filter(credit_code__in=codes)
            .order_by()
            .values_list("pk", "credit_code", *FIELDS)
        }
        self.matched += len(known)
        found = []
        for number, values in rows:
            code, new = values[0], tuple(values[1:])
            record = known.get(code)
            if record is None:
                found.append(Difference(ADDED, code, None, None, new))
            elif (old := record[2:]) == new:
                self.unchanged += 1
            elif self._may_become(number, values, old, new):
                closes = old[ABOLISHED] is None and new[ABOLISHED] is not None
                found.append(Difference(CLOSED if closes else CHANGED, code, record[0], old, new))
        return found

    def _may_become(self, number: int, values: list, old: tuple, new: tuple) -> bool:
        """Tell whether a record may take the row's values; an id never passes on to another organ."""
        if self.scope is not None and old[REGION] not in self.scope:
            self.fault(number, values, "credit_code", "organ_outside", region=self.region_texts[old[REGION]])
            return False
        over = old[ABOLISHED] is not None and new[ESTABLISHED] >= old[ABOLISHED]
        nothing_shared = all(old[place] != new[place] for place in (NAME, REGION, ESTABLISHED))
        if over or nothing_shared:
            self.fault(number, values, "credit_code", "other_organ", organ=old[NAME])
            return False
        return True

    def describe(self, difference: Difference) -> dict:
        """Return a difference as plain texts for the preview."""
        new = self._texts(difference.new)
        old = self._texts(difference.old) if difference.old else {}
        changes = [[field, old[field], new[field]] for field in old if old[field] != new[field]]
        facts = {} if difference.old else {field: text for field, text in new.items() if text}
        return {"code": difference.key, "name": new["name"], "changes": changes, "facts": facts}

    def _texts(self, values: tuple) -> dict[str, str]:
        named = dict(zip(FIELDS, values, strict=True))
        named["region_id"] = self.region_texts[named["region_id"]]
        return {field: "" if value is None else str(value) for field, value in named.items()}

    def write(self, differences: list[Difference], *, by) -> None:
        """Write organs with an event each. Set-based: an organ a statement would take minutes for a large register."""
        new = [one for one in differences if one.old is None]
        known = [one for one in differences if one.old is not None]
        ids = new_ids(Organ, len(new))
        insert(Organ, ("id", "credit_code", *FIELDS, "address"), _as_rows(ids, new))
        # One upsert of whole rows; a CASE for each row and column, as bulk_update writes, grows with the square.
        Organ.objects.bulk_create(
            [_organ(one) for one in known],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["credit_code"],
            update_fields=FIELDS,
        )
        self.record_all(self._events(ids, new, known), by=by)
        for one in differences:
            self._count(one)

    def _events(self, ids: Sequence[int], new: list[Difference], known: list[Difference]):
        for pk, one in zip(ids, new, strict=True):
            yield VERBS[one.what], pk, {}, as_words(dict(zip(FIELDS, one.new, strict=True)))
        for one in known:
            pairs = list(zip(FIELDS, one.old, one.new, strict=True))
            before = {field: old for field, old, new in pairs if old != new}
            after = {field: new for field, old, new in pairs if old != new}
            yield VERBS[one.what], one.pk, as_words(before), as_words(after)

    def _count(self, one: Difference) -> None:
        """Note from when on the number of organs changes, if it does (a name or a category changes none)."""
        days = []
        if one.old is None or one.old[REGION] != one.new[REGION]:
            days += [side[ESTABLISHED] for side in (one.old, one.new) if side]
        elif one.old[ESTABLISHED] != one.new[ESTABLISHED]:
            days += [one.old[ESTABLISHED], one.new[ESTABLISHED]]
        if one.old is not None and one.old[ABOLISHED] != one.new[ABOLISHED]:
            days += [side[ABOLISHED] for side in (one.old, one.new) if side[ABOLISHED]]
        if days:
            self.counted({side[REGION] for side in (one.old, one.new) if side}, min(days))

    def untouched(self) -> int:
        """Return how many organs (within the scope) the file does not name."""
        return max(0, self.standing - self.matched)

    def settle(self) -> None:
        """Queue the recount of everything touched."""
        if self.since:
            counts_changed(self.touched, since=self.since)


def _as_rows(ids: Sequence[int], new: list[Difference]) -> Iterator[tuple]:
    return ((pk, one.key, *one.new, "") for pk, one in zip(ids, new, strict=True))


def _organ(one: Difference) -> Organ:
    return Organ(credit_code=one.key, **dict(zip(FIELDS, one.new, strict=True)))
