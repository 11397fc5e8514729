"""Files in a real browser: dropped or chosen, each goes up by itself and has its own result in words."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from creation.models import Attachment, Evidence
from reviews.demo import builders
from tests.e2e.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """async ([zone, files]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files) carried.items.add(new File([text], name));
  for (const kind of ["dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: carried}));
}"""


def pdf(name):
    return {"name": name, "mimeType": "application/pdf", "buffer": builders.PDF + name.encode()}


@pytest.fixture
def item(world):
    return reverse("self_rating_item", args=[world.start().pk, "2.1"])


def test_three_files_dropped_on_an_item_one_of_them_bad(desk, item):
    clerk = desk("clerk")
    clerk.go(item)
    good = builders.PDF.decode()
    zone = clerk.page.query_selector("[data-upload-zone]")
    clerk.page.evaluate(DROP, [zone, [["a.pdf", good + "a"], ["b.exe", "MZ"], ["c.pdf", good + "c"]]])
    results = clerk.main.locator("[data-upload-results] li")
    expect(clerk.main.locator("[data-upload-sum]")).to_have_text("2 of 3 files kept")
    said = ["“a.pdf” is in the library. It is attached to this item.", "“b.exe” is not of an accepted kind"]
    for place, sentence in enumerate([*said, "“c.pdf” is in the library."]):
        expect(results.nth(place)).to_contain_text(sentence)
    expect(clerk.main.locator("#attached-files li")).to_have_count(2)
    assert sorted(Attachment.objects.values_list("evidence__name", flat=True)) == ["a.pdf", "c.pdf"]
    assert violations(clerk.page) == []
    assert clerk.complaints == []


def test_what_is_refused_by_the_server_alone_and_what_is_known_are_said(desk, world, item):
    clerk = desk("clerk")
    clerk.go(reverse("evidence_list"))
    false = {"name": "false.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    twin = {**pdf("first.pdf"), "name": "second.pdf"}
    clerk.main.get_by_label("Files to upload").set_input_files([pdf("first.pdf"), false, twin])
    expect(clerk.main.locator("[data-upload-sum]")).to_have_text("2 of 3 files kept")
    results = clerk.main.locator("[data-upload-results] li")
    expect(results.nth(1)).to_contain_text("“false.pdf” is not what its name says")
    expect(results.nth(2)).to_contain_text("“second.pdf” was in the library already as “first.pdf”")
    expect(clerk.main.locator("#library tbody tr")).to_have_count(1)
    assert Evidence.objects.count() == 1


def test_a_file_whose_way_was_cut_is_sent_again_with_one_press(desk, world, item):
    clerk = desk("clerk")
    clerk.go(item)
    clerk.page.route("**/attach/one/", lambda route: route.abort())
    clerk.main.get_by_label("New files").set_input_files([pdf("late.pdf")])
    expect(clerk.main.locator("[data-upload-results] li")).to_contain_text("The file is still on this device.")
    assert Evidence.objects.count() == 0
    clerk.page.unroute("**/attach/one/")
    clerk.main.get_by_role("button", name="Try again").click()
    expect(clerk.main.locator("#attached-files")).to_contain_text("late.pdf")
    assert Attachment.objects.count() == 1
