"""What a browser adds or leaves out: no scripts, a double click, Back, another language, a table on a phone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from creation.models import Assessment, Submission
from reviews.models import Finding
from tests.e2e.conftest import PASSWORD
from tests.scene import address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_self_rating_goes_without_scripts(desk, world, passwords):
    clerk = desk(java_script_enabled=False)
    clerk.go(reverse("login"))
    clerk.fill("Username", "clerk").fill("Password", PASSWORD).press("Sign in", "What waits for me")
    clerk.follow("Start the self-rating of", "Start the self-rating").press("Start the self-rating", "Self-rating")
    clerk.follow(re.compile("^2.3 "), "2.3 ")
    clerk.main.get_by_role("checkbox").first.check()
    clerk.press("Save and next", "2.4 ").says("Saved.")
    clerk.go(reverse("self_rating_check", args=[Assessment.objects.get().pk]))
    clerk.says("29 errors: they have to be settled").says("Not submitted")
    answer = Assessment.objects.get().answers.get()
    assert (answer.indicator.code, answer.found) == ("2.3", {"present": [0]})


def test_a_stranger_finds_nothing_and_reads_why(desk, world):
    stranger = desk("stranger", java_script_enabled=False)
    stranger.go()
    stranger.at("What waits for me").says("You hold no post today")
    answer = stranger.go(reverse("file_detail", args=[world.start().pk]))
    assert answer.status == 404


@pytest.fixture
def prepared(world):
    return world.bring_to("prepared")


def test_a_double_click_submits_once(desk, prepared):
    signatory = desk("signatory")
    signatory.go(reverse("self_rating_check", args=[prepared.pk]))
    sent = []
    signatory.page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    signatory.main.get_by_role("button", name="Submit self-rating").dblclick()
    signatory.at("Receipt")
    assert (len(sent), Submission.objects.count()) == (1, 1)
    assert list(prepared.changes.filter(step="submit").values_list("number", flat=True)) == [3]


def test_two_clicks_without_scripts_submit_once(desk, prepared):
    signatory = desk("signatory", java_script_enabled=False)
    signatory.go(reverse("self_rating_check", args=[prepared.pk]))
    signatory.main.get_by_role("button", name="Submit self-rating").dblclick()
    signatory.at("Receipt")
    assert Submission.objects.count() == 1


def test_a_step_that_was_taken_is_not_offered_on_the_way_back(desk, prepared):
    signatory = desk("signatory")
    signatory.go(reverse("self_rating_check", args=[prepared.pk]))
    signatory.press("Submit self-rating", "Receipt")
    signatory.page.go_back()
    signatory.says(Submission.objects.get().number)
    expect(signatory.main.get_by_role("button", name="Submit self-rating")).to_have_count(0)


@pytest.fixture
def recorded(desk, scene):
    """An inspector who has recorded a finding and gone back to its form."""
    inspector = desk("inspector")
    inspector.go(address("finding_add", scene))
    inspector.main.get_by_label("Item").select_option("3.3 Lights and devices off when not used; daylight used")
    inspector.fill("What was found", "会议室无人，灯亮着。")
    inspector.main.get_by_label("Fix on the spot").check()
    inspector.press("Record the finding").says("The finding has been recorded.")
    inspector.page.go_back()
    return inspector.at("Add a finding")


def findings_at_3_3():
    return list(Finding.objects.filter(indicator__code="3.3").order_by("pk").values_list("text", flat=True))


def test_back_and_the_same_once_more_has_one_effect(recorded):
    assert recorded.main.get_by_label("What was found").input_value() == "会议室无人，灯亮着。"
    recorded.press("Record the finding").left("Add a finding")
    expect(recorded.page).to_have_url(re.compile(r"/inspections/\d+/"))
    assert findings_at_3_3() == ["会议室无人，灯亮着。"]


def test_back_and_something_else_is_something_new(recorded):
    recorded.fill("What was found", "走廊灯亮着。")
    recorded.press("Record the finding").says("The finding has been recorded.")
    assert findings_at_3_3() == ["会议室无人，灯亮着。", "走廊灯亮着。"]


def test_a_form_sent_again_by_its_first_key_has_one_effect(desk, world, prepared):
    """The page a browser kept is sent a second time with the key that it had."""
    signatory = desk("signatory")
    signatory.go(reverse("self_rating_check", args=[prepared.pk]))
    form = signatory.main.locator("form", has=signatory.page.get_by_role("button", name="Submit self-rating"))
    fields = form.locator("input[type=hidden]").evaluate_all("all => all.map(one => [one.name, one.value])")
    request = signatory.page.context.request
    headers = {"Referer": signatory.page.url}
    places = [
        request.post(signatory.portal + form.get_attribute("action"), form=dict(fields), headers=headers).url
        for _time in range(2)
    ]
    assert places == [signatory.portal + reverse("submission_detail", args=[Submission.objects.get().number])] * 2


def test_the_language_stays_chosen(desk, scene):
    reader = desk(language="en")
    reader.go(address("notice_detail", scene))
    reader.page.get_by_role("link", name="简体中文").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert reader.page.url == reader.portal + address("notice_detail", scene)
    reader.go("/")
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_table_becomes_cards_on_a_phone_with_the_names_of_its_columns(desk, scene):
    official = desk("official", width=375)
    official.go(reverse("file_list"))
    cell = official.main.locator("table.stack-table tbody td[data-label]:not([data-label=''])").first
    shown = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert shown.strip('"') == cell.get_attribute("data-label")
    assert official.page.evaluate("document.documentElement.scrollWidth") == 375
