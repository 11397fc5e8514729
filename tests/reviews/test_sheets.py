"""Verification sheets: one with every title, the live page, the PDF, what works without a network, guesses."""

import base64
import io
import json
import re
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import typst
import zxingcpp
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from creation import clock, pdf, stages
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Refused
from creation.guards import without_guards
from creation.models import Appointment, Assessment, Event, Organ, Recognition
from portal.signing import kept_key, new_key
from reviews import sheets
from reviews.actions import recognitions
from reviews.actions.sheets import issue
from reviews.demo import builders
from reviews.exporting import titles_on
from reviews.models import Knock, PublishedKey, VerificationSheet
from reviews.tasks import carry_out_orders
from reviews.views import verification
from reviews.views.sheets import paper_of
from tests.cast import keyed

pytestmark = pytest.mark.django_db

PAPER = {"batch": "第七批", "document_number": "京管发〔2026〕1号"}
UNKNOWN = "2345-6789-ABCD"


@pytest.fixture
def title(world):
    """An imported title: granted two years ago, without a sheet."""
    day = clock.today() - timedelta(days=700)
    return grant(world.organ, batch="第一批", document_number="国管〔2024〕9号", granted_on=day, by=None)


@pytest.fixture
def sheet(world, title):
    return issue(title, by=world["city"])


@pytest.fixture
def public():
    return Client()


def live(client, code, **more):
    return client.get(reverse("verification_detail", args=[code]), **more)


def become(title, **values):
    """Let a title be what only time or a whole case makes of it."""
    with without_guards():
        Recognition.objects.filter(pk=title.pk).update(**values)


def revoke(title, world):
    """Revoke a title from today: by a case, with a hearing and two officials."""
    builders.revoke(title, on=clock.today(), reason="虚报数据", by=world["city"])


def detail(title):
    return reverse("sheet_detail", args=[title.pk])


# --- a sheet with every title --------------------------------------------------------------------------------------


def test_a_title_recognised_by_the_job_or_by_hand_comes_with_its_sheet(world):
    files = [world.bring_to(stages.CHECKED, organ) for organ in (world.organ, world.far_organ, world.neighbour)]
    ordered = builders.publish(builders.make_notice(world.cycle, files[:2], by=world["city"]), by=world["city"])
    builders.publish(builders.make_notice(world.cycle, files[2:], by=world["city"]), by=world["city"])
    recognitions.order_recognition(ordered, by=world["city"], **PAPER)
    clock.set_ahead(clock.lead_days() + (ordered.last_day - clock.today()).days + 1)
    Appointment.objects.filter(user=world["city"]).update(ends_on=clock.today() - timedelta(days=1))
    carry_out_orders()  # an order outlives the post of who gave it, and its sheets with it
    by_hand = recognitions.recognise(Assessment.objects.get(organ=world.neighbour), by=world["superior"], **PAPER)
    assert {sheet.recognition for sheet in VerificationSheet.objects.all()} == set(Recognition.objects.all())
    assert by_hand.sheet.issued_by == world["superior"]
    assert Event.objects.filter(subject_type="verificationsheet").count() == 3
    said = sheets.content_of(by_hand.sheet.payload)
    assert (said.organ, said.credit_code, said.region) == ("机关2", world.neighbour.credit_code, "东城区")
    assert (said.batch, said.document_number) == tuple(PAPER.values())
    assert (said.granted_on, said.issued_on) == (clock.today().isoformat(), clock.today().isoformat())
    assert said.note == sheets.DEMONSTRATION


def test_without_a_title_there_is_no_sheet(world, settings):
    file = world.bring_to(stages.CHECKED)
    notice = builders.publish(builders.make_notice(world.cycle, [file], by=world["city"]), by=world["city"])
    clock.set_ahead(clock.lead_days() + (notice.last_day - clock.today()).days + 1)
    settings.SIGNING_KEY = "no key"
    with pytest.raises(ValueError):
        recognitions.recognise(Assessment.objects.get(), by=world["city"], **PAPER)
    assert (Recognition.objects.count(), VerificationSheet.objects.count()) == (0, 0)
    assert Assessment.objects.get().stage == stages.PUBLICISED


