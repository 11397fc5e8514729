"""How a test comes through the door of objections: with the work done that a browser does."""

import re

from django.urls import reverse

from creation import clock
from reviews import proofs


def add_url(listing):
    """Return the address of the form against one organ of a notice."""
    return reverse("objection_add", args=[listing.notice_id, listing.number])


def proved(listing, *, bits=4):
    """Return the same address with a proof that has not been used."""
    place = f"objection/{listing.notice_id}/{listing.number}"
    asked = proofs.challenge(place, bits=bits, now=int(clock.now().timestamp()))
    answer = proofs.find(asked.text, bits) if bits else sum(asked.terms)
    return f"{add_url(listing)}?c={asked.text}&n={answer}"


def solved(page):
    """Return what a browser adds to the address: the challenge that stands on the page, and its number."""
    text = re.search(r'data-proof="([^"]+)" data-proof-bits="(\d+)"', page)
    return f"?c={text[1]}&n={proofs.find(text[1], int(text[2]))}"
