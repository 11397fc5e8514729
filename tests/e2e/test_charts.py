"""Pictures in the browser: led through by keys, read by axe, dark, printed, without scripts, and light on the wire."""

import gzip
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from playwright.sync_api import expect

from creation import clock
from creation.models import Recognition
from portal.charts import drawing
from portal.dashboard import gallery, places, reading
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Target
from tests.e2e.test_axe import violations, widest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/rates/110000/?level=district"
VIEWS = {"": "areas", "&view=months": "regions", "&view=limits": "limits"}


@pytest.fixture
def counted(world):
    third = builders.make_region("110105", "Chaoyang", "district", world.city)
    for number in range(4):
        builders.make_organ(third, 400 + number)
    for percent, deadline in ((75, date(2027, 12, 31)), (80, date(2028, 12, 31))):
        Target.objects.create(level="district", percent=Decimal(percent), starts_on=date(2020, 6, 1), deadline=deadline)
    Recognition.objects.create(
        organ=world.organ,
        source=Recognition.Source.IMPORTED,
        batch="b",
        document_number="1号",
        granted_on=clock.today() - timedelta(days=500),
        recorded_at=clock.now(),
    )
    recount_all()


def field(seat, name):
    return seat.page.locator(f"#chart-{name} [data-chart-field] svg")


def texts(svg):
    """Return the words of an SVG in their order, each blank as a plain one."""
    found = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return [re.sub(r"\s+", " ", one.replace("&nbsp;", " ")) for one in found]


def test_the_keys_lead_through_the_data_and_each_place_is_said(desk, counted):
    seat = desk("city")
    seat.go(PAGE)
    keys, said = (
        seat.page.locator("#chart-keys-district-areas"),
        seat.page.locator("#chart-district-areas [data-chart-said]"),
    )
    expect(field(seat, "district-areas")).to_be_visible()
    keys.focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "Escape"):
        seat.page.keyboard.press(key)
        seen.append(said.inner_text().split(":")[0])
    assert seen == ["Dongcheng", "Xicheng", "Chaoyang", "Chaoyang", "Xicheng", "Dongcheng", ""]
    seat.page.keyboard.press("ArrowRight")
    assert said.inner_text() == "Dongcheng: 50.00 %, 1 of 2 organs; 75 %: 1 missing, 80 %: 1 missing"
    assert said.get_attribute("aria-live") == "polite"
    assert seat.complaints == []


@pytest.mark.parametrize(("query", "name"), VIEWS.items())
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_picture_breaks_a_rule(desk, counted, query, name, scheme):
    seat = desk("city", language="zh", width=375, color_scheme=scheme)
    seat.go(PAGE + query)
    expect(field(seat, f"district-{name}")).to_be_visible()
    assert violations(seat.page) == []
    assert widest(seat.page) == 320
    assert seat.complaints == []


def test_a_reader_of_the_page_hears_the_sentence_of_the_picture(desk, counted):
    seat = desk("city")
    seat.go(PAGE)
    picture = seat.page.locator("#chart-district-areas [role=img]")
    expect(picture).to_have_attribute("aria-label", re.compile("^3 regions: 0 meet every target in force, 3 do not"))


@pytest.mark.parametrize("query", VIEWS)
def test_what_is_on_the_screen_stands_in_the_documents(desk, counted, world, query):
    seat = desk("city")
    seat.go(PAGE + query)
    view = query.rpartition("=")[2]
    with translation.override("en"):
        place = places.find("110000", world["city"])
        page = reading.read(place, None, user=world["city"], level="district", view=view, period="year")
        charts = gallery.charts_of(page)
    shown = [chart for chart in charts if seat.page.locator(f"#chart-{chart.name}").count()]
    assert len(shown) >= 3
    for chart in shown:
        expect(field(seat, chart.name)).to_be_visible()
        width = int(field(seat, chart.name).get_attribute("width"))
        on_screen = field(seat, chart.name).evaluate("svg => svg.outerHTML")
        assert texts(on_screen) == texts(drawing.svg_of(chart, width=width)), chart.name


def test_on_paper_a_picture_is_light_and_as_wide_as_the_page(desk, counted):
    seat = desk("city", width=794, color_scheme="dark")
    seat.go(PAGE)
    bar = field(seat, "district-rate").locator("path[fill='#1d5c43']")
    expect(bar).to_have_count(0)
    seat.page.emulate_media(media="print")
    expect(bar).to_have_count(1)
    on_paper = field(seat, "district-rate").bounding_box()
    assert on_paper["height"] > 80
    assert on_paper["width"] > 600
    seat.page.emulate_media(media="screen")
    expect(bar).to_have_count(0)


def test_without_scripts_the_server_draws(desk, counted):
    seat = desk("city", java_script_enabled=False)
    drawn = []
    seat.page.on("response", lambda answer: drawn.append(answer) if "/charts/" in answer.url else None)
    seat.go(PAGE)
    seat.page.wait_for_load_state("networkidle")
    assert sorted((answer.status, answer.url.rpartition("/")[2]) for answer in drawn) == [
        (200, f"district-{name}.svg?level=district") for name in ("areas", "months", "rate")
    ]
    expect(seat.page.locator("#chart-district-areas img.chart-drawn")).to_be_visible()
    expect(seat.page.locator("[data-chart-keys]").first).to_be_hidden()


def test_a_part_of_the_page_put_in_anew_has_its_pictures(desk, counted):
    seat = desk("city")
    seat.go(PAGE)
    expect(field(seat, "district-rate")).to_be_visible()
    seat.page.evaluate(
        "htmx.ajax('GET', location.href, {target: '#figures', swap: 'outerHTML'})"
        ".then(() => document.body.dataset.anew = 'yes')"
    )
    seat.page.wait_for_selector("[data-anew]")
    expect(field(seat, "district-rate")).to_be_visible()
    assert seat.complaints == []


def test_the_dashboard_is_light_on_the_wire_and_other_pages_load_no_charts(desk, counted):
    seat, came = desk("city"), []

    def keep(answer):  # playwright takes no built-in function
        came.append(answer)

    seat.page.on("response", keep)
    seat.go(PAGE)
    seat.page.wait_for_load_state("networkidle")
    assert any("dist/charts" in answer.url for answer in came)
    assert sum(len(gzip.compress(answer.body())) for answer in came) < 400_000
    came.clear()
    seat.go("/files/")
    seat.page.wait_for_load_state("networkidle")
    assert came
    assert not any("dist/charts" in answer.url for answer in came)
