"""The phone's page, screen by screen: what is said of a visit, and that one thumb or a keyboard is enough."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reviews.demo import builders
from reviews.models import Phone, PhoneRecord
from reviews.views.phone_texts import TEXTS
from tests.e2e.phone_screens import (
    CHECKLIST,
    GATE,
    HERE,
    SHELL,
    THERE,
    add_photo,
    cut,
    item,
    phone,
    say,
    screen,
    state,
    stored,
    visit,
)
from tests.e2e.test_axe import violations, widest

__all__ = ["phone", "visit"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOURCES = Path(__file__).resolve().parents[2] / "static" / "js" / "phone"
WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36 MicroMessenger/8.0.30"


def test_every_text_that_the_page_asks_for_is_there_and_none_is_left_over():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.js"))
    asked = set(re.findall(r"\bt\(\s*[\"'](\w+)[\"']", sources))
    words = set(re.findall(r"[\"'](\w+)[\"']", sources))
    begun = tuple(re.findall(r"t\(`(\w+_)\$\{", sources))
    assert asked - set(TEXTS) == set()
    assert [name for name in TEXTS if name not in words and not name.startswith(begun)] == []


@pytest.mark.parametrize("language, scheme", [("en", "light"), ("zh", "dark")])
def test_no_screen_breaks_a_rule(phone, world, visit, language, scheme):
    seat = phone(language=language, color_scheme=scheme)
    cut(seat)
    item(seat, visit, CHECKLIST)
    add_photo(seat)
    [photo] = stored(seat, world["inspector"], "photos")
    inspector = world["inspector"].pk
    rests = ["", "/finish", "/sign/organ", f"/sign/inspector-{inspector}", f"/photo/{photo['key']}"]
    rests += [f"/item/{code}" for code in (GATE, CHECKLIST, "2.5", "3.2")] + [f"/item/{CHECKLIST}/finding/new"]
    found = []
    for hash_ in ["#/todo", "#/phone", "#/server", "#/copy", *(f"#/visit/{visit.pk}{rest}" for rest in rests)]:
        seat.page.set_viewport_size({"width": 375, "height": 740})
        seat.page.evaluate("hash => { location.hash = hash }", hash_)
        seat.page.wait_for_timeout(400)
        if seat.page.locator(".answer-unknown").count():
            say(seat, "unknown")
        # as tall as the screen's content: the bar at its foot lies over nothing
        seat.page.set_viewport_size({"width": 375, "height": 4000})
        wrong = (violations(seat.page), seat.page.locator("h1").count(), widest(seat.page))
        if wrong != ([], 1, 320):
            found.append((hash_, *wrong))
    assert found == []


def test_every_target_is_as_large_as_a_thumb(phone, visit):
    seat = phone()
    small = []
    for rest in ("", "/finish", f"/item/{CHECKLIST}", "/sign/organ"):
        screen(seat, visit, rest)
        seat.page.wait_for_timeout(400)
        small += seat.page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, summary, select, .choice label")]
              .filter((one) => one.offsetParent && !one.matches(".skip-link, .visually-hidden"))
              .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
              .filter(([, box]) => box.height < 44 || box.width < 44)
              .map(([text, box]) => `${text} ${box.width}×${box.height}`)"""
        )
    assert small == []


def test_a_visit_is_ready_only_with_everything_and_the_department_knows(phone, visit):
    seat = phone()
    seat.page.route("**/pack/", lambda route: route.abort())
    seat.page.get_by_role("button", name="Get ready for offline").click()
    seat.says("Not ready: the server could not be reached")
    assert not Phone.objects.exclude(ready_at=None).exists()
    seat.page.unroute("**/pack/")
    seat.page.get_by_role("button", name="Get ready for offline").click()
    seat.says("Ready for offline")
    assert Phone.objects.exclude(ready_at=None).get().inspection == visit
    kept = seat.page.evaluate(
        """async () => { const [name] = await caches.keys();
          return (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname); }"""
    )
    assert [path for path in kept if path != SHELL and not path.startswith("/static/")] == []
    seat.page.context.set_offline(True)
    seat.page.reload()
    seat.says("Ready for offline")
    expect(state(seat)).to_contain_text("No network: you can go on working.")


