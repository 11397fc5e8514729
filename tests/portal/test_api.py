"""What programs read with a token: whose data, in which parts, how it is kept, and what is refused."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import getitem
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from creation import clock, stages
from creation.actions import places
from creation.actions import tokens as verbs
from creation.actions.recognitions import grant
from creation.models import Appointment, Assessment, Organ
from portal.api import tokens as door
from reviews.actions import draws
from reviews.actions.rates import recount_all
from reviews.actions.targets import set_target
from reviews.demo import builders
from reviews.models import Target

pytestmark = pytest.mark.django_db
PERSONS = ("stranger", "clerk", "inspector", "official", "far_official", "city", "viewer")


@pytest.fixture
def token_of(world):
    """Return a function from a person to a token of theirs; the stranger's is of a day when they held a post."""
    made = {}

    def token(person):
        if person not in made:
            user = world[person]
            posts = {"role": "viewer", "region": world.city, "starts_on": clock.today()}
            post = None if user.posts else Appointment.objects.create(user=user, **posts)
            made[person] = verbs.make(name="test", expires_on=clock.today(), by=world[person])[1]
            if post:
                post.delete()
        return made[person]

    return token


@pytest.fixture
def ask(token_of):
    """Return a function that asks as a person's program and returns the answer."""

    def answer(person, name, *args, headers=None, **query):
        bearer = {"authorization": f"Bearer {token_of(person)}"} if person else {}
        path = name if name.startswith("/") else reverse(name, args=args)
        return Client().get(path, query or None, headers={**bearer, **(headers or {})})

    return answer


def listed(answer, *way):
    """Return what the rows of a list say at `way`."""
    assert answer.status_code == 200, answer.content
    return [reduce(getitem, way, row) for row in answer.json()["items"]]


def test_each_person_reads_the_organs_they_see_and_no_others(world, ask):
    near, far = {world.organ, world.neighbour}, {world.far_organ}
    whole = near | far | {world.municipal_organ}
    expected = {
        "clerk": {world.organ}, "inspector": near, "official": near, "far_official": far, "city": whole,
        "viewer": whole,
    }  # fmt: skip
    for person in PERSONS:
        answer = ask(person, "api_register")
        if person == "stranger":
            assert answer.status_code == 401
            continue
        assert set(listed(answer, "credit_code")) == {organ.credit_code for organ in expected[person]}, person
        for organ in whole:
            status = 200 if organ in expected[person] else 404
            assert ask(person, "api_organ", organ.credit_code).status_code == status, (person, organ)


