"""Where a file stands and what a refusal says: what the tests of the verbs of the organ need."""

import pytest
from django.db import transaction

from creation.errors import Refused
from creation.models import Assessment


def refusal(verb, *args, **kwargs):
    """Return what the refusal says; a verb that goes through fails the test."""
    with pytest.raises(Refused) as refused, transaction.atomic():
        verb(*args, **kwargs)
    return str(refused.value)


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage


def fresh(file):
    return Assessment.objects.get(pk=file.pk)


def indicator(world, code):
    return world.standard.indicators.get(code=code)
