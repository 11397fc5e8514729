"""A number that explains itself: every figure leads to what it counts, what not and why, and to the names in scope."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.utils.html import strip_tags

from creation import clock, stages
from creation.actions import places
from creation.models import Organ, Recognition, Succession
from reviews.actions import recognitions
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Target
from tests.portal.dashboards import cells, grant, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(world):
    """Four organs in Dongcheng beside the two of the cast: one closed, one merged, one to come, one revoked."""
    today = clock.today()
    Target.objects.create(
        level="district", percent=Decimal(75), starts_on=date(2020, 6, 1), deadline=date(2027, 12, 31)
    )
    closed, merged, coming, revoked = (builders.make_organ(world.district, number) for number in range(20, 24))
    Organ.objects.filter(pk__in=[closed.pk, merged.pk]).update(abolished_on=today)
    Organ.objects.filter(pk=coming.pk).update(established_on=today + timedelta(days=1))
    Succession.objects.create(
        kind="merge", predecessor=merged, successor=world.organ, effective_on=today, reason="机构改革"
    )
    grant(world.organ, today - timedelta(days=30))
    grant(revoked, today - timedelta(days=30), revoked_on=today, revoke_reason="浪费")
    recount_all()
    return {"closed": closed, "merged": merged, "coming": coming, "revoked": revoked}


def figures_of(page, heading):
    """Return the numbers of a sum by the name of their part."""
    return {row[0]: row[-1] for row in cells(page, heading)[1:]}


def test_the_sums_by_hand(sign_in, counted):
    page = sign_in("official").get("/rates/110101/counted/")
    assert figures_of(page, "Which organs count") == {
        "Recognised organs": "1",
        "In progress": "0",
        "Not met": "0",
        "Not started": "2",
        "On the register on this day": "3",
        "Closed": "1",
        "Merged": "1",
        "Not established yet": "1",
        "Not counted on this day": "3",
        "Ever entered for this region": "6",
    }
    assert figures_of(page, "Which titles count") == {
        "Titles that count": "1",
        "Revoked": "1",
        "Titles ever entered": "2",
    }
    assert "1 of 3 district organs are recognised, 33.33 %." in text_of(page)
    # 75 % of 3 is 2.25: three whole organs
    assert (
        "of 3 organs at least 3 (rounded up to whole organs), 1 are recognised: not met, 2 organs missing"
        in text_of(page)
    )


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("closed", [["closed", "Closed", "first day without it"]]),
        ("merged", [["merged", "Merged", "now 机关1"]]),
        ("not_yet", [["coming", "Not established yet", "first day"]]),
        ("title_revoked", [["revoked", "Revoked", "1号, granted"]]),
    ],
)
def test_each_part_opens_to_its_organs_with_the_reason(sign_in, counted, what, rows):
    page = sign_in("official").get(f"/rates/110101/counted/?what={what}")
    found = cells(page, 'id="list"')[1:]
    assert [(row[0], row[2]) for row in found] == [(str(counted[name]), part) for name, part, _why in rows]
    assert all(row[3].startswith(why) for row, (_name, _part, why) in zip(found, rows, strict=True))


def links(page):
    """Return every link to a figure as (address, number)."""
    html = page.content.decode()
    return [
        (unescape(url), unescape(strip_tags(text)).strip())
        for url, text in re.findall(r'href="(/rates/\d+/counted/\?[^"#]*)#list"[^>]*>(.*?)</a>', html, re.DOTALL)
    ]


@pytest.mark.parametrize("query", ["", "?as_of=yesterday"])
def test_every_figure_of_a_page_is_a_link_to_the_same_number(sign_in, counted, world, query):
    """Each link of the city's page is followed, with the numbers of two days: its list says what the page said."""
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    client = sign_in("city")
    page = client.get(f"/rates/110000/{query.replace('yesterday', yesterday)}")
    found = links(page)
    numbered = [(url, number) for url, number in found if number.isdigit()]
    # two levels: three standings each; a row of each district and the sum: organs, recognised and three standings
    assert len(numbered) >= 2 * 3 + 3 * 5
    for url, number in dict.fromkeys(numbered):
        heading = re.search(r'id="list-title">(.*?)</h2>', client.get(url).content.decode()).group(1)
        assert heading.endswith(f": {number}"), (url, heading, number)
        assert ("as_of" in url) == bool(query) or "as_of" in url


def test_the_line_says_how_many_are_not_counted_and_leads_there(sign_in, counted):
    page = sign_in("official").get("/rates/")
    assert re.search(r"As of \d\d:\d\d · 1 of 3 organs · 3 not counted, and why", text_of(page))
    assert ("/rates/110101/counted/?level=district&what=not_counted", "3 not counted, and why") in links(page)


def test_who_reads_numbers_alone_gets_counts_and_reasons_and_no_name(sign_in, counted):
    """A district's official reads the city's numbers, also narrowed to the neighbour; a clerk those of his district."""
    for who, address in (
        ("far_official", "/rates/110000/counted/?what=not_counted&within=110101"),
        ("clerk", "/rates/110101/counted/?what=not_counted"),
    ):
        page = sign_in(who).get(address)
        assert "Not counted on this day: 3" in text_of(page)
        assert "is shown to the officials" in text_of(page)
        assert str(counted["closed"]) not in text_of(page)
    assert sign_in("far_official").get("/rates/110101/counted/").status_code == 404
    assert sign_in("stranger").get("/rates/110000/counted/").status_code == 404


