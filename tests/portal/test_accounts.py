"""Signing in and out, changing the password, and what a stranger sees."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from portal.addresses import client_address
from tests.portal.conftest import PASSWORD

NEW = "another-quiet-river"


def sign_in(client, username="lin", password=PASSWORD, **more):
    return client.post(reverse("login"), {"username": username, "password": password, **more})


def test_signing_in_leads_to_the_page_first_asked_for(client, person):
    wanted = reverse("password_change")
    asked = client.get(wanted)
    assert asked["Location"] == f"{reverse('login')}?next={wanted}"
    assert sign_in(client, next=wanted)["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_signing_in_never_leads_to_another_host(client, person):
    assert sign_in(client, next="https://evil.example/")["Location"] == reverse("home")


def test_a_wrong_password_says_so_and_keeps_the_name(client, person):
    answer = sign_in(client, password="wrong")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: " in page
    assert "data-error-summary" in page
    assert 'value="lin"' in page


def test_the_sixth_wrong_password_closes_the_door_for_this_person_here_only(client, person, django_user_model):
    for _ in range(5):
        last = sign_in(client, password="wrong")
    assert last.status_code == 429
    assert sign_in(client).status_code == 429
    other = django_user_model(username="he", name="何")
    other.set_password(PASSWORD)
    other.save()
    assert sign_in(client, username="he").status_code == 302
    client.logout()
    elsewhere = client.post(reverse("login"), {"username": "lin", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_signing_out_needs_a_form(client, person):
    client.force_login(person)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    assert client.get(reverse("password_change")).status_code == 302


def test_changing_the_password_ends_the_other_sessions(client, person, django_user_model):
    elsewhere = type(client)()
    elsewhere.force_login(person)
    client.force_login(person)
    answer = client.post(
        reverse("password_change"), {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    )
    assert answer["Location"] == reverse("password_change_done")
    assert client.get(answer["Location"]).status_code == 200
    assert elsewhere.get(reverse("password_change")).status_code == 302
    assert django_user_model.objects.get(pk=person.pk).check_password(NEW)


def test_an_invitation_sets_the_first_password_once(client, person):
    person.set_unusable_password()
    person.save()
    uid, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    link = reverse("invitation", args=[uid, token])
    form = client.get(link)["Location"]
    assert client.get(form).status_code == 200
    answer = client.post(form, {"new_password1": NEW, "new_password2": NEW})
    assert answer["Location"] == reverse("home")
    assert client.get(answer["Location"]).wsgi_request.user == person
    assert sign_in(type(client)(), password=NEW).status_code == 302
    assert "can no longer be used" in type(client)().get(link).content.decode()


@pytest.mark.parametrize("weak", ["12345678901234", "short", "password1234"])
def test_a_weak_password_is_refused(client, person, weak):
    client.force_login(person)
    answer = client.post(
        reverse("password_change"), {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    )
    assert answer.status_code == 200
    assert "data-error-summary" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["password_change", "password_change_done", "logout"])
def test_a_stranger_is_sent_to_the_sign_in_page(client, name):
    answer = client.get(reverse(name)) if name != "logout" else client.post(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].split("?")[0] == reverse("login")


@pytest.mark.django_db
def test_htmx_gets_no_sign_in_page_to_put_in_place_of_what_was_typed(client):
    answer = client.get(reverse("password_change"), headers={"hx-request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    ("hops", "header", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (3, "198.51.100.1", "192.0.2.1"),
    ],
)
def test_the_client_address_comes_from_the_nth_trusted_proxy(rf, settings, hops, header, expected):
    settings.TRUSTED_PROXIES = hops
    assert client_address(rf.get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)) == expected
