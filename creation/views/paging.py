"""Pages of a list that may be very long."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

MOST_ROWS = 10_000  # nobody turns two hundred pages: beyond them a filter helps


class Bounded(Paginator):
    """Counts and turns the first `MOST_ROWS` rows: neither a count of everything nor a page far behind is ever read.

    `more` tells that there are others behind them, which a page says in words.
    """

    @cached_property
    def _seen(self) -> int:
        return self.object_list.order_by().values("pk")[: MOST_ROWS + 1].count()

    @cached_property
    def count(self) -> int:
        """Return the number of rows that can be turned to."""
        return min(self._seen, MOST_ROWS)

    @property
    def more(self) -> bool:
        """Tell whether the list goes on behind its last page."""
        return self._seen > MOST_ROWS
