"""Pictures: what they say equals the numbers, what is drawn never claims more, and how they leave the server."""

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from creation import clock
from creation.models import Recognition
from portal import checks
from portal.charts import drawing
from portal.charts.chart import Chart, clear_of
from portal.charts.deviations import picture_of
from portal.dashboard import areas, gallery, places, reading
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.deviations import Pair, summarise
from reviews.models import Target
from reviews.rated_twice import Line, Table
from reviews.rates import Counts, is_met, percent_shown

DASHBOARD = 8  # statements of a page, see test_dashboard.py
PNG = b"\x89PNG\r\n\x1a\n"


def bar(value=71.02, percent=75, name="rate"):
    return Chart(
        name=name,
        title="Rate of <district> organs",
        alt="Dongcheng: 71.02 % of district organs are recognised.",
        kind="bullet",
        data={
            "value": value,
            "label": f"{value} %",
            "targets": [{"percent": percent, "label": f"{percent} % by 2027-12-31: 3 missing", "stop": 1}],
            "last": None,
        },
        head=("What", "Rate (%)"),
        rows=(("Now", str(value)),),
        as_of="As of 2026-11-22",
        stops=("Now", "Target"),
    )


def edges(svg):
    """Return where the bar ends and where the target stands, in pixels."""
    bar_start, bar_length = re.search(r'd="M([\d.]+) [\d.]+l([\d.]+) 0l0 16l', svg).groups()
    target = re.search(r'd="M([\d.]+) [\d.]+L\1 [\d.]+"', svg).group(1)
    return float(bar_start) + float(bar_length), float(target)


# --- what is drawn never claims more than is so --------------------------------------------------------------------


def test_a_value_just_short_of_a_target_is_drawn_a_point_before_it():
    assert clear_of(84.99, [85.0]) == 84.0
    assert clear_of(84.99, []) == 84.99
    assert clear_of(83.5, [85.0]) == 83.5
    assert clear_of(74.99, [75.0, 75.5]) == 74.0
    assert clear_of(0.2, [0.5]) == 0.0


@given(organs=st.integers(1, 4000), share=st.floats(0, 1), percent=st.decimals(1, 100, places=2))
def test_no_bar_touches_a_target_that_is_not_met_and_every_met_one_is_reached(organs, share, percent):
    recognised = int(organs * share)
    met = is_met(recognised, organs, percent)
    value = clear_of(float(percent_shown(recognised, organs)), [] if met else [float(percent)])
    if met:
        assert value >= float(percent)
    else:
        assert value <= max(0.0, float(percent) - 1)


@pytest.mark.parametrize("width", [320, 760])
def test_on_paper_a_near_miss_ends_visibly_before_the_line(width):
    """96 of 113 is 84.95 %; a line is 2 pixels wide, a pixel of its half and one of paper must stay."""
    value = clear_of(84.95, [85.0])
    end, line = edges(drawing.svg_of(bar(value, 85), width=width))
    assert line - end > 2


def test_on_paper_a_met_target_is_reached():
    end, line = edges(drawing.svg_of(bar(85.0, 85)))
    assert end >= line - 0.5


# --- drawn on the server -------------------------------------------------------------------------------------------


def test_an_svg_carries_its_words_and_nothing_that_a_strict_policy_refuses():
    svg = drawing.svg_of(bar(), language="zh-hans")
    assert svg.startswith('<svg role="img" lang="zh-hans" width="760"')
    assert "<title>Rate of &lt;district&gt; organs</title>" in svg
    assert "<desc>Dongcheng: 71.02 % of district organs are recognised.</desc>" in svg
    assert 'font-size="12px"' in svg
    assert [word for word in ("style", "<script", "class=", "ecmeta", "zr0") if word in svg] == []


def test_the_same_chart_gives_the_same_bytes_wherever_it_stands_in_a_list():
    once, other = bar(), bar(40, 60, name="other")
    assert drawing.svgs_of([once, other, once]) == [
        drawing.svg_of(once),
        drawing.svg_of(other),
        drawing.svg_of(once),
    ]
    assert drawing.png_of(once) == drawing.png_of(once)


