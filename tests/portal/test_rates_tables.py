"""The tables for download hold the numbers of the screen, as numbers, and nothing that a spreadsheet would run."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest

from creation import clock
from creation.models import Recognition, Region
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Target

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(world):
    """Two of eight organs of Xicheng recognised, one of two of Dongcheng: 3 of 10; 33.34 % is missed."""
    for number in range(20, 26):
        builders.make_organ(world.other_district, number)
    titled = [world.organ, world.far_organ, builders.make_organ(world.other_district, 30)]
    for organ in titled:
        Recognition.objects.create(
            organ=organ,
            batch="b",
            document_number="1号",
            granted_on=clock.today() - timedelta(days=1),
            recorded_at=clock.now(),
        )
    Target.objects.create(
        level="district", percent=Decimal("33.34"), starts_on=date(2020, 1, 1), deadline=date(2027, 12, 31)
    )
    Region.objects.filter(pk=world.district.pk).update(name_en="=1+1")
    recount_all()


def csv_of(response):
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def sheets_of(response):
    return openpyxl.load_workbook(io.BytesIO(response.content), data_only=False)


def test_the_regions_as_csv(sign_in, counted):
    response = sign_in("city").get("/rates/110000/rates.csv")
    assert response["Content-Disposition"] == f'attachment; filename="rates-110000-{clock.today().isoformat()}.csv"'
    rows = {tuple(row[1:4]): row[4:] for row in csv_of(response)}
    assert rows["Beijing", "110000", "district organs"] == ["10", "3", "30.00", "0", "0", "7"]
    assert rows["Xicheng", "110102", "district organs"] == ["8", "2", "25.00", "0", "0", "6"]
    # a name that a spreadsheet would run is text
    assert rows["'=1+1", "110101", "district organs"] == ["2", "1", "50.00", "0", "0", "1"]


def test_the_workbook_has_numbers_and_days_and_no_formula(sign_in, counted):
    book = sheets_of(sign_in("city").get("/rates/110000/rates.xlsx"))
    assert book.sheetnames == ["Regions", "Targets", "By month"]
    cells = [[cell.value for cell in row] for row in book["Regions"].iter_rows()]
    assert [row[5:7] for row in cells if row[2] == "110102"] == [[2, 25]]
    assert ["f" for row in book["Regions"].iter_rows() for cell in row if cell.data_type == "f"] == []
    (target,) = book["Targets"].iter_rows(min_row=2, values_only=True)
    assert target[3] == 33.34
    assert target[5:] == ("not met", 1)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("targets", ["Beijing", "district organs", "33.34", "2027-12-31", "not met", "1"]),
        ("months", ["Beijing", "district organs", "10", "3", "30.00", "0", "0", "7"]),
    ],
)
def test_each_other_table_as_csv(sign_in, counted, table, row):
    response = sign_in("city").get(f"/rates/110000/rates.csv?table={table}")
    assert response["Content-Disposition"].startswith(f'attachment; filename="{table}-110000-')
    today = clock.today().isoformat()
    assert [today, *row] in csv_of(response)


def test_where_the_files_stand_as_csv_and_as_a_sheet(sign_in, counted, world):
    world.start()
    client = sign_in("city")
    stages = ["Draft", str(world.cycle.year), "1", "0"]
    assert csv_of(client.get("/rates/110000/rates.csv?table=stages"))[1:] == [stages]
    assert sheets_of(client.get("/rates/110000/rates.xlsx")).sheetnames[3:] == ["Where the files stand"]
    assert client.get("/rates/110000/rates.csv?table=none").status_code == 404


def test_a_past_day_has_its_own_numbers(sign_in, counted):
    before = clock.today() - timedelta(days=2)
    rows = csv_of(sign_in("city").get(f"/rates/110000/rates.csv?as_of={before.isoformat()}"))
    assert {row[0] for row in rows[1:]} == {before.isoformat()}
    assert [row[5] for row in rows if row[2] == "110102"] == ["0"]


@pytest.mark.parametrize("query", ["?as_of=2999-01-01", "?as_of=yesterday"])
def test_a_day_that_cannot_be_shown_has_no_table(sign_in, counted, query):
    assert sign_in("city").get(f"/rates/110000/rates.xlsx{query}").status_code == 404
