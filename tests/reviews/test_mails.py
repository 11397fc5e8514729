"""The mail of the day: one a day, what is to do and where, sent once, again when the server was away."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from creation import clock, stages
from creation.actions import files
from creation.actions.messages import Telling, tell
from creation.models import Digest, Message, MessageChoice
from reviews import tasks
from reviews.actions import digests
from reviews.actions.reminders import remind
from tests.racing import at_once
from tests.telling import DAY, a_finding, on, told, tomorrow

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(world):
    """Give everybody an address."""
    for user in world.people.values():
        user.email = f"{user.username}@example.cn"
        user.save(update_fields=["email"])


@pytest.fixture(autouse=True)
def _at_eight(settings):
    """Collect up to the end of the present minute's hour: whatever the hour of the test, its digest is due."""
    settings.DIGEST_AT = "00:00"
    settings.PORTAL_ADDRESS = "https://portal.example"


def mailed():
    return sorted(address for one in mail.outbox for address in one.to)


def test_one_mail_a_day_with_what_is_to_do_and_where(world, addresses):
    file = world.bring_to(stages.PREPARED)
    tomorrow()
    tasks.digests()
    assert mailed() == ["signatory@example.cn"]
    (one,) = mail.outbox
    message = Message.objects.get(kind="to_sign")
    assert one.subject == "Conservation-oriented organs: 1 thing to do"
    assert f"- Check and sign the self-rating of {file.cycle.year}: Organ 1\n" in one.body
    assert f"https://portal.example/messages/{message.pk}/" in one.body
    assert f"https://portal.example{reverse('message_choices')}" in one.body
    tasks.digests()
    tasks.sweep()
    tomorrow()
    tasks.digests()
    assert len(mail.outbox) == 1  # what was mailed once is not mailed again


def test_before_its_hour_there_is_no_mail_and_later_messages_wait_for_tomorrow(world, addresses, settings):
    noon = datetime(2026, 12, 1, 12, tzinfo=timezone.get_default_timezone())
    settings.DIGEST_AT = "07:30"
    with clock.at(noon - timedelta(days=1)):
        user = world["signatory"]
        tell([Telling(user, "recognised", "a", about=1, values={"organ": ["甲", "A"], "year": 2026})], by=None)
    with clock.at(noon - timedelta(hours=5)):  # seven
        digests.write_digests()
        assert not Digest.objects.exists()
    with clock.at(noon):
        tell([Telling(user, "recognised", "b", about=1, values={"organ": ["乙", "B"], "year": 2026})], by=None)
        assert digests.write_digests() == 1
        assert "A" in Digest.objects.get().body
        assert "Recognised in the round 2026: B" not in Digest.objects.get().body
        assert digests.write_digests() == 0


def test_what_is_settled_by_then_is_left_out(world, addresses):
    world.bring_to(stages.SUBMITTED)  # signed: "to_sign" is settled, "to_assign" is not
    tomorrow()
    tasks.digests()
    # the clerk's "submitted" is news: it asks nothing, and nothing else needs them
    assert mailed() == ["official@example.cn"]
    assert not Message.objects.filter(kind="to_sign", digest_at=None).exists()
    assert Message.objects.filter(kind="submitted", digest_at=None).exists()


def test_news_rides_along_with_the_next_mail_and_grows_old_without(world, addresses):
    file = world.bring_to(stages.SUBMITTED)
    files.send_back(file, by=world["official"], reasons={world.standard.indicators.first(): "补"})
    tomorrow()
    tasks.digests()
    (one,) = [one for one in mail.outbox if one.to == ["clerk@example.cn"]]
    assert one.body.index("[To do]") < one.body.index("Sent back") < one.body.index("[For your information]")
    assert "was submitted" in one.body
    world.bring_to(stages.SUBMITTED, world.far_organ)
    on(30)
    tasks.digests()
    assert "far_clerk@example.cn" not in mailed()
    assert not Message.objects.filter(digest_at=None).exists()