def test_a_png_has_twice_the_pixels_of_its_svg():
    png = drawing.png_of(bar(), width=400)
    assert png.startswith(PNG)
    assert int.from_bytes(png[16:20], "big") == 800


def test_nothing_is_started_for_no_pictures(settings):
    settings.NODE = "/nowhere/node"
    assert drawing.svgs_of([]) == []


def test_without_node_the_error_says_what_brings_it(settings):
    settings.NODE = "/nowhere/node"
    with pytest.raises(drawing.CannotDraw, match="missing node at /nowhere/node"):
        drawing.svg_of(bar())


def test_without_its_program_the_error_says_what_builds_it(settings, tmp_path):
    settings.CHART_SERVER = tmp_path / "server.js"
    assert drawing.missing_parts() == [f"{tmp_path}/server.js"]
    assert [(each.id, "make setup" in each.hint) for each in checks.pictures_can_be_drawn(None)] == [
        ("portal.W003", True)
    ]
    with pytest.raises(drawing.CannotDraw, match=r"server\.js"):
        drawing.svg_of(bar())


def test_a_picture_that_takes_too_long_is_given_up(settings, tmp_path, monkeypatch):
    settings.CHART_SERVER = tmp_path / "server.js"
    settings.CHART_SERVER.write_text("setTimeout(() => {}, 60000)", encoding="utf-8")
    monkeypatch.setattr(drawing, "TIME_LIMIT", 1)
    with pytest.raises(drawing.CannotDraw, match="within 1 seconds"):
        drawing.svg_of(bar())


def test_a_program_that_fails_says_why(settings, tmp_path):
    settings.CHART_SERVER = tmp_path / "server.js"
    settings.CHART_SERVER.write_text("throw new Error('no such kind')", encoding="utf-8")
    with pytest.raises(drawing.CannotDraw, match="no such kind"):
        drawing.svg_of(bar())


# --- what they say equals the page ---------------------------------------------------------------------------------


@pytest.fixture
def counted(world):
    for level, percent in (("city", Decimal(85)), ("district", Decimal(75))):
        Target.objects.create(level=level, percent=percent, starts_on=date(2020, 6, 1), deadline=date(2027, 12, 31))
    last_year = date(clock.today().year - 1, 6, 30)
    Recognition.objects.create(
        organ=world.organ,
        source=Recognition.Source.IMPORTED,
        batch="b",
        document_number="1号",
        granted_on=last_year,
        recorded_at=clock.now(),
    )
    recount_all()


def page_of(code, user, **asked):
    return reading.read(places.find(code, user), None, user=user, **asked)


@pytest.mark.django_db
def test_the_pictures_of_a_district_say_its_numbers(world, counted):
    charts = {chart.name: chart for chart in gallery.charts_of(page_of("110101", world["official"]))}
    assert list(charts) == ["district-rate", "district-months"]
    rate = charts["district-rate"]
    year = clock.today().year - 1
    assert rate.alt.replace("\xa0", " ") == (
        "Dongcheng: 50.00 % of district organs are recognised, 25 points below the 75 % target: 1 organ missing. "
        f"At the end of {year} it was 50.00 %."
    )
    assert rate.rows == (
        ("Now", "50.00", "1", "2", "–"),
        ("75 % by 2027-12-31", "75", "–", "–", "1 missing"),
        (f"End of {year}", "50.00", "1", "2", "–"),
    )
    assert rate.stops == (
        "50.00 %: 1 of 2 organs",
        "75 % by 2027-12-31: 1 missing",
        f"End of {year}: 50.00 %",
    )
    assert (rate.data["value"], rate.data["last"]["value"]) == (50.0, 50.0)
    months = charts["district-months"]
    assert len(months.rows) == len(months.data["values"]) == len(months.stops) == len(months.data["ticks"])
    assert months.data["targets"] == [{"percent": 75.0, "from": 0, "to": len(months.rows) - 1, "label": "75 %"}]


