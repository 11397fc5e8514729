"""The earlier rounds: 2020 as it was announced, later ones invented, so that rates have a past and differ."""

from dataclasses import astuple, dataclass, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from creation import clock
from creation.models import Import, Organ, Recognition, Region, User
from creation.spreadsheets import write_csv
from reviews.demo.places import take_in

FIRST_ROUND, FIRST_DAY = 2020, date(2021, 6, 25)
FIRST_LATER_ROUND = 2022
# 26 municipal and 312 district organs passed the 2020 round; which ones and in which districts is invented.
FIRST_ORGANS = {"city": 26, "district": 312}
# How many percent of its organs each region has recognised before the current round.
SHARES = {
    "110000": 86,
    "110101": 68,
    "110102": 80,
    "110105": 84,
    "110106": 79,
    "110107": 86,
    "110108": 80,
    "110109": 73,
    "110111": 77,
    "110112": 85,
    "110113": 76,
    "110114": 71,
    "110115": 82,
    "110116": 88,
    "110117": 74,
    "110118": 78,
    "110119": 81,
    "110400": 94,
}
# Titles of the 2020 round that ended: (district, how it ended)
ENDED = (
    ("110101", "revoked"),
    ("110105", "expired"),
    ("110106", "revoked"),
    ("110108", "expired"),
    ("110111", "revoked"),
    ("110113", "expired"),
    ("110114", "revoked"),
    ("110117", "expired"),
)
REVOKED_ON, EXPIRED_ON = date(2024, 5, 20), date(2025, 6, 24)
REVOKE_REASON = "“回头看”发现存在违规浪费问题，经核实撤销（演示）。"


@dataclass(frozen=True, slots=True)
class Earlier:
    """One line of a list of earlier recognitions, in the columns of the file that imports them."""

    credit_code: str
    granted_on: date
    batch: str
    document_number: str
    valid_until: date | None = None
    revoked_on: date | None = None
    reason: str = ""


def shuffled(region: Region) -> list[Organ]:
    """Return the region's organs in an order that is the same on every build, its competent department first."""

    def place(organ: Organ) -> tuple[bool, str]:
        return organ.pk != region.department_id, sha256(organ.credit_code.encode()).hexdigest()

    return sorted(region.organs.all(), key=place)


def in_proportion(total: int, weights: list[int]) -> list[int]:
    """Return `total` spread over the weights as whole numbers (largest remainders, the earlier first among equals)."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def earlier_recognitions(today: date) -> list[Earlier]:
    """Return every title granted before the current round, by region, with a round in every later year."""
    years = list(range(FIRST_LATER_ROUND, today.year))
    regions = list(Region.objects.filter(organs__isnull=False).distinct())
    lines: list[Earlier] = []
    for kind, total in FIRST_ORGANS.items():
        own = [region for region in regions if region.kind == kind]
        first = in_proportion(total, [region.organs.count() for region in own])
        for region, number in zip(own, first, strict=True):
            lines += _of_region(region, number, years)
    return lines


def _of_region(region: Region, first: int, years: list[int]) -> list[Earlier]:
    organs = shuffled(region)
    ended = [how for code, how in ENDED if code == region.code]
    holders = organs[: len(organs) * SHARES[region.code] // 100]
    start = first - len(ended)
    lines = [_first(organ) for organ in holders[:start]]
    lines += [_first(organ, how) for organ, how in zip(organs[len(holders) :], ended, strict=False)]
    # each round is smaller than the one before
    sizes = in_proportion(len(holders) - start, list(range(len(years), 0, -1)))
    for year, size in zip(years, sizes, strict=True):
        lines += [_later(organ, year) for organ in holders[start : start + size]]
        start += size
    return lines


def _first(organ: Organ, how: str = "") -> Earlier:
    ends = {
        "": {},
        "expired": {"valid_until": EXPIRED_ON},
        "revoked": {"revoked_on": REVOKED_ON, "reason": REVOKE_REASON},
    }
    return Earlier(organ.credit_code, FIRST_DAY, f"{FIRST_ROUND}年度（演示）", "京管发〔2021〕1号（演示）", **ends[how])


def _later(organ: Organ, year: int) -> Earlier:
    return Earlier(organ.credit_code, date(year, 12, 28), f"{year}年度（演示）", f"京管发〔{year}〕9号（演示）")


def build_history(*, by: User) -> None:
    """Record the earlier recognitions through the import, as a municipality brings in what was before the portal."""
    columns = [column.name for column in fields(Earlier)]
    lines = [[str(value or "") for value in astuple(line)] for line in earlier_recognitions(clock.today())]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "earlier_recognitions_demo.csv"
        path.write_bytes(write_csv([columns, *lines]))
        take_in(Import.Kind.RECOGNITIONS, path, by=by)


def without_title(region: Region, day: date) -> list[Organ]:
    """Return the region's organs without a live title on `day`, in the order of `shuffled`."""
    live = set(Recognition.objects.live_on(day).filter(organ__region=region).values_list("organ_id", flat=True))
    return [organ for organ in shuffled(region) if organ.pk not in live]
