"""A seeded register as plain rows: regions, organs, titles over 36 months, files in four rounds and their steps.

The same seed gives the same rows on every machine and in every database.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from creation import stages
from creation.credit_code import check_character
from portal.bench.scales import Scale

SEED = 2_020_338
MONTHS = 36
DAYS = MONTHS * 30  # how far back titles were granted
BY = 1  # whoever did it all

# organs of one region of a kind, in parts of those of a district
WEIGHTS = {"nation": 1.0, "province": 2.0, "city": 1.5, "district": 1.0}
CATEGORIES = ("administrative", "party", "township", "public_institution", "court")
WAY = ("start", "prepare", "submit", "assign", "pass", "clear", "publicise", "recognise")
SHARE = {"title": 0.62, "from a file": 0.5, "revoked": 0.04, "replaced": 0.04, "with an end": 0.5, "begun": 0.5}
SHARE |= {"not met": 0.2, "withdrawn": 0.1, "new": 0.03, "abolished": 0.02}


@dataclass
class Register:
    """The rows of all tables, in the order of the columns named in `loading.COLUMNS`."""

    scale: Scale
    today: date
    regions: list[tuple] = field(default_factory=list)
    paths: list[tuple] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay out the tree: each region lies below one of the kind above, as evenly as numbers allow."""
        parents: list[int] = []
        above: dict[int, list[int]] = {}
        for kind, number in self.scale.regions:
            mine = []
            for place in range(number):
                pk = len(self.regions) + 1
                parent = parents[place * len(parents) // number] if parents else None
                self.regions.append((pk, f"地区{pk}", f"Region {pk}", f"{pk:06d}", kind, parent, pk, "", "", ""))
                self.kinds.append(kind)
                above[pk] = [pk, *above.get(parent, [])]
                mine.append(pk)
            parents = mine
        pairs = ((up, pk, depth) for pk, way in above.items() for depth, up in enumerate(way))
        self.paths = [(number, *pair) for number, pair in enumerate(pairs, 1)]

    def homes(self) -> Iterator[int]:
        """Yield the region of each organ, as many as the scale has."""
        whole = sum(WEIGHTS[kind] for kind in self.kinds)
        done, share = 0, 0.0
        for pk, kind in enumerate(self.kinds, 1):
            share += WEIGHTS[kind] / whole
            until = round(share * self.scale.organs)
            yield from (pk for _ in range(until - done))
            done = until


def organs(register: Register) -> Iterator[tuple]:
    """Yield the organs: most long on the register, some new, some closed."""
    draw = random.Random(SEED)  # noqa: S311 play data
    for pk, region in enumerate(register.homes(), 1):
        base = f"11{region % 1_000_000:06d}{pk:09d}"
        since, until = date(2015, 1, 1) + timedelta(days=draw.randrange(1500)), None
        if draw.random() < SHARE["new"]:
            since = register.today - timedelta(days=draw.randrange(DAYS))
        elif draw.random() < SHARE["abolished"]:
            until = register.today - timedelta(days=draw.randrange(DAYS))
        yield (
            pk,
            f"第{pk}机关（测算）",
            f"Organ {pk} (bench)",
            base + check_character(base),
            region,
            CATEGORIES[pk % len(CATEGORIES)],
            20 + pk % 300,
            f"{500 + pk % 9000}.50",
            f"某路{pk % 2000}号",
            since,
            until,
        )


@dataclass
class Story:
    """What became of one organ: its titles and files, as rows without their numbers."""

    titles: list[dict] = field(default_factory=list)
    files: list[tuple[date, list[str]]] = field(default_factory=list)  # when it ended, and its steps


def stories(register: Register) -> Iterator[Story]:
    """Yield what became of each organ, in the order of the organs."""
    draw = random.Random(SEED + 1)  # noqa: S311 play data
    for _organ in range(register.scale.organs):
        story = Story()
        if draw.random() < SHARE["title"]:
            _recognise(story, register.today, draw)
        else:
            _try(story, register.today, draw)
        yield story


def _recognise(story: Story, today: date, draw: random.Random) -> None:
    granted = today - timedelta(days=draw.randrange(DAYS))
    title = {"granted_on": granted, "valid_until": None, "revoked_on": None, "replaced_on": None, "file": False}
    if draw.random() < SHARE["with an end"]:
        title["valid_until"] = granted + timedelta(days=draw.choice((365, 730, 1825)))
    story.titles.append(title)
    way = list(WAY)
    fate, later = draw.random(), granted + timedelta(days=draw.randrange(1, 400))
    if later <= today and fate < SHARE["revoked"]:
        title["revoked_on"] = later
        way.append("revoke")
    elif later <= today and fate < SHARE["revoked"] + SHARE["replaced"]:
        title["replaced_on"] = later
        story.titles.append(title | {"granted_on": later, "replaced_on": None, "valid_until": None, "file": False})
    if draw.random() < SHARE["from a file"]:
        title["file"] = True
        story.files.append((title["revoked_on"] or granted, way))


def _try(story: Story, today: date, draw: random.Random) -> None:
    if draw.random() >= SHARE["begun"]:
        return
    fate = draw.random()
    if fate < SHARE["not met"]:
        story.files.append((today.replace(month=3, day=1) - timedelta(days=365), [*WAY[:4], "fail"]))
    elif fate < SHARE["not met"] + SHARE["withdrawn"]:
        story.files.append((today.replace(month=3, day=1) - timedelta(days=365), ["start", "withdraw"]))
    story.files.append((today - timedelta(days=draw.randrange(30)), list(WAY[: draw.randrange(1, 8)])))


def steps(ended: date, names: list[str]) -> Iterator[tuple[int, str, str, str, datetime]]:
    """Yield number, step, stage before, stage after and instant of each step of a file that stood still at `ended`."""
    at = datetime.combine(ended - timedelta(days=9 * (len(names) - 1)), time(3), UTC)
    stage = ""
    for number, name in enumerate(names, 1):
        to_stage = stages.STEPS[name].to_stage
        yield number, name, stage, to_stage, at
        stage, at = to_stage, at + timedelta(days=9)
