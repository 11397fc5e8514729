"""A sample changed after its draw: always the next in the order, with a reason, and told when it is published."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Overtaken, Refused
from creation.guards import without_guards
from creation.models import Message
from reviews.actions import draws, extensions, inspections, teams
from reviews.actions.photos import Announced, announce_photo
from reviews.demo import builders
from reviews.models import DrawnMember, Extension, ExtensionPublication, Inspection, PoolMember
from reviews.recipients import hears
from tests.cast import keyed
from tests.reviews.test_draws import SEED, verified

pytestmark = pytest.mark.django_db
REASON = "该机关正在搬迁"


@pytest.fixture
def draw(world):
    """A draw of three organs of one district, one of them drawn."""
    organs = [world.organ, world.neighbour, builders.make_organ(world.district, 31)]
    builders.make_person("clerk3", ("clerk", organs[2]))
    builders.make_person("signatory3", ("signatory", organs[2]))
    for organ in organs:
        world.bring_to(stages.INSPECTED, organ)
    pool = draws.close_pool(world.cycle, world.city, by=world["superior"])
    return draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"])


def in_order(draw):
    """Return the members of the only stratum in their drawing order."""
    return list(PoolMember.objects.filter(pool=draw.pool).order_by("result__rank"))


def extend(draw, by, **given):
    return extensions.extend_draw(draw, stratum="110101", by=by, **{"reason": REASON} | given)


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


# --- in public -------------------------------------------------------------------------------------------------------


def document_of(client, draw):
    return json.loads(client.get(reverse("public_draw_json", args=[draw.pool_id])).content)


def test_nothing_is_public_before_it_is_published_and_the_program_repeats_it(world, client, draw, tmp_path):
    first, second, third = in_order(draw)
    later = [extend(draw, world["superior"], replaces=first), extend(draw, world["superior"])]
    with pytest.raises(Refused, match="Publish the draw first"):
        extensions.publish_extension(later[0], by=world["superior"])
    draws.publish_draw(draw, by=world["superior"])
    assert document_of(client, draw)["draw"]["extensions"] == []
    page = client.get(reverse("public_draw", args=[draw.pool_id])).text
    assert [REASON in page, "Drawn after the draw" in page, "replaced" in page] == [False] * 3
    with pytest.raises(Refused, match="drawn before"):
        extensions.publish_extension(later[1], by=world["superior"])
    for _twice in range(2):
        for one in later:
            extensions.publish_extension(one, by=world["superior"])
    assert ExtensionPublication.objects.count() == 2
    document = document_of(client, draw)
    assert [(one["key"], one["replaces"], one["rank"]) for one in document["draw"]["extensions"]] == [
        (second.key, first.key, 2),
        (third.key, None, 3),
    ]
    end, words = verified(document, tmp_path)
    assert (end, words.splitlines()[1:]) == (
        0,
        [f"drawn: 110101 {first.key}", f"drawn: 110101 {second.key} for {first.key}", f"drawn: 110101 {third.key}"],
    )
    page = client.get(reverse("public_draw", args=[draw.pool_id])).text
    assert [REASON in page, "Drawn, then replaced" in page] == [True, True]


CHANGES = {
    "in another order": lambda rows: rows.reverse(),
    "one skipped": lambda rows: rows.pop(0),
    "another key": lambda rows: rows[0].update(key="x"),
    "another rank": lambda rows: rows[1].update(rank=2),
    "no reason": lambda rows: rows[0].update(reason=""),
    "replaces nobody": lambda rows: rows[1].update(replaces="x"),
    "replaced twice": lambda rows: rows[1].update(replaces=rows[0]["replaces"]),
}


@pytest.fixture
def extended(world, client, draw):
    """Return the published JSON of a draw with a replacement and one more."""
    later = [extend(draw, world["superior"], replaces=in_order(draw)[0]), extend(draw, world["superior"])]
    draws.publish_draw(draw, by=world["superior"])
    for one in later:
        extensions.publish_extension(one, by=world["superior"])
    return document_of(client, draw)


def test_the_program_sees_whatever_was_changed_in_an_extension(extended, tmp_path):
    assert verified(extended, tmp_path)[0] == 0
    for change, tamper in CHANGES.items():
        document = json.loads(json.dumps(extended))
        tamper(document["draw"]["extensions"])
        end, words = verified(document, tmp_path)
        assert (change, end, "DIFFERENT" in words) == (change, 1, True)


def test_the_organs_learn_of_it_when_it_is_published(world, sign_in, draw):
    first, second, third = in_order(draw)
    draws.publish_draw(draw, by=world["superior"])
    staff = {one.pk: world.clerk_of(one.organ) for one in (first, second)}

    def seen(member):
        return type(member.assessment).objects.get(pk=member.assessment_id).stage_for(staff[member.pk])

    last = Message.objects.latest("pk").pk
    extension = extend(draw, world["superior"], replaces=first)
    assert (seen(first), seen(second)) == (stages.UNDER_SPOT_CHECK, stages.CHECKED)
    told = Message.objects.filter(pk__gt=last)
    listed = {(one.user.username, one.kind) for one in hears("extend_draw", (third, second), by=world["superior"])}
    assert listed == {("city", "drawn_in")}
    assert {*told.values_list("user__username", "kind")} == {("city", "drawn_in"), ("city", "to_publicise")}
    page = sign_in(staff[second.pk].username).get(reverse("file_detail", args=[second.assessment_id])).text
    assert [REASON in page, "Drawn after the draw" in page] == [False, False]
    extensions.publish_extension(extension, by=world["superior"])
    assert (seen(first), seen(second)) == (stages.CHECKED, stages.UNDER_SPOT_CHECK)
    assert Message.objects.filter(kind="cleared", user=staff[first.pk], assessment=first.assessment).count() == 1
    said = {first: "Drawn, then replaced", second: "Drawn after the draw"}
    for member, words in said.items():
        page = reverse("file_detail", args=[member.assessment_id])
        assert words in sign_in(staff[member.pk].username).get(page).text


def test_the_database_keeps_extensions_as_they_are(world, draw):
    extension = extend(draw, world["superior"])
    draws.publish_draw(draw, by=world["superior"])
    extensions.publish_extension(extension, by=world["superior"])
    for table in ("reviews_extension", "reviews_extensionpublication"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


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


# --- a longer chance -------------------------------------------------------------------------------------------------


def two_inspected(world, years):
    """Close a pool of two organs in a round with these years; the first was spot-checked in a round before."""
    earlier = world.bring_to(stages.CHECKED)
    earlier_visit = earlier.inspections.get(kind="spot_check")
    cycle = builders.make_cycle(world.city, world.standard, by=world["city"], year=2031, longer_chance_years=years)
    for organ in (world.organ, world.neighbour):
        cast = world.cast_for(organ)
        builders.bring_to(builders.files.start(organ, cycle, by=cast["clerk"]), stages.INSPECTED, cast)
    pool = draws.close_pool(cycle, world.city, by=world["superior"])
    return pool, earlier_visit


def tickets_of(pool):
    return dict(pool.members.values_list("key", "tickets"))


def test_who_was_not_spot_checked_for_years_has_two_tickets_and_the_program_counts_them(world, client, tmp_path):
    pool, _visit = two_inspected(world, 3)
    # both were inspected in this round, and only the superior's own visits count
    assert tickets_of(pool) == {world.organ.credit_code: 1, world.neighbour.credit_code: 2}
    row = draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"])
    assert row.method == "sha256-ranking-2"
    draws.publish_draw(row, by=world["superior"])
    document = document_of(client, row)
    assert document["members"] == [
        ["110101", world.organ.credit_code],
        ["110101", world.neighbour.credit_code, 2],
    ]
    assert verified(document, tmp_path)[0] == 0
    assert "have two tickets" in client.get(reverse("public_draw", args=[pool.pk])).text
    document["members"][1][2] = 1
    end, words = verified(document, tmp_path)
    assert (end, "SHA-256" in words) == (1, True)


def test_without_the_setting_everybody_has_one_ticket_and_the_method_is_the_old_one(world):
    pool, _visit = two_inspected(world, None)
    assert set(tickets_of(pool).values()) == {1}
    assert draws.draw(pool, **SEED, seed_at=clock.now(), by=world["superior"]).method == "sha256-ranking-1"


@pytest.mark.parametrize(("days", "tickets"), [(-1, 2), (0, 1)])
def test_the_years_end_on_the_same_day_of_the_year(world, days, tickets):
    pool, visit = two_inspected(world, 1)
    closed = pool.closed_at
    ago = closed.replace(year=closed.year - 1) + timedelta(days=days)
    with without_guards():
        Inspection.objects.filter(pk=visit.pk).update(filed_at=ago)
        visit.assessment.changes.filter(step="confirm").update(at=ago)
    assert draws.tickets_for(pool, [world.organ]).get(world.organ.credit_code, 1) == tickets


def test_where_the_next_one_has_gone_further_the_page_says_so_and_offers_nothing(world, sign_in, draw):
    page = reverse("pool_detail", args=[draw.pool_id])
    client = sign_in("superior")
    assert "Draw one more" in client.get(page).text
    following = extensions.next_in_order(draw, draw.pool.members.first().stratum)
    builders.make_notice(world.cycle, [following.assessment], by=world["city"])
    text = client.get(page).text
    assert ("Draw one more" in text, "has gone further already" in text) == (False, True)
