"""Every page in a real browser: no rule of accessibility broken, nothing blocked, nothing wider than a small phone."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from creation import clock, stages
from creation.actions import files
from reviews.actions import approvals, draws, teams
from reviews.demo import builders
from tests.scene import address, names

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALLEST = 320
# Every address that shows a page, under the person who looks at it; some look different to several.
PAGES = {
    "": """home login accessibility notice_list notice_detail objection_add objection_receipt objection_state
        recognised_list verification verification_detail invitation public_draw_list public_draw outcome_list
        outcome_objection outcome_revocation announced_list announced_detail api_guide""",
    "stranger": "home message_list message_choices password_change password_change_done token_list",
    "clerk": """home self_rating_energy energy_import self_rating_workbook message_list message_choices
        self_rating_start self_rating_detail self_rating_item self_rating_sections self_rating_check visit_state
        submission_detail evidence_list evidence_detail evidence_place file_detail finding_detail objection_list
        objection_detail objection_hear recheck_list dashboard""",
    "far_clerk": "revocation_answer recheck_item token_list",
    "inspector": """home inspection_list inspection_detail inspection_item inspection_rectify inspection_file
        inspection_comparison inspection_sign inspection_sheet phone_ledger finding_add finding_detail veto_add
        visit_take_down organ_list phone""",
    "official": """home file_list file_detail file_send_back file_assign assignment_choose inspection_team
        deviation_list deviation_pictures dashboard dashboard_ahead dashboard_changes dashboard_counted
        dashboard_remind dashboard_region""",
    "city": """report_list webhook_list webhook_detail operations_queue
        home operations_show factor_list factor_add energy_goal_list energy_goal_add draw_list pool_close
        pool_detail pool_draw pool_extend pool_replace spot_check_assign spot_check_record_letter pool_record_letter
        file_list dashboard notice_manage notice_draft notice_preview notice_edit recognition_order recognition_grant
        recognition_revoke recheck_open recheck_detail recheck_item recheck_step expiring_list revocation_list
        revocation_detail revocation_propose revocation_decide sheet_detail objection_detail objection_decide
        objection_give_back objection_set_aside cycle_archive cycle_list cycle_add cycle_detail cycle_change
        cycle_open cycle_close announcement_add announced_list calendar_list calendar_enter target_list target_add
        standard_list standard_import standard_detail standard_publish""",
    "superior": "deviation_inspectors",
    "registrar": """home person_list person_detail person_pass_on person_invite appointment_add appointment_end
        organ_list organ_detail organ_add organ_correct organ_abolish organ_merge organ_split region_list
        region_department import_list import_add import_detail""",
}
# These change something and show nothing of their own.
SENT_TO = """report_ask report_download webhook_stop webhook_test webhook_try_again
        recheck_keep recheck_manage archive_download energy_import_apply energy_take_over workbook_apply
        assignment_assign assignment_read demo_clock_set evidence_attach evidence_attach_one evidence_detach
        evidence_upload evidence_upload_one import_apply import_discard logout message_read_all notice_approve
        notice_discard notice_give_back notice_hand_in notice_take_back phone_photo phone_photo_announce phone_ready
        phone_records phone_settle pool_publish pool_extension_publish item_photos objection_confirm objection_file
        objection_objector objection_seal person_invite_again self_rating_autosave self_rating_earlier
        self_rating_prepare self_rating_reasons self_rating_reopen self_rating_submit self_rating_withdraw
        sheet_issue token_revoke veto_take_back"""
# A file, a part of a page, or a way to another page.
NO_PAGE = """recheck_paper deviation_csv deviation_png deviation_svg archive_verifier dashboard_csv
        dashboard_png dashboard_svg objection_answer_file
        dashboard_xlsx energy_template
        workbook_download assignment_propose evidence_file evidence_picture finding_photo healthz import_errors
        import_template language_set message_open notice_pdf phone_worker pool_json pool_letter announced_csv
        announced_json news_feed outcome_csv outcome_json recognised_json robots sitemap public_draw_json
        public_draw_verifier phone_kept phone_pack phone_packs recognised_download visit_photo self_rating_points
        api_cycle api_cycles api_notice api_notices api_nothing api_open_draw api_open_draws api_open_notice
        api_open_notices api_open_objection api_open_objections
        api_open_rate api_open_rates api_open_recognitions api_openapi api_organ api_rates
        api_rates_history api_recognition api_recognitions api_regions api_register api_stage api_stages
        spot_check_letter submission_content submission_pdf sheet_pdf verification_keys verification_program"""
ENTRIES = [(person, name) for person, listed in PAGES.items() for name in listed.split()]
# Language and width turn from page to page, so that each page has one of the four and each person all of them.
LOOKS = [("zh", 375), ("en", 1280), ("en", 375), ("zh", 1280)]
# Where people work all day, or with a phone in the hand: every width of these.
WIDTHS = (375, 768, 1280)
AT_EVERY_WIDTH = {
    "clerk": """self_rating_detail self_rating_item self_rating_check self_rating_energy energy_import
        self_rating_workbook self_rating_sections submission_detail evidence_list evidence_detail evidence_place
        message_list message_choices""",
    "inspector": """inspection_list inspection_detail inspection_item inspection_comparison inspection_sign
        inspection_sheet inspection_file phone_ledger finding_detail""",
    "official": "assignment_choose",
    "registrar": "person_pass_on",
}


def violations(page):
    """Return what axe finds wrong on the page as (rule, places)."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(violation["id"], [node["target"] for node in violation["nodes"]]) for violation in found]


