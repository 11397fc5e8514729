"""The pages of a visit: who opens them, what they list, one item after the other, and the page before filing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.errors import Overtaken
from creation.models import Appointment, User
from reviews.actions import findings, inspections, teams
from reviews.demo import builders
from reviews.models import Inspection
from tests.cast import keyed
from tests.reviews.visits import item, rate, stage_of, visit

__all__ = ["visit"]  # a fixture is found by its name

DAY = timedelta(days=1)


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        (
            "inspection_detail",
            {"public": 302, "stranger": 404, "clerk2": 404, "far_official": 404, "far_inspector": 404},
        ),
        ("inspection_detail", {"clerk": 200, "official": 200, "viewer": 200, "inspector": 200, "inspector2": 200}),
        ("inspection_file", {"public": 302, "stranger": 404, "clerk2": 404, "inspector2": 403, "official": 403}),
        ("inspection_rectify", {"public": 302, "stranger": 404, "clerk": 403, "inspector2": 403, "inspector": 200}),
        ("veto_add", {"public": 302, "stranger": 404, "clerk": 403, "official": 403, "inspector2": 200}),
        ("finding_add", {"public": 302, "stranger": 404, "clerk": 403, "official": 403, "inspector2": 200}),
    ],
)
def test_who_may_open_the_pages_of_a_visit(world, sign_in, visit, name, answers):
    assert {who: page(sign_in(who), name, visit.pk).status_code for who in answers} == answers


def test_who_may_open_an_item(world, sign_in, visit):
    wanted = {"public": 302, "stranger": 404, "clerk2": 404, "clerk": 403, "official": 403, "inspector2": 200}
    assert {who: page(sign_in(who), "inspection_item", visit.pk, "2.2").status_code for who in wanted} == wanted
    assert page(sign_in("inspector"), "inspection_item", visit.pk, "99").status_code == 404


def three_visits(world):
    for organ in (world.organ, world.neighbour):
        builders.bring_to(world.start(organ), stages.UNDER_INSPECTION, world.cast_for(organ))
    file = world.bring_to(stages.SUBMITTED, world.far_organ)
    builders.make_person("helper", ("inspector", world.other_district))
    Appointment.objects.create(
        user=world["inspector"], role="inspector", region=world.other_district, starts_on=builders.LONG_AGO
    )
    team = [world["inspector"], world["far_inspector"]]
    with clock.at(clock.now() - DAY):
        teams.assign(file, team=team, lead=team[0], visit_on=clock.today(), by=world["far_official"])


def test_today_s_visits_come_first_then_the_others_by_date(world, sign_in):
    three_visits(world)
    stops = page(sign_in("inspector"), "inspection_list").context["stops"]
    assert [(str(stop.visit.assessment.organ), stop.items, str(stop.next)) for stop in stops] == [
        ("Organ 1", 29, "Rate the items"),
        ("Organ 2", 29, "Rate the items"),
        ("Organ 3", 29, "Rate the items"),
    ]
    assert page(sign_in("stranger"), "inspection_list").context["stops"] == []
    assert page(sign_in("official"), "inspection_list").context["stops"] == []
    assert page(sign_in("public"), "inspection_list").status_code == 302


def test_a_filed_visit_stays_listed_among_the_filed_ones(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    client = sign_in("inspector2")
    assert [str(stop.next) for stop in page(client, "inspection_list").context["stops"]] == ["Check and file"]
    inspections.file_inspection(visit, by=world["inspector"])
    assert page(client, "inspection_list").context["stops"] == []
    filed = page(client, "inspection_list", state="filed").context["stops"]
    assert [str(stop.next) for stop in filed] == ["Filed: passed"]


@pytest.mark.parametrize("number", [1, 3])
def test_my_visits_cost_the_same_at_one_row_and_at_three(world, sign_in, django_assert_num_queries, number):
    if number == 3:
        three_visits(world)
    else:
        world.bring_to(stages.UNDER_INSPECTION)
    client = sign_in("inspector")
    # session, person, messages, posts, number of visits, visits, items of their standards, contacts, findings
    with django_assert_num_queries(9):
        response = page(client, "inspection_list")
    assert len(response.context["stops"]) == number


def test_what_is_decided_on_site_comes_first(world, sign_in, visit):
    walk = page(sign_in("inspector"), "inspection_detail", visit.pk).context["walk"]
    order = [item.indicator.code for item in walk.items]
    assert order[:4] == ["2.6", "2.9", "2.11", "3.1"]
    assert order[-2:] == ["5.3", "A.1"]
    assert len(order) == 30


def test_the_same_line_says_how_far_the_visit_is(world, sign_in, visit):
    client = sign_in("inspector")
    assert page(client, "inspection_detail", visit.pk).context["headline"] == (
        "Not filed · 0 of 29 items rated · 0 points so far"
    )
    rate(visit, "1.1", {"met": False}, by=world["inspector"])
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"])
    findings.raise_finding(visit, item(visit, "3.2"), kind="on_the_spot", text="漏水", by=world["inspector"])
    assert page(client, "inspection_item", visit.pk, "2.2").context["headline"] == (
        "Not filed · 2 of 29 items rated · 2 points so far · cannot pass · 1 open finding"
    )


def test_the_team_s_points_are_its_own_until_filed(world, sign_in, visit):
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"])
    response = page(sign_in("official"), "inspection_detail", visit.pk)
    assert response.context["reads_ratings"] is False
    assert response.context["headline"] == "Not filed · 1 of 29 items rated"
    assert reverse("inspection_item", args=[visit.pk, "2.2"]) not in response.content.decode()


def test_an_item_is_saved_and_the_next_one_opens(world, sign_in, visit):
    client, url = sign_in("inspector"), reverse("inspection_item", args=[visit.pk, "2.6"])
    answer = client.post(url, keyed(found=["0"], remark="现场查看", version="0", then="next"))
    assert answer.url == reverse("inspection_item", args=[visit.pk, "2.9"])
    rating = visit.ratings.get()
    assert (rating.indicator.code, rating.found, rating.remark) == ("2.6", {"present": [0]}, "现场查看")


def test_after_the_last_item_the_visit_opens_and_a_finding_on_demand(world, sign_in, visit):
    client = sign_in("inspector")
    last = client.post(
        reverse("inspection_item", args=[visit.pk, "A.1"]), keyed(found="1", remark="", version="0", then="next")
    )
    assert last.url == reverse("inspection_detail", args=[visit.pk])
    finding = client.post(
        reverse("inspection_item", args=[visit.pk, "3.2"]), keyed(found="1", remark="", version="0", then="finding")
    )
    assert finding.url == reverse("finding_add", args=[visit.pk]) + "?item=3.2"
    assert client.get(finding.url).context["form"].initial == {"indicator": "3.2"}


def test_a_double_click_saves_once(world, sign_in, visit):
    data = keyed(found=["0"], remark="", version="0")
    client, url = sign_in("inspector"), reverse("inspection_item", args=[visit.pk, "2.6"])
    assert [client.post(url, data).url for _click in range(2)] == [
        reverse("inspection_item", args=[visit.pk, "2.9"])
    ] * 2
    assert visit.ratings.get().version == 1


def test_a_form_without_its_key_is_a_bad_request(world, sign_in, visit):
    answer = sign_in("inspector").post(reverse("inspection_item", args=[visit.pk, "2.6"]), {"version": "0"})
    assert answer.status_code == 400


def test_a_stale_item_shows_both_entries_and_loses_neither(world, sign_in, visit):
    url = reverse("inspection_item", args=[visit.pk, "3.2"])
    rate(visit, "3.2", {"count": 1}, by=world["inspector2"], remark="一处")
    stale = keyed(found="2", remark="两处", version="0")
    client = sign_in("inspector")
    answer = client.post(url, stale)
    assert answer.status_code == 200
    conflict = answer.context["conflict"]
    assert (conflict.saved.found, conflict.typed.found) == ({"count": 1}, {"count": 2})
    text = answer.content.decode()
    assert "一处" in text
    assert "两处" in text
    again = keyed(found="2", remark="两处", version=answer.context["form"]["version"].value())
    assert client.post(url, again).status_code == 302
    assert (visit.ratings.get().found, visit.ratings.get().version) == ({"count": 2}, 2)


def test_an_entry_that_cannot_be_read_stays_on_the_page(world, sign_in, visit):
    url = reverse("inspection_item", args=[visit.pk, "3.2"])
    answer = sign_in("inspector").post(url, keyed(found="many", remark="保留", version="0"))
    text = answer.content.decode()
    assert "<title>Error:" in text
    assert "many" in text
    assert "保留" in text
    assert visit.ratings.count() == 0


def test_a_filed_item_is_read_and_no_longer_written(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    for who in ("inspector", "clerk", "official"):
        response = page(sign_in(who), "inspection_item", visit.pk, "2.2")
        assert (response.status_code, response.context["shows_form"]) == (200, False)
    answer = sign_in("inspector").post(
        reverse("inspection_item", args=[visit.pk, "2.2"]), keyed(found=["0"], remark="迟到", version="1")
    )
    text = answer.content.decode()
    assert "has been filed" in text
    assert "迟到" in text


# --- the check page ------------------------------------------------------------------------------------------------


def check(client, visit):
    return page(client, "inspection_file", visit.pk)


def file_it(client, visit, verdict, **fields):
    data = keyed(verdict=verdict, statement="已核实", **fields)
    return client.post(reverse("inspection_file", args=[visit.pk]), data)


def test_the_check_page_names_what_is_missing(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    visit.ratings.get(indicator__code="4.2").delete()
    response = check(sign_in("inspector"), visit)
    assert [item.indicator.code for item in response.context["walk"].missing] == ["4.2"]
    assert "cannot be filed yet" in response.content.decode()


@pytest.mark.parametrize(
    ("poor", "button", "stage"),
    [((), "File the inspection: passed", stages.INSPECTED), (("1.1",), "File the inspection: not met", stages.NOT_MET)],
)
def test_the_button_says_where_the_file_goes(world, sign_in, visit, poor, button, stage):
    builders.rate_everything(visit, by=world["inspector"], poor=poor)
    client = sign_in("inspector")
    response = check(client, visit)
    assert response.context["step"].label == button
    assert file_it(client, visit, response.context["verdict"]).url == reverse("file_detail", args=[visit.assessment_id])
    assert stage_of(visit) == stage
    assert Inspection.objects.get(pk=visit.pk).statement == "已核实"


@pytest.mark.parametrize("shown", [True, False, None])
def test_a_visit_is_filed_with_the_verdict_that_its_lead_saw(world, visit, shown):
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    if shown:
        with pytest.raises(Overtaken, match="the verdict with it"):
            inspections.file_inspection(visit, by=world["inspector"], shown=shown)
        assert stage_of(visit) == stages.UNDER_INSPECTION
    else:
        assert inspections.file_inspection(visit, by=world["inspector"], shown=shown).passed is False


def test_the_team_calls_the_clerks_of_the_day_and_no_former_ones(world, sign_in, visit):
    for username, first, last in [("former", -90, -1), ("coming", 3, 90), ("resting", -90, None)]:
        person = builders.make_person(username)
        Appointment.objects.create(
            user=person,
            role="clerk",
            organ=world.organ,
            starts_on=clock.today() + first * DAY,
            ends_on=None if last is None else clock.today() + last * DAY,
        )
    User.objects.filter(username="resting").update(is_active=False)
    shown = page(sign_in("inspector"), "inspection_detail", visit.pk).context["contacts"]
    assert [user.username for user in shown] == ["clerk"]


def test_a_verdict_that_turned_in_the_meantime_is_not_filed_unseen(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    client = sign_in("inspector")
    seen = check(client, visit).context["verdict"]
    rate(visit, "1.1", {"met": False}, by=world["inspector2"], version=1)
    answer = file_it(client, visit, seen)
    assert answer.status_code == 200
    assert "the verdict with it" in answer.content.decode()
    assert answer.context["verdict"] == "failed"
    assert stage_of(visit) == stages.UNDER_INSPECTION
    assert Inspection.objects.get(pk=visit.pk).is_filed is False


def test_a_double_click_files_once(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    data = keyed(verdict="passed", statement="")
    client, url = sign_in("inspector"), reverse("inspection_file", args=[visit.pk])
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert visit.assessment.changes.filter(step="pass").count() == 1
