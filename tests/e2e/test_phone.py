"""A visit without a network: 29 items and 30 photos reach the server once, whatever breaks on the way."""

import io
import re
import time

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.e2e.phone_link import Link, Portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("phone")]

PHONE = {"width": 375, "height": 740}
PHOTOS = 30
PATIENCE = 120  # seconds; a busy machine is slow, not wrong
ARRIVED = re.compile(r"\b(sent|uploaded)\b|已发送|已上传", re.IGNORECASE)
# What the phone's own store says of its photos, read past the page.
RECEIPTS = """async (user) => {
  const come = (asked) => new Promise((done) => (asked.onsuccess = (event) => done(event.target.result)));
  const db = await come(indexedDB.open(`portal-phone-${user}`));
  const all = (name) => come(db.transaction(name).objectStore(name).getAll());
  const [photos, bytes, records] = [await all("photos"), await all("bytes"), await all("records")];
  db.close();
  return {photos: photos.map(({key, sha256, receipt, size, waiting}) => ({key, sha256, receipt, size, waiting})),
          bytes: bytes.length, records: records.map(({key, state, waiting}) => ({key, state, waiting}))};
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A world in a file of its own; each test copies it."""
    portal = Portal(tmp_path_factory.mktemp("phone"))
    return portal, portal.run("build")


