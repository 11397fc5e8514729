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
from creation.models import CountChange
from portal import operations
from reviews import tasks
from reviews.models import TaskState

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
    (found,) = [queue for queue in operations.queues() if str(queue.label) == "Changes to be counted"]
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
