"""Whoever searches every page, download, mail and log as staff of the organ finds who objected nowhere."""

import contextlib
import html
import io
import logging
import re
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.db import transaction
from django.urls import Resolver404, resolve, reverse
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from creation.models import Event, FormKey, Message, StageChange, User
from reviews.actions import digests, objections
from reviews.demo import builders
from reviews.models import Hearing, Knock, Listing, Objection, SpentProof
from tests.cast import keyed
from tests.proving import proved
from tests.scene import address, names
from tests.telling import tomorrow

NAME, PHONE, FILE = "爨旮旯", "17790135246", "爨旮旯的举报信.pdf"
SECRETS = (NAME, "旮旯", PHONE, "177 9013 5246", "举报信")
pytestmark = pytest.mark.django_db


def words_in(content):
    """Return what a person reads in an answer: a PDF's text, everything packed in a workbook or archive, or text."""
    if content.startswith(b"%PDF"):
        try:
            return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages) + repr(content)
        except PyPdfError:  # the small files of tests are no whole PDFs
            return content.decode(errors="replace")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(words_in(packed.read(name)) for name in packed.namelist())
    return content.decode(errors="replace")


def opened(client, method, url):
    """Return headers and words of an answer; what the request changed is undone."""
    with transaction.atomic():
        answer = client.get(url, follow=False) if method == "GET" else client.post(url, keyed(seen="x", reason="x"))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for close in answer._resource_closers:
            close()
        transaction.set_rollback(True)
    return f"{answer.status_code} {answer.headers}\n{words_in(content)}"


def other_pages(texts, scene):
    """Return what the pages link to besides the addresses of the scene: one link for each address and filter."""
    linked = {html.unescape(link) for text in texts.values() for link in re.findall(r'href="(/[^"#]*)"', text)}
    kinds = {}
    for link in sorted(linked):
        parts = urlsplit(link)
        with contextlib.suppress(Resolver404):
            name = resolve(parts.path).url_name
            if name not in {"logout", "language_set"}:
                kinds.setdefault((name, *sorted(parse_qs(parts.query))), link)
    seen = {address(name, scene) for name in names()}
    return [link for link in kinds.values() if link not in seen]


@pytest.fixture
def objection(scene, sign_in):
    """An objection that went the whole way: sent, looked at, answered, proposed, given back, decided."""
    listing = Listing.objects.get(notice=scene["notice"], number=scene["listing"])
    fields = {"kind": "person", "name": NAME, "phone": PHONE, "grounds": "食堂长明灯，无人关。"}
    receipt = sign_in("public").post(proved(listing), keyed(**fields, files=[builders.a_pdf(FILE)]))["Location"]
    one = Objection.objects.get(receipt=receipt.rstrip("/").rsplit("/", 1)[-1])
    sign_in("city").post(reverse("objection_objector", args=[one.pk]), keyed())
    sign_in("clerk").post(
        reverse("objection_hear", args=[one.pk]), keyed(text="已整改。", files=[builders.a_pdf("整改.pdf")])
    )
    for reason in ("初步意见。", "查无实据。"):
        decide = reverse("objection_decide", args=[one.pk])
        sign_in("city").post(decide, keyed(outcome="dismissed", reason=reason))
        if reason == "初步意见。":
            sign_in("superior").post(reverse("objection_give_back", args=[one.pk]), keyed(reason="写清楚。"))
    objections.decide(Objection.objects.get(pk=one.pk), by=User.objects.get(username="superior"))
    scene |= {"objection": one.pk, "objection_file": one.files.get().pk, "receipt_of_objection": one.receipt}
    scene["answer_file"] = one.hearings.get().files.get().pk
    return one


def test_who_objected_is_found_nowhere(caplog, settings, scene, objection, sign_in):
    settings.DIGEST_AT = "00:00"  # due at whatever hour the test runs
    settings.PORTAL_ADDRESS = "https://portal.example"
    caplog.set_level(logging.DEBUG)
    found, read = [], 0
    for person, methods in (("clerk", ("GET", "POST")), ("signatory", ("GET",))):
        clients = {name: sign_in(person) if name == "logout" else None for name in names()}
        client = sign_in(person)
        texts = {
            (method, name): opened(clients[name] or client, method, address(name, scene))
            for method in methods
            for name in names()
        }
        texts |= {("GET", link): opened(client, "GET", link) for link in other_pages(texts, scene)}
        read += sum(text.startswith("200") for text in texts.values())
        found += [(person, *key) for key, text in texts.items() if any(secret in text for secret in SECRETS)]
    assert found == []
    assert read > 100  # a search that opens nothing finds nothing
    for user in User.objects.filter(messages__isnull=False).distinct():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.cn")
    tomorrow()
    digests.write_digests()
    digests.send_digests()
    assert mail.outbox
    kept = [*(f"{one.subject} {one.body} {one.message()}" for one in mail.outbox), caplog.text]
    kept += [str(list(rows.objects.values())) for rows in (Event, FormKey, Hearing, Knock, Message, SpentProof)]
    kept += [str(list(StageChange.objects.values())), str(list(Objection.objects.values()))]
    assert [text[:80] for text in kept if any(secret in text for secret in SECRETS)] == []
    # the control arm: it is there, for whoever may ask, and this search would have found it
    page = opened(sign_in("city"), "POST", reverse("objection_objector", args=[objection.pk]))
    assert all(secret in page for secret in (NAME, PHONE, FILE))
