"""Proofs that hold floods back at a door without an account: a little work for a machine, or a small sum for a person.

The server signs a challenge for one place and keeps nothing. A browser finds a number that, hashed after the
challenge, begins with so many zero bits (Hashcash, https://www.hashcash.org/hashcash.pdf; RFC 9576 tells the family of
such tokens); without JavaScript a person answers a sum written in words. Used once: whoever takes the effect spends it.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from django.utils.crypto import constant_time_compare, salted_hmac

LASTS = 2 * 60 * 60  # seconds: as long as somebody may write before sending
LONGEST_NUMBER = 16
LARGEST_TERM = 9
PARTS, LONGEST = 4, 200  # of a challenge as text: bits, instant, salt, signature
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen"
)
_CHINESE = "零 一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八"
WORDS = {"en": tuple(_ENGLISH.split()), "zh": tuple(_CHINESE.split())}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the server asks at one place: `bits` of work, or a sum when `bits` is 0. `issued` in seconds since 1970."""

    place: str
    bits: int
    issued: int
    salt: str

    @property
    def text(self) -> str:
        """Return the signed challenge as it travels to the browser and back."""
        said = f"{self.bits}.{self.issued}.{self.salt}"
        return f"{said}.{_signature(self.place, said)}"

    @property
    def terms(self) -> tuple[int, int]:
        """Return the two numbers of the sum, each from 1 to 9; they follow from the salt and the server's secret."""
        number = int(salted_hmac("reviews.proofs.sum", self.salt, algorithm="sha256").hexdigest()[:8], 16)
        return number % LARGEST_TERM + 1, number // LARGEST_TERM % LARGEST_TERM + 1

    @property
    def digest(self) -> str:
        """Return what stands for this challenge among those that were used."""
        return sha256(self.text.encode()).hexdigest()

    def is_met_by(self, answer: str) -> bool:
        """Tell whether the answer is the number that was to be found, or the sum in digits or words."""
        return does_work(self.text, answer, self.bits) if self.bits else _is_sum(answer, sum(self.terms))

    def is_fresh(self, now: int) -> bool:
        """Tell whether the challenge may still be used at `now`, in seconds since 1970."""
        return 0 <= now - self.issued <= LASTS


def challenge(place: str, *, bits: int, now: int) -> Challenge:
    """Return a new challenge for a place; `bits` 0 asks for a sum."""
    return Challenge(place, bits, now, secrets.token_urlsafe(12))


def read_challenge(place: str, text: str) -> Challenge | None:
    """Return the challenge that this server gave out for this place, or None for anything else."""
    parts = text.split(".")
    if len(text) > LONGEST or len(parts) != PARTS or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    bits, issued, salt, signature = parts
    if not constant_time_compare(signature, _signature(place, f"{bits}.{issued}.{salt}")):
        return None
    return Challenge(place, int(bits), int(issued), salt)


def does_work(text: str, number: str, bits: int) -> bool:
    """Tell whether SHA-256 of the challenge's own SHA-256 in hex, followed by the number, begins with `bits` zeros.

    The first hash fills one block exactly, so that a browser hashes one block for each number it tries.
    """
    if not number.isascii() or not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return False
    found = sha256(sha256(text.encode()).hexdigest().encode() + number.encode()).digest()
    return int.from_bytes(found, "big") >> (256 - bits) == 0


def find(text: str, bits: int) -> str:
    """Return the first number that does the work; on average 2 ** `bits` hashes."""
    begun = sha256(sha256(text.encode()).hexdigest().encode())
    number, shift = 0, 256 - bits
    while True:
        tried = begun.copy()
        tried.update(str(number).encode())
        if int.from_bytes(tried.digest(), "big") >> shift == 0:
            return str(number)
        number += 1


def bits_for(times: int, *, base: int, free: int, most: int) -> int:
    """Return how much work is asked of an address that has come `times` often: a bit more with each doubling.

    Below `free` times it is `base`; never more than `most`, so that whoever shares an address still gets through.
    """
    return min(most, base + (times // free).bit_length())


def _is_sum(answer: str, total: int) -> bool:
    return answer.strip().lower() in {str(total), *(words[total] for words in WORDS.values())}


def _signature(place: str, said: str) -> str:
    return salted_hmac("reviews.proofs", f"{place}|{said}", algorithm="sha256").hexdigest()[:32]
