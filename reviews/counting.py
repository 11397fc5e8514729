"""The formula of `rates` as one statement: all regions, levels and days counted where the rows are.

`rates.counts_on` says what is counted, in the words of the models; here it is said once more for the database, for
registers where fetching even the groups would take too long. `tests/reviews/test_counting.py` proves both the same.

How it goes: a fact about an organ is a number, and the largest decides: a title above any file, of files that of the
latest round, its last two bits the standing. On one day that is a maximum. Over many days it is a running maximum over
the facts of each organ in the order of time; where the standing changes, one organ is added and one taken away, and
the counts of a day are the running sum of these changes, so that 36 months cost no more than reading each fact once.
What an organ's file says between its first and its last step is in progress (see `stages.STANDING_OF`), so that two
instants of the file itself stand for its steps; only files that moved on from an end (revoked) are read step by step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import Max

from creation import stages
from creation.models import RegionPath
from reviews.rates import Counts, end_of

CODES = {"not_started": 0, "not_met": 1, "in_progress": 2, "recognised": 3}  # the last two bits of a fact
RECOGNISED = CODES["recognised"]
REGISTER = 9  # a row that says no standing but that an organ is on the register
COUNTS = ("organs", "recognised", "in_progress", "not_met", "not_started")
COLUMNS = ("region_id", "level", "as_of", *COUNTS)
LAST_STEP = 99_999  # ranks behind every other step of a file
EVERYTHING = "creation_organ"  # the scope of a full count
HOURS_AHEAD = 8  # Asia/Shanghai before UTC, without summer time since 1991
# Stages that a file reaches after it had ended once: what it was before lies in its steps alone.
AFTER_AN_END = frozenset(step.to_stage for step in stages.STEPS.values() if step.from_stages & stages.ENDED)
NEVER = date(9999, 12, 31)
A_DAY = timedelta(days=1)


def tree_version() -> int:
    """Return a number that grows with each change of the tree: whoever changes it writes its closure anew."""
    return RegionPath.objects.aggregate(last=Max("pk"))["last"] or 0


def counted(days: Sequence[date]) -> str:
    """Return the statement whose rows (`COLUMNS`) are all regions and levels with organs on each of the days.

    `days` are one day, or the ends of consecutive months with possibly one more day after the last of them.
    """
    return f"""
        WITH {_own(days, EVERYTHING)}
        SELECT p.ancestor_id AS region_id, r.kind AS level, own.as_of,
               {", ".join(f"SUM(own.{name}) AS {name}" for name in COUNTS)}
        FROM own JOIN creation_region r ON r.id = own.region_id
        JOIN creation_regionpath p ON p.descendant_id = own.region_id
        GROUP BY p.ancestor_id, r.kind, own.as_of HAVING SUM(own.organs) > 0"""


@dataclass
class Found:
    """What one look at the queue found: its rows, the tree they were counted in, and the rows of the snapshot to be."""

    tree: int = 0
    queue: list[int] = field(default_factory=list)
    regions: set[int] = field(default_factory=set)
    since: date = NEVER
    rows: dict[tuple[int, str, date], Counts] = field(default_factory=dict)


def changed(days: Sequence[date], regions: int) -> Found:
    """Return the queue and the rows of the snapshot that it changes on `days`, as they are to be; of one instant.

    Counts the own organs of the queued regions only. What they were before is told by the snapshot: the region's row
    less those of the regions directly below, at the region's own level. The difference is added along the path.
    Of more than `regions` queued regions only so many are counted; the caller compares and asks again.
    """
    found = Found()
    with connection.cursor() as cursor:
        cursor.execute(_changes(days, regions) if days else _queue())
        for queue, region, level, as_of, *numbers in cursor.fetchall():
            day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
            if queue is None:
                found.rows[region, level, day] = Counts(*(int(number) for number in numbers))
            elif queue == 0:
                found.tree = region or 0
            else:
                found.queue.append(queue)
                found.regions.add(region)
                found.since = min(found.since, day)
    return found


def _queue() -> str:
    return f"""
        SELECT id, region_id, '' AS level, since AS as_of, 0, 0, 0, 0 FROM creation_countchange
        UNION ALL SELECT 0, (SELECT MAX(id) FROM creation_regionpath), '', {_date(NEVER)}, 0, 0, 0, 0"""


def _changes(days: Sequence[date], regions: int) -> str:
    counts = COUNTS[1:]
    within = f"c.as_of >= {_date(days[0])} AND c.as_of <= {_date(days[-1])}"
    own = ", ".join(counts)
    return f"""
        -- the limit tells the planner how little there is to look up
        WITH queued AS MATERIALIZED (
            SELECT q.region_id, r.kind
            FROM (SELECT DISTINCT region_id FROM creation_countchange LIMIT {regions}) q
            JOIN creation_region r ON r.id = q.region_id),
        scope AS MATERIALIZED (
            SELECT o.id, o.region_id, o.established_on, o.abolished_on
            FROM queued JOIN creation_organ o ON o.region_id = queued.region_id),
        {_own(days, "scope")},
        sides AS (
            SELECT region_id, as_of, {own} FROM own
            UNION ALL
            SELECT queued.id, c.as_of, {", ".join(f"-c.{name}" for name in counts)}
            FROM creation_region queued CROSS JOIN reviews_completionrate c
            WHERE queued.id IN (SELECT region_id FROM queued)
              AND c.region_id = queued.id AND c.level = queued.kind AND {within}
            UNION ALL
            SELECT queued.id, c.as_of, {", ".join(f"c.{name}" for name in counts)}
            -- SQLite follows the order of a cross join: from the queue, not from all regions with all their rows
            FROM creation_region queued CROSS JOIN creation_region below CROSS JOIN reviews_completionrate c
            WHERE queued.id IN (SELECT region_id FROM queued) AND below.parent_id = queued.id
              AND c.region_id = below.id AND c.level = queued.kind AND {within}),
        difference AS (
            SELECT region_id, as_of, {", ".join(f"SUM({name}) AS {name}" for name in counts)}
            FROM sides GROUP BY region_id, as_of
            HAVING {" OR ".join(f"SUM({name}) <> 0" for name in counts)}),
        upwards AS (
            SELECT p.ancestor_id AS region_id, queued.kind AS level, difference.as_of,
                   {", ".join(f"SUM(difference.{name}) AS {name}" for name in counts)}
            FROM difference JOIN queued ON queued.region_id = difference.region_id
            JOIN creation_regionpath p ON p.descendant_id = difference.region_id
            GROUP BY p.ancestor_id, queued.kind, difference.as_of)
        {_queue()}
        UNION ALL
        SELECT NULL, u.region_id, u.level, u.as_of, {", ".join(f"u.{name} + COALESCE(c.{name}, 0)" for name in counts)}
        FROM upwards u LEFT JOIN reviews_completionrate c
            ON c.region_id = u.region_id AND c.level = u.level AND c.as_of = u.as_of
        WHERE {" OR ".join(f"u.{name} <> 0" for name in counts)}"""


# --- the own organs of each region ---------------------------------------------------------------------------------


def _own(days: Sequence[date], scope: str) -> str:
    return _own_on(days[0], scope) if len(days) == 1 else _own_over(days, scope)


def _own_on(day: date, scope: str) -> str:
    on, end = _date(day), instant(end_of(day))
    before_the_end = f"""(SELECT {_standing("c.to_stage")} FROM creation_stagechange c
                          WHERE c.assessment_id = a.id AND c.at < {end} ORDER BY c.number DESC LIMIT 1)"""
    return f"""
        facts AS (
            SELECT t.organ_id, {_TITLE} AS fact FROM creation_recognition t
            WHERE t.granted_on <= {on} {_only(scope, "t")} AND (t.revoked_on IS NULL OR t.revoked_on > {on})
              AND (t.replaced_on IS NULL OR t.replaced_on > {on}) AND (t.valid_until IS NULL OR t.valid_until >= {on})
            UNION ALL
            SELECT a.organ_id, {_file()} + CASE WHEN a.stage_since < {end} THEN {_standing("a.stage")}
                                                WHEN a.stage IN ({_listed(AFTER_AN_END)}) THEN {before_the_end}
                                                ELSE {CODES["in_progress"]} END
            FROM creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id
            WHERE a.started_at < {end} {_only(scope, "a")}),
        standing AS (SELECT organ_id, MAX(fact) & 3 AS code FROM facts GROUP BY organ_id),
        own AS (
            SELECT o.region_id, {on} AS as_of, COUNT(*) AS organs, {_by_code("COALESCE(s.code, 0)", "1")},
                   {_sum("COALESCE(s.code, 0) = 0", "1")} AS not_started
            FROM {scope} o LEFT JOIN standing s ON s.organ_id = o.id
            WHERE o.established_on <= {on} AND (o.abolished_on IS NULL OR o.abolished_on > {on})
            GROUP BY o.region_id)"""


def _own_over(days: Sequence[date], scope: str) -> str:
    """Facts by place in `days` (the first day on which they hold), spans of one standing, changes, running sums."""
    last, end, after = _date(days[-1]), instant(end_of(days[-1])), len(days)
    ended = ("t.revoked_on", "t.replaced_on", _after("t.valid_until"))
    ended_on = _earliest(*(f"COALESCE({one}, {_date(NEVER)})" for one in ended))
    established, abolished = _place("o.established_on", days), _place("o.abolished_on", days)
    closed = f"CASE WHEN o.abolished_on <= {last} THEN {abolished} ELSE {after} END"
    file = "creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id"
    title = f"creation_recognition t WHERE t.granted_on <= {last} {_only(scope, 't')}"
    of_scope = _only(scope, "a")
    return f"""
        facts AS (
            SELECT t.organ_id, {_place("t.granted_on", days)} AS place, 1 AS titles, CAST(0 AS bigint) AS fact
            FROM {title}
            UNION ALL
            SELECT e.organ_id, {_place("e.ended_on", days)}, -1, 0
            FROM (SELECT t.organ_id, {ended_on} AS ended_on FROM {title}) e
            WHERE e.ended_on <= {last}
            UNION ALL
            SELECT a.organ_id, {_place_of_instant("a.started_at", days)}, 0, {_file()} + {CODES["in_progress"]}
            FROM {file} WHERE a.started_at < {end} {of_scope}
            UNION ALL
            SELECT a.organ_id, {_place_of_instant("c.at", days)}, 0, {_file("c.number")} + {_standing("c.to_stage")}
            FROM {file} JOIN creation_stagechange c ON c.assessment_id = a.id
            WHERE a.stage IN ({_listed(AFTER_AN_END)}) AND c.to_stage IN ({_listed(stages.ENDED)}) AND c.at < {end}
                  {of_scope}
            UNION ALL
            SELECT a.organ_id, {_place_of_instant("a.stage_since", days)}, 0,
                   {_file(str(LAST_STEP))} + {_standing("a.stage")}
            FROM {file} WHERE a.stage IN ({_listed(stages.ENDED)}) AND a.stage_since < {end} {of_scope}),
        spans AS (
            SELECT organ_id, place, LEAD(place, 1, {after}) OVER w AS until,
                   CASE WHEN SUM(titles) OVER w > 0 THEN {RECOGNISED} ELSE (MAX(fact) OVER w) & 3 END AS code
            FROM facts WINDOW w AS (PARTITION BY organ_id ORDER BY place)),
        clipped AS MATERIALIZED (
            SELECT o.region_id, {_latest("s.place", established)} AS place, s.code,
                   {_earliest("s.until", closed)} AS until
            FROM spans s JOIN creation_organ o ON o.id = s.organ_id
            WHERE s.place < s.until AND s.code > 0 AND o.established_on <= {last}),
        steps AS (
            SELECT region_id, place, code, COUNT(*) AS n FROM clipped WHERE place < until GROUP BY 1, 2, 3
            UNION ALL
            SELECT region_id, until, code, -COUNT(*) FROM clipped WHERE place < until AND until < {after}
            GROUP BY 1, 2, 3
            UNION ALL
            SELECT o.region_id, {established}, {REGISTER}, COUNT(*) FROM {scope} o WHERE o.established_on <= {last}
            GROUP BY 1, 2
            UNION ALL
            SELECT o.region_id, {abolished}, {REGISTER}, -COUNT(*) FROM {scope} o WHERE o.abolished_on <= {last}
            GROUP BY 1, 2),
        change AS (
            SELECT region_id, place, {_sum(f"code = {REGISTER}", "n")} AS organs, {_by_code("code", "n")},
                   {_sum(f"code = {REGISTER}", "n", "-n")} AS not_started
            FROM steps GROUP BY region_id, place),
        own AS (
            SELECT d.region_id, d.as_of, {", ".join(f"CAST(SUM(c.{one}) OVER w AS integer) AS {one}" for one in COUNTS)}
            FROM (SELECT c.region_id, v.column1 AS place, v.column2 AS as_of
                  FROM (SELECT DISTINCT region_id FROM change) c
                  CROSS JOIN (VALUES {", ".join(f"({one}, {_date(day)})" for one, day in enumerate(days))}) v) d
            LEFT JOIN change c ON c.region_id = d.region_id AND c.place = d.place
            WINDOW w AS (PARTITION BY d.region_id ORDER BY d.place))"""


# --- pieces --------------------------------------------------------------------------------------------------------

# larger than any fact about a file
_TITLE = 2**63 - 1


def _file(step: str = "0") -> str:
    """Return a file's rank among the facts of its organ: its round, then when it was begun, then its step."""
    return f"((y.year * 10000000000 + a.id) * 100000 + {step}) * 4"


