"""Tokens for programs: shown once, kept as a digest, ended with whatever they stand on."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.urls import reverse

from creation import clock
from creation.actions import people, tokens
from creation.errors import Forbidden, Refused
from creation.models import ApiToken, Event
from tests.cast import keyed

pytestmark = pytest.mark.django_db


def make(user, name="统计", days=1):
    return tokens.make(name=name, expires_on=clock.today() + timedelta(days), by=user)


def test_only_its_digest_is_kept_and_the_event_says_nothing_of_it(world):
    row, token = make(world["clerk"])
    row.refresh_from_db()
    assert row.digest == sha256(token.encode()).hexdigest()
    assert (row.beginning, len(token)) == (token[:12], 47)
    event = Event.objects.get(verb="make_token")
    assert (event.by, event.subject_id) == (world["clerk"], row.pk)
    assert token[4:] not in str(event.after)
    assert tokens.use(token) == world["clerk"]
    assert ApiToken.objects.get().used_on == clock.today()


def test_a_token_ends_with_its_last_day_its_owner_and_the_posts(world):
    clerk = world["clerk"]
    row, token = make(clerk)
    assert tokens.use(token)
    ApiToken.objects.update(expires_on=clock.today() - timedelta(1))
    assert tokens.use(token) is None
    ApiToken.objects.update(expires_on=clock.today())
    assert tokens.use(token)
    clerk.is_active = False
    clerk.save(update_fields=["is_active"])
    assert tokens.use(token) is None
    clerk.is_active = True
    clerk.save(update_fields=["is_active"])
    clerk.appointments.update(starts_on=clock.today() - timedelta(9), ends_on=clock.today() - timedelta(1))
    assert tokens.use(token) is None
    clerk.appointments.update(ends_on=None)
    assert tokens.use(token)
    tokens.revoke(row, by=world["clerk"])
    assert tokens.use(token) is None
    assert tokens.use(token[:-1]) is None
    assert tokens.use("cop_" + "x" * 5000) is None


def test_who_is_invited_again_has_no_live_token_any_more(world):
    _row, token = make(world["clerk"])
    people.invite_again(world["clerk"], by=world["registrar"])
    assert tokens.use(token) is None
    assert list(Event.objects.filter(verb="revoke_token").values_list("by__username", flat=True)) == ["registrar"]


def test_what_is_refused(world, settings):
    settings.API_TOKEN_DAYS, settings.API_TOKENS_PER_PERSON = 30, 2
    with pytest.raises(Forbidden):
        make(world["stranger"])
    for days in (-1, 31):
        with pytest.raises(Refused):
            make(world["clerk"], days=days)
    first, _token = make(world["clerk"], days=30)
    make(world["clerk"], days=0)
    with pytest.raises(Refused, match="2 tokens"):
        make(world["clerk"])
    with pytest.raises(Forbidden):
        tokens.revoke(first, by=world["clerk2"])
    tokens.revoke(first, by=world["clerk"])
    with pytest.raises(Refused):
        tokens.revoke(first, by=world["clerk"])
    make(world["clerk"])


def test_the_page_shows_a_token_once_and_lists_only_ones_own(world, sign_in):
    make(world["clerk2"], name="别人的")
    client = sign_in("clerk")
    form = keyed(name="年报", expires_on=clock.today().isoformat())
    answer = client.post(reverse("token_list"), form)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
    token = answer.context["made"]
    assert token in answer.content.decode()
    assert tokens.use(token) == world["clerk"]
    again = client.post(reverse("token_list"), form)
    assert (again.status_code, again["Location"]) == (302, reverse("token_list"))
    page = client.get(reverse("token_list")).content.decode()
    assert "年报" in page
    assert token not in page
    assert "别人的" not in page
    (row,) = ApiToken.objects.visible_to(world["clerk"])
    assert sign_in("clerk2").post(reverse("token_revoke", args=[row.pk]), keyed()).status_code == 404
    assert client.post(reverse("token_revoke", args=[row.pk]), keyed()).status_code == 302
    assert tokens.use(token) is None


def test_the_page_costs_the_same_for_one_token_and_for_three(world, sign_in, django_assert_num_queries):
    client = sign_in("clerk")
    make(world["clerk"])
    with django_assert_num_queries(5):
        client.get(reverse("token_list"))
    make(world["clerk"])
    make(world["clerk"])
    with django_assert_num_queries(5):
        client.get(reverse("token_list"))


def test_a_stranger_is_told_why_there_is_none(world, sign_in):
    page = sign_in("stranger").get(reverse("token_list")).content.decode()
    assert "You hold no post today" in page
    assert "Make the token" not in page
