"""A visit under way with one phone at it: what the tests of phones, their packs and their settling need."""

import pytest

from creation import stages
from reviews.models import Inspection, Rating
from tests.phone import Phone

MET, UNMET = {"met": True}, {"met": False}


@pytest.fixture
def visit(world):
    file = world.bring_to(stages.UNDER_INSPECTION)
    return Inspection.objects.with_file().get(assessment=file)


@pytest.fixture
def phone(world, visit, sign_in):
    return Phone(sign_in("inspector"), visit, world["inspector"])


def rating(visit, code="1.1"):
    return Rating.objects.filter(inspection=visit, indicator__code=code).first()
