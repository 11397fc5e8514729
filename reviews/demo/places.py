"""Regions, register, competent departments: the demonstration's places, taken in by the import that everybody uses."""

import hashlib
from pathlib import Path

from creation import clock
from creation.actions import places
from creation.importing.work import carry_out
from creation.models import Import, Region, User
from reviews.demo.builders import DATA

NATION, CITY, DONGCHENG = "100000", "110000", "110101"


def build_register() -> None:
    """Put the regions and the register of the demonstration in place."""
    take_in(Import.Kind.REGIONS, DATA / "regions.csv")
    take_in(Import.Kind.REGISTER, DATA / "register_demo.csv")


def take_in(kind: str, path: Path, *, by: User | None = None) -> None:
    """Import a whole file at once; a fault in it is an error of the demonstration and is raised."""
    at, digest = clock.now(), hashlib.sha256(path.read_bytes()).hexdigest()
    row = Import(kind=kind, state=Import.State.APPLIED, name=path.name, sha256=digest, by=by, at=at, applied_at=at)
    carry_out(row, path, by=by)


def set_departments(*, by: User) -> None:
    """Record each region's competent department with an invented office; its name tells it on the register."""
    for number, region in enumerate(Region.objects.filter(organs__isnull=False).distinct()):
        department = region.organs.get(name_en__contains="Organ Affairs")
        places.set_department(
            region,
            {
                "department": department,
                "office_phone": f"010-5550{number:04d}",
                "office_address": f"{region.name}演示路{number + 1}号（演示）",
                "office_mailbox": f"office-{region.code}@example.cn",
            },
            by=by,
        )
