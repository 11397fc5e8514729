"""Records from phones: each lands once, what cannot land is kept with its reason and settled by the team."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.test import Client

from creation import clock, stages
from creation.models import Appointment
from reviews.actions import findings, inspections, teams
from reviews.demo import builders
from reviews.demo.phones import a_photo
from reviews.models import Inspection, PhoneRecord, Rating, VisitPhoto
from tests.phone import Phone
from tests.reviews.phone_visits import MET, UNMET, phone, rating, visit

__all__ = ["phone", "visit"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db
GONE = "Who recorded it is no longer on the team of this visit."
CHANGED = "A colleague changed this item in the meantime."


# --- landing ---------------------------------------------------------------------------------------------------------


def test_a_rating_lands_with_its_points_and_the_phone_as_its_writer(visit, phone, world):
    [result] = phone.send(phone.rating("1.1", {"found": MET, "remark": "现场查看"}))
    row = rating(visit)
    assert (row.found, row.remark, row.saved_by, row.writer) == (MET, "现场查看", world["inspector"], phone.device)
    assert (result["state"], result["reason"], result["result"], result["version"]) == ("landed", "", row.pk, 1)


def test_the_answer_names_the_hash_of_what_arrived_and_the_counts(phone):
    record = phone.rating("1.1", {"found": MET})
    answer = phone.post("records/", phone.batch(record, made={"records": 3, "photos": 2})).json()
    assert answer["results"][0]["sha256"] == hashlib.sha256(record["payload"].encode()).hexdigest()
    assert answer["ledger"] == {
        "made": {"records": 3, "photos": 2},
        "on_server": {"records": 1, "photos": 0},
        "quarantined": 0,
    }


def test_an_empty_batch_only_reports_how_much_was_made(visit, phone):
    answer = phone.post("records/", phone.batch(made={"records": 7, "photos": 5})).json()
    assert (answer["results"], answer["ledger"]["made"]) == ([], {"records": 7, "photos": 5})
    assert visit.phones.get().records_made == 7


def test_what_is_sent_again_lands_once_and_is_answered_the_same(visit, phone):
    batch = [phone.rating("1.1", {"found": MET}), phone.finding("3.4")]
    first = phone.send(*batch)
    assert phone.send(*batch) == first
    assert phone.send(*reversed(batch)) == list(reversed(first))
    assert (visit.ratings.count(), visit.findings.count(), PhoneRecord.objects.count()) == (1, 1, 2)


def test_the_control_arm_without_keys_the_same_batch_doubles(visit, phone):
    for _twice in range(2):
        again = phone.finding("3.4")  # a phone that makes a new key for each try
        phone.send(again)
    assert visit.findings.count() == 2


def test_a_repeated_rating_is_answered_with_the_version_it_gave_not_with_a_colleague_s(visit, phone, world):
    record = phone.rating("1.1", {"found": MET})
    phone.send(record)
    inspections.save_rating(visit, rating(visit).indicator, by=world["inspector2"], found=UNMET, version=1)
    [again] = phone.send(record)
    assert (again["state"], again["version"], rating(visit).version) == ("landed", 1, 2)


def test_the_same_key_twice_in_a_batch_lands_once(visit, phone):
    record = phone.finding("3.4")
    one, two = phone.send(record, record)
    assert one == two
    assert visit.findings.count() == 1


def test_of_two_records_about_an_item_the_later_holds_in_any_order(visit, phone):
    early, late = phone.rating("1.1", {"found": UNMET}), phone.rating("1.1", {"found": MET})
    assert phone.states(late) == [("landed", "")]
    assert phone.states(early) == [("superseded", "")]
    assert rating(visit).found == MET
    first, second = phone.rating("2.6", {"found": {"present": []}}), phone.rating("2.6", {"found": {"present": [0]}})
    assert phone.states(first, second) == [("landed", ""), ("landed", "")]
    assert rating(visit, "2.6").found == {"present": [0]}
    assert phone.states(first) == [("superseded", "")]


def test_the_phone_goes_on_although_the_answer_to_its_last_writing_was_lost(visit, phone):
    phone.send(phone.rating("1.1", {"found": UNMET}))
    assert phone.states(phone.rating("1.1", {"found": MET, "base": 0})) == [("landed", "")]
    assert (rating(visit).found, rating(visit).version) == (MET, 2)


def test_what_cannot_be_checked_stays_unrated_with_its_reason(visit, phone):
    phone.send(phone.rating("1.1", {"cannot_check": "配电室上锁"}))
    row = rating(visit)
    assert (row.found, row.points, row.cannot_check) == (None, None, "配电室上锁")
    phone.send(phone.rating("1.1", {"found": MET}))
    assert rating(visit).cannot_check == ""


def test_what_a_colleague_found_the_same_is_no_conflict(visit, phone, world):
    indicator = visit.assessment.cycle.standard.indicators.get(code="1.1")
    inspections.save_rating(visit, indicator, by=world["inspector2"], found=MET)
    assert phone.states(phone.rating("1.1", {"found": MET})) == [("landed", "")]
    assert rating(visit).saved_by == world["inspector2"]


def test_a_finding_lands_with_its_deadline(visit, phone):
    due_on = clock.today() + timedelta(days=9)
    phone.send(phone.finding("3.4", {"kind": "by_deadline", "text": "滴漏", "due_on": due_on.isoformat()}))
    finding = visit.findings.get()
    assert (finding.kind, finding.due_on, finding.indicator.code) == ("by_deadline", due_on, "3.4")


def test_a_signature_lands_once(visit, phone, world):
    signature = phone.record(
        "signature", "",
        {
            "side": "organ", "user": None, "name": "王主任", "position": "办公室主任", "strokes": [[[1, 2], [30, 40]]],
            "disagrees": True, "statement": "第三项有不同意见", "signed_at": "2026-11-20T10:00:00+08:00",
        },
    )  # fmt: skip
    inspector = phone.record(
        "signature", "",
        {
            "side": "inspector", "user": world["inspector"].pk, "strokes": [[[1, 2], [30, 40]]],
            "signed_at": "2026-11-20T10:00:00+08:00",
        },
    )  # fmt: skip
    for _twice in range(2):
        assert phone.states(signature, inspector) == [("landed", ""), ("landed", "")]
    assert [(each.side, each.name) for each in visit.signatures.all()] == [
        ("inspector", "inspector"),
        ("organ", "王主任"),
    ]


# --- quarantine ------------------------------------------------------------------------------------------------------


def test_a_colleague_s_change_is_not_written_over(visit, phone, world):
    indicator = visit.assessment.cycle.standard.indicators.get(code="1.1")
    inspections.save_rating(visit, indicator, by=world["inspector2"], found=UNMET)
    assert phone.states(phone.rating("1.1", {"found": MET, "base": 0})) == [("quarantined", CHANGED)]
    assert (rating(visit).found, rating(visit).saved_by) == (UNMET, world["inspector2"])
    assert phone.states(phone.rating("1.1", {"found": MET, "base": 1})) == [("landed", "")]


def test_a_change_on_a_page_over_the_phone_s_own_is_not_written_over_either(visit, phone, world):
    phone.send(phone.rating("1.1", {"found": MET}))
    inspections.save_rating(visit, rating(visit).indicator, by=world["inspector"], found=UNMET, version=1)
    assert phone.states(phone.rating("1.1", {"found": MET, "base": 1})) == [("quarantined", CHANGED)]


def test_two_people_who_share_a_phone_are_colleagues(visit, phone, world, sign_in):
    other = Phone(sign_in("inspector2"), visit, world["inspector2"], phone.device)
    phone.send(phone.rating("1.1", {"found": MET}))
    assert other.states(other.rating("1.1", {"found": UNMET})) == [("quarantined", CHANGED)]


def test_a_later_statement_that_lands_settles_the_earlier_one(visit, phone, world):
    indicator = visit.assessment.cycle.standard.indicators.get(code="1.1")
    inspections.save_rating(visit, indicator, by=world["inspector2"], found=UNMET)
    phone.send(phone.rating("1.1", {"found": MET}))
    assert PhoneRecord.objects.unsettled(visit).count() == 1
    phone.send(phone.rating("1.1", {"found": MET, "base": 1}))
    assert PhoneRecord.objects.unsettled(visit).count() == 0


def test_whoever_left_the_team_finds_the_records_in_quarantine(visit, phone, world):
    phone.post("ready/", {"device": str(phone.device), "label": "Chrome"})
    team = [world["inspector2"], builders.make_person("inspector3", ("inspector", world.district))]
    teams.change_team(visit, team=team, lead=team[0], visit_on=visit.visit_on, by=world["official"])
    assert phone.states(phone.rating("1.1", {"found": MET}), phone.finding("3.4")) == [("quarantined", GONE)] * 2
    assert (visit.ratings.count(), visit.findings.count()) == (0, 0)
    content = a_photo()
    receipt = phone.photo(content, phone.announcement(content))
    assert (receipt["state"], receipt["reason"]) == ("quarantined", GONE)
    assert phone.client.get(f"/visits/{visit.pk}/pack/").status_code == 404


def test_whoever_is_no_inspector_any_longer_finds_the_records_in_quarantine(visit, phone, world):
    phone.post("ready/", {"device": str(phone.device), "label": "Chrome"})
    yesterday = clock.today() - timedelta(days=1)
    Appointment.objects.filter(user=world["inspector"]).update(ends_on=yesterday)
    assert phone.states(phone.rating("1.1", {"found": MET})) == [("quarantined", GONE)]


def test_after_filing_everything_is_kept_and_nothing_changes(visit, phone, world):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    content = a_photo()
    filed = [("quarantined", "The visit had been filed already.")]
    assert phone.states(phone.rating("1.1", {"found": UNMET, "base": 1})) == filed
    receipt = phone.photo(content, phone.announcement(content))
    assert [(receipt["state"], receipt["reason"])] == filed
    assert receipt["sha256"] == hashlib.sha256(content).hexdigest()
    assert (rating(visit).found, VisitPhoto.objects.count()) == (MET, 0)
    shown = phone.client.get(f"/visits/{visit.pk}/phone/{PhoneRecord.objects.get(kind='photo').key}/")
    assert (shown.status_code, shown["Content-Type"], shown.getvalue()[:2]) == (200, "image/jpeg", b"\xff\xd8")
    shown.close()


def test_after_the_own_points_a_rating_is_kept(visit, phone, world):
    Inspection.objects.filter(pk=visit.pk).update(own_points_at=clock.now(), own_points_by=world["inspector"])
    own = "The team's own points had been finished already."
    assert phone.states(phone.rating("1.1", {"found": MET}), phone.finding("3.4")) == [
        ("quarantined", own),
        ("landed", ""),
    ]


def test_a_file_that_is_being_rectified_takes_no_rating(visit, phone, world):
    phone.send(phone.finding("3.4", {"kind": "by_deadline", "due_on": clock.today().isoformat()}))
    findings.require_rectification(visit, by=world["inspector"])
    assert phone.states(phone.rating("1.1", {"found": MET})) == [
        ("quarantined", f"Nothing can be recorded while the file stands at “{stages.LABELS['rectifying']}”.")
    ]


@pytest.mark.parametrize(
    ("code", "said", "reason"),
    [
        ("1.1", {"found": MET, "standard": "BJ-DEMO-2020/9"}, "It was recorded under another version of the standard."),
        ("1.1", {"found": {"count": 3}}, "Enter what was found."),
        ("1.1", {"found": {"met": 1}}, "This entry does not fit the indicator."),
        ("1.1", {"found": [MET]}, "This entry does not fit the indicator."),
        ("1.1", {"found": "x" * 9}, "This entry does not fit the indicator."),
        ("1.1", {"not_applicable": True}, "This indicator cannot be marked not applicable."),
        ("1.1", {"not_applicable": "yes"}, "It cannot be read."),
        ("1.1", {"found": MET, "base": -1}, "It cannot be read."),
        ("1.1", {"found": MET, "base": 10**30}, "It cannot be read."),
        ("1.1", {"found": MET, "remark": "a\x00b"}, "A text in it is too long or holds signs that cannot be kept."),
        ("1.1", {"found": MET, "remark": "好" * 4001}, "A text in it is too long or holds signs that cannot be kept."),
        ("1.1", {"found": MET, "remark": ["x"]}, "It cannot be read."),
        ("1.1", {"found": MET, "cannot_check": "锁"}, PhoneRecord.Reason.BOTH.label),
        ("2.11", {"found": {"value": "9" * 400}}, "Enter a number in plain digits, such as 3 or 92.5."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_kept_with_its_reason(visit, phone, code, said, reason):
    rating(visit, code)
    if said.get("base") in (-1, 10**30):
        phone.send(phone.rating(code, {"found": UNMET}))
        Rating.objects.update(writer=None)
    assert phone.states(phone.rating(code, said)) == [("quarantined", reason)]


def test_an_unknown_item_is_kept(visit, phone):
    indicator = visit.assessment.cycle.standard.indicators.first()
    record = phone.rating(indicator.code, {"found": MET}) | {"subject": "99.9"}
    assert phone.states(record) == [("quarantined", "The standard of this visit has no such item.")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "photo"},
        {"kind": "visit"},
        {"kind": 7},
        {"number": -1},
        {"number": 2**40},
        {"number": "1"},
        {"subject": "3.1" * 40},
        {"subject": "3\x001"},
        {"subject": {}},
        {"recorded_at": "yesterday"},
        {"recorded_at": "2026-02-31T10:00:00Z"},
        {"recorded_at": None},
        {"payload": {"found": None}},
    ],
)
def test_a_malformed_record_with_a_key_is_kept_and_a_page_shows_it(visit, phone, wrong):
    record = phone.rating("1.1", {"found": MET}) | wrong
    assert [state for state, _reason in phone.states(record)] == ["quarantined"]
    assert phone.client.get(f"/visits/{visit.pk}/phone/").status_code == 200
    assert visit.ratings.count() == 0


@pytest.mark.parametrize("text", ["", "not json", "[1,2]", '"x"', '{"found":' * 90, "null", "好\x00", "[" * 10**5])
def test_a_text_that_is_no_json_is_kept_as_it_came(visit, phone, text):
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    record = phone.rating("1.1", {}) | {"payload": text, "sha256": sha256}
    [result] = phone.send(record)
    assert (result["state"], result["sha256"]) == ("quarantined", sha256)
    kept = phone.client.get(f"/visits/{visit.pk}/phone/{record['key']}/").content.decode()
    assert kept == (text if "\x00" not in text else json.dumps(text))


def test_a_text_that_arrived_otherwise_than_sent_is_not_kept(phone):
    record = phone.rating("1.1", {"found": MET})
    [result] = phone.send(record | {"payload": record["payload"].replace("true", "false")})
    assert (result["state"], PhoneRecord.objects.count()) == ("refused", 0)
    assert phone.states(record) == [("landed", "")]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"device": NaN}', b"[" * 10**5, b'{"a":' + b"9" * 5000 + b"}"],
)
def test_what_is_no_batch_is_a_bad_request(phone, visit, body):
    for path in ("records/", "photos/", "ready/"):
        answer = phone.client.generic("POST", f"/visits/{visit.pk}/{path}", body, content_type="application/json")
        assert (answer.status_code, answer.json()) == (400, {"error": "malformed"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"device": "x"}, {"device": None}, {"user": "7"}, {"user": None}, {"made": []}, {"made": {"records": -1}},
        {"made": {"records": 1, "photos": 2**60}}, {"records": None}, {"records": [1]}, {"records": [{"key": "x"}]},
        {"records": [{}] * 201},
    ],
)  # fmt: skip
def test_a_batch_that_cannot_be_told_apart_is_a_bad_request_and_stores_nothing(phone, wrong):
    record = phone.rating("1.1", {"found": MET})
    assert phone.post("records/", phone.batch(record) | wrong).status_code == 400
    assert PhoneRecord.objects.count() == 0


# --- whose work -------------------------------------------------------------------------------------------------------


def test_a_record_of_another_user_never_goes_under_my_name(phone, world):
    answer = phone.post("records/", phone.batch(phone.rating("1.1", {"found": MET}), user=world["inspector2"].pk))
    assert (answer.status_code, answer.json()) == (409, {"error": "other_user"})
    content = a_photo()
    announced = phone.announcement(content, user=world["inspector2"].pk)
    assert phone.post("photos/", announced).json() == {"error": "other_user"}
    assert PhoneRecord.objects.count() == 0


def test_a_key_of_somebody_else_tells_nothing(phone, visit, world, sign_in):
    other = Phone(sign_in("inspector2"), visit, world["inspector2"])
    record = other.rating("1.1", {"found": MET})
    other.send(record)
    [result] = phone.send(record)
    assert (result["state"], result["result"], result["sha256"]) == ("refused", None, "")


def test_a_stranger_gets_nothing_and_the_department_sends_nothing(visit, world, sign_in):
    for username, status in (("stranger", 404), ("far_inspector", 404), ("clerk", 403), ("official", 403)):
        other = Phone(sign_in(username), visit, world[username])
        record = other.rating("1.1", {"found": MET})
        assert other.post("records/", other.batch(record)).status_code == status
        assert other.post("ready/", {"device": str(other.device)}).status_code == status
        assert other.post("photos/", other.announcement(b"x")).status_code == status
        assert other.client.get(f"/visits/{visit.pk}/pack/").status_code == status
    assert PhoneRecord.objects.count() == 0


def test_signed_out_a_script_gets_401_and_a_person_the_way_to_the_sign_in(visit):
    # who is there is no secret of anybody, and to ask for it is no fault: a phone's page does it each time
    assert Client().get("/visits/packs/").json() == {"user": None}
    for method, path in (("get", f"{visit.pk}/pack/"), ("post", f"{visit.pk}/records/")):
        answer = getattr(Client(), method)(f"/visits/{path}", headers={"accept": "application/json"})
        assert (answer.status_code, answer.content) == (401, b"{}")
        assert getattr(Client(), method)(f"/visits/{path}").status_code == 302


def test_a_script_whose_secret_does_not_fit_is_told_so(visit, world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world["inspector"], backend="django.contrib.auth.backends.ModelBackend")
    phone = Phone(client, visit, world["inspector"])
    answer = phone.post("records/", phone.batch(), accept="application/json")
    assert (answer.status_code, answer.json()) == (403, {"error": "csrf"})
    token = client.get("/visits/packs/").json()["csrf"]
    assert phone.post("records/", phone.batch(), **{"x-csrftoken": token}).status_code == 200
