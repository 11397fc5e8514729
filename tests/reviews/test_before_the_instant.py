"""One second before a notice is published nobody outside can see, guess, search, export or fetch anything of it.

Every address of the portal is read by somebody who is not signed in, with every link and every search that leads on
from there, in a world with the approved notice waiting and in the same world without it. New addresses are read too:
they come from the resolver.
"""

import re
from collections import deque
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from creation.models import Assessment
from reviews import tasks
from reviews.actions import approvals, notices
from reviews.demo import builders
from reviews.models import Notice
from tests.scene import ARGUMENTS, address, names

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 2, 9, tzinfo=SHANGHAI)
INSTANT = datetime(2026, 6, 3, 8, 30, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)
TITLE = "关于尚未公布的名单的公示"
ELSEWHERE = ("/static/", "/language/")  # files that nobody writes here, and a way that leaves a cookie
AT_MOST = 1500  # addresses in one reading: more would mean that links lead on without an end
# what is made anew for each answer and says nothing: the secret of a form, its key, the question that it asks
FRESH = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")[^"]*|(?<=name="form_key" value=")[^"]*'
    rb"|\d+\.\d{9,}\.[\w.-]+|How much is [^?]*"
)


class Ways(HTMLParser):
    """What leads on from a page: its links, and the forms that ask without changing anything."""

    def __init__(self, terms):
        super().__init__()
        self.links, self.forms, self._fields, self._terms = set(), [], None, terms

    def handle_starttag(self, tag, attributes):
        """Note a link, a form or a field of one."""
        given = dict(attributes)
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        if tag == "form":
            self._fields = {} if given.get("method", "get").lower() == "get" else None
            if self._fields is not None:
                self.forms.append((given.get("action", ""), self._fields))
        if self._fields is None:
            return
        if tag in {"input", "select"} and given.get("name") and given.get("type") != "hidden":
            self._name, is_typed = given["name"], given.get("type", tag) in {"input", "text", "search"}
            self._fields.setdefault(self._name, set(self._terms if is_typed else ())).add(given.get("value", ""))
        if tag == "option":
            self._fields[self._name].add(given.get("value", ""))

    def handle_endtag(self, tag):
        """Note the end of a form."""
        if tag == "form":
            self._fields = None


def ways_from(url, page, terms):
    """Yield the addresses to which a page leads: its links, each choice of its searches, each term in each of them."""
    ways = Ways(terms)
    ways.feed(page)
    yield from (urljoin(url, link) for link in ways.links)
    for action, fields in ways.forms:
        for name, values in fields.items():
            for value in values:
                yield f"{urljoin(url, action)}?{urlencode({name: value})}"


def answer_to(url, client):
    """Return what somebody without an account, a cookie and a past gets: status, headers and the bytes."""
    client.cookies.clear()
    answer = client.get(url, headers={"accept-language": "en"})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = sorted(pair for pair in answer.headers.items() if pair[0] != "Content-Length")  # the bytes tell
    return answer.status_code, headers, FRESH.sub(b"", body), answer


def read_everything(scene, terms):
    """Return what every address answers: those of the resolver, and all that can be reached from them."""
    waiting = deque(sorted({address(name, scene) for name in names() if name != "language_set"}))
    found, client = {}, Client()
    while waiting:
        url = waiting.popleft()
        if url in found:
            continue
        status, headers, body, answer = answer_to(url, client)
        found[url] = (status, headers, body)
        assert len(found) < AT_MOST, sorted(found)[::50]
        if status != 200 or not answer["Content-Type"].startswith("text/html") or urlsplit(url).query:
            continue
        for way in ways_from(url, body.decode(), terms):
            there = urlsplit(way)
            if not there.netloc and there.path.startswith("/") and not there.path.startswith(ELSEWHERE):
                waiting.append(there._replace(fragment="").geturl())
    return found


@pytest.fixture
def instant():
    """A clock that stands one second before the instant."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(instant, world):
    """Return the cast on that day."""
    return world


def test_one_second_before_its_instant_a_notice_is_nowhere(instant, world, scene):
    draft = Notice.objects.get(pk=scene["notice_draft"])
    file = draft.listings.get().assessment
    notices.discard_notice(draft, by=world["city"])
    organ = file.organ
    terms = {TITLE, organ.name}

    instant.move_to(INSTANT - SECOND)
    without = read_everything(scene, terms)
    instant.move_to(NOW)
    notice = _approved(world, file)
    instant.move_to(INSTANT - SECOND)
    tasks.sweep()
    there = read_everything(scene, terms)

    assert {url for url in there.keys() | without.keys() if there.get(url) != without.get(url)} == set()
    assert sum(status == 200 for status, _headers, _body in there.values()) > 50
    assert any(b"q=" in url.encode() for url in there)
    for name in _about_a_notice():
        own, never = (_of(name, scene, pk) for pk in (notice.pk, notice.pk + 1000))
        assert (name, own[0]) == (name, 404)
        assert own == never

    instant.move_to(INSTANT + SECOND)  # the control arm
    tasks.sweep()
    after = read_everything(scene, terms)
    changed = {url for url in after.keys() | there.keys() if after.get(url) != there.get(url)}
    for name in ("notice_list", "home", "api_open_notices"):
        assert {reverse(name)} <= changed
    assert TITLE in after[reverse("notice_list")][2].decode()
    assert reverse("notice_detail", args=[notice.pk]) in after
    assert [name for name in _about_a_notice() if _of(name, scene, notice.pk)[0] != 200] == []


def _approved(world, file):
    notice = builders.make_notice(file.cycle, [Assessment.objects.get(pk=file.pk)], title=TITLE, by=world["city"])
    approvals.hand_in(notice, publish_at=INSTANT, by=world["city"])
    return approvals.approve(notice, by=world["superior"])


def _about_a_notice():
    """Return the public addresses that speak of a published notice."""
    return [name for name in names() if ARGUMENTS.get(name, "").split()[:1] == ["notice"] and name.startswith(PUBLIC)]


PUBLIC = ("api_open_notice", "notice_detail", "notice_pdf", "objection_add")


def _of(name, scene, pk):
    """Return what an address of a notice with this id answers, with the id itself taken out."""
    status, headers, body, _answer = answer_to(address(name, scene | {"notice": pk, "listing": 1}), Client())
    return status, headers, body.replace(f"notices/{pk}/".encode(), b"").replace(f"notices%2F{pk}%2F".encode(), b"")
