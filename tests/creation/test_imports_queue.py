"""Files that wait for the worker: checked, confirmed, applied once, or named as faulty."""

from datetime import date
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from creation import clock
from creation.errors import Forbidden, Overtaken, Refused
from creation.importing import queue, uploads
from creation.importing.queue import check_waiting, faults_of
from creation.models import Event, Import, Organ
from creation.spreadsheets import write_csv
from reviews.demo import builders
from tests.creation.import_files import (
    REGISTER,
    a_file,
    code,
    known,
    organ_row,
)

__all__ = ["a_file"]  # a fixture is found by its name

# --- the queue ------------------------------------------------------------------------------------------------------


def handed_in(world, rows, *, kind="register", by="registrar"):
    content = ContentFile(write_csv(rows).replace(b'"', b""), f"{kind}.csv")
    return uploads.hand_in(kind, content, sha256="0" * 64, by=world[by])


def fresh(imported):
    return Import.objects.get(pk=imported.pk)


def test_a_file_is_checked_confirmed_and_applied(world):
    imported = handed_in(world, [REGISTER, organ_row(1)])
    assert imported.state == "waiting"
    check_waiting()
    imported = fresh(imported)
    assert (imported.state, imported.rows, imported.done) == ("checked", 1, 1)
    assert not Organ.objects.filter(credit_code=code(1)).exists()
    check_waiting()
    assert fresh(imported).state == "checked"
    uploads.confirm(imported, by=world["registrar"])
    check_waiting()
    check_waiting()
    assert fresh(imported).state == "applied"
    event = Event.objects.get(verb="import_register")
    assert (event.by, event.subject_id, event.after["added"]) == (world["registrar"], imported.pk, 1)
    assert Event.objects.get(verb="import_add").by == world["registrar"]


def test_a_faulty_file_keeps_every_fault_beside_it(world, monkeypatch):
    monkeypatch.setattr("creation.importing.faults.SHOWN", 3)
    imported = handed_in(world, [REGISTER, *(organ_row(number, staff="x") for number in range(7))])
    check_waiting()
    imported = fresh(imported)
    assert (imported.state, imported.preview["faults"], len(imported.errors)) == ("faulty", 7, 3)
    assert [fault.row for fault in faults_of(imported)] == [2, 3, 4, 5, 6, 7, 8]


def test_what_changed_since_the_preview_is_shown_again_instead_of_applied(world):
    imported = handed_in(world, [REGISTER, known(world.organ, name="新名")])
    check_waiting()
    Organ.objects.filter(pk=world.organ.pk).update(name="又一个名")
    uploads.confirm(fresh(imported), by=world["registrar"])
    check_waiting()
    imported = fresh(imported)
    assert (imported.state, imported.preview["moved"]) == ("checked", True)
    assert imported.preview["shown"]["changed"][0]["changes"] == [["name", "又一个名", "新名"]]
    assert not Event.objects.filter(verb="import_correct").exists()
    uploads.confirm(imported, by=world["registrar"])
    check_waiting()
    assert Organ.objects.get(pk=world.organ.pk).name == "新名"


def test_what_became_wrong_since_the_preview_is_named_instead_of_applied(world):
    imported = handed_in(world, [REGISTER, known(world.organ, name="新名", established_on="2020-01-01")])
    check_waiting()
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=date(2019, 6, 1))
    uploads.confirm(fresh(imported), by=world["registrar"])
    check_waiting()
    imported = fresh(imported)
    assert (imported.state, [fault.code for fault in faults_of(imported)]) == ("faulty", ["other_organ"])


def test_a_worker_that_died_while_checking_is_replaced_after_a_while(world, monkeypatch):
    imported = handed_in(world, [REGISTER, organ_row(1)])
    beat = {"beat": clock.now().isoformat()}
    Import.objects.filter(pk=imported.pk).update(state="checking", attempts=1, preview=beat)
    check_waiting()
    assert fresh(imported).state == "checking"
    beat = {"beat": (clock.now() - queue.STALE * 2).isoformat()}
    Import.objects.filter(pk=imported.pk).update(preview=beat)
    check_waiting()
    assert fresh(imported).state == "checked"


def test_a_file_that_cannot_be_worked_off_is_parked_after_three_attempts(world):
    imported = handed_in(world, [REGISTER, organ_row(1)])
    Path(imported.file.path).unlink()
    for _attempt in range(4):
        check_waiting()
    imported = fresh(imported)
    assert (imported.state, [fault.code for fault in faults_of(imported)]) == ("faulty", ["parked"])
    check_waiting()
    assert fresh(imported).state == "faulty"


def test_a_file_that_breaks_stops_no_other(world):
    broken = handed_in(world, [REGISTER, organ_row(1)])
    Path(broken.file.path).unlink()
    good = handed_in(world, [REGISTER, organ_row(2)])
    check_waiting()
    assert fresh(good).state == "checked"


def test_a_city_registrar_is_held_to_the_city(world):
    other = builders.make_region("120000", "天津市", "city", world.nation)
    imported = handed_in(world, [REGISTER, organ_row(1, region_code=other.code), organ_row(2)])
    check_waiting()
    assert [(fault.row, fault.code) for fault in faults_of(fresh(imported))] == [(2, "region_outside")]


@pytest.mark.parametrize("person", ["stranger", "district_registrar", "official", "clerk"])
def test_only_a_municipal_registrar_hands_in(world, person):
    with pytest.raises(Forbidden):
        handed_in(world, [REGISTER, organ_row(1)], by=person)
    assert not Import.objects.exists()


def test_a_file_is_confirmed_once_and_by_who_handed_it_in(world):
    colleague = builders.make_person("registrar2", ("registrar", world.city))
    imported = handed_in(world, [REGISTER, organ_row(1)])
    with pytest.raises(Overtaken):
        uploads.confirm(imported, by=world["registrar"])  # not checked yet
    check_waiting()
    seen_by_both = fresh(imported), fresh(imported)
    with pytest.raises(Refused):
        uploads.confirm(seen_by_both[0], by=colleague)
    uploads.confirm(seen_by_both[0], by=world["registrar"])
    with pytest.raises(Overtaken):
        uploads.discard(seen_by_both[1], by=world["registrar"])
    check_waiting()
    with pytest.raises(Overtaken):
        uploads.confirm(seen_by_both[1], by=world["registrar"])
    assert Organ.objects.filter(credit_code=code(1)).count() == 1
