"""A session that ends while somebody types: the text stays, or comes back after signing in."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_OUT = "You have been signed out. What you typed is still here"
PUT_BACK = "What you typed before signing in has been put back. Save it."
TEXT = "三处水龙头已更换。"


@pytest.fixture
def file(world, passwords):
    return world.start()


@pytest.fixture
def typing(desk, file):
    """A clerk who has begun an item when the session ends."""
    clerk = desk("clerk")
    clerk.go(reverse("self_rating_item", args=[file.pk, "2.3"]))
    clerk.at("2.3 ").fill("Explanation", TEXT)
    Session.objects.all().delete()
    return clerk


def explanation(clerk):
    return clerk.main.get_by_label("Explanation")


def sign_in_again(clerk, username="clerk"):
    clerk.at("Sign in").fill("Username", username).fill("Password", PASSWORD)
    clerk.main.get_by_role("button", name="Sign in", exact=True).click()


def saved(file):
    return list(file.answers.values_list("indicator__code", "found", "remark"))


def test_ticking_a_box_without_a_session_takes_nothing_away(typing, file):
    alert = typing.page.get_by_role("alert")
    expect(alert).to_have_count(0)
    typing.main.get_by_role("checkbox").first.check()
    expect(alert).to_contain_text(SIGNED_OUT)
    assert explanation(typing).input_value() == TEXT
    with typing.page.expect_popup() as opened:
        alert.get_by_role("link", name="Sign in").click()
    window = opened.value
    window.get_by_label("Username").fill("clerk")
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_label("Password").press("Enter")
    expect(window.get_by_role("heading", level=1)).to_contain_text("What waits for me")
    window.close()
    typing.page.bring_to_front()
    typing.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(alert).to_have_count(0)
    typing.press("Save and next", "2.4 ")
    assert saved(file) == [("2.3", {"present": [0]}, TEXT)]


def test_what_was_sent_without_a_session_comes_back_after_signing_in(typing, file):
    typing.main.get_by_role("checkbox").first.check()
    typing.main.get_by_role("button", name="Save and next").click()
    sign_in_again(typing)
    expect(typing.at("2.3 ").main.get_by_role("alert")).to_contain_text(PUT_BACK)
    assert explanation(typing).input_value() == TEXT
    expect(typing.page.locator("[data-saved]")).to_contain_text("Saved ")
    assert saved(file) == [("2.3", {"present": [0]}, TEXT)]  # it has saved itself, and is not done
    typing.press("Save and next", "2.4 ")
    assert saved(file) == [("2.3", {"present": [0]}, TEXT)]
    assert typing.page.evaluate("sessionStorage.getItem('portal.typed')") is None


def test_what_a_form_of_an_old_page_said_comes_back_with_the_page(typing, file):
    """Signed in anew in another window, and sent before this page had noticed."""
    typing.page.context.add_cookies([signed_in("clerk", typing.portal)])
    typing.page.evaluate("document.querySelector('form[data-keep] [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    typing.main.get_by_role("button", name="Save and next").click()
    typing.at("This page was too old to be sent")
    typing.go(reverse("self_rating_item", args=[file.pk, "2.3"]))
    expect(typing.main.get_by_role("alert")).to_contain_text(PUT_BACK)
    assert explanation(typing).input_value() == TEXT


def test_a_stranger_who_signs_in_instead_gets_none_of_it(typing):
    typing.main.get_by_role("button", name="Save and next").click()
    sign_in_again(typing, "stranger")
    typing.at("")
    expect(typing.page.get_by_label("Username")).to_have_count(0)
    expect(typing.page.locator("#put-back:not([hidden])")).to_have_count(0)
    assert typing.page.evaluate("Object.values(sessionStorage).filter(text => text.includes('水龙头'))") == []
