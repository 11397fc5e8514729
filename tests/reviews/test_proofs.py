"""The proofs at the door of objections: what is signed, what is met, and how much is asked."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import proofs

PLACE, NOW = "objection/1/1", 1_800_000_000


@given(st.integers(1, 10))
def test_what_is_found_does_the_work_and_begins_with_zeros(bits):
    asked = proofs.challenge(PLACE, bits=bits, now=NOW)
    number = proofs.find(asked.text, bits)
    begun = sha256(asked.text.encode()).hexdigest()
    found = sha256(f"{begun}{number}".encode()).digest()
    assert f"{int.from_bytes(found, 'big'):0256b}".startswith("0" * bits)
    assert asked.is_met_by(number)
    assert not any(asked.is_met_by(wrong) for wrong in ("", f"-{number}", f" {number}", "٣", "9" * 17, "x"))


def test_a_number_short_of_the_work_is_refused():
    asked = proofs.challenge(PLACE, bits=12, now=NOW)
    right = int(proofs.find(asked.text, 12))
    assert not any(asked.is_met_by(str(number)) for number in range(right))


def test_a_challenge_is_read_at_its_own_place_only_and_as_it_was_signed():
    text = proofs.challenge(PLACE, bits=5, now=NOW).text
    assert proofs.read_challenge(PLACE, text).text == text
    assert proofs.read_challenge("objection/1/2", text) is None
    bits, issued, salt, signature = text.split(".")
    for forged in (
        f"1.{issued}.{salt}.{signature}", f"{bits}.{NOW + 9}.{salt}.{signature}", f"{bits}.{issued}.x.{signature}",
        f"{bits}.{issued}.{salt}", "", "....", "x" * 5000, text + ".", f"²{text}",
    ):  # fmt: skip
        assert proofs.read_challenge(PLACE, forged) is None


@given(st.text(max_size=60))
def test_whatever_stands_in_the_address_is_answered(text):
    assert proofs.read_challenge(PLACE, text) is None
    assert not proofs.challenge(PLACE, bits=20, now=NOW).is_met_by(text) or text.isdecimal()


def test_a_sum_is_answered_in_digits_and_in_words_of_both_languages():
    asked = proofs.Challenge(PLACE, 0, NOW, "salt")
    one, other = asked.terms
    total = one + other
    assert all(1 <= term <= 9 for term in asked.terms)
    for answer in (str(total), f" {total} ", proofs.WORDS["en"][total].upper(), proofs.WORDS["zh"][total]):
        assert asked.is_met_by(answer)
    assert not any(asked.is_met_by(answer) for answer in ("", str(total + 1), "十九", "0"))
    assert proofs.WORDS["zh"][12] == "十二"
    assert proofs.WORDS["en"][18] == "eighteen"


def test_the_sums_differ():
    terms = {proofs.challenge(PLACE, bits=0, now=NOW).terms for _time in range(200)}
    assert len(terms) > 40


@pytest.mark.parametrize(("seconds", "fresh"), [(-1, False), (0, True), (7200, True), (7201, False)])
def test_two_hours_it_may_be_used(seconds, fresh):
    assert proofs.challenge(PLACE, bits=1, now=NOW).is_fresh(NOW + seconds) is fresh


@pytest.mark.parametrize(
    ("times", "bits"), [(0, 18), (19, 18), (20, 19), (39, 19), (40, 20), (80, 21), (160, 22), (10**9, 22)]
)
def test_work_grows_with_each_doubling_and_never_beyond_what_a_phone_can_do(times, bits):
    assert proofs.bits_for(times, base=18, free=20, most=22) == bits
