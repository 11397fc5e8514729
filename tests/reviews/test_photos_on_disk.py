"""Photos brought through pages are on the disk before the form's transaction begins: nobody waits for a disk."""

import io

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from PIL import Image

from creation import stages
from creation.actions.evidence import store
from creation.errors import Refused
from reviews.actions import findings, inspections
from reviews.demo import builders
from reviews.models import Finding, FindingPhoto, VisitPhoto
from tests.cast import keyed
from tests.scene import a_picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(monkeypatch):
    """Return a list that hears of every file written: whether a transaction was open at that moment."""
    heard, save = [], FileSystemStorage._save

    def listens(self, name, content):
        heard.append(connection.in_atomic_block)
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", listens)
    return heard


def picture(shade):
    out = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 120, 0)).save(out, "PNG")
    return SimpleUploadedFile(f"{shade}.png", out.getvalue(), content_type="image/png")


def test_no_page_writes_photos_inside_its_transaction(world, sign_in, written):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    written.clear()
    team, clerk = sign_in("inspector"), sign_in("clerk")
    team.post(reverse("item_photos", args=[visit.pk, "3.4"]), keyed(photos=[picture(10)]))
    fields = {"indicator": "3.2", "kind": "on_the_spot", "text": "漏水", "due_on": ""}
    team.post(reverse("finding_add", args=[visit.pk]), keyed(**fields, photos=[picture(60)]))
    page = reverse("finding_detail", args=[Finding.objects.get().pk])
    team.post(page, keyed(step="photos", when="after", photos=[picture(110)]))
    clerk.post(page, keyed(step="answer", text="已修", photos=[picture(160)]))
    assert (VisitPhoto.objects.count(), FindingPhoto.objects.count()) == (1, 3)
    assert written == [False] * 8  # the original and the shown form of each


def test_a_verb_inside_a_transaction_would_be_heard(world, written):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    with transaction.atomic():
        findings.raise_finding(
            visit, world.standard.indicators.get(code="3.4"), kind="on_the_spot", text="滴漏",
            by=world["inspector"], photos=[a_picture()],
        )  # fmt: skip
    assert written[-1] is True


def test_of_a_visit_that_has_been_filed_nothing_is_written(world, sign_in, written):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    written.clear()
    sign_in("inspector").post(reverse("item_photos", args=[visit.pk, "3.4"]), keyed(photos=[a_picture()]))
    assert (written, VisitPhoto.objects.count()) == ([], 0)


def test_what_another_organ_stored_is_not_taken_for_ones_own(world):
    piece = store(world.organ, a_picture(), purpose="photo", by=world["inspector"])
    assert store(world.organ, piece, purpose="photo", by=world["inspector"]) == piece
    for organ, purpose in ((world.neighbour, "photo"), (world.organ, "evidence")):
        with pytest.raises(Refused, match="another organ"):
            store(organ, piece, purpose=purpose, by=world["inspector"])
