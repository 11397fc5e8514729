"""What the portal answers when somebody's session has ended: nothing typed is pushed away, and the way leads back."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.cast import keyed

HERE = "http://testserver"


@pytest.fixture
def file(world):
    return world.start()


@pytest.fixture
def item(file):
    return reverse("self_rating_item", args=[file.pk, "2.3"])


def leads_to(page):
    return f"{reverse('login')}?{urlencode({'next': page}, safe='/')}"


def test_htmx_of_somebody_signed_out_gets_nothing_to_swap(sign_in, file):
    points = reverse("self_rating_points", args=[file.pk, "2.3"])
    answer = sign_in("public").get(points, {"found": "0"}, headers={"hx-request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert [name for name in answer.headers if name.lower().startswith("hx-")] == []


def test_a_page_asked_for_is_where_signing_in_leads(sign_in, item):
    assert sign_in("public").get(item, {"to": "check"})["Location"] == leads_to(f"{item}?to=check")


def test_a_form_sent_to_its_own_page_leads_back_there(sign_in, item):
    assert sign_in("public").post(item, keyed(remark="节水"))["Location"] == leads_to(item)


def test_a_form_sent_to_an_address_without_a_page_leads_back_to_where_it_stood(sign_in, file, item):
    attach = reverse("evidence_attach", args=[file.pk, "2.3"])
    answer = sign_in("public").post(attach, keyed(), headers={"referer": f"{HERE}{item}?to=check#evidence"})
    assert answer["Location"] == leads_to(f"{item}?to=check")


@pytest.mark.parametrize("referer", ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)", "http://["])
def test_no_foreign_page_says_where_signing_in_leads(sign_in, item, referer):
    assert sign_in("public").post(item, keyed(), headers={"referer": referer})["Location"] == leads_to(item)


def test_a_stranger_is_signed_in_and_finds_no_such_file(sign_in, item):
    assert sign_in("stranger").post(item, keyed()).status_code == 404


def test_the_texts_of_a_session_that_ended_stand_hidden_on_the_page(sign_in, item):
    page = sign_in("clerk").get(item).content.decode()
    assert page.count('id="signed-out" role="alert" hidden') == 1
    assert page.count('id="put-back" role="alert" hidden') == 1
