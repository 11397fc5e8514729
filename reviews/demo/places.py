"""Regions, register, competent departments: the demonstration's places."""

import csv
from datetime import date
from decimal import Decimal

from creation.actions import places
from creation.models import Organ, Region, User
from reviews.demo.builders import DATA

NATION, CITY, DONGCHENG = "100000", "110000", "110101"


def build_register() -> None:
    """Put the regions and the register of the demonstration in place."""
    with (DATA / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), start=1):
            parent = Region.objects.filter(code=row["parent_code"]).first()
            Region.objects.create(
                code=row["code"],
                kind=row["kind"],
                name=row["name"],
                name_en=row["name_en"],
                parent=parent,
                position=position,
            )
    places.rebuild_region_paths()
    regions = {region.code: region for region in Region.objects.all()}
    with (DATA / "register_demo.csv").open(encoding="utf-8-sig", newline="") as file:
        organs = [_organ(row, regions) for row in csv.DictReader(file)]
    Organ.objects.bulk_create(organs, batch_size=500)


def _organ(row: dict[str, str], regions: dict[str, Region]) -> Organ:
    return Organ(
        credit_code=row["credit_code"],
        name=row["name"],
        name_en=row["name_en"],
        region=regions[row["region_code"]],
        category=row["category"],
        staff=int(row["staff"]) if row["staff"] else None,
        floor_area_m2=Decimal(row["floor_area_m2"]) if row["floor_area_m2"] else None,
        established_on=date.fromisoformat(row["established_on"]),
        abolished_on=date.fromisoformat(row["abolished_on"]) if row["abolished_on"] else None,
    )


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
