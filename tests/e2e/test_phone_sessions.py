"""Whose work a phone holds: signed out, another person, signing out with something that is not on the server."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from reviews.models import PhoneRecord
from tests.e2e.conftest import signed_in
from tests.e2e.phone_screens import GATE, HERE, SHELL, THERE, cut, item, phone, say, screen, state, visit

__all__ = ["phone", "visit"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_whoever_is_signed_out_is_asked_to_sign_in_and_the_console_stays_quiet(desk, world):
    seat = desk("", width=375)
    seat.go(SHELL)
    expect(seat.main.get_by_role("link", name="Sign in")).to_be_visible()
    assert seat.complaints == []


def test_a_stranger_finds_an_empty_page_and_no_visit(phone, visit):
    seat = phone("stranger")
    seat.says("No visit waits for you")
    screen(seat, visit)
    seat.at("This is not on this phone")


def test_nobodys_work_goes_under_another_name(phone, world, visit):
    seat = phone()
    cut(seat)
    item(seat, visit, GATE)
    say(seat, "meets")
    expect(state(seat)).to_contain_text(HERE)
    context = seat.page.context
    context.unroute(re.compile(r"/visits/\d+/(records|photos)/"))
    context.clear_cookies()
    context.add_cookies([signed_in("inspector2", seat.portal)])
    seat.go(SHELL + "?again")
    seat.page.wait_for_function(
        "id => JSON.parse(localStorage['portal.phone.user']).id === id", arg=world["inspector2"].pk
    )
    seat.page.locator(".visit-card").wait_for()
    item(seat, visit, GATE)
    expect(seat.page.locator(".answer-meets")).to_have_attribute("aria-pressed", "false")
    assert not PhoneRecord.objects.exists()
    context.clear_cookies()
    context.add_cookies([signed_in("inspector", seat.portal)])
    seat.go(SHELL)
    expect(state(seat)).to_have_text(THERE)
    assert PhoneRecord.objects.get().by == world["inspector"]


def test_signed_out_it_says_so_and_goes_on_after_signing_in(phone, visit):
    seat = phone()
    item(seat, visit, GATE)
    Session.objects.all().delete()
    say(seat, "fails")
    expect(state(seat)).to_contain_text("Signed out: sign in, nothing is lost.")
    assert not PhoneRecord.objects.exists()
    seat.page.context.add_cookies([signed_in("inspector", seat.portal)])
    seat.page.reload()
    expect(state(seat)).to_have_text(THERE)
    assert visit.ratings.get(indicator__code=GATE).found == {"met": False}


def test_signing_out_waits_for_what_only_this_phone_has(phone, visit):
    seat = phone()
    cut(seat)
    item(seat, visit, GATE)
    say(seat, "meets")
    expect(state(seat)).to_contain_text(HERE)
    seat.go(reverse("inspection_list"))
    seat.page.get_by_role("button", name="Sign out").click()
    seat.says("Signing out is not possible until it is there; nothing is lost.")
    seat.page.context.unroute(re.compile(r"/visits/\d+/(records|photos)/"))
    seat.follow("Show what waits")
    expect(state(seat)).to_have_text(THERE)
    seat.go(reverse("inspection_list"))
    seat.page.get_by_role("button", name="Sign out").click()
    seat.at("Sign in")
