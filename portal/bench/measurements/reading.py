"""What a dashboard reads while somebody waits."""

from contextlib import closing
from types import SimpleNamespace

from django.db import connection

from creation.models import Region
from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench
from portal.dashboard import figures

REPEATED = 20
SNAPSHOT = """
SELECT * FROM reviews_completionrate WHERE region_id = {mark} OR (region_id IN ({marks}) AND
    as_of = (SELECT MAX(as_of) FROM reviews_completionrate WHERE region_id = {mark}))
"""


def dashboard(bench: Bench) -> Measured:
    """Read the numbers of the largest region from the snapshot, beside the same rows by the bare driver."""
    root = Region.objects.get(parent=None)
    below = list(Region.objects.filter(parent=root))
    place = SimpleNamespace(region=root, children=below)  # what the numbers ask of a place
    statement, keys = _statement(len(below) + 1), [root.pk, root.pk, *(region.pk for region in below), root.pk]

    def project() -> None:
        for _time in range(REPEATED):
            figures.of_today(place)

    def floor() -> None:
        connection.ensure_connection()
        for _time in range(REPEATED):
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(statement, keys)
                cursor.fetchall()

    name = f"dashboard numbers read {REPEATED} times"
    return compare(name, project, floor, at_most=None, rounds=bench.rounds, note="objects and their history")


def _statement(regions: int) -> str:
    """Return the statement for so many regions, with the marks of the driver at hand."""
    mark = "%s" if connection.vendor == "postgresql" else "?"
    return SNAPSHOT.format(mark=mark, marks=", ".join([mark] * regions))
