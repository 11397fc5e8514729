"""Signing on the device: what is drawn with a finger or a mouse is kept as strokes, and shown as it was drawn."""

import pytest
from django.urls import reverse

from reviews.models import Signature

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def draw_on(page):
    """Draw two strokes onto the field and return how large it is shown."""
    canvas = page.locator("[data-signature-pad] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for across, down in ((0.1, 0.2), (0.5, 0.3)):
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * (across + 0.3), box["y"] + box["height"] * (down + 0.5), steps=6)
        page.mouse.up()
    return box


def test_a_representative_signs_and_disagrees(desk, scene):
    inspector = desk("inspector", width=375, height=740)
    inspector.go(reverse("inspection_sign", args=[scene["visit"]]))
    page = inspector.page
    inspector.main.get_by_label("A representative of the organ").check()
    inspector.fill("Name of the representative", "王某")
    inspector.fill("Position", "办公室主任")
    inspector.main.get_by_label("I disagree with what was found").check()
    draw_on(page)
    inspector.press("Keep the signature")
    page.wait_for_selector("[data-error-summary]")
    assert Signature.objects.count() == 0
    assert page.locator("[data-strokes]").input_value().startswith("[[[")  # nothing has to be drawn again
    inspector.fill("What I disagree with, and why", "滴漏已修复")
    inspector.press("Keep the signature").says("The signature has been kept.").says("滴漏已修复")
    kept = Signature.objects.get()
    assert (kept.name, kept.disagrees, len(kept.strokes)) == ("王某", True, 2)
    (first, *_between, last) = kept.strokes[0]
    assert [round(n / 20) for n in (*first, *last)] == [5, 4, 20, 14]  # 100, 80 to 400, 280 of 1000 × 400
    assert page.locator("svg.signature path").get_attribute("d") == kept.path
    assert inspector.complaints == []


def test_the_field_is_cleared_and_an_empty_one_signs_nothing(desk, scene):
    inspector = desk("inspector")
    inspector.go(reverse("inspection_sign", args=[scene["visit"]]))
    draw_on(inspector.page)
    inspector.press("Clear the field")
    assert inspector.page.locator("[data-strokes]").input_value() == ""
    inspector.press("Keep the signature")
    inspector.says("Sign in the field first.")
    assert Signature.objects.count() == 0
