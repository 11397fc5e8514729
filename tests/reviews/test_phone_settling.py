"""What could not land is settled by the team, and what lies where is seen by team and department."""

from uuid import uuid4

import pytest

from creation.errors import Forbidden, Overtaken, Refused
from portal.waiting import waiting_for
from reviews.actions import inspections, phones
from reviews.demo import builders
from reviews.models import PhoneRecord
from tests.cast import keyed
from tests.reviews.phone_visits import MET, UNMET, phone, rating, visit

__all__ = ["phone", "visit"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


# --- settling ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(visit, phone, world):
    """A rating that could not land: a colleague had changed the item."""
    indicator = visit.assessment.cycle.standard.indicators.get(code="1.1")
    inspections.save_rating(visit, indicator, by=world["inspector2"], found=UNMET)
    phone.send(phone.rating("1.1", {"found": MET, "remark": "现场查看"}))
    return PhoneRecord.objects.get()


def test_entered_now_it_lands_over_what_stands_there(visit, kept, world, sign_in):
    client = sign_in("inspector2")
    url = f"/visits/{visit.pk}/phone/{kept.key}/settle/"
    client.post(url, keyed(settle="enter"))
    kept.refresh_from_db()
    assert (kept.state, kept.by, kept.settled_by) == ("landed", world["inspector"], world["inspector2"])
    assert (rating(visit).found, rating(visit).saved_by) == (MET, world["inspector2"])
    page = client.post(url, keyed(settle="aside", note="x"), follow=True).content.decode()
    assert "settled in the meantime" in page


def test_set_aside_it_stays_with_a_note(visit, kept, world, sign_in):
    client = sign_in("inspector")
    url = f"/visits/{visit.pk}/phone/{kept.key}/settle/"
    page = client.post(url, keyed(settle="aside", note="  "), follow=True).content.decode()
    assert "Write why it is set aside." in page
    client.post(url, keyed(settle="aside", note="同事已核实"))
    kept.refresh_from_db()
    assert (kept.state, kept.settled_note, rating(visit).found) == ("settled", "同事已核实", UNMET)
    assert client.post(url, keyed(settle="burn")).status_code == 400


def test_only_the_team_settles(kept, world):
    for username in ("official", "stranger", "clerk", "far_inspector"):
        with pytest.raises(Forbidden):
            phones.settle_record(kept, by=world[username], enter=False, note="x")


def test_what_can_never_be_entered_can_only_be_set_aside(visit, phone, world):
    phone.send(phone.rating("1.1", {"found": MET, "standard": "X/1"}))
    record = PhoneRecord.objects.get()
    with pytest.raises(Refused):
        phones.settle_record(record, by=world["inspector"], enter=True)
    phones.settle_record(record, by=world["inspector"], enter=False, note="旧标准")
    with pytest.raises(Overtaken):
        phones.settle_record(record, by=world["inspector"], enter=False, note="再来")


def test_the_visit_is_not_filed_while_a_record_waits(visit, kept, world):
    for indicator in visit.assessment.cycle.standard.indicators.filter(bonus=False).exclude(code="1.1"):
        inspections.save_rating(visit, indicator, by=world["inspector"], found=builders.best_finding(indicator))
    with pytest.raises(Refused):
        inspections.file_inspection(visit, by=world["inspector"])
    phones.settle_record(kept, by=world["inspector"], enter=True)
    assert inspections.file_inspection(visit, by=world["inspector"]).is_filed


def test_what_waits_stands_on_the_first_page_of_the_team(kept, visit, world):
    def lines(username):
        return [line.text for _section, found in waiting_for(world[username]) for line in found]

    assert "1 record from a phone to enter or set aside" in lines("inspector2")
    assert not any("phone" in text for text in lines("far_inspector") + lines("stranger"))


# --- the ledger -------------------------------------------------------------------------------------------------------


def test_team_and_department_see_what_is_on_the_phone_and_what_is_here(visit, phone, sign_in):
    phone.post("ready/", {"device": str(phone.device), "label": "Chrome\x00 on Android" + "!" * 200})
    phone.post("records/", phone.batch(phone.rating("1.1", {"found": MET}), made={"records": 3, "photos": 4}))
    for username in ("inspector2", "official"):
        client = sign_in(username)
        page = client.get(f"/visits/{visit.pk}/phone/").content.decode()
        assert "3 made, 1 on the server" in page
        assert "4 made, 0 on the server" in page
        assert "6 are on this phone only" in page
        assert "Chrome on Android" in page
    assert "records: 3 made, 1 on the server" in client.get(f"/files/{visit.assessment_id}/").content.decode()
    assert "records: 3 made, 1 on the server" in sign_in("inspector").get(f"/inspections/{visit.pk}/").content.decode()


def test_the_department_reads_that_something_waits_but_not_what_was_found(visit, kept, sign_in):
    page = sign_in("official").get(f"/visits/{visit.pk}/phone/").content.decode()
    assert "A colleague changed this item in the meantime." in page
    assert "现场查看" not in page
    assert "/settle/" not in page
    assert "现场查看" in sign_in("inspector2").get(f"/visits/{visit.pk}/phone/").content.decode()
    assert sign_in("official").get(f"/visits/{visit.pk}/phone/{kept.key}/").status_code == 403


def test_ready_is_told_and_taken_back(visit, phone):
    body = {"device": str(phone.device), "label": "Chrome"}
    assert phone.post("ready/", body).json() == {}
    since = visit.phones.get().ready_at
    phone.post("ready/", body)
    assert visit.phones.get().ready_at == since
    assert phone.client.get("/visits/packs/").json()["visits"][0]["ready"]
    assert not phone.client.get(f"/visits/packs/?device={uuid4()}").json()["visits"][0]["ready"]
    phone.post("ready/", body | {"ready": False})
    assert visit.phones.get().ready_at is None


@pytest.mark.parametrize("number", [1, 3])
def test_the_ledger_costs_the_same_at_one_record_and_at_three(visit, phone, django_assert_num_queries, number):
    phone.send(*[phone.rating("1.1", {"found": MET, "standard": "X/1"}) for _each in range(number)])
    with django_assert_num_queries(16):
        assert phone.client.get(f"/visits/{visit.pk}/phone/").status_code == 200
