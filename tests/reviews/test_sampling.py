"""The draw: anybody can repeat it, nobody can steer it by order or by adding members, and more begins with less."""

import random
import subprocess
from collections import Counter
from decimal import Decimal
from hashlib import sha256
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.offline import verify_draw
from reviews.sampling import (
    METHOD,
    METHOD_WITH_TICKETS,
    BadPool,
    canonical_pool,
    draw,
    method_of,
    pool_hash,
    ranked,
    sample_size,
)

POOL = [("110101", f"file-{number}") for number in range(1, 7)] + [("110102", "西城-1"), ("110102", "西城-2")]
SEED = "2026-11-02 07 19 23 31"


def test_the_method_has_a_name_that_is_kept_with_every_draw():
    assert METHOD == "sha256-ranking-1"


def test_the_published_pool_and_its_hash():
    text = "110101|file-1\n110101|file-2\n110102|西城-1\n"
    members = [("110102", "西城-1"), ("110101", "file-2"), ("110101", "file-1")]
    assert canonical_pool(members) == text
    assert pool_hash(members) == sha256(text.encode()).hexdigest()
    assert canonical_pool([]) == ""


def test_lines_are_sorted_as_lines_in_the_way_of_the_c_locale():
    # "|" comes after every letter: a stratum does not stand before a longer one that begins with it.
    assert canonical_pool([("a", "z"), ("ab", "y")]) == "ab|y\na|z\n"


def test_the_order_is_the_one_that_sha256sum_and_sort_give():
    recipe = """
    while IFS='|' read -r stratum member; do
        ticket=$(printf '%s|%s|%s' "$1" "$stratum" "$member" | sha256sum | cut -c-64)
        printf '%s %s %s\\n' "$stratum" "$ticket" "$member"
    done | LC_ALL=C sort | cut -d' ' -f1,3
    """
    done = subprocess.run(
        ["sh", "-c", recipe, "sh", SEED], input=canonical_pool(POOL), capture_output=True, text=True, check=True
    )
    by_hand = [tuple(line.split(" ")) for line in done.stdout.splitlines()]
    order = ranked(POOL, SEED)
    assert by_hand == [(stratum, member) for stratum, members in order.items() for member in members]


def test_the_order_of_a_seed_once_drawn_never_changes():
    # Written down once: an archived draw must come out the same in ten years.
    assert ranked(POOL, SEED) == {
        "110101": ["file-4", "file-1", "file-5", "file-3", "file-2", "file-6"],
        "110102": ["西城-2", "西城-1"],
    }


def test_a_draw_takes_a_share_of_every_stratum():
    assert {stratum: len(sample) for stratum, sample in draw(POOL, SEED, share=Decimal(30), minimum=1).items()} == {
        "110101": 2,
        "110102": 1,
    }
    assert draw([], SEED, share=Decimal(30), minimum=1) == {}


@pytest.mark.parametrize(
    ("pool", "share", "minimum", "size"),
    [
        (0, "10", 3, 0),
        (1, "10", 0, 1),  # a tenth of one is begun, so it is drawn
        (10, "10", 0, 1),
        (11, "10", 0, 2),
        (100, "10", 3, 10),
        (5, "10", 3, 3),
        (2, "10", 3, 2),
        (7, "100", 0, 7),
        (7, "0", 0, 0),
        (7, "0", 2, 2),
        (3, "33.33", 0, 1),
        (3, "33.34", 0, 2),  # 1.0002
        (1000, "0.1", 0, 1),
        (1000, "0.1000000000000000000001", 0, 2),
        (300_000, "5", 1, 15_000),
    ],
)
def test_the_size_of_a_sample(pool, share, minimum, size):
    assert sample_size(pool, Decimal(share), minimum) == size


def test_a_size_in_floats_would_draw_one_too_many():
    assert sample_size(50, Decimal(14), 0) == 7
    # Control: 50 × 0.14 is 7.000000000000001 in floats, rounded up 8.
    assert ceil(50 * 0.14) == 8


