"""A draw in public: what everybody reads and when, and a program that repeats it alone."""

import json
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock
from creation.errors import Refused
from reviews import sampling
from reviews.actions import draws
from reviews.models import Draw, DrawnMember, DrawPublication
from reviews.views.public_draws import VERIFIER
from tests.cast import keyed
from tests.reviews.drawing import SEED, pool, three, verified

__all__ = ["pool", "three"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


def public(client, name, *args):
    return client.get(reverse(name, args=args))


UNREADABLE = {"missing": None, "empty": b"", "no json": b"PK\x03\x04\xff", "a list": b"[]", "another file": b'{"a": 1}'}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_the_program_says_in_one_line_that_a_file_is_no_draw(tmp_path, content):
    program = tmp_path / "verify_draw.py"
    program.write_bytes(VERIFIER.read_bytes())
    if content is not None:
        (tmp_path / "draw.json").write_bytes(content)
    command = [sys.executable, "-I", "-S", program.name, "draw.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"NOT READ: draw\.json is no published draw: .+\n", done.stderr)


@pytest.mark.parametrize(("seconds", "why"), [(-60, "younger than the pool"), (60, "has not come yet")])
def test_a_seed_is_younger_than_the_pool_and_not_from_the_future(world, pool, seconds, why):
    at = clock.now() + timedelta(seconds=seconds)
    with pytest.raises(Refused, match=why) as refused:
        draws.draw(pool, by=world["superior"], **SEED, seed_at=at)
    assert refused.value.field == "seed_at"
    assert not Draw.objects.exists()


def test_everybody_reads_the_pool_at_once_and_the_draw_when_it_is_published(world, client, pool):
    names = [str(member.assessment.organ) for member in pool.members.all()]
    page = public(client, "public_draw", pool.pk).text
    assert [name in page for name in [pool.sha256, *names]] == [True] * 4
    drawn = draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now())
    before = [public(client, name, pool.pk).content for name in ("public_draw", "public_draw_json")]
    assert [SEED["seed"].encode() in content for content in before] == [False, False]
    assert json.loads(before[1])["draw"] is None
    draws.publish_draw(drawn, by=world["superior"])
    assert SEED["seed"] in public(client, "public_draw", pool.pk).text
    assert json.loads(public(client, "public_draw_json", pool.pk).content)["draw"]["seed"] == SEED["seed"]
    assert not client.cookies


def test_the_department_publishes_and_a_stranger_does_not(world, sign_in, pool):
    draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now())
    address = reverse("pool_publish", args=[pool.pk])
    assert [sign_in(name).post(address, keyed()).status_code for name in ("stranger", "official")] == [404, 404]
    assert not DrawPublication.objects.exists()
    for _twice in range(2):
        assert sign_in("superior").post(address, keyed()).status_code == 302
    assert DrawPublication.objects.count() == 1


def test_the_program_for_download_repeats_the_draw_alone(world, client, pool, tmp_path):
    document = json.loads(public(client, "public_draw_json", pool.pk).content)
    assert verified(document, tmp_path) == (0, f"OK: pool {pool.sha256}; no draw has been published yet\n")
    draws.publish_draw(draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now()), by=world["superior"])
    document = json.loads(public(client, "public_draw_json", pool.pk).content)
    end, words = verified(document, tmp_path)
    drawn = [member for member in DrawnMember.objects.order_by("member__stratum", "rank") if member.drawn]
    assert end == 0
    assert words.splitlines()[1:] == [f"drawn: {one.member.stratum} {one.member.key}" for one in drawn]


def another_seed(document):
    """Name a seed that gives another order; of two members every second seed gives the same."""
    pairs, seed = [tuple(pair) for pair in document["members"]], document["draw"]["seed"]
    order = sampling.ranked(pairs, seed)
    document["draw"]["seed"] = next(text for text in map(str, range(99)) if sampling.ranked(pairs, text) != order)


CHANGES = {
    "another seed": another_seed,
    "one member less": lambda document: document["members"].pop(),
    "one organ spared": lambda document: next(r for r in document["draw"]["results"] if r["drawn"]).update(drawn=False),
    "another share": lambda document: document.update(share="100"),
    "a result twice": lambda document: document["draw"]["results"].append(document["draw"]["results"][0]),
    "another method": lambda document: document.update(method="dice"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_program_sees_whatever_was_changed(world, client, pool, tmp_path, change):
    draws.publish_draw(draws.draw(pool, by=world["superior"], **SEED, seed_at=clock.now()), by=world["superior"])
    document = json.loads(public(client, "public_draw_json", pool.pk).content)
    CHANGES[change](document)
    end, words = verified(document, tmp_path)
    assert (end, "DIFFERENT" in words) == (1, True)


def test_the_program_is_short_and_needs_nothing_installed(client):
    text = client.get(reverse("public_draw_verifier")).text
    assert len(text.splitlines()) < 100
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names