def _standing(stage: str) -> str:
    """Return the code of a stage's standing: what is not named in `stages.STANDING_OF` is in progress."""
    named = [name for name in CODES if name not in {"in_progress", "recognised"}]
    stages_of = {name: [one for one, of in stages.STANDING_OF.items() if of == name] for name in named}
    cases = " ".join(f"WHEN {stage} IN ({_listed(stages_of[name])}) THEN {CODES[name]}" for name in named)
    return f"CASE {cases} ELSE {CODES['in_progress']} END"


def _by_code(code: str, number: str) -> str:
    """Return the sum of `number` for each standing but the last, which is what is left of the organs."""
    return ", ".join(f"{_sum(f'{code} = {CODES[name]}', number)} AS {name}" for name in COUNTS[1:-1])


def _sum(condition: str, number: str, otherwise: str = "0") -> str:
    return f"CAST(SUM(CASE WHEN {condition} THEN {number} ELSE {otherwise} END) AS integer)"


def _only(scope: str, rows: str) -> str:
    """Return the condition that keeps only what is about the organs of `scope`, nothing where that is all of them.

    A list and no join: SQLite would first read the whole table for a filter of what may be in it.
    """
    return "" if scope == EVERYTHING else f"AND {rows}.organ_id IN (SELECT id FROM {scope})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