def test_each_person_reads_the_files_rounds_and_titles_they_see(world, ask):
    file = world.bring_to(stages.SUBMITTED)
    far = world.bring_to(stages.SUBMITTED, world.far_organ)
    title = grant(world.far_organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
    sees = {
        "clerk": ([file], []), "inspector": ([], []), "official": ([file], []), "far_official": ([far], [title]),
        "city": ([file, far], [title]), "viewer": ([file, far], [title]),
    }  # fmt: skip
    for person, (files, titles) in sees.items():
        assert listed(ask(person, "api_stages"), "id") == [one.pk for one in files], person
        assert listed(ask(person, "api_recognitions"), "id") == [one.pk for one in titles], person
        assert ask(person, "api_stage", far.pk).status_code == (200 if far in files else 404), person
        assert ask(person, "api_recognition", title.pk).status_code == (200 if titles else 404), person
        assert listed(ask(person, "api_cycles"), "id") == [world.cycle.pk]
        assert ask(person, "api_cycle", world.cycle.pk).json()["state"] == "open"
    for name in ("api_stages", "api_recognitions", "api_cycles", "api_notices", "api_regions"):
        assert ask("stranger", name).status_code == 401


def test_a_draw_that_is_not_published_is_told_to_the_department_and_not_to_the_organ(world, ask):
    file = world.bring_to(stages.INSPECTED)
    pool = draws.close_pool(world.cycle, world.city, by=world["city"])
    draws.draw(pool, seed="1 2 3", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    drawn = Assessment.objects.get(pk=file.pk)
    assert drawn.stage != drawn.told_stage == stages.INSPECTED
    for person, told in (("clerk", stages.INSPECTED), ("official", drawn.stage), ("viewer", drawn.stage)):
        (row,) = ask(person, "api_stages").json()["items"]
        assert (row["stage"], ask(person, "api_stage", file.pk).json()["stage"]) == (told, told), person
        assert listed(ask(person, "api_stages", stage=drawn.stage)) == ([row] if told == drawn.stage else [])
    since = (drawn.stage_since - timedelta(microseconds=1)).isoformat()
    assert listed(ask("clerk", "api_stages", changed_since=since)) == []
    assert listed(ask("official", "api_stages", changed_since=since), "id") == [file.pk]


def test_notices_that_wait_are_told_to_officials_of_the_municipality_alone(world, ask):
    file = world.bring_to(stages.CHECKED)
    notice = builders.make_notice(world.cycle, [file], by=world["city"])
    for person in ("clerk", "official", "viewer"):
        assert listed(ask(person, "api_notices")) == []
        assert ask(person, "api_notice", notice.pk).status_code == 404
    assert listed(ask("city", "api_notices"), "state") == ["draft"]
    assert ask("city", "api_notice", notice.pk).json()["listings"][0]["organ"]["zh"] == world.organ.name
    builders.publish(notice, by=world["city"])
    for person in ("clerk", "viewer", "city"):
        assert listed(ask(person, "api_notices"), "state") == ["published"]
        assert ask(person, "api_notice", notice.pk).json()["organs"] == 1


def test_a_rate_is_told_as_on_the_page_and_met_is_decided_in_whole_numbers(world, ask):
    for organ in (world.organ, world.neighbour):
        grant(organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
    target = {"level": "district", "percent": Decimal("66.67"), "starts_on": clock.today(), "deadline": clock.today()}
    set_target(Target(**target), by=world["city"])
    recount_all()
    told = ask("viewer", "api_rates", "110000", level="district").json()
    (level,) = told["levels"]
    assert (level["recognised"], level["organs"], level["percent"]) == (2, 3, "66.66")
    (target,) = level["targets"]
    assert (target["percent"], target["met"], target["missing"]) == ("66.67", False, 1)
    assert [(row["region"]["code"], row["levels"][0]["percent"]) for row in told["below"]] == [
        ("110101", "100.00"), ("110102", "0.00"),
    ]  # fmt: skip
    before = ask("viewer", "api_rates", "110101", as_of=(clock.today() - timedelta(1)).isoformat()).json()
    assert [(one["recognised"], one["percent"], one["targets"]) for one in before["levels"]] == [(0, "0.00", [])]
    months = ask("viewer", "api_rates_history", "110101").json()["months"]
    assert months[0]["levels"][0]["recognised"] == 2
    assert ask("far_official", "api_rates", "110101").status_code == 404
    assert ask("far_official", "api_rates", "110000").status_code == 200  # what it is compared with
    assert ask("stranger", "api_rates", "110000").status_code == 401
    assert ask("viewer", "api_rates", "110000", as_of="2999-01-01").status_code == 404


def test_a_list_in_parts_neither_repeats_nor_skips_when_rows_come_in_between(world, ask):
    first = ask("viewer", "api_register", limit=2).json()
    builders.make_organ(world.district, 77)
    codes = [row["credit_code"] for row in first["items"]]
    following = first["next"]
    while following:
        assert urlsplit(following).netloc == "testserver"
        part = ask("viewer", following.removeprefix("http://testserver")).json()
        codes += [row["credit_code"] for row in part["items"]]
        following = part["next"]
    assert codes == list(Organ.objects.order_by("pk").values_list("credit_code", flat=True))
    assert len(codes) == 5


def test_a_cursor_is_good_for_its_own_question_alone(world, ask):
    following = ask("viewer", "api_register", limit=1, region="110000").json()["next"]
    cursor = dict(pair.split("=") for pair in urlsplit(following).query.split("&"))["cursor"].replace("%3A", ":")
    assert ask("viewer", "api_register", limit=1, region="110000", cursor=cursor).status_code == 200
    assert ask("viewer", "api_register", limit=1, region="110101", cursor=cursor).status_code == 404
    assert ask("viewer", "api_regions", limit=1, region="110000", cursor=cursor).status_code == 404
    other = ("A" if cursor[-1] != "A" else "B").join((cursor[:-1], ""))
    assert ask("viewer", "api_register", limit=1, region="110000", cursor=other).status_code == 404


def test_filters_leave_what_they_say(world, ask):
    assert listed(ask("viewer", "api_register", level="city"), "credit_code") == [world.municipal_organ.credit_code]
    assert listed(ask("viewer", "api_register", region="110102"), "credit_code") == [world.far_organ.credit_code]
    assert listed(ask("viewer", "api_cycles", year=2001)) == []
    assert listed(ask("viewer", "api_register", as_of="2001-01-01")) == []
    assert listed(ask("viewer", "api_regions", level="city"), "parent") == ["100000"]
    since = clock.now().isoformat()
    assert listed(ask("viewer", "api_register", changed_since=since)) == []
    places.abolish(world.neighbour, on=clock.today(), by=world["registrar"])
    assert listed(ask("viewer", "api_register", changed_since=since), "credit_code") == [world.neighbour.credit_code]


NOT_VALID = [
    {"region": "11\x00"}, {"region": "1" * 13}, {"region": "' OR 1"}, {"limit": "201"}, {"limit": "0"},
    {"limit": "9" * 400}, {"limit": "1.0"}, {"limit": "٣"}, {"level": "village"}, {"as_of": "0"},
    {"as_of": "2026-02-30"}, {"as_of": "1" * 5000}, {"changed_since": "1700000000"},
    {"changed_since": "2026-01-01T00:00:00"}, {"cursor": "x" * 5000}, {"cursor": "\x00"}, {"regoin": "110000"},
    {"region": ["110000", "110101"]},
]  # fmt: skip


def test_a_question_that_is_not_valid_is_refused_with_the_place_and_never_repeated(world, ask):
    for query in NOT_VALID:
        answer = ask("viewer", "api_register", **query)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json"), query
        told = answer.json()
        assert (told["title"], told["status"]) == ("Unprocessable Entity", 422)
        assert [one["where"] for one in told["errors"]] == [f"query.{next(iter(query))}"]
        assert "9999" not in answer.content.decode()
    for number in ("0", "9223372036854775808", "1" * 400, "x", "1%00"):
        assert ask("viewer", f"/api/v1/stages/{number}").status_code == 422
    assert ask("viewer", "/api/v1/stages/9223372036854775807").status_code == 404


def test_an_instant_at_the_end_of_the_world_is_answered(world, ask):
    for since in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        for name in ("api_register", "api_stages", "api_cycles", "api_notices", "api_recognitions"):
            assert ask("viewer", name, changed_since=since).status_code == 200


def test_an_answer_is_sent_once_as_long_as_it_stays_the_same(world, ask):
    first = ask("viewer", "api_register")
    assert first["Cache-Control"] == "private, no-cache"
    assert first["Vary"] == "Authorization"
    again = ask("viewer", "api_register", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    builders.make_organ(world.district, 77)
    changed = ask("viewer", "api_register", headers={"if-none-match": first["ETag"]})
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


def test_neither_a_cookie_nor_a_language_counts_and_none_is_set(world, ask, sign_in):
    signed_in = sign_in("city")
    answer = signed_in.get(reverse("api_register"))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="portal"')
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/problem+json", "no-store")
    chinese = ask("viewer", "api_register", headers={"accept-language": "zh-hans", "cookie": "portal_language=zh-hans"})
    english = ask("viewer", "api_register", headers={"accept-language": "en"})
    assert chinese.content == english.content
    for one in (answer, chinese, english):
        assert not one.cookies
        assert "Content-Language" not in one.headers
        assert one["Vary"] == "Authorization"
    assert json.loads(chinese.content)["items"][0]["region"]["name"].keys() == {"zh", "en"}


def test_only_reading_is_possible_and_head_is_reading(world, token_of):
    bearer = {"authorization": f"Bearer {token_of('viewer')}"}
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(reverse("api_register"), headers=bearer)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
        assert answer.json()["status"] == 405
    assert Client().head(reverse("api_register"), headers=bearer).status_code == 200


def test_tokens_that_are_none_are_held_back_but_never_the_good_one(world, ask, token_of, caplog, request):
    caplog.set_level(0)
    traveller = time_machine.travel(clock.now(), tick=False)  # within one span of the limiter
    traveller.start()
    request.addfinalizer(traveller.stop)
    wrong = {"authorization": "Bearer cop_guessed"}
    for _time in range(door.FAILURES):
        assert Client().get(reverse("api_register"), headers=wrong).status_code == 401
    held = Client().get(reverse("api_register"), headers=wrong)
    assert held.status_code == 429
    assert int(held["Retry-After"]) > 0
    assert ask("viewer", "api_register").status_code == 200
    assert Client().get(reverse("api_register")).status_code == 401
    assert "guessed" not in caplog.text
    assert token_of("viewer") not in caplog.text


QUERIES = {
    "api_register": 3, "api_regions": 3, "api_cycles": 3, "api_stages": 3, "api_notices": 3, "api_recognitions": 3,
    "api_rates": 5, "api_rates_history": 5, "api_open_recognitions": 1, "api_open_notices": 1,
    "api_open_objections": 1,
}  # fmt: skip


def test_a_list_costs_the_same_for_one_row_and_for_three(world, ask, django_assert_num_queries):
    def cost():
        for name, queries in QUERIES.items():
            args = ["110000"] if name.startswith("api_rates") else []
            with django_assert_num_queries(queries):
                ask("city", name, *args)

    _one_of_each(world, world.bring_to(stages.CHECKED), 1)
    ask("city", "api_register")  # notes that the token was used today
    cost()
    for number, organ in enumerate((world.neighbour, world.far_organ), 2):
        _one_of_each(world, world.bring_to(stages.CHECKED, organ), number)
    cost()


def _one_of_each(world, file, number):
    builders.publish(builders.make_notice(world.cycle, [file], by=world["city"]), by=world["city"])
    grant(file.organ, batch="1", document_number=f"{number}号", granted_on=clock.today(), by=world["city"])
    recount_all()
