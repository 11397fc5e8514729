"""Warnings pass with a reason that the inspector reads; errors do not; both stand apart on the page."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation import clock, stages
from creation.actions import files, findings, warnings
from creation.actions.answers import save_answer
from creation.errors import Forbidden, Refused
from creation.models import Assessment, Attachment, Evidence, Submission, WarningPassed
from reviews.demo import builders
from tests.cast import keyed

ITEM, KIND = "5.3", "no_evidence"
REASON = "问卷由信息中心保存，核查时出示。"


@pytest.fixture
def file(world):
    """Return a file in which everything is answered, and the figures of 1.1 are the only things passed."""
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    file.warnings_passed.filter(kind=KIND).delete()
    return file


def item(world, code=ITEM):
    return world.standard.indicators.get(code=code)


def fresh(file):
    return Assessment.objects.get(pk=file.pk)


def open_now(file):
    return [(each.indicator, each.kind) for each in findings.open_findings(fresh(file))]


def give(world, file, reason=REASON, *, kind=KIND, code=ITEM, by="clerk"):
    return warnings.pass_warning(file, item(world, code), kind=kind, reason=reason, by=world[by])


def refused(verb, *args, **kwargs):
    with pytest.raises(Refused) as refusal, transaction.atomic():
        verb(*args, **kwargs)
    return str(refusal.value)


# --- the verb ------------------------------------------------------------------------------------------------------


def test_a_warning_stops_the_handing_over_until_it_has_its_reason(world, file):
    with pytest.raises(Refused) as refusal:
        files.prepare(file, by=world["clerk"])
    assert refusal.value.problems == [(ITEM, "Points are claimed without any evidence")]
    row = give(world, file)
    assert (row.reason, row.by, row.kind) == (REASON, world["clerk"], KIND)
    files.prepare(file, by=world["clerk"])
    assert fresh(file).stage == stages.PREPARED


def test_a_second_reason_takes_the_place_of_the_first_and_can_be_taken_back(world, file):
    give(world, file)
    give(world, file, "另一个更清楚的理由，在此说明。")
    assert [row.reason for row in file.warnings_passed.filter(kind=KIND)] == ["另一个更清楚的理由，在此说明。"]
    warnings.take_back(file, item(world), kind=KIND, by=world["clerk"])
    assert open_now(file) == [(ITEM, KIND)]


@pytest.mark.parametrize("reason", ["", "   ", "too short", "九个字的理由不够吧", "a" + " " * 50 + "b"])
def test_fewer_than_ten_characters_are_no_reason(world, file, reason):
    assert "at least 10 characters" in refused(give, world, file, reason)
    assert open_now(file) == [(ITEM, KIND)]


def test_a_thousand_characters_are_the_most(world, file):
    assert "at most 1000" in refused(give, world, file, "字" * 1001)
    assert len(give(world, file, "字" * 1000).reason) == 1000


def test_no_reason_passes_an_error(world, file):
    answer = file.answers.get(indicator__code="2.1")
    save_answer(file, answer.indicator, by=world["clerk"], found=None, version=answer.version)
    assert "No reason passes an error" in refused(give, world, file, kind="unanswered", code="2.1")
    assert ("2.1", "unanswered") in open_now(file)


def test_what_does_not_stand_is_not_passed(world, file):
    for kind, code in ((KIND, "2.1"), ("made_up", ITEM), ("evidence_expired", ITEM)):
        assert "does not stand any more" in refused(give, world, file, kind=kind, code=code)


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "inspector", "stranger"])
def test_only_a_clerk_of_the_organ_passes_and_takes_back(world, file, username):
    with pytest.raises(Forbidden):
        give(world, file, by=username)
    give(world, file)
    with pytest.raises(Forbidden):
        warnings.take_back(file, item(world), kind=KIND, by=world[username])
    assert file.warnings_passed.filter(kind=KIND).count() == 1


def test_the_reason_is_frozen_with_the_file(world, file):
    row = give(world, file)
    files.prepare(file, by=world["clerk"])
    assert "cannot be edited" in refused(give, world, fresh(file))
    assert "cannot be edited" in refused(warnings.take_back, fresh(file), item(world), kind=KIND, by=world["clerk"])
    for change in (
        lambda: WarningPassed.objects.filter(pk=row.pk).update(reason="anders begründet"),
        lambda: WarningPassed.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_was_submitted_carries_the_reasons_and_only_those_that_still_stand(world, file):
    give(world, file)
    proof = Evidence.objects.get(organ=world.organ)
    builders.evidence.attach(file, item(world), proof, by=world["clerk"])  # settles it: the reason has no object
    files.prepare(file, by=world["clerk"])
    assert not file.warnings_passed.filter(kind=KIND).exists()
    files.reopen(fresh(file), by=world["clerk"])
    Attachment.objects.filter(assessment=file, indicator=item(world)).delete()
    give(world, fresh(file))
    files.prepare(fresh(file), by=world["clerk"])
    files.submit(fresh(file), by=world["signatory"])
    said = json.loads(Submission.objects.get().content)["warnings"]
    assert {"indicator": ITEM, "kind": KIND, "reason": REASON, "by": "clerk"} in said
    assert len(said) == 3  # the figures of two years besides


# --- where the facts come from -------------------------------------------------------------------------------------


def test_evidence_that_expires_is_read_from_its_date(world, file):
    give(world, file)
    until, today = world.cycle.self_rating_until, clock.today()
    for days, expected in (
        (today - timedelta(days=1), "evidence_expired"),
        (today, "evidence_expires"),
        (until - timedelta(days=1), "evidence_expires"),
        (until, None),
    ):
        Evidence.objects.filter(organ=world.organ).update(expires_on=days)
        assert {kind for _code, kind in open_now(file)} == ({expected} if expected else set())


def test_far_more_points_than_in_the_last_file_ask_for_a_word(world):
    last_year = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    before = files.start(world.organ, last_year, by=world["clerk"])
    builders.answer_everything(before, by=world["clerk"], poor=("2.5",))
    files.prepare(before, by=world["clerk"])
    files.submit(before, by=world["signatory"])
    file = world.start()
    builders.answer_everything(file, by=world["clerk"])
    row = file.warnings_passed.get(kind="much_better")
    assert row.indicator.code == "2.5"
    row.delete()
    sentence = f"3 points are claimed after 0 in {last_year.year}, without an explanation"
    assert [each.sentence for each in findings.open_findings(file)] == [sentence]
    answer = file.answers.get(indicator__code="2.5")
    kept = {"found": answer.found, "version": answer.version, "remark": "今年新订三项制度。"}
    save_answer(file, answer.indicator, by=world["clerk"], **kept)
    assert open_now(file) == []


def test_a_draft_of_last_year_is_no_measure(world, file):
    last_year = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    builders.answer_everything(files.start(world.organ, last_year, by=world["clerk"]), by=world["clerk"], poor=("2.5",))
    assert open_now(file) == [(ITEM, KIND)]


def test_an_item_sent_back_is_touched_or_explained_each_time(world):
    file = world.bring_to(stages.SUBMITTED)
    code = "2.1"

    def send_back():
        files.send_back(fresh(file), by=world["official"], reasons={item(world, code): "The notice is undated."})

    send_back()
    assert open_now(file) == [(code, "sent_back")]
    give(world, fresh(file), kind="sent_back", code=code)
    files.prepare(fresh(file), by=world["clerk"])
    files.submit(fresh(file), by=world["signatory"])
    send_back()
    # what was said the first time is no answer to the second
    assert open_now(file) == [(code, "sent_back")]
    newer = builders.evidence.upload_evidence(world.organ, builders.a_pdf("新通知.pdf"), by=world["clerk"])
    builders.evidence.attach(fresh(file), item(world, code), newer, by=world["clerk"])
    assert open_now(file) == []


def test_an_item_without_an_answer_is_asked_about_nothing_else(world):
    file = world.start()
    assert sorted({each.kind for each in findings.findings_of(file)}) == ["unanswered"]
    assert len(findings.findings_of(file)) == 29


def test_an_answer_that_saved_itself_is_not_done(world, file):
    give(world, file)
    file.answers.filter(indicator__code="2.2").update(done=False)
    assert [(code, text) for code, text in files.open_points(file)] == [("2.2", "Not marked as done yet")]


def test_findings_are_read_in_a_fixed_number_of_statements(world, file, django_assert_num_queries):
    empty = world.start(world.neighbour)
    for each in (fresh(empty), fresh(file)):
        each.cycle.standard  # noqa: B018 read beforehand, as on a page
        with django_assert_num_queries(16):
            findings.open_findings(each)


# --- the check page ------------------------------------------------------------------------------------------------


def check_page(client, file):
    return client.get(reverse("self_rating_check", args=[file.pk])).content.decode()


def fields(**reasons):
    """Return the fields of the reasons as a page that showed none had them."""
    names = {f"reason-{ITEM}-{kind}": text for kind, text in reasons.items()}
    return names | {f"initial-{name}": "" for name in names}


def send(client, file, **more):
    return client.post(reverse("self_rating_reasons", args=[file.pk]), keyed(**more))


def test_errors_and_warnings_stand_apart_each_with_its_way_out(world, file, sign_in):
    answer = file.answers.get(indicator__code="2.1")
    save_answer(file, answer.indicator, by=world["clerk"], found=None, version=answer.version)
    shown = check_page(sign_in("clerk"), file)
    errors = shown.split('id="errors-title"')[1].split("</section>")[0]
    asked = shown.split('id="warnings"')[1].split("</section>")[0]
    address = reverse("self_rating_item", args=[file.pk, "2.1"])
    assert "1 error: it has to be settled" in errors
    assert f'href="{address}?from=check#id_found"' in errors
    assert "1 warning: settle it, or say why it may stand" in asked
    assert asked.count("<textarea") == 3  # the two years of figures have their reasons already
    assert "Attach it, or say why there is none." in asked
    assert "Passed by clerk" in asked


def test_the_refusal_links_each_fault_to_its_field_and_keeps_the_answers(world, file, sign_in):
    file.answers.filter(indicator__code="2.2").update(done=False)
    Attachment.objects.filter(assessment=file, indicator__code="2.3").delete()
    answer = sign_in("clerk").post(reverse("self_rating_prepare", args=[file.pk]), keyed())
    summary = answer.content.decode().split("data-error-summary")[1].split("</div>")[0]
    hrefs = [part.split('"')[0] for part in summary.split('href="')[1:]]
    page = {code: reverse("self_rating_item", args=[file.pk, code]) for code in ("2.2", "2.3")}
    assert hrefs == [
        f"{page['2.2']}?from=check#done-title",
        f"{page['2.3']}?from=check#id_files",
        f"#id_reason-{ITEM}-{KIND}",
    ]
    assert "3 points are open" in summary
    assert answer.content.decode().count(f'id="id_reason-{ITEM}-{KIND}"') == 1
    for code, anchor in (("2.2", "done-title"), ("2.3", "id_files"), ("2.1", "id_found")):
        item_page = sign_in("clerk").get(reverse("self_rating_item", args=[file.pk, code]) + "?from=check")
        assert f'id="{anchor}"' in item_page.content.decode(), anchor
        assert "Save and back to the check" in item_page.content.decode()
    assert file.answers.count() == 29


def test_reasons_are_given_changed_and_taken_back_on_the_page(world, file, sign_in):
    client = sign_in("clerk")
    answer = send(client, file, **fields(no_evidence=REASON))
    assert answer.url == reverse("self_rating_check", args=[file.pk]) + "#warnings"
    assert open_now(file) == []
    assert "Every warning has its reason" in check_page(client, file)
    held = {f"initial-reason-{ITEM}-{KIND}": REASON, f"reason-{ITEM}-{KIND}": ""}
    assert send(client, file, **held).status_code == 302
    assert open_now(file) == [(ITEM, KIND)]


def test_a_reason_that_is_too_short_keeps_what_was_typed(world, file, sign_in):
    answer = send(sign_in("clerk"), file, **fields(no_evidence="zu kurz"))
    shown = answer.content.decode()
    assert (answer.status_code, open_now(file)) == (200, [(ITEM, KIND)])
    assert "<title>Error:" in shown
    assert ">zu kurz</textarea>" in shown
    summary = shown.split("data-error-summary")[1].split("</div>")[0]
    assert summary.count("<li>") == summary.count(f'href="#id_reason-{ITEM}-{KIND}"') == 1
    assert "at least 10 characters" in summary


def test_an_untouched_field_of_an_old_page_takes_nothing_back(world, file, sign_in):
    give(world, file)  # by a colleague, after the page was opened
    assert send(sign_in("clerk"), file, **fields(no_evidence="")).status_code == 302
    assert open_now(file) == []


def test_the_signatory_reads_the_warnings_and_gives_no_reasons(world, file, sign_in):
    shown = check_page(sign_in("signatory"), file)
    assert "Points are claimed without any evidence" in shown
    assert "Save the reasons" not in shown
    got = {who: send(sign_in(who), file, **fields(no_evidence=REASON)).status_code for who in ("signatory", "stranger")}
    assert got == {"signatory": 403, "stranger": 404}


def test_the_page_names_who_can_sign(world, file, sign_in):
    assert "These people can sign: signatory" in " ".join(check_page(sign_in("clerk"), file).split())
    world["signatory"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    assert "ask the registrar of your region to appoint one" in check_page(sign_in("clerk"), file)


@pytest.mark.parametrize("who", ["signatory", "official", "inspector"])
def test_the_reason_is_read_by_whoever_reads_the_file(world, sign_in, who):
    file = world.bring_to(stages.UNDER_INSPECTION)
    shown = check_page(sign_in(who), file)
    row = shown.split(f'id="item-{ITEM}"')[1].split("</tr>")[0]
    assert "Points without evidence" in row
    assert "材料另存本单位，核查时现场提供。" in row


def test_the_inspector_reads_it_at_the_item_of_the_visit(world, sign_in):
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    shown = sign_in("inspector").get(reverse("inspection_item", args=[visit.pk, ITEM])).content.decode()
    assert "Points without evidence" in shown
    assert "材料另存本单位，核查时现场提供。" in shown
    other = sign_in("inspector").get(reverse("inspection_item", args=[visit.pk, "2.1"])).content.decode()
    assert "Warning passed:" not in other
