"""Files of an objection lie on the disk before its transaction begins; of those that nobody keeps nothing is left."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from django.test import Client

from creation import clock, stages
from creation.errors import Refused
from reviews.actions import doors, objections
from reviews.actions.brought import laid_down
from reviews.actions.erasing import FOLDER, erase_due
from reviews.demo import builders
from reviews.models import Objection, ObjectionFile, Objector, SetAside
from tests.cast import keyed
from tests.proving import proved

pytestmark = pytest.mark.django_db(transaction=True)

UNIT = {"kind": "unit", "name": "某某公司", "phone": "", "grounds": "该单位夏季空调长期低于26度。"}


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


@pytest.fixture(autouse=True)
def written(monkeypatch, settings, tmp_path, listing):
    """Return a list that hears of every file written: whether a transaction was open at that moment."""
    settings.MEDIA_ROOT = tmp_path
    heard, save = [], FileSystemStorage._save

    def listens(self, name, content):
        heard.append(connection.in_atomic_block)
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", listens)
    return heard


def brought():
    return {"seal": builders.a_pdf("章.pdf"), "files": [builders.a_pdf("一.pdf"), builders.a_pdf("二.pdf")]}


def on_disk():
    top = Path(default_storage.path(FOLDER))
    return {f"{FOLDER}/{path.relative_to(top)}" for path in top.rglob("*") if path.is_file()}


def named():
    return {*ObjectionFile.objects.values_list("file", flat=True), *Objector.objects.values_list("seal", flat=True)}


def test_seal_and_files_are_written_before_the_transaction(listing, written):
    assert Client().post(proved(listing), keyed(**UNIT, **brought())).status_code == 302
    assert written == [False] * 3
    assert on_disk() == named()
    assert list(ObjectionFile.objects.values_list("name", flat=True)) == ["一.pdf", "二.pdf"]
    assert not any(word in path for path in named() for word in "章一二")  # a name on the disk tells nothing
    for file in ObjectionFile.objects.all():
        with file.file.open("rb") as kept:
            assert hashlib.sha256(kept.read()).hexdigest() == file.sha256


def test_the_verb_by_itself_does_the_same(listing, written):
    objections.object_to(listing, **UNIT, **brought())
    assert written == [False] * 3
    assert on_disk() == named()


def test_a_verb_inside_a_transaction_would_be_heard(listing, written):
    with transaction.atomic():
        objections.object_to(listing, **UNIT, **brought())
    assert written == [True] * 3


def test_sent_anew_it_leaves_no_second_copy(listing):
    first = Client().post(proved(listing), keyed(**UNIT, **brought()))
    kept = on_disk()
    second = Client().post(proved(listing), keyed(**UNIT, **brought()))
    assert (second["Location"], on_disk()) == (first["Location"], kept)
    assert len(kept) == 3


def test_nothing_is_left_of_one_that_is_refused_at_the_last_moment(listing, written):
    """Between the page's look at the proof and the transaction, somebody else was faster with the same proof."""
    doors.spend("used")
    with pytest.raises(Refused), laid_down(**brought()) as (seal, files), transaction.atomic():
        assert len(on_disk()) == 3
        objections.object_to(listing, **UNIT, seal=seal, files=files, proof="used")
    assert (on_disk(), Objection.objects.count(), written) == (set(), 0, [False] * 3)


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"grounds": ""}, 200), ({"form_key": ""}, 400), ({"name": "", "seal": ""}, 200)],
)
def test_a_form_that_cannot_be_taken_writes_no_file(listing, written, fields, status):
    assert Client().post(proved(listing), keyed(**UNIT | brought()) | fields).status_code == status
    assert (written, Objection.objects.count()) == ([], 0)


def test_a_late_one_writes_no_file(listing, written):
    clock.set_ahead((listing.notice.last_day - clock.today()).days + 1)
    assert Client().post(proved(listing), keyed(**UNIT, **brought())).status_code == 200
    assert (written, SetAside.objects.count(), Objection.objects.count()) == ([], 1, 0)


def test_without_a_proof_or_with_a_used_one_no_file_is_written(listing, written):
    proof = proved(listing)
    assert Client().post(proof, keyed(**UNIT)).status_code == 200  # the seal is missing, so the proof is still good
    assert Client().post(proof, keyed(**UNIT, **brought())).status_code == 302
    del written[:]
    other = UNIT | {"grounds": "另一件事。"}
    assert Client().post(proof, keyed(**other, **brought())).status_code == 200
    assert Client().post(proof.split("?")[0], keyed(**other, **brought())).status_code == 403
    assert (written, Objection.objects.count()) == ([], 1)


def test_what_a_killed_request_leaves_goes_after_a_day(listing):
    objections.object_to(listing, **UNIT, **brought())
    kept = on_disk()
    killed = laid_down(**brought())  # never closed, as a process that is killed closes nothing
    killed.__enter__()
    left = on_disk() - kept
    assert len(left) == 3
    erase_due()
    assert on_disk() == kept | left  # it may still be on its way into a transaction
    for name in left:
        at = (clock.now() - timedelta(hours=25)).timestamp()
        os.utime(default_storage.path(name), (at, at))
    erase_due()
    assert on_disk() == kept
