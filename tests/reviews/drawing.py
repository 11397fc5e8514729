"""A pool, its seed, and the program that makes the draw again: what the tests of draws need."""

import json
import subprocess
import sys

import pytest

from creation import stages
from reviews.actions import draws
from reviews.views.public_draws import VERIFIER

SEED = {"seed": "双色球 2026140 03 09 11 17 22 30 + 08", "seed_source": "中国福利彩票 2026-11-24 21:15"}


@pytest.fixture
def three(world):
    """Three inspected files: two organs of one district, one of the other."""
    return [world.bring_to(stages.INSPECTED, organ) for organ in (world.organ, world.neighbour, world.far_organ)]


@pytest.fixture
def pool(world, three):
    return draws.close_pool(world.cycle, world.city, by=world["superior"])


def verified(document, folder):
    """Run the program that is offered for download, alone in an empty folder, and return its end and its words."""
    (folder / "draw.json").write_text(json.dumps(document), encoding="utf-8")
    program = folder / "verify_draw.py"
    program.write_bytes(VERIFIER.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", program.name, "draw.json"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout
