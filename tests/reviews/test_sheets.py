"""Verification sheets: one with every title, and the keys that sign them."""

import base64
import json
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Assessment, Event, Organ, Recognition
from portal.signing import kept_key, new_key
from reviews import sheets
from reviews.actions import recognitions
from reviews.actions.sheets import issue
from reviews.demo import builders
from reviews.models import PublishedKey, VerificationSheet
from reviews.tasks import carry_out_orders
from tests.cast import keyed
from tests.reviews.sheeted import become, detail, live, public, revoke, sheet, title

__all__ = ["public", "sheet", "title"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db
PAPER = {"batch": "第七批", "document_number": "京管发〔2026〕1号"}


# --- a sheet with every title --------------------------------------------------------------------------------------


def test_a_title_recognised_by_the_job_or_by_hand_comes_with_its_sheet(world):
    files = [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.far_organ, world.neighbour)]
    ordered = builders.publish(builders.make_notice(world.cycle, files[:2], by=world["city"]), by=world["city"])
    builders.publish(builders.make_notice(world.cycle, files[2:], by=world["city"]), by=world["city"])
    recognitions.order_recognition(ordered, by=world["city"], **PAPER)
    clock.set_ahead(clock.lead_days() + (ordered.last_day - clock.today()).days + 1)
    Appointment.objects.filter(user=world["city"]).update(ends_on=clock.today() - timedelta(days=1))
    carry_out_orders()  # an order outlives the post of who gave it, and its sheets with it
    by_hand = recognitions.recognise(Assessment.objects.get(organ=world.neighbour), by=world["superior"], **PAPER)
    assert {sheet.recognition for sheet in VerificationSheet.objects.all()} == set(Recognition.objects.all())
    assert by_hand.sheet.issued_by == world["superior"]
    assert Event.objects.filter(subject_type="verificationsheet").count() == 3
    said = sheets.content_of(by_hand.sheet.payload)
    assert (said.organ, said.credit_code, said.region) == ("机关2", world.neighbour.credit_code, "东城区")
    assert (said.batch, said.document_number) == tuple(PAPER.values())
    assert (said.granted_on, said.issued_on) == (clock.today().isoformat(), clock.today().isoformat())
    assert said.note == sheets.DEMONSTRATION


def test_without_a_title_there_is_no_sheet(world, settings):
    file = world.bring_to(stages.CHECKED)
    notice = builders.publish(builders.make_notice(world.cycle, [file], by=world["city"]), by=world["city"])
    clock.set_ahead(clock.lead_days() + (notice.last_day - clock.today()).days + 1)
    settings.SIGNING_KEY = "no key"
    with pytest.raises(ValueError):
        recognitions.recognise(Assessment.objects.get(), by=world["city"], **PAPER)
    assert (Recognition.objects.count(), VerificationSheet.objects.count()) == (0, 0)
    assert Assessment.objects.get().stage == stages.PUBLICISED


def test_an_imported_title_gets_its_sheet_once_on_demand(world, title, sign_in):
    client, url = sign_in("city"), reverse("sheet_issue", args=[title.pk])
    assert "This title has no sheet yet" in client.get(detail(title)).content.decode()
    assert client.get(reverse("sheet_pdf", args=[title.pk])).status_code == 404
    assert [client.post(url, keyed()).status_code for _time in range(2)] == [302, 302]
    sheet = VerificationSheet.objects.get()
    assert issue(title, by=world["superior"]) == sheet
    assert Event.objects.filter(subject_type="verificationsheet", subject_id=sheet.pk).count() == 1
    assert sheet.code in client.get(detail(title)).content.decode()
    # the code stands on the sheet and nowhere else
    assert sheet.code not in json.dumps(list(Event.objects.values_list("before", "after")))


