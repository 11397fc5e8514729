"""Sending back: by an official of the department, while submitted, with a reason for at least one indicator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from creation import stages
from creation.actions import files as file_verbs
from creation.errors import Refused
from creation.models import ReturnReason
from tests.cast import keyed
from tests.reviews.file_pages import codes, page


def test_send_back_needs_a_reason_for_at_least_one_indicator(world):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(Refused, match="at least one indicator"):
        file_verbs.send_back(file, reasons={codes(world)["2.1"]: "  "}, by=world["official"])
    assert file.changes.count() == 3


def test_send_back_is_refused_unless_submitted(world):
    file = world.bring_to(stages.UNDER_INSPECTION)
    with pytest.raises(Refused, match="not possible"):
        file_verbs.send_back(file, reasons={codes(world)["2.1"]: "缺"}, by=world["official"])


@pytest.mark.parametrize("who", ["far_official", "city", "inspector", "clerk", "stranger"])
def test_only_an_official_of_the_department_sends_back(world, who):
    file = world.bring_to(stages.SUBMITTED)
    with pytest.raises(PermissionDenied):
        file_verbs.send_back(file, reasons={codes(world)["2.1"]: "缺"}, by=world[who])


def send_back(client, file, **fields):
    return client.post(reverse("file_send_back", args=[file.pk]), keyed(**fields))


def test_send_back_by_clicking(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    first, second = codes(world)["2.1"], codes(world)["3.2"]
    response = send_back(
        sign_in("official"), file, note="整体补充", **{f"reason_{first.pk}": "缺文件", f"reason_{second.pk}": "数不对"}
    )
    assert response.url == reverse("file_detail", args=[file.pk])
    file.refresh_from_db()
    assert file.stage == stages.RETURNED
    written = ReturnReason.objects.filter(change__assessment=file).values_list("indicator__code", "reason")
    assert list(written) == [("2.1", "缺文件"), ("3.2", "数不对")]


def test_a_refused_send_back_keeps_what_was_typed(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    response = send_back(sign_in("official"), file, note="只有备注")
    assert response.status_code == 200
    text = response.content.decode()
    assert "<title>Error:" in text
    assert "at least one indicator" in text
    assert "只有备注" in text


def test_a_double_click_sends_back_once(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    data = keyed(**{f"reason_{codes(world)['2.1'].pk}": "缺文件"})
    client, url = sign_in("official"), reverse("file_send_back", args=[file.pk])
    answers = [client.post(url, data), client.post(url, data)]
    assert [answer.url for answer in answers] == [reverse("file_detail", args=[file.pk])] * 2
    assert ReturnReason.objects.count() == 1
    assert file.changes.filter(step="send_back").count() == 1


@pytest.mark.parametrize("name", ["file_send_back", "file_assign"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("public", 302), ("stranger", 404), ("far_official", 404), ("clerk", 403), ("city", 403), ("official", 200)],
)
def test_who_may_open_the_pages_of_the_department(world, sign_in, name, who, status):
    file = world.bring_to(stages.SUBMITTED)
    assert page(sign_in(who), name, file.pk).status_code == status


@pytest.mark.parametrize("name", ["file_send_back", "file_assign"])
def test_a_page_says_at_once_that_its_step_is_not_possible(world, sign_in, name):
    file = world.bring_to(stages.UNDER_INSPECTION)
    text = page(sign_in("official"), name, file.pk).content.decode()
    assert "This step is not possible now" in text
