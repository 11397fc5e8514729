"""The statements count what the formula counts: on any tree, for any titles and files, on one day and over months."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation import stages
from creation.actions.places import rebuild_region_paths
from creation.models import Assessment, CountChange, Cycle, Organ, Recognition, Region, StageChange
from reviews import counting, rates
from reviews.actions.rates import recount, recount_all
from reviews.models import CompletionRate, RecountRun

TODAY = date(2026, 11, 23)
COUNTED = ("region_id", "level", "as_of", "organs", "recognised", "in_progress", "not_met", "not_started")
KINDS = rates.LEVELS
# ways that the table of steps allows, with ends, and beyond one
WAYS = [
    ["start"],
    ["start", "withdraw"],
    ["start", "prepare", "submit"],
    ["start", "prepare", "submit", "assign", "fail"],
    ["start", "prepare", "submit", "assign", "pass", "clear", "publicise", "recognise"],
    ["start", "prepare", "submit", "assign", "pass", "clear", "publicise", "recognise", "revoke"],
]
# small steps meet each other on the same day; -3 lies in the future
AGO = st.one_of(st.integers(-3, 5), st.integers(0, 140))
LATER = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 120))

TREES = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(KINDS)), min_size=1, max_size=6)
ORGANS = st.lists(st.tuples(st.integers(0, 20), AGO, LATER), min_size=1, max_size=6)
TITLES = st.lists(st.tuples(st.integers(0, 20), AGO, LATER, LATER, LATER), max_size=6)
FILES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), AGO, st.sampled_from(WAYS), LATER), max_size=6)


def ago(days):
    return TODAY - timedelta(days=days)


def after(day, days):
    return None if days is None else day + timedelta(days=days)


def lay_out(world, tree, organs, titles, files):
    """Write a tree below the nation (kinds may nest in any way), its organs, and what became of them."""
    regions = [world.nation]
    for number, (above, kind) in enumerate(tree):
        parent = regions[above % len(regions)]
        regions.append(Region.objects.create(code=f"9{number:05d}", name=f"r{number}", kind=kind, parent=parent))
    rebuild_region_paths()
    made = Organ.objects.bulk_create(
        Organ(
            region=regions[home % len(regions)],
            credit_code=f"code {number}",
            name=f"o{number}",
            established_on=ago(since),
            abolished_on=after(ago(since), None if until is None else until + 1),
        )
        for number, (home, since, until) in enumerate(organs)
    )
    for number, title in enumerate(titles):
        write_title(made[title[0] % len(made)], number, *title[1:])
    rounds = [world.cycle, *(other_round(world, year) for year in (2024, 2025))]
    for which, year, since, way, pause in files:
        write_file(made[which % len(made)], rounds[year], ago(since), way, pause or 0, by=world["city"])
    return made


def other_round(world, year):
    fields = {field.attname: getattr(world.cycle, field.attname) for field in Cycle._meta.fields}
    return Cycle.objects.create(**fields | {"id": None, "year": year})


def write_title(organ, number, since, valid, revoked, replaced):
    granted = ago(since)
    try:
        with transaction.atomic():
            Recognition.objects.create(
                organ=organ,
                source="import",
                batch="b",
                document_number=str(number),
                granted_on=granted,
                valid_until=after(granted, valid),
                revoked_on=after(granted, revoked),
                revoke_reason=None if revoked is None else "r",
                replaced_on=after(granted, replaced),
                recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
    except Exception as error:  # noqa: BLE001 the same day twice, or two without an end: the database refuses
        assert "UNIQUE" in str(error).upper()


def write_file(organ, cycle, first, way, pause, *, by):
    if Assessment.objects.filter(organ=organ, cycle=cycle).exists():
        return
    # 15:59 and 16:00 in UTC are the last and the first minute of a day here
    moments = [
        datetime.combine(first + timedelta(days=pause * n), time(15, 59), UTC) + timedelta(minutes=n % 2)
        for n in range(len(way))
    ]
    stage = stages.STEPS[way[-1]].to_stage
    file = Assessment.objects.create(
        organ=organ, cycle=cycle, stage=stage, stage_since=moments[-1], told_since=moments[-1],
        started_by=by, started_at=moments[0],
    )  # fmt: skip
    was = ""
    for number, (name, at) in enumerate(zip(way, moments, strict=True), 1):
        to_stage = stages.STEPS[name].to_stage
        StageChange.objects.create(
            assessment=file, number=number, step=name, from_stage=was, to_stage=to_stage, by=by, at=at,
            hash=f"{file.pk}-{number}",
        )  # fmt: skip
        was = to_stage


def by_formula(days):
    return sorted(
        (region, level, day, one.organs, one.recognised, one.in_progress, one.not_met, one.not_started)
        for day in days
        for (region, level), one in rates.counts_on(day).items()
    )


def by_statement(days):
    with connection.cursor() as cursor:
        cursor.execute(counting.counted(days))
        rows = cursor.fetchall()
    return sorted(
        (region, level, day if isinstance(day, date) else date.fromisoformat(day), *(int(one) for one in counts))
        for region, level, day, *counts in rows
    )


def any_world(examples):
    def wrap(test):
        sized = settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
        return sized(given(TREES, ORGANS, TITLES, FILES, st.integers(0, 100))(test))

    return wrap


@any_world(40)
def test_a_statement_counts_what_the_formula_counts(world, tree, organs, titles, files, back):
    with transaction.atomic():
        lay_out(world, tree, organs, titles, files)
        months = [*rates.month_ends(ago(130), TODAY), TODAY]
        assert by_statement(months) == by_formula(months)
        assert by_statement(months[1:3]) == by_formula(months[1:3])
        for day in (TODAY, ago(back)):
            assert by_statement([day]) == by_formula([day])
        transaction.set_rollback(True)


@any_world(25)
def test_what_is_added_along_the_paths_is_what_a_count_from_nothing_gives(world, tree, organs, titles, files, back):
    """The snapshot is made before anything happened; then all of it is queued, region by region or all at once."""
    with time_machine.travel(datetime.combine(TODAY, time(4), UTC), tick=False), transaction.atomic():
        recount_all()
        homes = {organ.region_id for organ in lay_out(world, tree, organs, titles, files)}
        for home in sorted(homes):
            CountChange.objects.create(region_id=home, since=ago(500), at=datetime(2026, 1, 1, tzinfo=UTC))
            if back % 2:
                recount()
        recount()
        kept = sorted(CompletionRate.objects.values_list(*COUNTED))
        run = RecountRun.objects.first()
        assert kept == by_formula([*rates.month_ends(min(run.since or TODAY, TODAY), TODAY), TODAY])
        recount_all()
        assert RecountRun.objects.first().differences == 0
        transaction.set_rollback(True)


def test_a_row_that_is_wrong_is_found_at_night_told_and_corrected(world, caplog):
    recount_all()
    right = sorted(CompletionRate.objects.values_list(*COUNTED))
    wrong = CompletionRate.objects.get(region=world.district)
    CompletionRate.objects.filter(pk=wrong.pk).update(recognised=1, not_started=wrong.not_started - 1)
    CompletionRate.objects.filter(region=world.other_district).delete()

    recount()  # nothing is queued: the everyday recount believes the snapshot
    assert sorted(CompletionRate.objects.values_list(*COUNTED)) != right

    recount_all()
    assert sorted(CompletionRate.objects.values_list(*COUNTED)) == right
    assert RecountRun.objects.first().differences == 2
    assert "The snapshot was wrong in 2 rows" in caplog.text
    recount_all()
    assert RecountRun.objects.first().differences == 0


def test_a_difference_that_makes_a_number_absurd_is_counted_from_nothing(world, caplog):
    recount_all()
    right = sorted(CompletionRate.objects.values_list(*COUNTED))
    CompletionRate.objects.filter(region=world.district).update(organs=1000, not_started=1000)
    CountChange.objects.create(region=world.district, since=TODAY, at=datetime(2026, 1, 1, tzinfo=UTC))
    recount()
    assert sorted(CompletionRate.objects.values_list(*COUNTED)) == right
    assert "does not fit" in caplog.text


def test_a_tree_that_has_changed_is_counted_from_nothing(world):
    recount_all()
    town = Region.objects.create(code="110101001", name="镇", kind="district", parent=world.district)
    rebuild_region_paths()
    Organ.objects.filter(pk=world.organ.pk).update(region=town)
    Region.objects.filter(pk=world.other_district.pk).update(kind="city")
    CountChange.objects.create(region=town, since=TODAY, at=datetime(2026, 1, 1, tzinfo=UTC))
    recount()
    assert RecountRun.objects.first().complete
    day = RecountRun.objects.first().as_of
    assert sorted(CompletionRate.objects.values_list(*COUNTED)) == by_formula([day])


@pytest.mark.parametrize("ends_on", [date(2026, 11, 30), date(2026, 11, 22)])
def test_a_title_that_ends_by_its_date_leaves_no_row_and_the_new_day_counts_it(world, ends_on):
    with time_machine.travel(datetime.combine(ends_on, time(4), UTC)) as traveller:
        write_title(world.organ, 1, (TODAY - ends_on).days + 40, 40, None, None)
        recount_all()
        assert CompletionRate.objects.get(region=world.district, as_of=ends_on).recognised == 1
        traveller.shift(timedelta(days=1))
        assert not CountChange.objects.exists()
        recount()
        tomorrow = ends_on + timedelta(days=1)
        assert CompletionRate.objects.get(region=world.district, as_of=tomorrow).recognised == 0
        # a month's end stays, any other day makes way for the next
        assert CompletionRate.objects.filter(region=world.district, as_of=ends_on).exists() == (ends_on.day == 30)


def test_what_begins_or_ends_in_the_future_counts_from_its_day_on(world):
    now = datetime.combine(TODAY, time(4), UTC)
    with time_machine.travel(now) as traveller:
        recount_all()
        Organ.objects.filter(pk=world.organ.pk).update(abolished_on=TODAY + timedelta(days=2))
        CountChange.objects.create(region=world.district, since=TODAY + timedelta(days=2), at=now)
        assert recount() == 0
        assert CompletionRate.objects.get(region=world.district, as_of=TODAY).organs == 2
        assert not CountChange.objects.exists()
        for day, organs in ((1, 2), (2, 1)):
            traveller.shift(timedelta(days=1))
            recount()
            assert CompletionRate.objects.get(region=world.district, as_of=TODAY + timedelta(days=day)).organs == organs
