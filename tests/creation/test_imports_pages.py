"""Handing a file in on a page, reading its preview or its errors, applying it once."""

import csv
import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import load_workbook

from creation.importing.queue import check_waiting
from creation.models import Event, Import, Organ
from reviews.demo import builders
from tests.cast import keyed
from tests.creation.import_files import REGISTER, code, known, organ_row


def as_upload(rows, name="名录.csv"):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return SimpleUploadedFile(name, out.getvalue().encode())


def hand_in(client, rows, *, kind="register", **form):
    return client.post(reverse("import_add", args=[kind]), keyed(file=as_upload(rows), **form))


@pytest.fixture
def checked(world, sign_in):
    """Return a registrar's client and a checked import of one new and one renamed organ."""
    client = sign_in("registrar")
    hand_in(client, [REGISTER, organ_row(1), known(world.organ, name="新名")])
    check_waiting()
    return client, Import.objects.get()


def page_of(client, imported, **headers):
    return client.get(reverse("import_detail", args=[imported.pk]), headers=headers)


def test_a_file_goes_all_the_way(world, sign_in):
    client = sign_in("registrar")
    answer = hand_in(client, [REGISTER, organ_row(1)])
    imported = Import.objects.get()
    assert answer["Location"] == reverse("import_detail", args=[imported.pk])
    assert (imported.name, imported.state) == ("名录.csv", "waiting")
    assert "Waiting to be checked" in page_of(client, imported).content.decode()
    check_waiting()
    shown = page_of(client, imported).content.decode()
    assert "What would change" in shown
    assert code(1) in shown
    assert "Apply the file" in shown
    assert client.post(reverse("import_apply", args=[imported.pk]), keyed()).status_code == 302
    assert "Being applied" in page_of(client, imported).content.decode()
    check_waiting()
    assert "What changed" in page_of(client, imported).content.decode()
    assert Organ.objects.filter(credit_code=code(1)).count() == 1
    assert "名录.csv" in client.get(reverse("import_list")).content.decode()


def test_the_preview_shows_old_and_new_and_what_stays(checked):
    client, imported = checked
    answer = page_of(client, imported)
    assert [(part["slug"], part["count"]) for part in answer.context["parts"]] == [
        ("added", 1),
        ("changed", 1),
        ("closed", 0),
    ]
    assert "name: 机关1 → 新名" in answer.content.decode()
    assert (imported.preview["unchanged"], imported.preview["untouched"]) == (0, 3)


def test_the_same_form_twice_is_one_import_and_one_application(world, sign_in):
    client, key = sign_in("registrar"), str(uuid4())
    places = {hand_in(client, [REGISTER, organ_row(1)], form_key=key)["Location"] for _twice in range(2)}
    imported = Import.objects.get()
    assert places == {reverse("import_detail", args=[imported.pk])}
    check_waiting()
    apply = keyed()
    for _twice in range(2):
        assert client.post(reverse("import_apply", args=[imported.pk]), apply).status_code == 302
    check_waiting()
    client.post(reverse("import_apply", args=[imported.pk]), keyed())
    check_waiting()
    assert Event.objects.filter(verb="import_add", subject_type="organ").count() == 1


def test_a_file_without_differences_has_nothing_to_apply(world, sign_in):
    client = sign_in("registrar")
    hand_in(client, [REGISTER, known(world.organ)])
    check_waiting()
    shown = page_of(client, Import.objects.get()).content.decode()
    assert "the file says what the record says already" in shown
    assert "Apply the file" not in shown


def test_errors_are_listed_and_downloaded_without_live_formulas(world, sign_in):
    client = sign_in("registrar")
    hand_in(client, [REGISTER, organ_row(1, staff="=1+1"), organ_row(2, category="x")])
    check_waiting()
    imported = Import.objects.get()
    shown = page_of(client, imported).content.decode()
    assert "2 errors. Nothing was changed." in shown
    assert "This is not a number." in shown
    address = reverse("import_errors", args=[imported.pk])
    rows = list(csv.reader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))
    assert rows[1:] == [
        ["2", "staff", "'=1+1", "This is not a number.", "Write digits only, such as 1250."],
        ["3", "category", "x", "This category is not known.", rows[2][4]],
    ]
    book = load_workbook(io.BytesIO(client.get(address, {"format": "xlsx"}).content))
    assert book.get_sheet_by_index(0).to_python()[1][:3] == [2.0, "staff", "=1+1"]


