"""Recognition: by order or by hand, never while the notice runs or an objection is open; revoked with a reason."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Refused
from creation.guards import without_guards
from creation.models import Appointment, Assessment, CountChange, Cycle, Recognition
from reviews.actions import objections, recognitions, revocations
from reviews.demo import builders
from reviews.models import Notice, RecognitionOrder
from reviews.tasks import carry_out_orders
from tests.cast import keyed

pytestmark = pytest.mark.django_db

PAPER = {"batch": "第七批", "document_number": "京管发〔2026〕1号"}
OBJECTION = {"kind": "person", "name": "欧阳若兰", "phone": "13912345678", "grounds": "长明灯。"}


@pytest.fixture
def notice(world):
    files = [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.far_organ)]
    return builders.publish(builders.make_notice(world.cycle, files, by=world["city"]), by=world["city"])


def go_to(day):
    """Set the clock of the demonstration ahead to `day`."""
    clock.set_ahead(clock.lead_days() + (day - clock.today()).days)


def after(notice):
    go_to(notice.last_day + timedelta(days=1))


def test_nobody_is_recognised_before_the_notice_has_ended(world, sign_in, notice):
    file, client = notice.listings.first().assessment, sign_in("city")
    url = reverse("recognition_grant", args=[file.pk])
    for day in (clock.today(), notice.first_day, notice.last_day):
        go_to(day)
        answer = client.post(url, keyed(**PAPER))
        assert f"The notice runs until {notice.last_day}." in answer.content.decode()
        assert PAPER["document_number"] in answer.content.decode()
    assert Recognition.objects.count() == 0
    after(notice)
    assert client.post(url, keyed(**PAPER)).status_code == 302
    title = Recognition.objects.get()
    assert (title.organ, title.batch, title.granted_on) == (file.organ, PAPER["batch"], clock.today())
    file.refresh_from_db()
    assert file.stage == stages.RECOGNISED
    assert CountChange.objects.filter(region=file.organ.region, since=clock.today()).exists()


@pytest.mark.parametrize("missing", PAPER)
def test_nobody_is_recognised_without_batch_and_document_number(world, sign_in, notice, missing):
    after(notice)
    file, paper = notice.listings.first().assessment, PAPER | {missing: " "}
    answer = sign_in("city").post(reverse("recognition_grant", args=[file.pk]), keyed(**paper))
    assert "Fill in “" in answer.content.decode()
    order = sign_in("city").post(reverse("recognition_order", args=[notice.pk]), keyed(**paper))
    assert "Fill in “" in order.content.decode()
    with pytest.raises(Refused, match="Batch and document number"):
        recognitions.recognise(file, by=world["city"], **paper)
    with pytest.raises(Refused, match="Batch and document number"):
        recognitions.order_recognition(notice, by=world["city"], **paper)
    assert (Recognition.objects.count(), RecognitionOrder.objects.count()) == (0, 0)


def test_an_open_objection_stands_against_it(world, sign_in, notice):
    listing = notice.listings.first()
    objection = objections.object_to(listing, **OBJECTION)
    after(notice)
    url = reverse("recognition_grant", args=[listing.assessment_id])
    assert "An objection is still open." in sign_in("city").post(url, keyed(**PAPER)).content.decode()
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    assert sign_in("city").post(url, keyed(**PAPER)).status_code == 302
    assert Recognition.objects.count() == 1


def test_a_draft_cannot_be_ordered(world, sign_in):
    draft = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED)], by=world["city"])
    assert sign_in("city").get(reverse("recognition_order", args=[draft.pk])).status_code == 302
    with pytest.raises(Refused, match="has not been published"):
        recognitions.order_recognition(draft, by=world["city"], **PAPER)


def test_the_order_waits_for_the_end_and_the_job_carries_it_out_once(world, sign_in, notice):
    client, url = sign_in("city"), reverse("recognition_order", args=[notice.pk])
    assert client.post(url, keyed(**PAPER)).status_code == 302
    page = client.get(url).content.decode()
    assert page.count(f"The notice runs until {notice.last_day}.") == 2
    carry_out_orders()
    go_to(notice.last_day)
    carry_out_orders()
    assert Recognition.objects.count() == 0
    after(notice)
    for _time in range(3):
        carry_out_orders()
    assert Recognition.objects.count() == 2
    assert set(Assessment.objects.values_list("stage", flat=True)) == {stages.RECOGNISED}
    assert RecognitionOrder.objects.get().done_at is not None
    assert "Nothing waits any more" in client.get(url).content.decode()
    public = sign_in("public").get(reverse("notice_detail", args=[notice.pk])).content.decode()
    assert public.count(PAPER["document_number"]) == 2


def test_the_job_leaves_the_one_with_an_open_objection_and_finishes_it_later(world, sign_in, notice):
    objection = objections.object_to(notice.listings.first(), **OBJECTION)
    recognitions.order_recognition(notice, by=world["city"], **PAPER)
    after(notice)
    carry_out_orders()
    assert [title.organ for title in Recognition.objects.all()] == [world.far_organ]
    assert RecognitionOrder.objects.get().done_at is None
    page = sign_in("city").get(reverse("recognition_order", args=[notice.pk])).content.decode()
    assert "An objection is still open." in page
    assert "1 recognised, 1 waiting" in page
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    carry_out_orders()
    carry_out_orders()
    assert {title.organ for title in Recognition.objects.all()} == {world.organ, world.far_organ}
    assert RecognitionOrder.objects.get().done_at is not None


def test_an_upheld_objection_ends_the_waiting_without_a_title(world, notice):
    objection = objections.object_to(notice.listings.first(), **OBJECTION)
    recognitions.order_recognition(notice, by=world["city"], **PAPER)
    objections.hear(objection, text="属实。", by=world["clerk"])
    builders.decide(objection, uphold=True, reason="属实。", by=world["city"])
    after(notice)
    carry_out_orders()
    assert [title.organ for title in Recognition.objects.all()] == [world.far_organ]
    assert RecognitionOrder.objects.get().done_at is not None


def test_an_order_outlives_the_post_of_who_gave_it(world, notice):
    recognitions.order_recognition(notice, by=world["city"], **PAPER)
    Appointment.objects.filter(user=world["city"]).update(ends_on=clock.today())
    after(notice)
    carry_out_orders()
    assert Recognition.objects.count() == 2


def test_one_that_cannot_be_recognised_stops_no_other_and_the_page_says_why(world, sign_in, notice):
    recognitions.order_recognition(notice, by=world["city"], **PAPER)
    after(notice)
    grant(world.organ, batch="x", document_number="x", granted_on=clock.today() + timedelta(days=9), by=world["city"])
    carry_out_orders()
    page = sign_in("city").get(reverse("recognition_order", args=[notice.pk])).content.decode()
    assert page.count("The organ has another title of this day or a later one.") == 1
    assert Recognition.objects.filter(organ=world.far_organ).count() == 1
    assert Assessment.objects.get(organ=world.organ).stage == stages.PUBLICISED


def test_it_is_ordered_once(world, sign_in, notice):
    client, url, form = sign_in("city"), reverse("recognition_order", args=[notice.pk]), keyed(**PAPER)
    assert [client.post(url, form).status_code for _time in range(2)] == [302, 302]
    answer = sign_in("superior").post(url, keyed(batch="第八批", document_number="京管发〔2026〕2号"))
    assert "has been ordered already" in answer.content.decode()
    assert RecognitionOrder.objects.get().batch == PAPER["batch"]


@pytest.mark.parametrize(
    ("granted", "years", "last"),
    [
        (date(2026, 3, 10), 3, date(2029, 3, 9)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        # 2025 has no 29 February: a full year ends with the whole of its February
        (date(2024, 2, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2024, 2, 29), None, None),
    ],
)
def test_a_title_is_valid_for_full_years(world, notice, granted, years, last):
    with without_guards():  # a notice of that time
        Cycle.objects.update(recognition_years=years)
        Notice.objects.update(first_day=granted - timedelta(days=9), last_day=granted - timedelta(days=1))
    with time_machine.travel(datetime.combine(granted, datetime.min.time(), ZoneInfo("Asia/Shanghai")), tick=False):
        title = recognitions.recognise(Assessment.objects.get(organ=world.organ), by=world["city"], **PAPER)
    assert (title.granted_on, title.valid_until) == (granted, last)


@pytest.mark.parametrize(
    ("person", "order", "by_hand"),
    [
        ("state", 403, 403),
        ("viewer", 404, 403),
        ("official", 404, 403),
        ("clerk", 404, 403),
        ("far_clerk", 404, 404),
        ("stranger", 404, 404),
        ("public", 302, 302),
    ],
)
def test_who_does_not_recognise(world, sign_in, notice, person, order, by_hand):
    after(notice)
    client, file = sign_in(person), Assessment.objects.get(organ=world.organ)
    assert client.post(reverse("recognition_order", args=[notice.pk]), keyed(**PAPER)).status_code == order
    assert client.post(reverse("recognition_grant", args=[file.pk]), keyed(**PAPER)).status_code == by_hand
    if person != "public":
        with pytest.raises(Forbidden):
            recognitions.recognise(file, by=world[person], **PAPER)
    assert (Recognition.objects.count(), RecognitionOrder.objects.count()) == (0, 0)


def test_the_page_asks_as_much_for_three_organs_as_for_one(world, sign_in, django_assert_num_queries):
    files = [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.neighbour, world.far_organ)]
    client = sign_in("city")
    for some in (files[:1], files[1:]):
        notice = builders.publish(builders.make_notice(world.cycle, some, by=world["city"]), by=world["city"])
        with django_assert_num_queries(10):  # three of them for messages and who will hear of it
            client.get(reverse("recognition_order", args=[notice.pk]))


def test_no_new_title_comes_while_a_case_about_the_present_one_is_open(world, notice):
    file = notice.listings.first().assessment
    day = clock.today() - timedelta(days=9)
    present = grant(file.organ, batch="旧", document_number="0号", granted_on=day, by=world["city"])
    case = revocations.open_case(present, grounds="verified_waste", facts="长明灯", by=world["city"])
    after(notice)
    with pytest.raises(Refused, match="case about the organ's present title"):
        recognitions.recognise(file, **PAPER, by=world["city"])
    revocations.answer_case(case, text="属实。", by=world["clerk"])
    revocations.propose(case, decision="kept", reason="已整改", on=None, by=world["city"])
    case.refresh_from_db()
    revocations.decide(case, by=world["superior"])
    assert recognitions.recognise(file, **PAPER, by=world["city"]).organ == file.organ
