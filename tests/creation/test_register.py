"""The register on pages: finding, adding, correcting, closing, merging and splitting organs; regions."""

from datetime import date

import pytest
from django.urls import reverse

from creation.actions import places
from creation.credit_code import check_character
from creation.errors import Overtaken, Refused
from creation.models import CountChange, Event, Organ, Region, Succession
from tests.cast import keyed


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def text(answer):
    return answer.content.decode()


def shown(answer):
    return [organ["pk"] for organ in answer.context["rows"]]


def new_code(number=77):
    first = f"11110101TXT{number:06d}"
    return first + check_character(first)


def organ_form(region, **other):
    facts = {
        "credit_code": new_code(),
        "name": "新机关",
        "name_en": "New organ",
        "region": region.pk,
        "category": "party",
        "staff": "12",
        "floor_area_m2": "300.50",
        "address": "",
        "established_on": "2024-01-01",
    }
    return keyed(**facts | other)


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("registrar", ["municipal_organ", "organ", "neighbour", "far_organ"]),
        ("viewer", ["municipal_organ", "organ", "neighbour", "far_organ"]),
        ("district_registrar", ["organ", "neighbour"]),
        ("inspector", ["organ", "neighbour"]),
        ("far_official", ["far_organ"]),
        ("clerk", ["organ"]),
        ("stranger", []),
    ],
)
def test_everybody_sees_the_organs_in_reach(world, sign_in, person, expected):
    answer = page(sign_in(person), "organ_list")
    assert answer.status_code == 200
    assert shown(answer) == [getattr(world, name).pk for name in expected]


def test_an_organ_out_of_reach_does_not_exist(world, sign_in):
    for person, expected in {"stranger": 404, "far_official": 404, "clerk2": 404, "clerk": 200, "viewer": 200}.items():
        assert page(sign_in(person), "organ_detail", world.organ.pk).status_code == expected, person
    assert page(sign_in("public"), "organ_detail", world.organ.pk).status_code == 302


def test_the_list_is_narrowed_by_the_address(world, sign_in):
    client = sign_in("registrar")
    Organ.objects.filter(pk=world.neighbour.pk).update(abolished_on=date(2023, 1, 1), category="court")
    assert shown(page(client, "organ_list", q=world.organ.credit_code.lower())) == [world.organ.pk]
    assert shown(page(client, "organ_list", q="机关3")) == [world.far_organ.pk]
    assert shown(page(client, "organ_list", region="110101")) == [world.organ.pk]
    assert shown(page(client, "organ_list", region="110101", on="2022-12-31")) == [world.organ.pk, world.neighbour.pk]
    assert shown(page(client, "organ_list", closed="on", category="court")) == [world.neighbour.pk]
    nothing = page(client, "organ_list", q="没有", on="not a day", region="999")
    assert nothing.status_code == 200
    assert shown(nothing) == []
    assert "No organ fits" in text(nothing)
    assert page(client, "organ_list", q="a\0b").status_code == 200


def test_the_list_asks_the_same_number_of_questions_at_any_length(world, sign_in, django_assert_num_queries):
    few, many = sign_in("far_official"), sign_in("registrar")
    for client in (few, many):
        page(client, "organ_list")
    with django_assert_num_queries(7):
        page(few, "organ_list")
    with django_assert_num_queries(7):
        page(many, "organ_list")


def test_the_history_is_told_in_words(world, sign_in):
    client = sign_in("registrar")
    sent = correction(client, world.organ, region=world.other_district.pk)
    client.post(reverse("organ_correct", args=[world.organ.pk]), sent)
    answer = text(page(client, "organ_detail", world.organ.pk))
    assert "Corrected · registrar" in answer
    assert "region: Dongcheng → Xicheng" in answer


# --- changing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["organ_correct", "organ_abolish", "organ_merge", "organ_split"])
def test_only_the_registrar_of_the_region_changes_an_organ(world, sign_in, name):
    expected = {"stranger": 404, "far_official": 404, "clerk": 403, "official": 403, "viewer": 403, "registrar": 200}
    for person, status in (expected | {"district_registrar": 200}).items():
        assert page(sign_in(person), name, world.organ.pk).status_code == status, person
    assert page(sign_in("district_registrar"), name, world.far_organ.pk).status_code == 404


def test_only_registrars_add(world, sign_in):
    for person, status in {"stranger": 403, "official": 403, "clerk": 403, "district_registrar": 200}.items():
        assert page(sign_in(person), "organ_add").status_code == status, person


