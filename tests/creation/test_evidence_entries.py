"""Entries of the library: names and last days that can be mended, one file at a time, one file to many items."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation import clock, stages
from creation.actions import evidence
from creation.actions.files import content_of
from creation.errors import Forbidden, Refused
from creation.models import Attachment, Event, Evidence
from reviews.demo import builders
from tests.cast import keyed

DAY = timedelta(days=1)
OTHERS = ["signatory", "clerk2", "official", "stranger"]


@pytest.fixture
def piece(world):
    return evidence.upload_evidence(world.organ, builders.a_pdf("scan0001.pdf"), by=world["clerk"])


def text(answer):
    return " ".join(answer.content.decode().split())


# --- names and last days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("节水证书", "节水证书.pdf"),
        ("节水证书.pdf", "节水证书.pdf"),
        ("节水证书.PDF", "节水证书.pdf"),
        ("run.exe", "run.exe.pdf"),
        ("../../etc/passwd", "..-..-etc-passwd.pdf"),
        ("字" * 300, "字" * 196 + ".pdf"),
    ],
)
def test_a_name_is_mended_and_its_ending_stays(world, piece, typed, kept):
    named = evidence.rename_evidence(piece, name=typed, by=world["clerk"])
    assert named.name == kept
    event = Event.objects.get(verb="rename_evidence")
    assert (event.before, event.after) == ({"name": "scan0001.pdf"}, {"name": kept})


@pytest.mark.parametrize("typed", ["", "   ", ".pdf", " . "])
def test_a_name_cannot_be_empty(world, piece, typed):
    with pytest.raises(Refused, match="Give the file a name"):
        evidence.rename_evidence(piece, name=typed, by=world["clerk"])


def test_a_new_name_leaves_what_was_submitted_as_it_is(world):
    file = world.bring_to(stages.SUBMITTED)
    piece, before = file.attachments.first().evidence, content_of(file)
    evidence.rename_evidence(piece, name="anew", by=world["clerk"])
    assert content_of(file) == before == file.submissions.get().content


def test_the_last_day_still_counts(world, piece):
    today, seen = clock.today(), {}
    for days in (-1, 0, 30, 31):
        now = evidence.set_expiry(piece, day=today + days * DAY, by=world["clerk"])
        seen[days] = (now.has_expired, now.expires_soon)
    assert seen == {-1: (True, False), 0: (False, True), 30: (False, True), 31: (False, False)}
    assert evidence.set_expiry(piece, day=None, by=world["clerk"]).has_expired is False
    assert Event.objects.filter(verb="set_expiry").count() == 5


@pytest.mark.parametrize("username", OTHERS)
def test_nobody_but_the_organs_clerk_changes_an_entry(world, piece, username):
    for change in (
        lambda by: evidence.rename_evidence(piece, name="x", by=by),
        lambda by: evidence.set_expiry(piece, day=clock.today(), by=by),
    ):
        with pytest.raises(Forbidden):
            change(world[username])


def test_the_page_of_an_entry_saves_both(world, piece, sign_in):
    where, yesterday = reverse("evidence_detail", args=[piece.pk]), clock.today() - DAY
    client = sign_in("clerk")
    sent = keyed(name="节水证书", expires_on=yesterday.isoformat())
    shown = text(client.post(where, sent, follow=True))
    assert ("节水证书.pdf" in shown, f"expired on {yesterday.isoformat()}" in shown) == (True, True)
    assert "Give the file a name." in text(client.post(where, keyed(name=".pdf")))
    assert {name: sign_in(name).get(where).status_code for name in ("signatory", "clerk2", "stranger")} == {
        "signatory": 200,
        "clerk2": 404,
        "stranger": 404,
    }


def test_the_library_shows_what_expires_and_what_is_loose(world, piece, sign_in):
    other = evidence.upload_evidence(world.organ, builders.a_pdf("lasting.pdf"), by=world["clerk"])
    evidence.set_expiry(piece, day=clock.today() + 3 * DAY, by=world["clerk"])
    evidence.attach(world.start(), world.standard.indicators.get(code="2.1"), other, by=world["clerk"])
    client, found = sign_in("clerk"), {}
    for show in ("expiring", "loose", "nonsense"):
        page = client.get(reverse("evidence_list"), {"show": show})
        found[show] = [one.name for one in page.context["page"]]
    assert found["expiring"] == found["loose"] == ["scan0001.pdf"]
    assert sorted(found["nonsense"]) == ["lasting.pdf", "scan0001.pdf"]


# --- one file at a time --------------------------------------------------------------------------------------------


def test_a_file_that_arrives_twice_is_kept_and_attached_once(world, sign_in):
    file, client = world.start(), sign_in("clerk")
    where = reverse("evidence_attach_one", args=[file.pk, "2.1"])
    said = [client.post(where, {"file": builders.a_pdf("a.pdf")}).json() for _time in range(2)]
    assert said == [
        {"kept": True, "said": "“a.pdf” is in the library. It is attached to this item."},
        {"kept": True, "said": "“a.pdf” was in the library already; it is kept once. It is attached to this item."},
    ]
    assert (Evidence.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_bad_file_is_answered_in_words_and_a_request_without_one_is_none(world, sign_in):
    client, where = sign_in("clerk"), reverse("evidence_upload_one")
    bad = SimpleUploadedFile("a.pdf", b"<html>")
    answer = client.post(where, {"organ": world.organ.pk, "file": bad}).json()
    assert (answer["kept"], "is not what its name says" in answer["said"]) == (False, True)
    assert client.post(where, {"organ": world.organ.pk}).status_code == 400
    assert client.post(where, {"organ": world.neighbour.pk, "file": builders.a_pdf()}).status_code == 400
    assert Evidence.objects.count() == 0


def test_a_file_for_a_self_rating_that_was_handed_over_is_kept_and_not_attached(world, sign_in):
    file = world.bring_to(stages.PREPARED)
    before = Attachment.objects.count()
    where = reverse("evidence_attach_one", args=[file.pk, "2.1"])
    answer = sign_in("clerk").post(where, {"file": builders.a_pdf("late.pdf")}).json()
    assert (answer["kept"], "cannot be edited" in answer["said"]) == (False, True)
    assert (Attachment.objects.count(), Evidence.objects.filter(name="late.pdf").count()) == (before, 1)


@pytest.mark.parametrize(("username", "status"), [("signatory", 403), ("clerk2", 404), ("stranger", 404)])
def test_nobody_else_sends_a_file(world, sign_in, username, status):
    where = reverse("evidence_attach_one", args=[world.start().pk, "2.1"])
    assert sign_in(username).post(where, {"file": builders.a_pdf()}).status_code == status
    assert Evidence.objects.count() == 0


# --- one file to many items ----------------------------------------------------------------------------------------


def test_two_files_go_to_three_items_at_once(world, piece, sign_in):
    other = evidence.upload_evidence(world.organ, builders.a_pdf("b.pdf"), by=world["clerk"])
    file, client = world.start(), sign_in("clerk")
    where = f"{reverse('evidence_place')}?piece={piece.pk}&piece={other.pk}"
    assert "2.1 " in text(client.get(where))
    sent = keyed(places=[f"{file.pk}:{code}" for code in ("2.1", "2.2", "3.4")])
    shown = text(client.post(where, sent, follow=True))
    assert "Attached to 3 items." in shown
    assert Attachment.objects.count() == 6
    assert "attached already" in text(client.get(where))


def test_nothing_ticked_and_what_belongs_to_others_attaches_nothing(world, piece, sign_in):
    file, foreign = world.start(), world.start(world.neighbour)
    where = f"{reverse('evidence_place')}?piece={piece.pk}"
    client = sign_in("clerk")
    assert "Choose at least one item." in text(client.post(where, keyed()))
    assert client.post(where, keyed(places=[f"{foreign.pk}:2.1"])).status_code == 200
    with pytest.raises(Refused, match="Choose at least one item"):
        evidence.attach_to_items([(foreign, world.standard.indicators.get(code="2.1"))], [piece], by=world["clerk"])
    assert "No file has been chosen" in text(sign_in("clerk2").get(where))
    assert (Attachment.objects.count(), file.attachments.count()) == (0, 0)
