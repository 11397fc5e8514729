"""Other systems: told of what is public, signed, again until they take it, never into the own network."""

import base64
import hashlib
import hmac
import json
import socket
from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Event, Message
from reviews import sending, tasks
from reviews.actions import webhooks
from reviews.demo import builders
from reviews.models import Webhook, WebhookDelivery
from reviews.occurrences import NOTICE, RECOGNITION, REVOCATION
from reviews.webhook_signatures import secret_of, signed, wait_after
from tests.cast import keyed
from tests.other_systems import THERE, entered, names, receiver, recognised, run

# --- signing ---------------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_specification():
    # the example of the Standard Webhooks specification
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = signed(secret, name="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body=b'{"test": 2432232314}')
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert found["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert found["webhook-timestamp"] == "1614265330"


@given(body=st.binary(min_size=1, max_size=200), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_is_another_signature(body, place, bit):
    secret = secret_of("key", "salt")
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    one, other = (signed(secret, name="n", at=1, body=said)["webhook-signature"] for said in (body, bytes(changed)))
    assert one != other


def test_each_address_has_a_secret_of_its_own():
    assert len({secret_of("key", "a"), secret_of("key", "b"), secret_of("other", "a")}) == 3


def test_waits_grow_and_end_after_some_three_days():
    waits = [wait_after(attempts) for attempts in range(1, 10)]
    assert waits[-1] is None
    assert waits[:-1] == sorted(waits[:-1])
    assert timedelta(days=2) < sum(waits[:-1], timedelta()) < timedelta(days=4)


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_notice_a_title_and_its_revocation_arrive_signed_once_each(world):
    with receiver() as (url, received):
        webhook = entered(world, url)
        title = recognised(world)
        builders.revoke(title, by=world["city"])
        assert run() == 3
        assert run() == 0
    told = {json.loads(body)["id"]: (headers, body) for headers, body in received}
    case = title.revocation_cases.get()
    notice = title.assessment.listing.notice
    assert set(told) == {f"notice:{notice.pk}", f"recognition:{title.pk}", f"revocation:{case.pk}"}
    headers, body = told[f"recognition:{title.pk}"]
    key = base64.b64decode(secret_of(portal_settings.SECRET_KEY, webhook.salt).removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    said = json.loads(body)
    assert (said["type"], said["data"]["credit_code"]) == (RECOGNITION, world.organ.credit_code)
    assert said["data"]["granted_on"] == title.granted_on.isoformat()
    revoked = json.loads(told[f"revocation:{case.pk}"][1])
    assert (revoked["type"], revoked["data"]["reason"]) == (REVOCATION, "查实浪费。")


@pytest.mark.django_db
def test_nothing_of_a_notice_before_its_instant(world):
    entered(world)
    file = world.bring_to(stages.CHECKED)
    notice = builders.make_notice(world.cycle, [file], by=world["city"])
    assert run(lambda *_sent: 204) == 0
    builders.publish(notice, by=world["city"])
    assert run(lambda *_sent: 204) == 1
    assert names() == [f"notice:{notice.pk}"]


@pytest.mark.django_db
def test_nothing_of_before_it_was_entered_and_nothing_that_was_not_chosen(world):
    recognised(world, world.neighbour)
    entered(world, topics=[REVOCATION])
    title = recognised(world)
    case = builders.revoke(title, by=world["city"]).revocation_cases.get()
    run(lambda *_sent: 204)
    assert names() == [f"revocation:{case.pk}"]


@pytest.mark.django_db
def test_a_district_is_told_of_its_own_organs_and_a_person_without_a_post_of_none(world):
    entered(world, topics=[RECOGNITION], by="district_registrar")
    own = recognised(world)
    recognised(world, world.far_organ)
    run(lambda *_sent: 204)
    assert names() == [f"recognition:{own.pk}"]
    Appointment.objects.filter(user=world["district_registrar"]).update(ends_on=clock.today() - timedelta(days=1))
    recognised(world, world.neighbour)
    run(lambda *_sent: 204)
    assert names() == [f"recognition:{own.pk}"]


# --- not taken -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_not_taken_comes_again_under_the_same_name_and_no_redirect_is_followed(world):
    with receiver(500, 302, 200) as (url, received):
        entered(world, url, [NOTICE])
        world.bring_to(stages.PUBLICISED)
        taken = []
        for ahead in (timedelta(0), timedelta(seconds=29), timedelta(seconds=31), timedelta(minutes=4)):
            with clock.at(clock.now() + ahead):
                taken.append(run())
    assert taken == [0, 0, 0, 1]  # the second comes before it is due
    assert len({headers["webhook-id"] for headers, _body in received}) == 1
    assert len(received) == 3
    row = WebhookDelivery.objects.get()
    assert (row.attempts, row.status, row.fault) == (3, 200, "")


@pytest.mark.django_db
def test_an_address_that_never_takes_anything_is_stopped_and_its_owner_told(world):
    webhook = entered(world, topics=[NOTICE])
    world.bring_to(stages.PUBLICISED)
    ahead, tries = timedelta(0), 0
    while WebhookDelivery.objects.filter(given_up_at__isnull=False).count() == 0:
        with clock.at(clock.now() + ahead):
            run(lambda *_sent: 503)
        ahead += timedelta(hours=25)
        tries += 1
    assert tries == 9
    webhook.refresh_from_db()
    assert webhook.stopped_because == "answered 503"
    told = Message.objects.get(kind="webhook_stopped")
    assert told.user == world["city"]
    assert "registry.example.org" in told.what
    assert "/hook" not in told.what


@pytest.mark.django_db
def test_gone_stops_at_once_and_what_was_given_up_is_not_tried_at_a_stopped_address(world):
    webhook = entered(world, topics=[NOTICE])
    world.bring_to(stages.PUBLICISED)
    run(lambda *_sent: 410)
    webhook.refresh_from_db()
    assert webhook.stopped_at
    with pytest.raises(Refused):
        webhooks.try_again(webhook.deliveries.get(), by=world["city"])


@pytest.mark.django_db
def test_a_dead_address_delays_nobody_else(world):
    dead, alive = entered(world, "https://dead.example.org/"), entered(world, "https://alive.example.org/")
    recognised(world)
    asked = []

    def post(url, _body, _headers):
        asked.append(url)
        if "dead" in url:
            raise sending.NotSent("ConnectTimeoutError")
        return 200

    assert run(post) == 2
    assert asked.count(dead.url) == 1
    assert alive.deliveries.filter(sent_at=None).count() == 0
    assert dead.deliveries.exclude(fault="").get().fault == "ConnectTimeoutError"


@pytest.mark.django_db
def test_the_sweep_writes_down_what_happened(world):
    entered(world)
    world.bring_to(stages.PUBLICISED)
    tasks.look_for_occurrences()
    assert len(names(sent_at=None)) == 1


# --- where to --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://name:secret@registry.example.org/",
        "ftp://registry.example.org/",
        "nonsense",
    ],
)
def test_nothing_is_sent_inside_the_network_or_in_the_clear(world, settings, url):
    settings.WEBHOOKS_INSIDE = False
    with pytest.raises(Refused):
        entered(world, url)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("number", ["127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_not_called(settings, monkeypatch, number):
    settings.WEBHOOKS_INSIDE = False
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", number)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    with pytest.raises(sending.NotSent, match="inside the network"):
        sending.place_of(THERE)


def test_control_a_name_outside_is_called_by_the_number_that_was_looked_at(settings, monkeypatch):
    settings.WEBHOOKS_INSIDE = False
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    place = sending.place_of("https://registry.example.org/hook?a=1")
    assert (place.number, place.port, place.host, place.path) == (
        "93.184.216.34",
        443,
        "registry.example.org",
        "/hook?a=1",
    )


def test_nobody_there_is_a_fault_and_no_crash(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(sending.NotSent):
        sending.post_to(f"http://127.0.0.1:{port}/", b"{}", {})


# --- who, and the pages ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_enters_an_address(world):
    for who in ("stranger", "clerk", "signatory"):
        with pytest.raises(Forbidden):
            entered(world, by=who)
    for who in ("official", "viewer", "registrar", "inspector"):
        assert entered(world, by=who).owner == world[who]


@pytest.mark.django_db
def test_at_most_so_many_addresses_at_a_time(world):
    rows = [entered(world, f"{THERE}/{number}") for number in range(webhooks.MOST_WEBHOOKS)]
    with pytest.raises(Refused):
        entered(world)
    webhooks.stop(rows[0], by=world["city"])
    entered(world)


@pytest.mark.django_db
def test_an_address_from_the_page_to_its_end(world, sign_in):
    client, other = sign_in("city"), sign_in("official")
    page = client.post(reverse("webhook_list"), keyed(url=THERE, topics=[NOTICE]), follow=True).content.decode()
    webhook = Webhook.objects.get()
    assert THERE in page
    assert secret_of(portal_settings.SECRET_KEY, webhook.salt) in page
    assert other.get(reverse("webhook_detail", args=[webhook.pk])).status_code == 404
    client.post(reverse("webhook_test", args=[webhook.pk]), keyed())
    assert sending.tell_all(lambda *_sent: 500) == 0
    parked = webhook.deliveries.get()
    WebhookDelivery.objects.update(given_up_at=clock.now())
    assert "Try again" in client.get(reverse("webhook_detail", args=[webhook.pk])).content.decode()
    client.post(reverse("webhook_try_again", args=[parked.pk]), keyed())
    assert sending.tell_all(lambda *_sent: 200) == 1
    client.post(reverse("webhook_stop", args=[webhook.pk]), keyed())
    webhook.refresh_from_db()
    assert webhook.stopped_at
    assert Event.objects.filter(verb__in=["enter_webhook", "stop_webhook"]).count() == 2
    assert THERE not in str(list(Event.objects.values_list("after", flat=True)))  # a path may hold a secret


@pytest.mark.django_db
def test_a_form_that_is_refused_keeps_what_was_typed(world, sign_in):
    page = sign_in("city").post(reverse("webhook_list"), keyed(url="", topics=[NOTICE])).content.decode()
    assert 'aria-invalid="true"' in page
    assert "checked" in page


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_an_address_costs_the_same_at_one_message_and_at_three(
    world, sign_in, django_assert_num_queries, number
):
    webhook, client = entered(world), sign_in("city")
    for _one in range(number):
        webhooks.send_test(webhook, by=world["city"])
    with django_assert_num_queries(7):
        client.get(reverse("webhook_detail", args=[webhook.pk]))
