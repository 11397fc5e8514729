"""A sample changed after its draw: always the next in the order, or in the place of another, with a reason."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Overtaken, Refused
from creation.guards import without_guards
from creation.models import Message
from reviews.actions import draws, extensions, inspections, teams
from reviews.actions.photos import Announced, announce_photo
from reviews.demo import builders
from reviews.models import DrawnMember, Extension, ExtensionPublication, Inspection, PoolMember
from tests.cast import keyed
from tests.reviews.extending import REASON, draw, extend, in_order

__all__ = ["draw"]  # a fixture is found by its name

pytestmark = pytest.mark.django_db


def stage_of(member):
    return type(member.assessment).objects.get(pk=member.assessment_id).stage


def team_for(world, member):
    people = [world["checker"], world["checker2"]]
    file = member.assessment
    return teams.assign_spot_check(file, team=people, lead=people[0], visit_on=clock.today(), by=world["superior"])


# --- one more --------------------------------------------------------------------------------------------------------


def test_one_more_is_the_next_in_the_order_until_nobody_is_left(world, draw):
    first, second, third = in_order(draw)
    assert [stage_of(one) for one in (first, second, third)] == ["under_spot_check", "checked", "checked"]
    assert extend(draw, world["superior"]).member == second
    assert stage_of(second) == stages.UNDER_SPOT_CHECK
    assert extend(draw, world["city"]).member == third
    with pytest.raises(Refused, match="nobody next"):
        extend(draw, world["superior"])
    assert list(PoolMember.objects.to_visit()) == sorted([first, second, third], key=str)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_extension_without_a_reason(world, draw, reason):
    with pytest.raises(Refused) as refused:
        extend(draw, world["superior"], reason=reason)
    assert refused.value.field == "reason"
    with pytest.raises(DatabaseError), transaction.atomic():
        Extension.objects.create(draw=draw, member=in_order(draw)[1], reason="", by=world["superior"], at=clock.now())


@pytest.mark.parametrize("person", ["official", "state", "viewer", "checker", "clerk", "stranger"])
def test_only_who_draws_draws_again(world, draw, person):
    with pytest.raises(Forbidden):
        extend(draw, world[person])


def test_a_region_that_is_not_in_the_pool_is_refused(world, draw):
    with pytest.raises(Refused, match="not in the pool"):
        extensions.extend_draw(draw, stratum="110102", reason=REASON, by=world["superior"])


def test_a_letter_s_list_is_changed_by_a_letter_alone(world):
    world.bring_to(stages.INSPECTED, world.municipal_organ)
    pool = draws.close_pool(world.cycle, world.nation, by=world["city"])
    row = draws.record_letter(pool, chosen=set(), letter=builders.a_pdf(), letter_number="9号", by=world["city"])
    with pytest.raises(Refused, match="letter"):
        extensions.extend_draw(row, stratum="110000", reason=REASON, by=world["state"])


def test_nobody_is_skipped_who_stands_on_a_notice(world, draw):
    _first, second, third = in_order(draw)
    builders.make_notice(world.cycle, [second.assessment], by=world["city"])
    with pytest.raises(Refused, match="Nobody is skipped"):
        extend(draw, world["superior"])
    assert (stage_of(third), Extension.objects.count()) == (stages.CHECKED, 0)


@pytest.mark.parametrize("tampered", ["member", "rank", "drawn", "tickets"])
def test_one_changed_row_blocks_the_extension(world, draw, tampered):
    second = in_order(draw)[1]
    with without_guards():
        if tampered == "member":
            PoolMember.objects.filter(pk=second.pk).update(key="110101000000000000")
        elif tampered == "tickets":
            PoolMember.objects.filter(pk=second.pk).update(tickets=9)
        else:
            wrong = {"rank": 9} if tampered == "rank" else {"drawn": True}
            DrawnMember.objects.filter(member=second).update(**wrong)
    with pytest.raises(Refused, match=r"no draw is made|nobody is drawn"):
        extend(draw, world["superior"])
    assert not Extension.objects.exists()
    with without_guards():  # the control arm: put right, it goes on
        PoolMember.objects.filter(pk=second.pk).update(key=second.key, tickets=1)
        DrawnMember.objects.filter(member=second).update(rank=2, drawn=False)
    assert extend(draw, world["superior"]).member == second


def test_whoever_saw_another_one_next_draws_nobody(world, draw):
    second = in_order(draw)[1]
    extend(draw, world["city"], expected=second.key)
    with pytest.raises(Overtaken):
        extend(draw, world["superior"], expected=second.key)
    assert Extension.objects.count() == 1


# --- in another's place ----------------------------------------------------------------------------------------------


def test_a_replaced_file_is_cleared_with_the_reason_and_its_planned_visit_called_off(world, draw):
    first, second, _third = in_order(draw)
    visit = team_for(world, first)
    extension = extend(draw, world["superior"], replaces=first)
    assert (extension.member, extension.replaces) == (second, first)
    assert (stage_of(first), stage_of(second)) == (stages.CHECKED, stages.UNDER_SPOT_CHECK)
    assert first.assessment.changes.latest("number").note == REASON
    assert not Inspection.objects.filter(pk=visit.pk).exists()
    assert not first.assessment.readers.filter(user=world["checker"]).exists()
    assert Message.objects.filter(user=world["checker"]).latest("pk").kind == "off_team"
    with pytest.raises(Refused, match="called off"):
        builders.rate_everything(visit, by=world["checker"])
    assert list(PoolMember.objects.to_visit()) == [second]


def test_nobody_is_replaced_whose_visit_has_begun(world, draw):
    first = in_order(draw)[0]
    visit = team_for(world, first)
    indicator = world.standard.indicators.first()
    inspections.save_rating(visit, indicator, by=world["checker"], found=builders.best_finding(indicator))
    with pytest.raises(Refused, match="has begun"):
        extend(draw, world["superior"], replaces=first)
    assert not Extension.objects.exists()
    assert (stage_of(first), stage_of(in_order(draw)[1])) == (stages.UNDER_SPOT_CHECK, stages.CHECKED)


def test_only_who_stands_in_the_sample_is_replaced_and_once(world, draw):
    first, second, third = in_order(draw)
    with pytest.raises(Refused, match="in the sample"):
        extend(draw, world["superior"], replaces=third)
    extend(draw, world["superior"], replaces=first)
    with pytest.raises(Refused, match="in the sample"):
        extend(draw, world["superior"], replaces=first)
    assert extend(draw, world["superior"], replaces=second).member == third


def test_a_filed_spot_check_stays(world, draw):
    first = in_order(draw)[0]
    visit = team_for(world, first)
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"], statement="核查属实。")
    with pytest.raises(Refused, match="has begun"):
        extend(draw, world["superior"], replaces=first)


def test_a_visit_with_a_photo_under_way_is_not_called_off_and_the_refusal_has_words(world, sign_in, draw):
    first = in_order(draw)[0]
    visit = team_for(world, first)
    said = Announced(key=uuid4(), device=uuid4(), sha256="0" * 64, size=9, meta={})
    announce_photo(visit, said, by=world["checker"])
    page = reverse("pool_replace", args=[draw.pool_id, first.pk])
    answer = sign_in("superior").post(page, keyed(reason=REASON, expected=in_order(draw)[1].key))
    assert (answer.status_code, "The visit to this organ has begun" in answer.text) == (200, True)
    assert (visit.members.count(), Extension.objects.count()) == (2, 0)
    assert not Message.objects.filter(kind="off_team").exists()


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_pages_draw_one_more_replace_and_publish(world, sign_in, draw):
    first, second, third = in_order(draw)
    client = sign_in("superior")
    pool_page = reverse("pool_detail", args=[draw.pool_id])
    replace = reverse("pool_replace", args=[draw.pool_id, first.pk])
    more = reverse("pool_extend", args=[draw.pool_id, "110101"])
    assert [url in client.get(pool_page).text for url in (replace, more)] == [True, True]
    page = client.get(replace).text
    assert [str(one.organ) in page for one in (first, second, third)] == [True, True, False]
    assert "Fill in “Reason”." in client.post(replace, keyed(expected=second.key)).text
    assert client.post(replace, keyed(expected=second.key, reason=REASON))["Location"] == pool_page
    stale = client.post(more, keyed(expected=second.key, reason="又一个")).text
    assert ["another one is the next now" in stale, "又一个" in stale, third.key in stale] == [True] * 3
    assert client.post(more, keyed(expected=third.key, reason="又一个"))["Location"] == pool_page
    assert "nobody next" in client.get(more).text
    page = client.get(pool_page).text
    assert [REASON in page, "又一个" in page, more in page] == [True, True, False]
    client.post(reverse("pool_publish", args=[draw.pool_id]), keyed())
    for extension in Extension.objects.all():
        publish = reverse("pool_extension_publish", args=[draw.pool_id, extension.pk])
        assert publish in client.get(pool_page).text
        client.post(publish, keyed())
    assert ExtensionPublication.objects.count() == 2


def test_the_file_of_a_drawn_organ_leads_its_department_to_the_replacement(world, sign_in, draw):
    first = in_order(draw)[0]
    address, page = (
        reverse("pool_replace", args=[draw.pool_id, first.pk]),
        reverse("file_detail", args=[first.assessment_id]),
    )
    assert address in sign_in("superior").get(page).text
    assert address not in sign_in("official").get(page).text


def test_the_pool_page_asks_as_much_for_two_extensions_as_for_one(world, sign_in, draw, django_assert_num_queries):
    client, page = sign_in("superior"), reverse("pool_detail", args=[draw.pool_id])
    for _time in range(2):
        extend(draw, world["superior"])
        with django_assert_num_queries(9):
            client.get(page)


def test_a_spot_check_of_a_drawn_in_file_ends_like_any_other(world, draw):
    second = in_order(draw)[1]
    extend(draw, world["superior"])
    visit = team_for(world, second)
    builders.rate_everything(visit, by=world["checker"])
    inspections.file_inspection(visit, by=world["checker"], statement="核查属实。")
    assert stage_of(second) == stages.CHECKED
