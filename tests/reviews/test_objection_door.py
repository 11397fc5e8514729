"""The door of objections: the proof comes first, nothing typed is lost, and whoever shares an address gets through."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from creation import clock, stages
from creation.guards import without_guards
from creation.models import Cycle
from reviews.actions import objections
from reviews.demo import builders
from reviews.models import Knock, Objection, SetAside, SpentProof
from reviews.tasks import forget_knocks
from reviews.views import objecting
from tests.cast import keyed
from tests.proving import add_url, proved, solved

pytestmark = pytest.mark.django_db

GIVEN = {"kind": "person", "name": "欧阳若兰", "phone": "139 1234 5678", "grounds": "空调长期低于26度。"}


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


def text(answer):
    return answer.content.decode()


def test_without_a_proof_nothing_is_read_asked_or_written(listing, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr("django.http.request.HttpRequest._load_post_and_files", pytest.fail)
    for address in ("", "?c=&n=", "?c=4.1.x.y&n=1", f"?c={'x' * 3000}&n=1"):
        with django_assert_num_queries(0):
            answer = Client().post(add_url(listing) + address, keyed(**GIVEN, files=[builders.a_pdf()]))
        assert answer.status_code == 403
        assert "what you typed is still there" in text(answer)


def test_control_with_one_the_form_is_read(listing, monkeypatch):
    monkeypatch.setattr("django.http.request.HttpRequest._load_post_and_files", pytest.fail)
    with pytest.raises(pytest.fail.Exception):
        Client().post(proved(listing), keyed(**GIVEN))


def test_the_proof_is_made_for_one_organ_on_one_notice(listing):
    other = proved(listing).replace("/1/object/", "/2/object/")
    assert Client().post(other, keyed(**GIVEN)).status_code == 403


def test_a_machine_without_the_secret_of_the_form_is_refused_behind_the_proof_too(listing):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(proved(listing), keyed(**GIVEN)).status_code == 403
    page = text(strict.get(add_url(listing)))
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert strict.post(add_url(listing) + solved(page), keyed(**GIVEN, csrfmiddlewaretoken=token)).status_code == 302


def test_a_browser_gets_in_by_the_challenge_of_the_page(listing):
    page = text(Client().get(add_url(listing)))
    assert Client().post(add_url(listing) + solved(page), keyed(**GIVEN)).status_code == 302


def test_a_proof_opens_the_door_once_and_nothing_typed_is_lost(listing):
    proof = proved(listing)
    assert Client().post(proof, keyed(**GIVEN)).status_code == 302
    second = Client().post(proof, keyed(**GIVEN | {"grounds": "另一件事。"}, files=[builders.a_pdf()]))
    assert second.status_code == 200
    assert "has been used to send something before" in text(second)
    assert "choose your files again" in text(second)
    assert all(word in text(second) for word in ("另一件事。", GIVEN["name"], GIVEN["phone"]))
    assert Objection.objects.count() == SpentProof.objects.count() == 1
    again = Client().post(add_url(listing) + solved(text(second)), keyed(**GIVEN | {"grounds": "另一件事。"}))
    assert again.status_code == 302


def test_a_form_with_faults_keeps_its_proof(listing):
    answer = Client().post(proved(listing), keyed(**GIVEN | {"phone": ""}))
    address = re.search(r'novalidate action="([^"]+)"', text(answer))[1].replace("&amp;", "&")
    assert Client().post(add_url(listing) + address, keyed(**GIVEN)).status_code == 302


def test_after_two_hours_it_is_sent_once_more(listing):
    proof = proved(listing)
    with time_machine.travel(clock.now() + timedelta(hours=2, seconds=5), tick=False):
        answer = Client().post(proof, keyed(**GIVEN))
        assert "open for more than two hours" in text(answer)
        assert GIVEN["grounds"] in text(answer)
        assert Client().post(add_url(listing) + solved(text(answer)), keyed(**GIVEN)).status_code == 302


def test_an_office_behind_one_address_gets_through_with_more_work(listing, settings):
    settings.PROOF_BITS = 2
    for number in range(50):
        fields = GIVEN | {"grounds": f"理由{number}"}
        answer = Client().post(proved(listing, bits=2), keyed(**fields))
        if number >= objecting.FREE:
            assert "works a little longer" in text(answer)
            assert fields["grounds"] in text(answer)
            page = text(answer)
            assert int(re.search(r'proof-bits="(\d+)"', page)[1]) > 2
            answer = Client().post(add_url(listing) + solved(page), keyed(**fields))
        assert answer.status_code == 302
    assert Objection.objects.count() == 50
    # somebody elsewhere is asked for no more than before
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert 'proof-bits="2"' in text(elsewhere.get(add_url(listing)))
    assert Knock.objects.filter(door="objection").get().times == 50


def by_sum(client, listing, language="en"):
    """Open the form as a browser without scripts does: the sum first."""
    page = text(client.get(add_url(listing), HTTP_ACCEPT_LANGUAGE=language))
    challenge = re.search(r'name="c" value="([^"]+)"', page)[1]
    place = f"objection/{listing.notice_id}/{listing.number}"
    total = sum(objecting.proofs.read_challenge(place, challenge).terms)
    return page, client.get(add_url(listing), {"c": challenge, "n": total})


def test_without_scripts_a_small_sum_leads_to_the_form(listing):
    page, form = by_sum(Client(), listing)
    assert re.search(r"How much is \w+ plus \w+\?", page)
    assert 'novalidate hidden data-proof="' in page  # shown by the script that does the work
    assert "data-proof=" not in text(form)
    address = re.search(r'novalidate action="([^"]+)"', text(form))[1].replace("&amp;", "&")
    assert Client().post(add_url(listing) + address, keyed(**GIVEN)).status_code == 302


def test_a_wrong_sum_is_told_and_asked_anew(listing):
    page, _form = by_sum(Client(), listing)
    challenge = re.search(r'name="c" value="([^"]+)"', page)[1]
    wrong = text(Client().get(add_url(listing), {"c": challenge, "n": "19"}))
    assert "That is not the sum" in wrong
    assert Client().post(f"{add_url(listing)}?c={challenge}&n=19", keyed(**GIVEN)).status_code == 403


def test_who_answered_once_and_wrote_for_long_is_not_asked_again(listing):
    proof = proved(listing, bits=0)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        answer = Client().post(proof, keyed(**GIVEN))
        address = re.search(r'novalidate action="([^"]+)"', text(answer))[1].replace("&amp;", "&")
        assert Client().post(add_url(listing) + address, keyed(**GIVEN)).status_code == 302


def test_by_the_sum_an_address_objects_so_often_and_by_work_it_goes_on(listing):
    for number in range(objecting.SUMS):
        assert Client().post(proved(listing, bits=0), keyed(**GIVEN | {"grounds": f"{number}"})).status_code == 302
    answer = Client().post(proved(listing, bits=0), keyed(**GIVEN))
    assert "Too many objections have come from your network by the sum" in text(answer)
    assert GIVEN["grounds"] in text(answer)
    assert Client().post(proved(listing), keyed(**GIVEN)).status_code == 302


def test_nothing_is_asked_where_the_setting_says_so(listing, settings):
    settings.PROOF_BITS = 0
    page = text(Client().get(add_url(listing)))
    assert "data-proof" not in page
    assert Client().post(add_url(listing), keyed(**GIVEN)).status_code == 302


# --- late and anonymous: kept apart ----------------------------------------------------------------------------------


def test_a_late_one_is_kept_apart_and_seen_by_who_decides(world, sign_in, listing):
    clock.set_ahead((listing.notice.last_day - clock.today()).days + 1)
    answer = Client().post(proved(listing), keyed(**GIVEN, files=[builders.a_pdf()]))
    assert "This objection is late" in text(answer)
    assert listing.notice.office_phone in text(answer)
    assert "kept apart" in text(answer)
    row = SetAside.objects.get()
    assert (row.why, row.grounds) == ("late", GIVEN["grounds"])
    assert Objection.objects.count() == 0
    url = reverse("objection_set_aside")
    assert GIVEN["grounds"] in text(sign_in("city").get(url))
    for person in ("clerk", "signatory", "official", "viewer", "state", "stranger"):
        assert GIVEN["grounds"] not in text(sign_in(person).get(url))
    both = builders.make_person("both", ("official", world.city), ("clerk", world.organ))
    assert not SetAside.objects.visible_to(both).exists()
    assert GIVEN["name"] not in str(SetAside.objects.values())


def test_one_without_a_name_is_told_and_kept_apart_once(listing):
    for given, kept in (
        ({"name": "", "phone": "13912345678"}, 0),  # somebody who forgot the name, and can still give it
        ({"name": "欧阳若兰", "phone": ""}, 0),
        ({"name": "", "phone": "", "grounds": ""}, 0),
        ({"name": "", "phone": ""}, 1),
        ({"kind": "unit", "name": "", "phone": ""}, 1),
    ):
        answer = Client().post(proved(listing), keyed(**GIVEN | given))
        assert ("your grounds were kept apart" in text(answer)) is bool(kept)
        assert (SetAside.objects.count(), Objection.objects.count()) == (kept, 0)
    # nobody is told, nothing is held up
    assert not listing.objections.exists()
    assert Client().post(proved(listing), keyed(**GIVEN)).status_code == 302


def test_setting_aside_uses_the_proof_up(listing):
    proof = proved(listing)
    Client().post(proof, keyed(**GIVEN | {"name": "", "phone": ""}))
    answer = Client().post(proof, keyed(**GIVEN | {"name": "", "phone": "", "grounds": "又一件。"}))
    assert "has been used to send something before" in text(answer)
    assert SetAside.objects.count() == 1


def test_where_the_round_accepts_them_nothing_is_set_aside(listing):
    with without_guards():
        Cycle.objects.update(anonymous_objections=True)
    assert Client().post(proved(listing), keyed(**GIVEN | {"name": "", "phone": ""})).status_code == 302
    assert (SetAside.objects.count(), Objection.objects.count()) == (0, 1)


def test_the_list_asks_as_much_for_three_as_for_one(sign_in, listing, django_assert_num_queries):
    client, counts = sign_in("city"), []
    for number in range(3):
        objections.set_aside(listing, why="late", grounds=f"{number}")
        with django_assert_num_queries(6 if not counts else counts[0]) as asked:
            client.get(reverse("objection_set_aside"))
        counts.append(len(asked))


# --- guesses of receipts ---------------------------------------------------------------------------------------------


def test_guesses_of_receipts_are_limited_and_known_numbers_are_no_guess(listing, monkeypatch):
    monkeypatch.setattr(objecting, "GUESSES", 3)
    objection = objections.object_to(listing, **GIVEN)
    client, url = Client(), reverse("objection_state")
    for _time in range(5):
        assert "Being examined" in text(client.get(url, {"receipt": objection.receipt}))
    assert not Knock.objects.exists()
    client.get(reverse("objection_receipt", args=["ABCD-EFGH-JKMN"]))
    for _time in range(2):
        client.get(url, {"receipt": "ABCD-EFGH-JKMN"})
    for held in (
        client.get(url, {"receipt": objection.receipt}),
        client.get(reverse("objection_receipt", args=[objection.receipt])),
    ):
        assert (held.status_code, "Being examined" in text(held)) == (429, False)
        assert "Too many unknown numbers" in text(held)
        assert int(held["Retry-After"]) > 0
    assert "Being examined" in text(Client(REMOTE_ADDR="192.0.2.7").get(url, {"receipt": objection.receipt}))
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert "Being examined" in text(client.get(url, {"receipt": objection.receipt}))


def test_the_night_forgets_counts_and_used_proofs(listing):
    Client().post(proved(listing), keyed(**GIVEN))
    forget_knocks()
    assert (Knock.objects.count(), SpentProof.objects.count()) == (1, 1)
    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        forget_knocks()
    assert (Knock.objects.count(), SpentProof.objects.count()) == (0, 0)


def test_no_address_of_a_sender_is_kept(listing):
    Client(REMOTE_ADDR="203.0.113.77").post(proved(listing), keyed(**GIVEN))
    assert "203.0.113" not in str([*Knock.objects.values(), *SpentProof.objects.values()])
