"""What makes an import of a register fast changes nothing of what is checked and written."""

from datetime import date
from decimal import Decimal

import pytest

from creation.importing.work import examine
from creation.models import Event, Organ
from tests.creation.import_files import REGISTER, a_file, faults_in, known, organ_row, take_in

__all__ = ["a_file"]


@pytest.mark.parametrize("name", ["file.csv", "file.xlsx"])
def test_a_fault_is_found_however_often_the_same_cell_was_right_before(world, a_file, name):
    rows = [organ_row(number, staff="1", floor_area_m2="1") for number in range(1, 40)]
    rows += [organ_row(40, staff="one"), organ_row(41, region_code="999999"), organ_row(42)]
    found = faults_in("register", a_file([REGISTER, *rows], name=name))
    assert found == [(41, "staff", "number"), (42, "region_code", "region_unknown")]


def test_true_is_no_number_though_python_takes_it_for_one(world, a_file):
    rows = [organ_row(1, staff=1), organ_row(2, staff=1.0), organ_row(3, staff=True)]
    assert faults_in("register", a_file([REGISTER, *rows], name="file.xlsx")) == [(4, "staff", "number")]


def test_text_that_a_bulk_format_reads_in_its_own_way_comes_in_as_it_is(world, a_file):
    names = [r"\N", r"\.", 'a "quoted", one', "\\", "'", "NULL", "，", "0x00", "%s", "{}"]
    path = a_file([REGISTER, *(organ_row(number, name=name) for number, name in enumerate(names, 1))])
    take_in("register", path)
    assert list(Organ.objects.filter(name__in=names).order_by("credit_code").values_list("name", flat=True)) == names
    assert examine("register", path)[1].counts == {"added": 0, "changed": 0, "closed": 0}


def test_what_is_written_at_once_is_what_a_single_organ_would_be(world, a_file):
    facts = {"staff": "", "floor_area_m2": "", "abolished_on": "2023-01-01", "name_en": 'Organ, "new"'}
    take_in("register", a_file([REGISTER, organ_row(7), organ_row(8, **facts)]))
    first, second = Organ.objects.filter(name__startswith="测试机关").order_by("credit_code")
    assert (first.staff, first.floor_area_m2, first.abolished_on, first.address) == (10, Decimal("100.50"), None, "")
    assert (second.staff, second.floor_area_m2, second.abolished_on) == (None, None, date(2023, 1, 1))
    assert (second.name_en, second.established_on) == ('Organ, "new"', date(2019, 1, 1))
    event = Event.objects.get(subject_type="organ", subject_id=second.pk)
    assert (event.verb, event.by, event.before, event.at.tzinfo is not None) == ("import_add", None, {}, True)
    assert event.after == {
        "name": "测试机关8",
        "name_en": 'Organ, "new"',
        "region_id": str(second.region_id),
        "category": "administrative",
        "staff": None,
        "floor_area_m2": None,
        "established_on": "2019-01-01",
        "abolished_on": "2023-01-01",
    }


def test_ids_go_on_behind_an_import_as_before_it(world, a_file):
    take_in("register", a_file([REGISTER, *(organ_row(number) for number in range(1, 4))]))
    came = set(Organ.objects.filter(name__startswith="测试机关").values_list("pk", flat=True))
    single = Organ.objects.create(
        name="单个", credit_code="11110101TMT0009999", region=world.organ.region, established_on=date(2019, 1, 1)
    )
    assert len(came) == 3
    assert single.pk > max(came)
    take_in("register", a_file([REGISTER, organ_row(5)]))
    assert Organ.objects.get(name="测试机关5").pk > single.pk


def test_added_and_changed_in_one_file_each_keep_their_event(world, a_file):
    take_in("register", a_file([REGISTER, known(world.organ, name="新名称"), organ_row(1)]))
    verbs = Event.objects.filter(subject_type="organ").order_by("id").values_list("verb", "subject_id", "after")
    new = Organ.objects.get(name="测试机关1")
    assert [(verb, pk) for verb, pk, _after in verbs] == [
        ("import_add", new.pk),
        ("import_correct", world.organ.pk),
    ]
    assert verbs[1][2] == {"name": "新名称"}
