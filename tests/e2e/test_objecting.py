"""The door of objections in a browser: the work is done unseen, and without scripts a small sum leads on."""

import re

import pytest
from playwright.sync_api import expect

from creation import stages
from reviews.models import Objection
from reviews.proofs import WORDS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def path(world):
    listing = world.bring_to(stages.PUBLICISED).listing
    return f"/notices/{listing.notice_id}/{listing.number}/object/"


def fill_in(seat):
    seat.main.get_by_label("A person with real name and phone").check()
    seat.fill("Real name or name of the unit", "陈某")
    seat.fill("Phone", "13800000000")
    seat.fill("Grounds", "夜间走廊常明灯。")


def test_the_browser_does_the_work_while_somebody_writes(desk, path, settings):
    settings.PROOF_BITS = 14
    public = desk("")
    public.go(path)
    expect(public.page.locator("[data-proof-sum]")).to_be_hidden()
    fill_in(public)
    public.press("Send the objection", "Your objection has been received")
    assert Objection.objects.get().objector.name == "陈某"


def test_who_sends_before_the_work_is_done_is_told_and_waits(desk, path, settings):
    settings.PROOF_BITS = 19
    public = desk("")
    public.go(path)
    public.page.evaluate("document.querySelector('[name=name]').value = '陈某'")
    public.page.evaluate("document.querySelector('form[data-proof]').requestSubmit()")
    expect(public.main.locator("[data-error-summary]")).to_be_visible(timeout=60_000)
    assert public.main.locator("[name=name]").input_value() == "陈某"
    # the proof that was brought is good for the next try, without more work
    assert re.search(r"\?c=19\.", public.main.locator("form[method=post]").get_attribute("action"))


def sum_asked(seat):
    words = re.search(r"How much is (\w+) plus (\w+)\?", seat.main.inner_text())
    numbers = list(WORDS["en"])
    return str(numbers.index(words[1]) + numbers.index(words[2]))


@pytest.mark.parametrize("by", ["the form's button", "the sum's button"])
def test_where_the_work_breaks_off_the_sum_goes_along_and_no_word_is_lost(desk, path, by):
    public = desk("")
    public.page.route("**/proof_worker*.js", lambda route: route.abort())
    public.go(path)
    question = public.page.get_by_label(re.compile("How much is"))
    expect(question).to_be_visible()
    fill_in(public)
    public.main.get_by_role("button", name="Send the objection").click()
    expect(question).to_be_focused()
    public.says("Answer the question above, then send; what you typed stays.")
    question.fill(sum_asked(public))
    if by == "the sum's button":
        public.main.get_by_role("button", name="On to the form").click()
        assert public.main.locator("[name=grounds]").input_value() == "夜间走廊常明灯。"
    public.press("Send the objection", "Your objection has been received")
    assert Objection.objects.get().objector.name == "陈某"


def test_without_scripts_the_sum_comes_first(desk, path):
    public = desk("", java_script_enabled=False)
    public.go(path)
    expect(public.page.get_by_role("button", name="Send the objection")).to_be_hidden()
    public.page.get_by_label(re.compile("How much is")).fill(sum_asked(public))
    public.page.get_by_role("button", name="On to the form").click()
    fill_in(public)
    public.press("Send the objection", "Your objection has been received")
    assert Objection.objects.count() == 1