def test_a_part_of_the_page_moves_until_there_is_something_to_read(world, sign_in):
    client = sign_in("registrar")
    hand_in(client, [REGISTER, organ_row(1)])
    imported = Import.objects.get()
    Import.objects.filter(pk=imported.pk).update(state="checking", rows=10, done=4)
    part = page_of(client, imported, hx_request="true")
    assert "<h1" not in part.content.decode()
    assert 'max="10" value="4"' in part.content.decode()
    assert "HX-Refresh" not in part
    Import.objects.filter(pk=imported.pk).update(state="checked")
    assert page_of(client, imported, hx_request="true")["HX-Refresh"] == "true"


def test_a_discarded_file_changes_nothing_and_is_not_applied_any_more(checked):
    client, imported = checked
    assert client.post(reverse("import_discard", args=[imported.pk]), keyed())["Location"] == reverse("import_list")
    client.post(reverse("import_apply", args=[imported.pk]), keyed())
    check_waiting()
    assert Import.objects.get().state == "discarded"
    assert not Organ.objects.filter(credit_code=code(1)).exists()


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("a.pdf", b"%PDF"), "Choose a CSV or XLSX file."),
        (SimpleUploadedFile("a.csv", b""), "The submitted file is empty."),
        (None, "Choose “File”."),
    ],
)
def test_what_is_no_table_is_refused_at_once(world, sign_in, upload, message):
    form = keyed(file=upload) if upload else keyed()
    answer = sign_in("registrar").post(reverse("import_add", args=["register"]), form)
    assert answer.context["form"].errors == {"file": [message]}
    assert not Import.objects.exists()


def test_a_file_above_the_limit_is_refused(world, sign_in, settings):
    settings.IMPORT_MAX_BYTES = 10
    answer = hand_in(sign_in("registrar"), [REGISTER, organ_row(1)])
    assert answer.status_code == 200
    assert not Import.objects.exists()


@pytest.mark.parametrize("kind", ["regions", "register", "recognitions"])
def test_each_kind_has_its_page_and_a_template_that_can_be_filled_in(world, sign_in, kind):
    client = sign_in("registrar")
    assert client.get(reverse("import_add", args=[kind])).status_code == 200
    heading = client.get(reverse("import_template", args=[kind])).content
    hand_in(client, list(csv.reader(io.StringIO(heading.decode("utf-8-sig")))), kind=kind)
    check_waiting()
    imported = Import.objects.get()
    assert [fault[3] for fault in imported.errors] == ["no_rows"]
    assert client.get(reverse("import_add", args=["ministries"])).status_code == 404


@pytest.mark.parametrize("person", ["stranger", "district_registrar", "official", "clerk", "viewer"])
def test_only_municipal_registrars_import(checked, sign_in, person):
    imported, client = checked[1], sign_in(person)
    for name, args in (("import_list", []), ("import_add", ["register"]), ("import_template", ["register"])):
        assert client.get(reverse(name, args=args)).status_code == 403, name
    for name in ("import_detail", "import_errors"):
        assert client.get(reverse(name, args=[imported.pk])).status_code == 404, name
    for name in ("import_apply", "import_discard"):
        assert client.post(reverse(name, args=[imported.pk]), keyed()).status_code == 404, name
    assert sign_in("public").get(reverse("import_list")).status_code == 302


def test_a_colleague_reads_but_does_not_apply_and_another_city_sees_nothing(checked, sign_in, world):
    imported = checked[1]
    builders.make_person("colleague", ("registrar", world.city))
    colleague = sign_in("colleague")
    assert "Apply the file" not in page_of(colleague, imported).content.decode()
    colleague.post(reverse("import_apply", args=[imported.pk]), keyed())
    assert Import.objects.get().state == "checked"
    other = builders.make_region("120000", "天津市", "city", world.nation)
    builders.make_person("elsewhere", ("registrar", other))
    assert page_of(sign_in("elsewhere"), imported).status_code == 404


def test_the_list_asks_the_same_number_of_questions_at_any_length(world, sign_in, django_assert_num_queries):
    client = sign_in("registrar")
    for rows in (1, 3):
        while Import.objects.count() < rows:
            hand_in(client, [REGISTER, organ_row(1)])
        with django_assert_num_queries(6):
            client.get(reverse("import_list"))