@pytest.mark.parametrize("end", ["revoked", "expired", "closed"])
def test_no_sheet_is_issued_for_a_title_that_does_not_hold(world, title, end):
    if end == "revoked":
        revoke(title, world)
    elif end == "expired":
        become(title, valid_until=clock.today() - timedelta(days=1))
    else:
        Organ.objects.filter(pk=title.organ_id).update(abolished_on=clock.today())
    with pytest.raises(Refused, match="holds today"):
        issue(Recognition.objects.get(), by=world["city"])
    assert VerificationSheet.objects.count() == 0


def test_a_sheet_that_was_issued_is_the_same_after_its_title_ended(world, title, sign_in):
    sheet = issue(title, by=world["city"])
    become(title, valid_until=clock.today() - timedelta(days=1))
    assert issue(Recognition.objects.get(), by=world["city"]) == sheet
    client = sign_in("city")
    answer = client.post(reverse("sheet_issue", args=[title.pk]), keyed(), follow=True)
    assert (sheet.code in answer.text, "The title has expired" in answer.text) == (True, True)
    assert VerificationSheet.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "reads", "issues"),
    [
        ("clerk", 200, 403),
        ("signatory", 200, 403),
        ("official", 200, 403),
        ("viewer", 200, 403),
        ("registrar", 200, 403),
        ("inspector", 403, 403),
        ("clerk2", 404, 404),
        ("far_official", 404, 404),
        ("stranger", 404, 404),
        ("public", 302, 302),
    ],
)
def test_who_reads_and_who_issues(world, title, sheet, sign_in, person, reads, issues):
    client = sign_in(person)
    answers = [client.get(detail(title)), client.get(reverse("sheet_pdf", args=[title.pk]))]
    assert [answer.status_code for answer in answers] == [reads, reads]
    assert client.post(reverse("sheet_issue", args=[title.pk]), keyed()).status_code == issues
    if person != "public":
        with pytest.raises(Forbidden):
            issue(title, by=world[person])


@pytest.mark.parametrize("row", [VerificationSheet, PublishedKey])
def test_nobody_changes_a_sheet_or_a_key(sheet, row):
    for change in (lambda: row.objects.update(key_id="x"), lambda: row.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_issued_by_several_at_once_it_is_one(world, title):
    people, found, start = [world["city"], world["superior"], world["state"]] * 2, [], threading.Barrier(6)

    def work(by):
        start.wait()
        try:
            found.append(issue(title, by=by).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (6, 1)
    assert (VerificationSheet.objects.count(), PublishedKey.objects.count()) == (1, 1)


# --- keys ----------------------------------------------------------------------------------------------------------


def test_a_new_key_signs_from_now_on_and_the_old_one_stays_published(world, title, sheet, settings, public):
    settings.SIGNING_KEY = new_key()
    other = grant(world.far_organ, batch="1", document_number="2", granted_on=clock.today(), by=None)
    later = issue(other, by=world["city"])
    keys = {key["id"]: key["public_key"] for key in public.get(reverse("verification_keys")).json()["keys"]}
    assert len(keys) == 2
    assert later.key_id != sheet.key_id
    for each in (sheet, later):
        assert sheets.is_signed(each.payload, each.signature, keys[each.key_id])
    assert not sheets.is_signed(sheet.payload, sheet.signature, keys[later.key_id])


def test_the_private_key_is_nowhere(sheet, settings, public, sign_in, title):
    key = settings.SIGNING_KEY
    raw = base64.b64decode(key)
    secrets = [key, base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex()]
    pages = [public.get(reverse(name)) for name in ("verification", "verification_keys", "verification_program")]
    pages += [live(public, sheet.code), sign_in("clerk").get(detail(title))]
    shown = "".join(page.content.decode() for page in pages) + json.dumps(list(Event.objects.values()), default=str)
    shown += json.dumps([*VerificationSheet.objects.values(), *PublishedKey.objects.values()], default=str)
    assert not [secret for secret in secrets if secret in shown]


def test_the_demonstration_makes_its_key_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "key"
    first = kept_key(path)
    assert kept_key(path) == first
    assert sheets.signing_key(first)
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["key"]