@pytest.mark.parametrize(("pool", "share", "minimum"), [(-1, "5", 0), (5, "-1", 0), (5, "100.01", 0), (5, "5", -1)])
def test_impossible_sizes_are_refused(pool, share, minimum):
    with pytest.raises(ValueError, match="percent"):
        sample_size(pool, Decimal(share), minimum)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ([("a", "1"), ("a", "1")], "'1'"),
        ([("a", "1"), ("b", "1")], "'1'"),
        ([("a", "1|2"), ("a", "3")], "'1|2'"),
        ([("a", "1\n")], r"'1\n'"),
        ([("a", "1\r")], r"'1\r'"),
        ([("a", "")], "''"),
        ([("", "1")], "''"),
        ([("a|b", "1")], "'a|b'"),
    ],
)
def test_a_pool_that_could_be_read_in_two_ways_is_refused(members, named):
    for door in (canonical_pool, pool_hash, lambda pool: ranked(pool, SEED)):
        with pytest.raises(BadPool) as refusal:
            door(members)
        assert named in str(refusal.value)


@pytest.mark.parametrize("seed", ["", " ", " 12", "12 ", "1\n2", "1\r2"])
def test_a_seed_that_nobody_could_copy_is_refused(seed):
    with pytest.raises(BadPool):
        ranked(POOL, seed)


def test_every_member_has_the_same_chance():
    # 2,000 seeds, 3 of 10 drawn: 600 expected each, σ = √(2000 · 0.3 · 0.7) ≈ 20.5. Fixed seeds, so no chance in CI.
    members = [("a", str(number)) for number in range(10)]
    drawn = Counter(
        member for seed in range(2000) for member in draw(members, f"s{seed}", share=Decimal(30), minimum=0)["a"]
    )
    assert len(drawn) == 10
    assert all(abs(times - 600) < 4 * 20.5 for times in drawn.values())


# --- tickets ---


def test_the_second_method_is_used_only_where_somebody_has_more_tickets():
    assert METHOD_WITH_TICKETS == "sha256-ranking-2"
    assert [method_of({}), method_of({"a": 1}), method_of({"a": 1, "b": 2})] == [METHOD, METHOD, METHOD_WITH_TICKETS]


def test_the_line_of_a_member_with_tickets_says_how_many():
    assert canonical_pool([("a", "x"), ("a", "y")], {"x": 2, "y": 1}) == "a|x|2\na|y\n"
    assert pool_hash([("a", "x")], {"x": 2}) != pool_hash([("a", "x")])
    assert pool_hash([("a", "x")], {"x": 1}) == pool_hash([("a", "x")])


def test_a_member_without_a_ticket_is_refused():
    with pytest.raises(BadPool, match="file-1"):
        ranked(POOL, SEED, {"file-1": 0})


def test_the_order_with_tickets_is_the_one_that_the_recipe_of_the_page_gives():
    recipe = """
    while IFS='|' read -r stratum member tickets; do
        for t in $(seq "${tickets:-1}"); do
            [ "$t" = 1 ] && name="$member" || name="$member|$t"
            printf '%s %s\\n' "$(printf '%s|%s|%s' "$seed" "$stratum" "$name" | sha256sum | cut -c-64)" "$member"
        done
    done | LC_ALL=C sort | awk '!seen[$2]++ { print $2 }'
    """
    members, tickets = POOL[:6], {"file-2": 2, "file-6": 3}
    done = subprocess.run(
        ["sh", "-c", f'seed="$1"; {recipe}', "sh", SEED],
        input=canonical_pool(members, tickets), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ranked(members, SEED, tickets)["110101"]
    assert done.stdout.split() != ranked(members, SEED)["110101"]


def test_two_tickets_give_about_twice_the_chance():
    # 2,000 seeds, 1 of 11 drawn: 12 tickets, so 1/12 each and 2/12 for the one with two, σ ≈ 12.4 and 16.7.
    members = [("a", str(number)) for number in range(11)]
    drawn = Counter(
        draw(members, f"s{seed}", share=Decimal(0), minimum=1, tickets={"0": 2})["a"][0] for seed in range(2000)
    )
    assert abs(drawn.pop("0") - 2000 / 6) < 4 * 16.7
    assert len(drawn) == 10
    assert all(abs(times - 2000 / 12) < 4 * 12.4 for times in drawn.values())


# --- properties ---

names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="|"), min_size=1, max_size=8)
pools = st.dictionaries(names, st.sampled_from(["110101", "110102", "市"]), max_size=25).map(
    lambda of: [(stratum, member) for member, stratum in of.items()]
)
seeds = names.map(lambda name: f"<{name}>")
shares = st.decimals(0, 100, places=2)
chances = st.randoms(use_true_random=False)


