"""A file of regions: the tree that the register hangs on. Regions it does not name stay untouched."""

from collections.abc import Iterator

from django.db.models import Min

from creation.actions.counts import counts_changed
from creation.actions.places import rebuild_region_paths
from creation.importing import cells
from creation.importing.cells import Parser
from creation.importing.differences import ADDED, BATCH, BROKEN, CHANGED, Difference, Rows, as_words
from creation.importing.faults import Faults
from creation.models import Organ, Region

FIELDS = ("parent_code", "kind", "name", "name_en", "position")
PARENT, KIND, POSITION = 0, 1, 4  # places in FIELDS
ORDER = {kind: rank for rank, kind in enumerate(Region.Kind.values)}
VERBS = {ADDED: "import_add", CHANGED: "import_correct"}


class Regions(Rows):
    """Checks, compares and writes regions; a file that names every region also sets their order."""

    COLUMNS = ("code", "parent_code", "kind", "name", "name_en")
    SUBJECT = "region"

    def __init__(self, faults: Faults, scope: set[int] | None):
        super().__init__(faults, scope)
        records = Region.objects.values_list("pk", "code", "parent__code", "kind", "name", "name_en", "position")
        self.known = {code: (pk, (above or "", *rest)) for pk, code, above, *rest in records}
        self.rows: list[tuple[int, list]] = []
        self.parent_rows: dict[str, str] = {}
        self.new_ids: dict[str, int] = {}
        self.tree_changed = False

    def parsers(self) -> dict[str, Parser]:
        """Return the parser of each column."""
        return {
            "code": cells.region_code(12),
            "parent_code": cells.text(12, required=False),
            "kind": cells.choice(Region.Kind.values, "kind"),
            "name": cells.text(200, required=True),
            "name_en": cells.text(200, required=False),
        }

    def check(self, number: int, values: list) -> None:
        """Name a code that stands twice, and a district without a region above it."""
        code, parent, kind = values[:3]
        if code is not BROKEN:
            first = self.seen.setdefault(code, number)
            if first != number:
                self.fault(number, values, "code", "twice", other=first)
            elif BROKEN not in (parent, kind):
                self.parent_rows[code] = kind
        if parent == "" and kind == Region.Kind.DISTRICT:
            self.fault(number, values, "parent_code", "parent_missing")

    def compare(self, rows: list[tuple[int, list]]) -> list[Difference]:
        """Keep the rows: a tree can be judged as a whole only."""
        self.rows += rows
        return []

    def finish(self) -> list[Difference]:
        """Return the regions that are new or not as on record, those above before those below."""
        self._check_tree()
        found = []
        for position, (number, values) in zip(self._positions(), self.rows, strict=True):
            if BROKEN in values:
                continue
            code, new = values[0], (*values[1:], position)
            pk, old = self.known.get(code, (None, None))
            allowed = new if old == new else self._within_scope(number, values, pk, old, new)
            if allowed is not None and allowed != old:
                found.append(Difference(CHANGED if old else ADDED, code, pk, old, allowed))
            elif allowed is not None:
                self.unchanged += 1
        found.sort(key=lambda one: ORDER[one.new[KIND]])
        return found

    def _positions(self) -> Iterator[int]:
        """Yield each row's place in the register order; a partial file leaves the order of the known ones alone."""
        complete = self.known.keys() <= self.seen.keys()
        last = max((old[POSITION] for _pk, old in self.known.values()), default=0)
        for place, (_number, values) in enumerate(self.rows, start=1):
            if complete:
                yield place
            elif values[0] in self.known:
                yield self.known[values[0]][1][POSITION]
            else:
                last += 1
                yield last

    def _check_tree(self) -> None:
        """Name unknown parents, circles, and regions that lie in one of the same or a lower kind."""
        kinds = {code: old[KIND] for code, (_pk, old) in self.known.items()} | self.parent_rows
        parents = {code: old[PARENT] for code, (_pk, old) in self.known.items()}
        parents |= {values[0]: values[1] for _number, values in self.rows}
        in_circle = self._name_circles(parents)
        for number, values in self.rows:
            code, parent, kind = values[:3]
            if code in in_circle or not parent:
                continue
            if parent not in self.known and parent not in self.seen:
                self.fault(number, values, "parent_code", "parent_unknown")
            elif parent in kinds and ORDER[kinds[parent]] >= ORDER[kind]:
                self.fault(number, values, "kind", "kind_order", kind=kind, parent_kind=kinds[parent], parent=parent)
        self._check_children(kinds, parents)

    def _check_children(self, kinds: dict[str, str], parents: dict[str, str]) -> None:
        """Name a row whose new kind no longer stands above a region that the file leaves out."""
        rows = {values[0]: (number, values) for number, values in self.rows if values[2] is not BROKEN}
        for code, (_pk, old) in self.known.items():
            parent = parents[code]
            if code in self.seen or parent not in rows or ORDER[kinds[parent]] < ORDER[old[KIND]]:
                continue
            number, values = rows[parent]
            if values[2] is not BROKEN:
                self.fault(
                    number, values, "kind", "kind_order", kind=old[KIND], parent_kind=kinds[parent], parent=parent
                )

    def _name_circles(self, parents: dict[str, str]) -> set[str]:
        """Name each circle once, at its first row, and return the codes in any of them."""
        state: dict[str, int] = {}
        circled: set[str] = set()
        numbers = {values[0]: (number, values) for number, values in self.rows}
        for turn, start in enumerate(parents):
            path, code = [], start
            while code in parents and code not in state:
                state[code] = turn
                path.append(code)
                code = parents[code]
            if state.get(code) == turn and code in path:
                circle = path[path.index(code) :]
                circled.update(circle)
                number, values = min(numbers[one] for one in circle if one in numbers)
                self.fault(number, values, "parent_code", "cycle", codes=" → ".join([*circle, circle[0]]))
        return circled

    def _within_scope(self, number: int, values: list, pk: int | None, old: tuple | None, new: tuple) -> tuple | None:
        """Return the values that may be written, or None after naming a row outside the person's regions."""
        if self.scope is None:
            return new
        if old and pk not in self.scope:
            if old[:POSITION] != new[:POSITION]:
                self.fault(number, values, "code", "region_outside")
                return None
            return old  # only its place in the order would change, which is not this person's to set
        above = self.known.get(new[PARENT])
        moved = not old or old[PARENT] != new[PARENT]
        if moved and not (above[0] in self.scope if above else new[PARENT] in self.seen):
            self.fault(number, values, "parent_code", "region_outside")
            return None
        return new

    def describe(self, difference: Difference) -> dict:
        """Return a difference as plain texts for the preview."""
        new = dict(zip(FIELDS, map(str, difference.new), strict=True))
        old = dict(zip(FIELDS, map(str, difference.old), strict=True)) if difference.old else {}
        changes = [[field, old[field], new[field]] for field in old if old[field] != new[field]]
        facts = {} if difference.old else {field: text for field, text in new.items() if text}
        return {"code": difference.key, "name": new["name"], "changes": changes, "facts": facts}

    def write(self, differences: list[Difference], *, by) -> None:
        """Write regions with an event each, kind by kind, so that each finds the one above it."""
        ids = {code: pk for code, (pk, _old) in self.known.items()}
        entries = []
        for kind in ORDER:
            new = [one for one in differences if one.old is None and one.new[KIND] == kind]
            created = Region.objects.bulk_create([_region(one, ids) for one in new], batch_size=BATCH)
            ids |= {region.code: region.pk for region in created}
            known = [one for one in differences if one.old is not None and one.new[KIND] == kind]
            Region.objects.bulk_create(
                [_region(one, ids) for one in known],
                batch_size=BATCH,
                update_conflicts=True,
                unique_fields=["code"],
                update_fields=["parent", "kind", "name", "name_en", "position"],
            )
            entries += [_event(one, ids[one.key]) for one in (*new, *known)]
        self.record_all(entries, by=by)
        self.new_ids = ids
        self._count_moved(differences)

    def _count_moved(self, differences: list[Difference]) -> None:
        """Note that a region with organs counts elsewhere, or as another level, from its oldest organ on."""
        moved = [one for one in differences if one.old and one.old[:NAME_PLACE] != one.new[:NAME_PLACE]]
        self.tree_changed = bool(moved) or any(one.old is None for one in differences)
        for one in moved:
            below = Organ.objects.filter(region__paths_up__ancestor=one.pk)
            since = below.aggregate(first=Min("established_on"))["first"]
            if since:
                places = {one.key, one.old[PARENT], one.new[PARENT]} - {""}
                self.counted({self.new_ids[code] for code in places}, since)

    def untouched(self) -> int:
        """Return how many regions (within the scope) the file does not name."""
        mine = {code for code, (pk, _old) in self.known.items() if self.scope is None or pk in self.scope}
        return len(mine - self.seen.keys())

    def settle(self) -> None:
        """Write the closure of the tree anew and queue the recount of what moved."""
        if self.tree_changed:
            rebuild_region_paths()
        if self.since:
            counts_changed(self.touched, since=self.since)


NAME_PLACE = 2  # parent and kind stand before it


def _region(one: Difference, ids: dict[str, int]) -> Region:
    parent, kind, name, name_en, position = one.new
    parent_id = ids[parent] if parent else None
    return Region(code=one.key, parent_id=parent_id, kind=kind, name=name, name_en=name_en, position=position)


def _event(one: Difference, pk: int) -> tuple[str, int, dict, dict]:
    new = dict(zip(FIELDS, one.new, strict=True))
    old = dict(zip(FIELDS, one.old, strict=True)) if one.old else {}
    changed = [field for field in FIELDS if not old or old[field] != new[field]]
    before = as_words({field: old[field] for field in changed}) if old else {}
    return VERBS[one.what], pk, before, as_words({field: new[field] for field in changed})
