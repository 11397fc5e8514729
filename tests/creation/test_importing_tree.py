"""Files of regions and of earlier recognitions."""

from datetime import date

import pytest

from creation import clock
from creation.importing.work import examine
from creation.models import CountChange, Organ, Recognition, Region, RegionPath
from tests.creation.import_files import (
    RECOGNITIONS,
    REGIONS,
    a_file,
    code,
    faults_in,
    take_in,
    title_row,
    traces,
)

__all__ = ["a_file"]  # a fixture is found by its name

# --- regions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["110103", "110101", "district", "某区", ""], (2, "kind", "kind_order")),
        (["110103", "110000", "city", "某市", ""], (2, "kind", "kind_order")),
        (["110103", "999999", "district", "某区", ""], (2, "parent_code", "parent_unknown")),
        (["110103", "", "district", "某区", ""], (2, "parent_code", "parent_missing")),
        (["110103", "110000", "county", "某县", ""], (2, "kind", "kind")),
        (["110103", "110000", "district", "", ""], (2, "name", "missing")),
        (["", "110000", "district", "某区", ""], (2, "code", "missing")),
        (["11 01", "110000", "district", "某区", ""], (2, "code", "region_code")),
        (["1101031101031", "110000", "district", "某区", ""], (2, "code", "too_long")),
        (["110103", "110103", "district", "某区", ""], (2, "parent_code", "cycle")),
        # the other districts stay below it, though the file does not name them
        (["110000", "100000", "district", "北京市", "Beijing"], (2, "kind", "kind_order")),
    ],
)
def test_a_region_that_cannot_be_is_one_error(world, a_file, row, expected):
    assert faults_in("regions", a_file([REGIONS, row])) == [expected]


def test_circles_are_named_once_with_all_their_codes(world, a_file):
    rows = [
        REGIONS,
        ["a", "c", "province", "甲", ""],
        ["b", "a", "city", "乙", ""],
        ["c", "b", "district", "丙", ""],
        ["d", "c", "district", "丁", ""],
    ]
    found = []
    examine("regions", a_file(rows), sink=found.append)
    assert [(fault.row, fault.code, fault.details) for fault in found] == [
        (2, "cycle", {"codes": "a → c → b → a"}),
        (5, "kind_order", {"kind": "district", "parent_kind": "district", "parent": "c"}),
    ]


def test_a_partial_file_leaves_the_others_and_their_order_alone(world, a_file):
    rows = [REGIONS, ["110105", "110000", "district", "朝阳区", "Chaoyang"]]
    take_in("regions", a_file(rows))
    assert list(Region.objects.values_list("code", flat=True)) == ["100000", "110000", "110101", "110102", "110105"]
    assert Region.objects.get(code="110105").paths_up.count() == 3


def test_a_moved_region_counts_elsewhere_from_its_oldest_organ_on(world, a_file):
    CountChange.objects.all().delete()
    rows = [REGIONS, ["120000", "100000", "city", "天津市", "Tianjin"], ["110102", "120000", "district", "西城区", "X"]]
    take_in("regions", a_file(rows))
    assert set(CountChange.objects.values_list("region__code", "since")) == {
        (place, date(2019, 1, 1)) for place in ("110000", "110102", "120000")
    }
    above = RegionPath.objects.filter(descendant=world.other_district)
    assert set(above.values_list("ancestor__code", flat=True)) == {
        "100000",
        "110102",
        "120000",
    }


def test_regions_outside_the_scope_may_stand_in_the_file_unchanged(world, a_file):
    scope = {world.city.pk, world.district.pk, world.other_district.pk}
    same = ["100000", "", "nation", "全国", "Nationwide"]
    new = ["110105", "110000", "district", "朝阳区", ""]
    assert faults_in("regions", a_file([REGIONS, same, new]), scope=scope) == []
    foreign = [["100000", "", "nation", "天下", ""], ["120000", "100000", "city", "天津市", ""]]
    assert faults_in("regions", a_file([REGIONS, *foreign]), scope=scope) == [
        (2, "code", "region_outside"),
        (3, "parent_code", "region_outside"),
    ]


# --- recognitions ---------------------------------------------------------------------------------------------------


