"""What the rate would be if so many more organs, or so many more regions, came to it; nothing is changed by looking."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from reviews import rates
from reviews.rates import Counts, TargetState

MORE, REGIONS, EACH = "more", "regions", "each"
LABELS = {
    MORE: _("So many organs more are recognised"),
    REGIONS: _("So many regions more reach the target"),
    EACH: _("So many organs more in each region below"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer: how many organs more that makes, the rate with them, and how it stands to each target."""

    added: int
    counts: Counts
    states: list[TargetState]
    note: object = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One slider: its name and label, where it stands and ends, and what comes of it: one answer, or two bounds."""

    name: str
    label: object
    chosen: int
    most: int
    outcomes: list[Outcome]


def read(
    counts: Counts, states: list[TargetState], below: Iterable[Counts], asked: dict[str, int]
) -> tuple[list[WhatIf], TargetState | None]:
    """Return the sliders that make sense here, and the target that regions are measured by: the first one missed.

    `below` are the counts of the regions below. Each slider is reckoned by itself.
    """
    parts = [one for one in below if one.organs]
    target = next((state for state in states if not state.met), states[-1] if states else None)
    found = [_by_organs(counts, states, asked.get(MORE, 0))]
    if parts and target:
        found.append(_by_regions(counts, states, _gaps(parts, target), asked.get(REGIONS, 0)))
    if parts:
        found.append(_by_each(counts, states, parts, asked.get(EACH, 0)))
    return found, target


def with_more(counts: Counts, more: int) -> Counts:
    """Return the counts with so many more organs recognised, as far as there are any; the register stays."""
    recognised = min(counts.organs, counts.recognised + max(0, more))
    return Counts(recognised, not_started=counts.organs - recognised)


def _by_organs(counts: Counts, states: list[TargetState], asked: int) -> WhatIf:
    most = counts.organs - counts.recognised
    chosen = min(max(0, asked), most)
    return WhatIf(MORE, LABELS[MORE], chosen, most, [_outcome(counts, states, chosen)])


def _by_regions(counts: Counts, states: list[TargetState], gaps: list[int], asked: int) -> WhatIf:
    """Let so many regions that miss the target just reach it: those with the smallest gaps, or with the largest."""
    chosen = min(max(0, asked), len(gaps))
    few, many = sum(gaps[:chosen]), sum(gaps[len(gaps) - chosen :])
    outcomes = [_outcome(counts, states, few, _("(if it is those that miss the fewest organs)"))]
    if many != few:
        outcomes.append(_outcome(counts, states, many, _("(if it is those that miss the most organs)")))
    return WhatIf(REGIONS, LABELS[REGIONS], chosen, len(gaps), outcomes)


def _by_each(counts: Counts, states: list[TargetState], parts: list[Counts], asked: int) -> WhatIf:
    left = [one.organs - one.recognised for one in parts]
    chosen = min(max(0, asked), max(left))
    return WhatIf(EACH, LABELS[EACH], chosen, max(left), [_outcome(counts, states, sum(min(chosen, n) for n in left))])


def _gaps(parts: list[Counts], target: TargetState) -> list[int]:
    """Return how many organs each region misses to reach the target, the smallest gap first; none where it is met."""
    missing = (rates.missing(one.recognised, one.organs, target.percent) for one in parts)
    return sorted(gap for gap in missing if gap)


def _outcome(counts: Counts, states: list[TargetState], more: int, note: object = "") -> Outcome:
    imagined = with_more(counts, more)
    return Outcome(
        more,
        imagined,
        [
            TargetState(
                one.percent,
                one.starts_on,
                one.deadline,
                rates.is_met(imagined.recognised, imagined.organs, one.percent),
                rates.missing(imagined.recognised, imagined.organs, one.percent),
            )
            for one in states
        ],
        note,
    )
