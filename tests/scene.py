"""One object for every address: the arguments with which a test can open each page of the portal."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse
from PIL import Image

from creation import clock, stages
from creation.actions import cycles, standards, tokens
from creation.actions.recognitions import grant
from creation.models import Import, Succession
from portal.reports import asking as reports
from reviews.actions import (
    announcements,
    archives,
    draws,
    findings,
    inspections,
    objections,
    phones,
    photos,
    rechecks,
    revocations,
    sheets,
    spot_checks,
    visit_photos,
    webhooks,
)
from reviews.demo import builders
from reviews.demo import phones as phone_records
from reviews.models import Extension, RecheckRound
from reviews.occurrences import NOTICE


def names():
    """Return the names of all addresses, in the order of the alphabet."""
    return sorted({name for name in get_resolver().reverse_dict if isinstance(name, str)})


def answered(objection, *, by):
    """Return the organ's answer to an objection, with a paper."""
    return objections.hear(objection, text="已改", files=[builders.a_pdf("说明.pdf")], by=by)


def in_recheck(world, title):
    """Return the title's item in a recheck of the city, with the organ's report and a paper."""
    recheck = rechecks.open_round(
        RecheckRound(
            cycle=world.cycle, title="回头看", basis="办法", share=0, minimum=0,
            paper_until=clock.today(), site_until=clock.today(),
        ),
        by=world["city"],
    )  # fmt: skip
    rechecked = recheck.items.get(recognition=title)
    rechecks.report(rechecked, text="延续。", papers=[builders.a_pdf("台账.pdf")], by=world["far_clerk"])
    return rechecked


def told_elsewhere(world):
    """Return another system, whose address an official of the city has entered, and a message to it."""
    system = webhooks.enter("https://registry.example.org/", [NOTICE], by=world["city"])
    return {"webhook": system.pk, "webhook_message": webhooks.send_test(system, by=world["city"]).pk}


