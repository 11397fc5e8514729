"""The whole way of one file by clicking: from its start to the title, with everybody who has a part in it."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from creation import clock
from creation.models import Assessment
from reviews.demo import builders
from reviews.models import Pool
from reviews.tasks import sweep
from tests.e2e.conftest import PASSWORD, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVIDENCE = "用能管理制度.pdf"
PHONE = {"width": 375, "height": 800, "has_touch": True, "is_mobile": True}


@pytest.fixture
def sit(desk, passwords):
    """Return a function from a user name to that person, signed in through the form; asked again, the same desk."""
    seats = {}

    def down(username, **browser_is):
        if username not in seats:
            seats[username] = desk(**browser_is)
            if username:
                sign_in(seats[username], username)
        return seats[username]

    yield down
    assert {name: seat.complaints for name, seat in seats.items() if seat.complaints} == {}


def sign_in(seat: Desk, username):
    seat.go("/accounts/sign-in/")
    seat.fill("Username", username)
    seat.fill("Password", PASSWORD)
    seat.main.get_by_label("Password").press("Enter")
    seat.at("What waits for me")


def choose_the_best(seat: Desk, indicator):
    """Enter what earns an indicator's full points, as its rubric asks for it: tick, choose or type."""
    main, rubric = seat.main, indicator.rubric
    method = rubric["method"]
    meets = main.get_by_role("radio", name=re.compile("^Meets"))  # on a visit one touch says it
    if meets.count():
        meets.check()
    elif method == "gate":
        main.get_by_role("radio", name=re.compile("^Met")).check()
    elif method == "checklist":
        for part in rubric["parts"]:
            main.get_by_role("checkbox", name=part["label"]["en"]).check()
    elif method == "levels":
        best = max(rubric["levels"], key=lambda level: Decimal(str(level["points"])))
        main.get_by_role("radio", name=best["label"]["en"]).check()
    else:
        found = builders.best_finding(indicator)
        label = rubric["measure" if method == "banded" else "counts"]["en"]
        number = main.get_by_label(label)
        number.click()
        number.press_sequentially(str(found.get("value", found.get("count"))))


ONWARDS = re.compile("^Save and (next|back to the visit|check your answers)$")


def rate_all(seat: Desk, world, *, also=None):
    """Enter the best for every item in the order of the pages; `also` is done for each before it is saved."""
    waiting = {indicator.code: indicator for indicator in world.standard.indicators.filter(bonus=False)}
    while waiting:
        heading = seat.heading
        indicator = waiting.pop(heading.split()[0], None)
        if indicator:
            choose_the_best(seat, indicator)
            if also:
                also(indicator)
        seat.press(ONWARDS).left(heading)


def test_a_file_goes_from_its_start_to_the_title(sit, world):
    sweep()
    official = sit("official")
    assert rate_shown(official, world) == "0.00 %"
    self_rate(sit, world)
    sign(sit, world)
    send_a_team(sit, world)
    inspect(sit, world)
    draw(sit, world)
    spot_check(sit, world)
    publish(sit, world)
    object_and_decide(sit, world)
    recognise(sit, world)
    assert rate_shown(official, world) == "50.00 %"
    public = sit("")
    public.go("/recognised/")
    public.at("Recognised organs").says(world.organ.name_en)
    assert Assessment.objects.get().stage == "recognised"


def rate_shown(seat, world):
    seat.go(f"/rates/{world.district.code}/")
    seat.at("Completion rates: Dongcheng")
    return seat.main.locator(".rate-now strong").inner_text()


