"""A visit with nothing rated yet, and its items: what the tests of visits and of their pages need."""

import pytest

from creation import stages
from creation.models import Assessment, Indicator
from reviews.actions import inspections
from reviews.models import Inspection


@pytest.fixture
def visit(world) -> Inspection:
    """A visit that has been assigned, nothing rated yet."""
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def item(visit, code) -> Indicator:
    return visit.assessment.cycle.standard.indicators.get(code=code)


def stage_of(visit):
    return Assessment.objects.get(pk=visit.assessment_id).stage


def rate(visit, code, found, *, by, **more):
    return inspections.save_rating(visit, item(visit, code), found=found, by=by, **more)
