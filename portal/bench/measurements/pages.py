"""Pages for people who are signed in, under eight clients at once, beside a bare Django page of the same bytes.

Each is answered by gunicorn with two workers from the bench's own database, never both at the same time.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from http.client import HTTPConnection
from socket import create_server
from time import monotonic, sleep

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from creation.models import Appointment, Assessment, User
from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench

CLIENTS, EACH = 8, 10  # requests of each client in one round
AT_MOST = 1.5
STARTS_WITHIN = 60.0  # seconds
ROOT_REGION = 1


def register_list(bench: Bench) -> Measured:
    """Ask for the first page of the whole register."""
    return _page("the register list", lambda: reverse("organ_list"), bench)


def file_list(bench: Bench) -> Measured:
    """Ask for the first page of all files."""
    return _page("the file list", lambda: reverse("file_list"), bench)


def file_page(bench: Bench) -> Measured:
    """Ask for the page of one file."""
    return _page("the page of a file", lambda: reverse("file_detail", args=[_some_file()]), bench)


def dashboard(bench: Bench) -> Measured:
    """Ask for the dashboard of the whole."""
    return _page("the dashboard", lambda: reverse("dashboard"), bench)


def _some_file() -> int:
    return Assessment.objects.filter(stage="recognised").order_by("pk").values_list("pk", flat=True)[0]


def _page(name: str, address: Callable[[], str], bench: Bench) -> Measured:
    cookie = _signed_in()
    with _server("portal.wsgi") as port, _server("portal.bench.bare") as bare_port:
        server, bare = Server(port, cookie), Server(bare_port, cookie)
        path = address()
        size = len(server.get(path))
        return compare(
            f"{name} ÷ a bare page of the same bytes",
            lambda: server.under_load(path),
            lambda: bare.under_load(f"/{size}/"),
            at_most=AT_MOST,
            rounds=bench.rounds,
            note=f"{size // 1000} kB, {CLIENTS} clients × {EACH} requests",
        )


def _signed_in() -> str:
    """Return the cookie of an official of the root region."""
    user, is_new = User.objects.get_or_create(username="bench-official", defaults={"name": "测算"})
    if is_new:
        user.set_unusable_password()
        user.save()
        Appointment.objects.create(user=user, role="official", region_id=ROOT_REGION, starts_on=date(2020, 1, 1))
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the cookie of whoever asks it."""

    port: int
    cookie: str

    def get(self, path: str) -> bytes:
        """Return the page; anything but 200 ends the measurement."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            client.request("GET", path, headers={"Cookie": self.cookie, "Accept-Language": "zh-CN"})
            answer = client.getresponse()
            body = answer.read()
        finally:
            client.close()
        if answer.status != HTTPStatus.OK:
            msg = f"{path} answered {answer.status}"
            raise RuntimeError(msg)
        return body

    def under_load(self, path: str) -> None:
        """Let all clients ask for the page at once, each several times."""
        failed: list[BaseException] = []

        def ask() -> None:
            try:
                for _ in range(EACH):
                    self.get(path)
            except (OSError, RuntimeError) as error:
                failed.append(error)

        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        if failed:
            raise failed[0]


@contextmanager
def _server(application: str) -> Iterator[int]:
    """Serve an application from the bench's database with two workers, and yield the port."""
    with create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        "--no-control-socket",
    ]
    env = os.environ | {"LOG_LEVEL": "ERROR"}
    running = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR, stderr=subprocess.DEVNULL)  # noqa: S603 ourselves
    try:
        _wait_for(port)
        yield port
    finally:
        running.terminate()
        running.wait()


def _wait_for(port: int) -> None:
    until = monotonic() + STARTS_WITHIN
    while monotonic() < until:
        client = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/0/")
            client.getresponse().read()
        except OSError:
            sleep(0.2)
        else:
            return
        finally:
            client.close()
    msg = "The server of the bench did not start."
    raise RuntimeError(msg)
