r"""The draw: a reproducible stratified random sample that anybody can repeat from the published pool and seed.

Method ``sha256-ranking-1``: every member gets the ticket SHA-256("seed|stratum|member"), text in UTF-8; within a
stratum members rank by ticket, ascending; the sample is the beginning of that order. By hand, for one stratum::

    while IFS='|' read -r stratum member; do
        printf '%s %s\n' "$(printf '%s|%s|%s' "$seed" "$stratum" "$member" | sha256sum | cut -c-64)" "$member"
    done < pool | LC_ALL=C sort | head -n "$size"

This is how ballots are drawn in election audits: ticket numbers by a hash of a public seed and the ballot's name
(R. L. Rivest, Consistent Sampling with Replacement, 2018, arXiv:1808.10016; P. B. Stark's audit tools hash a seed of
dice rolls with SHA-256). Why not a library's random numbers: the order of its calls is not a published standard.
Why not RFC 3797: it hashes a counter and divides what is left of a list, so that one member less moves all that follow;
here a larger sample keeps its beginning, and no member's ticket depends on another member. The seed must become known
only after the pool (its hash) has been published; this module cannot see that, the caller must.

Method ``sha256-ranking-2`` is the same with a longer chance for some members: whoever has two tickets has a second one,
SHA-256("seed|stratum|member|2") and so on, and ranks by the smallest of them. First tickets are those of the first
method, so that a pool in which everybody has one ticket is drawn alike by both. By hand::

    while IFS='|' read -r stratum member tickets; do
        for t in $(seq "${tickets:-1}"); do
            [ "$t" = 1 ] && name="$member" || name="$member|$t"
            printf '%s %s\n' "$(printf '%s|%s|%s' "$seed" "$stratum" "$name" | sha256sum | cut -c-64)" "$member"
        done
    done < pool | LC_ALL=C sort | awk '!seen[$2]++' | head -n "$size"
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256

METHOD = "sha256-ranking-1"
METHOD_WITH_TICKETS = "sha256-ranking-2"

# how many tickets a member has, by its name; whoever is not named has one
Tickets = Mapping[str, int]
_ONE_EACH: Tickets = {}
WHOLE = 100  # percent
_FORBIDDEN = "|\n\r"


class BadPool(ValueError):
    """A pool or seed with which a draw could be read in two ways: a duplicate member, an empty name."""


def method_of(tickets: Tickets) -> str:
    """The name of the method by which a pool with these tickets is drawn: the second only where somebody has more."""
    return METHOD_WITH_TICKETS if any(number > 1 for number in tickets.values()) else METHOD


def canonical_pool(members: Iterable[tuple[str, str]], tickets: Tickets = _ONE_EACH) -> str:
    """The pool as it is published: one line ``stratum|member`` each, in the order of ``LC_ALL=C sort``.

    The line of a member with several tickets ends with their number, ``stratum|member|2``. Raises `BadPool` for an
    empty stratum or member, one with "|" or a line break, a member that is there twice, be it in two strata (it would
    have two chances), and one without a ticket.
    """
    strata = _by_stratum(members, tickets)
    # Sorted by code point, which is the order of the UTF-8 bytes.
    return "".join(
        sorted(
            f"{stratum}|{member}|{tickets[member]}\n" if tickets.get(member, 1) > 1 else f"{stratum}|{member}\n"
            for stratum, names in strata.items()
            for member in names
        )
    )


def pool_hash(members: Iterable[tuple[str, str]], tickets: Tickets = _ONE_EACH) -> str:
    """SHA-256 (64 hexadecimal digits) of `canonical_pool` in UTF-8; publish it before the seed is known."""
    return sha256(canonical_pool(members, tickets).encode()).hexdigest()


def sample_size(pool: int, share: Decimal, minimum: int) -> int:
    """How many of ``pool`` members to draw: ``share`` percent rounded up, at least ``minimum``, at most all of them.

    0 for an empty pool. Refuses (``ValueError``) a share outside 0 to 100 and negative numbers.
    """
    if not 0 <= share <= WHOLE or pool < 0 or minimum < 0:
        raise ValueError("a share is 0 to 100 percent of a pool, and no number is negative")
    over, under = share.as_integer_ratio()
    return min(pool, max(minimum, -(-over * pool // (under * WHOLE))))  # rounded up, exactly


def ranked(members: Iterable[tuple[str, str]], seed: str, tickets: Tickets = _ONE_EACH) -> dict[str, list[str]]:
    """The drawing order of all members, stratum by stratum (strata in the order of their names).

    Independent of the order of ``members``. Raises `BadPool` as `canonical_pool` does, and for a seed that is empty,
    begins or ends with a blank (nobody could see it) or has a line break.
    """
    if not seed or seed != seed.strip() or any(mark in seed for mark in "\n\r"):
        raise BadPool("a seed is one line of text without blanks around it")
    strata = _by_stratum(members, tickets)
    return {stratum: _by_ticket(f"{seed}|{stratum}|", strata[stratum], tickets) for stratum in sorted(strata)}


def draw(
    members: Iterable[tuple[str, str]], seed: str, *, share: Decimal, minimum: int, tickets: Tickets = _ONE_EACH
) -> dict[str, list[str]]:
    """The sample: of every stratum the first `sample_size` of its `ranked` order. Refuses what those two refuse."""
    return {
        stratum: order[: sample_size(len(order), share, minimum)]
        for stratum, order in ranked(members, seed, tickets).items()
    }


def _by_ticket(prefix: str, names: list[str], tickets: Tickets) -> list[str]:
    # hardly anybody has more than one ticket: the first ones in one go, as no name has a line break
    lines = (prefix + f"\n{prefix}".join(names)).encode().split(b"\n")
    found = [ticket.digest() for ticket in map(sha256, lines)]
    if tickets:
        for place, name in enumerate(names):
            if name in tickets:
                found[place] = min(_tickets_of(prefix + name, tickets[name]))
    # no two names have a ticket in common, so that sorting the tickets alone sorts the names
    by_ticket = dict(zip(found, names, strict=True))
    return [by_ticket[ticket] for ticket in sorted(found)]


def _tickets_of(text: str, number: int) -> Iterable[bytes]:
    """The first ticket has the text itself, as where everybody has one; each further one carries its number."""
    return (sha256((text if ticket == 1 else f"{text}|{ticket}").encode()).digest() for ticket in range(1, number + 1))


def _by_stratum(members: Iterable[tuple[str, str]], tickets: Tickets) -> dict[str, list[str]]:
    """The members of each stratum; raises `BadPool`. Looks at all names at once, and singly only to name a bad one."""
    strata: dict[str, list[str]] = defaultdict(list)
    for stratum, member in members:
        strata[stratum].append(member)
    seen: set[str] = set()
    for stratum, names in strata.items():
        everything = stratum + "".join(names)
        if not (stratum and all(names)) or _unusable(everything):
            raise BadPool(f"empty, or with a bar or a line break: {[n for n in (stratum, *names) if _unusable(n)]!r}")
        before = len(seen)
        seen.update(names)
        if len(seen) != before + len(names):
            raise BadPool(f"in the pool twice: {_repeated(strata)!r}")
    if none := sorted(name for name in seen & tickets.keys() if tickets[name] < 1):
        raise BadPool(f"without a ticket: {none!r}")
    return strata


def _unusable(name: str) -> bool:
    return not name or any(mark in name for mark in _FORBIDDEN)


def _repeated(strata: dict[str, list[str]]) -> list[str]:
    times = Counter(name for names in strata.values() for name in names)
    return sorted(name for name, count in times.items() if count > 1)