def test_an_imported_title_gets_its_sheet_once_on_demand(world, title, sign_in):
    client, url = sign_in("city"), reverse("sheet_issue", args=[title.pk])
    assert "This title has no sheet yet" in client.get(detail(title)).content.decode()
    assert client.get(reverse("sheet_pdf", args=[title.pk])).status_code == 404
    assert [client.post(url, keyed()).status_code for _time in range(2)] == [302, 302]
    sheet = VerificationSheet.objects.get()
    assert issue(title, by=world["superior"]) == sheet
    assert Event.objects.filter(subject_type="verificationsheet", subject_id=sheet.pk).count() == 1
    assert sheet.code in client.get(detail(title)).content.decode()
    # the code stands on the sheet and nowhere else
    assert sheet.code not in json.dumps(list(Event.objects.values_list("before", "after")))


@pytest.mark.parametrize("end", ["revoked", "expired", "closed"])
def test_no_sheet_is_issued_for_a_title_that_does_not_hold(world, title, end):
    if end == "revoked":
        revoke(title, world)
    elif end == "expired":
        become(title, valid_until=clock.today() - timedelta(days=1))
    else:
        Organ.objects.filter(pk=title.organ_id).update(abolished_on=clock.today())
    with pytest.raises(Refused, match="holds today"):
        issue(Recognition.objects.get(), by=world["city"])
    assert VerificationSheet.objects.count() == 0


def test_a_sheet_that_was_issued_is_the_same_after_its_title_ended(world, title, sign_in):
    sheet = issue(title, by=world["city"])
    become(title, valid_until=clock.today() - timedelta(days=1))
    assert issue(Recognition.objects.get(), by=world["city"]) == sheet
    client = sign_in("city")
    answer = client.post(reverse("sheet_issue", args=[title.pk]), keyed(), follow=True)
    assert (sheet.code in answer.text, "The title has expired" in answer.text) == (True, True)
    assert VerificationSheet.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "reads", "issues"),
    [
        ("clerk", 200, 403),
        ("signatory", 200, 403),
        ("official", 200, 403),
        ("viewer", 200, 403),
        ("registrar", 200, 403),
        ("inspector", 403, 403),
        ("clerk2", 404, 404),
        ("far_official", 404, 404),
        ("stranger", 404, 404),
        ("public", 302, 302),
    ],
)
def test_who_reads_and_who_issues(world, title, sheet, sign_in, person, reads, issues):
    client = sign_in(person)
    answers = [client.get(detail(title)), client.get(reverse("sheet_pdf", args=[title.pk]))]
    assert [answer.status_code for answer in answers] == [reads, reads]
    assert client.post(reverse("sheet_issue", args=[title.pk]), keyed()).status_code == issues
    if person != "public":
        with pytest.raises(Forbidden):
            issue(title, by=world[person])


