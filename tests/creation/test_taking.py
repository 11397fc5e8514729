"""A changing form takes effect once: the same key twice is one effect, a refusal leaves it free, no key is a 400."""

from uuid import uuid4

import pytest
from django.urls import reverse

from creation import stages
from creation.models import Assessment, FormKey, Submission
from reviews.demo import builders
from tests.cast import keyed


def start(client, world, **form):
    return client.post(reverse("self_rating_start"), {"opening": f"{world.organ.pk}:{world.cycle.pk}", **form})


def address(name, file):
    return reverse(f"self_rating_{name}", args=[file.pk])


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage


def test_the_same_form_twice_is_one_effect_and_leads_to_the_same_place(world, sign_in):
    form, client = keyed(), sign_in("clerk")
    first, second = start(client, world, **form), start(client, world, **form)
    file = Assessment.objects.get()
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url == reverse("self_rating_detail", args=[file.pk])
    assert FormKey.objects.filter(key=form["form_key"]).count() == 1


def test_a_second_form_is_told_that_it_came_too_late(world, sign_in):
    client = sign_in("clerk")
    start(client, world, **keyed())
    late = start(client, world, **keyed())
    assert (late.status_code, Assessment.objects.count()) == (200, 1)
    assert "The organ already has a file in this cycle." in late.content.decode()


def test_a_refusal_leaves_the_key_free_for_the_mended_form(world, sign_in):
    file, form, client = world.start(), keyed(), sign_in("clerk")
    assert client.post(address("prepare", file), form).status_code == 200
    assert (stage_of(file), FormKey.objects.count()) == (stages.DRAFT, 0)
    builders.answer_everything(file, by=world["clerk"])
    assert client.post(address("prepare", file), form).status_code == 302
    assert stage_of(file) == stages.PREPARED


def test_a_key_of_one_step_takes_no_other(world, sign_in):
    file, form, client = world.bring_to(stages.PREPARED), keyed(), sign_in("signatory")
    client.post(address("reopen", file), form)
    led = client.post(address("withdraw", file), form | {"reason": "mistake"})
    assert led.url == reverse("self_rating_detail", args=[file.pk])
    assert stage_of(file) == stages.DRAFT


@pytest.mark.parametrize("key", [None, "", "1", "not-a-key", "x" * 5000, "\x00"])
def test_a_form_without_a_key_is_a_bad_request(world, sign_in, key):
    file = world.bring_to(stages.PREPARED)
    form = {"prepared": 2} | ({} if key is None else {"form_key": key})
    assert sign_in("signatory").post(address("submit", file), form).status_code == 400
    assert (stage_of(file), Submission.objects.count()) == (stages.PREPARED, 0)


def test_the_key_is_written_with_the_effect_or_not_at_all(world, sign_in):
    file, form = world.bring_to(stages.PREPARED), keyed(prepared=2)
    refused = sign_in("clerk").post(address("submit", file), form)
    assert (refused.status_code, FormKey.objects.count()) == (403, 0)
    sign_in("signatory").post(address("submit", file), form)
    assert list(FormKey.objects.values_list("user__username", "location")) == [
        ("signatory", reverse("submission_detail", args=[Submission.objects.get().number]))
    ]


def test_the_key_of_somebody_else_opens_nothing_and_breaks_nothing(world, sign_in):
    form = keyed()
    start(sign_in("clerk"), world, **form)
    opening = f"{world.neighbour.pk}:{world.cycle.pk}"
    answer = sign_in("clerk2").post(reverse("self_rating_start"), {**form, "opening": opening})
    assert (answer.status_code, Assessment.objects.count()) == (400, 1)


def test_every_page_gives_a_key_of_its_own(world, sign_in):
    file, client = world.bring_to(stages.PREPARED), sign_in("signatory")
    pages = [client.get(address("check", file)).content.decode().split("<main")[1] for _twice in range(2)]
    keys = [part.split('"')[0] for page in pages for part in page.split('name="form_key" value="')[1:]]
    assert len(keys) == len(set(keys)) == 6  # submit, take back, withdraw


def test_a_stranger_with_a_key_is_still_a_stranger(world, sign_in):
    file = world.bring_to(stages.PREPARED)
    assert sign_in("stranger").post(address("submit", file), {"form_key": str(uuid4())}).status_code == 404
    assert FormKey.objects.count() == 0
