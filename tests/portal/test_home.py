"""The first page: what waits for whom, and what the public sees."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from creation import clock
from creation.actions import files, people
from creation.actions.answers import save_answer
from creation.models import Appointment, Import
from portal.context import PUBLIC
from portal.waiting import waiting_for
from reviews.actions import approvals, draws, findings, objections, teams
from reviews.demo import builders
from reviews.models import CalendarYear
from reviews.workdays import library_years

LANGUAGES = ("zh-CN", "en")


def lines(world, username):
    """Return what waits for a person, as texts, without the calendar that depends on the day of the test."""
    return [line.text for line in all_lines(world, username) if "calendar" not in line.text]


def all_lines(world, username):
    return [line for _section, found in waiting_for(world[username]) for line in found]


def line(world, username, words):
    return next(found for found in all_lines(world, username) if words in found.text)


@pytest.fixture
def staffed(world):
    """The cast with passwords: nobody is merely invited."""
    for person in world.people.values():
        person.set_password("a-long-green-lamp")
        person.save()
    return world


# --- the public ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_public_page_needs_no_account_and_sets_no_cookie(client, db, language, django_assert_num_queries):
    with django_assert_num_queries(5):
        page = client.get("/", headers={"accept-language": language})
    assert (page.status_code, page.content.decode().count("<h1"), dict(page.cookies)) == (200, 1, {})


def test_the_public_page_leads_to_what_is_public(client, db):
    page = client.get("/").content.decode()
    for name in (*(entry.view for entry in PUBLIC), "login"):
        assert f'href="{reverse(name)}"' in page


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("username", ["clerk", "signatory", "inspector", "official", "city", "registrar", "viewer"])
def test_the_page_stands_for_every_role_in_both_languages(world, sign_in, username, language):
    world.bring_to("submitted")
    page = sign_in(username).get(reverse("home"), headers={"accept-language": language})
    assert (page.status_code, page.content.decode().count("<h1")) == (200, 1)


def test_a_stranger_is_told_that_posts_make_the_difference(sign_in):
    page = sign_in("stranger").get(reverse("home"))
    assert "You hold no post today" in page.content.decode()
    assert page.context["sections"] == []


def test_where_nothing_waits_the_page_says_what_will_appear(sign_in):
    page = sign_in("inspector").get(reverse("home")).content.decode()
    assert "Nothing waits for you" in page
    assert "visits and spot checks you are sent on" in page


def test_an_ended_post_brings_no_work(world):
    world["clerk"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    assert waiting_for(world["clerk"]) == []


# --- one file on its way ---------------------------------------------------------------------------------------------


def test_a_clerk_is_led_to_the_start_until_the_file_is_begun(world, sign_in):
    year = world.cycle.year
    assert lines(world, "clerk") == [f"Start the self-rating of {year}: Organ 1"]
    start = line(world, "clerk", "Start")
    assert (start.url, start.due) == (reverse("self_rating_start"), world.cycle.self_rating_until)
    file = world.start()
    assert lines(world, "clerk") == [f"Finish the self-rating of {year}: 0 of 29 items answered – Organ 1"]
    indicator = world.standard.indicators.first()
    save_answer(file, indicator, by=world["clerk"], found=builders.best_finding(indicator))
    draft = line(world, "clerk", "1 of 29 items")
    assert (draft.url, draft.days_left) == (reverse("self_rating_detail", args=[file.pk]), 120)
    assert f'until <time datetime="{draft.due.isoformat()}"' in sign_in("clerk").get("/").content.decode()


def test_a_round_without_a_running_window_asks_for_nothing(world):
    clock.set_ahead(121)
    assert lines(world, "clerk") == []
    clock.set_ahead(0)
    world.start()
    clock.set_ahead(121)
    assert line(world, "clerk", "Finish").is_late


def test_a_prepared_file_waits_for_another_signatory(world):
    file = world.bring_to("prepared")
    assert lines(world, "clerk") == []
    sign = line(world, "signatory", "Check and submit")
    assert (sign.url, sign.days) == (reverse("self_rating_check", args=[file.pk]), 0)
    Appointment.objects.create(user=world["clerk"], role="signatory", organ=world.organ, starts_on=builders.LONG_AGO)
    assert lines(world, "clerk") == []
    assert lines(world, "signatory2") == []


def test_a_submitted_file_waits_for_its_own_department(world):
    file = world.bring_to("submitted")
    world.bring_to("submitted", world.municipal_organ)
    waits = line(world, "official", "submitted")
    assert (waits.text, waits.url) == (
        "1 submitted file to assign or send back",
        reverse("file_detail", args=[file.pk]),
    )
    assert lines(world, "far_official") == []
    assert lines(world, "city") == ["1 submitted file to assign or send back"]


def test_several_files_lead_to_the_list_and_the_oldest_says_how_long(world, sign_in):
    world.bring_to("submitted")
    clock.set_ahead(3)
    world.bring_to("submitted", world.neighbour)
    waits = line(world, "official", "submitted")
    assert waits.text == "2 submitted files to assign or send back"
    assert (waits.days, waits.since) == (3, clock.today() - timedelta(days=3))
    assert len(sign_in("official").get(waits.url).context["rows"]) == 2
    assert "(3 days)" in sign_in("official").get("/").content.decode()


def test_a_file_sent_back_comes_with_the_number_of_reasons(world):
    file = world.bring_to("submitted")
    first, second = world.standard.indicators.all()[:2]
    files.send_back(file, by=world["official"], reasons={first: "缺附件", second: "数字不符"})
    file.refresh_from_db()
    builders.pass_warnings(file, by=world["clerk"])
    files.prepare(file, by=world["clerk"])
    file.refresh_from_db()
    files.submit(file, by=world["signatory"])
    file.refresh_from_db()
    files.send_back(file, by=world["official"], reasons={first: "仍缺附件"})
    assert lines(world, "clerk") == ["Sent back with 1 reason: correct it and hand it over again – Organ 1"]


def test_visits_findings_and_answers(world):
    file = world.bring_to("under_inspection")
    visit = file.inspections.get()
    todo = line(world, "inspector2", "visit to do")
    assert (todo.url, todo.due) == (reverse("inspection_detail", args=[visit.pk]), clock.today())
    assert lines(world, "far_inspector") == []
    due = clock.today() + timedelta(days=9)
    found = findings.raise_finding(
        visit,
        world.standard.indicators.first(),
        kind="by_deadline",
        text="灯未关",
        due_on=due,
        by=world["inspector"],
    )
    findings.require_rectification(visit, by=world["inspector"])
    assert lines(world, "inspector") == []
    for username in ("clerk", "signatory"):
        waits = line(world, username, "1 finding of the inspection to answer")
        assert (waits.url, waits.due) == (reverse("inspection_detail", args=[visit.pk]), due)
    findings.answer_finding(found, by=world["clerk"], text="已关")
    assert lines(world, "clerk") == []
    assert lines(world, "inspector") == ["1 answer to a finding to accept or give back"]


def test_pools_draws_and_drawn_files(world):
    file = world.bring_to("inspected")
    assert lines(world, "superior") == ["1 inspected file waits for a pool"]
    pool = draws.close_pool(world.cycle, world.city, by=world["superior"])
    waits = line(world, "superior", "pool")
    assert (waits.text, waits.url) == ("1 pool waits for its draw", reverse("pool_detail", args=[pool.pk]))
    draws.draw(pool, seed="1", seed_source="lottery", seed_at=clock.now(), by=world["superior"])
    unpublished = line(world, "superior", "published")
    assert (unpublished.text, unpublished.url, unpublished.days) == (
        "1 draw waits to be published", reverse("pool_detail", args=[pool.pk]), 0,
    )  # fmt: skip
    assert lines(world, "superior") == ["1 draw waits to be published", "1 drawn file waits for a team"]
    draws.publish_draw(pool.draw, by=world["superior"])
    assert lines(world, "superior") == ["1 drawn file waits for a team"]
    file.refresh_from_db()
    team = [world["checker"], world["checker2"]]
    teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["superior"])
    assert lines(world, "superior") == []
    assert lines(world, "checker") == ["1 spot check to file"]
    assert (lines(world, "official"), lines(world, "inspector")) == ([], [])


def test_a_silent_superiors_draw_waits_for_whoever_records_its_letter(world):
    world.bring_to("inspected", world.municipal_organ)
    assert lines(world, "state") == ["1 inspected file waits for a pool"]
    assert lines(world, "city") == []
    world["state"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    assert lines(world, "city") == ["1 inspected file waits for a pool"]
    draws.close_pool(world.cycle, world.nation, by=world["city"])
    assert lines(world, "city") == ["1 pool waits for its draw"]


def test_a_draw_waits_for_those_who_may_publish_it(world):
    """The recorder of a letter publishes too; who works at an organ of the pool only where there is no colleague."""
    for organ, region in ((world.organ, world.city), (world.municipal_organ, world.nation)):
        world.bring_to("inspected", organ)
        pool = draws.close_pool(world.cycle, region, by=world["city"])
        by = world["superior"] if region == world.city else world["state"]
        draws.draw(pool, seed="1", seed_source="lottery", seed_at=clock.now(), by=by)
    waits = {person: [text for text in lines(world, person) if "published" in text] for person in world.people}
    assert {person: found for person, found in waits.items() if found} == {
        "city": ["2 draws wait to be published"],
        "superior": ["2 draws wait to be published"],
        "state": ["1 draw waits to be published"],
    }
    assert line(world, "city", "published").url == reverse("draw_list")
    at_organ = {"user": world["city"], "role": "clerk", "organ": world.organ, "starts_on": clock.today()}
    Appointment.objects.create(**at_organ)
    world.people["city"] = type(world["city"]).objects.get(username="city")
    assert line(world, "city", "published").text == "1 draw waits to be published"
    world["superior"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    assert line(world, "city", "published").text == "2 draws wait to be published"


def test_publicity_from_cleared_file_to_ended_notice(world):
    file = world.bring_to("checked")
    assert lines(world, "city") == ["1 cleared file to put on a notice"]
    notice = builders.make_notice(world.cycle, [file], by=world["city"])
    draft = line(world, "city", "drafted")
    assert (draft.text, draft.url) == (
        "1 notice drafted, not handed in",
        reverse("notice_preview", args=[notice.pk]),
    )
    approvals.hand_in(notice, by=world["city"])
    assert lines(world, "city") == []
    waiting = line(world, "superior", "approve")
    assert (waiting.text, waiting.url) == ("1 notice to approve", reverse("notice_preview", args=[notice.pk]))
    assert lines(world, "superior") == ["1 notice to approve"]
    assert lines(world, "official") == []


def test_an_ended_notice_can_be_concluded_unless_an_objection_is_open(world):
    file = world.bring_to("publicised")
    assert lines(world, "city") == []
    listing = file.listing
    objection = objections.object_to(listing, kind="person", name="王", phone="12345", grounds="浪费")
    decide = line(world, "city", "objection to decide")
    assert decide.url == reverse("objection_detail", args=[objection.pk])
    assert lines(world, "clerk") == ["1 objection to answer"]
    objections.hear(objection, text="不属实", by=world["clerk"])
    assert lines(world, "clerk") == []
    clock.set_ahead((listing.notice.last_day - clock.today()).days + 1)
    assert lines(world, "city") == ["1 objection to decide"]
    objections.propose_decision(objection, uphold=False, reason="查无实据", by=world["city"])
    assert lines(world, "city") == []
    confirm = line(world, "superior", "proposed decision on an objection to confirm")
    assert confirm.url == reverse("objection_detail", args=[objection.pk])
    objections.decide(objection, by=world["superior"])
    assert lines(world, "city") == ["1 notice has ended: its organs can be recognised"]


def test_an_official_who_works_at_the_organ_does_not_decide(world):
    file = world.bring_to("publicised")
    objections.object_to(file.listing, kind="person", name="王", phone="12345", grounds="浪费")
    Appointment.objects.create(user=world["city"], role="clerk", organ=world.organ, starts_on=builders.LONG_AGO)
    assert "1 objection to decide" not in lines(world, "city")


def test_a_calendar_year_that_is_missing_is_asked_for_in_time(world):
    CalendarYear.objects.all().delete()
    last = library_years()[-1]
    clock.set_ahead(max(0, (date(last, 12, 1) - clock.today()).days))
    assert line(world, "city", "calendar").url == f"{reverse('calendar_enter')}?year={last + 1}"
    assert [found for found in all_lines(world, "official") if "calendar" in found.text] == []


# --- registrars and viewers ------------------------------------------------------------------------------------------


def test_a_registrar_sees_imports_and_people_who_never_came(staffed, sign_in):
    assert lines(staffed, "registrar") == []
    for state in ("checked", "faulty", "applied", "discarded"):
        Import.objects.create(kind="register", state=state, name="a.csv", sha256="0" * 64, at=clock.now())
    post = {"role": "viewer", "region": staffed.district, "starts_on": clock.today()}
    person = people.invite({"username": "lin", "name": "林"}, post, by=staffed["registrar"])
    assert lines(staffed, "registrar") == [
        "2 imports wait for you or have errors",
        "1 invited person has never signed in",
    ]
    never = line(staffed, "registrar", "never signed in")
    assert never.url == reverse("person_detail", args=[person.pk])
    assert lines(staffed, "district_registrar") == ["1 invited person has never signed in"]
    listed = sign_in("registrar").get(reverse("person_list"), {"state": "invited"})
    assert [found.username for found in listed.context["page"]] == ["lin"]


def test_a_viewer_is_led_to_the_rates(world):
    assert [(found.text, found.url) for found in all_lines(world, "viewer")] == [
        ("Completion rates of your area", reverse("dashboard"))
    ]


# --- cost ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "stage", "queries"),
    [
        ("official", "submitted", 11),
        ("clerk", "draft", 11),
        ("inspector", "under_inspection", 9),
        ("city", "checked", 21),
    ],
)
def test_the_page_asks_as_often_for_three_as_for_one(
    world, sign_in, username, stage, queries, django_assert_num_queries
):
    organs = [world.organ]
    for number in (7, 8):
        organ = builders.make_organ(world.district, number)
        builders.make_person(f"clerk_{number}", ("clerk", organ))
        builders.make_person(f"signatory_{number}", ("signatory", organ))
        organs.append(organ)
    for organ in organs[1:]:
        Appointment.objects.create(user=world["clerk"], role="clerk", organ=organ, starts_on=clock.today())
    client = sign_in(username)
    for number, organ in enumerate(organs):
        file = files.start(organ, world.cycle, by=world["clerk"])
        cast = world.cast_for(organ) if number == 0 else _cast_of(world, number)
        builders.bring_to(file, stage, cast | {"clerk": world["clerk"]})
        if number in {0, 2}:
            with django_assert_num_queries(queries):
                client.get(reverse("home"))


def _cast_of(world, number):
    return world.cast_for(world.organ) | {"signatory": world[f"signatory_{(7, 8)[number - 1]}"]}
