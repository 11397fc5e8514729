"""What a rate counts and what not: the parts sum to the whole, by hand and in random worlds; corrections are listed."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation import clock, stages
from creation.actions import places
from creation.credit_code import check_character
from creation.models import Assessment, Event, Organ, Recognition, Succession
from reviews import corrections, counted, rates
from reviews.counted import Scope
from reviews.demo import builders

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)
REVOKED = {"revoked_on": date(2026, 5, 1), "revoke_reason": "浪费"}


def organ_of(place, number, *, established=date(2000, 1, 1), abolished=None, titles=()):
    organ = builders.make_organ(place, number)
    Organ.objects.filter(pk=organ.pk).update(established_on=established, abolished_on=abolished)
    for granted, ends in titles:
        Recognition.objects.create(
            organ=organ, source="import", batch="b", document_number="1号", granted_on=granted,
            recorded_at=clock.now(), **ends,
        )  # fmt: skip
    organ.refresh_from_db()
    return organ


@pytest.fixture
def story(world):
    """Organs of a third district, one for each part on 1 June 2026; none of them has a file."""
    place = builders.make_region("110103", "朝阳区", "district", world.city, name_en="Chaoyang")
    titled = date(2024, 1, 1)
    found = {
        "recognised": organ_of(place, 11, titles=[(titled, {})]),
        # renewed: the older title was replaced
        "renewed": organ_of(place, 12, titles=[(titled, {"replaced_on": date(2026, 1, 1)}), (date(2026, 1, 1), {})]),
        "revoked": organ_of(place, 13, titles=[(titled, REVOKED)]),
        "expired": organ_of(place, 14, titles=[(titled, {"valid_until": date(2026, 5, 31)})]),
        "last day": organ_of(place, 15, titles=[(titled, {"valid_until": DAY})]),
        "later": organ_of(place, 16, titles=[(date(2026, 6, 2), {})]),
        "closed": organ_of(place, 17, abolished=DAY, titles=[(titled, {})]),
        "merged": organ_of(place, 18, abolished=date(2026, 2, 1)),
        "split": organ_of(place, 19, abolished=date(2026, 2, 1)),
        "not_yet": organ_of(place, 20, established=date(2026, 6, 2)),
        "first day": organ_of(place, 21, established=DAY),
    }
    for kind, name in (("merge", "merged"), ("split", "split")):
        Succession.objects.create(
            kind=kind, predecessor=found[name], successor=found["recognised"], effective_on=date(2026, 2, 1), reason="r"
        )
    return found | {"place": place}


def test_every_organ_and_title_has_one_part_by_hand(story, world):
    parts = counted.parts_of(Scope(story["place"], "district", DAY))
    assert dict(parts.numbers) == {
        "recognised": 3,  # recognised, renewed, last day
        "not_started": 4,  # revoked, expired, later, first day: none has a file
        "closed": 1,
        "merged": 1,
        "split": 1,
        "not_yet": 1,
        "title_counts": 3,
        "title_replaced": 1,
        "title_revoked": 1,
        "title_expired": 1,
        "title_left": 1,
        "title_later": 1,
    }
    assert (parts.of("register"), parts.of("missing"), parts.of("not_counted")) == (7, 4, 4)
    assert parts.of("entered") == Organ.objects.filter(region=story["place"]).count() == 11
    assert parts.of("titles") == 8


def test_organs_of_another_level_count_there(story, world):
    parts = counted.parts_of(Scope(world.city, "district", DAY))
    assert parts.of("level_city") == 1
    assert parts.of("entered") == Organ.objects.count()
    alone = counted.parts_of(Scope(world.city, "city", DAY, alone=True))
    assert alone.of("entered") == 1


@pytest.mark.parametrize(
    ("figure", "names"),
    [
        ("recognised", ["recognised", "renewed", "last day"]),
        ("missing", ["revoked", "expired", "later", "first day"]),
        ("not_counted", ["closed", "merged", "split", "not_yet"]),
        ("merged", ["merged"]),
    ],
)
def test_each_figure_opens_to_its_organs(story, world, figure, names):
    scope = Scope(story["place"], "district", DAY)
    assert list(counted.organs_of(scope, figure)) == [story[name] for name in names]


def test_each_title_opens_likewise(story, world):
    scope = Scope(story["place"], "district", DAY)
    assert [title.organ for title in counted.titles_of(scope, "title_revoked")] == [story["revoked"]]
    assert [title.organ for title in counted.titles_of(scope, "title_replaced")] == [story["renewed"]]


def test_standings_follow_the_newest_file(world):
    world.bring_to(stages.SUBMITTED)
    file = world.start(world.neighbour)
    builders.files.withdraw(file, by=world["clerk2"], reason="另行申报")
    parts = counted.parts_of(Scope(world.district, "district", clock.today()))
    assert (parts.of("in_progress"), parts.of("not_started")) == (1, 1)
    assert counted.organs_of(Scope(world.district, "district", clock.today()), "in_progress").get().stage == "submitted"


def test_who_is_missing_with_the_newest_file(world):
    title = {"granted_on": clock.today(), "recorded_at": clock.now(), "batch": "b", "document_number": "1号"}
    Recognition.objects.create(organ=world.neighbour, **title)
    file = world.start()

    def missing(region, level="district"):
        found = counted.organs_of(Scope(region, level, clock.today()), "missing")
        return [(organ.pk, organ.file, organ.stage) for organ in found]

    assert missing(world.district) == [(world.organ.pk, file.pk, stages.DRAFT)]
    assert missing(world.nation) == [(world.organ.pk, file.pk, stages.DRAFT), (world.far_organ.pk, None, None)]
    assert missing(world.district, "city") == []


DAYS = st.dates(date(2020, 1, 1), date(2026, 11, 1))
LATER = st.none() | st.integers(1, 900)
TITLE = st.fixed_dictionaries({"granted": DAYS, "revoked": LATER, "replaced": LATER, "valid": LATER})
ORGAN = st.fixed_dictionaries(
    {
        "place": st.sampled_from(["city", "district", "other_district"]),
        "established": DAYS,
        "lasted": LATER,
        "succession": st.sampled_from(["", "merge", "split"]),
        "titles": st.lists(TITLE, max_size=3, unique_by=lambda title: title["granted"]),
        "stage": st.sampled_from(["", *stages.LABELS]),
    }
)


def build(world, number, facts):
    """Write one organ of a random world as rows; of its titles only the last one may be open."""
    organ = builders.make_organ(getattr(world, facts["place"]), number)
    ends = facts["lasted"] and facts["established"] + timedelta(days=facts["lasted"])
    Organ.objects.filter(pk=organ.pk).update(established_on=facts["established"], abolished_on=ends)
    if ends and facts["succession"]:
        Succession.objects.create(
            kind=facts["succession"], predecessor=organ, successor=world.organ, effective_on=ends, reason="r"
        )
    for place, title in enumerate(facts["titles"]):
        after = {
            name: title[name] and title["granted"] + timedelta(days=title[name])
            for name in ("revoked", "replaced", "valid")
        }
        if place and not (after["revoked"] or after["replaced"]):
            after["replaced"] = title["granted"] + timedelta(days=1)
        Recognition.objects.create(
            organ=organ, source="import", batch="b", document_number="1号", granted_on=title["granted"],
            recorded_at=clock.now(), revoked_on=after["revoked"],
            revoke_reason="r" if after["revoked"] else None, replaced_on=after["replaced"], valid_until=after["valid"],
        )  # fmt: skip
    if facts["stage"]:
        file = Assessment.objects.create(
            cycle=world.cycle, organ=organ, stage=facts["stage"], stage_since=clock.now(), told_since=clock.now(),
            started_by=world["city"], started_at=clock.now(),
        )  # fmt: skip
        file.changes.create(number=1, step="start", to_stage=facts["stage"], by=world["city"], at="2023-01-01T00:00Z")


@given(organs=st.lists(ORGAN, max_size=6), day=DAYS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_world_the_parts_sum_to_the_whole_and_equal_the_rate(world, organs, day):
    with transaction.atomic():
        for number, facts in enumerate(organs, start=300):
            build(world, number, facts)
        rated = rates.counts_on(day)
        for region in (world.city, world.district, world.other_district):
            for level in ("city", "district"):
                parts = counted.parts_of(Scope(region, level, day))
                count = rated.get((region.pk, level), rates.Counts())
                assert {name: parts.of(name) for name in counted.COUNTED} == {
                    name: getattr(count, name) for name in counted.COUNTED
                }
                below = Organ.objects.filter(region__paths_up__ancestor=region)
                assert parts.of("entered") == below.count()
                titles = Recognition.objects.filter(organ__in=below.filter(region__kind=level))
                assert parts.of("titles") == titles.count()
                assert parts.of("title_counts") == count.recognised
                uncounted = below.filter(counted.not_counted(day), region__kind=level).count()
                assert parts.of("not_counted") == uncounted
        transaction.set_rollback(True)


# --- corrections ---------------------------------------------------------------------------------------------------


def listed(region, day):
    return [(event.what, event.subject_id) for event in corrections.of_register(region, "district", day)]


def test_what_changes_the_register_of_a_past_day_is_listed_and_nothing_else(world):
    by, today = world["registrar"], clock.today()
    with time_machine.travel(clock.now() + timedelta(days=10)):
        places.correct_organ(world.organ, {"staff": 7}, by=by)
        places.correct_organ(world.organ, {"established_on": today + timedelta(days=1)}, by=by)
        places.correct_organ(world.far_organ, {"region": world.district}, by=by)
        places.abolish(world.neighbour, on=today + timedelta(days=5), by=by)
    assert listed(world.district, today) == [("corrected", world.far_organ.pk), ("corrected", world.organ.pk)]
    assert listed(world.other_district, today) == [("corrected", world.far_organ.pk)]
    assert listed(world.district, today + timedelta(days=5)) == [
        ("closed", world.neighbour.pk),
        ("corrected", world.far_organ.pk),
    ]
    assert listed(world.district, today + timedelta(days=10)) == []


def test_an_organ_entered_late_is_listed(world):
    late = Organ(
        name="新设机关", credit_code="11110101TXT000900" + check_character("11110101TXT000900"),
        region=world.district, category="administrative", established_on=clock.today() - timedelta(days=400),
    )  # fmt: skip
    places.add_organ(late, by=world["registrar"])
    assert listed(world.district, clock.today() - timedelta(days=1)) == [("entered", late.pk)]
    assert listed(world.district, clock.today() - timedelta(days=401)) == []
    assert listed(world.district, clock.today()) == []


def test_titles_entered_or_revoked_late_are_numbered(world):
    today = clock.today()
    title = organ_of(world.district, 40, titles=[(today - timedelta(days=100), {})]).recognitions.get()
    Event.objects.create(
        at=clock.now(), by=None, verb="revoke", subject_type="recognition", subject_id=title.pk,
        after={"revoked_on": (today - timedelta(days=10)).isoformat()},
    )  # fmt: skip
    ago = {
        days: corrections.of_titles(world.city, "district", today - timedelta(days=days)) for days in (0, 5, 50, 101)
    }
    assert {days: (late.granted, late.revoked) for days, late in ago.items()} == {
        0: (0, 0), 5: (1, 1), 50: (1, 0), 101: (0, 0),
    }  # fmt: skip