def some_tickets(members, chance):
    """Give about every third member two or three tickets."""
    return {member: chance.choice([1, 1, 2, 3]) for _stratum, member in members}


@given(pools, seeds, shares, st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(members, seed, share, minimum, chance):
    shuffled = members[:]
    chance.shuffle(shuffled)
    assert pool_hash(shuffled) == pool_hash(members)
    again = draw(iter(shuffled), seed, share=share, minimum=minimum)
    assert again == draw(members, seed, share=share, minimum=minimum)
    assert list(again) == sorted(again)


@given(pools, seeds, st.tuples(shares, shares), chances)
def test_with_tickets_too_neither_order_nor_size_changes_who_comes_first(members, seed, share, chance):
    tickets, shuffled = some_tickets(members, chance), members[:]
    chance.shuffle(shuffled)
    assert pool_hash(shuffled, tickets) == pool_hash(members, tickets)
    order = ranked(members, seed, tickets)
    assert ranked(shuffled, seed, tickets) == order
    assert sorted((stratum, member) for stratum, some in order.items() for member in some) == sorted(members)
    small, large = (draw(members, seed, share=one, minimum=0, tickets=tickets) for one in (min(share), max(share)))
    assert {stratum: sample[: len(small[stratum])] for stratum, sample in large.items()} == small


@given(pools, seeds, chances)
def test_one_more_ticket_never_makes_a_chance_smaller(members, seed, chance):
    tickets = some_tickets(members, chance)
    before = ranked(members, seed, tickets)
    for stratum, member in members[:1]:
        after = ranked(members, seed, tickets | {member: tickets[member] + 1})
        assert after[stratum].index(member) <= before[stratum].index(member)
        others = [one for one in before[stratum] if one != member]
        assert [one for one in after[stratum] if one != member] == others


@given(pools, seeds, chances, st.booleans())
def test_the_program_for_download_gives_the_same_order_by_both_methods(members, seed, chance, with_tickets):
    tickets = some_tickets(members, chance) if with_tickets else {}
    rows = [(stratum, member, tickets.get(member, 1)) for stratum, member in members]
    assert dict(sorted(verify_draw.ranked(rows, seed).items())) == ranked(members, seed, tickets)


def test_a_library_sample_would_depend_on_the_order_of_the_input():
    # Control for the property above.
    members = [member for _stratum, member in POOL]
    assert random.Random(SEED).sample(members, 4) != random.Random(SEED).sample(members[::-1], 4)


@given(pools, seeds)
def test_everybody_is_ranked_once_in_the_own_stratum(members, seed):
    order = ranked(members, seed)
    assert sorted((stratum, member) for stratum, ranking in order.items() for member in ranking) == sorted(members)


@given(pools, seeds, st.tuples(shares, shares), st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_a_larger_sample_begins_with_the_smaller_one(members, seed, share, minimum):
    small = draw(members, seed, share=min(share), minimum=min(minimum))
    large = draw(members, seed, share=max(share), minimum=max(minimum))
    assert {stratum: sample[: len(small[stratum])] for stratum, sample in large.items()} == small


@given(pools, seeds, st.integers(0, 24))
def test_one_member_less_leaves_the_order_of_the_others(members, seed, place):
    gone = members[place : place + 1]
    rest = [pair for pair in members if pair not in gone]
    order = ranked(members, seed)
    without = {stratum: [name for name in names if (stratum, name) not in gone] for stratum, names in order.items()}
    assert ranked(rest, seed) == {stratum: names for stratum, names in without.items() if names}


@given(st.integers(0, 10**6), shares, st.integers(0, 10**6))
def test_a_size_is_the_smallest_that_is_enough(pool, share, minimum):
    size = sample_size(pool, share, minimum)
    assert min(pool, minimum) <= size <= pool
    # At least the share, and one fewer would be below the share or the minimum.
    assert size * 100 >= share * pool
    assert size <= minimum or (size - 1) * 100 < share * pool


@given(pools, seeds, shares, st.integers(0, 30))
def test_every_stratum_is_drawn_to_its_size(members, seed, share, minimum):
    sizes = Counter(stratum for stratum, _member in members)
    sample = draw(members, seed, share=share, minimum=minimum)
    assert {stratum: len(drawn) for stratum, drawn in sample.items()} == {
        stratum: sample_size(size, share, minimum) for stratum, size in sizes.items()
    }
