"""The command that shows rates: hand-computed worlds, the first and last days, the arithmetic of targets."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from creation import clock, stages
from creation.actions import places
from creation.models import Organ, Recognition, Region
from reviews import rates
from reviews.demo import builders
from reviews.models import Target
from tests.reviews.trees import recognise, tree

__all__ = ["tree"]  # a fixture is found by its name

DAY = date(2024, 5, 17)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def show(day: date, *arguments: str) -> list[dict]:
    out = StringIO()
    call_command("show_rates", "--as-of", day.isoformat(), "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def brief(rows: list[dict]) -> list[tuple]:
    return [(row["region"], row["level"], row["organs"], row["recognised"], row["rate"]) for row in rows]


def test_a_region_counts_its_whole_subtree_level_by_level_in_register_order(tree):
    municipal = [builders.make_organ(tree["city"], number) for number in (1, 2, 3)]
    first = [builders.make_organ(tree["one"], number) for number in (11, 12)]
    second = [builders.make_organ(tree["two"], number) for number in (21, 22, 23, 24)]
    builders.make_organ(tree["far"], 31)
    for organ in (municipal[0], first[0], first[1], second[0]):
        recognise(organ)
    assert brief(show(DAY)) == [
        ("100000", "city", 4, 1, "25.00"),
        ("100000", "district", 6, 3, "50.00"),
        ("110000", "city", 3, 1, "33.33"),
        ("110000", "district", 6, 3, "50.00"),
        ("110101", "district", 2, 2, "100.00"),
        ("110102", "district", 4, 1, "25.00"),
        ("120000", "city", 1, 0, "0.00"),
    ]


def test_one_region_shows_itself_and_everything_below(tree):
    builders.make_organ(tree["one"], 1)
    builders.make_organ(tree["far"], 2)
    assert brief(show(DAY, "--region", "110000")) == [
        ("110000", "district", 1, 0, "0.00"),
        ("110101", "district", 1, 0, "0.00"),
    ]
    assert brief(show(DAY, "--region", "120000")) == [("120000", "city", 1, 0, "0.00")]


def test_the_whole_row(tree):
    recognise(builders.make_organ(tree["city"], 1))
    builders.make_organ(tree["city"], 2)
    Target.objects.create(level="city", percent=Decimal(85), starts_on=date(2020, 6, 1), deadline=date(2022, 12, 31))
    Target.objects.create(level="city", percent=Decimal("49.50"), starts_on=DAY, deadline=date(2025, 12, 31))
    Target.objects.create(level="city", percent=Decimal(90), starts_on=AFTER, deadline=date(2026, 12, 31))
    Target.objects.create(level="district", percent=Decimal(75), starts_on=DAY, deadline=DAY)
    assert show(DAY, "--region", "110000") == [
        {
            "region": "110000",
            "level": "city",
            "as_of": "2024-05-17",
            "organs": 2,
            "recognised": 1,
            "rate": "50.00",
            "targets": [
                {"percent": 85, "deadline": "2022-12-31", "met": False, "missing": 1},
                {"percent": 49.5, "deadline": "2025-12-31", "met": True, "missing": 0},
            ],
        }
    ]


def test_a_target_of_a_region_holds_below_it_and_nowhere_else(tree):
    for number, place in enumerate(("one", "far")):
        builders.make_organ(tree[place], number)
    Target.objects.create(
        region=tree["city"], level="district", percent=Decimal(75), starts_on=DAY, deadline=date(2025, 12, 31)
    )
    with_target = [(row["region"], row["level"]) for row in show(DAY) if row["targets"]]
    assert with_target == [("110000", "district"), ("110101", "district")]


def test_without_organs_there_is_no_rate(tree):
    builders.make_organ(tree["one"], 1, established_on=DAY)
    Target.objects.create(level="district", percent=Decimal(75), starts_on=BEFORE, deadline=DAY)
    rows = show(BEFORE, "--region", "110101")
    assert brief(rows) == [("110101", "district", 0, 0, None)]
    assert rows[0]["targets"] == [{"percent": 75, "deadline": "2024-05-17", "met": False, "missing": 0}]


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"granted_on": DAY}, [0, 1, 1]),
        ({"revoked_on": DAY, "revoke_reason": "查实浪费"}, [1, 0, 0]),
        ({"replaced_on": DAY}, [1, 0, 0]),
        ({"valid_until": DAY}, [1, 1, 0]),
    ],
)
def test_first_and_last_day_of_a_recognition(tree, fields, counted):
    recognise(builders.make_organ(tree["one"], 1), **fields)
    days = (BEFORE, DAY, AFTER)
    assert [show(day, "--region", "110101")[0]["recognised"] for day in days] == counted


@pytest.mark.parametrize(
    ("fields", "counted"),
    [({"established_on": DAY}, [0, 1, 1]), ({"abolished_on": DAY}, [1, 0, 0])],
)
def test_first_and_last_day_of_an_organ(tree, fields, counted):
    builders.make_organ(tree["one"], 1, **fields)
    assert [show(day, "--region", "110101")[0]["organs"] for day in (BEFORE, DAY, AFTER)] == counted


def test_the_title_of_an_abolished_organ_does_not_count(tree):
    recognise(builders.make_organ(tree["one"], 1, abolished_on=DAY))
    recognise(builders.make_organ(tree["one"], 2))
    assert brief(show(BEFORE, "--region", "110101")) == [("110101", "district", 2, 2, "100.00")]
    assert brief(show(DAY, "--region", "110101")) == [("110101", "district", 1, 1, "100.00")]


def test_a_replaced_title_counts_once(tree):
    organ = builders.make_organ(tree["one"], 1)
    recognise(organ, replaced_on=DAY)
    recognise(organ, DAY)
    days = (BEFORE, DAY, AFTER)
    assert [show(day, "--region", "110101")[0]["recognised"] for day in days] == [1, 1, 1]


def test_just_below_a_target_is_never_shown_as_reached():
    organs, recognised = 25_000, 21_249  # 84.996 %
    assert rates.percent_shown(recognised, organs) == "84.99"
    assert rates.is_met(recognised, organs, Decimal(85)) is False
    assert rates.missing(recognised, organs, Decimal(85)) == 1


def near_misses() -> list[tuple[int, int]]:
    """Pairs below 85 % that one decimal place, rounded half up, would show as 85.0."""
    return [
        (recognised, organs)
        for organs in range(1, 1001)
        for recognised in range(organs)
        if 100 * recognised < 85 * organs and 10_000 * recognised >= 8495 * organs
    ]


def test_of_all_near_misses_up_to_a_thousand_organs_none_is_met_or_shown_as_85():
    pairs = near_misses()
    assert len(pairs) == 225
    assert [pair for pair in pairs if rates.is_met(*pair, Decimal(85))] == []
    assert [pair for pair in pairs if Decimal(rates.percent_shown(*pair)) >= 85] == []
    assert {rates.missing(*pair, Decimal(85)) for pair in pairs} == {1}


@given(
    organs=st.integers(1, 300_000),
    share=st.floats(0, 1),
    percent=st.decimals(Decimal("0.01"), Decimal(100), places=2),
)
def test_integers_decide(organs, share, percent):
    recognised = int(organs * share)
    met = Fraction(recognised, organs) * 100 >= Fraction(percent)
    short = rates.missing(recognised, organs, percent)
    assert rates.is_met(recognised, organs, percent) is met
    assert (short == 0) is met
    assert rates.is_met(recognised + short, organs, percent)
    assert not short or not rates.is_met(recognised + short - 1, organs, percent)
    assert (Decimal(rates.percent_shown(recognised, organs)) >= percent) is met


@pytest.fixture
def busy(world):
    """The cast's world with files at several standings and titles that come and go."""
    world.bring_to(stages.SUBMITTED)
    world.start(world.far_organ)
    for number in range(100, 112):
        organ = builders.make_organ([world.district, world.other_district, world.city][number % 3], number)
        if number % 2:
            recognise(organ, DAY, **({"valid_until": AFTER} if number % 4 == 1 else {}))
    places.abolish(Organ.objects.get(credit_code__contains="TXT000105"), on=AFTER, by=world["registrar"])
    return world


