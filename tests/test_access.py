"""Every address × every person × reading and sending: the status in tests/access_matrix.txt, no more and no less.

An address without a line fails; a deviation names address, method and the status found.
"""

from pathlib import Path

import pytest
from django.db import transaction

from tests.cast import keyed
from tests.scene import address, names

pytestmark = pytest.mark.django_db
MATRIX = Path(__file__).with_name("access_matrix.txt")
METHODS = ("GET", "POST")
PEOPLE = (
    "public", "stranger", "clerk", "signatory", "clerk2", "inspector", "official", "far_official", "city", "checker",
    "registrar", "district_registrar", "viewer", "state",
)  # fmt: skip


def matrix():
    """Return {(address name, method): {person: expected status}} from the file."""
    lines = [line.split() for line in MATRIX.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    head, *rows = lines
    assert tuple(head[2:]) == PEOPLE
    return {(name, method): dict(zip(PEOPLE, map(int, statuses), strict=True)) for name, method, *statuses in rows}


def status(client, method, url):
    """Return the status of a request whose effect, if it has one, is undone."""
    with transaction.atomic():
        answer = client.get(url) if method == "GET" else client.post(url, keyed())
        for close in answer._resource_closers:  # the files alone: closing the answer would close the connection
            close()
        transaction.set_rollback(True)
    return answer.status_code


def test_every_address_has_its_lines():
    assert sorted(matrix()) == sorted((name, method) for name in names() for method in METHODS)


@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_gets_what_the_matrix_says(world, scene, sign_in, person):
    seen = {}
    for name, method in matrix():
        client = sign_in(person)  # a fresh one: signing out is among the addresses
        seen[name, method] = status(client, method, address(name, scene))
    expected = {key: row[person] for key, row in matrix().items()}
    assert {key: found for key, found in seen.items() if found != expected[key]} == {}
