"""Spot checks: another team, which sees nothing of the first one; confirmed, overturned, or recorded from a letter."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.models import Appointment, Assessment, Event, Evidence
from reviews.actions import findings, inspections, spot_checks, teams
from reviews.demo import builders
from reviews.models import Inspection
from tests.cast import keyed

CANDIDATES = ("inspector2", "checker")
STATEMENT = "首轮核查结论甲乙丙"


@pytest.fixture
def drawn(world) -> Assessment:
    """A drawn file: 100 own points, 98 of the inspection, a finding, and a statement that is easy to recognise."""
    file = world.bring_to(stages.UNDER_INSPECTION)
    visit = file.inspections.get()
    builders.rate_everything(visit, by=world["inspector"], poor=("2.1", "2.3"))
    finding = findings.raise_finding(
        visit, file.cycle.standard.indicators.get(code="3.2"), kind="on_the_spot", text="漏水", by=world["inspector"]
    )
    findings.answer_finding(finding, text="已修", by=world["clerk"])
    findings.accept_finding(finding, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"], statement=STATEMENT)
    file.refresh_from_db()
    builders._sample(file, world.cast_for(world.organ))
    file.refresh_from_db()
    assert file.stage == stages.UNDER_SPOT_CHECK
    return file


@pytest.fixture
def visit(world, drawn) -> Inspection:
    return assign(world, drawn)


def assign(world, file, *, by="superior", team=("checker", "checker2"), lead="checker"):
    people = [world[name] for name in team]
    return teams.assign_spot_check(file, team=people, lead=world[lead], visit_on=clock.today(), by=world[by])


def page(client, name, *args):
    return client.get(reverse(name, args=args))


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage


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


# --- a letter of the superior --------------------------------------------------------------------------------------


@pytest.fixture
def municipal(world) -> Assessment:
    return world.bring_to(stages.UNDER_SPOT_CHECK, world.municipal_organ)


def heard(days=0, words="数据机房为新增", spoken_by="王某") -> spot_checks.Hearing:
    return spot_checks.Hearing(clock.today() + timedelta(days=days), words, spoken_by)


def record(world, file, *, by="city", confirmed=True, reason="", number="国管函〔2026〕9号", hearing=None):
    spot_checks.record_result(
        file,
        confirmed=confirmed,
        letter=builders.a_pdf("来函.pdf"),
        letter_number=number,
        reason=reason,
        hearing=hearing,
        by=world[by],
    )


@pytest.mark.parametrize(("confirmed", "stage"), [(True, stages.CHECKED), (False, stages.NOT_MET)])
def test_the_letter_decides_and_the_history_says_so(world, municipal, confirmed, stage):
    record(world, municipal, **({} if confirmed else {"confirmed": False, "reason": "数据不实", "hearing": heard()}))
    assert stage_of(municipal) == stage
    assert "国管函〔2026〕9号" in municipal.changes.last().note
    assert Evidence.objects.get(purpose="letter").organ == world.municipal_organ


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"number": " "}, "document number"),
        ({"confirmed": False, "reason": " "}, "reasons for overturning"),
    ],
)
def test_a_letter_has_its_number_and_an_overturning_its_reason(world, municipal, fields, message):
    with pytest.raises(Refused, match=message):
        record(world, municipal, **fields)
    assert stage_of(municipal) == stages.UNDER_SPOT_CHECK


OVERTURNED = {"confirmed": False, "reason": "数据不实"}
SILENT = {"words": "", "spoken_by": ""}


@pytest.mark.parametrize(
    ("hearing", "field", "message"),
    [
        (lambda: None, "heard", "has to be heard before"),
        (lambda: spot_checks.Hearing(None, "机房", "王某"), "heard_on", "has to be heard before"),
        (lambda: heard(days=1), "heard_on", "has not come yet"),
        (lambda: heard(days=-4), "heard_on", "there was no inspection to overturn"),
        (lambda: heard(**SILENT), "heard_on", "still say something until the end of this day"),
        (lambda: heard(words="  ", spoken_by=""), "heard_on", "still say something until the end of this day"),
        (lambda: heard(words="字" * 4001), "said", "At most 4000 characters"),
        (lambda: heard(words="a\x00b"), "said", "without control characters"),
        (lambda: heard(spoken_by=" "), "spoken_by", "Enter who spoke"),
    ],
)
def test_no_letter_overturns_before_the_organ_was_heard(world, municipal, hearing, field, message):
    """The inspection was filed three days ago."""
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        with pytest.raises(Refused, match=message) as refused:
            record(world, municipal, **OVERTURNED, hearing=hearing())
        assert refused.value.field == field
        assert (stage_of(municipal), Evidence.objects.filter(purpose="letter").exists()) == (
            stages.UNDER_SPOT_CHECK, False,
        )  # fmt: skip


@pytest.mark.parametrize("hearing", [lambda: heard(days=-3), lambda: heard(days=-1, **SILENT)])
def test_once_the_organ_was_heard_or_let_its_time_pass_the_letter_overturns(world, municipal, hearing):
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        record(world, municipal, **OVERTURNED, hearing=hearing())
    assert stage_of(municipal) == stages.NOT_MET


@pytest.mark.parametrize("who", ["city", "city_clerk", "viewer", "state"])
def test_a_file_overturned_by_letter_shows_why_and_how_the_organ_was_heard(world, sign_in, municipal, who):
    record(world, municipal, **OVERTURNED, hearing=heard(words="新增<b>机房</b>"))
    text = page(sign_in(who), "file_detail", municipal.pk).content.decode()
    wanted = ["Why the inspection was overturned", "数据不实", "新增&lt;b&gt;机房", f"Said by 王某 on {clock.today()}"]
    assert [part for part in wanted if part not in text] == []


def test_an_organ_that_said_nothing_in_its_time_is_shown_as_silent(world, sign_in, municipal):
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        record(world, municipal, **OVERTURNED, hearing=heard(days=-1, **SILENT))
        text = page(sign_in("city_clerk"), "file_detail", municipal.pk).content.decode()
    assert f"until the end of {clock.today()} and said nothing" in text


def test_a_confirming_letter_asks_for_no_hearing_and_shows_none(world, sign_in, municipal):
    record(world, municipal, hearing=heard())
    assert "hearing" not in Event.objects.get(verb="record_letter").after
    assert "Why the inspection was overturned" not in page(sign_in("city"), "file_detail", municipal.pk).text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({}, 200),
        ({"heard": "said", "heard_on": "{today}"}, 200),
        ({"heard": "said", "said": "机房", "spoken_by": "王某"}, 200),
        ({"heard": "silent", "heard_on": "{yesterday}", "said": "机房"}, 200),
        ({"heard": "said", "heard_on": "{today}", "said": "机房", "spoken_by": "王某"}, 302),
    ],
)
def test_the_form_of_the_letter_asks_how_the_organ_was_heard(world, sign_in, municipal, typed, status):
    days = {"today": clock.today(), "yesterday": clock.today() - timedelta(days=1)}
    typed = {name: value.format(**days) for name, value in typed.items()}
    fields = keyed(confirmed="no", letter_number="9号", reason="数据不实", letter=builders.a_pdf(), **typed)
    answer = sign_in("city").post(reverse("spot_check_record_letter", args=[municipal.pk]), fields)
    assert answer.status_code == status
    assert stage_of(municipal) == (stages.NOT_MET if status == 302 else stages.UNDER_SPOT_CHECK)
    if status == 200:
        assert [part for part in ("数据不实", typed.get("said", "")) if part not in answer.text] == []


@pytest.mark.parametrize("who", ["state", "official", "city_clerk", "checker", "stranger"])
def test_only_an_official_of_the_municipality_records_a_letter(world, municipal, who):
    with pytest.raises(PermissionDenied):
        record(world, municipal, by=who)


def test_no_letter_for_a_district_organ(world, drawn):
    with pytest.raises(PermissionDenied):
        record(world, drawn)


def test_no_letter_once_the_superior_s_team_works_in_the_portal(world, municipal):
    assign(world, municipal, by="state", team=("state_checker", "state_checker2"), lead="state_checker")
    with pytest.raises(Refused, match="its own ratings decide"):
        record(world, municipal)


def test_no_letter_before_the_draw(world):
    with pytest.raises(Refused, match="has not been drawn"):
        record(world, world.bring_to(stages.INSPECTED, world.municipal_organ))


def test_a_copy_from_before_the_letter_sends_no_team(world, municipal):
    stale = Assessment.objects.get(pk=municipal.pk)
    record(world, municipal)
    with pytest.raises(Refused, match="has not been drawn"):
        assign(world, stale, by="state", team=("state_checker", "state_checker2"), lead="state_checker")
    assert stale.inspections.filter(kind="spot_check").count() == 0


@pytest.mark.parametrize(
    ("who", "status"),
    [("public", 302), ("stranger", 404), ("clerk", 404), ("official", 404), ("checker", 403)]
    + [(name, 200) for name in ("city", "city_clerk", "city_signatory", "viewer", "registrar", "state")],
)
def test_the_letter_can_be_read_from_the_page_of_its_file(world, sign_in, municipal, who, status):
    client, link = sign_in(who), reverse("spot_check_letter", args=[municipal.pk])
    if status == 200:
        assert client.get(link).status_code == 404
        assert link not in page(client, "file_detail", municipal.pk).content.decode()
    record(world, municipal)
    answer = client.get(link)
    assert answer.status_code == status
    if status in {200, 403}:
        assert (link in page(client, "file_detail", municipal.pk).content.decode()) == (status == 200)
    if status == 200:
        assert b"".join(answer.streaming_content) == builders.a_pdf("来函.pdf").read()
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_letter_by_clicking_twice(world, sign_in, municipal):
    client, url = sign_in("city"), reverse("spot_check_record_letter", args=[municipal.pk])
    assert client.get(url).status_code == 200
    fields = keyed(confirmed="yes", letter_number="国管函1号", reason="")
    for _click in range(2):
        assert client.post(url, fields | {"letter": builders.a_pdf()}).status_code == 302
    assert stage_of(municipal) == stages.CHECKED
    assert municipal.changes.filter(step="confirm").count() == 1


def test_a_letter_that_is_missing_keeps_what_was_typed(world, sign_in, municipal):
    answer = sign_in("city").post(
        reverse("spot_check_record_letter", args=[municipal.pk]),
        keyed(confirmed="no", letter_number="国管函1号", reason="数据不实"),
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error:" in text
    assert "国管函1号" in text
    assert "数据不实" in text


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
