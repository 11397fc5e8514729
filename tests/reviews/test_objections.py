"""Objections: taken from anybody with a receipt, answered by the organ, decided once and with a reason."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.guards import without_guards
from creation.models import Assessment, Cycle
from reviews.actions import objections
from reviews.demo import builders
from reviews.forms.objections import ObjectionForm
from reviews.models import Hearing, Listing, Notice, Objection, ObjectionFile, Objector, ObjectorLook
from tests.cast import keyed
from tests.proving import add_url, proved
from tests.reviews.objecting import GIVEN, NAME, PHONE, confirm, faults, listing, objection, send

__all__ = ["listing", "objection"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


def test_an_objection_comes_in_and_can_be_followed_by_its_receipt(sign_in, listing):
    client = sign_in("public")
    answer = send(client, listing, files=[builders.a_pdf(), builders.a_pdf("二.pdf")])
    objection = Objection.objects.get()
    assert answer["Location"] == reverse("objection_receipt", args=[objection.receipt])
    receipt = client.get(answer["Location"]).content.decode()
    assert objection.receipt in receipt
    assert re.fullmatch(r"([2-9A-HJKMNP-Z]{4}-){2}[2-9A-HJKMNP-Z]{4}", objection.receipt)
    assert objection.files.count() == 2
    typed = f" {objection.receipt.lower().replace('-', ' ')} "
    state = client.get(reverse("objection_state"), {"receipt": typed}).content.decode()
    assert "Being examined" in state
    assert "Organ 1" in state
    assert NAME not in receipt + state
    assert GIVEN["grounds"] not in receipt + state
    assert "sessionid" not in str(client.cookies).lower()
    assert "portal_session" not in client.cookies


@pytest.mark.parametrize("typed", ["ABCD-EFGH-JKMN", "", "   ", "' OR 1=1 --", "x" * 100, "\x00"])
def test_a_wrong_receipt_says_so(sign_in, objection, typed):
    answer = sign_in("public").get(reverse("objection_state"), {"receipt": typed})
    assert answer.status_code == 200
    assert len(faults(answer)) == 1
    assert "Being examined" not in answer.content.decode()
    assert sign_in("public").get(reverse("objection_receipt", args=["ABCD-EFGH-JKMN"])).status_code == 404


def test_all_faults_are_told_at_once_and_nothing_typed_is_lost(sign_in, listing):
    files = [builders.a_pdf(f"{number}.pdf") for number in range(6)]
    answer = sign_in("public").post(
        proved(listing), keyed(kind="unit", name="某某公司", phone="1", grounds="", files=files)
    )
    assert faults(answer) == [
        "Phone: A phone number has at least 5 digits.",
        "Scan with the unit&#x27;s seal: A unit&#x27;s objection needs a scan with its seal.",
        "Fill in “Grounds”.",
        "Files (at most 5): At most 5 files can be added.",
    ]
    assert "某某公司" in answer.content.decode()
    assert "choose your files again" in answer.content.decode()
    assert Objection.objects.count() == 0
    assert "Error:" in answer.content.decode().split("</title>")[0]


def test_anonymous_is_told_at_once_unless_the_round_accepts_it(sign_in, listing):
    answer = send(sign_in("public"), listing, name=" ", phone="")
    kept_apart, *told = faults(answer)
    assert kept_apart.startswith("Without a name your grounds were kept apart")
    assert [fault.split(":")[1] for fault in told] == [" Anonymous objections are not accepted"] * 2
    assert GIVEN["grounds"] in answer.content.decode()
    with pytest.raises(Refused, match="Anonymous"):
        objections.object_to(listing, **GIVEN | {"name": "", "phone": ""})
    with without_guards():
        Cycle.objects.update(anonymous_objections=True)
    assert send(sign_in("public"), listing, name=" ", phone="").status_code == 302
    assert Objector.objects.get().name == ""


def test_a_unit_brings_its_seal(sign_in, listing):
    assert send(sign_in("public"), listing, kind="unit", name="某某公司").status_code == 200
    assert send(sign_in("public"), listing, kind="unit", name="某某公司", seal=builders.a_pdf()).status_code == 302
    assert Objector.objects.get().seal.size > 0


@pytest.mark.parametrize(
    ("given", "accepts", "refused"),
    [
        ({"kind": "person", "name": NAME, "phone": "12345"}, False, None),
        ({"kind": "person", "name": NAME, "phone": "1234"}, False, "phone"),
        ({"kind": "person", "name": NAME, "phone": "１"}, True, "phone"),
        ({"kind": "person", "name": NAME, "phone": ""}, False, "phone"),
        ({"kind": "person", "name": "", "phone": PHONE}, False, "name"),
        ({"kind": "person", "name": "", "phone": ""}, True, None),
        ({"kind": "unit", "name": "某某公司", "phone": "", "seal": "a.pdf"}, False, None),
        ({"kind": "unit", "name": "", "phone": "", "seal": "a.pdf"}, False, "name"),
        ({"kind": "unit", "name": "某某公司", "phone": PHONE}, True, "seal"),
    ],
)
def test_a_person_gives_name_and_phone_a_unit_its_seal(sign_in, listing, given, accepts, refused):
    with without_guards():
        Cycle.objects.update(anonymous_objections=accepts)
    listing = Listing.objects.get()
    brought = {name: builders.a_pdf() for name in ("seal",) if name in given}
    form = ObjectionForm(given | {"grounds": "长明灯。"}, brought, anonymous=accepts)
    assert list(form.errors) == ([refused] if refused else [])
    brought = {name: builders.a_pdf() for name in brought}
    if refused:
        with pytest.raises(Refused) as told:
            objections.object_to(listing, **given | {"grounds": "长明灯。"} | brought)
        assert told.value.field == refused
    else:
        objections.object_to(listing, **given | {"grounds": "长明灯。"} | brought)
    assert Objector.objects.count() == (not refused)


def test_a_file_that_is_not_what_it_says_is_refused_by_name(sign_in, listing):
    fake = SimpleUploadedFile("证据.pdf", b"<html><script>alert(1)</script>")
    answer = send(sign_in("public"), listing, files=[builders.a_pdf(), fake])
    assert [fault for fault in faults(answer) if "证据.pdf" in fault] == faults(answer) != []
    assert (Objection.objects.count(), ObjectionFile.objects.count()) == (0, 0)


def test_the_public_brings_smaller_files_and_reads_so_before(sign_in, listing):
    large = builders.PDF + b"\n" * (10 * 1024 * 1024)
    assert sign_in("public").get(add_url(listing)).content.decode().count("at most 10 MB each") == 2
    brought = {"kind": "unit", "name": "某某公司", "phone": ""}
    for name in ("seal", "files"):
        given = {"seal": builders.a_pdf()} | {name: SimpleUploadedFile("大.pdf", large)}
        answer = send(sign_in("public"), listing, **brought, **given)
        assert [fault.split(": ")[1] for fault in faults(answer)] == ["A file may have at most 10 MB here."]
    assert Objection.objects.count() == 0


def test_late_is_told_at_once(sign_in, listing):
    client = sign_in("public")
    clock.set_ahead((listing.notice.last_day - clock.today()).days)
    assert "Today is the last day." in client.get(add_url(listing)).content.decode()
    assert send(client, listing).status_code == 302
    clock.set_ahead(clock.lead_days() + 1)
    page = client.get(add_url(listing)).content.decode()
    assert f"The period for objections ended on {listing.notice.last_day}." in page
    assert "Send the objection" not in page
    answer = send(client, listing)
    assert "This objection is late" in faults(answer)[0]
    assert "kept apart" in faults(answer)[1]
    assert GIVEN["grounds"] in answer.content.decode()
    assert Objection.objects.count() == 1


def test_sent_twice_it_is_one_objection(sign_in, listing):
    client, form, proof = sign_in("public"), keyed(**GIVEN), proved(listing)
    assert client.post(proof, form)["Location"] == client.post(proved(listing), form)["Location"]
    assert client.post(proved(listing), GIVEN).status_code == 400
    assert (Objection.objects.count(), Objector.objects.count()) == (1, 1)


def test_going_back_and_sending_anew_gives_the_first_receipt(sign_in, listing):
    client = sign_in("public")
    first, second = send(client, listing), send(client, listing)
    assert first["Location"] == second["Location"]
    assert Objection.objects.count() == 1
    send(client, listing, grounds="另一件事：夜间长明灯。")
    send(client, listing, name="司马相如")
    assert Objection.objects.count() == 3


@pytest.mark.parametrize(
    ("person", "detail", "decide", "hear"),
    [
        ("city", 200, 200, 403),
        ("superior", 200, 200, 403),
        ("clerk", 200, 403, 200),
        ("signatory", 200, 403, 200),
        ("clerk2", 404, 404, 404),
        ("official", 404, 404, 404),
        ("viewer", 404, 404, 404),
        ("state", 404, 404, 404),
        ("stranger", 404, 404, 404),
        ("public", 302, 302, 302),
    ],
)
def test_who_opens_what(world, sign_in, objection, person, detail, decide, hear):
    client, one = sign_in(person), [objection.pk]
    assert client.get(reverse("objection_detail", args=one)).status_code == detail
    assert client.get(reverse("objection_decide", args=one)).status_code == decide
    assert client.get(reverse("objection_hear", args=one)).status_code == hear
    file = client.post(reverse("objection_file", args=[objection.pk, objection.files.get().pk]), keyed())
    assert file.status_code == decide
    assert b"".join(file).startswith(b"%PDF") is (decide == 200)
    assert client.post(reverse("objection_objector", args=one), keyed()).status_code == decide
    looks = 2 if decide == 200 else 0
    assert ObjectorLook.objects.count() == looks


def test_an_official_who_works_at_the_organ_does_not_decide(world, sign_in, objection):
    both = builders.make_person("both", ("official", world.city), ("clerk", world.organ))
    with pytest.raises(Forbidden):
        objections.see_objector(objection, by=both)
    with pytest.raises(Forbidden):
        objections.propose_decision(objection, uphold=False, reason="不成立", by=both)
    objections.propose_decision(objection, uphold=False, reason="不成立", by=world["city"])
    with pytest.raises(Forbidden):
        objections.decide(Objection.objects.get(), by=both)
    assert ObjectorLook.objects.count() == 0


def test_it_is_upheld_only_after_the_organ_was_heard(world, sign_in, objection):
    url, reason = reverse("objection_decide", args=[objection.pk]), "现场复核属实。"
    answer = sign_in("city").post(url, keyed(outcome="upheld", reason=reason))
    assert faults(answer) == ["The organ has to be heard before an objection is upheld."]
    assert reason in answer.content.decode()
    heard = reverse("objection_hear", args=[objection.pk])
    assert faults(sign_in("clerk").post(heard, keyed(text=" "))) == ["Fill in “The organ&#x27;s answer”."]
    assert sign_in("clerk").post(heard, keyed(text="已经整改。")).status_code == 302
    assert sign_in("city").post(url, keyed(outcome="upheld", reason=reason)).status_code == 302
    assert confirm(sign_in("superior"), objection).status_code == 302
    assert Assessment.objects.get().stage == stages.NOT_MET
    public = sign_in("public").get(reverse("notice_detail", args=[objection.listing.notice_id])).content.decode()
    assert "Objection: Upheld" in public
    assert reason in public
    state = sign_in("public").get(reverse("objection_state"), {"receipt": objection.receipt}).content.decode()
    assert reason in state
    assert "已经整改。" not in public + state


def test_an_answer_never_follows_the_decision(world, objection):
    read_before = Objection.objects.get()
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    with pytest.raises(Refused, match="has been decided"):
        objections.hear(read_before, text="已经整改。", by=world["clerk"])
    assert Hearing.objects.count() == 0


def test_dismissed_it_leaves_the_organ_on_the_list(world, sign_in, objection):
    url = reverse("objection_decide", args=[objection.pk])
    assert sign_in("city").post(url, keyed(outcome="dismissed", reason="")).status_code == 200
    assert sign_in("city").post(url, keyed(outcome="dismissed", reason="查无实据。")).status_code == 302
    assert confirm(sign_in("superior"), objection).status_code == 302
    assert Assessment.objects.get().stage == stages.PUBLICISED
    public = sign_in("public").get(reverse("notice_detail", args=[objection.listing.notice_id])).content.decode()
    assert "Objection: Not upheld" in public
    assert "查无实据。" in public


def test_it_is_decided_once_and_frozen(world, sign_in, objection):
    builders.decide(objection, uphold=False, reason="查无实据。", by=world["city"])
    url = reverse("objection_decide", args=[objection.pk])
    assert sign_in("superior").get(url).status_code == 302
    answer = sign_in("superior").post(url, keyed(outcome="upheld", reason="再议"))
    assert answer.status_code == 200
    assert Objection.objects.get().reason == "查无实据。"
    with pytest.raises(Refused, match="has been decided"):
        objections.hear(objection, text="太晚", by=world["clerk"])
    for statement in ("UPDATE reviews_objection SET grounds = 'x'", "DELETE FROM reviews_objection"):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with without_guards(), connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_objection SET grounds = grounds")
        assert cursor.rowcount == 1


def test_before_the_decision_the_public_learns_of_no_objection(sign_in, listing):
    client, url = sign_in("public"), reverse("notice_detail", args=[listing.notice_id])
    before = client.get(url).content
    objections.object_to(listing, **GIVEN)
    assert client.get(url).content == before


def test_the_list_asks_as_much_for_three_as_for_one(world, sign_in, listing, django_assert_num_queries):
    client = sign_in("city")
    for _time in range(3):
        objections.object_to(listing, **GIVEN)
        with django_assert_num_queries(6):
            client.get(reverse("objection_list"))
    assert Notice.objects.count() == 1
