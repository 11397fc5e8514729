"""Addresses of the organs whose files are under way, invented and marked as such, so that a route can be walked."""

from creation.models import Cycle, Organ, User
from reviews.demo.places import CITY

STREETS = ("节能路", "绿色大街", "勤俭胡同", "清风街", "环保北路")


def give_addresses() -> None:
    """Give every organ with a file in the open round, and its clerks, an address and a number that are invented."""
    cycle = Cycle.objects.open().order_by("-year").first()
    organs = list(Organ.objects.filter(assessments__cycle=cycle, address="").select_related("region"))
    for number, organ in enumerate(organs):
        area = "北京市" if organ.region.code == CITY else f"北京市{organ.region.name}"
        organ.address = f"{area}{STREETS[number % len(STREETS)]}{number // len(STREETS) * 2 + 1}号（演示）"
    Organ.objects.bulk_update(organs, ["address"])
    clerks = list(User.objects.filter(appointments__role="clerk", appointments__organ__in=organs, phone="").distinct())
    for number, clerk in enumerate(clerks):
        clerk.phone = f"010-5551{number:04d}"
    User.objects.bulk_update(clerks, ["phone"])
