"""The pages of a visit: the day in its order, an item in one touch, photos, signatures, the sheet, the comparison."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.guards import without_guards
from creation.models import Organ, User, WarningPassed
from portal.context import navigation
from reviews.actions import findings, inspections
from reviews.actions.comparison import finish_own_points
from reviews.demo import builders
from reviews.models import Inspection, PhoneRecord, Signature, VisitPhoto
from tests.cast import keyed
from tests.scene import a_picture

DRAWN = json.dumps([[[10, 20], [110, 220], [400, 30]]])


@pytest.fixture
def visit(world) -> Inspection:
    """A visit that has been assigned, nothing rated yet."""
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def item(visit, code):
    return visit.assessment.cycle.standard.indicators.get(code=code)


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def send(client, to, *args, **fields):
    return client.post(reverse(to, args=args), keyed(**fields))


def status(client, name, *args):
    answer = page(client, name, *args)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


def file_it(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    return inspections.file_inspection(visit, by=world["inspector"])


# --- the day -------------------------------------------------------------------------------------------------------


def test_a_stop_says_where_whom_to_call_and_what_to_look_at(world, sign_in, visit):
    Organ.objects.filter(pk=world.organ.pk).update(address="演示路1号（演示）")
    User.objects.filter(username="clerk").update(phone="010-55501234")
    found = findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="滴漏", by=world["inspector"])
    response = page(sign_in("inspector2"), "inspection_list")
    ((day, word, (stop,)),) = response.context["days"]
    assert (day, word) == (clock.today(), "today")
    assert stop.site_codes[:3] == ["2.6", "2.9", "2.11"]
    assert (stop.open_findings, stop.earlier, [str(one) for one in stop.contacts]) == ([found], [], ["clerk"])
    text = response.content.decode()
    assert 'href="tel:010-55501234"' in text
    assert "演示路1号（演示）" in text
    assert "Under inspection" in text


def test_what_was_found_in_an_earlier_round_is_remembered(world, sign_in, visit):
    findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="去年滴漏", by=world["inspector"])
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    inspections.file_inspection(visit, by=world["inspector"])
    later = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year + 1)
    file = builders.files.start(world.organ, later, by=world["clerk"])
    builders.bring_to(file, stages.UNDER_INSPECTION, world.cast_for(world.organ))
    response = page(sign_in("inspector"), "inspection_list")
    (stop,) = response.context["stops"]
    assert [one.text for one in stop.earlier] == ["去年滴漏"]
    assert "去年滴漏" in page(sign_in("inspector"), "inspection_item", stop.visit.pk, "3.4").content.decode()
    assert "去年滴漏" not in page(sign_in("inspector"), "inspection_item", stop.visit.pk, "3.2").content.decode()


@pytest.mark.parametrize(
    ("who", "path", "marked"),
    [
        ("inspector", "/inspections/7/", "inspection_list"),
        ("inspector", "/visits/7/sheet/", "inspection_list"),
        ("inspector", "/findings/7/", "inspection_list"),
        ("clerk", "/inspections/7/", "file_list"),
        ("clerk", "/self-rating/7/", "file_list"),
        ("clerk", "/evidence/", "file_list"),
        ("official", "/findings/7/", "file_list"),
    ],
)
def test_the_navigation_marks_where_one_is(world, who, path, marked):
    assert [url for url, _label, here in navigation(world[who], path) if here] == [reverse(marked)]


def test_a_filed_visit_no_longer_speaks_of_so_far(world, sign_in, visit):
    file_it(world, visit)
    headline = page(sign_in("inspector"), "inspection_detail", visit.pk).context["headline"]
    assert headline == "Filed · 29 of 29 items rated · 100 points"


# --- an item in one touch ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "fields", "found"),
    [
        ("1.1", {"verdict": "meets"}, {"met": True}),
        ("1.1", {"verdict": "does_not"}, {"met": False}),
        ("2.2", {"verdict": "meets"}, {"present": [0, 1]}),
        ("2.2", {"verdict": "partly", "found": ["1"]}, {"present": [1]}),
        ("2.2", {"verdict": "does_not", "found": ["1"]}, {"present": []}),  # details of another verdict do not count
        ("3.4", {"verdict": "meets", "found": "7"}, {"count": 0}),
        ("3.4", {"verdict": "partly", "found": "2"}, {"count": 2}),
        ("3.5", {"verdict": "meets"}, {"level": 2}),
        ("3.5", {"verdict": "partly", "found": "1"}, {"level": 1}),
        ("3.5", {"verdict": "does_not"}, {"level": 0}),
        ("2.11", {"verdict": "partly", "found": "92.5"}, {"value": "92.5"}),
        ("2.5", {"verdict": "partly", "found": "3"}, {"count": 3}),
        ("2.2", {"found": ["0"]}, {"present": [0]}),  # details alone hold
    ],
)
def test_a_verdict_stands_for_what_was_found(world, sign_in, visit, code, fields, found):
    client = sign_in("inspector")
    assert send(client, "inspection_item", visit.pk, code, version="0", remark="", **fields).status_code == 302
    assert visit.ratings.get().found == found
    again = page(client, "inspection_item", visit.pk, code).context["form"]
    assert again["verdict"].value() == fields.get("verdict", "partly")


def test_what_does_not_apply_and_what_cannot_be_checked(world, sign_in, visit):
    client = sign_in("inspector")
    send(client, "inspection_item", visit.pk, "3.7", version="0", verdict="not_applicable")
    assert visit.ratings.get().not_applicable
    answer = send(client, "inspection_item", visit.pk, "2.6", version="0", verdict="cannot", cannot_check=" ")
    assert "Say why it cannot be checked." in answer.content.decode()
    send(client, "inspection_item", visit.pk, "2.6", version="0", verdict="cannot", cannot_check="设备间已锁")
    assert visit.ratings.get(indicator__code="2.6").cannot_check == "设备间已锁"
    assert "设备间已锁" in page(client, "inspection_detail", visit.pk).content.decode()
    filing = page(client, "inspection_file", visit.pk)
    assert "设备间已锁" in filing.content.decode()
    assert filing.context["blocked"]


def test_partly_says_what(world, sign_in, visit):
    answer = send(sign_in("inspector"), "inspection_item", visit.pk, "2.2", version="0", verdict="partly")
    assert "Say what exactly was found." in answer.content.decode()
    assert visit.ratings.count() == 0


def test_an_entry_from_paper_says_so_everywhere(world, sign_in, visit):
    client = sign_in("inspector2")
    send(client, "inspection_item", visit.pk, "2.2", version="0", verdict="meets", from_paper="on")
    assert "Entered from paper by inspector2" in page(client, "inspection_item", visit.pk, "2.2").content.decode()
    assert "from paper" in page(client, "inspection_detail", visit.pk).content.decode()
    rest = world.standard.indicators.filter(bonus=False).exclude(code="2.2")
    for indicator in rest:
        found = builders.best_finding(indicator)
        inspections.save_rating(visit, indicator, by=world["inspector"], found=found)
    filed = inspections.file_inspection(visit, by=world["inspector"])
    assert [one["indicator"] for one in json.loads(filed.content)["ratings"] if one.get("from_paper")] == ["2.2"]
    lines = page(sign_in("official"), "file_detail", visit.assessment_id).context["comparison"].lines
    assert [line.notes for line in lines if line.notes] == [["Inspection: entered from paper by inspector2"]]


def test_the_inspector_reads_the_warnings_that_the_organ_passed(world, sign_in, visit):
    with without_guards():
        WarningPassed.objects.create(
            assessment=visit.assessment, indicator=item(visit, "2.2"), kind="points_above_last_year",
            reason="新装了电表，读数不同", by=world["clerk"], at=clock.now(),
        )  # fmt: skip
    text = page(sign_in("inspector"), "inspection_item", visit.pk, "2.2").content.decode()
    assert "新装了电表，读数不同" in text


# --- photos --------------------------------------------------------------------------------------------------------


def test_photos_at_an_item_are_kept_once_and_seen_by_those_who_read_it(world, sign_in, visit):
    client = sign_in("inspector")
    for _again in range(2):
        send(client, "item_photos", visit.pk, "3.4", photos=[a_picture()])
    photo = VisitPhoto.objects.get()
    assert (photo.indicator.code, photo.by.username) == ("3.4", "inspector")
    people = ("public", "stranger", "clerk", "official", "far_inspector", "inspector2")
    seen = {who: status(sign_in(who), "visit_photo", photo.pk) for who in people}
    assert seen == {
        "public": 302,
        "stranger": 404,
        "clerk": 403,
        "official": 403,
        "far_inspector": 404,
        "inspector2": 200,
    }
    found = findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="滴漏", by=world["inspector"])
    VisitPhoto.objects.filter(pk=photo.pk).update(finding=found)
    assert status(sign_in("clerk"), "visit_photo", photo.pk) == 200
    text = page(sign_in("clerk"), "finding_detail", found.pk).content.decode()
    assert reverse("visit_photo", args=[photo.pk]) in text


def test_what_is_no_picture_is_named(world, sign_in, visit):
    answer = send(sign_in("inspector"), "item_photos", visit.pk, "3.4", photos=[builders.a_pdf("报告.pdf")])
    assert "报告.pdf" in answer.content.decode()
    assert VisitPhoto.objects.count() == 0


def test_the_team_adds_photos_before_and_after_a_repair_on_the_spot(world, sign_in, visit):
    found = findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="滴漏", by=world["inspector"])
    client = sign_in("inspector2")
    assert (
        send(client, "finding_detail", found.pk, step="photos", when="after", photos=[a_picture()]).status_code == 302
    )
    assert [photo.when for photo in found.photos.all()] == ["after"]
    assert send(sign_in("clerk"), "finding_detail", found.pk, step="photos", when="after").status_code == 403


def test_each_state_of_a_finding_names_who_is_next(world, sign_in, visit):
    found = findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="滴漏", by=world["inspector"])
    assert page(sign_in("inspector"), "finding_detail", found.pk).context["finding"].next_people == "clerk"
    assert "next: clerk" in page(sign_in("inspector"), "inspection_detail", visit.pk).content.decode()
    findings.answer_finding(found, by=world["clerk"], text="已修")
    assert page(sign_in("clerk"), "finding_detail", found.pk).context["finding"].next_people == "inspector, inspector2"
    findings.accept_finding(found, by=world["inspector"])
    assert page(sign_in("clerk"), "finding_detail", found.pk).context["finding"].next_people == ""


@pytest.mark.parametrize("days, due", [(2, 0), (3, 1), (30, 1)])
def test_what_is_due_within_some_days(world, visit, days, due):
    day = clock.today() + timedelta(days=3)
    one = findings.raise_finding(
        visit, item(visit, "3.4"), kind="by_deadline", text="滴漏", due_on=day, by=world["inspector"]
    )
    until = clock.today() + timedelta(days=days)
    assert type(one).objects.due_within(until).count() == due
    findings.answer_finding(one, by=world["clerk"], text="已修")
    assert type(one).objects.due_within(until).count() == 0


# --- signatures and the sheet --------------------------------------------------------------------------------------


def test_signing_by_the_page(world, sign_in, visit):
    client = sign_in("inspector")
    answer = send(client, "inspection_sign", visit.pk, who=str(world["inspector2"].pk), strokes=DRAWN)
    assert answer.status_code == 302
    fields = {"who": "organ", "name": "王某", "position": "主任", "disagrees": "on", "strokes": DRAWN}
    refused = send(client, "inspection_sign", visit.pk, statement="", **fields)
    assert "Write what the organ disagrees with" in refused.content.decode()
    assert refused.context["form"].data["strokes"] == DRAWN  # the drawing is there again
    send(client, "inspection_sign", visit.pk, statement="3.4 已整改", **fields)
    assert [one.name for one in Signature.objects.order_by("pk")] == [world["inspector2"].name, "王某"]
    builders.rate_everything(visit, by=world["inspector"])
    text = page(client, "inspection_file", visit.pk).content.decode()
    assert "Not signed yet: inspector<" in text
    assert "3.4 已整改" in text
    assert text.count("The visit was changed after this signature.") == 2


def test_without_a_drawing_nothing_is_signed(world, sign_in, visit):
    answer = send(sign_in("inspector"), "inspection_sign", visit.pk, who=str(world["inspector"].pk), strokes="")
    assert "Sign in the field first." in answer.content.decode()
    assert Signature.objects.count() == 0


def test_filing_does_not_wait_for_signatures_and_nobody_signs_after_it(world, sign_in, visit):
    filed = file_it(world, visit)
    assert filed.is_filed
    assert page(sign_in("inspector"), "inspection_sign", visit.pk).context["may_sign"] is False
    send(sign_in("inspector"), "inspection_sign", visit.pk, who=str(world["inspector"].pk), strokes=DRAWN)
    assert Signature.objects.count() == 0


@pytest.mark.parametrize("name", ["inspection_sign", "inspection_sheet", "inspection_comparison"])
def test_strangers_are_kept_out(world, sign_in, visit, name):
    wanted = {"public": 302, "stranger": 404, "clerk2": 404, "far_inspector": 404, "clerk": 403, "inspector2": 200}
    assert {who: page(sign_in(who), name, visit.pk).status_code for who in wanted} == wanted


def test_the_sheet_has_every_item_with_its_permitted_answers_and_no_points_of_anybody(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    response = page(sign_in("inspector2"), "inspection_sheet", visit.pk)
    printed = [one for _label, items in response.context["sections"] for one in items]
    assert len(printed) == 30
    by_code = {one.indicator.code: one for one in printed}
    assert [[one.label.split(" ·")[0] for one in by_code[code].verdicts] for code in ("1.1", "2.6", "3.5", "2.11")] == [
        ["Meets", "Does not meet"],  # a gate
        ["Meets", "Does not meet"],  # a single part has nothing in between
        ["Meets", "Partly: say below what", "Does not meet"],
        [],
    ]
    assert [len(one.details) for one in by_code["3.5"].verdicts] == [0, 1, 0]  # of three levels one
    assert bool(by_code["2.11"].number)
    assert by_code["3.7"].not_applicable.startswith("Not applicable")
    text = response.content.decode()
    assert text.count("Cannot be checked: say why: ") == 30
    assert "points so far" not in text
    assert " checked" not in text.replace("be checked", "")


# --- the comparison ------------------------------------------------------------------------------------------------


def test_comparing_by_clicking(world, sign_in, visit):
    client = sign_in("inspector")
    builders.rate_everything(visit, by=world["inspector"], poor=("2.2",))
    before = page(client, "inspection_item", visit.pk, "2.2")
    assert before.context["own"] is None
    assert send(client, "inspection_comparison", visit.pk).status_code == 302
    lines = {
        line["item"].indicator.code: line for line in page(client, "inspection_comparison", visit.pk).context["lines"]
    }
    assert (lines["2.2"]["own"], lines["2.2"]["organ"], lines["2.2"]["deviation"]) == ("0", "3", "−3")
    assert page(client, "inspection_item", visit.pk, "2.2").context["own"].points == 3
    typed = {"verdict": "partly", "found": ["1"], "version": "1", "remark": ""}
    refused = send(client, "inspection_item", visit.pk, "2.2", reason="", **typed)
    assert refused.status_code == 200
    done = send(client, "inspection_item", visit.pk, "2.2", reason="台账补充出示", **typed)
    assert done.url == reverse("inspection_comparison", args=[visit.pk])
    text = page(client, "inspection_item", visit.pk, "2.2").content.decode()
    assert "台账补充出示" in text
    assert "Before the comparison:" in text
    assert page(client, "inspection_item", visit.pk, "2.2").context["shows_form"] is False


def test_only_the_lead_closes_the_own_points_by_the_page(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    assert send(sign_in("inspector2"), "inspection_comparison", visit.pk).status_code == 403
    assert Inspection.objects.get(pk=visit.pk).own_points_at is None


def test_the_change_is_told_beside_the_points_of_the_file(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"], poor=("2.2",))
    finish_own_points(visit, by=world["inspector"])
    client = sign_in("inspector")
    typed = {"verdict": "meets", "version": "1", "reason": "台账补充出示"}
    send(client, "inspection_item", visit.pk, "2.2", **typed)
    inspections.file_inspection(visit, by=world["inspector"])
    for who in ("clerk", "official", "inspector2"):
        lines = page(sign_in(who), "file_detail", visit.assessment_id).context["comparison"].lines
        notes = [line.notes for line in lines if line.notes]
        assert notes == [["Inspection: 0 before the comparison. 台账补充出示"]]


# --- what a phone left behind --------------------------------------------------------------------------------------


def test_a_record_in_quarantine_keeps_the_visit_from_being_filed(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    record = PhoneRecord.objects.create(
        inspection=visit, key="7d0e6e0e-6c26-4f6a-8f0c-1f7d6a6c9b11", device="7d0e6e0e-6c26-4f6a-8f0c-1f7d6a6c9b12",
        number=1, kind="rating", subject="2.2", payload={}, sha256="0" * 64, recorded_at=clock.now(),
        received_at=clock.now(), by=world["inspector"], state="quarantined", reason="a colleague changed it",
    )  # fmt: skip
    with pytest.raises(inspections.Refused, match="settle it first"):
        inspections.file_inspection(visit, by=world["inspector"])
    filing = page(sign_in("inspector"), "inspection_file", visit.pk)
    assert (filing.context["unsettled"], filing.context["blocked"]) == (1, True)
    PhoneRecord.objects.filter(pk=record.pk).update(
        state="settled", settled_at=clock.now(), settled_by=world["inspector"]
    )
    assert inspections.file_inspection(visit, by=world["inspector"]).is_filed
