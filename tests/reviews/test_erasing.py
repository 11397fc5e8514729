"""Who objected is erased after the round's retention time; grounds and decision stay, and no file is left behind."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse

from creation import clock, stages
from creation.guards import without_guards
from creation.models import Cycle, Event
from reviews.actions import erasing, objections
from reviews.actions.erasing import erase_due, months_after
from reviews.demo import builders
from reviews.models import Objection, ObjectionFile, Objector, SetAside
from reviews.tasks import nightly
from tests.cast import keyed

NAME, PHONE, GROUNDS = "欧阳若兰", "139 1234 5678", "该单位夏季空调长期低于26度。"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def decided(world):
    """A unit's objection with seal and two files, decided today; erased twelve months later."""
    with without_guards():
        Cycle.objects.update(retention_months=12)
    objection = objections.object_to(
        world.bring_to(stages.PUBLICISED).listing, kind="unit", name=NAME, phone=PHONE, grounds=GROUNDS,
        seal=builders.a_pdf("章.pdf"), files=[builders.a_pdf("欧阳若兰.pdf"), builders.a_pdf("二.pdf")],
    )  # fmt: skip
    return builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])


def on_disk():
    top = Path(default_storage.path(erasing.FOLDER))
    return sorted(str(path) for path in top.rglob("*") if path.is_file())


def later(decided, days=0):
    day = months_after(clock.today(), 12) + timedelta(days=days)
    return time_machine.travel(datetime(day.year, day.month, day.day, 3, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False)


def test_it_is_erased_on_its_day_once_and_what_was_decided_stays(world, sign_in, decided):
    files = list(decided.files.values_list("sha256", "content_type"))
    with later(decided, -1):
        assert erase_due() == 0
        assert (Objector.objects.get().name, len(on_disk())) == (NAME, 3)
    with later(decided):
        assert [erase_due(), erase_due()] == [1, 0]
    objector = Objector.objects.get()
    assert (objector.name, objector.phone, objector.seal.name) == ("", "", "")
    assert objector.erased_at is not None
    assert list(ObjectionFile.objects.values_list("name", "file")) == [("", "")] * 2
    assert list(ObjectionFile.objects.values_list("sha256", "content_type")) == files
    assert on_disk() == []
    kept = Objection.objects.get()
    assert (kept.grounds, kept.reason, kept.state) == (GROUNDS, "查无实据。", "dismissed")
    event = Event.objects.get(verb="erase_objector")
    assert (event.by, event.subject_id, event.after) == (None, kept.pk, {"files": 2})
    detail, one = reverse("objection_detail", args=[kept.pk]), [kept.pk]
    assert "Erased on" in sign_in("city").get(detail).content.decode()
    assert "Erased on" not in sign_in("clerk").get(detail).content.decode()
    assert "Erased on" in sign_in("city").post(reverse("objection_objector", args=one), keyed()).content.decode()
    for url in (
        reverse("objection_seal", args=one),
        reverse("objection_file", args=[kept.pk, ObjectionFile.objects.first().pk]),
    ):
        assert sign_in("city").post(url, keyed()).status_code == 404


def test_an_open_objection_is_not_erased_however_old(world):
    objections.object_to(
        world.bring_to(stages.PUBLICISED).listing, kind="person", name=NAME, phone=PHONE, grounds=GROUNDS
    )
    with time_machine.travel(clock.now() + timedelta(days=9999)):
        assert erase_due() == 0
    assert Objector.objects.get().name == NAME


class PowerCut(BaseException):
    """The job is killed: nothing it would catch."""


@pytest.mark.parametrize("survives", range(7))
def test_killed_between_any_two_steps_the_next_night_finishes(decided, monkeypatch, survives):
    """Seven moments: before the rows forget, and before and after each of three files goes."""
    steps, real_delete = iter(range(99)), default_storage.delete

    def maybe_cut():
        if next(steps) == survives:
            raise PowerCut

    def delete(name):
        maybe_cut()
        real_delete(name)
        maybe_cut()

    real_record = erasing.record
    with monkeypatch.context() as patched, later(decided):
        patched.setattr(erasing, "record", lambda *given, **more: (maybe_cut(), real_record(*given, **more)))
        patched.setattr(default_storage, "delete", delete)
        with pytest.raises(PowerCut):
            erase_due()
    # never a name without its files' paths: what is left can still be found
    left = {*ObjectionFile.objects.values_list("file", flat=True), *Objector.objects.values_list("seal", flat=True)}
    assert {default_storage.path(name) for name in left if name} >= set(on_disk())
    with later(decided, 1):
        erase_due()
    assert on_disk() == []
    assert (Objector.objects.get().name, Objector.objects.get().seal.name) == ("", "")
    assert not ObjectionFile.objects.exclude(file="").exists()
    assert Event.objects.filter(verb="erase_objector").count() == 1


def test_a_file_that_no_row_names_goes_after_a_day(decided):
    for age, name in ((30, "old.pdf"), (1, "fresh.pdf")):
        path = Path(default_storage.path(f"{erasing.FOLDER}/2026/{name}"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        at = (clock.now() - timedelta(hours=age)).timestamp()
        os.utime(path, (at, at))
    before = len(on_disk())
    erase_due()
    assert [Path(path).name for path in on_disk() if Path(path).stem in {"old", "fresh"}] == ["fresh.pdf"]
    assert len(on_disk()) == before - 1


def test_what_was_set_aside_loses_its_grounds_after_the_same_time(sign_in, decided):
    objections.set_aside(decided.listing, why="late", grounds="某人的话")
    with later(decided, -1):
        erase_due()
        assert SetAside.objects.get().grounds == "某人的话"
    with later(decided):
        erase_due()
    assert SetAside.objects.get().grounds == ""
    assert "Erased after the retention time" in sign_in("city").get(reverse("objection_set_aside")).content.decode()


def test_the_nightly_job_does_it(decided):
    with later(decided):
        nightly()
    assert Objector.objects.get().name == ""


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 11, 22), 24, date(2028, 11, 22)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_months_are_counted_as_people_do(day, months, found):
    assert months_after(day, months) == found
