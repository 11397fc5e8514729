"""A number follows its change through real processes: worker, beat, broker, and whatever dies among them."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg2
import pytest
from django.conf import settings as portal_settings
from django.db import transaction

from creation import doorbell

ROOT = Path(__file__).resolve().parent.parent
CELERY = (sys.executable, "-m", "celery", "--app", "portal", "--quiet")
WORKER = ("worker", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING", "--pool")
GUNICORN = (sys.executable, "-m", "gunicorn", "portal.wsgi", "--worker-class", "gthread", "--no-control-socket")
SILENT_PORT_BACKLOG = 64

pytestmark = pytest.mark.xdist_group("delivery")


@dataclass
class House:
    """A database of its own, a broker of its own, and the processes that were started on them."""

    database: str
    broker: dict[str, str]
    pool: str
    place: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    def environment(self, **more):
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))}
        base = {"PROFILE": "demo", "SECRET_KEY": "for-nothing-but-a-test-" + "x" * 30, "LOG_LEVEL": "ERROR"}
        base["MEDIA_ROOT"] = str(self.place / "media")
        return keep | {"REDIS_URL": "", "DATABASE_URL": self.database} | base | self.broker | more

    def run(self, *words, **more):
        """Run a command of tests.delivery in a process of its own and return what it says."""
        line = [sys.executable, "-m", "tests.delivery", *map(str, words)]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment(**more), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self, *line):
        """Start a process as the portal's own supervisor does, in a group of its own."""
        with (self.place / f"{line[2]}.log").open("a") as log:
            process = subprocess.Popen(
                line, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def start_worker(self):
        return self.start(*CELERY, *WORKER, self.pool)

    def start_web(self):
        """Start the portal as its supervisor does and return its address; it answers a little later."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        where = f"127.0.0.1:{port}"
        self.start(*GUNICORN, "--bind", where)
        return f"http://{where}"

    def start_beat(self):
        return self.start(
            *CELERY, "beat", "--schedule", str(self.place / "beat"), "--pidfile=", "--loglevel", "WARNING"
        )

    def kill(self):
        """Kill everything that was started, at once."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)
        self.processes.clear()

    def forget_bells(self):
        for file in self.place.glob("broker.sqlite3*"):
            file.unlink()

    def ask(self, statement):
        """Return the first row of a statement, read past Django."""
        if self.database.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=20)) as open_file:
                return open_file.execute(statement).fetchone()
        with contextlib.closing(psycopg2.connect(self.database)) as server, server.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()

    def snapshot(self):
        """Return what the pages show for the city: recognised and organs."""
        return self.ask(
            "SELECT r.recognised, r.organs FROM reviews_completionrate r JOIN creation_region p ON p.id = r.region_id "
            "WHERE p.code = '110000' ORDER BY r.as_of DESC LIMIT 1"
        )

    def waiting(self):
        return self.ask("SELECT count(*) FROM creation_countchange")[0]


def seconds_until(condition, limit):
    """Return after how many seconds the condition held, None when it did not within the limit."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if condition():
            return time.monotonic() - began
        time.sleep(0.05)
    return None


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A counted world in a file of its own, to be copied."""
    place = tmp_path_factory.mktemp("delivery")
    house = House(f"sqlite:///{place}/world.sqlite3", {"CELERY_BROKER_URL": "memory://"}, "threads", place)
    house.run("build")
    house.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    return place / "world.sqlite3"


@pytest.fixture
def embedded(built, tmp_path):
    shutil.copy(built, tmp_path / "db.sqlite3")
    broker = {"CELERY_BROKER_URL": f"sqla+sqlite:///{tmp_path}/broker.sqlite3"}
    house = House(f"sqlite:///{tmp_path}/db.sqlite3", broker, "threads", tmp_path)
    yield house
    house.kill()


@pytest.fixture
def served(tmp_path):
    """A PostgreSQL database of its own beside the one named by DATABASE_URL, and the Redis of REDIS_URL."""
    base = os.environ.get("DATABASE_URL", "")
    name = f"delivery_{secrets.token_hex(4)}"
    with contextlib.closing(psycopg2.connect(base)) as server:
        server.autocommit = True
        server.cursor().execute(f"CREATE DATABASE {name}")
    house = House(
        urlsplit(base)._replace(path=f"/{name}").geturl(), {"REDIS_URL": portal_settings.REDIS_URL}, "prefork", tmp_path
    )
    yield house
    house.kill()
    with contextlib.closing(psycopg2.connect(base)) as server:
        server.autocommit = True
        server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")


