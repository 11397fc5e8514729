"""Everything a bad network does to what phones send: the rows at the end are the same as if it had been sent once."""

import json
import random
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation import stages
from creation.guards import without_guards
from creation.models import Evidence
from reviews.actions import inspections, phones
from reviews.demo import phones as built
from reviews.models import Inspection, PhoneRecord, PhotoUpload, Rating, VisitPhoto
from tests.phone import Phone
from tests.racing import at_once

SLOW = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def opened(world):
    return Inspection.objects.with_file().get(assessment=world.bring_to(stages.UNDER_INSPECTION))


def storm(chance, phone, records, contents):
    """Send everything three times, shuffled, cut into batches, photos in pieces between them; some sessions die."""
    waiting = [record for record in records for _three in range(3)]
    chance.shuffle(waiting)
    pieces = [announced for announced in contents for _three in range(3)]
    chance.shuffle(pieces)
    while waiting or pieces:
        if chance.random() < 0.3:  # the server was killed: another connection, the same session
            client = Client()
            client.cookies = phone.client.cookies
            phone.client = client
        if waiting and (not pieces or chance.random() < 0.5):
            size = chance.randint(1, 9)
            batch, waiting = waiting[:size], waiting[size:]
            phone.send(*batch)
        elif pieces:
            announced = pieces.pop()
            content = contents[announced]
            told = json.loads(announced)
            if chance.random() < 0.4:  # breaks off after one piece
                offset = phone.announce(told)["received"]
                phone.chunk(told["key"], offset, content[offset : offset + 1500])
                pieces.insert(chance.randint(0, len(pieces)), announced)
            else:
                phone.photo(content, told)


@pytest.mark.django_db
def test_thirty_findings_and_ten_photos_three_times_shuffled_land_once(world, sign_in):
    visit = opened(world)
    phone = Phone(sign_in("inspector"), visit, world["inspector"])
    records = [phone.finding("3.4", {"text": f"问题{number}"}) for number in range(30)]
    contents = {}
    for number in range(10):
        content = built.a_photo(number, (320, 240))
        contents[json.dumps(phone.announcement(content, finding=records[number]["key"], number=number))] = content
    storm(random.Random(7), phone, records, contents)
    assert (visit.findings.count(), VisitPhoto.objects.count(), PhoneRecord.objects.count()) == (30, 10, 40)
    assert set(visit.phone_records.values_list("state", flat=True)) == {"landed"}
    shown = {photo.key: photo.finding.text for photo in VisitPhoto.objects.select_related("finding")}
    expected = {UUID(json.loads(told)["key"]): f"问题{json.loads(told)['number']}" for told in contents}
    assert shown == expected
    assert PhotoUpload.objects.filter(done_at=None).count() == 0
    assert Evidence.objects.filter(purpose="photo").count() == 10


@pytest.mark.django_db
@SLOW
@given(seed=st.integers(0, 10**6))
def test_any_order_and_any_repetition_ends_in_the_same_rows(world, sign_in, seed):
    visit = Inspection.objects.first() or opened(world)
    visit = Inspection.objects.with_file().get(pk=visit.pk)
    _forget(visit)
    colleague = visit.assessment.cycle.standard.indicators.get(code="2.9")
    inspections.save_rating(visit, colleague, by=world["inspector2"], found={"present": []})
    phone = Phone(sign_in("inspector"), visit, world["inspector"], built.make_key("storm"))
    records = [
        phone.rating("1.1", {"found": {"met": False}}),
        phone.rating("1.1", {"found": {"met": True}, "base": 0}),
        phone.rating("1.1", {"found": {"met": True}, "remark": "末次", "base": 0}),
        phone.rating("2.9", {"found": {"present": [0]}}),  # a colleague was faster
        phone.rating("2.9", {"found": {"present": []}}),  # and found the same as this
        phone.rating("2.6", {"found": {"present": [0]}}),
        phone.rating("2.6", {"found": {"present": ["x"]}}),  # cannot be read
        phone.finding("3.4"),
    ]
    content = built.a_photo(3, (160, 120))
    contents = {json.dumps(phone.announcement(content, finding=records[-1]["key"])): content}
    storm(random.Random(seed), phone, records, contents)
    ratings = {row.indicator.code: (row.found, row.remark) for row in visit.ratings.select_related("indicator")}
    assert ratings == {
        "1.1": ({"met": True}, "末次"),
        "2.9": ({"present": []}, ""),
        "2.6": ({"present": [0]}, ""),
    }
    states = {str(record.key): record.state for record in visit.phone_records.all()}
    assert [states[record["key"]] for record in records] == [
        "superseded", "superseded", "landed", "superseded", "landed", "landed", "quarantined", "landed",
    ]  # fmt: skip
    assert (visit.findings.count(), VisitPhoto.objects.count()) == (1, 1)
    assert VisitPhoto.objects.get().finding == visit.findings.get()