def test_inside_another_app_nothing_begins_and_the_address_can_be_taken_along(desk, visit):
    seat = desk("inspector", width=320, user_agent=WECHAT, permissions=["clipboard-read", "clipboard-write"])
    seat.go(SHELL)
    seat.at("Open in the phone's browser").says("WeChat")
    seat.page.get_by_role("button", name="Copy the address").click()
    seat.says("Copied.")
    assert seat.page.evaluate("navigator.clipboard.readText()") == seat.portal + SHELL
    assert seat.page.evaluate("indexedDB.databases()") == []
    assert seat.page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert violations(seat.page) == []
    seat.follow("Look at visits and enter results online", "My visits")


def test_what_a_colleague_changed_meanwhile_is_kept_apart_with_its_reason(phone, world, visit):
    seat = phone()
    item(seat, visit, GATE)
    seat.page.context.set_offline(True)
    say(seat, "fails")
    builders.rate_everything(visit, by=world["inspector2"])
    seat.page.context.set_offline(False)
    expect(state(seat)).to_have_text(THERE)
    screen(seat, visit)
    seat.says("Kept on the server, but not entered: 1")
    assert PhoneRecord.objects.get().state == "quarantined"
    assert visit.ratings.get(indicator__code=GATE).found == {"met": True}
    item(seat, visit, GATE)
    expect(seat.page.locator(".answer-meets")).to_have_attribute("aria-pressed", "true")


def test_what_cannot_be_checked_needs_a_reason_before_it_travels(phone, visit):
    seat = phone()
    item(seat, visit, CHECKLIST)
    say(seat, "unknown")
    expect(seat.page.locator(".saved")).to_contain_text("not complete yet")
    seat.page.wait_for_timeout(5500)
    assert not PhoneRecord.objects.exists()
    seat.page.get_by_label("Why it cannot be checked").fill("配电间上锁。")
    expect(state(seat)).to_have_text(THERE)
    rating = visit.ratings.get(indicator__code=CHECKLIST)
    assert (rating.found, rating.cannot_check) == (None, "配电间上锁。")


def test_a_photo_is_small_has_its_place_and_comes_back_with_what_was_drawn(phone, world, visit):
    place = {"latitude": 39.9, "longitude": 116.4, "accuracy": 80}
    seat = phone(permissions=["geolocation"], geolocation=place)
    cut(seat)
    item(seat, visit, CHECKLIST)
    add_photo(seat)
    expect(seat.page.locator(".photo-state")).to_contain_text("on this phone only · weak place ± 80 m")
    [before] = stored(seat, world["inspector"], "photos")
    assert (max(before["width"], before["height"]) <= 1600, before["size"] <= 512_000) == (True, True)
    assert (before["latitude"], before["accuracy"]) == (39.9, 80)
    seat.page.reload()
    seat.page.locator(".photo-tile").click()
    seat.page.locator("canvas").focus()
    for key in ("Space", *["ArrowRight"] * 5, "Space"):
        seat.page.keyboard.press(key)
    seat.page.get_by_role("button", name="Keep the photo").click()
    seat.page.locator(".photo-tile").wait_for()
    [after] = stored(seat, world["inspector"], "photos")
    assert (after["key"] == before["key"], after["sha256"] == before["sha256"]) == (True, False)


