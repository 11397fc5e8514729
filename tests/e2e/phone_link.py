"""A portal in processes of its own, and the bad link to it: requests are lost on the way there or on the way back."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = (sys.executable, "-m", "gunicorn", "portal.wsgi", "--worker-class", "gthread", "--threads", "4")
STARTED_WITHIN = 30  # seconds
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class Portal:
    """A portal with a database of its own that can be killed and started again at the same address."""

    def __init__(self, place: Path):
        self.place = place
        self.port = free_port()
        self.process = None

    def environment(self):
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO"))}
        own = {
            "PROFILE": "demo",
            "SECRET_KEY": "for-nothing-but-a-test-" + "x" * 30,
            "LOG_LEVEL": "ERROR",
            "MEDIA_ROOT": str(self.place / "media"),
            "DATABASE_URL": f"sqlite:///{self.place}/world.sqlite3",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "memory://",
        }
        return keep | own

    def run(self, word):
        """Run a command of phone_world in a process of its own and return what it says."""
        line = [sys.executable, "-m", "tests.e2e.phone_world", word]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment(), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def start(self):
        with (self.place / "web.log").open("a") as log:
            line = [*GUNICORN, "--no-control-socket", "--bind", f"127.0.0.1:{self.port}"]
            self.process = subprocess.Popen(
                line, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.05)
        raise AssertionError("the portal did not start")

    def kill(self):
        """End it as a power cut would."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)
            self.process = None


class Link:
    """What lies between the phone and the portal. Every fiftieth request is lost while `drops` is on.

    It notes how many bytes of bodies went up, how many requests were lost, and how many photos were answered as done.
    """

    EVERY = 50  # 2 %

    def __init__(self, portal: Portal):
        self.portal = portal
        self.drops = False
        self.count = itertools.count(1)
        self.sent, self.lost, self.posts = 0, [], 0
        self.done = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fate(self):
        """Return "" for a request that gets through, else where it is lost."""
        if not self.drops or next(self.count) % self.EVERY != self.EVERY // 2:
            return ""
        self.lost.append("there" if len(self.lost) % 2 == 0 else "back")
        return self.lost[-1]

    def forward(self, handler, body):
        away = http.client.HTTPConnection("127.0.0.1", self.portal.port, timeout=60)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP}
            away.request(handler.command, handler.path, body, headers)
            answer = away.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            away.close()

    def _handler(link):  # noqa: N805 the handler is made by the server, with a self of its own
        class Handler(BaseHTTPRequestHandler):
            # One request per connection: the browser repeats nothing by itself, as it would on a connection kept open.
            protocol_version = "HTTP/1.0"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
                if self.command == "POST":
                    link.sent += len(body or b"")
                fate = link.fate()
                if fate == "there":
                    return
                try:
                    status, headers, answer = link.forward(self, body)
                except (OSError, http.client.HTTPException):
                    return  # the portal is down: the phone hears nothing
                if fate == "back":
                    return
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(answer)
                if "/photos/" in self.path and b'"done": true' in answer:
                    link.done += 1

            do_GET = do_POST = do_HEAD = pass_on  # noqa: N815 the names that the server calls

            def log_message(self, *_words):
                pass

        return Handler
