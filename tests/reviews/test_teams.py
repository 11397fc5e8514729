"""Another team, or another day, for a visit that is not filed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Assessment, Event
from creation.rules import may
from creation.templatetags.steps import stepper
from reviews.actions import findings, inspections, teams
from reviews.demo import builders
from reviews.models import Inspection, TeamMember
from tests.cast import keyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(world):
    world.third = builders.make_person("inspector3", ("inspector", world.district))
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def change(world, visit, *names, by="official", days=0):
    team = [world[name] for name in names]
    day = clock.today() + timedelta(days=days)
    return teams.change_team(visit, team=team, lead=team[0], visit_on=day, by=world[by])


def test_the_department_sends_others_and_what_was_recorded_stays(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    changed = change(world, visit, "inspector3", "inspector", days=2)
    assert [str(member) for member in changed.members.order_by("user__username")] == ["inspector", "inspector3"]
    assert (changed.lead, changed.visit_on) == (world["inspector3"], clock.today() + timedelta(days=2))
    assert changed.ratings.count() == 29
    event = Event.objects.get(verb="change_team")
    assert (event.before["team"], event.after["team"]) == (["inspector", "inspector2"], ["inspector", "inspector3"])


def test_who_leaves_the_team_no_longer_reads_the_file(world, visit):
    file = visit.assessment
    assert Assessment.objects.visible_to(world["inspector2"]).filter(pk=file.pk).exists()
    change(world, visit, "inspector", "inspector3")
    assert not Assessment.objects.visible_to(world["inspector2"]).filter(pk=file.pk).exists()
    assert Assessment.objects.visible_to(world["inspector3"]).filter(pk=file.pk).exists()


def test_with_the_post_of_inspector_ends_what_it_opened(world, visit, sign_in):
    file, indicator = visit.assessment, visit.assessment.cycle.standard.indicators.get(code="2.2")
    addresses = [reverse("file_detail", args=[file.pk]), reverse("inspection_detail", args=[visit.pk])]
    assert [sign_in("inspector").get(address).status_code for address in addresses] == [200, 200]
    world["inspector"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    assert [sign_in("inspector").get(address).status_code for address in addresses] == [404, 404]
    former = world["inspector"]
    assert not may(former, "file.read_content", file)
    assert not Inspection.objects.of(former).exists()
    with pytest.raises(Forbidden):
        inspections.save_rating(visit, indicator, found={"present": []}, by=former)
    with pytest.raises(Forbidden):
        inspections.file_inspection(visit, by=former)


def test_a_file_whose_lead_came_to_work_at_the_organ_is_not_stuck(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    Appointment.objects.create(user=world["inspector"], role="clerk", organ=world.organ, starts_on=clock.today())
    with pytest.raises(Refused):
        inspections.file_inspection(visit, by=world["inspector"])
    change(world, visit, "inspector2", "inspector3")
    visit.refresh_from_db()
    assert inspections.file_inspection(visit, by=world["inspector2"]).passed


def test_an_old_copy_gives_back_no_right_to_who_was_taken_off(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    stale = Inspection.objects.get(pk=visit.pk)
    change(world, visit, "inspector2", "inspector3")
    with pytest.raises(Forbidden):
        inspections.file_inspection(stale, by=world["inspector"])
    with pytest.raises(Forbidden):
        findings.require_rectification(stale, by=world["inspector"])
    visit.refresh_from_db()
    assert not visit.is_filed
    assert inspections.file_inspection(stale, by=world["inspector2"]).is_filed


@pytest.mark.parametrize(
    ("names", "days"),
    [
        (("inspector",), 0),  # too small
        (("inspector", "far_inspector"), 0),  # of another area
        (("inspector", "inspector3"), -1),  # dated back
        (("inspector", "inspector3"), 500),  # outside the window
    ],
)
def test_the_conditions_of_assigning_hold_for_changing(world, visit, names, days):
    with pytest.raises(Refused):
        change(world, visit, *names, days=days)
    visit.refresh_from_db()
    assert {member.user.username for member in visit.members.all()} == {"inspector", "inspector2"}


@pytest.mark.parametrize("by", ["inspector", "far_official", "city", "clerk", "stranger"])
def test_only_the_department_that_assigned_changes_the_team(world, visit, by):
    with pytest.raises(Forbidden):
        change(world, visit, "inspector", "inspector3", by=by)


def test_a_filed_visit_keeps_its_team(world):
    visit = world.bring_to(stages.INSPECTED).inspections.get()
    with pytest.raises(Refused):
        change(world, visit, "inspector2", "inspector")


def test_no_visit_is_dated_back_or_filed_before_its_day(world):
    file = world.bring_to(stages.SUBMITTED)
    team = [world["inspector"], world["inspector2"]]
    yesterday, tomorrow = clock.today() - timedelta(days=1), clock.today() + timedelta(days=1)
    with pytest.raises(Refused, match="dated back"):
        teams.assign(file, team=team, lead=team[0], visit_on=yesterday, by=world["official"])
    visit = teams.assign(file, team=team, lead=team[0], visit_on=tomorrow, by=world["official"])
    builders.rate_everything(visit, by=world["inspector"])
    with pytest.raises(Refused, match="cannot be filed before"):
        inspections.file_inspection(visit, by=world["inspector"])
    clock.set_ahead(1)
    assert inspections.file_inspection(visit, by=world["inspector"]).is_filed


def test_the_page_shows_who_goes_and_changes_it(world, visit, sign_in):
    address = reverse("inspection_team", args=[visit.pk])
    client = sign_in("official")
    page = client.get(address).content.decode()
    assert 'value="inspector" id="team_' in page
    assert page.count("checked") == 3
    data = keyed(visit_on=clock.today().isoformat(), team=["inspector2", "inspector3"], lead="inspector3")
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 302
    visit.refresh_from_db()
    assert visit.lead == world["inspector3"]
    assert Event.objects.filter(verb="change_team").count() == 1
    assert sign_in("inspector").get(address).status_code == 404
    assert sign_in("inspector2").get(address).status_code == 403
    assert sign_in("stranger").get(address).status_code == 404


def test_a_file_that_is_not_met_stands_where_it_was_stopped(world, visit):
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    inspections.file_inspection(visit, by=world["inspector"])
    file = Assessment.objects.get(pk=visit.assessment_id)
    states = {station["slug"]: station["state"] for station in stepper({"user": world["clerk"]}, file)["stations"]}
    assert states == {
        "self_rating": "done", "submitted": "done", "inspection": "stopped", "spot_check": "todo", "publicity": "todo",
        "recognition": "todo",
    }  # fmt: skip


def test_the_database_itself_keeps_the_first_team_off_the_spot_check(world):
    visit = world.bring_to(stages.UNDER_SPOT_CHECK).inspections.get()
    second = Inspection.objects.create(
        assessment=visit.assessment, kind="spot_check", visit_on=clock.today(), lead=world["checker"],
        assigned_by=world["city"], assigned_at=clock.now(),
    )  # fmt: skip
    TeamMember.objects.create(inspection=second, user=world["checker"])
    with pytest.raises(IntegrityError, match="conflict"), transaction.atomic():
        TeamMember.objects.create(inspection=second, user=world["inspector"])


# --- below every way in: the database ---------------------------------------------------------------------------------


def years_ago(years, *, and_days=0):
    day = clock.today() - timedelta(days=and_days)
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


POSTS = [
    pytest.param({}, True, id="works there"),
    pytest.param({"ends_on": lambda: years_ago(2)}, True, id="left two years ago"),
    pytest.param({"ends_on": lambda: years_ago(3)}, True, id="left three years ago to the day"),
    pytest.param({"ends_on": lambda: years_ago(3, and_days=2)}, False, id="left longer ago"),
]


@pytest.mark.parametrize(("post", "refused"), POSTS)
@pytest.mark.parametrize("way", ["member", "lead"])
def test_the_database_itself_refuses_a_conflict_whoever_writes_the_team(world, visit, post, refused, way):
    ends = {name: day() for name, day in post.items()}
    Appointment.objects.create(user=world.third, role="clerk", organ=world.organ, starts_on=years_ago(9), **ends)
    write = {
        "member": lambda: TeamMember.objects.create(inspection=visit, user=world.third),
        "lead": lambda: Inspection.objects.filter(pk=visit.pk).update(lead=world.third),
    }[way]
    if refused:
        with pytest.raises(IntegrityError, match="conflict"), transaction.atomic():
            write()
    else:
        write()
    assert bool(teams.conflicts(world.third, visit.assessment, "inspection", visit.visit_on)) is refused
