"""Four eyes on a notice: who may approve, what is approved, and who is told."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock
from creation.errors import Overtaken, Refused
from creation.guards import without_guards
from creation.models import Appointment, Message
from reviews import tasks
from reviews.actions import approvals, notices
from reviews.demo import builders
from reviews.models import Listing, Notice
from tests.cast import keyed
from tests.reviews.approving import INSTANT, draft, fresh, page_of, told, travel, waiting
from tests.reviews.test_notices import WORDING

__all__ = ["draft", "travel", "waiting"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


# --- who -------------------------------------------------------------------------------------------------------------


def test_another_than_who_drafted_changed_or_handed_it_in_approves(world, draft):
    third = builders.make_person("third", ("official", world.city))
    fourth = builders.make_person("fourth", ("official", world.city))
    notices.edit_notice(draft, WORDING | {"title": "新标题"}, by=world["superior"])
    approvals.hand_in(draft, by=third)
    for author in (world["city"], world["superior"], third):
        with pytest.raises(Refused, match="Four eyes"):
            approvals.approve(draft, by=author)
    assert not fresh(draft).is_approved
    published = approvals.approve(draft, by=fourth)
    assert (published.published_by, published.title) == (fourth, "新标题")


def test_whoever_changed_it_before_somebody_else_did_does_not_approve_it_either(world, sign_in, draft):
    third = builders.make_person("third", ("official", world.city))
    fourth = builders.make_person("fourth", ("official", world.city))
    notices.edit_notice(draft, WORDING | {"title": "第一稿"}, by=third)
    notices.edit_notice(draft, WORDING | {"title": "第二稿"}, by=world["superior"])
    approvals.hand_in(draft, by=world["city"])
    assert (fresh(draft).edited_by, told("third"), told("fourth")) == (world["superior"], [], ["notice_to_approve"])
    with pytest.raises(Refused, match="Four eyes"):
        approvals.approve(draft, by=third)
    assert [*Notice.objects.to_approve_by(third)] == []
    assert [*Notice.objects.to_approve_by(fourth)] == [draft]
    assert "Take it back" in page_of(sign_in, "third", draft)
    approved = f"approved_at = drafted_at, approved_sha256 = 'x', approved_by_id = {third.pk}"
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE reviews_notice SET {approved}")
    assert approvals.approve(draft, by=fourth).is_published


def test_what_nobody_could_approve_is_not_handed_in(world, draft):
    notices.edit_notice(draft, WORDING | {"title": "新标题"}, by=world["superior"])
    with pytest.raises(Refused, match="Nobody else could approve"):
        approvals.hand_in(draft, by=world["city"])
    Appointment.objects.filter(user=world["superior"]).update(ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refused, match="Nobody else could approve"):
        approvals.hand_in(draft, by=world["city"])
    builders.make_person("third", ("official", world.city))
    assert approvals.hand_in(draft, by=world["city"]).is_handed_in


def test_a_change_of_nothing_makes_nobody_an_author(world, draft):
    same = {field: getattr(draft, field) for field in notices.FIELDS}
    assert notices.edit_notice(draft, same, by=world["superior"]).edited_by is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("published_at = approved_at, published_by_id = approved_by_id", None),  # the control arm: by the way there is
        ("approved_by_id = handed_in_by_id", "handed_in|four_eyes"),
        ("title = 'x'", "handed_in"),
        ("publish_at = NULL", "handed_in"),
        ("approved_sha256 = 'x'", "handed_in"),
        ("drafted_by_id = approved_by_id", "four_eyes|handed_in"),
    ],
)
def test_the_database_holds_the_four_eyes_and_the_words(world, waiting, change, word):
    period = ", first_day = '2026-06-04', last_day = '2026-06-10'"
    statement = f"UPDATE reviews_notice SET {change}{period if change.startswith('published') else ''}"
    if word is None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        return
    with pytest.raises(DatabaseError, match=word), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("handed", [False, True])
def test_the_database_publishes_nothing_that_nobody_else_approved(world, draft, handed):
    if handed:
        approvals.hand_in(draft, by=world["city"])
    period = "first_day = '2026-06-04', last_day = '2026-06-10'"
    alone = f"published_at = drafted_at, published_by_id = drafted_by_id, {period}"
    approved = f"approved_at = drafted_at, approved_sha256 = 'x', approved_by_id = {world['superior'].pk}"
    for statement in (alone, f"{alone}, {approved}", f"{approved}, handed_in_by_id = NULL"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE reviews_notice SET {statement}")
    with without_guards(), connection.cursor() as cursor:  # the control arm
        cursor.execute(f"UPDATE reviews_notice SET {alone}")
    assert fresh(draft).is_published


def test_no_organ_joins_or_leaves_what_is_handed_in(world, draft):
    approvals.hand_in(draft, by=world["city"])
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Listing.objects.all().delete()
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Listing.objects.update(organ_name="x")
    approvals.take_back(draft, by=world["city"])
    assert Listing.objects.update(organ_name="x") == 1


# --- hands -----------------------------------------------------------------------------------------------------------


def test_nobody_edits_what_is_handed_in_and_its_author_takes_it_back(world, draft):
    approvals.hand_in(draft, by=world["city"])
    for verb in (lambda: notices.edit_notice(draft, WORDING, by=world["city"]), lambda: _discard(world, draft)):
        with pytest.raises(Overtaken, match="take it back"):
            verb()
    with pytest.raises(Overtaken, match="handed in already"):
        approvals.hand_in(draft, by=world["city"])
    with pytest.raises(Refused, match="Give it back with a reason"):
        approvals.take_back(draft, by=world["superior"])
    approvals.take_back(draft, by=world["city"])
    notices.edit_notice(draft, WORDING | {"title": "改过"}, by=world["city"])
    with pytest.raises(Overtaken, match="is a draft"):
        approvals.approve(draft, by=world["superior"])
    _discard(world, draft)
    assert not Notice.objects.exists()


def _discard(world, notice):
    notices.discard_notice(notice, by=world["city"])


def test_it_is_given_back_with_a_reason_that_its_author_reads(world, sign_in, draft):
    approvals.hand_in(draft, by=world["city"])
    assert told("superior") == ["notice_to_approve"]
    with pytest.raises(Refused, match="A reason is needed"):
        approvals.give_back(draft, reason="  ", by=world["superior"])
    with pytest.raises(Refused, match="take it back"):
        approvals.give_back(draft, reason="x", by=world["city"])
    url = reverse("notice_give_back", args=[draft.pk])
    empty = sign_in("superior").post(url, keyed(reason=""))
    assert (empty.status_code, "Fill in “Reason”." in empty.content.decode()) == (200, True)
    sign_in("superior").post(url, keyed(reason="第二段日期有误。"))
    assert fresh(draft).handed_in_at is None
    assert told("city") == ["notice_returned"]
    page = page_of(sign_in, "city", draft)
    assert ("第二段日期有误。" in page, "Draft, given back" in page) == (True, True)
    approvals.hand_in(draft, by=world["city"])
    assert fresh(draft).returned_reason == ""


def test_everybody_hears_what_happens_and_the_page_named_them_before(world, sign_in, draft):
    page = page_of(sign_in, "city", draft)
    assert "superior (Official of the municipality)" in page
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    assert (told("city"), told("superior")) == ([], ["notice_to_approve"])
    assert "city (Official of the municipality)" in page_of(sign_in, "superior", draft)
    approvals.approve(draft, by=world["superior"])
    assert told("city") == ["notice_approved"]
    with time_machine.travel(INSTANT, tick=False):
        tasks.publish_notices()
    assert told("city") == ["notice_approved", "notice_published"]
    assert Message.objects.filter(kind="publicised").exists()
    assert told("stranger") == told("official") == told("state") == []


def test_the_page_says_whose_turn_it_is(world, sign_in, draft):
    assert "Next it is handed in" in page_of(sign_in, "city", draft)
    approvals.hand_in(draft, publish_at=INSTANT, by=world["city"])
    author, other = page_of(sign_in, "city", draft), page_of(sign_in, "superior", draft)
    assert ("Take back" in author, "Approve</button>" in author, "Give back" in author) == (True, False, False)
    assert ("Take back" in other, "Approve</button>" in other, "Give back" in other) == (False, True, True)
    assert "Published at 2026-06-03 08:30, the notice runs from 2026-06-04 to 2026-06-10: 5 working days" in other
    reader = page_of(sign_in, "state", draft)
    assert ("Take back" in reader, "Approve</button>" in reader, "Hand in<" in reader) == (False, False, False)
    approvals.approve(draft, by=world["superior"])
    for person in ("city", "superior"):
        page = page_of(sign_in, person, draft)
        assert "It is published by itself at 2026-06-03 08:30 (Beijing time)." in page
        assert "Approved, to be published at 2026-06-03 08:30" in page


def test_only_what_was_read_is_approved(world, sign_in, draft):
    approvals.hand_in(draft, by=world["city"])
    seen = approvals.content_sha256(draft)
    approvals.take_back(draft, by=world["city"])
    notices.edit_notice(draft, WORDING | {"title": "换了一个标题"}, by=world["city"])
    approvals.hand_in(draft, by=world["city"])
    url = reverse("notice_approve", args=[draft.pk])
    stale = sign_in("superior").post(url, keyed(seen=seen), follow=True).content.decode()
    assert "has changed since you opened it" in stale
    assert not fresh(draft).is_published
    sign_in("superior").post(url, keyed(seen=approvals.content_sha256(fresh(draft))))
    assert fresh(draft).is_published


def test_every_part_of_what_the_public_reads_is_in_the_digest(world, draft):
    digests = {approvals.content_sha256(draft)}
    for field in notices.FIELDS:
        setattr(draft, field, "x")
        digests.add(approvals.content_sha256(draft))
    draft.publish_at = INSTANT
    digests.add(approvals.content_sha256(draft))
    for column in approvals.LISTED[2:]:
        Listing.objects.update(**{column: "y"})
        digests.add(approvals.content_sha256(draft))
    assert len(digests) == 1 + len(notices.FIELDS) + 1 + len(approvals.LISTED[2:])
