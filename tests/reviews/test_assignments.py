"""Many files get their teams at once: proposed, read from a file, looked through, assigned all or nothing."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Assessment
from creation.spreadsheets import write_workbook
from reviews.actions import assignments, teams
from reviews.actions.assignments import Assignment
from reviews.assigning import Need, propose
from reviews.demo import builders
from reviews.models import Inspection
from tests.cast import keyed

MONDAY = date(2026, 9, 7)
DAYS = tuple(MONDAY + timedelta(days=number) for number in range(5))


# --- the proposal itself -----------------------------------------------------------------------------------


def test_four_organs_in_two_areas_by_hand():
    needs = [Need(1, "A", 2, DAYS), Need(2, "A", 2, DAYS), Need(3, "B", 2, DAYS), Need(4, "B", 2, DAYS)]
    everybody = {need.file: (10, 11, 12, 13) for need in needs}
    found = propose(needs, everybody, load={10: 3}, per_day=2)
    # 10 has three visits already: 11 and 12 go to area A together and take turns in leading; 13 and 10 are left for B
    assert [(one.file, one.team, one.day) for one in found] == [
        (1, (11, 12), MONDAY),
        (2, (12, 11), MONDAY),
        (3, (13, 10), MONDAY),
        (4, (10, 13), MONDAY),
    ]


def test_a_full_day_goes_on_to_the_next_and_nobody_free_is_said():
    needs = [Need(number, "A", 2, DAYS[:2]) for number in (1, 2, 3)]
    found = propose(needs, {need.file: (1, 2) for need in needs}, load={}, per_day=1)
    assert [(one.day, one.lead) for one in found] == [(DAYS[0], 1), (DAYS[1], 2), (None, None)]
    busy = [(1, DAYS[0])]
    assert propose(needs[:1], {1: (1, 2)}, load={}, busy=busy, per_day=1)[0].day == DAYS[1]


NEEDS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 3), st.integers(0, 5)), max_size=12).map(
    lambda rows: [Need(n, area, size, DAYS[:days]) for n, (area, size, days) in enumerate(rows)]
)


@given(needs=NEEDS, data=st.data(), per_day=st.integers(1, 3))
def test_whatever_is_asked_nobody_barred_goes_and_nobody_goes_too_often(needs, data, per_day):
    people = st.lists(st.integers(1, 6), unique=True, max_size=6)
    eligible = {need.file: tuple(data.draw(people)) for need in needs}
    busy = data.draw(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(DAYS)), max_size=6))
    found = propose(needs, eligible, load={}, busy=busy, per_day=per_day)
    assert found == propose(needs, eligible, load={}, busy=busy, per_day=per_day)
    assert [one.file for one in found] == [need.file for need in needs]
    counted = {}
    for one, need in zip(found, needs, strict=True):
        assert set(one.team) <= set(eligible[need.file])
        assert len(set(one.team)) == len(one.team) == (need.size if one.day else 0)
        assert one.day is None or one.day in need.days
        for who in one.team:
            counted[who, one.day] = counted.get((who, one.day), 0) + 1
    for (who, day), number in counted.items():
        assert number + busy.count((who, day)) <= max(per_day, busy.count((who, day)))


# --- verbs -----------------------------------------------------------------------------------


@pytest.fixture
def waiting(world):
    world.third = builders.make_person("inspector3", ("inspector", world.district))
    return [world.bring_to(stages.SUBMITTED), world.bring_to(stages.SUBMITTED, world.neighbour)]


def propose_for(files):
    return assignments.propose_teams(files, first=clock.today(), last=clock.today() + timedelta(days=28), per_day=2)


def chosen(world, file, *names):
    team = tuple(world[name] for name in names)
    return Assignment(file, team, team[0], clock.today())


@pytest.mark.django_db
def test_what_is_proposed_can_be_assigned_as_it_is(world, waiting):
    proposals = propose_for(waiting)
    assert all(len(one.team) == 2 and one.lead in one.team for one in proposals)
    visits = assignments.assign_many(proposals, by=world["official"])
    assert [visit.assessment for visit in visits] == waiting
    assert {file.stage for file in Assessment.objects.all()} == {stages.UNDER_INSPECTION}


@pytest.mark.django_db
def test_nobody_with_a_conflict_is_proposed_or_assigned(world, waiting):
    Appointment.objects.create(
        user=world["inspector"],
        role="clerk",
        organ=world.organ,
        starts_on=clock.today() - timedelta(days=900),
        ends_on=clock.today() - timedelta(days=400),
    )
    mine, other = propose_for(waiting)
    assert world["inspector"] not in mine.team
    wrong = [chosen(world, waiting[1], "inspector", "inspector2"), chosen(world, waiting[0], "inspector", "inspector2")]
    with pytest.raises(Refused) as refused:
        assignments.assign_many(wrong, by=world["official"])
    assert refused.value.problems == [(str(world.organ), "inspector works or recently worked at the organ")]
    # all or nothing: the other organ's team has not been assigned either
    assert not Inspection.objects.exists()
    assert other.file == waiting[1]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["far_official", "city", "clerk", "inspector", "stranger"])
def test_only_the_department_of_the_organ_assigns(world, waiting, who):
    assert not assignments.files_to_assign(world[who]).exists()
    with pytest.raises((Forbidden, Refused)):
        assignments.assign_many([chosen(world, waiting[0], "inspector", "inspector2")], by=world[who])


# --- pages -----------------------------------------------------------------------------------


def proposal(client, files):
    today = clock.today()
    asked = {"file": [f.pk for f in files], "first": today, "last": today + timedelta(days=28), "per_day": 2}
    return client.get(reverse("assignment_propose"), asked)


def filled(page):
    """Return the form of the page as a browser would send it."""
    sent = {"file": []}
    for row in page.context["rows"]:
        sent["file"].append(row.file.pk)
        for name, value in row.initial.items():
            if value not in (False, None):
                sent[row.add_prefix(name)] = "on" if value is True else value
    return sent


@pytest.mark.django_db
def test_two_clicks_assign_what_was_proposed(world, waiting, sign_in):
    client = sign_in("official")
    page = proposal(client, waiting)
    assert [row.file for row in page.context["rows"]] == waiting
    answer = client.post(reverse("assignment_assign"), keyed(**filled(page)))
    assert answer.status_code == 302
    assert Inspection.objects.count() == 2


@pytest.mark.django_db
def test_what_is_not_ticked_waits_and_what_stands_against_a_team_is_named(world, waiting, sign_in):
    client = sign_in("official")
    sent = filled(proposal(client, waiting))
    sent[f"f{waiting[0].pk}-team"] = []
    page = client.post(reverse("assignment_assign"), keyed(**sent))
    assert page.status_code == 200
    assert f"{world.organ}: A team needs at least 2 people." in page.text
    assert not Inspection.objects.exists()
    del sent[f"f{waiting[0].pk}-take"]
    assert client.post(reverse("assignment_assign"), keyed(**sent)).status_code == 302
    assert [visit.assessment for visit in Inspection.objects.all()] == [waiting[1]]


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2026-02-30", "0002-01-01", "soon", ""])
def test_a_day_that_is_none_is_answered_in_words(waiting, sign_in, day):
    client = sign_in("official")
    sent = filled(proposal(client, waiting)) | {f"f{waiting[0].pk}-visit_on": day}
    assert client.post(reverse("assignment_assign"), keyed(**sent)).status_code == 200
    assert not Inspection.objects.exists()


def a_file(rows, name="teams.xlsx"):
    heading = ["credit_code", "organ", "visit_on", "lead", "team"]
    return SimpleUploadedFile(name, write_workbook({"teams": [heading, *rows]}))


@pytest.mark.django_db
def test_a_file_is_read_shown_and_assigned(world, waiting, sign_in):
    client = sign_in("official")
    day = clock.today().isoformat()
    rows = [[file.organ.credit_code, "", day, "inspector", "inspector2；inspector3"] for file in waiting]
    page = client.post(reverse("assignment_read"), {"file": a_file(rows)})
    assert not Inspection.objects.exists()
    assert client.post(reverse("assignment_assign"), keyed(**filled(page))).status_code == 302
    assert {len(visit.members.all()) for visit in Inspection.objects.all()} == {3}


@pytest.mark.django_db
def test_every_fault_of_a_file_is_named_with_its_place(world, waiting, sign_in):
    client = sign_in("official")
    day = clock.today().isoformat()
    code = waiting[0].organ.credit_code
    rows = [
        [code, "", "soon", "inspector", ""],
        [waiting[1].organ.credit_code, "", day, "nobody", "inspector2 stranger"],
        [world.far_organ.credit_code, "", day, "inspector", "inspector2"],
        ["12", "", day, "inspector", ""],
    ]
    page = client.post(reverse("assignment_read"), {"file": a_file(rows)})
    faults = [(fault.row, fault.column, fault.code) for fault in page.context["faults"].first]
    assert [(row, column) for row, column, _code in faults] == [
        (2, "visit_on"),
        (3, "lead"),
        (3, "team"),
        (4, "credit_code"),
        (5, "credit_code"),
    ]
    assert not Inspection.objects.exists()


@pytest.mark.django_db
def test_the_conflict_rule_holds_by_file_too(world, waiting, sign_in):
    Appointment.objects.create(user=world.third, role="clerk", organ=world.organ, starts_on=clock.today())
    client = sign_in("official")
    rows = [[waiting[0].organ.credit_code, "", clock.today().isoformat(), "inspector3", "inspector"]]
    page = client.post(reverse("assignment_read"), {"file": a_file(rows)})
    assert [str(user) for user, _why in page.context["rows"][0].barred] == ["inspector3"]
    page = client.post(reverse("assignment_assign"), keyed(**filled(page)))
    assert page.status_code == 200
    assert not Inspection.objects.exists()
    assert teams.conflicts(world.third, waiting[0], "inspection", clock.today()) != []


@pytest.mark.django_db
def test_the_list_to_fill_in_names_the_organs_that_wait(world, waiting, sign_in):
    answer = sign_in("official").get(reverse("assignment_choose"), {"format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [file.organ.credit_code in answer.text for file in waiting] == [True, True]


@pytest.mark.django_db
def test_a_stranger_has_nothing_to_assign(world, waiting, sign_in):
    assert sign_in("stranger").get(reverse("assignment_choose")).status_code == 403
