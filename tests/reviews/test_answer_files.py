"""Papers that come with an organ's answer to an objection: who reads them, and that they stay with the decision."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.models import Evidence
from reviews.actions import objections
from reviews.actions.erasing import erase_due
from reviews.demo import builders
from reviews.models import Hearing, HearingFile, Objector
from tests.cast import keyed
from tests.test_access import PEOPLE

pytestmark = pytest.mark.django_db

GIVEN = {"kind": "person", "name": "欧阳若兰", "phone": "139 1234 5678", "grounds": "该单位夏季空调长期低于26度。"}


@pytest.fixture
def objection(world):
    return objections.object_to(world.bring_to(stages.PUBLICISED).listing, **GIVEN)


def papers(number):
    return [builders.a_pdf(f"台账{one}.pdf") for one in range(number)]


def answer(sign_in, objection, **fields):
    url = reverse("objection_hear", args=[objection.pk])
    return sign_in("clerk").post(url, keyed(**{"text": "已经整改。"} | fields))


def read(client, url):
    """Return what an address answers, file or page."""
    answer = client.get(url)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


def test_they_stand_with_the_answer_and_are_written_before_its_transaction(world, sign_in, objection, monkeypatch):
    outer, deep, write = len(connection.savepoint_ids), [], FileSystemStorage._save

    def noted(self, name, content):
        deep.append(len(connection.savepoint_ids) - outer)
        return write(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", noted)
    assert answer(sign_in, objection, files=papers(5)).status_code == 302
    assert (len(deep), set(deep)) == (5, {0})
    kept = HearingFile.objects.all()
    assert [file.evidence.name for file in kept] == [f"台账{one}.pdf" for one in range(5)]
    url = reverse("objection_answer_file", args=[objection.pk, kept[0].pk])
    pages = [reverse(name, args=[objection.pk]) for name in ("objection_detail", "objection_decide")]
    assert all(url in sign_in("city").get(page).content.decode() for page in pages)
    assert url in sign_in("clerk").get(pages[0]).content.decode()
    sent = sign_in("city").get(url)
    assert b"".join(sent.streaming_content).endswith("台账0.pdf".encode())
    assert "attachment" in sent["Content-Disposition"]
    assert "no-store" in sent["Cache-Control"]


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        (lambda: papers(6), "At most 5 files can be added."),
        (lambda: [SimpleUploadedFile("台账.pdf", b"<html>")], "is not what its name says"),
        (lambda: [SimpleUploadedFile("台账.exe", b"MZ")], "is not of an accepted kind"),
    ],
)
def test_the_same_files_are_refused_as_elsewhere_and_nothing_is_kept(sign_in, objection, brought, told):
    page = answer(sign_in, objection, files=brought())
    assert page.status_code == 200
    assert told in page.content.decode()
    assert "已经整改。" in page.content.decode()
    assert (Hearing.objects.count(), Evidence.objects.filter(name__startswith="台账").count()) == (0, 0)


def test_the_verb_refuses_a_sixth_and_takes_the_same_paper_once(world, objection):
    with pytest.raises(Refused) as told:
        objections.hear(objection, text="已查", files=papers(6), by=world["clerk"])
    assert told.value.field == "files"
    same = [SimpleUploadedFile(name, builders.PDF) for name in ("一.pdf", "二.pdf")]
    assert objections.hear(objection, text="已查", files=same, by=world["clerk"]).files.count() == 1


def test_nobody_but_the_deciding_officials_and_the_organ_opens_them(world, sign_in, objection):
    answer(sign_in, objection, files=papers(1))
    file = HearingFile.objects.get()
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    url = reverse("objection_answer_file", args=[objection.pk, file.pk])
    opened = {person for person in (*PEOPLE, "superior") if read(sign_in(person), url).startswith("%PDF")}
    assert opened == {"clerk", "signatory", "city", "superior"}
    outside = [
        reverse("evidence_file", args=[file.evidence_id]),  # the library is the organ's alone
        reverse("notice_detail", args=[objection.listing.notice_id]),
        reverse("outcome_objection", args=[objection.pk]),
        reverse("file_detail", args=[objection.listing.assessment_id]),
    ]
    for person in (set(PEOPLE) - opened) | {"city"}:
        client = sign_in(person)
        assert [page for page in outside if "台账0.pdf" in read(client, page)] == []


def test_a_paper_of_another_objection_is_not_found_through_ones_own(world, sign_in, objection):
    other = objections.object_to(objection.listing, **GIVEN | {"grounds": "另一件事"})
    answer(sign_in, objection, files=papers(1))
    url = reverse("objection_answer_file", args=[other.pk, HearingFile.objects.get().pk])
    assert sign_in("city").get(url).status_code == 404


def test_they_stay_when_who_objected_is_erased(world, sign_in, objection):
    answer(sign_in, objection, files=papers(1))
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    with time_machine.travel(clock.now() + timedelta(days=9999)):
        assert erase_due() == 1
    assert Objector.objects.get().name == ""
    url = reverse("objection_answer_file", args=[objection.pk, HearingFile.objects.get().pk])
    assert read(sign_in("city"), url).startswith("%PDF")


def test_a_name_is_no_question_that_the_organ_could_ask(world, sign_in, objection):
    """Whether the guess is right or wrong, the answer is taken the same way."""
    for guess in (GIVEN["name"], "司马相如"):
        assert (
            answer(sign_in, objection, text=f"系{guess}所为", files=[builders.a_pdf(f"{guess}.pdf")]).status_code == 302
        )
    assert Hearing.objects.count() == 2


def test_no_row_of_them_is_ever_changed(world, sign_in, objection):
    answer(sign_in, objection, files=papers(1))
    for statement in ("UPDATE reviews_hearingfile SET id = id", "DELETE FROM reviews_hearingfile"):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_page_asks_as_much_for_three_answers_as_for_one(world, sign_in, objection, django_assert_num_queries):
    client, url = sign_in("city"), reverse("objection_detail", args=[objection.pk])
    counts = []
    for number in range(3):
        objections.hear(objection, text=f"已查{number}", files=papers(2), by=world["clerk"])
        with django_assert_num_queries(counts[0] if counts else 99, exact=bool(counts)) as asked:
            client.get(url)
        counts.append(len(asked))
    assert len(set(counts)) == 1
