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
from creation.errors import Refused
from creation.models import Appointment, Assessment, Message
from reviews.actions import draws
from reviews.demo import builders
from reviews.models import Pool
from tests.scene import ARGUMENTS, names

CHANGING = re.compile(
    rb'name="(csrfmiddlewaretoken|form_key|writer)" value="[^"]*"|data-(draft-key|writer)="[^"]*"|"csrf": "[^"]*"'
)
OTHERS = ("signatory", "clerk2", "stranger", "public")
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
    own = ("file_detail", "organ_detail", "spot_check_assign", "spot_check_record_letter", "file_send_back")
    read = []
    for drawn in (True, False):
        with time_machine.travel(world.later, tick=False), transaction.atomic():
            draw(world, pool, drawn=drawn)
            client = sign_in("city")
            read.append({name: answered(client.get(address(world, name))) for name in own})
            read[-1] |= {url: answered(client.get(url)) for url in [reverse("file_list") + "?q=" + world.organ.name]}
            transaction.set_rollback(True)
    assert differing(*read) == []


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
