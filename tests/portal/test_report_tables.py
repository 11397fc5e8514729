"""What stands in the tables that are written: the rows of the page, as far as the person may know, and nothing live."""

from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from creation import clock, stages
from creation.errors import Forbidden
from creation.models import Organ
from portal.reports import asking
from reviews.actions import objections, revocations
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Target
from tests.portal.dashboards import grant
from tests.portal.test_reports import asked_and_written, rows_of

pytestmark = pytest.mark.django_db


def test_the_register_holds_what_the_page_would_show_whatever_was_typed(world):
    Organ.objects.filter(pk=world.neighbour.pk).update(name="=1+1", category="court")
    head, *rows = rows_of(asked_and_written(world["official"]))
    assert head[:4] == ["Credit code", "Organ", "English name", "Region"]
    assert [row[0] for row in rows] == sorted([world.organ.credit_code, world.neighbour.credit_code])
    (court,) = rows_of(asked_and_written(world["official"], category="court"))[1:]
    assert court[:7] == [
        world.neighbour.credit_code, "'=1+1", "Organ 2", "Dongcheng", "110101", "District", "Court",
    ]  # fmt: skip
    book = openpyxl.load_workbook(asking.path_of(asked_and_written(world["city"], report_format="xlsx")))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} & {"f"} == set()
    assert len(rows_of(asked_and_written(world["city"]))) == 1 + 4


def test_files_are_told_as_far_as_the_person_may_know(world):
    world.bring_to(stages.UNDER_SPOT_CHECK)

    def stage_for(person, **asked):
        return [row[7:8] for row in rows_of(asked_and_written(world[person], "files", **asked))[1:]]

    assert stage_for("official") == [["Under spot check"]]
    assert stage_for("clerk") == [["Inspection passed"]]
    assert stage_for("clerk2") == []
    assert stage_for("official", stage="draft") == []
    assert stage_for("city", round=str(world.cycle.year), region="110101") == [["Under spot check"]]


def test_organs_still_missing_are_all_named(world):
    recount_all()
    world.start()
    missing = {"region": "110000", "level": "district", "what": "missing"}
    head, *rows = rows_of(asked_and_written(world["city"], "counted", **missing))
    assert head == ["Organ", "Credit code", "Region", "Part", "Why", "Since"]
    organs = (world.organ, world.neighbour, world.far_organ)
    assert [row[1] for row in rows] == [organ.credit_code for organ in organs]
    assert [row[3:5] for row in rows] == [["In progress", "Draft"], *[["Not started", "No file yet"]] * 2]
    district = asked_and_written(world["city"], "counted", **missing, within="110102", q="organ 3")
    assert [row[1] for row in rows_of(district)[1:]] == [world.far_organ.credit_code]
    titles = asked_and_written(world["city"], "counted", region="110000", level="district", what="titles")
    assert rows_of(titles)[1:] == []


def test_titles_that_expire_are_for_officials(world):
    last = clock.today() + timedelta(days=10)
    for number, organ in enumerate((world.organ, world.far_organ)):
        grant(organ, valid_until=last - timedelta(days=number))
    head, *rows = rows_of(asked_and_written(world["city"], "expiring"))
    assert [row[0] for row in rows] == [world.far_organ.credit_code, world.organ.credit_code]
    assert rows[1][head.index("Valid until")] == last.isoformat()
    assert len(rows_of(asked_and_written(world["official"], "expiring"))) == 1 + 1
    with pytest.raises(Forbidden):
        asking.ask("expiring", "csv", {}, by=world["registrar"])


def test_a_case_about_a_title_is_a_row(world):
    title = grant(world.organ)
    revocations.open_case(title, grounds="other", facts="待查", by=world["city"])
    head, row = rows_of(asked_and_written(world["city"], "revocations"))
    assert (row[0], row[head.index("Grounds")]) == (world.organ.credit_code, "Other grounds")
    assert rows_of(asked_and_written(world["city"], "revocations", state="decided"))[1:] == []
    assert rows_of(asked_and_written(world["far_official"], "revocations"))[1:] == []


def test_who_objected_stands_in_no_table(world):
    listing = world.bring_to(stages.PUBLICISED).listing
    objection = objections.object_to(listing, kind="person", name="欧阳举报", phone="13912345678", grounds="长明灯")
    head, row = rows_of(asked_and_written(world["city"], "objections"))
    assert row[head.index("State")] == "Being examined"
    said = "".join([*head, *row])
    assert [secret for secret in ("欧阳", "139", objection.receipt) if secret in said] == []
    assert rows_of(asked_and_written(world["official"], "objections"))[1:] == []
    assert len(rows_of(asked_and_written(world["clerk"], "objections"))) == 1 + 1
    assert rows_of(asked_and_written(world["city"], "objections", state="upheld"))[1:] == []


def test_what_changed_is_a_table_whose_parts_are_the_difference(world):
    grant(world.organ, clock.today() - timedelta(days=1))
    since = (clock.today() - timedelta(days=9)).isoformat()
    asked = {"region": "110101", "since": since, "until": clock.today().isoformat(), "level": "district"}
    head, *rows = rows_of(asked_and_written(world["official"], "changes", **asked))
    assert head == ["What happened", "Organs", "Recognised", "On the register", "Rate (%)"]
    assert rows[0][1:] == ["", "0", "2", "0.00"]
    assert rows[-1][1:] == ["", "1", "2", "50.00"]
    assert [sum(int(row[place]) for row in rows[:-1]) for place in (2, 3)] == [1, 2]


def test_what_lies_ahead_is_three_tables(world):
    Target.objects.create(
        level="district", percent=Decimal("66.67"), starts_on=clock.today(), deadline=clock.today() + timedelta(days=70)
    )
    grant(world.organ, clock.today() - timedelta(days=1))
    world.start(world.neighbour)
    recount_all()
    asked = {"region": "110101"}
    (needed,) = rows_of(asked_and_written(world["official"], "needed", **asked))[1:]
    assert needed[0::2] == ["66.67", "1", "0.1"]
    weeks = rows_of(asked_and_written(world["official"], "pace", **asked))[1:]
    assert [row[1] for row in weeks] == ["0"] * 11 + ["1"]
    assert rows_of(asked_and_written(world["official"], "forecast", **asked))[1:] == [["Draft", "1", "0", "0"]]
    with pytest.raises(Forbidden):
        asking.ask("pace", "csv", {"region": "110102"}, by=world["official"])


def test_a_table_longer_than_a_piece_is_whole_and_in_order(world, monkeypatch):
    monkeypatch.setattr("portal.reports.chunks.AT_ONCE", 3)
    for number in range(20, 30):
        builders.make_organ(world.district, number)
    report = asked_and_written(world["official"])
    codes = [row[0] for row in rows_of(report)[1:]]
    assert codes == sorted(Organ.objects.filter(region=world.district).values_list("credit_code", flat=True))
    assert (report.done, report.total) == (12, 12)


def test_a_longer_table_costs_no_more_statements(world):
    def statements():
        with CaptureQueriesContext(connection) as seen:
            asked_and_written(world["official"])
        return len(seen)

    statements()
    few = statements()
    for number in range(20, 30):
        builders.make_organ(world.district, number)
    assert statements() == few
