"""The least any program could do: each count as one statement written by hand, sent by the bare driver.

They know what the portal may not take for granted: that no organ of the bench has two titles at once, that files are
few, that the snapshot's rows need no proof. They give the same numbers on these rows.
"""

from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta

from django.db import connection

UPSERT = """
INSERT INTO reviews_completionrate
    (region_id, level, as_of, organs, recognised, in_progress, not_met, not_started, computed_at)
SELECT region_id, level, as_of, n, r, p, m, n - r - p - m, CURRENT_TIMESTAMP FROM ({rows}) x WHERE n > 0
ON CONFLICT (region_id, level, as_of) DO UPDATE SET organs = excluded.organs, recognised = excluded.recognised,
    in_progress = excluded.in_progress, not_met = excluded.not_met, not_started = excluded.not_started,
    computed_at = excluded.computed_at
"""
CODE = "CASE WHEN {0} IN ('recognised', 'withdrawn') THEN 0 WHEN {0} IN ('revoked', 'not_met') THEN 1 ELSE 2 END"

ONE_DAY = """
WITH facts AS (
    SELECT organ_id, 9000000000000000003 AS k FROM creation_recognition
    WHERE granted_on <= {day} AND (revoked_on IS NULL OR revoked_on > {day})
      AND (replaced_on IS NULL OR replaced_on > {day}) AND (valid_until IS NULL OR valid_until >= {day})
    UNION ALL
    SELECT a.organ_id, (y.year * 1000000000000 + a.id) * 4 + {code}
    FROM creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id WHERE a.stage_since < {end}),
standing AS (SELECT organ_id, MAX(k) & 3 AS s FROM facts GROUP BY organ_id),
own AS (
    SELECT o.region_id, COUNT(*) AS n, COUNT(CASE WHEN s = 3 THEN 1 END) AS r, COUNT(CASE WHEN s = 2 THEN 1 END) AS p,
           COUNT(CASE WHEN s = 1 THEN 1 END) AS m
    FROM creation_organ o LEFT JOIN standing ON standing.organ_id = o.id
    WHERE o.established_on <= {day} AND (o.abolished_on IS NULL OR o.abolished_on > {day}) GROUP BY o.region_id)
SELECT p.ancestor_id AS region_id, k.kind AS level, {day} AS as_of, SUM(n) AS n, SUM(r) AS r, SUM(p) AS p, SUM(m) AS m
FROM own JOIN creation_region k ON k.id = own.region_id JOIN creation_regionpath p ON p.descendant_id = own.region_id
GROUP BY 1, 2
"""

