"""Sections of a self-rating given to colleagues: who may, to whom, what it changes and what it does not."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock
from creation.actions import answers, files, sections
from creation.errors import Forbidden, Refused
from creation.models import Event, Message, SectionDuty
from reviews.demo import builders
from tests.cast import keyed


@pytest.fixture
def colleague(world, file):
    return builders.make_person("colleague", ("clerk", world.organ), name="李某")


@pytest.fixture
def file(world):
    return world.start()


@pytest.fixture
def green(world):
    return world.standard.dimensions.get(code="3")


def text(answer):
    return " ".join(answer.content.decode().split())


def duties(file):
    return {(duty.dimension.code if duty.dimension else "bonus"): duty.user.username for duty in file.duties.all()}


# --- giving and taking back ----------------------------------------------------------------------------------------


def test_a_section_is_given_told_and_noted(world, file, colleague, green):
    duty = sections.give_section(file, green, to=colleague, by=world["clerk"])
    sections.give_section(file, None, to=colleague, by=world["clerk"])
    assert duties(file) == {"3": "colleague", "bonus": "colleague"}
    assert (duty.given_by.username, duty.user.username) == ("clerk", "colleague")
    event = Event.objects.filter(verb="give_section").first()
    assert (event.before, event.after) == ({}, {"assessment": file.pk, "section": "3", "user": colleague.pk})
    told = Message.objects.filter(kind="section_given")
    assert [(one.user.username, one.address) for one in told] == [
        ("colleague", reverse("self_rating_detail", args=[file.pk]))
    ] * 2


def test_given_anew_it_has_one_owner_and_given_twice_it_is_given_once(world, file, colleague, green):
    for to in (colleague, colleague, world["clerk"]):
        sections.give_section(file, green, to=to, by=world["clerk"])
    assert duties(file) == {"3": "clerk"}
    assert Event.objects.filter(verb="give_section").count() == 2


def test_taken_back_the_clerks_share_it_again(world, file, colleague, green):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    for _time in range(2):
        sections.take_back_section(file, green, by=colleague)
    assert duties(file) == {}
    [event] = Event.objects.filter(verb="take_back_section")
    assert (event.by, event.before["section"]) == (colleague, "3")


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "stranger"])
def test_only_a_clerk_of_the_organ_hands_sections_over(world, file, colleague, green, username):
    with pytest.raises(Forbidden):
        sections.give_section(file, green, to=colleague, by=world[username])
    with pytest.raises(Forbidden):
        sections.take_back_section(file, green, by=world[username])
    assert duties(file) == {}


@pytest.mark.parametrize("username", ["signatory", "clerk2", "stranger"])
def test_only_a_clerk_of_the_organ_is_given_one(world, file, green, username):
    with pytest.raises(Refused, match=f"{username} is not a clerk of this organ today"):
        sections.give_section(file, green, to=world[username], by=world["clerk"])


def test_whose_post_has_ended_is_given_none(world, file, colleague, green):
    colleague.appointments.update(ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(Refused):
        sections.give_section(file, green, to=colleague, by=world["clerk"])


def test_after_submission_nothing_is_handed_over(world, file, colleague, green):
    builders.answer_everything(file, by=world["clerk"])
    files.prepare(file, by=world["clerk"])
    sections.give_section(file, green, to=colleague, by=world["clerk"])  # the control arm: the file is still here
    files.submit(file, by=world["signatory"])
    with pytest.raises(Refused, match="no longer with the organ"):
        sections.take_back_section(file, green, by=world["clerk"])
    assert duties(file) == {"3": "colleague"}


def test_a_section_of_another_standard_is_none_of_the_file(world, file, colleague):
    raw = (builders.DATA / "standard_demo.json").read_text(encoding="utf-8").replace('"version": 1', '"version": 2')
    other = builders.standards.import_standard(raw.encode(), by=world["city"])
    with pytest.raises(Refused, match="another standard"):
        sections.give_section(file, other.dimensions.first(), to=colleague, by=world["clerk"])


def test_it_is_a_duty_and_no_lock(world, file, colleague, green):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    indicator = green.indicators.get(code="3.4")
    answers.save_answer(file, indicator, by=world["clerk"], found=builders.best_finding(indicator))
    assert file.answers.get().saved_by == world["clerk"]


# --- the pages -----------------------------------------------------------------------------------------------------


def test_one_page_gives_and_takes_back(world, file, colleague, green, sign_in):
    client, where = sign_in("clerk"), reverse("self_rating_sections", args=[file.pk])
    sections.give_section(file, None, to=colleague, by=world["clerk"])
    sent = keyed(**{f"section_{green.pk}": colleague.pk})
    assert client.post(where, sent).status_code == 302
    assert duties(file) == {"3": "colleague"}
    sections.take_back_section(file, green, by=world["clerk"])
    client.post(where, sent)  # the same form once more has no second effect
    assert duties(file) == {}


def test_the_list_says_with_whom_a_section_is_and_shows_mine_first(world, file, colleague, green, sign_in):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    where = reverse("self_rating_detail", args=[file.pk])
    mine, theirs = (sign_in(name).get(where) for name in ("colleague", "clerk"))
    assert [section.dimension.code for section in mine.context["ordered"][:3]] == ["3", "1", "2"]
    assert [section.dimension.code for section in theirs.context["ordered"][:3]] == ["1", "2", "3"]
    assert (">Yours<" in text(mine), "With 李某." in text(mine)) == (True, False)
    assert (">Yours<" in text(theirs), "With 李某." in text(theirs)) == (False, True)


def test_the_item_says_it_too(world, file, colleague, green, sign_in):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    shown = {
        code: "With 李某." in text(sign_in("clerk").get(reverse("self_rating_item", args=[file.pk, code])))
        for code in ("3.4", "2.1")
    }
    assert shown == {"3.4": True, "2.1": False}


def test_a_signatory_reads_who_does_what(world, file, colleague, green, sign_in):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    where = reverse("self_rating_sections", args=[file.pk])
    page = sign_in("signatory").get(where)
    assert ("李某" in text(page), "Save who does what" in text(page)) == (True, False)
    assert sign_in("signatory").post(where, keyed()).status_code == 403
    assert [sign_in(name).get(where).status_code for name in ("stranger", "clerk2", "public")] == [404, 404, 302]


def test_whoever_left_stays_shown_until_somebody_else_has_it(world, file, colleague, green, sign_in):
    sections.give_section(file, green, to=colleague, by=world["clerk"])
    colleague.appointments.update(ends_on=clock.today() - timedelta(days=1))
    where = reverse("self_rating_sections", args=[file.pk])
    assert f'<option value="{colleague.pk}" selected>' in text(sign_in("clerk").get(where))
    sign_in("clerk").post(where, keyed(**{f"section_{green.pk}": colleague.pk}))  # unchanged: nothing to refuse
    assert duties(file) == {"3": "colleague"}


@pytest.mark.parametrize("given", [1, 3])
def test_the_list_reads_duties_once(world, file, colleague, sign_in, django_assert_max_num_queries, given):
    for dimension in world.standard.dimensions.all()[:given]:
        sections.give_section(file, dimension, to=colleague, by=world["clerk"])
    client = sign_in("clerk")
    with django_assert_max_num_queries(40) as seen:
        client.get(reverse("self_rating_detail", args=[file.pk]))
    assert sum('"creation_sectionduty"' in one["sql"] for one in seen.captured_queries) == 1
    assert SectionDuty.objects.count() == given
