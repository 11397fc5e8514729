"""A drawn organ is not warned: until the draw is published its staff read the same of a drawn and of a cleared file."""

import re
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from creation import clock, stages
from creation.actions import files as file_verbs
from creation.actions import moves
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Assessment, Event, Message
from reviews.actions import draws, extensions
from reviews.demo import builders
from reviews.models import Pool
from tests.scene import ARGUMENTS, names

CHANGING = re.compile(
    rb'name="(csrfmiddlewaretoken|form_key|writer)" value="[^"]*"|data-(draft-key|writer)="[^"]*"|"csrf": "[^"]*"'
)
OTHERS = ("signatory", "clerk2", "stranger", "public")
# where a department meets the pool
OF_POOL = ("pool_detail", "pool_json", "draw_list", "pool_letter", "pool_draw")
# where others meet a file of the organ or its numbers
MEETING = ("home", "file_detail", "organ_detail", "cycle_detail", "message_list", "public_draw", "public_draw_json")
# the filters and orders that an address can ask for
ASKED = ("", "?stage=inspected", "?stage=under_spot_check", "?stage=checked", "?sort=since", "?sort=-since")


@pytest.fixture
def pool(world) -> Pool:
    """A closed pool of the organ's file and a neighbour's."""
    for organ in (world.organ, world.neighbour):
        world.bring_to(stages.INSPECTED, organ)
    world.later = clock.now() + timedelta(hours=1)  # both arms are drawn at the same instant
    return draws.close_pool(world.cycle, world.city, by=world["superior"])


def file_of(world) -> Assessment:
    return Assessment.objects.get(organ=world.organ, cycle=world.cycle)


def draw(world, pool, *, drawn: bool):
    """Draw from the pool so that the organ's file is, or is not, among the drawn."""
    for number in range(200):
        order = draws.sampling.ranked([(one.stratum, one.key) for one in pool.members.all()], str(number))
        first = next(iter(order.values()))[0]
        if (first == world.organ.credit_code) == drawn:
            return draws.draw(pool, seed=str(number), seed_source="摇号", seed_at=clock.now(), by=world["superior"])
    raise AssertionError("no such seed")


def known(world) -> dict:
    """The organ's own things, by the names that the scene of the rights matrix gives them."""
    file, pool = file_of(world), Pool.objects.get()
    evidence = file.attachments.first()
    about_file = dict.fromkeys(("file", "draft", "submitted", "drawn", "published", "by_letter", "municipal"), file.pk)
    return about_file | {
        "indicator": "3.4", "visit": file.inspections.get(kind="inspection").pk, "attachment": evidence.pk,
        "receipt": file.submissions.get().number, "evidence": evidence.evidence_id, "picture": evidence.evidence_id,
        "pool": pool.pk, "closed_pool": pool.pk, "cycle": world.cycle.pk, "organ": world.organ.pk,
        "person": world["clerk"].pk, "appointment": world["clerk"].appointments.first().pk,
        "region": world.district.pk, "region_code": world.district.code, "city_code": world.city.code,
        "kind": "register", "standard": world.standard.pk, "year": 2027,
    }  # fmt: skip


def address(world, name) -> str | None:
    """The address on the organ's own things, None where it takes something that this world has not got."""
    wanted, mine = ARGUMENTS.get(name, "").split(), known(world)
    if not set(wanted) <= set(mine):
        return None
    with suppress(NoReverseMatch):
        return reverse(name, args=[mine[one] for one in wanted])
    return None


def listed(world) -> list[str]:
    """Every list that shows files or counts them, with everything it can be asked."""
    boards = [reverse("dashboard_region", args=[code]) for code in (world.district.code, world.city.code)]
    return [*(reverse("file_list") + asked for asked in ASKED), *boards]


def answered(answer) -> tuple:
    content = b"".join(answer) if answer.streaming else answer.content
    return (answer.status_code, answer.get("Location", ""), CHANGING.sub(b"", content))


def everything_read(world, sign_in, who: str, among) -> dict:
    """What the person gets there, without what is new on every page; the files' own pages are sent to as well."""
    client, read = sign_in(who), {}
    client.raise_request_exception = False  # every page is held to its status in the rights matrix
    urls = {name: url for name in among if (url := address(world, name))}
    for url in [*urls.values(), *listed(world)]:
        read[who, "GET", url] = answered(client.get(url))
    if who != "clerk":
        return read
    sent = {"form_key": str(UUID(int=1)), "reason": "重报", "prepared": "9", "text": "说明", "name": "新"}
    for name, url in urls.items():
        if {"file", "draft", "submitted", "visit"} & set(ARGUMENTS.get(name, "").split()):
            with transaction.atomic():
                read[who, "POST", url] = answered(client.post(url, sent, follow=True))
                transaction.set_rollback(True)
    return read


