"""The list of files and the page of a file, seen by everybody in and out of scope."""

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions import files as file_verbs
from reviews.actions import draws, findings, inspections, teams
from reviews.demo import builders
from tests.reviews.file_pages import codes, page


def listed(response):
    return [file["organ"] for file in response.context["rows"]]


# --- the list --------------------------------------------------------------------------------------------------------


def three_files(world):
    return [world.start(organ) for organ in (world.organ, world.neighbour, world.far_organ)]


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("clerk", ["Organ 1"]),
        ("clerk2", ["Organ 2"]),
        ("official", ["Organ 1", "Organ 2"]),
        ("far_official", ["Organ 3"]),
        ("city", ["Organ 1", "Organ 2", "Organ 3"]),
        ("viewer", ["Organ 1", "Organ 2", "Organ 3"]),
        ("inspector", []),
        ("stranger", []),
    ],
)
def test_everybody_finds_the_files_of_their_scope(world, sign_in, who, seen):
    three_files(world)
    assert listed(page(sign_in(who), "file_list")) == seen


def test_the_public_is_led_to_the_sign_in(world, sign_in):
    assert page(sign_in("public"), "file_list").status_code == 302


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"q": "organ 2"}, ["Organ 2"]),
        ({"q": "机关3"}, ["Organ 3"]),
        ({"stage": "prepared"}, ["Organ 1"]),
        ({"stage": "draft"}, ["Organ 2", "Organ 3"]),
        ({"region": "110102"}, ["Organ 3"]),
        ({"region": "110000"}, ["Organ 1", "Organ 2", "Organ 3"]),
        ({"level": "city"}, []),
        ({"level": "district", "stage": "prepared"}, ["Organ 1"]),
        ({"round": "1999"}, ["Organ 1", "Organ 2", "Organ 3"]),  # cannot be read: narrows nothing, and is named
        ({"sort": "since"}, ["Organ 1", "Organ 3", "Organ 2"]),
        ({"sort": "-since"}, ["Organ 2", "Organ 3", "Organ 1"]),
    ],
)
def test_filters_and_order_stand_in_the_address(world, sign_in, query, seen):
    files = three_files(world)
    builders.bring_to(files[0], stages.PREPARED, world.cast_for(world.organ))
    assert listed(page(sign_in("city"), "file_list", **query)) == seen


def test_the_round_of_this_year_is_found_by_its_year(world, sign_in):
    three_files(world)
    response = page(sign_in("city"), "file_list", round=str(world.cycle.year))
    assert listed(response) == ["Organ 1", "Organ 2", "Organ 3"]
    assert response.context["form"].errors == {}


def test_an_unreadable_filter_is_named(world, sign_in):
    assert "Round" in page(sign_in("city"), "file_list", round="1999").content.decode()


def test_the_organ_is_found_by_its_code(world, sign_in):
    three_files(world)
    assert listed(page(sign_in("city"), "file_list", q=world.far_organ.credit_code)) == ["Organ 3"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_at_one_row_and_at_three(world, sign_in, django_assert_num_queries, number):
    for organ in (world.organ, world.neighbour, world.far_organ)[:number]:
        world.start(organ)
    client = sign_in("city")
    with django_assert_num_queries(8):  # session, person, posts, messages, rounds, number, files, regions
        response = page(client, "file_list")
    assert len(response.context["rows"]) == number


# --- the page of a file ---------------------------------------------------------------------------------------------


def offered(response):
    return [str(offer.label) for offer in response.context["offers"]]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("public", 302),
        ("stranger", 404),
        ("clerk2", 404),
        ("far_official", 404),
        ("inspector", 404),
        ("clerk", 200),
        ("signatory", 200),
        ("official", 200),
        ("city", 200),
        ("viewer", 200),
        ("registrar", 200),
        ("district_registrar", 200),
        ("state", 200),
    ],
)
def test_who_may_open_a_file(world, sign_in, who, status):
    file = world.bring_to(stages.SUBMITTED)
    assert page(sign_in(who), "file_detail", file.pk).status_code == status


