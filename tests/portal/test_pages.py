"""Language, health, and the pages for what does not go through."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse

from creation import clock
from portal import urls
from portal.urls import handler400, handler403, handler404, handler500  # noqa: F401 - this file is a URLconf as well


def forbidden(request):
    raise PermissionDenied("Only the signatory may do this.")


def broken(request):
    raise RuntimeError("broken on purpose")


def slow(request):
    """Answer with the day of arrival after midnight in Shanghai has passed."""
    with time_machine.travel(MIDNIGHT, tick=False):
        return HttpResponse(f"{clock.arrival_day()} {clock.today()}")


def away(request):
    raise OperationalError("the server closed the connection")


urlpatterns = [
    *urls.urlpatterns,
    path("forbidden", forbidden),
    path("broken", broken),
    path("away", away),
    path("slow", slow),
]
MIDNIGHT = datetime(2026, 3, 10, 16, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "lang"), [("en", 'lang="en"'), ("zh-hans", 'lang="zh-hans"')])
def test_the_switch_changes_the_language_and_comes_back(client, code, lang):
    here = reverse("accessibility")
    answer = client.get(reverse("language_set", args=[code]), {"next": here})
    assert answer["Location"] == here
    assert f"<html {lang}>" in client.get(here).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("wish", "lang"), [("zh-CN,zh;q=0.9", "zh-hans"), ("en-GB", "en"), ("fr", "en")])
def test_the_browser_chooses_the_language(client, wish, lang):
    page = client.get(reverse("accessibility"), headers={"accept-language": wish}).content.decode()
    assert f'<html lang="{lang}">' in page


@pytest.mark.django_db
def test_the_language_switch_never_leads_to_another_host(client):
    answer = client.get(reverse("language_set", args=["en"]), {"next": "https://evil.example/"})
    assert answer["Location"] == "/"


@pytest.mark.django_db
def test_a_language_we_lack_is_not_found_and_choosing_one_needs_no_session(client):
    assert client.get(reverse("language_set", args=["fr"])).status_code == 404
    client.get(reverse("language_set", args=["en"]))
    assert list(client.cookies) == ["portal_language"]


@pytest.mark.django_db
def test_health_is_public_and_asks_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_health_says_when_the_database_is_away(client):
    def refuse(execute, sql, params, many, context):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        answer = client.get("/healthz")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


@pytest.mark.django_db
def test_every_page_says_that_it_is_a_demonstration(client, settings):
    assert "Demonstration data" in client.get(reverse("login")).content.decode()
    settings.DEMO = False
    assert "Demonstration data" not in client.get(reverse("login")).content.decode()


@pytest.mark.urls(__name__)
class TestErrors:
    @pytest.mark.parametrize(
        ("address", "status", "words"),
        [
            ("/forbidden", 403, "Only the signatory may do this."),
            ("/nowhere", 404, "Page not found"),
            ("/broken", 500, "Something went wrong on our side"),
            ("/away", 503, "not available for a moment"),
        ],
    )
    def test_each_fault_has_a_page_that_says_what_to_do(self, person, address, status, words):
        client = Client(raise_request_exception=False)
        client.force_login(person)
        answer = client.get(address)
        page = answer.content.decode()
        assert answer.status_code == status
        assert words in page
        assert page.count("<h1") == 1
        assert "Traceback" not in page
        assert answer.get("Retry-After") == ("2" if status == 503 else None)

    def test_a_stranger_learns_nothing_about_addresses_inside(self, db):
        answer = Client().get("/forbidden")
        assert answer.status_code == 302


def test_a_form_without_its_secret_is_refused_with_an_explanation(person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post(reverse("logout"))
    assert answer.status_code == 403
    assert "too old to be sent" in answer.content.decode()


@pytest.mark.django_db
def test_a_request_beyond_all_limits_is_refused_unread(client, settings):
    settings.REQUEST_MAX_BYTES = 10
    answer = client.post(reverse("login"), {"username": "x" * 50, "password": "y"})
    assert answer.status_code == 413
    assert "20 files" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_request_keeps_the_day_of_its_arrival_and_leaves_none_behind(world, sign_in):
    with time_machine.travel(MIDNIGHT - timedelta(seconds=2), tick=False):
        assert sign_in("stranger").get("/slow").content.decode() == "2026-03-10 2026-03-11"
    with time_machine.travel(MIDNIGHT, tick=False):
        assert clock.arrival_day() == clock.today()
