"""The PDF of a sheet, its page inside, and what works without a network."""

import base64
import io
import re
import subprocess
import sys

import pytest
import typst
import zxingcpp
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from creation import pdf
from creation.models import Organ
from reviews import sheets
from reviews.views.sheets import paper_of
from tests.reviews.sheeted import become, detail, public, revoke, sheet, title

__all__ = ["public", "sheet", "title"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


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