@pytest.fixture
def portal(built, tmp_path):
    source, world = built
    own = Portal(tmp_path)
    for file in source.place.glob("world.sqlite3*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    own.world = world
    own.start()
    yield own
    own.kill()


@pytest.fixture
def link(portal):
    link = Link(portal)
    yield link
    link.close()


@pytest.fixture
def phone(browser, portal, link):
    """Return a function that puts a person of the visit before a phone of their own."""
    contexts = []

    def take(username="inspector", **browser_is):
        context = browser.new_context(**({"locale": "en-GB", "viewport": PHONE} | browser_is))
        contexts.append(context)
        context.set_default_timeout(20_000)
        if username:
            context.add_cookies([{**portal.world["sessions"][username], "url": link.url}])
        return context

    yield take
    for context in contexts:
        context.close()


def jpeg(number):
    """Return a photo of its own, about as hard to make small as one of an office."""
    noise = Image.effect_noise((640, 480), 24).resize((1920, 1440)).convert("RGB")
    ImageDraw.Draw(noise).rectangle([60 * number, 40, 60 * number + 300, 900], fill=(number * 8, 120, 90))
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=90)
    return {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def open_list(context, link):
    page = context.new_page()
    page.goto(f"{link.url}/visits/phone/")
    page.locator(".visit-card").wait_for()
    return page


def make_ready(page):
    page.get_by_role("button", name="Get ready for offline").click()
    expect(page.locator(".visit-card")).to_contain_text("Ready for offline")


def answer(page):
    """Give the answer nearest to the thumb, or type the number where the item is a number."""
    meets = page.locator(".answer-meets")
    if meets.count():
        meets.click()
    else:
        page.locator(".number-as-typed").fill("1")
    expect(page.locator(".saved")).to_contain_text("Kept on this phone")


def draw(page, selector=".sign-pad"):
    page.locator(selector).evaluate("field => field.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = page.locator(selector).bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 50)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + (50 if step % 2 else 20))
    page.mouse.up()


def go(page, hash_):
    page.evaluate("hash => { location.hash = hash }", hash_)


def rate_all(page, visit):
    """Rate every item by hand, one after the other, and return how many there are."""
    page.locator(".visit-card h2 a").click()
    page.get_by_role("link", name="Go on").click()
    page.locator(".answers").wait_for()
    codes = []
    while True:
        code = page.locator("h1").inner_text().split()[0]
        codes.append(code)
        answer(page)
        following = page.locator(".foot-row .btn-primary")
        is_last = following.inner_text().startswith("Finish")
        following.click()
        expect(page.locator("h1")).not_to_contain_text(f"{code} ")
        if is_last:
            return codes


def photograph(page, visit, codes):
    """Take ten photos at each of three items."""
    for turn, code in enumerate(codes[: PHOTOS // 10]):
        go(page, f"#/visit/{visit}/item/{code}")
        expect(page.locator("h1")).to_contain_text(f"{code} ")
        files = [jpeg(10 * turn + number) for number in range(10)]
        page.locator(".photos input[type=file]").nth(1).set_input_files(files)
        expect(page.locator(".photo-tile")).to_have_count(10, timeout=PATIENCE * 1000)


def record_the_rest(page, visit, code):
    go(page, f"#/visit/{visit}/item/{code}/finding/new")
    page.get_by_label("What was found to be wrong").fill("三层走廊灯常明。")
    page.get_by_label("Fix on the spot").check()
    page.get_by_role("button", name="Close the finding").click()
    page.locator(".answers").wait_for()
    go(page, f"#/visit/{visit}/sign/organ")
    expect(page.locator("h1")).to_contain_text("Signature of")
    page.get_by_label("Name of whoever signs").fill("王主任")
    page.get_by_label("Position").fill("办公室主任")
    draw(page)
    page.get_by_role("button", name="Keep the signature").click()
    expect(page.locator(".invalid-feedback")).to_have_count(0)
    expect(page.locator("h1")).to_have_text("Finish the visit")


def offline_visit(context, link, visit):
    """Take everything down without a network; the page is opened anew in between."""
    page = open_list(context, link)
    make_ready(page)
    link.drops = False
    context.set_offline(True)
    page.reload()
    page.locator(".visit-card").wait_for()
    codes = rate_all(page, visit)
    expect(page.locator("main")).to_contain_text("Every item is rated.")
    record_the_rest(page, visit, codes[0])
    photograph(page, visit, codes)
    return page, codes


def wait_while_working(page, condition):
    """Wait until the condition holds; the browser's own events are heard meanwhile."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        page.wait_for_timeout(20)


def tab_killed(page, context, link, portal):
    wait_while_working(page, lambda: link.done >= 12)
    page.close()
    page = context.new_page()
    page.goto(f"{link.url}/visits/phone/")
    return page


def server_killed_twice(page, context, link, portal):
    for photos in (8, 20):
        wait_while_working(page, lambda photos=photos: link.done >= photos)
        portal.kill()
        page.wait_for_timeout(1500)
        portal.start()
    return page


@pytest.mark.parametrize("breaks", [tab_killed, server_killed_twice])
def test_everything_arrives_once_whatever_breaks(phone, link, portal, breaks):
    visit = portal.world["visit"]
    context = phone()
    page, codes = offline_visit(context, link, visit)
    assert len(codes) == 30  # 29 and a bonus item
    expect(page.locator("#phone-state")).to_contain_text("On this phone only: do not clear the browser")
    expect(page.locator("#phone-state")).to_contain_text(f"On this phone {30 + 1 + 1 + PHOTOS} ")
    assert not ARRIVED.search(page.locator("body").inner_text())

    link.drops, link.sent = True, 0
    context.set_offline(False)
    page = breaks(page, context, link, portal)
    expect(page.locator("#phone-state")).to_have_text("Everything is on the server", timeout=PATIENCE * 1000)

    user = page.evaluate("JSON.parse(localStorage.getItem('portal.phone.user')).id")
    there, here = portal.run("report"), page.evaluate(RECEIPTS, user)
    own = {photo["key"]: photo["sha256"] for photo in here["photos"]}
    assert len(own) == len(set(own.values())) == PHOTOS
    assert {photo["key"]: photo["receipt"] for photo in here["photos"]} == own
    assert there["receipts"] == there["photos"] == own
    assert here["bytes"] == 0  # each copy went with its receipt
    assert (there["states"], there["reasons"]) == (["landed"], [])
    assert sorted(there["ratings"]) == sorted(codes)
    assert (there["findings"], there["signatures"]) == (["三层走廊灯常明。"], ["organ"])
    assert there["records"] == len(here["records"]) == 32
    assert there["made"] == [[32, PHOTOS]]
    assert set(link.lost) == {"there", "back"}
    assert link.sent <= 1.1 * sum(photo["size"] for photo in here["photos"])
