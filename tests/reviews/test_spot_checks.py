"""Spot checks: another team, which sees nothing of the first one; confirmed or overturned."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.models import Appointment
from reviews.actions import findings, inspections, teams
from reviews.demo import builders
from reviews.models import Inspection
from tests.cast import keyed
from tests.reviews.spot_checking import STATEMENT, assign, drawn, page, stage_of

__all__ = ["drawn"]  # a fixture is found by its name

CANDIDATES = ("inspector2", "checker")


@pytest.fixture
def visit(world, drawn) -> Inspection:
    return assign(world, drawn)


# --- assigning -----------------------------------------------------------------------------------------------------


def test_the_superior_sends_its_own_team_and_the_stage_stays(world, drawn):
    visit = assign(world, drawn)
    assert (visit.kind, stage_of(drawn)) == ("spot_check", stages.UNDER_SPOT_CHECK)


@pytest.mark.parametrize("who", ["official", "clerk", "inspector", "state", "stranger"])
def test_only_an_official_of_the_superior_assigns(world, drawn, who):
    with pytest.raises(PermissionDenied):
        assign(world, drawn, by=who)


def test_a_file_that_was_not_drawn_is_not_spot_checked(world):
    file = world.bring_to(stages.INSPECTED)
    with pytest.raises(Refused, match="has not been drawn"):
        assign(world, file)


def test_nobody_of_the_first_team_spot_checks(world, drawn):
    Appointment.objects.create(
        user=world["inspector"], role="inspector", region=world.city, starts_on=builders.LONG_AGO
    )
    with pytest.raises(Refused) as refused:
        assign(world, drawn, team=("checker", "inspector"))
    assert refused.value.problems == [("inspector", "was on the first team")]
    choices = {user.username: why for user, why in teams.team_choices(drawn, "spot_check", clock.today())}
    assert choices == {"checker": [], "checker2": [], "inspector": ["was on the first team"]}


@pytest.mark.parametrize("rated", [True, False])
def test_who_left_the_first_team_does_not_spot_check_either(world, rated):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    builders.make_person("inspector3", ("inspector", world.district))
    if rated:
        builders.rate_everything(visit, by=world["inspector2"])
    team = [world["inspector"], world["inspector3"]]
    teams.change_team(visit, team=team, lead=team[0], visit_on=clock.today(), by=world["official"])
    Appointment.objects.create(
        user=world["inspector2"], role="inspector", region=world.city, starts_on=builders.LONG_AGO
    )
    against = [teams.conflicts(world[name], visit.assessment, "spot_check", clock.today()) for name in CANDIDATES]
    assert against == [["was on the first team"], []]


@pytest.mark.parametrize(
    ("role", "place", "days", "barred"),
    [
        ("official", "city", None, True),
        ("viewer", "district", None, True),
        ("registrar", "nation", 0, True),  # its last day is the day of filing
        ("registrar", "nation", -1, False),  # it ended before there was anything to read
        ("official", "other_district", None, False),
        ("inspector", "district", None, False),
    ],
)
def test_who_could_read_the_first_points_in_another_post_does_not_spot_check(world, drawn, role, place, days, barred):
    ends_on = None if days is None else clock.today() + timedelta(days=days)
    Appointment.objects.create(
        user=world["checker"],
        role=role,
        region=getattr(world, place),
        starts_on=builders.LONG_AGO,
        ends_on=ends_on,
    )
    against = teams.conflicts(world["checker"], drawn, "spot_check", clock.today() + timedelta(days=2))
    assert against == (["could read the first inspection's points in another post"] if barred else [])


def test_inspectors_of_the_district_do_not_spot_check_it(world, drawn):
    with pytest.raises(Refused) as refused:
        assign(world, drawn, team=("checker", "far_inspector"))
    assert refused.value.problems == [("far_inspector", "is not an inspector of the area that visits")]


def test_a_second_team_is_refused(world, drawn):
    assign(world, drawn)
    with pytest.raises(Refused, match="assigned already"):
        assign(world, drawn)


def test_assign_by_clicking_twice(world, sign_in, drawn):
    data = keyed(team=["checker", "checker2"], lead="checker2", visit_on=clock.today().isoformat())
    client, url = sign_in("superior"), reverse("spot_check_assign", args=[drawn.pk])
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert Inspection.objects.get(kind="spot_check").lead.username == "checker2"
    assert "This step is not possible now" in client.get(url).content.decode()


@pytest.mark.parametrize("name", ["spot_check_assign", "spot_check_record_letter"])
@pytest.mark.parametrize(
    ("who", "status"), [("public", 302), ("stranger", 404), ("clerk2", 404), ("far_official", 404), ("official", 403)]
)
def test_who_may_not_open_the_pages_of_the_superior(world, sign_in, drawn, name, who, status):
    assert page(sign_in(who), name, drawn.pk).status_code == status


# --- confirming and overturning ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("poor", "stage", "step"), [((), stages.CHECKED, "confirm"), (("1.1",), stages.NOT_MET, "overturn")]
)
def test_the_spot_check_s_own_scores_decide(world, visit, drawn, poor, stage, step):
    builders.rate_everything(visit, by=world["checker"], poor=poor)
    if poor:
        builders.hear_organ(visit, by=world["checker2"])
    inspections.file_inspection(visit, by=world["checker"], statement="复核意见")
    assert stage_of(drawn) == stage
    change = drawn.changes.last()
    assert (change.step, change.by.username, change.note) == (step, "checker", "复核意见")


def test_overturning_needs_a_reason(world, visit, drawn):
    builders.rate_everything(visit, by=world["checker"], poor=("1.1",))
    with pytest.raises(Refused, match="reasons for overturning"):
        inspections.file_inspection(visit, by=world["checker"], statement=" ")
    assert stage_of(drawn) == stages.UNDER_SPOT_CHECK


def test_every_indicator_is_rated_anew(world, visit, drawn):
    with pytest.raises(Refused, match="Not every indicator"):
        inspections.file_inspection(visit, by=world["checker"], statement="属实")


@pytest.mark.parametrize("who", ["checker2", "inspector", "superior", "official", "clerk", "stranger"])
def test_only_the_lead_of_the_second_team_files(world, visit, who):
    builders.rate_everything(visit, by=world["checker"])
    with pytest.raises(PermissionDenied):
        inspections.file_inspection(visit, by=world[who], statement="属实")


def test_a_spot_check_records_no_findings(world, visit):
    with pytest.raises(Refused, match="belong to the inspection"):
        findings.raise_finding(
            visit,
            visit.assessment.cycle.standard.indicators.get(code="3.2"),
            kind="on_the_spot",
            text="漏水",
            by=world["checker"],
        )


@pytest.mark.parametrize(("poor", "button"), [((), "Confirm the inspection"), (("1.1",), "Overturn the inspection")])
def test_the_button_says_where_the_file_goes(world, sign_in, visit, poor, button):
    builders.rate_everything(visit, by=world["checker"], poor=poor)
    builders.hear_organ(visit, by=world["checker"])
    client = sign_in("checker")
    response = page(client, "inspection_file", visit.pk)
    assert response.context["step"].label == button
    data = keyed(verdict=response.context["verdict"], statement="复核属实")
    answer = client.post(reverse("inspection_file", args=[visit.pk]), data)
    assert answer.url == reverse("file_detail", args=[visit.assessment_id])


def test_overturning_without_a_reason_is_refused_on_the_page(world, sign_in, visit):
    builders.rate_everything(visit, by=world["checker"], poor=("1.1",))
    builders.hear_organ(visit, by=world["checker"])
    answer = sign_in("checker").post(reverse("inspection_file", args=[visit.pk]), keyed(verdict="failed", statement=""))
    assert answer.status_code == 200
    assert "Give the reasons for overturning" in answer.content.decode()


# --- blind ---------------------------------------------------------------------------------------------------------


def seen_by(client, visit):
    """Everything that the pages of the visit and of its file say to this person."""
    urls = [
        reverse("file_detail", args=[visit.assessment_id]),
        reverse("inspection_list"),
        reverse("inspection_detail", args=[visit.pk]),
        *(reverse("inspection_item", args=[visit.pk, code]) for code in ("2.1", "2.3", "3.2")),
    ]
    pages = [client.get(url) for url in urls]
    assert [response.status_code for response in pages] == [200] * len(urls)
    return pages, "".join(response.content.decode() for response in pages)


@pytest.mark.parametrize("who", ["checker", "checker2"])
def test_a_spot_checker_sees_no_first_points_before_filing(world, sign_in, visit, who):
    first = Inspection.objects.get(kind="inspection")
    client = sign_in(who)
    pages, text = seen_by(client, visit)
    assert pages[0].context["comparison"].columns == []
    assert pages[0].context["self_result"] is None
    assert [shown.kind for shown in pages[0].context["visits"]] == ["spot_check"]
    assert STATEMENT not in text
    assert re.findall(r"98\.00|100\.00|\b98 points|>98<", text) == []
    for name, args in (("inspection_detail", ()), ("inspection_item", ("2.1",))):
        assert page(client, name, first.pk, *args).status_code == 404


def test_a_spot_checker_who_may_also_view_the_area_is_blind_all_the_same(world, sign_in, visit):
    Appointment.objects.create(user=world["checker"], role="viewer", region=world.city, starts_on=builders.LONG_AGO)
    first = Inspection.objects.get(kind="inspection")
    client = sign_in("checker")
    pages, text = seen_by(client, visit)
    assert pages[0].context["comparison"].columns == []
    assert STATEMENT not in text
    response = page(client, "inspection_detail", first.pk)
    assert (response.status_code, response.context["reads_ratings"]) == (200, False)
    assert STATEMENT not in response.content.decode()
    assert page(client, "inspection_item", first.pk, "2.1").status_code == 403


def test_after_filing_everything_stands_side_by_side(world, sign_in, visit):
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"], statement="属实")
    for who in ("clerk", "official", "superior"):
        comparison = page(sign_in(who), "file_detail", visit.assessment_id).context["comparison"]
        assert [total for _label, total in comparison.totals] == ["100.00", "98.00", "100.00"]
        assert [deviation for _label, deviation in comparison.total_deviations] == ["−2", "+2"]


def test_whoever_is_not_on_the_team_reads_the_first_points_meanwhile(world, sign_in, visit):
    comparison = page(sign_in("official"), "file_detail", visit.assessment_id).context["comparison"]
    assert [total for _label, total in comparison.totals] == ["100.00", "98.00"]


def test_once_all_is_filed_both_teams_see_all_three_raters_side_by_side(world, sign_in):
    file = world.bring_to(stages.CHECKED)
    for person in ("checker", "inspector", "clerk", "official", "city"):
        response = sign_in(person).get(reverse("file_detail", args=[file.pk]))
        labels = [str(column.label) for column in response.context["comparison"].columns]
        assert labels == ["Self-rating", "Inspection", "Spot check"], person


def test_a_spot_checker_with_something_to_file_sees_nothing_of_the_first_visit(world, sign_in):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    first = file.inspections.get(kind="inspection")
    team = [world["checker"], world["checker2"]]
    teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["city"])
    assert sign_in("checker").get(reverse("inspection_detail", args=[first.pk])).status_code == 404


# --- a drawn organ is not warned -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["clerk", "signatory"])
def test_the_organ_s_staff_see_neither_team_nor_date_before_filing(world, sign_in, drawn, who):
    visit = teams.assign_spot_check(
        drawn,
        team=[world["checker"], world["checker2"]],
        lead=world["checker"],
        visit_on=clock.today() + timedelta(days=17),
        by=world["superior"],
    )
    client = sign_in(who)
    response = page(client, "file_detail", drawn.pk)
    text = response.content.decode()
    assert [shown.kind for shown in response.context["visits"]] == ["inspection"]
    assert "checker" not in text
    assert visit.visit_on.isoformat() not in text
    assert page(client, "inspection_detail", visit.pk).status_code == 404


def test_staff_who_also_view_the_area_are_not_warned_either(world, sign_in, visit):
    Appointment.objects.create(user=world["clerk"], role="viewer", region=world.city, starts_on=builders.LONG_AGO)
    client = sign_in("clerk")
    assert page(client, "inspection_detail", visit.pk).status_code == 404
    assert "checker" not in page(client, "file_detail", visit.assessment_id).content.decode()


def test_the_organ_s_staff_see_it_once_it_has_been_filed(world, sign_in, visit):
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"], statement="属实")
    client = sign_in("clerk")
    assert [shown.kind for shown in page(client, "file_detail", visit.assessment_id).context["visits"]] == [
        "inspection",
        "spot_check",
    ]
    assert page(client, "inspection_detail", visit.pk).status_code == 200