def self_rate(sit, world):
    clerk = sit("clerk")
    clerk.work("Start the self-rating of", "Start the self-rating").press("Start the self-rating", "Self-rating")
    clerk.follow(re.compile("^1.1 "), "1.1 ")
    brought = []

    def bring_evidence(indicator):
        if not indicator.evidence_required:
            return
        if not brought:
            clerk.main.get_by_label("New files").set_input_files(
                {"name": EVIDENCE, "mimeType": "application/pdf", "buffer": builders.PDF}
            )
            # whoever leaves while a file goes up is asked first
            expect(clerk.main.locator("#attached-files")).to_contain_text(EVIDENCE)
        else:
            clerk.main.get_by_text("Attach what is in the library already").click()
            clerk.main.get_by_role("checkbox", name=EVIDENCE).check()
        brought.append(indicator.code)

    rate_all(clerk, world, also=bring_evidence)
    assert world.organ.evidence.count() == 1
    assert len(brought) == Assessment.objects.get().attachments.count() == 25
    clerk.at("A.1 ").press("Save and check your answers", "Check")
    clerk.says("29 of 29 items · 100 points")
    for reason in clerk.main.locator("#warnings textarea").all():
        reason.fill("材料存本单位，核查时现场提供。")
    clerk.press("Save the reasons", "Check")
    clerk.press("Hand over for signature").says("A signatory, another person than you, now checks and signs.")


def sign(sit, world):
    signatory = sit("signatory")
    signatory.work("Check and submit the self-rating of").press("Submit self-rating", "Receipt")
    receipt = Assessment.objects.get().submissions.get()
    signatory.says(receipt.number).says(receipt.sha256)


def send_a_team(sit, world):
    official = sit("official")
    official.work("submitted file").follow("Assign inspectors", "Assign inspectors")
    team = official.main.get_by_role("group", name="Team")
    team.get_by_label("inspector (inspector)", exact=True).check()
    team.get_by_label("inspector2 (inspector2)", exact=True).check()
    official.main.get_by_role("group", name="Lead").get_by_label("inspector", exact=True).check()
    official.press("Assign inspectors", world.organ.name_en).says("The team has been assigned.")


def inspect(sit, world):
    inspector, clerk = sit("inspector", **PHONE), sit("clerk")
    inspector.work("visit to do", world.organ.name_en).follow("Begin rating")
    rate_all(inspector, world)
    inspector.go()
    inspector.follow("visit to do").follow("Add a finding", "Add a finding")
    inspector.main.get_by_label("Item").select_option("3.4 Water-saving devices, no leaks")
    inspector.fill("What was found", "三层卫生间水龙头滴漏。")
    inspector.main.get_by_label("Fix by a deadline").check()
    inspector.fill("Deadline", (clock.today() + timedelta(days=14)).isoformat())
    inspector.press("Record the finding")
    inspector.work("visit to do").follow("Require rectification", "Require rectification")
    inspector.press("Require rectification").says("The organ has been asked to put the findings right.")
    clerk.work("1 finding of the inspection to answer").follow("滴漏", "Finding at item 3.4")
    clerk.fill("What was done", "已更换水龙头。")
    clerk.press("Send the answer").says("The answer has been sent to the inspectors.")
    inspector.work("to accept").follow("滴漏", "Finding at item 3.4").press("Accept the answer")
    inspector.work("visit to do").follow("Check and file", "Check and file").says("100.00 points, pass mark 80.00")
    inspector.press("File the inspection: passed").says("The visit has been filed.")


def draw(sit, world):
    city = sit("city")
    city.work("wait", "Draws").follow("Close the pool", "Close the pool").press("Close the pool")
    city.follow("Draw", "Draw")
    city.fill("Seed", "2026-11-22 03 07 12 19 25 31 + 08")
    city.fill("Where the seed comes from", "双色球第 2026135 期")
    city.press("Draw").says("1 drawn").says("Drawn for the spot check")