@pytest.mark.parametrize(
    ("stage", "who", "labels"),
    [
        (stages.DRAFT, "clerk", ["Go on with the self-rating", "Hand over for signature", "Withdraw the file"]),
        (stages.DRAFT, "official", []),
        (stages.PREPARED, "signatory", ["Submit self-rating", "Withdraw the file"]),
        (stages.SUBMITTED, "official", ["Assign inspectors", "Send back"]),
        (stages.SUBMITTED, "clerk", ["Withdraw the file"]),
        (stages.SUBMITTED, "city", []),
        (stages.UNDER_INSPECTION, "inspector", ["Open the visit", "Check and file the inspection"]),
        (stages.UNDER_INSPECTION, "inspector2", ["Open the visit"]),
        (stages.UNDER_INSPECTION, "official", []),
        (stages.INSPECTED, "superior", ["Go to the draws"]),
        (stages.INSPECTED, "official", []),
        (stages.UNDER_SPOT_CHECK, "superior", ["Assign the spot check", "Replace in the sample"]),
        (stages.UNDER_SPOT_CHECK, "official", []),
        (stages.CHECKED, "city", ["Publish the notice"]),
        (stages.CHECKED, "official", []),
        (stages.PUBLICISED, "city", ["Recognise"]),
        (stages.PUBLICISED, "clerk", []),
    ],
)
def test_exactly_the_steps_that_this_person_may_take_now_are_offered(world, sign_in, stage, who, labels):
    file = world.bring_to(stage)
    assert file.stage == stage
    assert offered(page(sign_in(who), "file_detail", file.pk)) == labels


def test_the_municipality_may_record_the_letter_of_its_superior(world, sign_in):
    file = world.bring_to(stages.UNDER_SPOT_CHECK, world.municipal_organ)
    assert offered(page(sign_in("city"), "file_detail", file.pk)) == ["Record the superior's letter"]
    assert offered(page(sign_in("state"), "file_detail", file.pk)) == ["Assign the spot check", "Replace in the sample"]


@pytest.mark.parametrize(
    ("stage", "who"),
    [
        (stages.DRAFT, "clerk"),
        (stages.PREPARED, "signatory"),
        (stages.SUBMITTED, "official"),
        (stages.UNDER_INSPECTION, "inspector"),
        (stages.INSPECTED, "superior"),
        (stages.UNDER_SPOT_CHECK, "superior"),
        (stages.CHECKED, "city"),
        (stages.PUBLICISED, "city"),
    ],
)
def test_every_offer_leads_to_a_page_that_opens(world, sign_in, stage, who):
    client = sign_in(who)
    found = page(client, "file_detail", world.bring_to(stage).pk).context["offers"]
    assert [client.get(offer.url).status_code for offer in found] == [200] * len(found)
    assert found