@pytest.mark.parametrize("row", [VerificationSheet, PublishedKey])
def test_nobody_changes_a_sheet_or_a_key(sheet, row):
    for change in (lambda: row.objects.update(key_id="x"), lambda: row.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_issued_by_several_at_once_it_is_one(world, title):
    people, found, start = [world["city"], world["superior"], world["state"]] * 2, [], threading.Barrier(6)

    def work(by):
        start.wait()
        try:
            found.append(issue(title, by=by).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (6, 1)
    assert (VerificationSheet.objects.count(), PublishedKey.objects.count()) == (1, 1)


# --- keys ----------------------------------------------------------------------------------------------------------


def test_a_new_key_signs_from_now_on_and_the_old_one_stays_published(world, title, sheet, settings, public):
    settings.SIGNING_KEY = new_key()
    other = grant(world.far_organ, batch="1", document_number="2", granted_on=clock.today(), by=None)
    later = issue(other, by=world["city"])
    keys = {key["id"]: key["public_key"] for key in public.get(reverse("verification_keys")).json()["keys"]}
    assert len(keys) == 2
    assert later.key_id != sheet.key_id
    for each in (sheet, later):
        assert sheets.is_signed(each.payload, each.signature, keys[each.key_id])
    assert not sheets.is_signed(sheet.payload, sheet.signature, keys[later.key_id])


def test_the_private_key_is_nowhere(sheet, settings, public, sign_in, title):
    key = settings.SIGNING_KEY
    raw = base64.b64decode(key)
    secrets = [key, base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex()]
    pages = [public.get(reverse(name)) for name in ("verification", "verification_keys", "verification_program")]
    pages += [live(public, sheet.code), sign_in("clerk").get(detail(title))]
    shown = "".join(page.content.decode() for page in pages) + json.dumps(list(Event.objects.values()), default=str)
    shown += json.dumps([*VerificationSheet.objects.values(), *PublishedKey.objects.values()], default=str)
    assert not [secret for secret in secrets if secret in shown]


def test_the_demonstration_makes_its_key_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "key"
    first = kept_key(path)
    assert kept_key(path) == first
    assert sheets.signing_key(first)
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


# --- the live page -------------------------------------------------------------------------------------------------


def test_the_live_page_says_what_the_sheet_says_without_account_or_cookie(sheet, public):
    answer = live(public, sheet.code)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert answer["X-Robots-Tag"] == "noindex"
    for part in (sheet.code, "机关1", "第一批", "国管〔2024〕9号", "东城区", "The title holds today."):
        assert part in page, part
    assert "It is no certificate of the State and bears no seal" in page
    assert "Organ 1" in page  # the name of today in the reader's language


def test_it_is_never_older_than_a_minute(sheet, public, title, world, django_assert_num_queries):
    first = live(public, sheet.code)
    assert first["Cache-Control"] == "public, no-cache"  # every cache asks before it shows anything
    revoke(title, world)
    with django_assert_num_queries(2):  # the count of wrong codes, the sheet with its title
        again = live(public, sheet.code, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    page = again.content.decode()
    assert f"The title was revoked: it does not hold since {clock.today()}." in page
    assert "虚报数据" in page
    assert "The title holds today." not in page


def test_it_says_replaced_expired_and_closed(world, sheet, title, public):
    later = grant(world.organ, batch="第二批", document_number="2号", granted_on=clock.today(), by=world["city"])
    assert f"A later title has replaced this one on {clock.today()}." in live(public, sheet.code).content.decode()
    code = issue(later, by=world["city"]).code
    become(later, valid_until=clock.today() + timedelta(days=1))
    assert "The title holds today." in live(public, code).content.decode()
    clock.set_ahead(clock.lead_days() + 2)
    assert f"The title has expired: it does not hold since {clock.today()}." in live(public, code).content.decode()
    become(later, valid_until=None)
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=clock.today())
    assert f"The organ has left the register on {clock.today()}." in live(public, code).content.decode()


def test_it_says_the_same_as_the_list_of_recognised_organs(world, sheet, title):
    """Whatever has become of a title, the live page and the public list agree on it."""
    today = clock.today()
    for values in (
        {},
        {"valid_until": today},
        {"valid_until": today - timedelta(days=1)},
        {"revoked_on": today, "revoke_reason": "x"},
        {"revoked_on": today, "revoke_reason": "x", "valid_until": today - timedelta(days=9)},
    ):
        become(title, **{"valid_until": None, "revoked_on": None, "revoke_reason": None} | values)
        row = Recognition.objects.get()
        dates = {name: getattr(row, name) for name in ("granted_on", "valid_until", "revoked_on", "replaced_on")}
        assert sheets.standing(today, **dates, closed_on=None)[0] == titles_on(today).get().state


def test_a_renamed_organ_is_shown_under_both_names(sheet, public, world):
    Organ.objects.filter(pk=world.organ.pk).update(name="新名单位", name_en="")
    page = live(public, sheet.code).content.decode()
    assert "机关1" in page
    assert "新名单位" in page


def test_the_typed_code_leads_there_whatever_its_case_and_dashes(sheet, public):
    for typed in (sheet.code, sheet.code.lower(), sheet.code.replace("-", " "), sheet.code.replace("-", "")):
        answer = public.get(reverse("verification"), {"code": typed})
        assert (answer.status_code, answer["Location"]) == (302, reverse("verification_detail", args=[sheet.code]))
        assert live(public, typed, follow=True).status_code == 200
    answer = public.get(reverse("verification"), {"code": "0123"})
    assert answer.status_code == 200
    assert "A code has twelve letters and digits" in answer.content.decode()


def test_an_unknown_code_is_one_clear_sentence_that_no_cache_keeps(sheet, public):
    answer = live(public, UNKNOWN)
    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert "No sheet has this code." in answer.content.decode()
    assert live(public, "not-a-code").status_code == 404


def test_no_list_shows_a_code(sheet, public, sign_in, world):
    addresses = [reverse(name) for name in ("recognised_list", "recognised_download", "verification", "notice_list")]
    pages = [public.get(address).content.decode() for address in addresses]
    pages.append(sign_in("inspector").get(reverse("organ_detail", args=[world.organ.pk])).content.decode())
    assert not [page for page in pages if sheet.code in page or sheet.code.replace("-", "") in page]


# --- guesses -------------------------------------------------------------------------------------------------------


def test_a_guesser_is_held_back_and_nobody_else(sheet, public):
    here = {"REMOTE_ADDR": "192.0.2.1"}
    for _time in range(verification.GUESSES):
        assert live(public, UNKNOWN, **here).status_code == 404
    held = live(public, sheet.code, **here)  # even the right code tells a guesser nothing
    assert (held.status_code, held["Cache-Control"]) == (429, "no-store")
    assert 0 < int(held["Retry-After"]) <= 601
    assert "机关1" not in held.content.decode()
    assert live(public, sheet.code, REMOTE_ADDR="192.0.2.2").status_code == 200
    Knock.objects.update(since=clock.now() - timedelta(hours=1))
    assert live(public, sheet.code, **here).status_code == 200


def test_right_codes_and_what_is_no_code_are_no_guesses(sheet, public):
    for _time in range(verification.GUESSES + 5):
        assert live(public, sheet.code).status_code == 200
        assert live(public, "x").status_code == 404
    assert Knock.objects.count() == 0


# --- the page and the PDF ------------------------------------------------------------------------------------------


def squeezed(text):
    return "".join(text.split())


def words_of(made):
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages))