# --- what the two databases say differently ------------------------------------------------------------------------


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _date(day: date) -> str:
    return f"DATE '{day}'" if _is_postgresql() else f"'{day}'"


def instant(at: datetime) -> str:
    """Return an instant as SQL, as Django keeps it: on SQLite as text, in UTC and without a zone."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return f"TIMESTAMPTZ '{text}+00'" if _is_postgresql() else f"'{text}'"


def _after(column: str) -> str:
    return f"{column} + 1" if _is_postgresql() else f"date({column}, '+1 day')"


def _earliest(*columns: str) -> str:
    return f"{'LEAST' if _is_postgresql() else 'MIN'}({', '.join(columns)})"


def _latest(*columns: str) -> str:
    return f"{'GREATEST' if _is_postgresql() else 'MAX'}({', '.join(columns)})"


def _place(column: str, days: Sequence[date]) -> str:
    """Return the place of the first of `days` that is not before a column's date; 0 for all that lies before them."""
    if _is_postgresql():
        return f"width_bucket({column}, ARRAY[{', '.join(_date(day + A_DAY) for day in days)}])"
    first = days[0].year * 12 + days[0].month
    return f"MAX(0, substr({column}, 1, 4) * 12 + substr({column}, 6, 2) - {first})"


def _place_of_instant(column: str, days: Sequence[date]) -> str:
    if _is_postgresql():
        return f"width_bucket({column}, ARRAY[{', '.join(instant(end_of(day)) for day in days)}])"
    return _place(f"date({column}, '{HOURS_AHEAD:+d} hours')", days)
