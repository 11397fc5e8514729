"""A flood of posts at the door of objections, on a real server: the real ones get through, other pages answer.

FLOOD=10000 is the long run; one in a hundred (in the short run one in fifty) is somebody who does the work.
"""

import contextlib
import http.client
import os
import re
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest

from reviews import proofs
from tests.test_delivery import GUNICORN, House, seconds_until

FLOOD = int(os.environ.get("FLOOD", "1000"))
REAL = FLOOD // 100 if FLOOD >= 10_000 else FLOOD // 50
BITS = 10  # the work of a test's Python, not of a browser
SLOWEST = 5.0  # seconds a page may take meanwhile
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = (
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n' + b"%PDF" * 8000 + b"\r\n--b--\r\n"
)

pytestmark = pytest.mark.xdist_group("delivery")


@dataclass
class Client:
    """A connection kept open, with the cookie that the form brings."""

    portal: str
    cookie: str = ""
    opened: http.client.HTTPConnection | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_fault):
        if self.opened:
            self.opened.close()

    def ask(self, method, path, body=None, headers=None):
        """Send a request and return status, headers and text; a connection that was closed is opened once more."""
        where = urlsplit(self.portal)
        headers = {"Accept-Language": "en", "Referer": self.portal, "Cookie": self.cookie} | (headers or {})
        for last in (False, True):
            self.opened = self.opened or http.client.HTTPConnection(where.hostname, where.port, timeout=60)
            try:
                self.opened.request(method, path, body=body, headers=headers)
                answer = self.opened.getresponse()
                text = answer.read().decode()
            except (OSError, http.client.HTTPException):
                self.opened.close()
                self.opened = None
                if last:
                    raise
                continue
            if "Set-Cookie" in answer.headers:
                self.cookie = answer.headers["Set-Cookie"].split(";")[0]
            return answer.status, answer.headers, text
        raise AssertionError

    def form(self, path, grounds):
        """Open the form and return what a person sends: hidden fields, and what is typed."""
        page = self.ask("GET", path)[2]
        return page, hidden_in(page) | {"kind": "person", "name": "陈某", "phone": "13800000000", "grounds": grounds}

    def post(self, path, fields):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields).encode(), kind)


def hidden_in(page):
    return dict(re.findall(r'name="(csrfmiddlewaretoken|form_key)" value="([^"]*)"', page))


def work_of(page):
    """Return what a browser adds to the address of the form: the work that the page asks for, or what stands there."""
    asked = re.search(r'data-proof="([^"]+)" data-proof-bits="(\d+)"', page)
    if asked:
        return f"?c={asked[1]}&n={proofs.find(asked[1], int(asked[2]))}"
    there = re.search(r'method="post" enctype[^>]* action="([^"]*)"', page)
    return there[1].replace("&amp;", "&") if there else ""


def a_person(portal, path, number):
    """Object as a browser does, doing more work when the page asks for more; return the receipt's address."""
    with Client(portal) as client:
        page, fields = client.form(path, f"真实的理由之{number}。")
        for _time in range(5):
            status, headers, page = client.post(path + work_of(page), fields)
            if status == 302:
                return headers["Location"]
            fields |= hidden_in(page)
    raise AssertionError(page)


def a_bot(portal, path, fields, cookie, count):
    """Post without the work, in every way a bot may think of, and return what was answered."""
    forged = proofs.challenge("objection/1/1", bits=1, now=int(time.time())).text
    ways = (
        lambda client, number: client.post(path, fields | {"form_key": str(uuid4()), "grounds": f"垃圾 {number}"}),
        lambda client, number: client.post(f"{path}?c={forged}&n={number}", fields),
        lambda client, _number: client.ask("POST", path, FILE, MULTIPART),
        lambda client, _number: client.post(f"{path}?c={'9' * 2000}&n=1", {"grounds": "x" * 20_000}),
    )
    with Client(portal, cookie) as client:
        return [ways[number % len(ways)](client, number)[0] for number in range(count)]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    place = tmp_path_factory.mktemp("flood")
    house = House(f"sqlite:///{place}/flood.sqlite3", {"CELERY_BROKER_URL": "memory://"}, "threads", place)
    house.run("build")
    house.run("running", "x" * 20)
    yield house
    house.kill()


@pytest.fixture
def serve(house, monkeypatch):
    """Return a function that starts the portal as its supervisor does, with this much work asked, and its address."""

    def started(bits):
        monkeypatch.setenv("PROOF_BITS", str(bits))
        monkeypatch.setattr("tests.test_delivery.GUNICORN", (*GUNICORN, "--workers", "2", "--threads", "4"))
        portal = house.start_web()
        assert seconds_until(lambda: answers(portal), 30) is not None
        return portal

    yield started
    house.kill()


def answers(portal):
    with contextlib.suppress(OSError), Client(portal) as client:
        return client.ask("GET", "/healthz")[0] == 200


def read_meanwhile(portal, stop, took):
    with Client(portal) as client:
        while not stop.wait(0.1):
            began = time.monotonic()
            status = client.ask("GET", "/notices/" if len(took) % 2 else "/recognised/")[0]
            took.append((status, time.monotonic() - began))


def path_of(house):
    return f"/notices/{house.ask('SELECT id FROM reviews_notice')[0]}/1/object/"


def test_the_real_ones_of_a_flood_are_all_stored_and_other_pages_answer(house, serve):
    portal, path = serve(BITS), path_of(house)
    with Client(portal) as bot:
        _page, fields = bot.form(path, "垃圾")
    stop, took, pool = threading.Event(), [], ThreadPoolExecutor(16)
    reader = threading.Thread(target=read_meanwhile, args=(portal, stop, took))
    began = time.monotonic()
    reader.start()
    bots = [pool.submit(a_bot, portal, path, fields, bot.cookie, (FLOOD - REAL) // 8) for _number in range(8)]
    people = [pool.submit(a_person, portal, path, number) for number in range(REAL)]
    wait([*bots, *people])
    seconds = time.monotonic() - began
    stop.set()
    reader.join()
    pool.shutdown()
    receipts = [person.result() for person in people]
    refused = [status for each in bots for status in each.result()]
    figures = {
        "posts": len(refused) + REAL, "real": len(set(receipts)), "seconds": round(seconds, 1),
        "slowest page": round(max(spent for _status, spent in took), 2),
        "median page": round(statistics.median(spent for _status, spent in took), 3), "pages": len(took),
    }  # fmt: skip
    print(figures)  # noqa: T201 the figures of the long run
    assert len(set(receipts)) == REAL
    assert set(refused) == {403}
    assert house.ask("SELECT count(*), count(DISTINCT grounds) FROM reviews_objection") == (REAL, REAL)
    assert house.ask("SELECT count(*) FROM reviews_objection WHERE grounds LIKE '垃圾%'")[0] == 0
    assert {status for status, _spent in took} == {200}
    assert max(spent for _status, spent in took) < SLOWEST


def test_control_without_the_work_a_bot_gets_in(house, serve):
    portal, path = serve(0), path_of(house)
    with Client(portal) as bot:
        _page, fields = bot.form(path, "垃圾")
    answered = a_bot(portal, path, fields, bot.cookie, 8)
    # with and without a challenge; the second form with the same key is led to the first receipt
    assert [answered[number] for number in (0, 1, 4, 5)] == [302] * 4
    assert house.ask("SELECT count(*) FROM reviews_objection WHERE grounds LIKE '垃圾%'")[0] == 3
