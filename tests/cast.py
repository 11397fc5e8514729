"""The fixed cast: the same places and people in every test, a stranger among them."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from creation import clock
from creation.actions import files
from creation.models import Assessment, Cycle, Organ, Region, Standard, User
from reviews.demo import builders
from reviews.models import CalendarYear
from reviews.workdays import library_years

# as far ahead as tests set the clock and publish
AHEAD = timedelta(days=45)


@dataclass
class World:
    """A city with two districts, their organs, everybody who works on files there, and an open round."""

    nation: Region
    city: Region
    district: Region
    other_district: Region
    organ: Organ
    neighbour: Organ
    far_organ: Organ
    municipal_organ: Organ
    people: dict[str, User]
    standard: Standard
    cycle: Cycle

    def __getitem__(self, username: str) -> User:
        """Return a person of the cast, freshly loaded, as a request would load them."""
        return User.objects.get(username=username)

    def start(self, organ: Organ | None = None) -> Assessment:
        """Start the file of an organ (by default `organ`) and return it."""
        organ = organ or self.organ
        return files.start(organ, self.cycle, by=self.clerk_of(organ))

    def clerk_of(self, organ: Organ) -> User:
        """Return the organ's clerk."""
        return User.objects.get(appointments__organ=organ, appointments__role="clerk")

    def bring_to(self, stage: str, organ: Organ | None = None) -> Assessment:
        """Start a file and take it along the straight way to `stage`."""
        organ = organ or self.organ
        return builders.bring_to(self.start(organ), stage, self.cast_for(organ))

    def cast_for(self, organ: Organ) -> dict[str, User]:
        """Return who takes the steps on this organ's file."""
        cast = {name: self[name] for name in self.people}
        cast["clerk"] = self.clerk_of(organ)
        cast["signatory"] = User.objects.get(appointments__organ=organ, appointments__role="signatory")
        if organ == self.far_organ:
            cast |= {name: self[f"far_{name}"] for name in ("official", "inspector", "inspector2")}
        if organ == self.municipal_organ:
            cast |= {"official": self["city"], "inspector": self["checker"], "inspector2": self["checker2"]}
            cast |= {"superior": self["state"], "checker": self["state_checker"], "checker2": self["state_checker2"]}
        return cast


def know_the_years_ahead() -> None:
    """Enter plain years where a notice of the coming weeks reaches one that the library does not know yet.

    Otherwise every test that publishes fails in the last days of a year, until the library is brought up to date.
    """
    today = clock.today()
    if (today + AHEAD).year not in library_years():
        for year in {today.year, today.year + 1} - set(library_years()):
            CalendarYear.objects.create(year=year, source="a plain year for tests", entered_at=clock.now())


@pytest.fixture
def world(db) -> World:
    """Return the cast in its places, with the demonstration standard published and a round open."""
    know_the_years_ahead()
    nation = builders.make_region("100000", "全国", "nation", name_en="Nationwide")
    city = builders.make_region("110000", "北京市", "city", nation, name_en="Beijing")
    district = builders.make_region("110101", "东城区", "district", city, name_en="Dongcheng")
    other = builders.make_region("110102", "西城区", "district", city, name_en="Xicheng")
    organ, neighbour = builders.make_organ(district, 1), builders.make_organ(district, 2)
    far_organ, municipal = builders.make_organ(other, 3), builders.make_organ(city, 4)
    posts = {
        "clerk": [("clerk", organ)],
        "clerk2": [("clerk", neighbour)],
        "signatory": [("signatory", organ)],
        "signatory2": [("signatory", neighbour)],
        "far_clerk": [("clerk", far_organ)],
        "far_signatory": [("signatory", far_organ)],
        "city_clerk": [("clerk", municipal)],
        "city_signatory": [("signatory", municipal)],
        "official": [("official", district)],
        "inspector": [("inspector", district)],
        "inspector2": [("inspector", district)],
        "far_official": [("official", other)],
        "far_inspector": [("inspector", other)],
        "far_inspector2": [("inspector", other)],
        "city": [("official", city)],
        "superior": [("official", city)],
        "checker": [("inspector", city)],
        "checker2": [("inspector", city)],
        "registrar": [("registrar", city)],
        "district_registrar": [("registrar", district)],
        "viewer": [("viewer", city)],
        "state": [("official", nation)],
        "state_checker": [("inspector", nation)],
        "state_checker2": [("inspector", nation)],
        "stranger": [],
    }
    people = {username: builders.make_person(username, *held) for username, held in posts.items()}
    standard = builders.make_standard(by=people["city"])
    cycle = builders.make_cycle(city, standard, by=people["city"])
    return World(nation, city, district, other, organ, neighbour, far_organ, municipal, people, standard, cycle)


@pytest.fixture
def sign_in(world):
    """Return a function from a user name to a signed-in client (`public` gives one that is not signed in)."""

    def signed_in(username: str) -> Client:
        client = Client()
        if username != "public":
            client.force_login(world[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def keyed(**fields: object) -> dict:
    """Return the fields of a changing form together with a fresh form key."""
    return {"form_key": str(uuid4()), **fields}
