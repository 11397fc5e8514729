"""What a phone takes along: enough for the walk, nothing of what the organ gave itself."""

import json

import pytest

from creation import clock, stages
from reviews.actions import findings, inspections
from reviews.demo import builders
from reviews.demo.phones import a_photo
from reviews.models import Finding, FindingPhoto, VisitPhoto
from tests.reviews.phone_visits import MET, phone, visit

__all__ = ["phone", "visit"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


# --- packs ------------------------------------------------------------------------------------------------------------


def keys_of(data):
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in keys_of(value)}
    return {key for each in data for key in keys_of(each)} if isinstance(data, list) else set()


def test_a_pack_never_says_what_the_organ_gave_itself(visit, phone):
    pack = phone.client.get(f"/visits/{visit.pk}/pack/").json()
    assert not keys_of(pack) & {"answers", "answer", "self", "self_points", "own", "own_points", "earned", "total"}
    assert all(item["rating"] is None for item in pack["items"])
    assert visit.assessment.answers.count() == 29
    text = json.dumps(pack)
    assert '"met"' not in text
    assert '"present"' not in text


def test_a_pack_has_what_the_walk_needs(visit, phone):
    phone.send(phone.rating("1.1", {"found": MET, "remark": "好"}), phone.finding("3.4"))
    pack = phone.client.get(f"/visits/{visit.pk}/pack/").json()
    assert (pack["standard"], pack["organ"]["name"], pack["may_find"]) == ("BJ-DEMO-2020/1", "Organ 1", True)
    assert pack["contacts"] == [{"name": "clerk", "phone": ""}]
    assert len([item for item in pack["items"] if not item["bonus"]]) == 29
    sites = [item["site"] for item in pack["items"]]
    assert sites == sorted(sites, reverse=True)
    item = next(item for item in pack["items"] if item["code"] == "1.1")
    assert (item["rating"]["found"], item["rating"]["version"], item["gate"]) == (MET, 1, True)
    assert [finding["item"] for finding in pack["findings"]] == ["3.4"]


def test_the_stamp_changes_with_what_the_pack_says(visit, phone):
    def stamp():
        listed = phone.client.get("/visits/packs/").json()["visits"][0]["stamp"]
        assert listed == phone.client.get(f"/visits/{visit.pk}/pack/").json()["stamp"]
        return listed

    first = stamp()
    assert stamp() == first
    phone.send(phone.rating("1.1", {"found": MET}))
    assert stamp() != first


def test_the_list_counts_what_is_here(visit, phone):
    phone.send(phone.rating("1.1", {"found": MET}), phone.finding("3.4"))
    content = a_photo()
    phone.photo(content, phone.announcement(content))
    [line] = phone.client.get("/visits/packs/").json()["visits"]
    assert (line["on_server"], line["rated"], line["items"]) == ({"records": 2, "photos": 1}, 1, 29)
    assert (line["state"], line["comment"]) == ("to_do", "")


def test_a_visit_that_came_back_says_why(visit, phone, world):
    due_on = clock.today().isoformat()
    phone.send(phone.finding("3.4", {"kind": "by_deadline", "due_on": due_on}))
    findings.require_rectification(visit, by=world["inspector"])
    findings.answer_finding(Finding.objects.get(), by=world["clerk"], text="已修")
    [line] = phone.client.get("/visits/packs/").json()["visits"]
    assert (line["state"], line["comment"]) == ("returned", "The organ has answered findings: judge the answers.")


def test_filed_visits_stay_listed_for_a_year(visit, phone, world):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    assert [line["state"] for line in phone.client.get("/visits/packs/").json()["visits"]] == ["filed"]
    clock.set_ahead(366)
    assert phone.client.get("/visits/packs/").json()["visits"] == []


def test_packs_cost_the_same_at_one_visit_and_at_three(world, sign_in, django_assert_num_queries):
    client = sign_in("inspector")
    for number in (0, 7, 8):
        organ = builders.make_organ(world.district, number) if number else world.organ
        if number:
            builders.make_person(f"clerk_{number}", ("clerk", organ))
            builders.make_person(f"signatory_{number}", ("signatory", organ))
        world.bring_to(stages.UNDER_INSPECTION, organ)
        if number in {0, 8}:
            with django_assert_num_queries(19):
                assert client.get("/visits/packs/").status_code == 200


def test_the_organ_s_photo_of_a_finding_follows_the_finding(visit, phone):
    """The photo is faster than the finding that it shows."""
    finding = phone.finding("3.4")
    content = a_photo()
    announced = phone.announcement(content, finding=finding["key"])
    phone.photo(content, announced)
    assert VisitPhoto.objects.get().finding is None
    phone.send(finding)
    assert VisitPhoto.objects.get().finding == visit.findings.get()
    assert FindingPhoto.objects.get().when == "before"
