"""The team of an inspection: its size, its lead, its day, and nobody who works or worked at the organ."""

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from creation import clock, stages
from creation.errors import Refused
from creation.models import Appointment
from reviews.actions import teams
from reviews.demo import builders
from reviews.models import Inspection
from tests.cast import keyed
from tests.reviews.file_pages import page

DAY = timedelta(days=1)


def assign(world, file, *, by="official", team=("inspector", "inspector2"), lead="inspector", on=None):
    return teams.assign(
        file,
        team=[world[name] for name in team],
        lead=world[lead],
        visit_on=on or clock.today(),
        by=world[by],
    )


def test_a_team_is_assigned_and_may_read_the_file(world):
    file = world.bring_to(stages.SUBMITTED)
    visit = assign(world, file)
    file.refresh_from_db()
    assert file.stage == stages.UNDER_INSPECTION
    assert [member.user.username for member in visit.members.all()] == ["inspector", "inspector2"]
    assert set(file.readers.values_list("user__username", flat=True)) == {"inspector", "inspector2"}


@pytest.mark.parametrize("who", ["far_official", "city", "inspector", "clerk", "stranger"])
def test_only_an_official_of_the_department_assigns(world, who):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(PermissionDenied):
        assign(world, file, by=who)


@pytest.mark.parametrize(
    ("team", "lead", "message"),
    [
        (("inspector",), "inspector", "at least 2"),
        (("inspector", "inspector"), "inspector", "at least 2"),
        (("inspector", "inspector2"), "far_inspector", "lead must be on the team"),
    ],
)
def test_a_team_has_its_size_and_its_lead(world, team, lead, message):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(Refused, match=message):
        assign(world, file, team=team, lead=lead)
    assert Inspection.objects.count() == 0
    file.refresh_from_db()
    assert file.stage == stages.SUBMITTED


def test_the_visit_lies_in_the_window_whose_last_day_counts(world):
    file = world.bring_to(stages.SUBMITTED)
    first, last = world.cycle.inspection_from, world.cycle.inspection_until
    for outside in (first - DAY, last + DAY):
        with pytest.raises(Refused, match="window of the round"):
            assign(world, file, on=outside)
    assert assign(world, file, on=last).visit_on == last


def test_the_first_day_of_the_window_counts(world):
    file = world.bring_to(stages.SUBMITTED)
    first = world.cycle.inspection_from
    with clock.at(timezone.make_aware(datetime.combine(first, time(9)))):
        assert assign(world, file, on=first).visit_on == first


def worked_at_the_organ(world, *, until):
    Appointment.objects.create(
        user=world["inspector2"], role="clerk", organ=world.organ, starts_on=builders.LONG_AGO, ends_on=until
    )


def three_years_before(day):
    return day.replace(year=day.year - 3) if (day.month, day.day) != (2, 29) else day.replace(year=day.year - 3, day=28)


@pytest.mark.parametrize("ago", ["now", "until today", "three years to the day"])
def test_whoever_works_or_recently_worked_at_the_organ_does_not_inspect_it(world, ago):
    today = clock.today()
    file = world.bring_to(stages.SUBMITTED)
    worked_at_the_organ(world, until={"now": None, "until today": today}.get(ago, three_years_before(today)))
    with pytest.raises(Refused) as refused:
        assign(world, file)
    assert refused.value.problems == [("inspector2", "works or recently worked at the organ")]
    assert Inspection.objects.count() == 0


def test_whoever_left_the_organ_longer_ago_may_inspect_it(world):
    file = world.bring_to(stages.SUBMITTED)
    worked_at_the_organ(world, until=three_years_before(clock.today()) - DAY)
    assert assign(world, file).members.count() == 2


def test_an_inspector_of_another_area_does_not_inspect(world):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(Refused) as refused:
        assign(world, file, team=("inspector", "far_inspector"))
    assert refused.value.problems == [("far_inspector", "is not an inspector of the area that visits")]


