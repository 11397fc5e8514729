"""A title is taken back only as a case: told, heard, proposed by one official, decided by another, published."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant, take_back
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Message, Recognition
from reviews.actions import recognitions, revocations
from reviews.demo import builders
from reviews.models import RevocationCase
from tests.cast import keyed
from tests.racing import at_once, winners

pytestmark = pytest.mark.django_db

FACTS = {"grounds": "falsified_data", "facts": "用电量少报两成。"}
DAY = timedelta(days=1)


@pytest.fixture
def title(world):
    """A title with its file."""
    file = world.bring_to(stages.PUBLICISED)
    clock.set_ahead((file.listing.notice.last_day + DAY - clock.today()).days)
    return recognitions.recognise(file, batch="2026", document_number="京管发〔2026〕1号", by=world["city"])


@pytest.fixture
def old(world):
    """A title from an earlier list: it has no file."""
    past = clock.today() - timedelta(days=400)
    return grant(world.neighbour, batch="第一批", document_number="x", granted_on=past, by=None)


def fresh(case):
    return RevocationCase.objects.with_title().get(pk=case.pk)


def an_open_case(world, title):
    return fresh(revocations.open_case(title, by=world["city"], **FACTS))


def proposed(world, case, decision="revoked", by="city"):
    day = clock.today() if decision == "revoked" else None
    return fresh(revocations.propose(case, decision=decision, reason="经核实。", on=day, by=world[by]))


def told(kind):
    return sorted(Message.objects.filter(kind=kind).values_list("user__username", flat=True))


def test_a_case_is_told_answered_proposed_decided_and_only_then_the_title_ends(world, sign_in, title):
    client, page = sign_in("city"), sign_in("city").get(reverse("recognition_revoke", args=[title.pk]))
    assert "5 working days to answer" in page.content.decode()
    answer = client.post(reverse("recognition_revoke", args=[title.pk]), keyed(grounds="falsified_data", facts=" "))
    assert "Fill in “The facts, as told to the organ”." in answer.content.decode()
    answer = client.post(reverse("recognition_revoke", args=[title.pk]), keyed(**FACTS))
    case = RevocationCase.objects.get()
    assert answer["Location"] == reverse("revocation_detail", args=[case.pk])
    assert told("case_opened") == ["clerk", "signatory"]
    # while the organ may answer nothing is proposed
    propose = reverse("revocation_propose", args=[case.pk])
    decision = {"decision": "revoked", "on": clock.today().isoformat(), "reason": "经核实虚报。"}
    refused = client.post(propose, keyed(**decision)).content.decode()
    assert "The organ can still answer" in refused
    assert "经核实虚报。" in refused
    sign_in("clerk").post(reverse("revocation_answer", args=[case.pk]), keyed(text="系漏抄，已更正。"))
    assert told("case_answered") == ["city", "superior"]
    assert client.post(propose, keyed(**decision)).status_code == 302
    assert told("case_to_decide") == ["superior"]
    assert Recognition.objects.get().revoked_on is None
    # the organ reads no proposal, and whoever proposed does not decide
    assert "经核实虚报。" not in sign_in("clerk").get(reverse("revocation_detail", args=[case.pk])).content.decode()
    decide, seen = reverse("revocation_decide", args=[case.pk]), {"seen": fresh(case).proposed_at.isoformat()}
    assert "Another official than whoever proposed it" in client.post(decide, keyed(**seen)).content.decode()
    assert "1 organs hold the title" in sign_in("public").get(reverse("recognised_list")).content.decode()
    assert sign_in("superior").post(decide, keyed(**seen)).status_code == 302
    ended = Recognition.objects.select_related("assessment").get()
    assert (ended.revoked_on, ended.revoke_reason) == (clock.today(), "经核实虚报。")
    assert ended.assessment.stage == stages.REVOKED
    assert told("revoked") == ["clerk", "signatory"]
    listed = sign_in("public").get(reverse("recognised_list")).content.decode()
    assert "0 organs hold the title" in listed
    assert "经核实虚报。" in listed
    assert list(RevocationCase.objects.published()) == [case]


def test_a_case_may_end_with_the_title_kept_and_that_is_published_too(world, title):
    case = an_open_case(world, title)
    assert list(RevocationCase.objects.published()) == []
    revocations.answer_case(case, text="有台账为证。", by=world["signatory"])
    revocations.decide(proposed(world, case, "kept"), by=world["superior"])
    assert Recognition.objects.get().revoked_on is None
    assert told("title_kept") == ["clerk", "signatory"]
    assert RevocationCase.objects.published().get().decision == "kept"
    # a later case about the same title can be opened
    an_open_case(world, title)


def test_the_organ_of_a_title_without_a_file_is_told_as_well(world, old):
    case = an_open_case(world, old)
    assert told("case_opened") == ["clerk2", "signatory2"]
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    revocations.decide(proposed(world, case), by=world["superior"])
    assert told("title_revoked") == ["clerk2", "signatory2"]
    assert not Recognition.objects.get().is_live_on(clock.today())


def test_the_time_to_answer_is_counted_in_working_days_by_the_official_calendar(world, old):
    """Opened on Tuesday 29 September 2026: 30 September, then the holidays 1–7 October, then 8, 9, 10 and 12 October.

    Saturday 10 October 2026 is a make-up workday of National Day, so it counts.
    """
    with clock.at(datetime(2026, 9, 29, 15, tzinfo=ZoneInfo("Asia/Shanghai"))):
        case = an_open_case(world, old)
        assert case.heard_until == date(2026, 10, 12)
    for day, is_over in ((12, False), (13, True)):
        assert case.is_heard_on(date(2026, 10, day)) is is_over


def test_after_its_time_a_silent_organ_no_longer_holds_up_a_case(world, title):
    case = an_open_case(world, title)
    with pytest.raises(Refused, match="can still answer"):
        proposed(world, case)
    clock.set_ahead(clock.lead_days() + (case.heard_until - clock.today()).days)
    with pytest.raises(Refused, match="can still answer"):  # the last day belongs to it
        proposed(world, case)
    clock.set_ahead(clock.lead_days() + 1)
    first = proposed(world, case)
    # an answer that comes late is still read: the proposal goes back, and what was proposed unread is not decided
    revocations.answer_case(first, text="迟复，附台账。", by=world["clerk"])
    with pytest.raises(Overtaken, match="moved on"):
        revocations.decide(first, by=world["superior"])
    with pytest.raises(Refused, match="Nothing has been proposed"):
        revocations.decide(fresh(first), by=world["superior"])
    with pytest.raises(Overtaken, match="answered already"):
        revocations.answer_case(fresh(first), text="再答。", by=world["clerk"])
    revocations.decide(proposed(world, fresh(first)), by=world["superior"])
    assert Recognition.objects.get().revoked_on == clock.today()


def test_a_proposal_that_changed_is_not_decided_by_an_old_page(world, sign_in, old):
    case = an_open_case(world, old)
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    seen = proposed(world, case, "kept").proposed_at.isoformat()
    proposed(world, case, "revoked")
    page = sign_in("superior").post(reverse("revocation_decide", args=[case.pk]), keyed(seen=seen)).content.decode()
    assert "The case has moved on" in page
    assert RevocationCase.objects.get().decided_at is None


@pytest.mark.parametrize(
    ("on", "decision"), [(None, "revoked"), (timedelta(days=1), "revoked"), (timedelta(days=-500), "revoked")]
)
def test_the_first_day_without_a_title_lies_in_its_time(world, old, on, decision):
    case = an_open_case(world, old)
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    day = None if on is None else clock.today() + on
    with pytest.raises(Refused, match="between the recognition and today"):
        revocations.propose(case, decision=decision, reason="r", on=day, by=world["city"])


def test_one_open_case_at_a_time_and_none_about_a_title_that_is_gone(world, old):
    case = an_open_case(world, old)
    with pytest.raises(Overtaken, match="open already"):
        an_open_case(world, old)
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    revocations.decide(proposed(world, case), by=world["superior"])
    with pytest.raises(Refused, match="revoked or replaced already"):
        an_open_case(world, Recognition.objects.get())
    for late in (
        lambda: revocations.answer_case(case, text="晚了", by=world["clerk2"]),
        lambda: proposed(world, case),
        lambda: revocations.decide(case, by=world["superior"]),
    ):
        with pytest.raises(Refused):
            late()


@pytest.mark.parametrize(
    ("person", "status"),
    [("viewer", 403), ("official", 403), ("clerk2", 403), ("far_clerk", 404), ("stranger", 404), ("public", 302)],
)
def test_who_does_not_open_propose_or_decide(world, sign_in, old, person, status):
    case = an_open_case(world, old)
    client = sign_in(person)
    assert client.post(reverse("recognition_revoke", args=[old.pk]), keyed(**FACTS)).status_code == status
    for name in ("revocation_propose", "revocation_decide"):
        assert client.post(reverse(name, args=[case.pk]), keyed(decision="kept", reason="r")).status_code == status
    if person != "public":
        with pytest.raises(Forbidden):
            revocations.propose(case, decision="kept", reason="r", by=world[person])
        with pytest.raises(Forbidden):
            revocations.decide(case, by=world[person])


def test_an_official_of_the_organ_itself_neither_opens_nor_decides(world, old):
    builders.Appointment.objects.create(
        user=world["superior"], role="clerk", organ=world.neighbour, starts_on=builders.LONG_AGO
    )
    with pytest.raises(Forbidden):
        revocations.open_case(old, by=world["superior"], **FACTS)
    case = an_open_case(world, old)
    with pytest.raises(Forbidden):
        revocations.decide(case, by=world["superior"])


def test_the_database_refuses_a_title_that_ends_without_a_decided_case(world, old):
    """The last guard: whatever writes, a title of the portal ends by a decided case, and what was told stays."""
    with pytest.raises(DatabaseError, match="hearing"), transaction.atomic():
        take_back(old, on=clock.today(), reason="r", by=world["city"])
    case = an_open_case(world, old)
    rows = RevocationCase.objects.filter(pk=case.pk)
    unheard = {"proposed_by": world["city"], "decided_by": world["superior"], "decided_at": clock.now(), "reason": "r"}
    with pytest.raises(DatabaseError, match="hearing"), transaction.atomic():
        rows.update(decision="revoked", revoked_on=clock.today(), **unheard)
    for moved in ({"facts": "另一事实"}, {"heard_until": clock.today()}):
        with pytest.raises(DatabaseError, match="told"), transaction.atomic():
            rows.update(**moved)
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    with pytest.raises(DatabaseError, match="told"), transaction.atomic():
        rows.update(answer="另一回答")
    alone = {**unheard, "decided_by": world["city"]}
    with pytest.raises(DatabaseError, match="two"), transaction.atomic():
        rows.update(decision="kept", **alone)
    revocations.decide(proposed(world, fresh(case), "kept"), by=world["superior"])
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        rows.update(reason="改写")


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_stands(world, old):
    case = an_open_case(world, old)
    revocations.answer_case(case, text="属实。", by=world["clerk2"])
    case = proposed(world, fresh(case), by="city")
    builders.make_person("third", ("official", world.city))
    copies = [fresh(case) for _copy in range(8)]
    outcomes = at_once(
        *[lambda copy=copy: revocations.decide(copy, by=world["superior"]) for copy in copies[:4]],
        *[lambda copy=copy: revocations.decide(copy, by=world["third"]) for copy in copies[4:]],
    )
    assert len(winners(outcomes)) == 1
    assert Recognition.objects.get().revoked_on == clock.today()
    assert RevocationCase.objects.get().decided_by_id in {world["superior"].pk, world["third"].pk}


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_a_decision_at_once_never_a_decision_that_did_not_read_it(world, old):
    case = an_open_case(world, old)
    clock.set_ahead((case.heard_until - clock.today()).days + 1)
    case = proposed(world, fresh(case))
    answered, decided = at_once(
        lambda: revocations.answer_case(fresh(case), text="附台账。", by=world["clerk2"]),
        lambda: revocations.decide(fresh(case), by=world["superior"]),
    )
    assert isinstance(answered, Refused) != isinstance(decided, Refused)
    stands = RevocationCase.objects.get()
    assert bool(stands.decided_at) != bool(stands.answered_at)


def test_the_list_asks_as_much_for_three_cases_as_for_one(world, sign_in, django_assert_num_queries):
    past = clock.today() - timedelta(days=400)
    client = sign_in("city")
    for some in ([world.organ], [world.neighbour, world.far_organ]):
        for organ in some:
            held = grant(organ, batch="1", document_number="x", granted_on=past, by=None)
            an_open_case(world, held)
        with django_assert_num_queries(6):
            assert client.get(reverse("revocation_list")).status_code == 200


def test_the_organs_list_of_work_says_until_when_it_may_answer(world, title, sign_in):
    case = revocations.open_case(title, grounds="verified_waste", facts="长明灯", by=world["city"])
    page = sign_in(world.clerk_of(title.organ).username).get("/").content.decode()
    line = page[page.index("1 case about your title to answer") :]
    assert case.heard_until.isoformat() in line[:600]