def arm(world, sign_in, pool, *, drawn: bool, published: bool = False, others=()) -> tuple[str, dict]:
    """What is read in a world where the organ was drawn or was not; the world is taken back afterwards."""
    with time_machine.travel(world.later, tick=False), transaction.atomic():
        made = draw(world, pool, drawn=drawn)
        if published:
            draws.publish_draw(made, by=world["superior"])
        stood, read = file_of(world).stage, {}
        if not published:
            read |= everything_read(world, sign_in, "clerk", [one for one in names() if one != "logout"])
        for who in others:
            read |= everything_read(world, sign_in, who, MEETING)
        transaction.set_rollback(True)
    return stood, read


def differing(one: dict, other: dict) -> list:
    return sorted(asked for asked in one if one[asked] != other[asked])


def test_nobody_of_an_organ_can_tell_a_drawn_file_from_a_cleared_one(world, sign_in, pool):
    first, drawn = arm(world, sign_in, pool, drawn=True, others=OTHERS)
    second, cleared = arm(world, sign_in, pool, drawn=False, others=OTHERS)
    assert (first, second) == (stages.UNDER_SPOT_CHECK, stages.CHECKED)
    assert sum(seen[0] == 200 for seen in drawn.values()) > 100  # what is compared is not nothing
    assert differing(drawn, cleared) == []


def test_once_it_is_published_the_pages_say_it(world, sign_in, pool):
    _stage, drawn = arm(world, sign_in, pool, drawn=True, published=True, others=["signatory"])
    _stage, cleared = arm(world, sign_in, pool, drawn=False, published=True, others=["signatory"])
    told = {url for _who, _method, url in differing(drawn, cleared)}
    assert {address(world, name) for name in MEETING if name != "home"} | set(listed(world)[1:4]) <= told


def test_an_official_who_works_at_the_organ_is_its_staff(world, sign_in, pool):
    Appointment.objects.create(user=world["city"], role="clerk", organ=world.organ, starts_on=builders.LONG_AGO)
    own = ("file_detail", "organ_detail", "spot_check_assign", "spot_check_record_letter", "file_send_back", *OF_POOL)
    read = []
    for drawn in (True, False):
        with time_machine.travel(world.later, tick=False), transaction.atomic():
            draw(world, pool, drawn=drawn)
            client = sign_in("city")
            read.append({name: answered(client.get(address(world, name))) for name in own})
            read[-1] |= {url: answered(client.get(url)) for url in [reverse("file_list") + "?q=" + world.organ.name]}
            transaction.set_rollback(True)
    assert differing(*read) == []


# --- a department's people who work at an organ of the pool ---------------------------------------------------------


def works_at(world, who, organ) -> None:
    Appointment.objects.create(user=world[who], role="signatory", organ=organ, starts_on=builders.LONG_AGO)


def read_of_pool(world, sign_in, who: str) -> dict:
    client = sign_in(who)
    return {name: answered(client.get(address(world, name))) for name in OF_POOL}


@pytest.mark.parametrize("who", ["city", "viewer"])
def test_whoever_works_at_an_organ_of_the_pool_reads_what_the_public_reads(world, sign_in, pool, who):
    works_at(world, who, world.organ)
    before = read_of_pool(world, sign_in, who)
    made = draw(world, pool, drawn=True)
    assert differing(before, read_of_pool(world, sign_in, who)) == []  # not even that there was a draw
    assert made.seed in sign_in("superior").get(address(world, "pool_json")).text
    draws.publish_draw(made, by=world["superior"])
    after = read_of_pool(world, sign_in, who)
    assert {*differing(before, after)} == {"pool_detail", "pool_json", "draw_list"}
    extended = extensions.extend_draw(made, stratum=world.district.code, reason="补充抽取", by=world["superior"])
    assert differing(after, read_of_pool(world, sign_in, who)) == []
    assert "补充抽取" in sign_in("superior").get(address(world, "pool_detail")).text
    extensions.publish_extension(extended, by=world["superior"])
    assert {*differing(after, read_of_pool(world, sign_in, who))} == {"pool_detail", "pool_json", "draw_list"}


def test_an_official_of_an_organ_in_the_pool_leaves_its_draw_to_a_colleague(world, sign_in, pool):
    works_at(world, "city", world.organ)
    seed = {"seed": "1", "seed_source": "摇号", "seed_at": clock.now()}
    with pytest.raises(Forbidden):
        draws.draw(pool, **seed, by=world["city"])
    made = draws.draw(pool, **seed, by=world["superior"])
    with pytest.raises(Forbidden):
        draws.publish_draw(made, by=world["city"])
    posts = {name: [pool.pk] for name in ("pool_publish", "pool_draw")}
    posts |= {"pool_extend": [pool.pk, world.district.code], "pool_replace": [pool.pk, pool.members.first().pk]}
    assert {name: sign_in("city").post(reverse(name, args=args)).status_code for name, args in posts.items()} == (
        dict.fromkeys(posts, 403)
    )
    draws.publish_draw(made, by=world["superior"])
    with pytest.raises(Forbidden):
        extensions.extend_draw(made, stratum=world.district.code, reason="补充", by=world["city"])
    extended = extensions.extend_draw(made, stratum=world.district.code, reason="补充", by=world["superior"])
    with pytest.raises(Forbidden):
        extensions.publish_extension(extended, by=world["city"])
    assert not Event.objects.filter(verb="pool_of_own_organ").exists()


