"""The way of the office desk without a mouse, from signing in to the receipt: by Tab, Enter, Space, arrows, typing."""

import re

import pytest
from playwright.sync_api import expect

from creation.actions import evidence
from creation.actions.answers import save_answer
from creation.models import Assessment
from reviews.demo import builders
from tests.e2e.conftest import PASSWORD
from tests.e2e.keyboard import Keyboard
from tests.e2e.test_desk import MINE, SAVED, THEIRS, explanation, open_item, state, typed
from tests.e2e.test_uploads import pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GATE, COUNT, LEVELS, PARTS = "1.1", "2.5", "3.5", "3.6"
LEFT = {GATE, COUNT, LEVELS, PARTS}  # what the keyboard answers: one of each control there is
REASON = "材料存本单位，核查时现场提供。"


@pytest.fixture
def file(world, passwords):
    """A draft in which four items are left; a colleague could take a section."""
    started, clerk = world.start(), world["clerk"]
    builders.make_person("colleague", ("clerk", world.organ))
    proof = evidence.upload_evidence(world.organ, builders.a_pdf(), by=clerk)
    for indicator in world.standard.indicators.filter(bonus=False):
        if indicator.code not in LEFT:
            save_answer(started, indicator, by=clerk, found=builders.best_finding(indicator))
        if indicator.evidence_required and indicator.code != LEVELS:
            evidence.attach(started, indicator, proof, by=clerk)
    return started


@pytest.fixture
def keyboard(desk):
    """Return a function that seats somebody without a mouse; at the end nothing may have been wrong at any stop."""
    seats = []

    def sit(username=""):
        # without motion the page stands still as soon as a stop is reached
        seats.append(Keyboard(desk(username, reduced_motion="reduce")))
        return seats[-1]

    yield sit
    assert [fault for seat in seats for fault in seat.faults] == []
    assert [said for seat in seats for said in seat.seat.complaints] == []


def sign_in(keys, username):
    keys.seat.go("/accounts/sign-in/")
    assert keys.walk_round().held()["name"].startswith("Username"), "the page begins where one types"
    keys.type(username)
    assert keys.tab()["name"].startswith("Password")
    keys.type(PASSWORD)
    return keys.enter("What waits for me")


def sign_out(keys):
    keys.to("Sign out", "button")
    return keys.enter("")


def saved(keys):
    expect(state(keys.seat)).to_have_text(SAVED)
    return keys.held()


def answers(file):
    return {answer.indicator.code: answer.found for answer in file.answers.select_related("indicator")}


def test_a_self_rating_is_made_and_signed_without_a_mouse(keyboard, file):
    clerk = sign_in(keyboard(), "clerk")
    clerk.walk_round().skip().press(re.compile("self-rating"), "Self-rating")
    clerk.walk_round().skip()
    answer_the_items(clerk)
    give_a_section_away(clerk)
    check(clerk)
    sign_out(clerk)
    signatory = sign_in(clerk, "signatory")
    signatory.skip().press("Check and submit", "All answers")
    signatory.walk_round().skip().press("Submit self-rating", "Receipt", kind="button")
    receipt = Assessment.objects.get().submissions.get()
    signatory.says(receipt.number).says(receipt.sha256).walk_round()


def answer_the_items(keys):
    """One item of each kind; what was chosen has saved itself before any button is pressed."""
    file = Assessment.objects.get()
    keys.press(f"{GATE} ", f"{GATE} ").walk_round().skip().to("Met", "radio")
    keys.key("ArrowDown", "ArrowUp")
    saved(keys)
    keys.to("Explanation")
    keys.type(MINE)
    saved(keys)
    assert answers(file)[GATE] == {"met": True}
    keys.press("Save and back to the list", "Self-rating", kind="button").skip()
    keys.press(f"{COUNT} ", f"{COUNT} ").skip().to("Rules issued", "text")
    keys.type("4")
    saved(keys)
    keys.press("Save and back to the list", "Self-rating", kind="button").skip()
    keys.press(f"{LEVELS} ", f"{LEVELS} ").skip().to("", "radio")
    keys.key("Space")
    saved(keys)
    add_evidence(keys)
    keys.press("Save and next", f"{PARTS} ", kind="button").skip()
    keys.to("", "checkbox")
    keys.key("Space")
    keys.tab()
    keys.key("Space")
    saved(keys)
    keys.press("Save and back to the list", "Self-rating", kind="button")


