"""Every page in a real browser: no rule of accessibility broken, nothing blocked, nothing wider than a small phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from creation import stages
from creation.actions import files
from reviews.actions import draws
from reviews.demo import builders
from tests.scene import address, names

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALLEST = 320
# Every address that shows a page, under the person who looks at it; some look different to several.
PAGES = {
    "": """home login accessibility notice_list notice_detail objection_add objection_receipt objection_state
        recognised_list invitation""",
    "stranger": "home password_change password_change_done",
    "clerk": """home self_rating_start self_rating_detail self_rating_item self_rating_check submission_detail
        evidence_list file_detail finding_detail objection_list objection_detail objection_hear dashboard""",
    "inspector": """home inspection_list inspection_detail inspection_item inspection_rectify inspection_file
        finding_add finding_detail veto_add organ_list""",
    "official": "home file_list file_detail file_send_back file_assign inspection_team dashboard dashboard_region",
    "city": """home draw_list pool_close pool_detail pool_draw spot_check_assign
        spot_check_record_letter pool_record_letter file_list dashboard
        notice_manage notice_draft notice_preview notice_edit recognition_order recognition_grant recognition_revoke
        objection_detail objection_decide cycle_list cycle_add cycle_detail cycle_change cycle_open cycle_close
        calendar_list calendar_enter target_list target_add
        standard_list standard_import standard_detail standard_publish""",
    "registrar": """home person_list person_detail person_invite appointment_add appointment_end organ_list organ_detail
        organ_add organ_correct organ_abolish organ_merge organ_split region_list region_department import_list
        import_add import_detail""",
}
# These change something and show nothing of their own.
SENT_TO = """demo_clock_set evidence_attach evidence_detach evidence_upload import_apply import_discard logout
    notice_discard notice_publish objection_file objection_objector objection_seal person_invite_again
    self_rating_prepare self_rating_reopen self_rating_submit self_rating_withdraw veto_take_back"""
# A file, a part of a page, or a way to another page.
NO_PAGE = """evidence_file evidence_picture finding_photo healthz import_errors import_template language_set
    pool_json pool_letter recognised_download self_rating_points spot_check_letter"""
ENTRIES = [(person, name) for person, listed in PAGES.items() for name in listed.split()]
# Language and width turn from page to page, so that each page has one of the four and each person all of them.
LOOKS = [("zh", 375), ("en", 1280), ("en", 375), ("zh", 1280)]


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
    own = {"pool_record_letter": {"closed_pool": pool.pk}}
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


@pytest.mark.parametrize("person, name", [("clerk", "self_rating_item"), ("city", "dashboard"), ("", "notice_detail")])
def test_in_the_dark_everything_can_be_read(desk, scene, person, name):
    seat = desk(person, color_scheme="dark")
    seat.go(address(name, scene))
    assert violations(seat.page) == []


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