def test_what_has_been_read_is_mailed_only_while_it_asks(world, addresses):
    world.bring_to(stages.UNDER_INSPECTION)
    Message.objects.update(read_at=clock.now())
    tomorrow()
    tasks.digests()
    assert mailed() == ["inspector2@example.cn", "inspector@example.cn"]  # the visit is still to be made


def test_no_address_no_post_no_wish_no_mail(world, addresses):
    MessageChoice.objects.create(user=world["clerk2"], kind="sent_back", by_mail=False)
    for organ in (world.organ, world.neighbour, world.far_organ, world.municipal_organ):
        file = world.bring_to(stages.SUBMITTED, organ)
        cast = world.cast_for(organ)
        files.send_back(file, by=cast["official"], reasons={world.standard.indicators.first(): "补"})
    clerk = world["clerk"]
    clerk.email = ""
    clerk.save(update_fields=["email"])
    world["far_clerk"].appointments.update(ends_on=clock.today())
    tomorrow()
    tasks.digests()
    assert mailed() == ["city_clerk@example.cn"]
    assert Message.objects.filter(user=world["clerk2"], kind="sent_back").exists()


def test_the_mail_is_in_the_language_of_the_settings(world, addresses, settings):
    settings.MAIL_LANGUAGE = "zh-hans"
    world.bring_to(stages.PREPARED)
    tomorrow()
    digests.write_digests()
    assert "机关1" in Digest.objects.get().body


class Down(EmailBackend):
    """A mail server that cannot be reached."""

    def open(self):
        raise ConnectionRefusedError("no route")


class Refusing(EmailBackend):
    """A mail server that takes the connection and refuses every mail."""

    def send_messages(self, messages):
        raise OSError("mailbox unavailable")


def test_a_server_that_is_away_costs_a_delay_and_no_attempt(world, addresses, settings):
    world.bring_to(stages.PREPARED)
    tomorrow()
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    for _time in range(5):
        tasks.digests()
    digest = Digest.objects.get()
    assert (digest.attempts, digest.sent_at, digest.fault) == (0, None, "ConnectionRefusedError: no route")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tasks.digests()
    digest.refresh_from_db()
    assert (digest.attempts, digest.fault, mailed()) == (1, "", ["signatory@example.cn"])


def test_a_refused_mail_is_tried_three_times_with_a_pause_and_then_parked(world, addresses, settings):
    world.bring_to(stages.PREPARED)
    tomorrow()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    start = clock.now()
    tries = []
    for minutes in (0, 5, 11, 22, 33, 44):
        with clock.at(start + timedelta(minutes=minutes)):
            tasks.digests()
        tries.append(Digest.objects.get().attempts)
    assert tries == [1, 1, 2, 3, 3, 3]
    assert Digest.objects.get().fault == "OSError: mailbox unavailable"


def test_a_worker_killed_before_the_mail_left_sends_it_after_the_pause(world, addresses):
    """Between the attempt's mark and the mail: nothing has left, and the lease lets the next one go on."""
    world.bring_to(stages.PREPARED)
    tomorrow()
    digests.write_digests()
    Digest.objects.update(attempts=1, tried_at=clock.now())
    digests.send_digests()
    assert mailed() == []
    with clock.at(clock.now() + digests.LEASE + DAY / 1000):
        digests.send_digests()
    assert mailed() == ["signatory@example.cn"]


@pytest.mark.django_db(transaction=True)
def test_two_beats_write_and_send_each_mail_once(world, addresses):
    world.bring_to(stages.UNDER_INSPECTION)
    tomorrow()
    at_once(*[tasks.digests] * 4)
    digests.send_digests()
    everybody = ["clerk@example.cn", "inspector2@example.cn", "inspector@example.cn", "signatory@example.cn"]
    assert mailed() == everybody
    assert list(Digest.objects.order_by("user__username").values_list("attempts", flat=True)) == [1] * 4


@pytest.mark.django_db(transaction=True)
def test_two_reminders_at_once_tell_once(world):
    a_finding(world)
    on(8)
    at_once(*[remind] * 4)
    assert told(kind="finding_due") == [("clerk", "finding_due")]
