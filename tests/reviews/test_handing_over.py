"""Somebody leaves: posts, sections and visits go to a successor in one step, and what cannot go is named."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions import people, sections
from creation.errors import Forbidden, Refused
from creation.models import Event, SectionDuty
from reviews.actions import handing_over, teams
from reviews.demo import builders
from tests.cast import keyed

DAY = timedelta(days=1)


@pytest.fixture
def today(world):
    return clock.today()


@pytest.fixture
def heir(world):
    """A new colleague, who holds a post elsewhere in the district."""
    return builders.make_person("heir", ("viewer", world.district), name="新同事")


def posts(person):
    return sorted(
        (post.role, str(post.place), post.starts_on, post.ends_on)
        for post in person.appointments.select_related("organ", "region")
    )


def text(answer):
    return " ".join(answer.content.decode().split())


# --- posts and sections --------------------------------------------------------------------------------------------


def test_posts_end_and_begin_anew_and_sections_go_along(world, heir, today):
    file = world.start()
    sections.give_section(file, None, to=world["clerk"], by=world["clerk"])
    people.pass_on(world["clerk"], to=heir, last_day=today + 3 * DAY, by=world["registrar"])
    assert posts(world["clerk"]) == [("clerk", "Organ 1", builders.LONG_AGO, today + 3 * DAY)]
    assert posts(heir)[0] == ("clerk", "Organ 1", today + 4 * DAY, None)
    assert SectionDuty.objects.get().user == heir
    verbs = list(Event.objects.filter(by=world["registrar"]).values_list("verb", flat=True))
    assert verbs == ["end_appointment", "appoint", "pass_on_section", "pass_on"]


def test_an_end_that_was_set_is_kept_and_a_post_that_is_held_is_not_given_twice(world, heir, today):
    world["clerk"].appointments.update(ends_on=today + 30 * DAY)
    builders.Appointment.objects.create(user=heir, role="clerk", organ=world.organ, starts_on=today)
    people.pass_on(world["clerk"], to=heir, last_day=today, by=world["registrar"])
    assert [post for post in posts(heir) if post[0] == "clerk"] == [("clerk", "Organ 1", today, None)]
    people.pass_on(heir, to=world["clerk2"], last_day=today, by=world["registrar"])
    assert ("viewer", "Dongcheng", today + DAY, None) in posts(world["clerk2"])


def test_a_post_of_the_successor_that_ends_sooner_is_followed_by_the_rest(world, heir, today):
    builders.Appointment.objects.create(
        user=heir, role="clerk", organ=world.organ, starts_on=today, ends_on=today + 9 * DAY
    )
    people.pass_on(world["clerk"], to=heir, last_day=today, by=world["registrar"])
    assert posts(heir)[:2] == [
        ("clerk", "Organ 1", today, today + 9 * DAY),
        ("clerk", "Organ 1", today + 10 * DAY, None),
    ]


def test_what_lies_outside_the_registrars_regions_and_what_begins_later_stays(world, heir, today):
    clerk = world["clerk"]
    for role, place, first in (("viewer", world.city, today), ("viewer", world.district, today + 9 * DAY)):
        builders.Appointment.objects.create(user=clerk, role=role, region=place, starts_on=first)
    done = people.pass_on(clerk, to=heir, last_day=today, by=world["district_registrar"])
    assert ([post.role for post in done.posts], len(done.later), done.elsewhere) == (["clerk"], 1, 1)
    assert posts(clerk)[1:] == [("viewer", "Beijing", today, None), ("viewer", "Dongcheng", today + 9 * DAY, None)]


def test_it_is_refused_in_words(world, heir, today):
    registrar, clerk = world["registrar"], world["clerk"]
    refused = [
        (registrar, heir, today, "Nobody passes their own posts on"),
        (clerk, clerk, today, "The successor is the person who leaves"),
        (clerk, heir, today - DAY, "not in the past"),
        (world["stranger"], heir, today, "nothing to pass on"),
        (world["far_clerk"], heir, today, "nothing to pass on"),
    ]
    for person, to, day, said in refused:
        by = world["district_registrar"] if person.username == "far_clerk" else registrar
        with pytest.raises(Refused, match=said):
            people.pass_on(person, to=to, last_day=day, by=by)
    heir.is_active = False
    with pytest.raises(Refused, match="account is closed"):
        people.pass_on(clerk, to=heir, last_day=today, by=registrar)
    assert not Event.objects.filter(verb="end_appointment").exists()


@pytest.mark.parametrize("username", ["stranger", "clerk", "signatory", "official", "viewer"])
def test_only_a_registrar_passes_on(world, heir, today, username):
    with pytest.raises(Forbidden):
        people.pass_on(world["clerk2"], to=heir, last_day=today, by=world[username])


# --- visits --------------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(world, today):
    file = world.bring_to(stages.SUBMITTED)
    team = [world["inspector"], world["inspector2"]]
    return teams.assign(file, team=team, lead=team[0], visit_on=today + 5 * DAY, by=world["official"])


def test_a_visit_to_come_gets_the_successor_as_lead(world, heir, visit, today):
    done = handing_over.pass_everything_on(world["inspector"], to=heir, last_day=today, by=world["registrar"])
    visit.refresh_from_db()
    assert ([each.pk for each in done.moved], done.stay) == ([visit.pk], [])
    assert (visit.lead, {one.user.username for one in visit.members.all()}) == (heir, {"heir", "inspector2"})
    assert not visit.assessment.readers.filter(user=world["inspector"]).exists()
    event = Event.objects.get(verb="change_team")
    assert (event.before["team"], event.after["team"]) == (["inspector", "inspector2"], ["heir", "inspector2"])


def test_a_visit_before_the_last_day_stays(world, heir, visit, today):
    done = handing_over.pass_everything_on(world["inspector"], to=heir, last_day=visit.visit_on, by=world["registrar"])
    assert [(each.pk, why.split(":")[0]) for each, why in done.stay] == [
        (visit.pk, "The visit lies on or before the last day")
    ]


def test_a_conflict_of_interest_keeps_a_visit_from_going_over(world, visit, today):
    clerk = world["clerk"]  # works at the organ that is visited
    done = handing_over.pass_everything_on(world["inspector"], to=clerk, last_day=today, by=world["registrar"])
    assert [why for _visit, why in done.stay] == ["works or recently worked at the organ"]
    visit.refresh_from_db()
    assert visit.lead == world["inspector"]
    assert clerk.appointments.filter(role="inspector").exists()  # the post went over all the same


def test_who_is_on_the_team_already_does_not_replace_anybody(world, visit, today):
    done = handing_over.pass_everything_on(
        world["inspector"], to=world["inspector2"], last_day=today, by=world["registrar"]
    )
    assert [why for _visit, why in done.stay] == ["The successor is on this team already."]
    assert visit.members.count() == 2


def test_a_registrar_of_elsewhere_moves_no_visit(world, heir, visit, today):
    builders.Appointment.objects.create(
        user=world["district_registrar"], role="registrar", region=world.other_district, starts_on=today
    )
    world["district_registrar"].appointments.filter(region=world.district).delete()
    with pytest.raises(Refused, match="another registrar's region"):
        handing_over.replace_member(
            visit, leaves=world["inspector"], comes=heir, last_day=today, by=world["district_registrar"]
        )


def test_a_registrar_hears_of_no_visit_outside_their_regions(world, heir, visit, today):
    builders.Appointment.objects.create(
        user=world["district_registrar"], role="registrar", region=world.other_district, starts_on=today
    )
    assert handing_over.open_visits(world["inspector"], by=world["district_registrar"]) == ([visit], 0)
    world["district_registrar"].appointments.filter(region=world.district).delete()
    assert handing_over.open_visits(world["inspector"], by=world["district_registrar"]) == ([], 1)


# --- the page ------------------------------------------------------------------------------------------------------


def test_the_preview_names_everything_and_changes_nothing(world, heir, visit, today, sign_in):
    before = posts(world["inspector"])
    where = reverse("person_pass_on", args=[world["inspector"].pk])
    page = text(sign_in("registrar").get(where, {"to": "heir", "last_day": today.isoformat()}))
    for said in ("Inspector · Dongcheng", "goes over", "Pass everything on to"):
        assert said in page
    assert posts(world["inspector"]) == before
    assert (len(posts(heir)), visit.members.filter(user=heir).count()) == (1, 0)


def test_one_click_passes_on_and_the_same_form_again_does_nothing_more(world, heir, visit, today, sign_in):
    where = reverse("person_pass_on", args=[world["inspector"].pk])
    sent = keyed(to="heir", last_day=visit.visit_on.isoformat())
    client = sign_in("registrar")
    shown = text(client.post(where, sent, follow=True))
    assert "Everything has been passed on" in shown
    assert "stays with inspector: The visit lies on or before the last day" in shown
    assert client.post(where, sent).status_code == 302
    assert len(posts(heir)) == 2


def test_a_successor_who_is_not_found_or_not_meant_is_said(world, today, sign_in):
    where, client = reverse("person_pass_on", args=[world["clerk"].pk]), sign_in("registrar")
    day = today.isoformat()
    assert "Nobody in your regions has this name." in text(client.get(where, {"to": "nobody", "last_day": day}))
    several = text(client.get(where, {"to": "inspector", "last_day": day}))
    assert "Pass everything on to inspector" in several  # an exact user name is one person
    assert "Several people fit. Choose one." in text(client.get(where, {"to": "signator", "last_day": day}))
    assert "The successor is the person who leaves" in text(client.get(where, {"to": "clerk", "last_day": day}))


@pytest.mark.parametrize(
    ("username", "status"), [("stranger", 404), ("official", 403), ("clerk", 403), ("public", 302)]
)
def test_nobody_else_opens_the_page(world, sign_in, username, status):
    assert sign_in(username).get(reverse("person_pass_on", args=[world["clerk"].pk])).status_code == status
