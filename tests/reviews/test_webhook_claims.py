"""Several workers tell other systems: each message is one worker's, and one that was killed leaves it to the next."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction

from creation import clock, stages
from reviews.actions import webhooks
from reviews.occurrences import NOTICE
from tests.other_systems import entered, names, recognised, run
from tests.racing import at_once


@pytest.mark.django_db
def test_a_worker_killed_while_it_sends_leaves_the_message_to_the_next(world):
    entered(world, topics=[NOTICE])
    world.bring_to(stages.PUBLICISED)
    webhooks.note_occurrences()
    assert webhooks.claim(webhooks.due()[0])  # and now it is killed
    assert webhooks.due() == []
    with clock.at(clock.now() + webhooks.LEASE + timedelta(seconds=1)):
        assert run(lambda *_sent: 200) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(world):
    entered(world)
    recognised(world)
    sent = []
    at_once(*[lambda: run(lambda _url, _body, headers: sent.append(headers["webhook-id"]) or 200)] * 4)
    assert sorted(sent) == names()
    assert len(sent) == 2


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_had_to_wait_for_another_gets_nothing(world):
    entered(world)
    recognised(world)
    webhooks.note_occurrences()
    first, again, begun = webhooks.due()[0], webhooks.due()[0], threading.Event()

    def quick():
        with transaction.atomic():
            is_mine = webhooks.claim(first)
            begun.set()
            time.sleep(0.5)  # long enough for the other to stand at the row
        return is_mine

    def late():
        assert begun.wait(60)
        return webhooks.claim(again)

    assert at_once(quick, late) == [True, False]
