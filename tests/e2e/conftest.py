"""People at their browsers: each has one of their own, and it collects whatever the browser complains about."""

import re
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from playwright.sync_api import Page, expect

from creation.models import User

PASSWORD = "a-long-green-lamp"
expect.set_options(timeout=15_000)  # milliseconds; a busy machine is slow, not wrong
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


@dataclass
class Desk:
    """A person in front of a browser."""

    page: Page
    portal: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda said: self.hear(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, said):
        """Keep what the browser complains about.

        A question to the server that a newer one replaces, or that is open when the page is left, htmx tells in two
        lines; on a slow machine that is how it is meant to go.
        """
        if not said.startswith("htmx:sendAbort"):
            self.complaints.append(said)
        elif self.complaints and self.complaints[-1].startswith("htmx:afterRequest"):
            self.complaints.pop()

    @property
    def main(self):
        """What the page itself shows, without header and foot."""
        return self.page.get_by_role("main")

    def go(self, path="/"):
        return self.page.goto(self.portal + path)

    def at(self, heading):
        """Wait until the page with this heading stands, and return the desk."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        return self

    def follow(self, name, heading=""):
        """Click the link of this name (part of it is enough) and wait for the page with this heading."""
        self.main.get_by_role("link", name=name).first.click()
        return self.at(heading)

    @property
    def heading(self):
        """The heading of the page that stands."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def left(self, heading):
        """Wait until the page with this heading has gone."""
        expect(self.page.get_by_role("heading", level=1)).not_to_have_text(heading)
        return self

    def press(self, name, heading=""):
        """Press the button of exactly this name and wait for the page with this heading."""
        self.main.get_by_role("button", name=name, exact=True).click()
        return self.at(heading)

    def fill(self, label, text):
        """Write into the field of this label; the star of a field that has to be filled in is no part of it."""
        self.main.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$", re.IGNORECASE)).fill(text)
        return self

    def work(self, line, heading=""):
        """Take up a line of what waits on the first page."""
        self.go()
        return self.follow(line, heading)

    def says(self, text):
        """Wait until the page says so."""
        expect(self.main).to_contain_text(text)
        return self


@pytest.fixture
def desk(browser, live_server):
    """Return a function that puts a person before a browser: user name, and how the browser is set up."""
    contexts = []

    def sit_down(username="", *, language="en", width=1280, height=900, **browser_is):
        context = browser.new_context(
            locale=LANGUAGES[language], viewport={"width": width, "height": height}, **browser_is
        )
        contexts.append(context)
        if username:
            context.add_cookies([signed_in(username, live_server.url)])
        return Desk(context.new_page(), live_server.url)

    yield sit_down
    for context in contexts:
        context.close()


def signed_in(username, address):
    """Return the cookie of a session in which the person is signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    [(name, morsel)] = client.cookies.items()
    return {"name": name, "value": morsel.value, "url": address}


@pytest.fixture
def passwords(world):
    """Give everybody of the cast the same password."""
    User.objects.update(password=make_password(PASSWORD))
