"""One run of the bench inside its own database: builds the register, then measures figure by figure."""

import sys
from dataclasses import dataclass

from django.core.management import call_command

from creation import clock
from portal.bench.databases import refuse_any_other
from portal.bench.loading import analyse, load
from portal.bench.register import Register
from portal.bench.scales import SCALES
from reviews.actions.rates import recount


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement may ask for: the register in the database, and how often and how much to measure."""

    register: Register
    rounds: int
    recognitions: int
    workers: int


def prepare(scale: str, *, rounds: int, recognitions: int, workers: int) -> Bench:
    """Build the tables and the register of a scale in the connected database, which must be the bench's own."""
    refuse_any_other()
    say(f"{scale}: building the register")
    call_command("migrate", interactive=False, verbosity=0)
    register = Register(SCALES[scale], clock.today())
    load(register)
    recount()
    analyse()  # as the server does by itself sooner or later
    return Bench(register, rounds, recognitions, workers)


def say(text: str) -> None:
    """Tell whoever waits how far it is; standard output is kept for the figures."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 progress of a command
