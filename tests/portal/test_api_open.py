"""Open data for programs: what is published, without a token, from the same functions as the public pages."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from portal.api.document import document
from portal.api.urls import ROOT, api
from reviews.actions import announcements, draws, objections
from reviews.demo import builders
from reviews.models import Draw

pytestmark = pytest.mark.django_db


def read(name, *args, **query):
    answer = Client().get(reverse(name, args=args), query or None)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_titles_are_those_of_the_public_file(world):
    grant(world.organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
    title = grant(world.far_organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
    builders.revoke(title, by=world["city"])
    told = read("api_open_recognitions")
    public = Client().get(reverse("recognised_json")).json()
    assert told["items"] == public["rows"]
    assert [(row["state"], row["reason"]) for row in told["items"]] == [("valid", ""), ("revoked", "查实浪费。")]
    assert (told["next"], told["demonstration"]) == (None, True)
    assert told["source"]["zh"] != told["source"]["en"]
    assert read("api_open_recognitions", as_of=(clock.today() - timedelta(1)).isoformat())["items"] == []


def test_announced_rates_are_those_of_the_public_file(world):
    announced = announcements.announce(
        world.city, as_of=clock.today(), title="完成情况", document_number="3号", by=world["city"]
    )
    assert [row["title"] for row in read("api_open_rates")["items"]] == ["完成情况"]
    public = Client().get(reverse("announced_json", args=[announced.pk])).json()
    assert read("api_open_rate", announced.pk)["rows"] == public["rows"]


def test_a_draw_is_told_once_it_is_published(world):
    world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draws.draw(pool, seed="1 2 3", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    assert [row["is_published"] for row in read("api_open_draws")["items"]] == [False]
    assert read("api_open_draw", pool.pk)["draw"] is None
    draws.publish_draw(Draw.objects.get(), by=world["city"])
    assert [row["is_published"] for row in read("api_open_draws")["items"]] == [True]
    assert read("api_open_draw", pool.pk) == Client().get(reverse("public_draw_json", args=[pool.pk])).json()


def test_a_notice_is_told_once_it_is_published(world):
    notice = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED)], by=world["city"])
    assert read("api_open_notices")["items"] == []
    assert Client().get(reverse("api_open_notice", args=[notice.pk])).status_code == 404
    builders.publish(notice, by=world["city"])
    assert [row["id"] for row in read("api_open_notices")["items"]] == [notice.pk]
    assert read("api_open_notice", notice.pk)["listings"][0]["organ"]["zh"] == world.organ.name


def test_outcomes_of_objections_are_those_of_the_public_file_and_no_more(world, django_assert_num_queries):
    listing = world.bring_to(stages.PUBLICISED).listing
    who = {"kind": "person", "name": "欧阳若兰", "phone": "13912345678"}
    kept, open_one = (objections.object_to(listing, **who, grounds=grounds) for grounds in ("长明灯", "空调"))
    assert read("api_open_objections")["items"] == []
    for one in (kept, open_one):
        assert Client().get(reverse("api_open_objection", args=[one.pk])).status_code == 404
    objections.hear(kept, text="已经整改", by=world["clerk"])
    builders.decide(kept, uphold=False, reason="查无实据。", by=world["city"])
    with django_assert_num_queries(1):
        (told,) = read("api_open_objections")["items"]
    assert told == read("api_open_objection", kept.pk)
    (public,) = Client().get(reverse("outcome_json")).json()["rows"]
    assert told == {
        "id": kept.pk,
        "notice": listing.notice_id,
        "about": public["about"],
        "number": listing.number,
        "organ": {"zh": public["organ"], "en": public["organ_en"]},
        "region": {"zh": public["region"], "en": public["region_en"]},
        "decided_on": public["decided_on"],
        "result": "dismissed",
        "reason": "查无实据。",
    }
    text = Client().get(reverse("api_open_objections")).content.decode()
    assert [word for word in ("欧阳若兰", "13912345678", "长明灯", "已经整改", kept.receipt) if word in text] == []
    first = Client().get(reverse("api_open_objections"))
    again = Client().get(reverse("api_open_objections"), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, first["Cache-Control"]) == (304, "public, no-cache")
    builders.decide(open_one, uphold=False, reason="不成立。", by=world["city"])
    assert [row["reason"] for row in read("api_open_objections", limit=1)["items"]] == ["不成立。"]
    changed = Client().get(reverse("api_open_objections"), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_everybody_may_keep_it_and_nothing_depends_on_who_asks(world, sign_in):
    answer = sign_in("city").get(reverse("api_open_recognitions"), headers={"accept-language": "zh-hans"})
    plain = Client().get(reverse("api_open_recognitions"))
    assert answer.content == plain.content
    for one in (answer, plain):
        assert (one["Cache-Control"], one["Access-Control-Allow-Origin"]) == ("public, no-cache", "*")
        assert "Vary" not in one.headers
        assert not one.cookies
    again = Client().get(reverse("api_open_recognitions"), headers={"if-none-match": plain["ETag"]})
    assert (again.status_code, again["ETag"]) == (304, plain["ETag"])


def test_the_document_says_of_each_operation_whether_it_needs_a_token(db):
    told = Client().get(reverse("api_openapi")).json()
    assert told["openapi"] == "3.1.0"
    assert told == json.loads(json.dumps(document(api, ROOT)))
    for path, methods in told["paths"].items():
        assert list(methods) == ["get"]
        is_open = path.startswith("/api/v1/open/")
        assert methods["get"]["security"] == ([] if is_open else [{"Token": []}]), path
        assert ("401" in methods["get"]["responses"]) is not is_open
        assert "headers" in methods["get"]["responses"]["200"]
    assert told["components"]["securitySchemes"]["Token"] == {"type": "http", "scheme": "bearer"}


def test_every_object_is_told_exactly(db):
    schemas = document(api, ROOT)["components"]["schemas"]
    loose = [name for name, schema in schemas.items() if schema.get("additionalProperties") is not False]
    assert loose == []


def test_the_guide_names_every_operation(db):
    page = Client().get(reverse("api_guide")).content.decode()
    for path in document(api, ROOT)["paths"]:
        assert f"GET {path}<" in page


def test_other_addresses_are_answered_in_the_same_shape(db):
    answer = Client().get("/api/v1/organs/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json().keys() == {"type", "title", "status", "detail"}
