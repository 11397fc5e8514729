"""The draw of a sample from all organs."""

from decimal import Decimal
from hashlib import sha256

from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench
from reviews import sampling

SEED = "bench"


def draw(bench: Bench) -> Measured:
    """Draw a fifth of all organs, beside hashing their list once."""
    members = [(str(region), f"{pk:018d}") for pk, region in enumerate(bench.register.homes(), 1)]

    def floor() -> None:
        for stratum, member in members:
            sha256(f"{SEED}|{stratum}|{member}".encode()).hexdigest()

    return compare(
        "draw of all organs ÷ hashing the list once",
        lambda: sampling.draw(members, SEED, share=Decimal(20), minimum=1),
        floor,
        at_most=2,
        rounds=bench.rounds,
    )