@pytest.mark.parametrize("colleague", ["works at another organ of the pool", "has left", "cannot sign in"])
def test_where_nobody_else_could_it_is_allowed_recorded_and_shown(world, sign_in, pool, colleague):
    works_at(world, "city", world.organ)
    if colleague == "works at another organ of the pool":
        works_at(world, "superior", world.neighbour)
    elif colleague == "has left":
        world["superior"].appointments.update(ends_on=clock.today() - timedelta(days=1))
    else:
        type(world["superior"]).objects.filter(username="superior").update(is_active=False)
    made = draws.draw(pool, seed="1", seed_source="摇号", seed_at=clock.now(), by=world["city"])
    assert made.seed in sign_in("city").get(address(world, "pool_json")).text
    draws.publish_draw(made, by=world["city"])
    extended = extensions.extend_draw(made, stratum=world.district.code, reason="补充", by=world["city"])
    extensions.publish_extension(extended, by=world["city"])
    steps = [event.after["step"] for event in Event.objects.filter(verb="pool_of_own_organ").order_by("pk")]
    assert steps == ["draw", "publish", "extend", "publish_extension"]
    assert "as the department had nobody else" in sign_in("viewer").get(address(world, "pool_detail")).text


def test_a_letter_about_one_s_own_organ_is_recorded_by_a_colleague(world, sign_in):
    world.bring_to(stages.INSPECTED, world.municipal_organ)
    pool = draws.close_pool(world.cycle, world.nation, by=world["city"])
    works_at(world, "city", world.municipal_organ)
    letter = {"chosen": set(), "letter_number": "9号", "letter": builders.a_pdf()}
    with pytest.raises(Forbidden):
        draws.record_letter(pool, **letter, by=world["city"])
    draws.record_letter(pool, **letter | {"letter": builders.a_pdf()}, by=world["superior"])
    for who, status in (("city", 404), ("superior", 200)):
        assert answered(sign_in(who).get(reverse("pool_letter", args=[pool.pk])))[0] == status


@pytest.mark.parametrize("joins", ["organ", "neighbour"])
def test_no_message_tells_an_official_who_works_at_an_organ_of_the_pool(world, pool, joins):
    works_at(world, "city", world.organ)
    builders.make_person("third", ("official", world.city))
    made = draw(world, pool, drawn=joins == "neighbour")
    extended = extensions.extend_draw(made, stratum=world.district.code, reason="补充", by=world["third"])
    assert extended.member.assessment.organ == getattr(world, joins)
    assert {*Message.objects.filter(kind__in=["drawn", "drawn_in"]).values_list("user__username", "kind")} == {
        ("third", "drawn"), ("superior", "drawn_in"),
    }  # fmt: skip


def test_what_it_tells_of_a_refused_step_is_what_it_may_know(world, pool):
    draw(world, pool, drawn=True)
    file = file_of(world)
    with pytest.raises(Refused, match="stands at “Inspection passed”"):
        file_verbs.withdraw(file, reason="重报", by=world["clerk"])
    with pytest.raises(Refused, match="stands at “Under spot check”"):
        moves.move(file, "publicise", by=world["city"])


def test_a_notice_or_a_filed_visit_shows_where_the_file_stands_whatever_was_published(world, pool):
    draw(world, pool, drawn=True)
    file = file_of(world)
    assert file.stage_for(world["clerk"]) == stages.INSPECTED
    builders._confirm(file, world.cast_for(world.organ))
    assert file_of(world).stage_for(world["clerk"]) == stages.CHECKED
    assert [change.step for change in file_of(world).changes_for(world["clerk"])][-2:] == ["sample", "confirm"]


def test_one_file_and_a_list_say_the_same_to_everybody(world, pool):
    draw(world, pool, drawn=True)
    for who in ("clerk", "signatory", "official", "city", "viewer", "inspector"):
        for file in Assessment.objects.visible_to(world[who]).shown_to(world[who]):
            assert (file.shown_stage, file.shown_since) == (file.stage_for(world[who]), file.since_for(world[who]))


def test_publishing_late_never_takes_back_what_the_organ_knows_by_then(world, pool):
    made = draw(world, pool, drawn=True)
    builders._confirm(file_of(world), world.cast_for(world.organ))
    draws.publish_draw(made, by=world["superior"])
    file = file_of(world)
    assert (file.told_stage, file.told_since) == (stages.CHECKED, file.stage_since)
    assert Message.objects.filter(kind="cleared", user=world["clerk"]).count() == 1  # by the visit, not once more