def test_narrowed_to_a_region_below_and_to_no_other(sign_in, counted, world):
    client = sign_in("city")
    page = client.get("/rates/110000/counted/?within=110102&what=register")
    assert "Narrowed to Xicheng." in text_of(page)
    assert [row[0] for row in cells(page, 'id="list"')[1:]] == [str(world.far_organ)]
    assert client.get("/rates/110000/counted/?within=100000").status_code == 404
    assert client.get("/rates/110000/counted/?within=<b>").status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("as_of=2999-01-01", "Rates are known up to today."),
        ("as_of=yesterday", "Enter a valid date."),
        ("level=moon", "Select a valid choice"),
        ("what=moon", "Which titles count"),
        ("page=moon&what=register", "On the register on this day: 3"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_usual_is_shown(sign_in, counted, query, said):
    page = sign_in("official").get(f"/rates/110101/counted/?{query}")
    assert page.status_code == 200
    assert said in text_of(page)
    assert "1 of 3 district organs" in text_of(page)


def test_the_list_is_searched_by_name_or_code(sign_in, counted, world):
    client = sign_in("official")
    page = client.get(f"/rates/110101/counted/?what=missing&q={world.neighbour.credit_code}")
    assert [row[0] for row in cells(page, 'id="list"')[1:]] == [str(world.neighbour)]
    assert "None fits" in text_of(client.get("/rates/110101/counted/?what=missing&q=nobody"))
    assert client.get("/rates/110101/counted/?what=title_revoked&q=nobody").status_code == 200


# --- who is without a title ----------------------------------------------------------------------------------------


def missing(client, query=""):
    return client.get(f"/rates/110101/counted/?what=missing{query}")


def test_who_is_missing_with_stage_and_link(sign_in, world):
    grant(world.organ)
    file = world.start(world.neighbour)
    page = missing(sign_in("official"))
    assert cells(page, 'id="list"')[1:] == [
        [str(world.neighbour), "Dongcheng", "In progress", "Draft", clock.today().isoformat()]
    ]
    assert f"/files/{file.pk}/" in page.content.decode()
    assert f"/files/{file.pk}/" not in missing(sign_in("inspector")).content.decode()


def test_an_ended_title_is_not_called_recognised(sign_in, world):
    file = world.bring_to(stages.PUBLICISED)
    with time_machine.travel(clock.now() + timedelta(days=20)):
        recognitions.recognise(file, batch="b", document_number="1号", by=world["city"])
        Recognition.objects.filter(organ=world.organ).update(replaced_on=clock.today())
    with time_machine.travel(clock.now() + timedelta(days=21)):
        rows = cells(missing(sign_in("official")), 'id="list"')
    assert [row[3] for row in rows[1:]] == ["Title ended", "No file yet"]


def test_missing_organs_come_in_pages_and_by_level(sign_in, world):
    grant(world.organ)
    for number in range(30):
        builders.make_organ(world.district, 100 + number)
    recount_all()
    client = sign_in("city")
    assert "32 of the district organs hold no title" in text_of(client.get("/rates/"))
    address = "/rates/110000/counted/?level=district&what=missing"
    first, second = client.get(address), client.get(f"{address}&page=2")
    assert (len(cells(first, 'id="list"')), len(cells(second, 'id="list"'))) == (26, 8)
    municipal = client.get("/rates/110000/counted/?what=missing&level=city")
    assert [row[0] for row in cells(municipal, 'id="list"')[1:]] == [str(world.municipal_organ)]


# --- corrections ---------------------------------------------------------------------------------------------------


def test_a_past_day_lists_what_was_entered_later(sign_in, world):
    day = clock.today() - timedelta(days=1)
    places.correct_organ(world.organ, {"established_on": clock.today()}, by=world["registrar"])
    grant(world.neighbour, day)
    page = text_of(sign_in("official").get(f"/rates/110101/counted/?as_of={day.isoformat()}"))
    assert "Titles entered later: 1; revoked later with an earlier day: 0." in page
    said = f"1 change of the register, those closed and corrected first: {world.organ} · Corrected · "
    assert re.search(rf"{said}[-\d]+ [:\d]+ · registrar", page)
    today = text_of(sign_in("official").get("/rates/110101/counted/"))
    assert "Entered after this day" not in today
    other = text_of(sign_in("far_official").get(f"/rates/110000/counted/?as_of={day.isoformat()}"))
    assert "Changes of the register are listed for the officials" in other


# --- statements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("organs", [1, 3])
def test_the_page_asks_the_same_however_many_organs(sign_in, counted, world, organs, django_assert_num_queries):
    for number in range(organs - 1):
        builders.make_organ(world.district, 400 + number)
    client = sign_in("official")
    # session, person, posts, place, two sums, targets, the list, messages
    with django_assert_num_queries(9):
        client.get("/rates/110101/counted/?what=register")
    with django_assert_num_queries(8):
        client.get("/rates/110101/counted/")