def spot_check(sit, world):
    """The pool holds one file, and at least one of each region is drawn: it is this one."""
    city, checker = sit("city"), sit("checker")
    city.go()
    city.follow("1 drawn file waits for a team")
    if city.main.get_by_role("link", name="Assign the spot check").count():
        city.follow("Assign the spot check", "Assign the spot check")
    team = city.main.get_by_role("group", name="Team")
    team.get_by_label("checker (checker)", exact=True).check()
    team.get_by_label("checker2 (checker2)", exact=True).check()
    city.main.get_by_role("group", name="Lead").get_by_label("checker", exact=True).check()
    city.press("Assign the spot check", world.organ.name_en)
    checker.work("spot check to file", world.organ.name_en).follow("Begin rating")
    rate_all(checker, world)
    checker.work("spot check to file").follow("Check and file", "Check and file")
    checker.fill("Statement", "与核查结果一致。")
    checker.press("Confirm the inspection").says("The visit has been filed.")


def publish(sit, world):
    city = sit("city")
    city.go(reverse("pool_detail", args=[Pool.objects.get().pk]))
    city.press("Publish who was drawn").says("Everybody can read this draw since")
    city.work("cleared").follow("Draft a notice", "Draft a notice")
    city.main.get_by_label(re.compile(f"^{world.organ.name_en}")).check()
    wording = {
        "Title": "关于2026年度节约型机关创建名单的公示",
        "Basis": "《节约型机关创建行动方案》",
        "The process in one sentence": "经单位自评、实地核查、抽查复核。",
        "Receiving office": "市机关事务管理局（演示）",
        "Phone": "010-00000000",
        "Address": "北京市通州区（演示）",
        "Mailbox": "office@example.cn",
    }
    for label, text in wording.items():
        city.fill(label, text)
    city.press("Keep the draft", wording["Title"])
    city.press("Hand in", wording["Title"]).says("The draft is handed in.")
    superior = sit("superior")
    superior.work("1 notice to approve", wording["Title"]).says("Preview: as the public will see it")
    superior.press("Approve and publish", wording["Title"]).says("The notice is approved and published.")
    city.go("/publicity/")
    city.follow(wording["Title"], wording["Title"]).says("Order the recognition")


def object_and_decide(sit, world):
    public, clerk, city = sit(""), sit("clerk"), sit("city")
    public.go()
    public.follow("Notices", "Notices").follow("公示").follow(re.compile("^Object"), "Object to the")
    public.main.get_by_label("A person with real name and phone").check()
    public.fill("Real name or name of the unit", "陈某")
    public.fill("Phone", "13800000000")
    public.fill("Grounds", "夜间走廊常明灯。")
    public.press("Send the objection", "Your objection has been received")
    receipt = public.main.locator(".receipt").inner_text()
    clerk.work("1 objection to answer", "Objection to").says("夜间走廊常明灯。")
    expect(clerk.main).not_to_contain_text("陈某")
    clerk.follow("Answer the grounds", "Answer the grounds")
    clerk.fill("The organ's answer", "已改为感应控制。")
    clerk.press("Send the answer", "Objection to")
    city.work("1 objection to decide", "Objection to").follow("Propose a decision", "Propose a decision")
    city.main.get_by_label("Not upheld").check()
    city.fill("Reason of the decision", "经核实，问题已整改。")
    city.press("Propose the decision", "Objection to").says("Another deciding official confirms it")
    sit("superior").work("1 proposed decision on an objection to confirm", "Objection to").press(
        "Confirm the decision", "Objection to"
    )
    public.go("/objection-state/")
    public.fill("Receipt number", receipt.lower())
    public.main.get_by_role("button").first.click()
    public.says("经核实，问题已整改。")


def recognise(sit, world):
    city = sit("city")
    city.go("/publicity/")
    city.follow("公示").follow("Order the recognition", "Recognition")
    city.fill("Batch", "2026")
    city.fill("Document number", "京管发〔2026〕1号")
    city.press("Order the recognition", "Recognition").says("1 waiting")
    sweep()
    assert Assessment.objects.get().stage == "publicised"
    while clock.today() <= Assessment.objects.get().listing.notice.last_day:
        with city.page.expect_navigation():
            city.page.get_by_role("button", name="after the notice (+10)").click()
        city.says("The demonstration's date has been set.")
    sweep()
    city.page.reload()
    city.says("1 recognised, 0 waiting")
