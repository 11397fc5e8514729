"""How far numbers can be trusted to be today's: what waits, what failed, and whether the worker is at work at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creation import clock
from portal.dashboard.places import Place
from portal.operations import NIGHTLY, SWEEP, late_after

STALE_AFTER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a page of rates says of its numbers; `counted_at` is when those of the snapshot were computed."""

    counted_at: datetime | None = None
    is_pending: bool = False  # the page asks again until this is over
    waiting_since: datetime | None = None  # of a change that has waited for longer than it should
    silent_since: datetime | None = None  # the last sign of life of a worker that gives none any more
    unproved_since: datetime | None = None  # the last nightly run, where one is overdue
    is_from_earlier: bool = False
    has_failed: bool = False

    @property
    def is_stale(self) -> bool:
        """Tell whether the page warns."""
        late = self.waiting_since or self.silent_since or self.unproved_since
        return bool(late) or self.is_from_earlier or self.has_failed


def of(place: Place) -> Freshness:
    """Return how fresh the snapshot is; everything was read with the place, so it costs no statement."""
    now, signs = clock.now(), place.signs
    is_from_earlier = signs.as_of is not None and signs.as_of < clock.today()
    alive = signs.swept_at or signs.counted_at  # before its first sweep the worker was seen when it counted
    return Freshness(
        counted_at=signs.counted_at,
        is_pending=signs.waiting_since is not None or is_from_earlier or signs.counted_at is None,
        waiting_since=_past(signs.waiting_since, now, STALE_AFTER),
        silent_since=_past(alive, now, late_after(SWEEP)),
        unproved_since=_past(signs.nightly_at, now, late_after(NIGHTLY)),
        is_from_earlier=is_from_earlier,
        has_failed=bool(signs.last_error),
    )


def _past(since: datetime | None, now: datetime, limit: timedelta) -> datetime | None:
    """Return the instant where it lies further back than the limit."""
    return since if since is not None and now - since > limit else None