def test_recognitions_come_in_and_twice_is_once(world, a_file):
    CountChange.objects.all().delete()
    rows = [
        RECOGNITIONS,
        title_row(world.organ, "2021-08-23", valid_until="2024-08-22"),
        title_row(world.organ, "2025-03-01"),
        title_row(world.far_organ, "2021-08-23", revoked_on="2023-01-01", reason="浪费"),
    ]
    take_in("recognitions", a_file(rows))
    found = Recognition.objects.order_by("organ", "granted_on").values_list(
        "organ", "granted_on", "replaced_on", "source"
    )
    assert list(found) == [
        (world.organ.pk, date(2021, 8, 23), date(2025, 3, 1), "import"),
        (world.organ.pk, date(2025, 3, 1), None, "import"),
        (world.far_organ.pk, date(2021, 8, 23), None, "import"),
    ]
    assert set(CountChange.objects.values_list("region", "since")) == {
        (world.district.pk, date(2021, 8, 23)),
        (world.other_district.pk, date(2021, 8, 23)),
    }
    before = traces()
    take_in("recognitions", a_file(rows))
    assert traces() == before


def test_a_title_on_record_gains_its_revocation_and_nothing_else(world, a_file):
    take_in("recognitions", a_file([RECOGNITIONS, title_row(world.organ, "2021-08-23")]))
    CountChange.objects.all().delete()
    revoked = title_row(world.organ, "2021-08-23", revoked_on="2024-01-01", reason="数据造假")
    take_in("recognitions", a_file([RECOGNITIONS, revoked]))
    title = Recognition.objects.get()
    assert (title.revoked_on, title.revoke_reason) == (date(2024, 1, 1), "数据造假")
    assert list(CountChange.objects.values_list("region", "since")) == [(world.district.pk, date(2024, 1, 1))]
    for other in (
        title_row(world.organ, "2021-08-23"),
        title_row(world.organ, "2021-08-23", revoked_on="2024-01-02", reason="数据造假"),
        title_row(world.organ, "2021-08-23", revoked_on="2024-01-01", reason="数据造假", batch="2021"),
    ):
        assert [one[2] for one in faults_in("recognitions", a_file([RECOGNITIONS, other]))] == ["recorded_differently"]


def test_what_was_granted_in_the_portal_is_revoked_there(world, a_file):
    Recognition.objects.create(
        organ=world.organ, batch="2020", document_number="京管发〔2021〕1号", granted_on=date(2021, 8, 23),
        recorded_at=clock.now(),
    )  # fmt: skip
    row = title_row(world.organ, "2021-08-23", revoked_on="2024-01-01", reason="浪费")
    assert faults_in("recognitions", a_file([RECOGNITIONS, row])) == [(2, "revoked_on", "revoke_in_portal")]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"credit_code": code(99)}, ("credit_code", "organ_unknown")),
        ({"granted_on": "2018-12-31"}, ("granted_on", "granted_early")),
        ({"granted_on": "2099-01-01"}, ("granted_on", "future")),
        ({"granted_on": ""}, ("granted_on", "missing")),
        ({"batch": ""}, ("batch", "missing")),
        ({"document_number": ""}, ("document_number", "missing")),
        ({"valid_until": "2021-08-22"}, ("valid_until", "expired_early")),
        ({"revoked_on": "2021-08-22", "reason": "x"}, ("revoked_on", "revoked_early")),
        ({"revoked_on": "2099-01-01", "reason": "x"}, ("revoked_on", "future")),
        ({"revoked_on": "2022-01-01"}, ("reason", "reason_missing")),
        ({"reason": "x"}, ("revoked_on", "reason_alone")),
    ],
)
def test_a_recognition_that_cannot_be_is_one_error(world, a_file, other, expected):
    row = title_row(world.organ, "2021-08-23", **other)
    assert faults_in("recognitions", a_file([RECOGNITIONS, row])) == [(2, *expected)]


def test_two_titles_at_once_are_an_error_in_the_file_and_against_the_record(world, a_file):
    both = [RECOGNITIONS, title_row(world.organ, "2021-08-23"), title_row(world.organ, "2022-08-23")]
    assert faults_in("recognitions", a_file(both)) == [(3, "granted_on", "live_twice_row")]
    same_day = [RECOGNITIONS, both[1], both[1]]
    assert faults_in("recognitions", a_file(same_day)) == [(3, "granted_on", "recognition_twice")]
    take_in("recognitions", a_file(both[:2]))
    assert faults_in("recognitions", a_file([RECOGNITIONS, both[2]])) == [(2, "granted_on", "live_twice_record")]


def test_a_recognition_after_the_organ_ended_is_an_error(world, a_file):
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=date(2021, 8, 23))
    rows = [RECOGNITIONS, title_row(world.organ, "2021-08-23")]
    assert faults_in("recognitions", a_file(rows)) == [(2, "granted_on", "granted_late")]
