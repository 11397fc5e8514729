"""One item of a self-rating in the browser: what is typed, what it gives, and what is never lost."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation import stages
from creation.actions import evidence
from creation.actions.answers import save_answer
from creation.models import Answer, Attachment, Evidence
from reviews.demo import builders
from tests.cast import keyed
from tests.creation.self_rating import ITEM, clerk, file, item_url, text

__all__ = ["clerk", "file"]  # fixtures are found by their names


def a_file(name="notice.pdf"):
    return builders.a_pdf(name)


def test_an_answer_is_saved_and_the_next_item_comes(file, clerk, world):
    answer = clerk.post(item_url(file), keyed(found=["0"], remark="Named in March.", version="0", then="next"))
    assert (answer.status_code, answer.url) == (302, item_url(file, "2.2"))
    saved = Answer.objects.get()
    assert (saved.found, saved.points, saved.remark) == ({"present": [0]}, Decimal(1), "Named in March.")
    assert (saved.saved_by, saved.version) == (world["clerk"], 1)


@pytest.mark.parametrize(
    ("then", "name", "row"), [("list", "self_rating_detail", f"#item-{ITEM}"), ("check", "self_rating_check", "")]
)
def test_the_button_says_where_it_leads(file, clerk, then, name, row):
    answer = clerk.post(item_url(file), keyed(found=["0"], version="0", then=then))
    assert answer.url == reverse(name, args=[file.pk]) + row


def test_a_change_from_the_check_page_comes_back_to_it(file, clerk):
    shown = text(clerk.get(item_url(file), {"from": "check"}))
    assert "Save and back to the check</button>" in shown
    assert "Save and next" not in shown


def test_the_last_item_leads_to_the_check(file, clerk):
    answer = clerk.post(item_url(file, "A.1"), keyed(found="2", version="0", then="next"))
    assert answer.url == reverse("self_rating_check", args=[file.pk])


def test_a_draft_takes_an_empty_answer(file, clerk):
    answer = clerk.post(item_url(file), keyed(found=[], remark="", version="0"))
    assert answer.status_code == 302
    assert (Answer.objects.get().found, Answer.objects.get().points) == (None, None)


@pytest.mark.parametrize(
    ("code", "typed", "found"), [("2.5", "　３ ", {"count": 3}), ("2.11", "９２．５", {"value": "92.5"})]
)
def test_numbers_count_however_the_keyboard_writes_them(file, clerk, code, typed, found):
    clerk.post(item_url(file, code), keyed(found=typed, version="0"))
    assert Answer.objects.get().found == found


@pytest.mark.parametrize("typed", ["-1", "3.5", "three", "1e3", "٣", "9999999999", "x" * 39, "1_000", "\x00"])
def test_what_is_no_count_is_shown_again_with_a_sentence(file, clerk, typed):
    answer = clerk.post(item_url(file, "2.5"), keyed(found=typed, remark="Kept text", version="0"))
    shown = text(answer)
    assert answer.status_code == 200
    assert "<title>Error:" in shown
    assert "Kept text</textarea>" in shown
    assert Answer.objects.count() == 0


@pytest.mark.parametrize("fields", [{"found": ["0", "none"]}, {"found": ["7"]}, {"found": ["0"], "version": "x"}])
def test_what_the_form_never_offers_is_refused(file, clerk, fields):
    answer = clerk.post(item_url(file), keyed(**{"version": "0", **fields}))
    assert (answer.status_code, Answer.objects.count()) == (200, 0)


def test_not_applicable_is_offered_only_where_allowed(file, clerk):
    assert 'name="not_applicable"' not in text(clerk.get(item_url(file, "2.1")))
    clerk.post(item_url(file, "2.1"), keyed(not_applicable="on", version="0"))
    assert Answer.objects.get().not_applicable is False
    shown = text(clerk.get(item_url(file, "2.10")))
    assert "Not applicable · 1 point" in shown
    clerk.post(item_url(file, "2.10"), keyed(not_applicable="on", version="0"))
    saved = Answer.objects.get(indicator__code="2.10")
    assert (saved.not_applicable, saved.points) == (True, Decimal(1))


def test_a_colleague_saved_in_between_and_nothing_typed_is_lost(world, file, clerk, sign_in):
    colleague = builders.make_person("colleague", ("clerk", world.organ))
    shown_version = "0"
    indicator = world.standard.indicators.get(code="2.5")
    save_answer(file, indicator, by=colleague, found={"count": 2}, remark="Two rules, by the colleague")
    mine = {"found": "3", "remark": "Three rules, mine"}
    answer = clerk.post(item_url(file, "2.5"), keyed(**mine, version=shown_version))
    shown = text(answer)
    assert "A colleague saved this item in the meantime" in shown
    assert "Two rules, by the colleague" in shown
    assert shown.count("Three rules, mine") == 2  # beside the other, and in the field
    assert 'name="version" value="1"' in shown
    assert Answer.objects.get().remark == "Two rules, by the colleague"
    clerk.post(item_url(file, "2.5"), keyed(**mine, version="1"))
    assert (Answer.objects.get().remark, Answer.objects.get().version) == ("Three rules, mine", 2)


def test_a_stale_tab_after_handing_over_keeps_what_was_typed(world, clerk):
    file = world.bring_to(stages.PREPARED)
    before = Answer.objects.get(assessment=file, indicator__code="2.5")
    answer = clerk.post(item_url(file, "2.5"), keyed(found="1", remark="Typed too late", version="1"))
    shown = text(answer)
    assert answer.status_code == 200
    assert "cannot be edited" in shown
    assert "Typed too late</textarea>" in shown
    assert "Save and next" not in shown
    after = Answer.objects.get(pk=before.pk)
    assert (after.remark, after.version) == (before.remark, before.version)


def test_a_double_click_saves_once(file, clerk):
    form = keyed(found=["0"], version="0", then="next")
    got = [clerk.post(item_url(file), form).url for _twice in range(2)]
    assert got == [item_url(file, "2.2")] * 2
    assert Answer.objects.get().version == 1


def test_a_form_without_its_key_is_a_bad_request(file, clerk):
    assert clerk.post(item_url(file), {"found": ["0"], "version": "0"}).status_code == 400
    assert Answer.objects.count() == 0


def test_an_unknown_item_is_not_found(file, clerk):
    assert clerk.get(item_url(file, "9.9")).status_code == 404


def test_a_signatory_reads_an_item_and_cannot_write_it(file, sign_in):
    client = sign_in("signatory")
    assert "Save and next" not in text(client.get(item_url(file)))
    assert client.post(item_url(file), keyed(found=["0"], version="0")).status_code == 403
    assert client.post(reverse("evidence_attach", args=[file.pk, ITEM]), keyed(files=[a_file()])).status_code == 403
    assert client.get(reverse("self_rating_points", args=[file.pk, ITEM])).status_code == 403
    assert (Answer.objects.count(), Evidence.objects.count()) == (0, 0)


def test_choices_show_the_points_they_give(file, clerk):
    shown = {code: text(clerk.get(item_url(file, code))) for code in ("1.1", "2.1", "3.5", "2.5", "3.2", "2.11")}
    assert "Met · 5 points" in shown["1.1"]
    assert "Named in a notice · 1 point</label>" in shown["2.1"]
    assert "Partly · 1 point</label>" in shown["3.5"]
    assert "1 point each, at most 3 points." in shown["2.5"]
    assert "5 points when there is none (enter 0); each one takes away 1 point." in shown["3.2"]
    assert "from 100%: 9 points" in shown["2.11"]


def points(client, file, code, **query):
    return text(client.get(reverse("self_rating_points", args=[file.pk, code]), query))


def test_points_are_reckoned_while_choosing_and_nothing_is_saved(world, file, clerk):
    save_answer(file, world.standard.indicators.get(code="3.2"), by=world["clerk"], found={"count": 0})
    assert "This item: 2 of 3 points · total with this entry: 7 points" in points(clerk, file, "2.5", found="2")
    assert "This item: 3 of 3 points · total with this entry: 8 points" in points(clerk, file, "2.5", found="9999")
    assert "not answered, at most 3 points · total with this entry: 5 points" in points(clerk, file, "2.5")
    assert "the entry cannot be read" in points(clerk, file, "2.5", found="many")
    assert "cannot pass: gate 1.1 is not met" in points(clerk, file, "1.1", found="not_met")
    assert Answer.objects.count() == 1


# --- evidence of an item -------------------------------------------------------------------------------------------


def attach_url(file, code=ITEM):
    return reverse("evidence_attach", args=[file.pk, code])


def test_several_files_come_in_at_once_each_with_its_own_result(file, clerk):
    bad = SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 50)
    wrong = SimpleUploadedFile("photo.png", b"%PDF-1.4 not a picture")
    form = keyed(found=["0"], remark="", version="0", files=[a_file("a.pdf"), bad, a_file("b.pdf"), wrong])
    answer = clerk.post(attach_url(file), form)
    assert (answer.status_code, answer.url) == (302, item_url(file))
    shown = text(clerk.get(answer.url))
    assert "“a.pdf” is in the library." in shown
    assert "“virus.exe” is not of an accepted kind." in shown
    assert "“photo.png” is not what its name says." in shown
    assert {a.evidence.name for a in Attachment.objects.all()} == {"a.pdf", "b.pdf"}
    assert Answer.objects.get().found == {"present": [0]}


def test_files_that_come_with_an_answer_that_cannot_be_read_are_kept(file, clerk):
    form = keyed(found="many", remark="Kept", version="0", files=[a_file("a.pdf"), a_file("b.pdf"), a_file("c.pdf")])
    answer = clerk.post(item_url(file, "2.5"), form)
    shown = text(answer)
    assert answer.status_code == 200
    assert 'value="many"' in shown
    assert "Kept</textarea>" in shown
    assert Attachment.objects.count() == 3
    assert Answer.objects.count() == 0
    assert all(name in shown for name in ("a.pdf</a>", "b.pdf</a>", "c.pdf</a>"))


def test_files_that_come_with_an_overtaken_answer_are_kept(world, file, clerk):
    indicator = world.standard.indicators.get(code="2.5")
    save_answer(file, indicator, by=world["clerk"], found={"count": 2})
    answer = clerk.post(item_url(file, "2.5"), keyed(found="3", version="0", files=[a_file("a.pdf")]))
    assert "A colleague saved this item in the meantime" in text(answer)
    assert (Attachment.objects.count(), Answer.objects.get().found) == (1, {"count": 2})


def test_a_bad_file_keeps_the_person_at_the_item(file, clerk):
    form = keyed(found=["0"], version="0", then="next", files=[SimpleUploadedFile("x.exe", b"MZ")])
    assert clerk.post(item_url(file), form).url == item_url(file)


def test_a_file_of_the_library_is_attached_and_taken_off_again(world, file, clerk):
    piece = evidence.upload_evidence(world.organ, a_file(), by=world["clerk"])
    assert "notice.pdf</label>" in text(clerk.get(item_url(file)))
    clerk.post(attach_url(file), keyed(existing=[piece.pk], version="0"))
    attachment = Attachment.objects.get()
    assert (attachment.evidence, attachment.indicator.code) == (piece, ITEM)
    assert Answer.objects.count() == 0  # nothing was typed
    off = reverse("evidence_detach", args=[file.pk, attachment.pk])
    form = keyed(code=ITEM, found=["0"], version="0")
    assert [clerk.post(off, form).status_code for _twice in range(2)] == [302, 302]
    assert (Attachment.objects.count(), Evidence.objects.count()) == (0, 1)
    assert Answer.objects.get().found == {"present": [0]}  # what was typed is saved along


def test_evidence_of_another_organ_cannot_be_attached(world, file, clerk):
    foreign = evidence.upload_evidence(world.neighbour, a_file(), by=world["clerk2"])
    clerk.post(attach_url(file), keyed(existing=[foreign.pk], version="0"))
    assert Attachment.objects.count() == 0


def test_evidence_of_another_file_is_not_taken_off(world, file, clerk):
    other = world.bring_to(stages.DRAFT, world.neighbour)
    piece = evidence.upload_evidence(world.neighbour, a_file(), by=world["clerk2"])
    kept = evidence.attach(other, world.standard.indicators.get(code=ITEM), piece, by=world["clerk2"])
    clerk.post(reverse("evidence_detach", args=[file.pk, kept.pk]), keyed(code=ITEM, version="0"))
    assert Attachment.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(
    ("username", "expected"), [("stranger", 404), ("clerk2", 404), ("official", 403), ("public", 302)]
)
def test_nobody_else_writes_an_item(file, sign_in, username, expected):
    client = sign_in(username)
    got = {
        client.post(item_url(file), keyed(found=["0"], version="0")).status_code,
        client.post(attach_url(file), keyed(files=[a_file()], version="0")).status_code,
        client.post(reverse("evidence_detach", args=[file.pk, 1]), keyed(code=ITEM)).status_code,
        client.get(reverse("self_rating_points", args=[file.pk, ITEM])).status_code,
    }
    assert (got, Answer.objects.count(), Evidence.objects.count()) == ({expected}, 0, 0)
