"""Who objected is known to few, each look is recorded, and no page, export or log tells."""

import logging
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from creation.models import Event, FormKey
from reviews.actions import objections
from reviews.actions.objections import tells_who
from reviews.demo import builders
from reviews.models import Hearing, Objection, ObjectorLook
from tests.cast import keyed
from tests.reviews.objecting import GIVEN, NAME, PHONE, confirm, faults, listing, objection, send

__all__ = ["listing", "objection"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "name", "phone", "told"),
    [
        ("我是欧阳 若兰，反映如下", NAME, "", True),
        ("反映如下，可拨1391234-5678", "", PHONE, True),
        ("Plan of 2026", "An", "", False),
        ("I, Ann Lee, object", "ann lee", "", True),
        ("该单位夏季空调长期低于26度。", NAME, PHONE, False),
        ("", "", "", False),
    ],
)
def test_what_the_organ_reads_must_not_tell_who_objects(text, name, phone, told):
    assert tells_who(text, name=name, phone=phone) is told


def test_a_name_in_the_grounds_is_sent_back_and_in_the_reason_too(world, sign_in, listing):
    answer = send(sign_in("public"), listing, grounds=f"我叫{NAME}。")
    assert faults(answer) == ["Grounds: Leave your name and phone out of the grounds: the organ reads them."]
    objection = objections.object_to(listing, **GIVEN)
    url = reverse("objection_decide", args=[objection.pk])
    answer = sign_in("city").post(url, keyed(outcome="dismissed", reason=f"{NAME}所述不实。"))
    assert faults(answer) == ["Reason of the decision: The reason is published: leave out who objected."]
    assert Objection.objects.get().state == "open"


def test_who_objected_is_shown_to_deciding_officials_and_each_look_is_recorded(world, sign_in, objection):
    url = reverse("objection_objector", args=[objection.pk])
    assert sign_in("city").get(url).status_code == 405
    assert NAME not in sign_in("city").get(reverse("objection_detail", args=[objection.pk])).content.decode()
    assert ObjectorLook.objects.count() == 0
    answer = sign_in("city").post(url, keyed())
    assert NAME in answer.content.decode()
    assert PHONE in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    file = reverse("objection_file", args=[objection.pk, objection.files.get().pk])
    assert b"".join(sign_in("city").post(file, keyed()).streaming_content).startswith(b"%PDF")
    assert list(ObjectorLook.objects.values_list("by__username", flat=True)) == ["city", "city"]
    for statement in ("UPDATE reviews_objectorlook SET id = id", "DELETE FROM reviews_objectorlook"):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_nothing_that_a_browser_fetches_by_itself_records_a_look(world, objection, sign_in):
    sealed = objections.object_to(
        objection.listing, **GIVEN | {"kind": "unit", "name": "某某公司", "phone": PHONE}, seal=builders.a_pdf()
    )
    file = reverse("objection_file", args=[objection.pk, objection.files.get().pk])
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world["city"], backend="django.contrib.auth.backends.ModelBackend")
    for url in (file, reverse("objection_seal", args=[sealed.pk])):
        client = sign_in("city")
        assert [client.get(url).status_code, client.head(url).status_code] == [405, 405]
        assert client.post(url).status_code == 400
        assert strict.post(url, keyed()).status_code == 403
        assert ObjectorLook.objects.count() == 0
    assert b"".join(sign_in("city").post(url, keyed())).startswith(b"%PDF")
    assert ObjectorLook.objects.count() == 1


def test_the_organ_does_not_learn_whether_a_person_or_a_unit_objected(world, objection, sign_in):
    sealed = objections.object_to(
        objection.listing, **GIVEN | {"kind": "unit", "name": "某某公司", "phone": PHONE}, seal=builders.a_pdf()
    )
    urls = [reverse("objection_seal", args=[one.pk]) for one in (objection, sealed)]
    told = {person: [sign_in(person).post(url, keyed()).status_code for url in urls] for person in ("clerk", "clerk2")}
    assert told == {"clerk": [403, 403], "clerk2": [404, 404]}
    # the control arm: who decides is told
    assert sign_in("city").post(urls[0], keyed()).status_code == 404
    assert b"".join(sign_in("city").post(urls[1], keyed())).startswith(b"%PDF")


def crawl(client, *starts):
    """Every page that the person reaches by links from `starts`, as text."""
    waiting, seen, texts = list(starts), set(), []
    while waiting:
        url = waiting.pop()
        path = url.split("?")[0]
        if path in seen or path.startswith(("/static/", "/language/", "/accounts/")):
            continue
        seen.add(path)
        answer = client.get(url)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode(errors="replace")
        texts.append(f"{path}\n{answer.headers}\n{text}")
        waiting += re.findall(r'href="(/[^"#]*)"', text)
    return texts


def test_the_objector_is_found_on_no_page_in_no_export_and_no_log(world, sign_in, listing, caplog):
    caplog.set_level(logging.DEBUG)
    send(sign_in("public"), listing, files=[builders.a_pdf("欧阳若兰的照片.pdf")])
    objection = Objection.objects.get()
    sign_in("clerk").post(reverse("objection_hear", args=[objection.pk]), keyed(text="已经整改。"))
    sign_in("city").post(reverse("objection_objector", args=[objection.pk]), keyed())
    sign_in("city").post(reverse("objection_decide", args=[objection.pk]), keyed(outcome="upheld", reason="属实。"))
    confirm(sign_in("superior"), objection)
    starts = [
        reverse("notice_list"),
        reverse("recognised_list"),
        reverse("recognised_download"),
        reverse("objection_receipt", args=[objection.receipt]),
        reverse("objection_state") + f"?receipt={objection.receipt}",
    ]
    inside = [reverse("objection_list") + "?state=all", reverse("objection_detail", args=[objection.pk])]
    inside += [reverse("notice_manage"), reverse("draw_list"), reverse("file_detail", args=[listing.assessment_id])]
    for person in ("clerk", "signatory", "clerk2", "viewer", "official", "registrar", "stranger", "public", "city"):
        texts = crawl(sign_in(person), *starts, *(inside if person != "public" else []))
        assert len(texts) > 5
        # a deciding official sees the names of the files, and who objected only by asking
        secret = (NAME, "若兰", PHONE, "13912345678") if person != "city" else (PHONE, "13912345678")
        assert [text[:80] for text in texts if any(word in text for word in secret)] == []
    assert [word for word in (NAME, PHONE) if word in caplog.text] == []
    kept = str(list(Event.objects.values())) + str(list(FormKey.objects.values())) + str(list(Hearing.objects.values()))
    assert NAME not in kept
    # the control arm: it is there for those who may ask
    assert NAME in sign_in("city").post(reverse("objection_objector", args=[objection.pk]), keyed()).content.decode()