@pytest.fixture
def scene(world):
    """Return the arguments of every address: a file of the same organ in each of several rounds and stages."""
    rounds = [builders.make_cycle(world.city, world.standard, by=world["city"], year=2020 + n) for n in range(6)]
    cast = world.cast_for(world.organ)

    def bring(cycle, stage):
        file = builders.files.start(world.organ, cycle, by=cast["clerk"])
        return builders.bring_to(file, stage, cast)

    visited = bring(world.cycle, stages.UNDER_INSPECTION)
    visit = visited.inspections.get()
    indicator = world.standard.indicators.get(code="3.4")
    finding = findings.raise_finding(
        visit, indicator, kind="on_the_spot", text="滴漏", by=world["inspector"], photos=[a_picture()]
    )
    (visit_photo,) = visit_photos.keep_item_photos(visit, indicator, by=world["inspector"], photos=[a_picture()])
    veto = inspections.record_veto(visit, kind="verified_waste", reason="浪费", by=world["inspector"])
    device = phone_records.make_key("scene")
    elsewhere = phone_records.a_rating(
        visit, indicator, {"standard": "OTHER/1"}, device=device, number=1, by=world["inspector"]
    )
    phones.land_records(visit, [elsewhere], by=world["inspector"])
    announced = phone_records.announcement(phone_records.a_photo(), device=device, number=2)
    photos.announce_photo(visit, announced, by=world["inspector"])
    draft = bring(rounds[0], stages.DRAFT)
    builders.answer_everything(draft, by=cast["clerk"])
    public = bring(rounds[1], stages.PUBLICISED)
    submitted = bring(rounds[2], stages.SUBMITTED)
    drawn = bring(rounds[3], stages.UNDER_SPOT_CHECK)
    cleared = bring(rounds[4], stages.CHECKED)
    waiting = bring(rounds[5], stages.INSPECTED)
    listing = public.listing
    picture = builders.evidence.upload_evidence(world.organ, a_picture(), by=cast["clerk"])
    builders.evidence.attach(draft, indicator, picture, by=cast["clerk"])
    municipal = builders.bring_to(
        builders.files.start(world.municipal_organ, world.cycle, by=world["city_clerk"]),
        stages.INSPECTED,
        world.cast_for(world.municipal_organ),
    )
    letter_pool = draws.close_pool(world.cycle, world.nation, by=world["city"])
    draws.record_letter(
        letter_pool,
        chosen={municipal.organ.credit_code},
        letter=builders.a_pdf("来函.pdf"),
        letter_number="国管〔2026〕1号",
        by=world["city"],
    )
    by_letter = builders.bring_to(
        builders.files.start(world.municipal_organ, rounds[0], by=world["city_clerk"]),
        stages.UNDER_SPOT_CHECK,
        world.cast_for(world.municipal_organ),
    )
    spot_checks.record_result(
        by_letter, confirmed=True, letter=builders.a_pdf("结果.pdf"), letter_number="2号", reason="", by=world["city"]
    )
    # of one organ nobody is the next: written as a row, so that its address has something to speak of
    extension = Extension.objects.create(
        draw=drawn.pool_member.pool.draw, member=drawn.pool_member, reason="补充", by=world["city"], at=clock.now()
    )
    seal = builders.a_pdf("公章.pdf")
    objection = objections.object_to(
        listing,
        kind="unit",
        name="某单位",
        phone="010-12345",
        grounds="浪费",
        seal=seal,
        files=[builders.a_pdf("证据.pdf")],
    )
    proposed = objections.object_to(listing, kind="person", name="李某", phone="010-54321", grounds="长明灯")
    objections.propose_decision(proposed, uphold=False, reason="查无实据。", by=world["superior"])
    title = grant(world.far_organ, batch="1", document_number="1号", granted_on=clock.today(), by=world["city"])
    sheet = sheets.issue(title, by=world["city"])
    settled = objections.object_to(listing, kind="person", name="王某", phone="010-67890", grounds="空调")
    builders.decide(settled, uphold=False, reason="查无实据。", by=world["city"])
    past = grant(world.neighbour, batch="1", document_number="2号", granted_on=clock.today(), by=world["city"])
    decided_case = builders.revoke(past, by=world["city"]).revocation_cases.get()
    of_rates = announcements.announce(
        world.city, as_of=clock.today(), title="完成情况", document_number="3号", by=world["city"]
    )
    case = revocations.open_case(title, grounds="other", facts="待查", by=world["city"])
    rechecked = in_recheck(world, title)
    world["superior"].appointments.update(leads=True)
    data = standards_draft(world)
    incoming = Import.objects.create(
        kind="register", state="faulty", name="x.csv", sha256="0" * 64, by=world["registrar"], at=clock.now(),
        file=ContentFile(b"credit_code\n", "x.csv"), errors=[],
    )  # fmt: skip
    closed = cycles.close_cycle(
        builders.make_cycle(world.city, world.standard, by=world["city"], year=2019), by=world["city"]
    )
    archive = archives.ask_for_archive(closed, by=world["city"])
    return {
        **a_report(world),
        "closed_round": closed.pk, "archive": archive.pk, "api_token": a_token(world["clerk"]).pk,
        "credit_code": world.organ.credit_code,
        "file": visited.pk, "message": world["clerk"].messages.last().pk, "draft": draft.pk,
        "submitted": submitted.pk, "drawn": drawn.pk,
        "indicator": "3.4", "visit": visit.pk, "finding": finding.pk, "photo": finding.photos.get().pk,
        "visit_photo": visit_photo.pk,
        "record_key": elsewhere.key, "photo_key": announced.key,
        "veto_kind": veto.kind, "receipt": submitted.submissions.get().number,
        "evidence": world.organ.evidence.filter(purpose="evidence").exclude(pk=picture.pk).first().pk,
        "picture": picture.pk,
        "attachment": draft.attachments.first().pk, "pool": drawn.pool_member.pool_id,
        "pool_member": drawn.pool_member.pk, "extension": extension.pk,
        "closed_pool": draws.close_pool(rounds[5], world.city, by=world["city"]).pk, "waiting": waiting.pk,
        "notice": listing.notice_id, "listing": listing.number, "published": public.pk,
        "notice_draft": builders.make_notice(rounds[4], [cleared], by=world["city"]).pk, "cleared": cleared.pk,
        "objection": objection.pk, "proposed_objection": proposed.pk, "objection_file": objection.files.get().pk,
        "answer_file": answered(objection, by=world["clerk"]).files.get().pk,
        "title": title.pk, "sheet_code": sheet.code,
        "settled": settled.pk, "past_case": decided_case.pk, "announced": of_rates.pk,
        "case": case.pk,
        "recheck": rechecked.round_id, "rechecked": rechecked.pk, "recheck_paper": rechecked.papers.get().pk,
        "recheck_close": "close", "recheck_review": "review",
        "cycle": world.cycle.pk, "standard": data.pk, "organ": world.organ.pk, "person": world["clerk"].pk,
        "appointment": world["clerk"].appointments.get().pk, "import": incoming.pk, "region": world.district.pk,
        **told_elsewhere(world),
        "region_code": world.district.code, "chart": "stages", "city_code": world.city.code,
        "receipt_of_objection": objection.receipt, "kind": "register",
        "letter_pool": letter_pool.pk, "municipal": municipal.pk, "by_letter": by_letter.pk,
        "queue": "imports", "language": "en", "of": "indicators", "uid": "MQ", "token": "set-password", "year": 2027,
        "succession": Succession.objects.count(),
    }  # fmt: skip


