#!/usr/bin/env python3
"""Repeats a published draw from its JSON file alone: python3 verify_draw.py draw.json

Needs nothing but Python 3.8 or later; asks no network and writes nothing. Prints what it found and ends with 0 when
the pool gives its published SHA-256 and the seed gives the published list, and with 1 when anything differs.

Method sha256-ranking-1: the ticket of a member is SHA-256 of "seed|stratum|member" in UTF-8; within a stratum the
smallest tickets are drawn: share percent of its members rounded up, at least the minimum, at most all.
重现已公布的抽样：python3 verify_draw.py draw.json，仅需 Python 3，不联网，不写入任何文件。
"""

import json
import sys
from fractions import Fraction
from hashlib import sha256
from pathlib import Path


def pool_hash(members):
    """Return the SHA-256 of the pool: one line "stratum|member" each, sorted by their bytes."""
    lines = sorted(f"{stratum}|{member}\n" for stratum, member in members)
    return sha256("".join(lines).encode()).hexdigest()


def sample_size(pool, share, minimum):
    """Return how many of so many members are drawn: share percent rounded up, at least minimum, at most all."""
    exact = Fraction(share) * pool / 100
    rounded_up = -(-exact.numerator // exact.denominator)
    return min(pool, max(minimum, rounded_up))


def ranked(members, seed):
    """Return the drawing order of every stratum."""
    order = {}
    for stratum, member in members:
        ticket = sha256(f"{seed}|{stratum}|{member}".encode()).digest()
        order.setdefault(stratum, []).append((ticket, member))
    return {stratum: [member for _ticket, member in sorted(tickets)] for stratum, tickets in order.items()}


def differences(document):
    """Return in words what does not fit together; nothing when the draw is right."""
    members = [tuple(pair) for pair in document["members"]]
    found = []
    if document.get("method") != "sha256-ranking-1":
        found.append(f"unknown method {document.get('method')!r}")
    if len({member for _stratum, member in members}) != len(members):
        found.append("a member stands in the pool twice")
    if pool_hash(members) != document["sha256"]:
        found.append("the pool does not give its published SHA-256")
    draw = document.get("draw")
    if not draw:
        return found
    if draw.get("source") != "portal":
        return [*found, "this list comes from a letter; there is nothing to repeat"]
    published = {(row["stratum"], row["key"]): (row["rank"], row["drawn"]) for row in draw["results"]}
    if len(published) != len(draw["results"]) or set(published) != set(members):
        found.append("the published results name other members than the pool")
    for stratum, order in ranked(members, draw["seed"]).items():
        size = sample_size(len(order), document["share"], document["minimum"])
        for rank, member in enumerate(order, start=1):
            if published.get((stratum, member)) != (rank, rank <= size):
                found.append(f"{stratum} {member}: rank {rank}, drawn {rank <= size} expected")
    return found


def main(path):
    """Print what was found and return 0 when everything fits together, else 1."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    found = differences(document)
    for line in found:
        print(f"DIFFERENT: {line}")
    if not found and document.get("draw"):
        print(f"OK: pool {document['sha256']}, seed {document['draw']['seed']!r}")
        for row in document["draw"]["results"]:
            if row["drawn"]:
                print(f"drawn: {row['stratum']} {row['key']}")
    elif not found:
        print(f"OK: pool {document['sha256']}; no draw has been published yet")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 the program and one file
        sys.exit("usage: python3 verify_draw.py draw.json")
    sys.exit(main(sys.argv[1]))