def follows_a_change_and_survives_its_worker(house):
    house.start_worker()
    house.run("grant", 1)
    assert seconds_until(lambda: house.snapshot() == (1, 30), 60) is not None  # the worker has come up

    house.run("grant", 1)
    took = seconds_until(lambda: house.snapshot() == (2, 30), 5)
    assert took is not None
    assert house.waiting() == 0

    house.kill()
    assert house.run("grant", 10)["waiting"] == 10
    house.forget_bells()  # a file beside the portal, which may be lost with everything in it
    assert house.snapshot() == (2, 30)
    house.start_worker()
    house.start_beat()
    assert seconds_until(lambda: house.snapshot() == (12, 30), 60) is not None
    assert house.waiting() == 0


def test_embedded_a_change_is_seen_within_5_seconds_and_within_60_after_a_killed_worker(embedded):
    follows_a_change_and_survives_its_worker(embedded)


@pytest.mark.postgres
@pytest.mark.redis
def test_on_servers_a_change_is_seen_within_5_seconds_and_within_60_after_a_killed_worker(served):
    served.run("build")
    follows_a_change_and_survives_its_worker(served)


class Visitor:
    """Somebody with a browser that runs no script: pages are opened, forms sent with what stands hidden in them."""

    def __init__(self, portal):
        self.portal = portal
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))
        self.browser.addheaders = [("Accept-Language", "en"), ("Referer", portal)]

    def open(self, path):
        return self.browser.open(self.portal + path, timeout=20).read().decode()

    def answers(self):
        with contextlib.suppress(URLError, ConnectionError):
            return bool(self.open("/healthz"))

    def send(self, path, **typed):
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|form_key)" value="([^"]*)"', self.open(path)))
        form = urlencode(hidden | typed).encode()
        return self.browser.open(self.portal + path, form, timeout=20).read().decode()

    def recognised(self):
        """Return what the page of the district says, the number that its rate is made of."""
        return re.search(r"(\d+) of 30 organs", self.open("/rates/110101/"))[1]


def test_over_http_an_ordered_recognition_is_in_the_rate_of_its_district_within_5_seconds(embedded):
    password = secrets.token_urlsafe(12)
    notice = embedded.run("ended", password)["notice"]
    embedded.start_worker()
    city = Visitor(embedded.start_web())
    assert seconds_until(city.answers, 60) is not None
    city.send("/accounts/sign-in/", username="city", password=password)
    assert city.recognised() == "0"
    embedded.run("grant", 1)
    assert seconds_until(lambda: city.recognised() == "1", 60) is not None  # the worker has come up

    city.send(f"/publicity/{notice}/recognition/", batch="2026", document_number="1号")
    assert seconds_until(lambda: city.recognised() == "2", 5) is not None
    assert embedded.waiting() == 0


@pytest.fixture
def silent_port():
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=SILENT_PORT_BACKLOG) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("away", ["refuses", "has no place", "says nothing"])
def test_a_dead_broker_costs_a_short_delay_once_and_never_an_error(embedded, silent_port, away):
    broker = {
        "refuses": {"REDIS_URL": "redis://127.0.0.1:1/0", "CELERY_BROKER_URL": ""},
        "has no place": {"CELERY_BROKER_URL": "sqla+sqlite:////nowhere/at/all/broker.sqlite3"},
        "says nothing": {"REDIS_URL": f"redis://127.0.0.1:{silent_port}/0", "CELERY_BROKER_URL": ""},
    }[away]
    said = embedded.run("grant", 5, **broker)
    assert (said["granted"], said["waiting"]) == (5, 5)
    # the first of the process also loads what talks to a broker, which takes a busy machine a second
    assert said["first"] < 5
    assert said["others"] < 1
    assert embedded.snapshot() == (0, 30)


def test_a_bell_rung_often_in_a_transaction_sounds_once(settings, django_capture_on_commit_callbacks, db):
    settings.DOORBELL = True
    with django_capture_on_commit_callbacks() as bells, transaction.atomic():
        for _ in range(300):
            doorbell.ring("reviews.tasks.recount")
        doorbell.ring("reviews.tasks.sweep")
        with contextlib.suppress(ValueError), transaction.atomic():
            doorbell.ring("reviews.tasks.nightly")
            raise ValueError
        doorbell.ring("reviews.tasks.nightly")
    assert len(bells) == 3
