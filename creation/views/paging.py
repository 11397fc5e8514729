"""Pages of a list that may be very long."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST_ROWS = 10_000  # nobody turns two hundred pages: beyond them a filter helps


class Bounded(Paginator):
    """Counts and turns the first `MOST_ROWS` rows: neither a count of everything nor a page far behind is ever read.

    `more` tells that there are others behind them, which a page says in words. With `columns` a page has a dict of
    them for each row; the tables they are read from are not joined for the count.
    """

    def __init__(self, rows: QuerySet, per_page: int, *, columns: Iterable[str] = ()):
        super().__init__(rows.values(*columns) if columns else rows, per_page)
        self._rows = rows

    @cached_property
    def _seen(self) -> int:
        return self._rows.order_by().values("pk")[: MOST_ROWS + 1].count()

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be turned to."""
        return min(self._seen, MOST_ROWS)

    @property
    def more(self) -> bool:
        """Tell whether the list goes on behind its last page."""
        return self._seen > MOST_ROWS
