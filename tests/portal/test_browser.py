"""The frame in a real browser: no rule of accessibility broken, nothing blocked, nothing wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def watched(page):
    """A page that collects what the browser complains about, refused scripts and styles among it."""
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def faults(page):
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in Axe().run(page, options=RULES).response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["login", "accessibility"])
def test_public_pages_break_no_rule(watched, live_server, name, scheme):
    watched.emulate_media(color_scheme=scheme)
    watched.goto(live_server.url + reverse(name))
    assert faults(watched) == []
    assert watched.complaints == []


def test_an_error_is_read_first_and_leads_to_its_field(watched, live_server):
    watched.goto(live_server.url + reverse("login"))
    watched.get_by_label("Username").fill("lin")
    watched.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert watched.title().startswith("Error: ")
    assert watched.evaluate("document.activeElement.dataset.errorSummary") == ""
    watched.get_by_role("link", name="Password").click()
    assert watched.evaluate("document.activeElement.name") == "password"
    assert faults(watched) == []


def test_text_size_is_kept_from_page_to_page(watched, live_server):
    watched.goto(live_server.url + reverse("login"))
    watched.get_by_role("button", name="Larger text").click()
    watched.goto(live_server.url + reverse("accessibility"))
    assert watched.evaluate("document.documentElement.dataset.textSize") == "larger"
    assert watched.get_by_role("button", name="Larger text").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_nothing_is_wider_than_the_screen(watched, live_server, width):
    watched.set_viewport_size({"width": width, "height": 700})
    watched.goto(live_server.url + reverse("login"))
    assert watched.evaluate("document.documentElement.scrollWidth") == width


def test_a_double_click_sends_one_form(watched, live_server):
    watched.goto(live_server.url + reverse("login"))
    sent = []
    watched.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    watched.get_by_role("main").get_by_role("button", name="Sign in").dblclick()
    watched.wait_for_selector("[data-error-summary]")
    assert sent == [live_server.url + reverse("login")]