@pytest.mark.parametrize("ahead", [-3000, -2, -1, 0, 1, 2, 3000])
def test_standings_add_up_to_the_register_and_children_to_their_parent(busy, ahead):
    day = DAY + timedelta(days=ahead)
    counts = rates.counts_on(day)
    active = Organ.objects.active_on(day)
    for region in Region.objects.all():
        below = active.filter(region__paths_up__ancestor=region)
        for level in rates.LEVELS:
            own = counts.get((region.pk, level), rates.Counts())
            assert own.organs == below.filter(region__kind=level).count()
            parts = [counts.get((child.pk, level), rates.Counts()) for child in region.children.all()]
            if level == region.kind:
                continue
            assert own == sum(parts, rates.Counts())


def test_a_past_day_gives_the_number_it_gave_then(busy):
    organ = Organ.objects.get(credit_code__contains="TXT000107")
    before = show(AFTER)
    Recognition.objects.filter(organ=organ).update(revoked_on=clock.today(), revoke_reason="查实浪费")
    assert show(AFTER) == before


@pytest.mark.parametrize("arguments", [["--as-of", "2021-02-30"], ["--as-of", "gestern"], ["--region", "999999"]])
def test_what_cannot_be_read_is_refused_without_output(tree, arguments):
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("show_rates", *arguments, "--json", stdout=out)
    assert arguments[1] in str(refused.value)
    assert refused.value.returncode == 1
    assert out.getvalue() == ""


def test_the_table_for_people(tree):
    recognise(builders.make_organ(tree["one"], 1))
    builders.make_organ(tree["two"], 2, established_on=AFTER)
    Target.objects.create(level="district", percent=Decimal(75), starts_on=BEFORE, deadline=DAY)
    out = StringIO()
    call_command("show_rates", "--as-of", DAY.isoformat(), "--region", "110000", stdout=out)
    assert out.getvalue().splitlines() == [
        "region  level     organs  recognised  rate      targets",
        "110000  district  1       1           100.00 %  75 % by 2024-05-17: met",
        "110101  district  1       1           100.00 %  75 % by 2024-05-17: met",
        "110102  district  0       0           –         75 % by 2024-05-17: 0 missing",
    ]


def test_the_number_of_statements_does_not_grow_with_the_register(tree, django_assert_num_queries):
    for number in (1, 2, 3):
        builders.make_organ(tree["one"], number)
        with django_assert_num_queries(5):  # regions, tree, counts, targets, levels
            show(DAY)


def test_a_day_that_has_not_come_has_no_rates(tree):
    out = StringIO()
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    with pytest.raises(CommandError, match="not come yet"):
        call_command("show_rates", as_of=tomorrow, json=True, stdout=out)
    assert out.getvalue() == ""
    call_command("show_rates", as_of=clock.today().isoformat(), json=True, stdout=out)
    assert json.loads(out.getvalue()) == []