def a_report(world):
    """Return the id of a report that waits, and what stands in its address."""
    report = reports.ask("register", "csv", {}, by=world["city"])
    return {"report": report.pk, "report_key": reports.key_of(report)}


# which objects of the scene an address speaks of, in the order of its arguments; most speak of none
ARGUMENTS = {
    "api_cycle": "cycle", "api_notice": "notice", "api_nothing": "language", "api_open_draw": "pool",
    "api_open_notice": "notice", "api_open_objection": "settled",
    "api_open_rate": "announced", "api_organ": "credit_code", "api_rates": "region_code",
    "api_rates_history": "region_code", "api_recognition": "title", "api_stage": "file", "token_revoke": "api_token",
    "announced_csv": "announced", "announced_detail": "announced", "announced_json": "announced",
    "news_feed": "language", "outcome_objection": "settled", "outcome_revocation": "past_case",
    "archive_download": "archive", "cycle_archive": "closed_round",
    "appointment_add": "person", "appointment_end": "appointment", "cycle_change": "cycle", "cycle_close": "cycle",
    "cycle_detail": "cycle", "cycle_open": "cycle",
    "dashboard_ahead": "region_code", "dashboard_changes": "region_code",
    "operations_queue": "queue", "dashboard_counted": "region_code", "dashboard_remind": "region_code",
    "dashboard_csv": "region_code", "dashboard_xlsx": "region_code", "dashboard_region": "region_code",
    "dashboard_png": "region_code chart", "dashboard_svg": "region_code chart",
    "energy_import": "draft", "energy_import_apply": "draft", "energy_take_over": "draft", "energy_template": "draft",
    "self_rating_energy": "draft", "self_rating_workbook": "draft", "workbook_apply": "draft",
    "workbook_download": "draft",
    "evidence_attach": "draft indicator", "evidence_attach_one": "draft indicator", "evidence_detail": "evidence",
    "evidence_detach": "draft attachment", "evidence_file": "evidence",
    "evidence_picture": "picture", "file_assign": "submitted", "file_detail": "file", "file_send_back": "submitted",
    "finding_add": "visit", "finding_detail": "finding", "finding_photo": "photo", "import_add": "kind",
    "import_apply": "import", "import_detail": "import", "import_discard": "import", "import_errors": "import",
    "import_template": "kind", "inspection_detail": "visit", "inspection_file": "visit",
    "inspection_comparison": "visit", "inspection_item": "visit indicator", "inspection_sheet": "visit",
    "inspection_sign": "visit", "item_photos": "visit indicator", "visit_photo": "visit_photo",
    "inspection_rectify": "visit", "inspection_team": "visit",
    "invitation": "uid token",
    "language_set": "language", "notice_detail": "notice", "notice_discard": "notice_draft",
    "notice_draft": "cycle", "notice_edit": "notice_draft", "notice_preview": "notice_draft",
    "notice_approve": "notice_draft", "notice_give_back": "notice_draft", "notice_hand_in": "notice_draft",
    "notice_pdf": "notice", "notice_take_back": "notice_draft",
    "objection_add": "notice listing", "objection_answer_file": "objection answer_file",
    "objection_decide": "objection",
    "objection_confirm": "proposed_objection", "objection_give_back": "proposed_objection",
    "objection_detail": "objection", "objection_file": "objection objection_file", "objection_hear": "objection",
    "objection_objector": "objection", "objection_receipt": "receipt_of_objection", "objection_seal": "objection",
    "message_open": "message",
    "organ_abolish": "organ", "organ_correct": "organ", "organ_detail": "organ", "organ_merge": "organ",
    "organ_split": "organ", "person_detail": "person", "person_invite_again": "person", "person_pass_on": "person",
    "phone_kept": "visit record_key", "phone_ledger": "visit", "phone_pack": "visit",
    "phone_photo": "visit photo_key", "phone_photo_announce": "visit", "phone_ready": "visit",
    "phone_records": "visit", "phone_settle": "visit record_key",
    "pool_close": "cycle city_code", "pool_detail": "pool", "pool_draw": "closed_pool", "pool_json": "pool",
    "pool_extend": "pool region_code", "pool_extension_publish": "pool extension", "pool_replace": "pool pool_member",
    "pool_publish": "pool", "public_draw": "pool", "public_draw_json": "pool",
    "pool_letter": "letter_pool", "pool_record_letter": "closed_pool", "recognition_grant": "published",
    "recheck_detail": "recheck", "recheck_item": "rechecked", "recheck_keep": "recheck",
    "recheck_manage": "recheck recheck_close", "recheck_paper": "recheck_paper",
    "recheck_step": "rechecked recheck_review", "revocation_answer": "case", "revocation_decide": "case",
    "revocation_detail": "case", "revocation_propose": "case",
    "report_download": "report report_key",
    "recognition_order": "notice", "recognition_revoke": "title", "region_department": "region_code",
    "self_rating_autosave": "draft indicator", "self_rating_earlier": "draft indicator",
    "self_rating_check": "draft", "self_rating_detail": "draft", "self_rating_item": "draft indicator",
    "self_rating_points": "draft indicator", "self_rating_prepare": "draft", "self_rating_reasons": "draft",
    "self_rating_reopen": "draft",
    "self_rating_sections": "draft",
    "self_rating_submit": "draft", "self_rating_withdraw": "draft", "spot_check_assign": "drawn",
    "sheet_detail": "title", "sheet_issue": "title", "sheet_pdf": "title", "verification_detail": "sheet_code",
    "spot_check_letter": "by_letter", "spot_check_record_letter": "municipal",
    "standard_detail": "standard", "standard_publish": "standard",
    "submission_content": "receipt", "submission_detail": "receipt", "submission_pdf": "receipt",
    "webhook_detail": "webhook", "webhook_stop": "webhook", "webhook_test": "webhook",
    "webhook_try_again": "webhook_message",
    "veto_add": "visit", "veto_take_back": "visit veto_kind", "visit_state": "visit", "visit_take_down": "visit",
    "deviation_csv": "of", "deviation_png": "of", "deviation_svg": "of",
}  # fmt: skip


def address(name, scene):
    """Return the address of this name on the objects of the scene."""
    return reverse(name, args=[scene[key] for key in ARGUMENTS.get(name, "").split()])


def standards_draft(world):
    raw = (builders.DATA / "standard_demo.json").read_text(encoding="utf-8").replace('"version": 1', '"version": 2')
    return standards.import_standard(raw.encode(), by=world["city"])


def a_token(person):
    row, _token = tokens.make(name="上报", expires_on=clock.today(), by=person)
    return row


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    return SimpleUploadedFile("照片.png", out.getvalue(), content_type="image/png")