def test_a_copy_goes_with_another_phone_and_nothing_lands_twice(phone, world, visit, tmp_path):
    first = phone()
    cut(first)
    item(first, visit, CHECKLIST)
    say(first, "meets")
    add_photo(first)
    first.page.evaluate("location.hash = '#/copy'")
    with first.page.expect_download() as saved:
        first.page.get_by_role("button", name="Save the copy").click()
    file = tmp_path / "copy.json"
    saved.value.save_as(file)
    other = phone("inspector2", at="#/copy")
    other.page.get_by_label("File of the copy").set_input_files(file)
    other.says("This copy belongs to somebody else. Nothing was loaded.")
    second = phone(at="#/copy")
    second.page.get_by_label("File of the copy").set_input_files(file)
    second.says("Loaded; new here: 2")
    expect(state(second)).to_have_text(THERE, timeout=30_000)
    first.page.context.unroute(re.compile(r"/visits/\d+/(records|photos)/"))
    first.page.reload()
    expect(state(first)).to_have_text(THERE, timeout=30_000)
    assert sorted(PhoneRecord.objects.values_list("kind", "state")) == [("photo", "landed"), ("rating", "landed")]
    assert json.loads(file.read_text())["user"]["id"] == world["inspector"].pk


def test_every_step_works_by_keyboard(phone, visit):
    seat = phone()
    page = seat.page
    page.locator(".visit-card h2 a").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Go on").focus()
    page.keyboard.press("Enter")
    page.locator(".answers button").first.focus()
    page.keyboard.press("Space")
    expect(page.locator(".saved")).to_contain_text("Kept on this phone")
    heading = seat.heading
    page.locator(".foot-row .btn-primary").focus()
    page.keyboard.press("Enter")
    seat.left(heading)
    assert page.evaluate("document.activeElement.id") == "main"
    screen(seat, visit, "/sign/organ")
    page.get_by_label("Name").fill("王主任")
    page.get_by_label("Position").fill("办公室主任")
    page.get_by_role("checkbox", name="I disagree").check()
    page.get_by_role("button", name="Keep the signature").click()
    assert page.locator(".invalid-feedback").all_inner_texts() == ["Sign in the field.", "Write why you disagree."]
    page.get_by_label("Why I disagree").fill("数据已更正。")
    page.locator(".sign-pad").focus()
    for key in ("Space", *["ArrowRight"] * 6, *["ArrowDown"] * 4, "Space"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Keep the signature").press("Enter")
    seat.at("Finish the visit").says("王主任")
    page.get_by_role("button", name="Bring it to the server now").press("Enter")
    expect(state(seat)).to_have_text(THERE)
    signature = visit.signatures.get()
    assert (signature.name, signature.disagrees, signature.statement) == ("王主任", True, "数据已更正。")


def test_a_server_away_for_long_gets_everything_within_a_minute_of_its_return(phone, visit):
    seat = phone()
    seat.page.clock.install()
    seat.page.reload()
    item(seat, visit, GATE)
    seat.page.context.route("**/*", lambda route: route.abort())
    say(seat, "meets")
    for _minute in range(20):
        seat.page.clock.fast_forward(60_000)
        seat.page.wait_for_timeout(50)
    expect(state(seat)).to_contain_text("The server cannot be reached; it goes on by itself.")
    assert not PhoneRecord.objects.exists()
    seat.page.context.unroute("**/*")
    seat.page.clock.fast_forward(30_000)
    expect(state(seat)).to_have_text(THERE)
    assert PhoneRecord.objects.get().state == "landed"


def test_leaving_with_waiting_work_warns(phone, visit):
    seat = phone()
    cut(seat)
    item(seat, visit, GATE)
    say(seat, "meets")
    expect(state(seat)).to_contain_text(HERE)
    asked = []
    seat.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    seat.page.close(run_before_unload=True)
    seat.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


def test_a_new_version_takes_over_and_nothing_typed_is_lost(phone, visit, settings):
    seat = phone()
    seat.page.wait_for_function("async () => (await caches.keys()).length === 1")
    [old] = seat.page.evaluate("caches.keys()")
    item(seat, visit, GATE)
    seat.page.get_by_label("Remark").fill("水表读数")
    settings.VERSION = "another"
    seat.page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    seat.page.wait_for_function("async (old) => !(await caches.keys()).includes(old)", arg=old)
    seat.page.get_by_label("Remark").press_sequentially("正常")
    expect(seat.page.locator(".saved")).to_contain_text("not complete yet")
    seat.page.context.set_offline(True)
    seat.page.reload()
    expect(seat.page.get_by_label("Remark")).to_have_value("水表读数正常")