def test_an_organ_is_added_once_by_the_same_form(world, sign_in):
    client, form = sign_in("district_registrar"), organ_form(world.district, credit_code=f" {new_code().lower()} ")
    first = client.post(reverse("organ_add"), form)
    organ = Organ.objects.get(credit_code=new_code())
    assert first["Location"] == reverse("organ_detail", args=[organ.pk])
    assert client.post(reverse("organ_add"), form)["Location"] == first["Location"]
    assert Organ.objects.filter(name="新机关").count() == 1
    assert CountChange.objects.filter(region=world.district, since=date(2024, 1, 1)).count() == 1


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"credit_code": "11110101TXT000077A"}, "credit_code"),
        ({"credit_code": ""}, "credit_code"),
        ({"floor_area_m2": "-1"}, "floor_area_m2"),
        ({"staff": "-1"}, "staff"),
        ({"established_on": "01/02/2024"}, "established_on"),
        ({"name": "a\0b"}, "name"),
    ],
)
def test_a_wrong_entry_is_named_and_what_was_typed_stays(world, sign_in, other, field):
    answer = sign_in("registrar").post(reverse("organ_add"), organ_form(world.district, **other))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert "新机关" in text(answer) or field == "name"
    assert not Organ.objects.filter(name="新机关").exists()


def test_a_code_stands_on_the_register_once(world, sign_in):
    answer = sign_in("registrar").post(
        reverse("organ_add"), organ_form(world.district, credit_code=world.organ.credit_code)
    )
    assert list(answer.context["form"].errors) == ["credit_code"]


def test_a_district_registrar_adds_nothing_elsewhere(world, sign_in):
    answer = sign_in("district_registrar").post(reverse("organ_add"), organ_form(world.other_district))
    assert list(answer.context["form"].errors) == ["region"]
    assert not Organ.objects.filter(name="新机关").exists()


def correction(client, organ, **other):
    form = page(client, "organ_correct", organ.pk).context["form"]
    values = {field.html_name: field.value() for field in form}
    return keyed(**{name: "" if value is None else value for name, value in (values | other).items()})


def test_a_correction_keeps_what_was(world, sign_in):
    client = sign_in("registrar")
    sent = correction(client, world.organ, name="改正名")
    for _twice in range(2):
        assert client.post(reverse("organ_correct", args=[world.organ.pk]), sent).status_code == 302
    event = Event.objects.get(subject_type="organ", subject_id=world.organ.pk)
    assert (event.verb, event.before["name"], event.after["name"]) == ("correct", "机关1", "改正名")


def test_a_stale_page_does_not_undo_what_another_has_corrected(world, sign_in):
    client = sign_in("registrar")
    stale = correction(client, world.organ, name="甲")
    client.post(reverse("organ_correct", args=[world.organ.pk]), correction(client, world.organ, address="某街1号"))
    answer = client.post(reverse("organ_correct", args=[world.organ.pk]), stale)
    assert answer.status_code == 200
    assert "Somebody has changed this organ meanwhile" in text(answer)
    world.organ.refresh_from_db()
    assert (world.organ.name, world.organ.address) == ("机关1", "某街1号")


def test_the_verb_itself_corrects_nothing_that_was_not_seen(world):
    seen = places.state_of(world.organ)
    places.correct_organ(world.organ, {"address": "某街1号"}, by=world["registrar"], seen=seen)
    with pytest.raises(Overtaken, match="Somebody has changed this organ meanwhile"):
        places.correct_organ(world.organ, {"name": "甲"}, by=world["registrar"], seen=seen)
    now = places.state_of(Organ.objects.get(pk=world.organ.pk))
    assert places.correct_organ(world.organ, {"name": "甲"}, by=world["registrar"], seen=now).name == "甲"


def test_a_code_that_another_has_just_been_given_is_refused_in_words(world):
    organ = Organ.objects.get(pk=world.organ.pk)
    organ.pk = None
    with pytest.raises(Refused, match="has just been given this code") as refused:
        places.add_organ(organ, by=world["registrar"])
    assert refused.value.field == "credit_code"


def test_an_organ_is_closed_once(world, sign_in):
    client, address = sign_in("registrar"), reverse("organ_abolish", args=[world.organ.pk])
    assert client.post(address, keyed(on="2018-01-01")).status_code == 200
    assert client.post(address, keyed(on="2026-01-01")).status_code == 302
    again = client.post(address, keyed(on="2026-02-01"))
    assert "is closed already" in text(again)
    world.organ.refresh_from_db()
    assert world.organ.abolished_on == date(2026, 1, 1)


