"""The phone's page as the inspector of a visit has it: its screens, its photos and its own store."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from creation import stages

SHELL = "/visits/phone/"
HERE = "On this phone only: do not clear the browser"
THERE = "Everything is on the server"
GATE, CHECKLIST = "1.1", "2.6"


@pytest.fixture
def visit(world):
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


@pytest.fixture
def phone(desk):
    """Return a function that opens the page on a phone and waits for its lists."""

    def take(username="inspector", *, at="", **browser_is):
        seat = desk(username, width=375, height=740, **browser_is)
        seat.go(SHELL + at)
        seat.page.locator(".phone-tabs, .answers, .task-list, [type=file]").first.wait_for()
        return seat

    return take


def state(seat):
    return seat.page.locator("#phone-state")


def screen(seat, visit, rest=""):
    seat.page.evaluate("hash => { location.hash = hash }", f"#/visit/{visit.pk}{rest}")


def item(seat, visit, code):
    screen(seat, visit, f"/item/{code}")
    expect(seat.page.get_by_role("heading", level=1)).to_contain_text(f"{code} ")
    seat.page.locator(".answers").wait_for()


def say(seat, what):
    seat.page.locator(f".answer-{what}").click()


def cut(seat):
    """Let nothing reach the portal's records and photos, as on a line that takes only small answers."""
    seat.page.context.route(re.compile(r"/visits/\d+/(records|photos)/"), lambda route: route.abort())


def picture(side=(3000, 2000)):
    file = io.BytesIO()
    Image.effect_noise(side, 60).convert("RGB").save(file, "JPEG", quality=92)
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def add_photo(seat, count=1):
    seat.page.locator(".photos input[type=file]").nth(1).set_input_files([picture()])
    expect(seat.page.locator(".photo-tile")).to_have_count(count)


def stored(seat, user, name):
    """Return the rows of the phone's own store, read past the page."""
    return seat.page.evaluate(
        """async ([user, name]) => {
          const come = (asked) => new Promise((done) => (asked.onsuccess = (event) => done(event.target.result)));
          const db = await come(indexedDB.open(`portal-phone-${user}`));
          const rows = await come(db.transaction(name).objectStore(name).getAll());
          db.close();
          return rows;
        }""",
        [user.pk, name],
    )