@pytest.mark.django_db
def test_the_tiles_stand_in_register_order_and_say_what_is_missing(world, counted):
    charts = {chart.name: chart for chart in gallery.charts_of(page_of("110000", world["city"]))}
    below = charts["district-areas"]
    assert [(tile["name"], tile["label"], tile["note"], tile["band"]) for tile in below.data["tiles"]] == [
        ("Dongcheng", "50.00 %", "75 %: 1 missing", 2),
        ("Xicheng", "0.00 %", "75 %: 1 missing", 0),
    ]
    assert below.alt == "2 regions: 0 meet every target in force, 2 do not."
    assert below.stops[0] == "Dongcheng: 50.00 %, 1 of 2 organs; 75 %: 1 missing"
    assert below.notes == ()


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(), None),
        (Counts(not_started=7), 0),
        (Counts(recognised=19_999, not_started=80_001), 0),
        (Counts(recognised=1, not_started=4), 1),
        (Counts(recognised=79_999, not_started=20_001), 3),
        (Counts(recognised=4, not_started=1), 4),
        (Counts(recognised=7), 4),
    ],
)
def test_a_class_of_the_tiles_is_entered_when_it_is_reached(counts, expected):
    assert areas.band(counts) == expected


@pytest.mark.django_db
def test_every_picture_of_a_page_can_be_drawn(world, counted):
    charts = gallery.charts_of(page_of("100000", world["state"]))
    assert json.loads(json.dumps([chart.as_json() for chart in charts]))
    with translation.override("zh-hans"):
        drawn = drawing.svgs_of(charts, language="zh-hans")
    assert len(drawn) == len(charts) > 2


@pytest.mark.django_db
def test_regions_are_compared_between_the_limits_of_chance_around_the_rate_of_all(world, counted):
    """1 of 14 in all: of 10 organs 0, of 2 organs 1, of 2 none; nothing of it is rarer than one in forty."""
    third = builders.make_region("110105", "Chaoyang", "district", world.city)
    for number in range(10):
        builders.make_organ(third, 400 + number)
    builders.make_organ(world.other_district, 500)
    recount_all()
    page = page_of("110000", world["city"])
    found = {chart.name: chart for chart in gallery.charts_of(page)}["district-limits"]
    assert found.alt == (
        "All together 7.14 %: 3 regions within both limits, 0 outside the 95 % limits only, "
        "0 outside the 99.8 % limits."
    )
    assert [row[:4] for row in found.rows] == [
        ("Dongcheng", "50.00", "1", "2"),
        ("Xicheng", "0.00", "0", "2"),
        ("Chaoyang", "0.00", "0", "10"),
    ]
    assert found.data["limits"][-1]["organs"] == 10


@pytest.mark.django_db
def test_two_regions_are_not_compared(world, counted):
    assert "district-limits" not in {chart.name for chart in gallery.charts_of(page_of("110000", world["city"]))}


@pytest.mark.django_db
def test_small_multiples_stand_on_one_scale_in_register_order(world, counted):
    page = page_of("110000", world["city"], view="months", period="year")
    found = {chart.name: chart for chart in gallery.charts_of(page)}["district-regions"]
    assert [(panel["name"], panel["label"], panel["values"][-1]) for panel in found.data["panels"]] == [
        ("Dongcheng", "50.00 %", 50.0),
        ("Xicheng", "0.00 %", 0.0),
    ]
    assert {len(panel["values"]) for panel in found.data["panels"]} == {len(found.data["ticks"])}
    assert found.data["ticks"][0] == f"{clock.today().year - 1}-12"
    assert found.rows[-1] == ("Xicheng", clock.today().isoformat(), "0.00", "0", "1", "75 %: 1 missing")


# --- on the page and as files --------------------------------------------------------------------------------------


def test_every_picture_of_the_page_leads_to_its_files_with_the_filters(sign_in, counted):
    page = sign_in("city").get("/rates/110000/?level=district&sort=-rate").content.decode()
    address = "/rates/110000/charts/district-areas"
    assert f'href="{address}.svg?sort=-rate&amp;level=district"' in page
    assert f'href="{address}.png?sort=-rate&amp;level=district"' in page
    assert 'id="level-city"' not in page
    assert "a single one moves the rate by several points" in page


