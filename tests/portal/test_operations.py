"""The worker in the open: each run leaves its trace, a late or failed job is named, every queue says what waits."""

import re
from datetime import timedelta
from html import unescape

import pytest
from celery import shared_task
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from creation import clock
from creation.errors import Forbidden, Refused
from creation.models import CountChange, Digest, Event, Import
from portal import operations, queues
from reviews import tasks
from reviews.actions import retries
from reviews.actions.rates import recount_all
from reviews.models import TaskState
from tests.cast import keyed

pytestmark = pytest.mark.django_db


@shared_task
def breaks():
    raise OSError("no room left")


def words(response):
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())))


def job(name):
    return next(job for job in operations.jobs() if job.row and job.row.name == name)


def test_a_run_is_noted_whoever_calls_it(world):
    tasks.recount()
    tasks.recount.apply()
    row = TaskState.objects.get(name="reviews.tasks.recount")
    assert (row.runs, row.failures, row.fault) == (2, 0, "")
    assert row.started_at <= row.ended_at <= clock.now()


def test_a_failure_is_noted_and_goes_on(world):
    with pytest.raises(OSError, match="no room"):
        breaks()
    row = TaskState.objects.get(name=breaks.name)
    assert (row.runs, row.failures, row.fault) == (1, 1, "OSError: no room left")


def test_what_the_sweep_catches_is_seen(sign_in, world, monkeypatch):
    monkeypatch.setattr(tasks, "recount_rates", lambda: 1 / 0)
    tasks.sweep()
    assert job("reviews.tasks.recount").state == operations.FAILED
    assert job("reviews.tasks.sweep").state == operations.FINE
    page = words(sign_in("city").get("/operations/"))
    assert "1 job needs a look." in page
    assert "ZeroDivisionError: division by zero" in page
    monkeypatch.undo()
    tasks.sweep()
    assert "Everything runs as it should." in words(sign_in("city").get("/operations/"))


@pytest.mark.parametrize(("seconds", "state"), [(119, operations.FINE), (121, operations.LATE)])
def test_a_sweep_without_a_new_run_is_late_after_two_minutes(world, seconds, state):
    tasks.sweep()
    began = clock.now() - timedelta(seconds=seconds)
    TaskState.objects.filter(name="reviews.tasks.sweep").update(started_at=began, ended_at=clock.now())
    assert job("reviews.tasks.sweep").state == state


def test_a_run_without_an_end_is_running(world):
    TaskState.objects.create(name="reviews.tasks.work_off_archives", started_at=clock.now(), runs=1)
    assert job("reviews.tasks.work_off_archives").state == operations.RUNNING


def test_before_the_first_run_the_page_says_so(sign_in, world):
    assert "The worker has not run yet." in words(sign_in("city").get("/operations/"))


def test_each_queue_says_how_many_wait_and_since_when(sign_in, world):
    CountChange.objects.all().delete()
    CountChange.objects.create(region=world.district, since=clock.today(), at=clock.now())
    (found,) = [queue for queue in queues.read() if str(queue.label) == "Changes to be counted"]
    assert (found.waiting, found.given_up) == (1, 0)
    assert found.oldest == CountChange.objects.get().at
    assert "Changes to be counted 1" in words(sign_in("city").get("/operations/"))


@pytest.mark.parametrize(("who", "status"), [("city", 200), ("state", 200), ("official", 403), ("clerk", 403)])
def test_officials_of_a_municipality_read_it(sign_in, who, status):
    assert sign_in(who).get("/operations/").status_code == status


def test_the_page_asks_the_same_however_much_waits(sign_in, world):
    client = sign_in("city")
    client.get("/operations/")
    with CaptureQueriesContext(connection) as few:
        client.get("/operations/")
    for _row in range(5):
        CountChange.objects.create(region=world.district, since=clock.today(), at=clock.now())
    with CaptureQueriesContext(connection) as many:
        client.get("/operations/")
    assert len(few) == len(many)


# --- a queue with its rows -----------------------------------------------------------------------------------------


def a_mail(world, who, *, attempts, fault="", sent=False):
    at = clock.now()
    return Digest.objects.create(
        user=world[who], day=clock.today(), subject="s", body="b", made_at=at, attempts=attempts, fault=fault,
        sent_at=at if sent else None,
    )  # fmt: skip