def test_the_departments_own_file_goes_to_inspectors_of_another_region(world):
    world.district.department = world.organ
    world.district.save(update_fields=["department"])
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(Refused) as refused:
        assign(world, file)
    assert [name for name, _why in refused.value.problems] == ["inspector", "inspector2"]
    visit = assign(world, file, team=("far_inspector", "far_inspector2"), lead="far_inspector")
    assert visit.members.count() == 2
    assert [user.username for user in teams.candidates(file, "inspection", clock.today())] == [
        "checker",
        "checker2",
        "far_inspector",
        "far_inspector2",
        "state_checker",
        "state_checker2",
    ]


def test_candidates_and_conflicts_speak_with_one_voice(world):
    file = world.bring_to(stages.SUBMITTED)
    worked_at_the_organ(world, until=None)
    today = clock.today()
    assert [user.username for user in teams.candidates(file, "inspection", today)] == ["inspector"]
    for name in world.people:
        free = world[name] in teams.candidates(file, "inspection", today)
        assert free == (teams.conflicts(world[name], file, "inspection", today) == [])


@pytest.mark.parametrize("number", [1, 3])
def test_looking_for_a_team_costs_the_same_for_one_person_and_for_three(world, django_assert_num_queries, number):
    for more in range(number - 1):
        builders.make_person(f"more{more}", ("inspector", world.other_district))
    file = world.start(world.far_organ)
    with django_assert_num_queries(3):
        teams.candidates(file, "inspection", clock.today())


def typed_team(**fields):
    team = {"team": ["inspector", "inspector2"], "lead": "inspector", "visit_on": clock.today().isoformat()}
    return keyed(**(team | fields))


def test_assign_by_clicking(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    response = sign_in("official").post(reverse("file_assign", args=[file.pk]), typed_team())
    assert response.url == reverse("file_detail", args=[file.pk])
    assert Inspection.objects.get().lead.username == "inspector"


def test_a_double_click_assigns_once(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    data, client, url = typed_team(), sign_in("official"), reverse("file_assign", args=[file.pk])
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert Inspection.objects.count() == 1


def test_people_with_a_conflict_are_listed_with_the_reason(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    worked_at_the_organ(world, until=None)
    response = page(sign_in("official"), "file_assign", file.pk)
    window = f"{world.cycle.inspection_from.isoformat()} to {world.cycle.inspection_until.isoformat()}"
    assert window in response.content.decode()
    assert [user.username for user in response.context["free"]] == ["inspector"]
    assert "inspector2: works or recently worked at the organ" in response.content.decode()


def test_people_are_looked_up_for_the_day_of_the_visit(world, sign_in):
    Appointment.objects.filter(user=world["inspector2"]).update(ends_on=clock.today())
    file = world.bring_to(stages.SUBMITTED)
    client = sign_in("official")
    names = [user.username for user in page(client, "file_assign", file.pk).context["free"]]
    later = page(client, "file_assign", file.pk, on=(clock.today() + DAY).isoformat())
    assert (names, [user.username for user in later.context["free"]]) == (["inspector", "inspector2"], ["inspector"])


@pytest.mark.parametrize("on", ["2026-02-30", "yesterday", ""])
def test_a_day_that_cannot_be_read_does_no_harm(world, sign_in, on):
    file = world.bring_to(stages.SUBMITTED)
    assert page(sign_in("official"), "file_assign", file.pk, on=on).context["day"] == clock.today()


@pytest.mark.parametrize("on", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_round_knows_is_refused_in_words(world, sign_in, on):
    file = world.bring_to(stages.SUBMITTED)
    client = sign_in("official")
    assert page(client, "file_assign", file.pk, on=on).context["day"] == clock.today()
    answer = client.post(reverse("file_assign", args=[file.pk]), typed_team(visit_on=on))
    assert answer.status_code == 200
    assert "must lie in the window of the round" in answer.content.decode()
    assert not file.inspections.exists()


def test_a_refused_team_keeps_what_was_typed(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    worked_at_the_organ(world, until=None)
    data = typed_team(visit_on=(world.cycle.inspection_until + DAY).isoformat())
    response = sign_in("official").post(reverse("file_assign", args=[file.pk]), data)
    text = response.content.decode()
    assert response.status_code == 200
    assert "window of the round" in text
    assert data["visit_on"] in text
    assert Inspection.objects.count() == 0