def test_nothing_is_ranked_unless_asked(sign_in, counted, world):
    client = sign_in("city")

    def order(query):
        page = client.get(f"/rates/110000/{query}").content.decode()
        data = json.loads(re.search(r'id="chart-data-district-areas"[^>]*>(.*?)</script>', page).group(1))
        return [tile["name"] for tile in data["data"]["tiles"]], "a single one moves" in page

    assert order("") == (["Dongcheng", "Xicheng"], False)
    assert order("?sort=rate") == (["Xicheng", "Dongcheng"], True)


@pytest.mark.parametrize(("kind", "type_"), [("svg", "image/svg+xml"), ("png", "image/png")])
def test_a_picture_is_drawn_once_for_who_keeps_it(sign_in, counted, settings, kind, type_):
    client, address = sign_in("official"), f"/rates/110101/charts/district-rate.{kind}"
    first = client.get(address)
    assert (first.status_code, first["Content-Type"]) == (200, type_)
    assert first["Content-Disposition"] == (
        f'attachment; filename="rates-110101-district-rate-{clock.today().isoformat()}.{kind}"'
    )
    settings.NODE = "/nowhere/node"
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    undrawn = client.get(address)
    assert (undrawn.status_code, "`make setup`" in undrawn.content.decode()) == (503, True)


def test_a_picture_of_a_past_day_says_that_day(sign_in, counted):
    svg = sign_in("official").get("/rates/110101/charts/district-rate.svg?as_of=2020-01-31").content.decode()
    assert "Dongcheng: 0.00 % of district organs are recognised" in svg.replace("\xa0", " ")


@pytest.mark.parametrize(
    "address",
    [
        "110101/charts/unknown.svg",
        "110101/charts/district-regions.svg",
        "110101/charts/district-rate.svg?as_of=2999-01-01",
        "110101/charts/district-rate.svg?as_of=x",
        "110102/charts/district-rate.svg",
    ],
)
def test_there_is_no_picture_of_what_is_not_shown(sign_in, counted, address):
    assert sign_in("official").get(f"/rates/{address}").status_code == 404


@pytest.mark.parametrize("districts", [1, 3])
def test_the_months_of_the_regions_below_cost_no_statement_more(
    sign_in, counted, world, django_assert_num_queries, districts
):
    if districts > 1:
        place = builders.make_region("110105", "Chaoyang", "district", world.city)
        builders.make_organ(place, 400)
        recount_all()
    who, code = ("official", "110101") if districts == 1 else ("city", "110000")
    client = sign_in(who)
    with django_assert_num_queries(DASHBOARD):
        client.get(f"/rates/{code}/?view=months")


# --- deviations ----------------------------------------------------------------------------------------------------


def table(title, **lines):
    pairs = {
        code: [Pair(Decimal(before), Decimal(after), changed=False) for before, after in found]
        for code, found in lines.items()
    }
    return Table(title, [Line(code, f"name of {code}", summarise(found)) for code, found in pairs.items()])


def test_deviations_say_the_numbers_of_their_tables():
    """Five times 4 after 5 is −1; four cases are too few for a number."""
    inspection = table("Inspection − self-rating", a=[(5, 4)] * 5, b=[(2, 3)] * 4)
    spot_check = table("Spot check − inspection", a=[(4, "4.5")] * 6)
    found = picture_of("indicators", "By item", [inspection, spot_check], "Beijing · round 2026")
    assert found.rows == (
        ("a name of a", "−1.00", "5", "+0.50", "6"),
        ("b name of b", "–", "4", "–", "0"),
    )
    assert [one["values"] for one in found.data["series"]] == [[-1.0, None], [0.5, None]]
    assert found.stops == (
        "a name of a · Inspection − self-rating: −1.00, cases: 5",
        "a name of a · Spot check − inspection: +0.50, cases: 6",
        "b name of b · Inspection − self-rating: few cases",
        "b name of b · Spot check − inspection: no cases",
    )
    assert found.alt == (
        "Inspection − self-rating: 0 lines with more points, 1 with fewer, 0 alike; 1 with fewer than 5 cases. "
        "Spot check − inspection: 1 lines with more points, 0 with fewer, 0 alike."
    )


def test_with_too_few_cases_there_is_no_picture_of_deviations():
    assert picture_of("indicators", "By item", [table("x", a=[(5, 4)] * 4)], "round") is None