def widest(page):
    page.set_viewport_size({"width": SMALLEST, "height": 700})
    return page.evaluate("document.documentElement.scrollWidth")


FIRST_STOP = "document.querySelector('a[href], button, input, select, textarea, [tabindex=\"0\"]')"


def skips_to_its_heading(page):
    """Tell whether the first stop of the keyboard leads past the header, to what the page is about."""
    page.evaluate(f"{FIRST_STOP}.focus()")
    if page.evaluate("document.activeElement.hash") != "#main":
        return False
    page.keyboard.press("Enter")
    return page.evaluate("document.activeElement.id === 'main' && !!document.activeElement.querySelector('h1')")


def faults_of(seat, path):
    """Return everything that is wrong with the page at `path`, empty when nothing is."""
    seat.complaints.clear()
    status = seat.go(path).status
    page = seat.page
    seen = {
        "status": status if status != 200 else 0,
        "axe": violations(page),
        "headings": page.locator("h1").count() - 1,
        "title": "" if page.title().split(" – ")[0].strip() else "empty",
        "console": list(seat.complaints),
        "keyboard": "" if skips_to_its_heading(page) else "the skip link does not lead to the heading",
        "width": max(0, widest(page) - SMALLEST),
    }
    return [f"{what}: {wrong}" for what, wrong in seen.items() if wrong]


@pytest.fixture
def paths(scene, world):
    """Return a function from the name of an address to its path on the scene."""
    # A superior's letter is recorded for the municipal organs' pool alone.
    waiting = builders.make_cycle(world.city, world.standard, by=world["city"], year=2018)
    cast = world.cast_for(world.municipal_organ)
    builders.bring_to(files.start(world.municipal_organ, waiting, by=cast["clerk"]), stages.INSPECTED, cast)
    pool = draws.close_pool(waiting, world.nation, by=world["state"])
    # and who comes next in the order is shown while somebody is left
    for organ in (world.organ, world.neighbour):
        cast = world.cast_for(organ)
        builders.bring_to(files.start(organ, waiting, by=cast["clerk"]), stages.INSPECTED, cast)
    two = draws.close_pool(waiting, world.city, by=world["city"])
    draws.draw(two, seed="1 2 3", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    drawn = {"pool": two.pk, "pool_member": two.members.get(result__drawn=True).pk}
    own = {"pool_record_letter": {"closed_pool": pool.pk}, "pool_extend": drawn, "pool_replace": drawn}
    # the organ speaks to a spot check from its day on, and of inspectors reads who leads
    round_of_visit = builders.make_cycle(world.city, world.standard, by=world["city"], year=2017)
    cast = world.cast_for(world.organ)
    file = files.start(world.organ, round_of_visit, by=cast["clerk"])
    builders.bring_to(file, stages.UNDER_SPOT_CHECK, cast)
    team = [world["checker"], world["checker2"]]
    visit = teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["superior"])
    world["city"].appointments.update(leads=True)
    own["visit_state"] = {"visit": visit.pk}
    return lambda name: address(name, scene | own.get(name, {}))


