"""Who joins and who leaves a team is told, and the page names them before the click; nobody is told twice the same."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from creation.models import Message
from reviews.actions import draws, rechecks, teams
from reviews.demo import builders
from reviews.models import RecheckItem, RecheckRound
from reviews.settled import still_asking
from tests.cast import keyed

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def item(world):
    """An organ that was drawn for a visit of a recheck."""
    today = clock.today()
    grant(world.organ, batch="1", document_number="1号", granted_on=today, by=world["city"])
    given = {"paper_until": today + DAY, "site_until": today + 30 * DAY, "share": 100, "minimum": 1}
    recheck = RecheckRound(cycle=world.cycle, title="回头看", basis="办法", **given)
    opened = rechecks.open_round(recheck, by=world["city"])
    pool = draws.close_recheck_pool(opened, by=world["city"])
    result = draws.draw(pool, seed="1", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    draws.publish_draw(result, by=world["city"])
    return RecheckItem.objects.with_title().get()


@pytest.fixture
def third(world):
    return builders.make_person("third", ("inspector", world.district))


def told(after):
    """Return who was told since, of what, and for which day."""
    rows = Message.objects.filter(pk__gt=after).values_list("user__username", "kind", "values")
    return sorted((who, kind, values["day"]) for who, kind, values in rows)


def last():
    return Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def lists_of(page):
    """Return the lists of who will hear that stand on a page, as people read them."""
    found = re.findall(r'<p class="who-hears small-note">(.*?)</p>', page.content.decode(), re.DOTALL)
    return [html.unescape(" ".join(re.sub(r"<[^>]+>", "", text).split())) for text in found]


def test_a_recheck_tells_who_joins_and_who_leaves_and_of_another_day_who_stays(world, item, third):
    one, two, today = world["inspector"], world["inspector2"], clock.today()
    steps = [
        ([one, two], today, [("inspector", "recheck_visit"), ("inspector2", "recheck_visit")], today),
        ([one, two], today, [], today),
        ([one, third], today, [("inspector2", "off_team"), ("third", "recheck_visit")], today),
        ([one, third], today + DAY, [("inspector", "recheck_visit"), ("third", "recheck_visit")], today + DAY),
    ]
    for team, day, expected, of_day in steps:
        before = last()
        rechecks.assign_visit(item, team=team, visit_on=day, by=world["official"])
        assert told(before) == [(who, kind, of_day.isoformat()) for who, kind in expected]
    before = last()
    rechecks.assign_visit(item, team=[one, two], visit_on=today + 2 * DAY, by=world["official"])
    assert told(before) == [
        ("inspector", "recheck_visit", (today + 2 * DAY).isoformat()),
        ("inspector2", "recheck_visit", (today + 2 * DAY).isoformat()),
        ("third", "off_team", (today + DAY).isoformat()),  # the day they knew of
    ]
    asking = still_asking(Message.objects.filter(kind__in=("recheck_visit", "off_team")).select_related("assessment"))
    still = Message.objects.filter(pk__in=asking).values_list("user__username", "values__day")
    assert sorted(still) == [(who, (today + 2 * DAY).isoformat()) for who in ("inspector", "inspector2")]


def test_the_organ_hears_nothing_of_it(world, item, third):
    before = last()
    for team in ([world["inspector"], world["inspector2"]], [world["inspector"], third]):
        rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["official"])
    assert not Message.objects.filter(pk__gt=before, user__username__in=("clerk", "signatory")).exists()


def test_the_page_of_a_recheck_names_them_before_the_click(world, sign_in, item, third):
    page, client = reverse("recheck_step", args=[item.pk, "assign"]), sign_in("official")
    assert lists_of(client.get(page)) == ["Will be told: whoever joins the team"]
    team = {"visit_on": clock.today().isoformat(), "team": ["inspector", "inspector2"]}
    assert client.post(page, keyed(**team)).status_code == 302
    named, joins = lists_of(client.get(page))
    assert named.startswith("Where somebody goes no longer, or on another day: Will be told:")
    assert all(f"{world[who]} (" in named for who in ("inspector", "inspector2"))
    assert joins == "Will be told: whoever joins the team"
    before = last()
    assert client.post(page, keyed(**team | {"team": ["inspector", "third"]})).status_code == 302
    assert {(who, kind) for who, kind, _day in told(before)} == {("inspector2", "off_team"), ("third", "recheck_visit")}


def test_the_page_of_an_inspection_names_them_and_the_organ(world, sign_in, third):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    named, joins, organ = lists_of(sign_in("official").get(reverse("inspection_team", args=[visit.pk])))
    assert all(f"{world[who]} (" in named for who in ("inspector", "inspector2"))
    assert joins == "Will be told: whoever joins the team"
    assert all(f"{world[who]} (" in organ for who in ("clerk", "signatory"))
    before, team = last(), [world["inspector"], third]
    teams.change_team(visit, team=team, lead=team[0], visit_on=visit.visit_on, by=world["official"])
    assert {(who, kind) for who, kind, _day in told(before)} == {
        ("inspector2", "off_team"), ("third", "on_team"), ("clerk", "visit_changed"), ("signatory", "visit_changed"),
    }  # fmt: skip


def test_the_page_of_a_spot_check_names_its_team_and_nobody_of_the_organ(world, sign_in):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    team = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["superior"])
    lists = lists_of(sign_in("superior").get(reverse("inspection_team", args=[visit.pk])))
    assert all(f"{world[who]} (" in lists[0] for who in ("checker", "checker2"))
    assert lists[1:] == ["Will be told: whoever joins the team"]
