"""The lists of daily work as tables: the rows of the page for the same person and filter, and nothing else."""

import re
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from creation.errors import Forbidden
from creation.models import Appointment, User
from portal.reports import asking
from reviews.actions import draws, findings, objections, rechecks
from reviews.demo import builders
from reviews.models import RecheckRound
from tests.cast import keyed
from tests.portal.test_reports import asked_and_written, rows_of

pytestmark = pytest.mark.django_db


def table(world, person, kind, **asked):
    """Return a written table as its head and its rows by their column."""
    head, *rows = rows_of(asked_and_written(world[person], kind, **asked))
    return [dict(zip(head, row, strict=True)) for row in rows]


def a_recheck(world):
    today = clock.today()
    grant(world.organ, batch="1", document_number="1号", granted_on=today, by=world["city"])
    given = {"paper_until": today + timedelta(1), "site_until": today + timedelta(9), "share": 100, "minimum": 1}
    return rechecks.open_round(RecheckRound(cycle=world.cycle, title="回头看", basis="办法", **given), by=world["city"])


def test_the_people_are_those_of_the_page_and_of_the_registrar_alone(world, sign_in):
    world["inspector"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    User.objects.filter(username="clerk2").update(name="=1+1")
    client = sign_in("registrar")
    for asked in ({}, {"role": "inspector"}, {"region": str(world.district.pk)}, {"state": "ended"}, {"q": "clerk"}):
        page = client.get(reverse("person_list"), asked)
        shown = [(person.username, len(person.shown_posts)) for person in page.context["page"]]
        rows = table(world, "registrar", "people", **asked)
        assert [row["User name"] for row in rows] == [name for name, _posts in shown], asked
        assert [len(row["Posts in your regions"].split("; ")) for row in rows] == [posts for _name, posts in shown]
    (ended,) = table(world, "registrar", "people", q="inspector", state="ended", region=str(world.district.pk))
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert ended["Posts in your regions"] == f"Inspector · Dongcheng ended {yesterday}"
    book = openpyxl.load_workbook(asking.path_of(asked_and_written(world["registrar"], "people", "xlsx")))
    assert "f" not in {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    for person in ("city", "official", "clerk", "viewer", "inspector2"):
        with pytest.raises(Forbidden):
            asking.ask("people", "csv", {}, by=world[person])


def test_the_visits_are_ones_own_by_their_state(world, sign_in):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    world.bring_to(stages.INSPECTED, world.neighbour)
    for asked in ({}, {"state": "filed"}, {"state": "nonsense"}):
        page = sign_in("inspector").get(reverse("inspection_list"), asked)
        codes = [one.assessment.organ.credit_code for one in page.context["page"]]
        rows = table(world, "inspector", "visits", **asked)
        assert [row["Credit code"] for row in rows] == codes
        assert len(codes) == 1
    (row,) = table(world, "inspector", "visits")
    assert (row["Date of the visit"], row["Stage"], row["Filed"]) == (
        visit.visit_on.isoformat(), "Under inspection", "",
    )  # fmt: skip
    for person in ("official", "city", "clerk", "checker"):
        assert table(world, person, "visits") == []


def test_the_findings_are_those_of_a_visit_that_one_sees(world):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    item = world.standard.indicators.get(code="3.4")
    given = {"kind": "by_deadline", "due_on": clock.today() + timedelta(days=5), "by": world["inspector"]}
    findings.raise_finding(visit, item, text="=HYPERLINK(1)", **given)
    for person in ("inspector", "official", "clerk", "city"):
        (row,) = table(world, person, "findings", visit=str(visit.pk))
        assert (row["Item"], row["State"]) == ("3.4", "Waiting for the organ's answer")
        assert row["What was found"] == "'=HYPERLINK(1)"
        assert row["Deadline"] == given["due_on"].isoformat()
    for person, number in (
        ("clerk2", visit.pk), ("far_official", visit.pk), ("stranger", visit.pk), ("inspector", visit.pk + 99),
        ("inspector", ""), ("inspector", "x"), ("inspector", "9" * 30),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            asking.ask("findings", "csv", {"visit": str(number)}, by=world[person])


def test_a_spot_check_tells_its_organ_nothing_by_a_table(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    for visit in file.inspections.filter(kind="spot_check"):
        with pytest.raises(Forbidden):
            asking.ask("findings", "csv", {"visit": str(visit.pk)}, by=world["clerk"])
    assert table(world, "clerk", "draws") == []


def test_a_draw_is_told_as_far_as_the_person_knows_of_it(world, sign_in):
    world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["superior"])
    (row,) = table(world, "city", "draws")
    assert (row["State"], row["Drawn"], row["Organs"]) == ("Closed, waiting for the seed", "", "1")
    result = draws.draw(pool, seed="1", seed_source="lottery", seed_at=clock.now(), by=world["superior"])
    # whoever works at an organ of the pool reads of its draw what everybody reads
    at_organ = {"role": "clerk", "organ": world.organ, "starts_on": clock.today()}
    Appointment.objects.create(user=world["city"], **at_organ)
    told = {}
    for published in (False, True):
        if published:
            draws.publish_draw(result, by=world["superior"])
        for person in ("city", "superior"):
            user = User.objects.get(username=person)
            head, row = rows_of(asked_and_written(user, "draws"))
            told[person, published] = row[head.index("Drawn")]
            assert row[head.index("SHA-256")] == pool.sha256
    assert told == {("city", False): "", ("superior", False): "1", ("city", True): "1", ("superior", True): "1"}
    assert table(world, "far_official", "draws") == []


def test_rechecks_and_notices_equal_their_pages(world, sign_in):
    recheck = a_recheck(world)
    (row,) = table(world, "official", "rechecks")
    assert (row["Recheck"], row["Organs"], row["Over"], row["State"]) == (recheck.title, "1", "0", "Open")
    assert table(world, "far_official", "rechecks") == []
    cleared = world.bring_to(stages.CHECKED, world.far_organ)
    notice = builders.make_notice(world.cycle, [cleared], by=world["city"])
    (row,) = table(world, "city", "notices")
    assert (row["Notice"], row["State"], row["Recognition"]) == (notice.title, "Draft", "")
    builders.publish(notice, by=world["city"])
    notice.refresh_from_db()
    listing = notice.listings.get()
    objections.object_to(listing, kind="person", name="欧阳举报", phone="13912345678", grounds="长明灯")
    (row,) = table(world, "city", "notices")
    assert (row["State"], row["Organs"], row["Open objections"]) == (f"Runs until {notice.last_day}", "1", "1")
    assert row["Recognition"] == "Not ordered yet"
    said = str(table(world, "city", "notices"))
    assert [secret for secret in ("欧阳", "139", "长明灯") if secret in said] == []
    for person in ("official", "clerk", "viewer", "inspector"):
        assert table(world, person, "notices") == []  # a draft, or what runs: the page is of the municipality


def test_each_page_asks_for_its_own_table_with_its_filters(world, sign_in):
    a_recheck(world)
    visit = world.bring_to(stages.UNDER_INSPECTION, world.neighbour).inspections.get()
    item = world.standard.indicators.get(code="3.4")
    findings.raise_finding(visit, item, kind="on_the_spot", text="漏水", by=world["inspector"])
    world.bring_to(stages.INSPECTED)
    draws.close_pool(world.cycle, world.city, by=world["superior"])
    builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED, world.municipal_organ)], by=world["city"])
    pages = {
        "people": ("registrar", reverse("person_list") + "?role=clerk"),
        "visits": ("inspector", reverse("inspection_list")),
        "findings": ("inspector", reverse("inspection_detail", args=[visit.pk])),
        "draws": ("superior", reverse("draw_list")),
        "rechecks": ("city", reverse("recheck_list")),
        "notices": ("city", reverse("notice_manage")),
    }
    for kind, (person, url) in pages.items():
        client = sign_in(person)
        page = client.get(url).content.decode()
        query = re.search(rf'name="kind" value="{kind}">\s*<input type="hidden" name="query" value="([^"]*)"', page)[1]
        assert query == {"people": "role=clerk", "findings": f"visit={visit.pk}"}.get(kind, ""), kind
        sent = keyed(kind=kind, format="xlsx", query=query)
        assert client.post(reverse("report_ask"), sent).status_code == 302