def parked(world):
    return Import.objects.create(
        kind="register", state="faulty", name="x.csv", sha256="0" * 64, by=world["registrar"], at=clock.now(),
        attempts=3, preview={"faults": 1, "parked": True}, errors=[[None, "", "", "parked"]],
    )  # fmt: skip


def numbers():
    return {queue.kind.slug: (queue.waiting, queue.retried, queue.given_up) for queue in queues.read()}


def test_what_was_retried_and_given_up_is_numbered(world):
    a_mail(world, "clerk", attempts=2)
    a_mail(world, "clerk2", attempts=3)
    a_mail(world, "city", attempts=1)
    a_mail(world, "official", attempts=1, sent=True)
    parked(world)
    Import.objects.create(
        kind="register", state="faulty", name="y.csv", sha256="1" * 64, by=world["registrar"], at=clock.now()
    )
    found = numbers()
    assert (found["mails"], found["imports"], found["archives"]) == ((2, 1, 1), (0, 0, 1), (0, 0, 0))


def test_the_list_shows_tries_and_fault_and_nobodys_address(sign_in, world):
    a_mail(world, "clerk", attempts=3, fault="SMTPRecipientsRefused: zhang.san@example.org: 550 no such user")
    a_mail(world, "clerk2", attempts=2)
    page = sign_in("city").get("/operations/mails/")
    assert "given up" in words(page)
    assert "waits, tried before" in words(page)
    assert "SMTPRecipientsRefused: …@example.org: 550 no such user" in words(page)
    assert "zhang" not in words(page)
    assert page.content.decode().count('name="row"') == 1


@pytest.mark.parametrize("kind", [kind.slug for kind in queues.KINDS])
def test_every_queue_has_its_page(sign_in, scene, kind):
    """The scene holds a row in most of them."""
    assert sign_in("city").get(f"/operations/{kind}/").status_code == 200
    assert sign_in("official").get(f"/operations/{kind}/").status_code == 403


def test_a_mail_that_was_given_up_is_tried_again_once(sign_in, world):
    mail = a_mail(world, "clerk", attempts=3, fault="refused")
    client = sign_in("city")
    form = keyed(row=mail.pk)
    assert client.post("/operations/mails/", form).status_code == 302
    mail.refresh_from_db()
    assert (mail.attempts, mail.tried_at, mail.sent_at) == (0, None, None)
    assert Event.objects.get(verb="try_again").subject_id == mail.pk
    Digest.objects.update(attempts=3)
    client.post("/operations/mails/", form)  # the same form again changes nothing
    mail.refresh_from_db()
    assert mail.attempts == 3


def test_a_parked_import_is_checked_anew_and_not_applied(world):
    row = parked(world)
    retries.try_again("imports", row.pk, by=world["city"])
    row.refresh_from_db()
    assert (row.state, row.attempts, row.errors, row.preview) == ("waiting", 0, [], {})


@pytest.mark.parametrize("queue", ["mails", "imports", "archives", "moon"])
def test_what_was_not_given_up_is_refused(world, queue):
    row = a_mail(world, "clerk", attempts=2)
    with pytest.raises(Refused):
        retries.try_again(queue, row.pk, by=world["city"])
    assert not Event.objects.filter(verb="try_again").exists()


@pytest.mark.parametrize("who", ["official", "clerk", "registrar", "viewer", "stranger"])
def test_only_officials_of_a_municipality_try_again(world, who):
    row = a_mail(world, "clerk2", attempts=3)
    with pytest.raises(Forbidden):
        retries.try_again("mails", row.pk, by=world[who])


def test_an_unknown_queue_is_not_found_and_a_row_that_is_none_is_a_bad_request(sign_in, world):
    client = sign_in("city")
    assert client.get("/operations/moon/").status_code == 404
    assert client.post("/operations/mails/", keyed(row="1; drop")).status_code == 400
    assert client.post("/operations/mails/", {"row": "1"}).status_code == 400


def test_the_last_proof_of_the_numbers_is_told(sign_in, world):
    recount_all()
    assert "All numbers were last counted anew" in words(sign_in("city").get("/operations/"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_however_many_rows(sign_in, world, rows, django_assert_num_queries):
    for who in ("clerk", "clerk2", "city")[:rows]:
        a_mail(world, who, attempts=3)
    client = sign_in("city")
    with django_assert_num_queries(6):  # session, person, posts; how many, the rows; messages
        client.get("/operations/mails/")
