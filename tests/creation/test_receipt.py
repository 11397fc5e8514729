"""The receipt: a page, a PDF that says the same for ever, and the exact text behind its hash."""

import hashlib
import io
import json
import time
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pypdf import PdfReader

from creation import stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.models import Assessment, EnergyFigures, Organ, Submission, User
from reviews.demo import builders

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIVE = '#read("/etc/passwd") *x* _y_ $z$ \\u{41} <l> @r'


def pdf_of(client, receipt):
    answer = client.get(reverse("submission_pdf", args=[receipt.number]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return answer.content


def read(made):
    return PdfReader(io.BytesIO(made))


def text_of(made):
    """Return the words of the PDF on one line; a word that was broken over two lines is one again."""
    return " ".join("\n".join(page.extract_text() for page in read(made).pages).split())


def squeezed(text):
    return "".join(text.split())


@pytest.fixture
def submitted(world):
    file = world.bring_to(stages.SUBMITTED)
    return file, Submission.objects.get()


def test_the_pdf_says_what_was_submitted(world, submitted, sign_in):
    file, receipt = submitted
    shown = text_of(pdf_of(sign_in("clerk"), receipt))
    for part in (
        receipt.number,
        receipt.sha256,
        "Organ 1",
        world.organ.credit_code,
        "BJ-DEMO-2020/1",
        "Asia/Shanghai",
        f"{receipt.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "Total, rounded down: 100.00",
        "Page 1 of",
        "1 file",
        "3 / 3",
    ):
        assert squeezed(part) in squeezed(shown), part
    said = json.loads(receipt.content)
    assert (said["prepared_by"], said["submitted_by"]) == ("clerk", "signatory")
    for indicator in file.cycle.standard.indicators.all():
        assert squeezed(indicator.name_en) in squeezed(shown), indicator.code


def test_in_chinese_the_words_are_chinese_and_the_fonts_inside(world, submitted, sign_in):
    _file, receipt = submitted
    client = sign_in("clerk")
    client.cookies["portal_language"] = "zh-hans"
    made = read(pdf_of(client, receipt))
    shown = squeezed("".join(page.extract_text() for page in made.pages))
    assert made.trailer["/Root"]["/Lang"] == "zh-CN"
    assert "机关1" in shown
    assert squeezed(world.standard.indicators.get(code="2.1").name) in shown
    for page in made.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert any(key.startswith("/FontFile") for key in inner)


def test_it_is_tagged_and_titled_and_the_same_to_the_byte(submitted, sign_in):
    _file, receipt = submitted
    first = pdf_of(sign_in("clerk"), receipt)
    assert first == pdf_of(sign_in("signatory"), receipt)
    made = read(first)
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert made.metadata.title == f"Receipt {receipt.number} – Organ 1"
    moment = receipt.at.astimezone(SHANGHAI)
    assert f"{made.metadata.creation_date:%Y%m%d%H%M%S}" == f"{moment:%Y%m%d%H%M%S}"


def test_it_is_made_from_what_was_frozen_and_not_from_live_rows(world, submitted, sign_in):
    _file, receipt = submitted
    before = pdf_of(sign_in("clerk"), receipt)
    Organ.objects.filter(pk=world.organ.pk).update(name="改名机关", name_en="Renamed")
    User.objects.filter(username__in=["clerk", "signatory"]).update(name="改名")
    assert pdf_of(sign_in("clerk"), receipt) == before


def test_what_people_typed_stays_text(world, sign_in):
    Organ.objects.filter(pk=world.organ.pk).update(name=LIVE, name_en="")
    User.objects.filter(username="clerk").update(name="*x*")
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    answer = file.answers.get(indicator__code="2.1")
    save_answer(file, answer.indicator, by=world["clerk"], found=answer.found, remark=LIVE, version=answer.version)
    file = Assessment.objects.get(pk=file.pk)
    files.prepare(file, by=world["clerk"])
    receipt = files.submit(file, by=world["signatory"])
    shown = squeezed(text_of(pdf_of(sign_in("clerk"), receipt)))
    assert shown.count(squeezed(LIVE)) >= 3  # lead, facts and explanation; the foot repeats the number alone
    assert "Preparedby*x*" in shown
    assert "root:" not in shown


def test_long_and_rare_words_are_printed_on_several_pages(world, sign_in):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    rare = "囍㐂①②℃"
    for answer in file.answers.select_related("indicator"):
        long = f"{rare}{'说明很长。' * 700}{'x' * 200} 😀" if answer.indicator.code == "2.2" else "短"
        save_answer(file, answer.indicator, by=world["clerk"], found=answer.found, remark=long, version=answer.version)
    files.prepare(file, by=world["clerk"])
    receipt = files.submit(file, by=world["signatory"])
    began = time.monotonic()
    made = pdf_of(sign_in("clerk"), receipt)
    assert time.monotonic() - began < 5
    shown = squeezed(text_of(made))
    pages = len(read(made).pages)
    assert pages >= 4
    assert rare in shown
    assert "[U+1F600]" in shown
    assert shown.count("很") == 700
    assert [f"Page{n}of{pages}" in shown for n in range(1, pages + 1)] == [True] * pages


def test_an_older_receipt_without_the_new_keys_is_printed_too(world, submitted, sign_in):
    file, receipt = submitted
    said = json.loads(receipt.content)
    for key in ("prepared_by", "submitted_by", "organ_name_en", "figures", "warnings"):
        del said[key]
    content = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    old = Submission.objects.create(
        assessment=file, number="2020-OLD-01", content=content, sha256=hashlib.sha256(content.encode()).hexdigest(),
        prepared_by=world["clerk"], by=world["signatory"], at=receipt.at,
    )  # fmt: skip
    shown = squeezed(text_of(pdf_of(sign_in("clerk"), old)))
    assert "Preparedbyclerk" in shown
    assert "Submittedbysignatory" in shown
    assert "机关1" in shown


def test_reasons_and_figures_stand_in_it(world, sign_in):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    row = {"year": world.cycle.calendar_year, "electricity_kwh": "1234.5", "users": 40, "change_reason": "搬迁"}
    EnergyFigures.objects.create(assessment=file, saved_by=world["clerk"], saved_at=builders.clock.now(), **row)
    files.prepare(file, by=world["clerk"])
    receipt = files.submit(file, by=world["signatory"])
    said = json.loads(receipt.content)
    assert [figures["electricity_kwh"] for figures in said["figures"]] == ["1234.5"]
    passed = {(each["indicator"], each["kind"]): each for each in said["warnings"]}
    assert passed["5.3", "no_evidence"]["by"] == "clerk"
    shown = squeezed(text_of(pdf_of(sign_in("clerk"), receipt)))
    assert "electricity(kWh)1234.5" in shown
    assert "搬迁" in shown
    assert squeezed("Points without evidence, passed by clerk: 材料另存本单位，核查时现场提供。") in shown


# --- who ----------------------------------------------------------------------------------------------------------


def test_who_may_see_page_pdf_and_text(world, sign_in):
    world.bring_to(stages.UNDER_INSPECTION)
    receipt = Submission.objects.get()
    names = ("submission_detail", "submission_pdf", "submission_content")
    people = ("public", "stranger", "clerk", "signatory", "clerk2", "official", "far_official", "inspector")
    got = {
        who: [sign_in(who).get(reverse(name, args=[receipt.number])).status_code for name in names] for who in people
    }
    assert got == {
        "public": [302, 302, 302],
        "stranger": [404, 404, 404],
        "clerk": [200, 200, 200],
        "signatory": [200, 200, 200],
        "clerk2": [404, 404, 404],
        "official": [200, 200, 200],
        "far_official": [404, 404, 404],
        "inspector": [200, 200, 404],
    }


def test_a_blind_inspector_reads_no_answer_and_no_points_in_it(world, sign_in):
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    files.prepare(file, by=world["clerk"])
    files.submit(file, by=world["signatory"])
    builders._assign(file, world.cast_for(world.organ))
    receipt = Submission.objects.get()
    shown = squeezed(text_of(pdf_of(sign_in("inspector"), receipt)))
    open_to_all = squeezed(text_of(pdf_of(sign_in("clerk"), receipt)))
    for hidden in ("100.00", "3/3", "5/5"):
        assert (hidden in shown, hidden in open_to_all) == (False, True), hidden
    assert receipt.sha256 in shown
    assert "onceyouhavefiledyourownvisit" in shown


def test_the_exact_text_has_the_hash_of_the_receipt(submitted, sign_in):
    _file, receipt = submitted
    answer = sign_in("official").get(reverse("submission_content", args=[receipt.number]))
    assert hashlib.sha256(answer.content).hexdigest() == receipt.sha256
    assert f'filename="content-{receipt.number}.json"' in answer["Content-Disposition"]


def test_without_fonts_the_page_says_so_and_nothing_breaks(submitted, sign_in, settings, tmp_path):
    _file, receipt = submitted
    settings.FONTS_DIR = tmp_path
    answer = sign_in("clerk").get(reverse("submission_pdf", args=[receipt.number]), follow=True)
    assert answer.redirect_chain == [(reverse("submission_detail", args=[receipt.number]), 302)]
    assert "The receipt itself is safe: print this page." in answer.content.decode()