def _forget(visit):
    """Let the next example begin with an empty visit; only a test may do so."""
    with without_guards():
        for model in (VisitPhoto, PhoneRecord, PhotoUpload, Rating):
            model.objects.all().delete()
        for finding in visit.findings.all():
            finding.photos.all().delete()
            finding.delete()


# --- races, on both databases ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_identical_batches_at_once_land_once(world):
    visit = opened(world)
    device = built.make_key("race")
    indicators = {each.code: each for each in visit.assessment.cycle.standard.indicators.all()}

    def batch():
        sender = {"device": device, "by": world["inspector"]}
        return [
            built.a_rating(visit, indicators["1.1"], {"found": {"met": True}}, number=1, **sender),
            built.a_finding(visit, indicators["3.4"], {}, number=2, **sender),
            built.a_rating(visit, indicators["2.6"], {"found": {"present": [0]}}, number=3, **sender),
        ]

    same = [batch() for _each in range(6)]
    outcomes = at_once(
        *[lambda records=records: phones.land_records(visit, records, by=world["inspector"]) for records in same]
    )
    assert all(each == outcomes[0] for each in outcomes)
    assert {each.state for each in outcomes[0]} == {"landed"}
    assert (visit.ratings.count(), visit.findings.count(), PhoneRecord.objects.count()) == (2, 1, 3)


@pytest.mark.django_db(transaction=True)
def test_the_control_arm_looking_first_and_writing_then_doubles(world):
    visit = opened(world)
    device = built.make_key("naive")
    indicator = visit.assessment.cycle.standard.indicators.get(code="3.4")
    looked = Barrier(4)

    def naive():
        known = visit.findings.filter(text="滴漏").exists()
        looked.wait(timeout=60)
        if not known:
            phones.land(Inspection.objects.get(pk=visit.pk), built.a_finding(
                visit, indicator, {}, device=device, number=1, by=world["inspector"]
            ), by=world["inspector"])  # fmt: skip

    at_once(*[naive] * 4)
    assert visit.findings.count() > 1


@pytest.mark.django_db(transaction=True)
def test_a_phone_and_a_page_at_once_leave_one_winner_and_the_other_s_words_kept(world):
    visit = opened(world)
    indicator = visit.assessment.cycle.standard.indicators.get(code="1.1")
    device = built.make_key("page")
    record = built.a_rating(visit, indicator, {"found": {"met": True}}, device=device, number=1, by=world["inspector"])
    [outcome], saved = at_once(
        lambda: phones.land_records(visit, [record], by=world["inspector"]),
        lambda: inspections.save_rating(visit, indicator, by=world["inspector2"], found={"met": False}),
    )
    phone_won = visit.ratings.get().found == {"met": True}
    assert outcome.state == ("landed" if phone_won else "quarantined")
    assert isinstance(saved, Rating) != phone_won
    assert PhoneRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_photo_from_two_tabs_at_once_is_kept_once(world):
    visit = opened(world)
    content = built.a_photo(1, (320, 240))
    announced = built.announcement(content, device=built.make_key("tabs"), number=1, item="3.4")

    def send():
        return built.send_photo(visit, content, announced, by=world["inspector"], chunk=100_000)

    outcomes = at_once(*[send] * 4)
    assert {(each.state, each.sha256) for each in outcomes} == {("landed", announced.sha256)}
    assert (VisitPhoto.objects.count(), PhoneRecord.objects.count()) == (1, 1)
    assert connection.vendor in {"postgresql", "sqlite"}


# --- fuzz -------------------------------------------------------------------------------------------------------------

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    ["key", "number", "kind", "subject", "payload", "sha256", "recorded_at", "device", "user", "made", "records",
     "size", "item", "finding", "taken_at", "latitude", "longitude", "accuracy", "ready", "label"]
)  # fmt: skip


@pytest.mark.django_db
@settings(SLOW, max_examples=60)
@given(
    wrong=st.dictionaries(names, anything, max_size=5),
    said=st.dictionaries(names, anything, max_size=4),
    kind=st.sampled_from(["rating", "finding", "signature"]),
    path=st.sampled_from(["records/", "photos/", "ready/"]),
)
def test_whatever_comes_is_an_answer_and_never_a_fault(world, sign_in, wrong, said, kind, path):
    visit = Inspection.objects.with_file().first() or opened(world)
    phone = Phone(sign_in("inspector"), visit, world["inspector"])
    record = phone.record(kind, "1.1", said)
    outer = random.Random(repr(wrong)).random() < 0.5
    body = phone.batch(record | wrong) if not outer else phone.batch(record) | wrong
    if path == "photos/":
        body = phone.announcement(b"x" * 9) | wrong
    elif path == "ready/":
        body = {"device": str(phone.device), "label": "x"} | wrong
    answer = phone.post(path, body)
    assert answer.status_code in {200, 400, 409, 413, 429}, answer.content
    assert phone.client.get(f"/visits/{visit.pk}/phone/").status_code == 200
