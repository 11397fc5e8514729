"""The pictures of the README: the ones it shows are the ones that the command takes, and none is large."""

import io
import random
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from PIL import Image

from portal import pictures
from portal.management.commands import screenshots
from reviews.demo import builders
from reviews.demo.people import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_shows_what_the_command_takes():
    shown = re.findall(r"\(docs/screenshots/([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    taken = [name for picture in pictures.PICTURES for name, _language, _width in picture.shots()]
    assert sorted(shown) == sorted(taken)


def test_a_picture_is_made_small_with_the_size_it_had():
    page = Image.new("RGB", (1280, 900), "white")
    page.paste(Image.frombytes("RGB", (400, 300), random.Random(1).randbytes(400 * 300 * 3)))
    out = io.BytesIO()
    page.save(out, "PNG")
    data = pictures.small(out.getvalue())
    assert len(data) <= pictures.LARGEST < len(out.getvalue())
    assert Image.open(io.BytesIO(data)).size == (1280, 900)


def test_without_chromium_it_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setattr(pictures, "CHROMIUM", str(tmp_path / "chromium"))
    with pytest.raises(CommandError, match=r"^Chromium is missing: apt-get install --no-install-recommends chromium"):
        call_command(screenshots.Command())


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_camera_signs_in_and_finds_its_way_by_the_links(browser, live_server):
    builders.make_person("clerk", password=PASSWORD)
    camera = pictures.Camera(browser, live_server.url)
    assert camera.pages_of("")["notice_list"] == reverse("notice_list")
    mine = camera.pages_of("clerk")
    assert "login" not in mine and mine["password_change"] == reverse("password_change")
    shot, faults = camera.take("clerk", reverse("home"), "zh", 375)
    assert (Image.open(io.BytesIO(shot)).size, faults) == ((375, 800), [])
    for context in camera.contexts.values():
        context.close()
