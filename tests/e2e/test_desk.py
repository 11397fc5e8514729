"""The office desk in a browser: every field saves itself, no word is lost, and last year's answers need one click."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from creation import clock, stages
from creation.actions import files
from creation.models import Answer, Assessment, Evidence
from reviews.demo import builders
from tests.e2e.conftest import PASSWORD
from tests.e2e.test_journey import choose_the_best

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ITEM = "2.3"
SAVED = re.compile(r"^Saved \d\d:\d\d$")
FAILED = "Not saved, will try again"
MINE, THEIRS = "三处水龙头已更换。", "两层楼已更换，其余下月完成。"
MEASURED = ("1.1", "2.7", "2.11", "5.3", "6.3")


@pytest.fixture
def file(world):
    started = world.start()
    builders.make_person("colleague", ("clerk", world.organ), password=PASSWORD)
    return started


def item_url(file, code=ITEM):
    return reverse("self_rating_item", args=[file.pk, code])


def open_item(seat, file, code=ITEM):
    seat.go(item_url(file, code))
    return seat.at(f"{code} ")


def explanation(seat):
    return seat.main.get_by_label("Explanation")


def state(seat):
    return seat.page.locator("[data-saved]")


def kept(seat):
    return seat.page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('portal.desk '))")


def typed(seat, text):
    explanation(seat).fill(text)
    explanation(seat).blur()


def remarks(file):
    return dict(file.answers.values_list("indicator__code", "remark"))


# --- saving --------------------------------------------------------------------------------------------------------


def test_a_field_saves_itself_and_only_a_button_says_done(desk, file):
    clerk = open_item(desk("clerk"), file)
    typed(clerk, MINE)
    expect(state(clerk)).to_have_text(SAVED)
    clerk.main.get_by_role("checkbox").first.check()
    expect(clerk.page.locator("[data-status] strong")).to_contain_text("0 of 29 items · 1 point ")
    expect(clerk.page.locator("[data-item-state]")).to_contain_text("In progress")
    answer = file.answers.get()
    assert (answer.remark, answer.found, answer.done) == (MINE, {"present": [0]}, False)
    assert kept(clerk) == []
    clerk.press("Save and next", "2.4 ")
    assert (file.answers.get().done, file.answers.get().version) == (True, answer.version + 1)
    assert clerk.complaints == []


def test_a_text_saves_itself_in_a_pause_of_typing(desk, file):
    clerk = open_item(desk("clerk"), file)
    explanation(clerk).press_sequentially("ab")
    expect(state(clerk)).to_have_text(SAVED)
    assert remarks(file) == {ITEM: "ab"}


def test_a_number_that_cannot_be_read_says_so_and_keeps_the_rest(desk, file):
    clerk = open_item(desk("clerk"), file, "2.5")
    number = clerk.main.locator("[name=found]")
    number.fill("two")
    typed(clerk, MINE)
    expect(clerk.main.locator("[data-fault]")).to_have_text("Enter a whole number in plain digits, such as 3.")
    expect(state(clerk)).to_contain_text("kept on this device")
    assert remarks(file) == {"2.5": MINE}
    clerk.page.reload()
    expect(number).to_have_value("two")
    number.fill("2")
    number.blur()
    expect(state(clerk)).to_have_text(SAVED)
    expect(clerk.main.locator("[data-fault]")).to_have_count(0)
    assert (file.answers.get().found, kept(clerk)) == ({"count": 2}, [])


# --- the server is away --------------------------------------------------------------------------------------------


def test_a_field_typed_while_the_server_is_down_is_there_after_a_restart(desk, file):
    clerk = open_item(desk("clerk"), file)
    context = clerk.page.context
    context.set_offline(True)
    typed(clerk, MINE)
    expect(state(clerk)).to_have_text(FAILED)
    assert remarks(file) == {}
    clerk.page.close(run_before_unload=False)
    context.set_offline(False)
    clerk.page = context.new_page()
    open_item(clerk, file)
    expect(explanation(clerk)).to_have_value(MINE)
    clerk.says("It was kept on this device and has been put back.")
    expect(state(clerk)).to_have_text(SAVED)
    assert (remarks(file), kept(clerk)) == ({ITEM: MINE}, [])


def test_when_the_server_is_back_it_is_told_without_a_click(desk, file):
    clerk = open_item(desk("clerk"), file)
    clerk.page.context.set_offline(True)
    typed(clerk, MINE)
    expect(state(clerk)).to_have_text(FAILED)
    clerk.page.context.set_offline(False)
    expect(state(clerk)).to_have_text(SAVED)
    assert remarks(file) == {ITEM: MINE}


def test_while_something_is_unsaved_the_tab_asks_before_it_closes(desk, file):
    clerk = open_item(desk("clerk"), file)
    asked = []
    clerk.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    typed(clerk, "x")
    expect(state(clerk)).to_have_text(SAVED)
    clerk.page.reload()
    assert asked == []
    clerk.page.context.set_offline(True)
    explanation(clerk).press_sequentially(MINE)
    expect(state(clerk)).to_have_text(FAILED)
    clerk.page.context.set_offline(False)
    clerk.page.route("**/autosave/", lambda route: route.abort())
    clerk.go(reverse("self_rating_detail", args=[file.pk]))
    assert asked == ["beforeunload"]


def test_the_answer_that_is_lost_on_its_way_stands_in_nobodys_way(desk, file):
    clerk = open_item(desk("clerk"), file)
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    clerk.page.route("**/autosave/", lose)
    typed(clerk, "First")
    expect(state(clerk)).to_have_text(FAILED)
    typed(clerk, "First, and more")
    expect(state(clerk)).to_have_text(SAVED)
    assert (lost, remarks(file), file.answers.get().version) == ([200], {ITEM: "First, and more"}, 2)
    assert clerk.page.locator("[data-conflict]").count() == 0


def test_what_stayed_on_the_device_is_settled_from_any_page_of_the_file(desk, file):
    clerk = open_item(desk("clerk"), file)
    clerk.page.route("**/autosave/", lambda route: route.abort())
    typed(clerk, MINE)
    expect(state(clerk)).to_have_text(FAILED)
    clerk.go(reverse("self_rating_detail", args=[file.pk]))
    expect(clerk.main.get_by_role("heading", name="Kept on this device, not saved yet")).to_be_visible()
    expect(clerk.main.get_by_role("link", name=f"Item {ITEM}", exact=True)).to_have_attribute("href", item_url(file))
    clerk.page.unroute("**/autosave/")
    expect(clerk.main.get_by_role("heading", name="Kept on this device, not saved yet")).to_have_count(0)
    clerk.page.wait_for_function("Object.keys(localStorage).every((name) => !name.startsWith('portal.desk '))")
    assert remarks(file) == {ITEM: MINE}


def test_a_stranger_at_the_same_browser_gets_nothing_of_it(desk, file):
    clerk = open_item(desk("clerk"), file)
    clerk.page.route("**/autosave/", lambda route: route.abort())
    typed(clerk, MINE)
    expect(state(clerk)).to_have_text(FAILED)
    clerk.page.context.clear_cookies()
    clerk.go(reverse("login"))
    clerk.at("Sign in").fill("Username", "colleague").fill("Password", PASSWORD).press("Sign in", "What waits for me")
    clerk.page.unroute("**/autosave/")
    open_item(clerk, file)
    expect(explanation(clerk)).to_have_value("")
    assert (remarks(file), len(kept(clerk))) == ({}, 1)


# --- two people ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(desk, file):
    """Two colleagues have the same item open; the first has saved, the second has typed over the same version."""
    first, second = open_item(desk("colleague"), file), open_item(desk("clerk"), file)
    typed(first, THEIRS)
    expect(state(first)).to_have_text(SAVED)
    typed(second, MINE)
    expect(second.page.locator("[data-conflict]")).to_contain_text(THEIRS)
    expect(second.page.locator("[data-conflict]")).to_contain_text(MINE)
    assert remarks(file) == {ITEM: THEIRS}
    return second


def test_until_one_of_two_chooses_nothing_is_written_over(two, file):
    typed(two, MINE + "!")
    two.page.wait_for_timeout(2500)
    assert remarks(file) == {ITEM: THEIRS}
    two.page.reload()
    expect(two.page.locator("[data-conflict]")).to_contain_text(MINE + "!")
    expect(explanation(two)).to_have_value(MINE + "!")
    assert remarks(file) == {ITEM: THEIRS}


@pytest.mark.parametrize(
    ("button", "stands"),
    [("Keep mine", MINE), ("Put both explanations together", f"{THEIRS}\n{MINE}")],
)
def test_the_second_of_two_chooses_and_no_word_is_lost(two, file, button, stands):
    two.main.get_by_role("button", name=button).click()
    expect(two.page.locator("[data-conflict]")).to_have_count(0)
    expect(state(two)).to_have_text(SAVED)
    assert (remarks(file), kept(two)) == ({ITEM: stands}, [])


def test_the_second_of_two_takes_over_what_the_first_wrote(two, file):
    two.main.get_by_role("link", name="Take over theirs").click()
    expect(explanation(two)).to_have_value(THEIRS)
    expect(two.page.locator("[data-conflict]")).to_have_count(0)
    assert (remarks(file), kept(two)) == ({ITEM: THEIRS}, [])


def test_two_people_at_different_items_are_both_saved(desk, file):
    first, second = open_item(desk("colleague"), file), open_item(desk("clerk"), file, "2.4")
    typed(first, THEIRS)
    typed(second, MINE)
    expect(state(first)).to_have_text(SAVED)
    expect(state(second)).to_have_text(SAVED)
    assert remarks(file) == {ITEM: THEIRS, "2.4": MINE}


# --- ask once ------------------------------------------------------------------------------------------------------


@pytest.fixture
def again(world):
    """A new file of an organ that submitted one last year."""
    year = clock.today().year - 1
    cycle = builders.make_cycle(world.city, world.standard, by=world["city"], year=year)
    before = files.start(world.organ, cycle, by=world["clerk"])
    builders.bring_to(before, stages.SUBMITTED, world.cast_for(world.organ))
    return world.start()


def test_an_unchanged_cycle_is_submitted_with_one_click_an_item_and_no_upload(desk, world, again):
    clerk = desk("clerk")
    clerk.go(reverse("self_rating_detail", args=[again.pk]))
    clerk.says("0 of 29 items").says("29 of 29 items with an earlier answer (100 %).")
    clicks = 0
    while (waiting := clerk.main.get_by_role("button", name=re.compile("^Still true"))).count():
        left = waiting.count()
        waiting.first.click()
        expect(clerk.main.get_by_role("button", name=re.compile("^Still true"))).to_have_count(left - 1)
        clicks += 1
    assert clicks == 24
    clerk.says("24 of 29 items")
    for code in MEASURED:
        open_item(clerk, again, code)
        attach = clerk.main.get_by_role("button", name="Attach that evidence again")
        if attach.count():
            attach.click()
            clerk.says("Last year's evidence is attached to item")
        choose_the_best(clerk, world.standard.indicators.get(code=code))
        clerk.press("Save and next").left(f"{code} ")
    builders.pass_warnings(again, by=world["clerk"])
    clerk.go(reverse("self_rating_check", args=[again.pk]))
    clerk.says("29 of 29 items · 100 points").press("Hand over for signature")
    signatory = desk("signatory")
    signatory.go(reverse("self_rating_check", args=[again.pk]))
    signatory.press("Submit self-rating", "Receipt")
    assert Assessment.objects.get(pk=again.pk).stage == stages.SUBMITTED
    assert Evidence.objects.count() == 1
    assert clerk.complaints == []


def test_one_key_says_still_true(desk, again):
    clerk = open_item(desk("clerk"), again, "2.1")
    clerk.page.keyboard.press("Alt+KeyT")
    clerk.at("2.2 ").says("Item 2.1: still true, done.")
    assert Answer.objects.get(assessment=again).since_last_year == "still_true"


def test_the_desk_goes_without_scripts(desk, again):
    clerk = desk("clerk", java_script_enabled=False)
    clerk.go(reverse("self_rating_detail", args=[again.pk]))
    clerk.main.get_by_role("button", name=re.compile(r"^Still true ?: 2\.1 ")).click()
    clerk.says("Item 2.1: still true, done.").says("1 of 29 items")
    open_item(clerk, again, "2.2").press("Changed", "2.2 ").says("Last year's answer to item 2.2 stands in the fields")
    clerk.press("Attach that evidence again", "2.2 ")
    explanation(clerk).fill(MINE)
    clerk.press("Save and back to the list", "Self-rating").says("2 of 29 items")
    open_item(clerk, again, "2.2").press("Not done yet: leave it open", "Self-rating").says("1 of 29 items")
    assert remarks(again)["2.2"] == MINE


def test_an_expired_paper_says_which_one_and_asks_anew(desk, again):
    Evidence.objects.update(expires_on=clock.today() - timedelta(days=1))
    clerk = open_item(desk("clerk"), again, "2.1")
    clerk.says("Evidence has expired: “材料.pdf”")
    expect(clerk.main.get_by_role("button", name="Still true")).to_have_count(0)


# --- the header ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [375, 1280])
def test_the_header_stays_where_it_is_however_far_one_scrolls(desk, file, width):
    clerk = desk("clerk", width=width)
    for address in (reverse("self_rating_detail", args=[file.pk]), item_url(file)):
        clerk.go(address)
        clerk.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        bar = clerk.page.locator("[data-status]")
        expect(bar).to_be_in_viewport()
        assert bar.bounding_box()["y"] <= 1
