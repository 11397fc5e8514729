"""The demonstration world in parts: each is one transaction with its own mark, and is skipped where the mark stands."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from creation import clock, doorbell, stages
from creation.models import Event, Region, User
from reviews import workdays
from reviews.actions.notices import enter_calendar
from reviews.actions.rates import recount_all
from reviews.demo import (
    addresses,
    announced,
    current_round,
    energy,
    heard,
    history,
    office,
    people,
    phones,
    places,
    rechecked,
    wording,
)
from reviews.demo.builders import make_standard
from reviews.models import Target

PUBLISHED = timezone.make_aware(datetime(2020, 6, 1, 9))  # noqa: DTZ001 made aware on the spot
TARGETS = (
    ("city", 85, date(2020, 6, 1), date(2022, 12, 31)),
    ("district", 75, date(2020, 6, 1), date(2022, 12, 31)),
    ("district", 80, date(2023, 1, 1), date(2025, 12, 31)),
)
MARK = "demonstration"


def build(last_stage: str = stages.WITHDRAWN) -> Iterator[tuple[str, bool]]:
    """Build what is missing and yield each part's name and whether it was built now; twice changes nothing.

    Files of the current round go up to `last_stage` in the order of the stages' labels (by default all). A part that
    fails leaves nothing of itself; the next run goes on there.
    """
    parts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("register", places.build_register),
        ("people", people.build_people),
        ("rules", _build_rules),
        ("history", lambda: history.build_history(by=_person("city-registrar"))),
        ("round", lambda: current_round.build_round(last_stage)),
        ("addresses", addresses.give_addresses),
        ("phones", lambda: phones.build_phone_visit(Region.objects.get(code=places.DONGCHENG))),
        ("office", lambda: office.share_an_office(_person("clerk"))),
        ("recheck", lambda: _recheck(last_stage)),
        ("announced", lambda: announced.announce_rates(by=_person("city-official"))),
        ("messages", heard.read_what_is_old),
        ("rates", recount_all),
    )
    with doorbell.muffled():
        for name, make in parts:
            yield name, _once(name, make)


def _once(name: str, make: Callable[[], object]) -> bool:
    if Event.objects.filter(subject_type=MARK, verb=name).exists():
        return False
    with transaction.atomic():
        make()
        Event.objects.create(at=clock.now(), by=None, verb=name, subject_type=MARK)
    return True


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _recheck(last_stage: str) -> None:
    """Recheck the recognised organs, where the world goes as far as recognition."""
    order = list(stages.LABELS)
    if order.index(last_stage) >= order.index(stages.RECOGNISED):
        rechecked.build_recheck(by=_person("city-official"))


def _build_rules() -> None:
    """Departments, standard, targets and the calendar of years that the library does not know."""
    places.set_departments(by=_person("city-registrar"))
    official = _person("city-official")
    with clock.at(PUBLISHED):
        make_standard(by=official)
    energy.lay_down(by=official)
    Target.objects.bulk_create(
        Target(level=level, percent=Decimal(percent), starts_on=first, deadline=last)
        for level, percent, first, last in TARGETS
    )
    year = clock.today().year
    for unknown in {year - 1, year, year + 1} - set(workdays.library_years()):
        enter_calendar(unknown, {}, source=wording.CALENDAR_SOURCE, by=official)