HISTORY = """
WITH facts AS (
    SELECT organ_id, {granted} AS b, 1 AS live, CAST(0 AS bigint) AS k FROM creation_recognition
    WHERE granted_on <= {last}
    UNION ALL
    SELECT organ_id, {ended}, -1, 0 FROM (
        SELECT organ_id, {least}(COALESCE(revoked_on, {never}), COALESCE(replaced_on, {never}),
                                 COALESCE({day_after}, {never})) AS ended
        FROM creation_recognition WHERE granted_on <= {last}) e WHERE ended <= {last}
    UNION ALL
    SELECT a.organ_id, {started}, 0, (y.year * 1000000000000 + a.id) * 12 + 2
    FROM creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id WHERE a.started_at < {end}
    UNION ALL
    SELECT a.organ_id, {changed}, 0, (y.year * 1000000000000 + a.id) * 12 + 4 + {step_code}
    FROM creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id
    JOIN creation_stagechange c ON c.assessment_id = a.id
    WHERE a.stage = 'revoked' AND c.to_stage = 'recognised' AND c.at < {end}
    UNION ALL
    SELECT a.organ_id, {since}, 0, (y.year * 1000000000000 + a.id) * 12 + 8 + {code}
    FROM creation_assessment a JOIN creation_cycle y ON y.id = a.cycle_id
    WHERE a.stage IN ('recognised', 'withdrawn', 'revoked', 'not_met') AND a.stage_since < {end}),
run AS (
    SELECT organ_id, b, LEAD(b, 1, {after}) OVER w AS nb, SUM(live) OVER w AS live, MAX(k) OVER w AS k
    FROM facts WINDOW w AS (PARTITION BY organ_id ORDER BY b)),
clipped AS MATERIALIZED (
    SELECT o.region_id, {greatest}(r.b, {established}) AS b,
           {least}(r.nb, CASE WHEN o.abolished_on <= {last} THEN {abolished} ELSE {after} END) AS nb,
           CASE WHEN live > 0 THEN 3 ELSE k & 3 END AS s
    FROM run r JOIN creation_organ o ON o.id = r.organ_id
    WHERE r.b < r.nb AND (live > 0 OR k & 3 > 0) AND o.established_on <= {last}),
edges AS (
    SELECT region_id, b, s, COUNT(*) AS c FROM clipped WHERE b < nb GROUP BY 1, 2, 3
    UNION ALL SELECT region_id, nb, s, -COUNT(*) FROM clipped WHERE b < nb AND nb < {after} GROUP BY 1, 2, 3
    UNION ALL SELECT o.region_id, {established}, 9, COUNT(*) FROM creation_organ o WHERE established_on <= {last}
    GROUP BY 1, 2
    UNION ALL SELECT o.region_id, {abolished}, 9, -COUNT(*) FROM creation_organ o WHERE abolished_on <= {last}
    GROUP BY 1, 2),
own AS (
    SELECT region_id, b, CAST(SUM(CASE WHEN s = 9 THEN c ELSE 0 END) AS integer) AS n,
           CAST(SUM(CASE WHEN s = 3 THEN c ELSE 0 END) AS integer) AS r,
           CAST(SUM(CASE WHEN s = 2 THEN c ELSE 0 END) AS integer) AS p,
           CAST(SUM(CASE WHEN s = 1 THEN c ELSE 0 END) AS integer) AS m
    FROM edges GROUP BY 1, 2),
ups AS (
    SELECT p.ancestor_id, k.kind, own.b, SUM(n) AS n, SUM(r) AS r, SUM(own.p) AS p, SUM(m) AS m
    FROM own JOIN creation_region k ON k.id = own.region_id
    JOIN creation_regionpath p ON p.descendant_id = own.region_id GROUP BY 1, 2, 3)
SELECT q.ancestor_id AS region_id, q.kind AS level, q.as_of, SUM(u.n) OVER w AS n, SUM(u.r) OVER w AS r,
       SUM(u.p) OVER w AS p, SUM(u.m) OVER w AS m
FROM (SELECT ancestor_id, kind, v.column1 AS b, v.column2 AS as_of
      FROM (SELECT DISTINCT ancestor_id, kind FROM ups) d CROSS JOIN (VALUES {days}) v) q
LEFT JOIN ups u ON u.ancestor_id = q.ancestor_id AND u.kind = q.kind AND u.b = q.b
WINDOW w AS (PARTITION BY q.ancestor_id, q.kind ORDER BY q.b)
"""


def one_day(day: date) -> None:
    """Count all regions and levels on one day into the snapshot, and commit."""
    _send(ONE_DAY.format(day=_date(day), end=_midnight_after(day), code=CODE.format("a.stage")))


def history(days: Sequence[date]) -> None:
    """Count all regions and levels on the ends of consecutive months and a last day, and commit."""

    def place(column: str) -> str:
        if _postgres():
            return f"width_bucket({column}, ARRAY[{', '.join(_date(day + timedelta(1)) for day in days)}])"
        first = days[0].year * 12 + days[0].month
        return f"MAX(0, substr({column}, 1, 4) * 12 + substr({column}, 6, 2) - {first})"

    def instant(column: str) -> str:
        if _postgres():
            return f"width_bucket({column}, ARRAY[{', '.join(map(_midnight_after, days))}])"
        return place(f"date({column}, '+8 hours')")

    _send(
        HISTORY.format(
            **{name: place(column) for name, column in (("granted", "granted_on"), ("ended", "ended"))},
            **{name: place(f"o.{name}_on") for name in ("established", "abolished")},
            started=instant("a.started_at"),
            changed=instant("c.at"),
            since=instant("a.stage_since"),
            least="LEAST" if _postgres() else "MIN",
            greatest="GREATEST" if _postgres() else "MAX",
            day_after="valid_until + 1" if _postgres() else "date(valid_until, '+1 day')",
            code=CODE.format("a.stage"),
            step_code=CODE.format("c.to_stage"),
            never=_date(date(9999, 12, 31)),
            last=_date(days[-1]),
            end=_midnight_after(days[-1]),
            after=len(days),
            days=", ".join(f"({place}, {_date(day)})" for place, day in enumerate(days)),
        )
    )


def _send(rows: str) -> None:
    connection.ensure_connection()
    driver = connection.connection
    with closing(driver.cursor()) as cursor:
        cursor.execute("BEGIN" if not _postgres() else "BEGIN; SET LOCAL jit = off")
        cursor.execute(UPSERT.format(rows=rows))
        cursor.execute("COMMIT")


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def _date(day: date) -> str:
    return f"DATE '{day}'" if _postgres() else f"'{day}'"


def _midnight_after(day: date) -> str:
    """Return the end of a day in Asia/Shanghai, which is 16:00 of that day in UTC."""
    return f"TIMESTAMPTZ '{day} 16:00:00+00'" if _postgres() else f"'{day} 16:00:00'"