def add_evidence(keys):
    keys.to("New files", "file")
    with keys.page.expect_file_chooser() as choosing:
        keys.page.keyboard.press("Enter")
    choosing.value.set_files([pdf("采购清单.pdf")])
    expect(keys.seat.main.locator("#attached-files")).to_contain_text("采购清单.pdf")
    assert keys.held()["kind"] == "file"


def give_a_section_away(keys):
    keys.press("Who does what", "Who does what").walk_round().skip()
    keys.to(re.compile("^2 "), "select-one")
    keys.type("coll")
    keys.press("Save who does what", "Self-rating", kind="button").says("With colleague")


def check(keys):
    """A warning passes with a reason; a change link leads to its item and back to its row."""
    keys.press("Check your answers", "Check your answers").walk_round().skip()
    keys.to("Change 3.5")
    keys.enter("3.5 ").skip().to("Explanation")
    keys.type(MINE)
    keys.press("Save and back to the check", "Check your answers", kind="button").says(MINE)
    assert keys.tab()["name"] == "采购清单.pdf", "one comes back to the row that one left"
    keys.to("Save the reasons", "button", back=True)
    for _warning in keys.seat.main.locator("#warnings textarea").all():
        keys.to("", "textarea", back=True)
        keys.type(REASON)
    keys.press("Save the reasons", "Check your answers").says("Every warning has its reason")
    assert keys.tab()["kind"] == "a"
    keys.press("Hand over for signature", "All answers", kind="button").says("A signatory, another person")


def at_the_item(keyboard, file, code=COUNT):
    """Seat the clerk before an item, behind its header."""
    keys = keyboard("clerk")
    open_item(keys.seat, file, code)
    return keys.skip()


def test_a_refused_item_says_why_first_and_leads_to_the_field(keyboard, file):
    clerk = at_the_item(keyboard, file)
    clerk.to("Rules issued", "text")
    clerk.type("two")
    clerk.press("Save and next", f"{COUNT} ", kind="button")
    expect(clerk.page.locator("[data-error-summary]")).to_be_focused()
    assert clerk.tab()["kind"] == "a"
    assert clerk.key("Enter")["kind"] == "text"


def test_who_chooses_between_two_texts_goes_on_in_the_explanation(keyboard, desk, file):
    clerk, colleague = at_the_item(keyboard, file), open_item(desk("colleague"), file, COUNT)
    typed(colleague, THEIRS)
    expect(state(colleague)).to_have_text(SAVED)
    clerk.to("Explanation")
    clerk.type(MINE)
    clerk.tab()
    expect(clerk.page.locator("[data-conflict]")).to_contain_text(THEIRS)
    clerk.to("Keep mine", "button", back=True)
    clerk.key("Enter")
    expect(explanation(clerk.seat)).to_be_focused()
    saved(clerk)
    clerk.seat.complaints.clear()  # of the refused writing


def test_a_file_is_sent_again_and_the_focus_stays(keyboard, file):
    clerk = at_the_item(keyboard, file)
    clerk.page.route("**/attach/one/", lambda route: route.abort())
    clerk.to("New files", "file")
    with clerk.page.expect_file_chooser() as choosing:
        clerk.page.keyboard.press("Enter")
    choosing.value.set_files([pdf("late.pdf")])
    expect(clerk.seat.main.get_by_role("button", name="Try again").first).to_be_visible()
    clerk.to("Try again", "button")
    clerk.page.unroute("**/attach/one/")
    clerk.page.keyboard.press("Enter")
    expect(clerk.seat.main.locator("#attached-files")).to_contain_text("late.pdf")
    clerk.held()
    clerk.seat.complaints.clear()  # of the line that was cut
