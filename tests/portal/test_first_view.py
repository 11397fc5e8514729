"""What a phone loads at the first view, over the wire: the page itself and all that it names, packed with gzip."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from creation import stages

KILO = 1000
LINKED = re.compile(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="(/static/[^"]+)"[^>]*>')
NEEDED_LATER = re.compile(r'rel="(?:alternate|manifest|prefetch)"')
INSIDE = re.compile(r"url\(['\"]?([^'\")]+)['\"]?\)")


def packed(content):
    return len(gzip.compress(content, 6))


def loaded(page):
    """Return each file that the page loads: those it names, and pictures and fonts that a style sheet names."""
    names = {found[1] for found in LINKED.finditer(page) if not NEEDED_LATER.search(found[0])}
    paths = {Path(finders.find(name.split("?")[0].removeprefix(settings.STATIC_URL))) for name in names}
    inside = {
        sheet.parent / found
        for sheet in paths
        if sheet.suffix == ".css"
        for found in INSIDE.findall(sheet.read_text(encoding="utf-8"))
        if not found.startswith(("data:", "#"))
    }
    return paths | {path for path in inside if path.exists()}


def weight(client, name, *args):
    """Return the bytes of a first view."""
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    files = loaded(answer.content.decode())
    assert files
    return packed(answer.content) + sum(packed(path.read_bytes()) for path in files)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_a_self_rating_are_light(world, sign_in, language):
    file = world.start()
    client = sign_in("clerk")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for name, args in [("home", []), ("self_rating_detail", [file.pk]), ("self_rating_item", [file.pk, "1.1"])]:
        assert weight(client, name, *args) <= 150 * KILO, name


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_an_inspection_are_light(world, sign_in, language):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    client = sign_in("inspector")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    pages = [("inspection_detail", [visit.pk]), ("inspection_item", [visit.pk, "1.1"]), ("phone", [])]
    for name, args in pages:
        assert weight(client, name, *args) <= 150 * KILO, name


def test_the_dashboard_with_its_charts_stays_within_its_bound(world, sign_in):
    client = sign_in("city")
    assert weight(client, "dashboard_region", "110000") <= 400 * KILO


def test_charts_are_loaded_where_they_are_shown_only(world, sign_in):
    file = world.start()
    for who, name, args in [
        ("clerk", "self_rating_detail", [file.pk]),
        ("city", "organ_list", []),
        ("city", "file_list", []),
    ]:
        page = sign_in(who).get(reverse(name, args=args)).content.decode()
        assert not [path for path in loaded(page) if "chart" in path.name]