def test_every_step_of_the_history_stands_there_with_who_and_why(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    file_verbs.send_back(file, reasons={codes(world)["2.1"]: "缺少文件"}, note="请补充", by=world["official"])
    response = page(sign_in("clerk"), "file_detail", file.pk)
    shown = [
        (change.step, change.by.username, note, [reason.reason for reason in reasons])
        for change, note, reasons in response.context["history"]
    ]
    assert shown == [
        ("start", "clerk", "", []),
        ("prepare", "clerk", "", []),
        ("submit", "signatory", "", []),
        ("send_back", "official", "请补充", ["缺少文件"]),
    ]
    text = response.content.decode()
    assert "缺少文件" in text
    assert file.submissions.get().number in text


def test_a_draft_says_nothing_to_others_before_it_is_submitted(world, sign_in):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    response = page(sign_in("official"), "file_detail", file.pk)
    assert response.context["self_result"] is None
    assert response.context["comparison"].columns == []
    assert page(sign_in("clerk"), "file_detail", file.pk).context["self_result"].total_shown == 100


def filed(world, poor=("2.1",), organ=None):
    """A file whose inspection found less than the organ itself."""
    file = world.bring_to(stages.UNDER_INSPECTION, organ)
    visit = file.inspections.get()
    builders.rate_everything(visit, by=visit.lead, poor=poor)
    inspections.file_inspection(visit, by=visit.lead, statement="查阅资料")
    file.refresh_from_db()
    return file


@pytest.mark.parametrize("who", ["clerk", "signatory", "official", "inspector", "city", "viewer"])
def test_points_stand_side_by_side_with_their_deviation_once_filed(world, sign_in, who):
    file = filed(world)
    comparison = page(sign_in(who), "file_detail", file.pk).context["comparison"]
    assert [str(column.label) for column in comparison.columns] == ["Self-rating", "Inspection"]
    assert [total for _label, total in comparison.totals] == ["100.00", "99.00"]
    assert [deviation for _label, deviation in comparison.total_deviations] == ["−1"]
    lines = {line.indicator.code: line for line in comparison.lines}
    assert [points for _label, points in lines["2.1"].cells] == ["1", "0"]
    assert [deviation for _label, deviation in lines["2.1"].deviations] == ["−1"]
    assert [deviation for _label, deviation in lines["2.2"].deviations] == ["0"]
    assert [deviation for _label, deviation in lines["A.1"].deviations] == ["–"]  # nobody claimed the bonus


def test_the_spot_check_stands_beside_the_other_two(world, sign_in):
    file = filed(world)
    builders._sample(file, world.cast_for(world.organ))
    file.refresh_from_db()
    team = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["superior"])
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"], statement="属实")
    comparison = page(sign_in("clerk"), "file_detail", file.pk).context["comparison"]
    assert [str(pair) for pair in comparison.pairs] == ["Inspection − self-rating", "Spot check − inspection"]
    assert [deviation for _label, deviation in comparison.total_deviations] == ["−1", "+1"]
    line = next(line for line in comparison.lines if line.indicator.code == "2.1")
    assert [points for _label, points in line.cells] == ["1", "0", "1"]


def test_the_verdict_names_unmet_gates(world, sign_in):
    file = filed(world, poor=("1.1",))
    assert file.stage == stages.NOT_MET
    columns = page(sign_in("clerk"), "file_detail", file.pk).context["comparison"].columns
    assert [gate.code for gate in columns[1].unmet_gates] == ["1.1"]
    assert columns[1].result.passed is False


def test_ratings_of_a_visit_that_is_not_filed_are_on_no_page_of_the_file(world, sign_in):
    file = world.bring_to(stages.UNDER_INSPECTION)
    builders.rate_everything(file.inspections.get(), by=world["inspector"])
    for who in ("clerk", "official", "city", "inspector"):
        columns = page(sign_in(who), "file_detail", file.pk).context["comparison"].columns
        assert "Inspection" not in [str(column.label) for column in columns]


@pytest.mark.parametrize("number", [1, 3, 50])
def test_the_page_costs_the_same_at_one_finding_and_at_fifty(world, sign_in, django_assert_num_queries, number):
    file = world.bring_to(stages.UNDER_INSPECTION)
    for place in range(number):
        findings.raise_finding(
            file.inspections.get(), codes(world)["3.2"], kind="on_the_spot", text=f"{place}", by=world["inspector"]
        )
    client = sign_in("viewer")
    with django_assert_num_queries(7):  # session, person, posts, file, what belongs to it and to its visits, messages
        response = page(client, "file_detail", file.pk)
    assert len(response.context["findings"]) == number


# --- the draw is no secret, the spot check is -----------------------------------------------------------------------


def test_the_page_names_draw_notice_and_recognition(world, sign_in):
    file = world.bring_to(stages.PUBLICISED)
    response = page(sign_in("clerk"), "file_detail", file.pk)
    assert response.context["draw_state"] == "drawn"
    assert response.context["reads_pool"] is False
    assert reverse("notice_detail", args=[file.listing.notice_id]) in response.content.decode()


def test_a_notice_that_is_not_published_is_not_named(world, sign_in):
    file = world.bring_to(stages.CHECKED)
    builders.make_notice(world.cycle, [file], by=world["city"])
    response = page(sign_in("clerk"), "file_detail", file.pk)
    assert response.context["listing"] is None


def test_a_closed_pool_stands_on_the_page_before_the_draw(world, sign_in):
    file = world.bring_to(stages.INSPECTED)
    draws.close_pool(world.cycle, world.city, by=world["superior"])
    assert "In a closed pool, not drawn yet" in page(sign_in("clerk"), "file_detail", file.pk).content.decode()
