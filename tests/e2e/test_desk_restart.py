"""The desk and a server that dies: what was typed meanwhile is there once it has been started again."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.e2e.phone_link import Portal
from tests.e2e.test_desk import FAILED, ITEM, MINE, SAVED, THEIRS

pytestmark = [pytest.mark.browser]


@pytest.fixture
def portal(tmp_path):
    own = Portal(tmp_path)
    own.world = own.run("build")
    own.start()
    yield own
    own.kill()


@pytest.fixture
def clerk(browser, portal):
    """Return a function that opens the item on a device of its own, signed in as the clerk."""
    contexts, address = [], f"http://127.0.0.1:{portal.port}"

    def sit_down(context=None):
        if context is None:
            context = browser.new_context(locale="en-GB")
            contexts.append(context)
            context.add_cookies([{**portal.world["sessions"]["clerk2"], "url": address}])
        page = context.new_page()
        page.goto(address + reverse("self_rating_item", args=[portal.world["draft"], ITEM]))
        return page

    yield sit_down
    for context in contexts:
        context.close()


def typed(page, text):
    page.get_by_label("Explanation").fill(text)
    page.get_by_label("Explanation").blur()


@pytest.mark.parametrize("tab", ["stays", "is closed"])
def test_a_field_typed_while_the_server_is_down_is_there_after_a_restart(portal, clerk, tab):
    page = clerk()
    typed(page, THEIRS)
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    portal.kill()
    typed(page, MINE)
    expect(page.locator("[data-saved]")).to_have_text(FAILED)
    if tab == "is closed":
        context = page.context
        page.close(run_before_unload=False)
        portal.start()
        page = clerk(context)
    else:
        portal.start()
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=30_000)
    expect(clerk().get_by_label("Explanation")).to_have_value(MINE)