def test_every_address_is_looked_at_or_shows_no_page():
    looked_at = {name for _person, name in ENTRIES}
    assert sorted([*looked_at, *SENT_TO.split(), *NO_PAGE.split()]) == names()


@pytest.mark.parametrize("part", [0, 1])
def test_no_page_breaks_a_rule(desk, paths, part):
    found, seats = [], {}
    for place, (person, name) in list(enumerate(ENTRIES))[part::2]:
        language, width = LOOKS[place % len(LOOKS)]
        seat = seats.get((person, language)) or seats.setdefault((person, language), desk(person, language=language))
        seat.page.set_viewport_size({"width": width, "height": 800})
        found += [f"{name} {language} {width} as {person}: {fault}" for fault in faults_of(seat, paths(name))]
    assert found == []


@pytest.mark.parametrize("person", list(AT_EVERY_WIDTH))
def test_the_desk_and_the_visit_hold_at_every_width(desk, paths, person):
    seat, found = desk(person), []
    for name in AT_EVERY_WIDTH[person].split():
        seat.go(paths(name))
        for width in WIDTHS:
            # as tall as the page: bars that stick to an edge lie where they belong, over nothing
            seat.page.set_viewport_size({"width": width, "height": 4000})
            found += [f"{name} {width} as {person}: {fault}" for fault in violations(seat.page)]
    assert found == []


@pytest.mark.parametrize("person, name", [("clerk", "self_rating_item"), ("city", "dashboard"), ("", "notice_detail")])
def test_in_the_dark_everything_can_be_read(desk, scene, person, name):
    seat = desk(person, color_scheme="dark")
    seat.go(address(name, scene))
    assert violations(seat.page) == []


@pytest.mark.parametrize("width", [375, 1280])
def test_a_notice_on_its_way_to_the_public_breaks_no_rule(desk, world, width):
    """The preview in the states between a draft and a published notice: handed in, then approved and waiting."""
    draft = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED)], by=world["city"])
    preview = reverse("notice_preview", args=[draft.pk])
    approvals.hand_in(draft, publish_at=clock.now() + timedelta(days=1), by=world["city"])
    author, approver = desk("city", width=width), desk("superior", width=width, language="zh")
    assert (faults_of(author, preview), faults_of(approver, preview)) == ([], [])
    draft.refresh_from_db()
    approvals.approve(draft, by=world["superior"])
    assert (faults_of(author, preview), faults_of(approver, preview)) == ([], [])


FORMS = [
    ("", "objection_add", "Send the objection"),
    ("inspector", "finding_add", "Record the finding"),
    ("city", "target_add", None),
    ("registrar", "person_invite", "Invite"),
    ("registrar", "organ_add", None),
]


@pytest.mark.parametrize("person, name, button", FORMS)
def test_a_form_sent_empty_names_its_faults_first(desk, scene, person, name, button):
    seat = desk(person, width=375)
    seat.go(address(name, scene))
    buttons = seat.main.locator("form[method=post] button.btn-primary")
    (buttons.filter(has_text=button) if button else buttons).first.click()
    page = seat.page
    page.wait_for_selector("[data-error-summary]")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.dataset.errorSummary") == ""
    targets = page.locator("[data-error-summary] a").evaluate_all("links => links.map(link => link.hash.slice(1))")
    assert targets
    assert [target for target in targets if not page.evaluate("id => !!document.getElementById(id)", target)] == []
    assert violations(page) == []
    assert seat.complaints == []
