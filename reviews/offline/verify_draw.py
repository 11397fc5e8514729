#!/usr/bin/env python3
"""Repeats a published draw from its JSON file alone: python3 verify_draw.py draw.json

Needs only Python 3.8 or later, asks no network, writes nothing. Ends with 0 when the pool gives its published SHA-256
and the seed the published list, with 1 when anything differs, and with 2 when no draw can be read from the file.

Method sha256-ranking-1: the ticket of a member is SHA-256 of "seed|stratum|member" in UTF-8; within a stratum the
smallest tickets are drawn: share percent of its members rounded up, at least the minimum, at most all. Method
sha256-ranking-2: a member with n tickets has "seed|stratum|member|2" … "|n" too, and the smallest one counts.
Whoever is drawn later is the next of the stratum's order.
重现已公布的抽样：python3 verify_draw.py draw.json，仅需 Python 3，不联网，不写入任何文件。
"""

import json
import sys
from fractions import Fraction
from hashlib import sha256
from pathlib import Path


def sample_size(pool, share, minimum):
    """Return how many of so many members are drawn: share percent rounded up, at least minimum, at most all."""
    exact = Fraction(share) * pool / 100
    return min(pool, max(minimum, -(-exact.numerator // exact.denominator)))


def ranked(members, seed):
    """Return the drawing order of every stratum: by the smallest ticket of each member."""
    order = {}
    for stratum, member, tickets in members:
        names = [f"{seed}|{stratum}|{member}" + (f"|{t}" if t > 1 else "") for t in range(1, tickets + 1)]
        order.setdefault(stratum, []).append((min(sha256(name.encode()).digest() for name in names), member))
    return {stratum: [member for _ticket, member in sorted(tickets)] for stratum, tickets in order.items()}


def differences(document):
    """Return in words what does not fit together; nothing when the draw is right."""
    members = [(row[0], row[1], row[2] if len(row) > 2 else 1) for row in document["members"]]  # noqa: PLR2004
    method = "sha256-ranking-2" if any(tickets > 1 for _s, _m, tickets in members) else "sha256-ranking-1"
    lines = sorted(f"{s}|{m}|{tickets}\n" if tickets > 1 else f"{s}|{m}\n" for s, m, tickets in members)
    found = []
    if document.get("method") != method:
        found.append(f"method {document.get('method')!r}, {method} expected")
    if len({member for _stratum, member, _tickets in members}) != len(members) or any(row[2] < 1 for row in members):
        found.append("a member stands in the pool twice, or has no ticket")
    if sha256("".join(lines).encode()).hexdigest() != document["sha256"]:
        found.append("the pool does not give its published SHA-256")
    draw = document.get("draw")
    if not draw or found:
        return found
    if draw.get("source") != "portal":
        return ["this list comes from a letter; there is nothing to repeat"]
    published = {(row["stratum"], row["key"]): (row["rank"], row["drawn"]) for row in draw["results"]}
    if len(published) != len(draw["results"]) or set(published) != {row[:2] for row in members}:
        found.append("the published results name other members than the pool")
    orders, sample = ranked(members, draw["seed"]), {}
    for stratum, order in orders.items():
        size = sample_size(len(order), document["share"], document["minimum"])
        sample[stratum] = order[:size]
        for rank, member in enumerate(order, start=1):
            if published.get((stratum, member)) != (rank, rank <= size):
                found.append(f"{stratum} {member}: rank {rank}, drawn {rank <= size} expected")
    return found + differing_extensions(draw.get("extensions", []), orders, sample)


def differing_extensions(extensions, orders, sample):
    """Return which members drawn later are not the next of their order, or replace nobody of the sample."""
    found, gone = [], set()
    for row in extensions:
        taken, order = sample.get(row["stratum"], []), orders.get(row["stratum"], [])
        if row["key"] not in order[len(taken) : len(taken) + 1] or row["rank"] != len(taken) + 1:
            found.append(f"{row['stratum']} {row['key']}: {order[len(taken) : len(taken) + 1]} is next in the order")
        if not row["reason"] or (row["replaces"] and row["replaces"] not in set(taken) - gone):
            found.append(f"{row['stratum']} {row['key']}: no reason, or {row['replaces']} is not in the sample")
        gone.add(row["replaces"])
        taken.append(row["key"])
    return found


def main(path):
    """Print what was found and return 0 when everything fits together, 1 when not, 2 when there is no draw to read."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        found, draw = differences(document), document.get("draw")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        print(f"NOT READ: {path} is no published draw: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for line in found:
        print(f"DIFFERENT: {line}")
    if not found:
        seed = f", seed {draw['seed']!r}" if draw else "; no draw has been published yet"
        print(f"OK: pool {document['sha256']}{seed}")
        for row in ([row for row in draw["results"] if row["drawn"]] + draw.get("extensions", [])) if draw else []:
            print(f"drawn: {row['stratum']} {row['key']}" + (f" for {row['replaces']}" if row.get("replaces") else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv[1:]) == 1 else "usage: python3 verify_draw.py draw.json")