def test_the_pdf_names_what_was_signed_and_claims_no_more(sheet, title, sign_in):
    answer = sign_in("clerk").get(reverse("sheet_pdf", args=[title.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="sheet-{sheet.code}.pdf"'
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1
    said = sheets.content_of(sheet.payload)
    for part in (
        *(said.organ, said.credit_code, said.region, said.batch, said.document_number, said.granted_on, said.code),
        said.address,
        "It is no certificate of the State and bears no seal",
        "Demonstration data: this sheet proves nothing.",
    ):
        assert squeezed(part) in words_of(answer.content), part


def test_it_is_the_same_to_the_byte_even_when_the_organ_was_renamed(sheet, title, sign_in, world):
    first = sign_in("clerk").get(reverse("sheet_pdf", args=[title.pk])).content
    Organ.objects.filter(pk=world.organ.pk).update(name="新名单位", name_en="New")
    assert sign_in("city").get(reverse("sheet_pdf", args=[title.pk])).content == first


def test_in_chinese_it_is_chinese(sheet, title, sign_in):
    client = sign_in("clerk")
    client.get(reverse("language_set", args=["zh-hans"]), {"next": "/"})
    made = client.get(reverse("sheet_pdf", args=[title.pk])).content
    reader = PdfReader(io.BytesIO(made))
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    fonts = [font.get_object()["/BaseFont"] for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert all("NotoSansSC" in name for name in fonts)


def test_a_camera_reads_the_qr_code_of_the_paper_and_of_the_page(sheet, title, sign_in, settings, monkeypatch):
    expected = sheets.qr_text(sheet.payload, sheet.signature)
    page = sign_in("clerk").get(detail(title)).content.decode()
    svg = base64.b64decode(page.split("data:image/svg+xml;base64,")[1].split('"')[0]).decode()
    assert svg == sheets.qr_svg(expected)

    def as_picture(*arguments, **options):
        options |= {"format": "png", "ppi": 150.0, "pdf_standards": []}
        return typst.compile(*arguments, **options), []

    monkeypatch.setattr(pdf.typst, "compile_with_warnings", as_picture)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(pdf.render("sheet.typ", paper_of(sheet)))))
    assert found.text == expected


def test_it_never_looks_like_a_seal(sheet):
    source = (pdf.Path(pdf.settings.PAPER_DIR) / "sheet.typ").read_text(encoding="utf-8")
    assert re.findall(r"\b(circle|ellipse|polygon|curve|path|red|gold|star|stamp|radius)\b", source) == []
    assert 'fill="#fff"' in sheets.qr_svg("x")


def test_no_pdf_for_a_title_that_does_not_hold(sheet, title, sign_in, world):
    revoke(title, world)
    client = sign_in("clerk")
    answer = client.get(reverse("sheet_pdf", args=[title.pk]), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(detail(title), 302)]
    assert "No sheet is handed out for a title that does not hold." in page
    assert reverse("sheet_pdf", args=[title.pk]) not in page


def test_without_fonts_the_page_says_so(sheet, title, sign_in, settings, tmp_path):
    settings.FONTS_DIR = tmp_path
    answer = sign_in("clerk").get(reverse("sheet_pdf", args=[title.pk]), follow=True)
    assert "The PDF could not be made just now." in answer.content.decode()


def test_file_and_organ_lead_to_the_sheet_whoever_may_read_it(world, sheet, title, sign_in):
    page = reverse("organ_detail", args=[world.organ.pk])
    assert detail(title) in sign_in("clerk").get(page).content.decode()
    assert detail(title) not in sign_in("inspector").get(page).content.decode()
    file = world.start()
    become(title, assessment=file)
    assert detail(title) in sign_in("official").get(reverse("file_detail", args=[file.pk])).content.decode()


# --- without a network ---------------------------------------------------------------------------------------------


def test_what_is_downloaded_checks_the_sheet_in_an_empty_folder(sheet, public, tmp_path):
    for name, file in (("verification_program", "verify_sheet.py"), ("verification_keys", "key.json")):
        answer = public.get(reverse(name))
        assert (answer.cookies, answer["Cache-Control"]) == ({}, "public, no-cache")
        (tmp_path / file).write_bytes(answer.content)
    text = sheets.qr_text(sheet.payload, sheet.signature)
    assert text.startswith(f"http://127.0.0.1:8000/verify/{sheet.code}/#1.")

    def run(given):
        command = [sys.executable, "-I", "verify_sheet.py", "key.json"]
        return subprocess.run(command, cwd=tmp_path, input=given, capture_output=True, encoding="utf-8", check=False)

    done = run(text)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"code: {sheet.code}\n" in done.stdout
    assert "note: demonstration\n" in done.stdout
    forged = sheet.payload.replace("机关1", "机关9")
    assert run(sheets.qr_text(forged, sheet.signature)).returncode == 1