def test_a_merge_shows_the_names_first_and_then_takes_effect_once(world, sign_in):
    client, address = sign_in("registrar"), reverse("organ_merge", args=[world.organ.pk])
    looked = client.get(address, {"codes": world.neighbour.credit_code.lower()})
    assert "Organ 2" in text(looked)
    assert not Succession.objects.exists()
    sent = keyed(codes=world.neighbour.credit_code, on="2026-01-01", reason="京编〔2025〕9号")
    for _twice in range(2):
        assert client.post(address, sent)["Location"] == reverse("organ_detail", args=[world.organ.pk])
    assert list(Succession.objects.values_list("kind", "predecessor", "successor")) == [
        ("merge", world.neighbour.pk, world.organ.pk)
    ]
    again = client.post(address, sent | keyed())
    assert "is closed already" in text(again)
    assert "京编〔2025〕9号" in text(again)
    assert "this organ took over from" in text(page(client, "organ_detail", world.organ.pk))
    assert "this organ went over into" in text(page(client, "organ_detail", world.neighbour.pk))


def test_a_split_needs_two_successors(world, sign_in):
    client, address = sign_in("registrar"), reverse("organ_split", args=[world.organ.pk])
    one = keyed(codes=world.neighbour.credit_code, on="2026-01-01", reason="京编〔2025〕9号")
    assert "at least two successors" in text(client.post(address, one))
    both = f"{world.neighbour.credit_code}\n{world.far_organ.credit_code}"
    assert client.post(address, one | keyed(codes=both)).status_code == 302
    assert Succession.objects.filter(kind="split", predecessor=world.organ).count() == 2


def test_organs_go_over_in_one_order_whatever_order_they_were_typed_in(world):
    typed = sorted([world.organ, world.neighbour], key=lambda organ: -organ.pk)
    places.merge(typed, world.far_organ, on=date(2026, 1, 1), reason="京编〔2025〕9号", by=world["registrar"])
    closed = Event.objects.filter(verb="abolish").order_by("pk").values_list("subject_id", flat=True)
    assert list(closed) == sorted(organ.pk for organ in typed)


def test_no_organ_goes_over_into_one_that_has_just_been_closed(world):
    copy = Organ.objects.get(pk=world.organ.pk)
    places.abolish(world.organ, on=date(2025, 1, 1), by=world["registrar"])
    with pytest.raises(Refused, match="is not on the register on that day"):
        places.merge([world.neighbour], copy, on=date(2026, 1, 1), reason="京编〔2025〕9号", by=world["registrar"])
    assert Organ.objects.get(pk=world.neighbour.pk).abolished_on is None


def test_organs_out_of_reach_cannot_be_merged(world, sign_in):
    address = reverse("organ_merge", args=[world.organ.pk])
    answer = sign_in("district_registrar").get(address, {"codes": f"{world.far_organ.credit_code}, 123"})
    assert answer.context["form"].errors == {
        "codes": [f"No organ in your regions has the code {world.far_organ.credit_code}, 123."]
    }


# --- regions --------------------------------------------------------------------------------------------------------


def test_the_tree_shows_organs_and_departments(world, sign_in):
    Region.objects.filter(pk=world.city.pk).update(department=world.municipal_organ)
    rows = page(sign_in("registrar"), "region_list").context["rows"]
    assert [(region.code, depth, own, below) for region, depth, own, below, _children in rows] == [
        ("110000", 0, 1, 4),
        ("110101", 1, 2, 2),
        ("110102", 1, 1, 1),
    ]
    answer = page(sign_in("registrar"), "region_list", under="110101")
    assert [region.code for region, *_rest in answer.context["rows"]] == ["110101"]
    assert [region.code for region, *_rest in page(sign_in("clerk"), "region_list").context["rows"]] == ["110101"]
    assert "No regions in your reach" in text(page(sign_in("stranger"), "region_list"))


def test_the_tree_asks_the_same_number_of_questions_at_any_size(world, sign_in, django_assert_num_queries):
    few, many = sign_in("district_registrar"), sign_in("registrar")
    with django_assert_num_queries(9):
        page(few, "region_list")
    with django_assert_num_queries(9):
        page(many, "region_list")


def test_the_department_is_recorded_by_the_registrar(world, sign_in):
    address = reverse("region_department", args=["110101"])
    statuses = {"stranger": 404, "far_official": 404, "official": 403, "clerk": 403, "district_registrar": 200}
    for person, status in statuses.items():
        assert sign_in(person).get(address).status_code == status, person
    client = sign_in("registrar")
    office = {"office_phone": "010-1", "office_address": "某街", "office_mailbox": "a@example.cn"}
    sent = keyed(department=world.organ.pk, **office)
    for _twice in range(2):
        assert client.post(address, sent)["Location"] == reverse("region_list")
    world.district.refresh_from_db()
    assert (world.district.department, world.district.office_phone) == (world.organ, "010-1")
    assert Event.objects.filter(verb="set_department").count() == 1
    wrong = client.post(address, keyed(department=world.far_organ.pk, **office | {"office_mailbox": "no"}))
    assert sorted(wrong.context["form"].errors) == ["department", "office_mailbox"]
