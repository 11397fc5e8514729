"""Pace, forecast and what-if on screen: worked by hand, honest where too little is known, changing nothing."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from creation import clock, stages
from creation.models import Recognition
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Target

pytestmark = pytest.mark.django_db


def words(response):
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())).replace("\xa0", " "))


def grant(organ, granted_on, **fields):
    return Recognition.objects.create(
        organ=organ, batch="b", document_number="1号", granted_on=granted_on, recorded_at=clock.now(), **fields
    )


@pytest.fixture
def target(world):
    """Return a target of 75 % for districts whose deadline lies four weeks ahead."""
    return Target.objects.create(
        level="district", percent=Decimal(75), starts_on=date(2020, 1, 1), deadline=clock.today() + timedelta(days=28)
    )


@pytest.fixture
def ten(world):
    """Return the ten district organs of the city: three of the cast and seven more."""
    return [world.organ, world.neighbour, world.far_organ] + [
        builders.make_organ(world.district, n) for n in range(20, 27)
    ]


def test_pace_and_need_by_hand(sign_in, world, ten, target):
    today = clock.today()
    for number, organ in enumerate(ten[:6]):
        grant(organ, today - timedelta(days=7 * number))
    # a renewal makes no organ more, a title of 84 days ago lies outside of the twelve weeks
    old = grant(ten[6], today - timedelta(days=400), replaced_on=today)
    grant(ten[6], today)
    recount_all()
    page = words(sign_in("city").get("/rates/110000/ahead/?level=district"))
    assert "7 of 10 district organs are recognised, 70.00 %." in page
    # ceil(7.5) − 7 = 1 missing, in four weeks 0.25 a week; six in twelve weeks
    assert "1 organ is missing: 0.3 a week until the deadline. The last 12 weeks brought 0.5 a week." in page
    assert "If the last 12 weeks go on, 90.00 % are reached by then: the target is met." in page
    assert old.replaced_on == today


def test_a_deadline_that_has_passed_asks_for_no_pace(sign_in, world, ten):
    Target.objects.create(
        level="district", percent=Decimal(75), starts_on=date(2020, 1, 1), deadline=clock.today() - timedelta(days=1)
    )
    recount_all()
    page = words(sign_in("city").get("/rates/110000/ahead/?level=district"))
    assert "8 organs are missing; the deadline has passed." in page
    assert "a week until the deadline" not in page


def earlier_files(world, recognised, not_met):
    """Let so many files of an earlier round end, each having come through “submitted”."""
    cycle = builders.make_cycle(world.city, world.standard, by=world["city"], year=2019)
    for number in range(recognised + not_met):
        organ = builders.make_organ(world.other_district, 60 + number)
        builders.make_person(f"c{number}", ("clerk", organ))
        file = builders.files.start(organ, cycle, by=world.clerk_of(organ))
        end = stages.RECOGNISED if number < recognised else stages.NOT_MET
        for number_of, stage in enumerate((stages.SUBMITTED, end), start=2):
            file.changes.create(number=number_of, step="submit", to_stage=stage, by=world["city"], at=clock.now())
        type(file).objects.filter(pk=file.pk).update(stage=end)
    recount_all()


@pytest.mark.parametrize(
    ("recognised", "not_met", "said"),
    [
        (5, 0, "No forecast: fewer than 6 earlier files have come to an end after “Submitted”."),
        # Wilson for 6 of 6: 0.61–1, one file: 0–1; the register has 10 organs
        (6, 0, "Of 1 file on its way 0 to 1 will be recognised"),
    ],
)
def test_a_forecast_needs_six_earlier_files(sign_in, world, recognised, not_met, said):
    earlier_files(world, recognised, not_met)
    world.bring_to(stages.SUBMITTED)
    assert said in words(sign_in("official").get("/rates/110101/ahead/"))


def test_files_of_organs_with_a_title_are_not_forecast(sign_in, world):
    world.bring_to(stages.SUBMITTED)
    grant(world.organ, clock.today() - timedelta(days=3))
    recount_all()
    page = words(sign_in("official").get("/rates/110101/ahead/"))
    assert "No file of an organ without a title is on its way" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("5", "With 5 organs more: 5 of 10, 50.00 %."),
        ("8", "75 % by"),
        ("99", "With 10 organs more: 10 of 10, 100.00 %."),
        ("-1", "With 0 organs more: 0 of 10, 0.00 %."),
        ("x", "With 0 organs more: 0 of 10, 0.00 %."),
    ],
)
def test_what_if_reckons_and_changes_nothing(sign_in, world, ten, target, more, said):
    recount_all()
    page = words(sign_in("city").get(f"/rates/110000/ahead/?level=district&more={more}"))
    assert said in page
    assert "0 of 10 district organs are recognised, 0.00 %." in page
    met = page[page.index("What if") :]
    assert ("met" in met.replace("not met", "")) == (more in {"8", "99"})
    assert not Recognition.objects.exists()


def test_a_region_without_organs_says_so(sign_in, world):
    empty = builders.make_region("110103", "无", "district", world.city, name_en="Empty")
    assert "No organs here yet" in words(sign_in("city").get(f"/rates/{empty.code}/ahead/"))


def test_the_page_asks_the_same_however_many_organs(sign_in, world, ten, target):
    recount_all()
    client = sign_in("city")
    client.get("/rates/110000/ahead/")
    with CaptureQueriesContext(connection) as few:
        client.get("/rates/110000/ahead/")
    for number in range(30, 36):
        grant(builders.make_organ(world.district, number), clock.today())
    recount_all()
    with CaptureQueriesContext(connection) as many:
        client.get("/rates/110000/ahead/")
    assert len(many) == len(few) <= 10


# --- what if regions -----------------------------------------------------------------------------------------------

FEWEST, MOST = (f" (if it is those that miss the {which} organs)." for which in ("fewest", "most"))


@pytest.fixture
def three_districts(world, target):
    """Three districts of four organs: 3, 2 and 0 are recognised; 75 % needs 3 of each, so 0, 1 and 3 are missing."""
    third = builders.make_region("110103", "三", "district", world.city, name_en="Third")
    made = {world.district: 2, world.other_district: 1, third: 0}
    for number, (place, has) in enumerate(made.items()):
        organs = list(place.organs.all()) + [builders.make_organ(place, 80 + number * 9 + n) for n in range(4 - has)]
        for organ in organs[: 3 - number - (number == 2)]:
            grant(organ, clock.today() - timedelta(days=200))
    recount_all()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        # 5 of 12 stand; the nearest misses 1, the furthest 3
        ("regions=1", [f"1 region more at the target, 1 organs: 6 of 12, 50.00 %{FEWEST}",
                       f"1 region more at the target, 3 organs: 8 of 12, 66.66 %{MOST}"]),
        ("regions=2", ["With 2 regions more at the target, 4 organs: 9 of 12, 75.00 %"]),
        ("regions=99", ["With 2 regions more at the target, 4 organs: 9 of 12, 75.00 %"]),
        # 1, 2 and 4 are without a title: two in each make 1 + 2 + 2
        ("each=2", ["With 2 organs more in each region, 5 in all: 10 of 12, 83.33 %."]),
        ("each=99", ["With 4 organs more in each region, 7 in all: 12 of 12, 100.00 %."]),
        ("regions=x&each=-1", ["With 0 organs more: 5 of 12, 41.66 %."]),
    ],
)  # fmt: skip
def test_what_if_so_many_regions_reached_the_target(sign_in, three_districts, query, said):
    page = words(sign_in("city").get(f"/rates/110000/ahead/?level=district&{query}"))
    for sentence in said:
        assert sentence in page
    assert "5 of 12 district organs are recognised" in page
    assert "2 miss it" in page
    assert Recognition.objects.count() == 5


def test_a_region_with_nothing_below_is_asked_about_organs_alone(sign_in, three_districts):
    page = sign_in("official").get("/rates/110101/ahead/").content.decode()
    assert ('id="more"' in page, 'id="regions"' in page, 'id="each"' in page) == (True, False, False)
