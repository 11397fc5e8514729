"""A title with its sheet: what the tests of sheets, of their checks and of their papers need."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from creation import clock
from creation.actions.recognitions import grant
from creation.guards import without_guards
from creation.models import Recognition
from reviews.actions.sheets import issue
from reviews.demo import builders


@pytest.fixture
def title(world):
    """An imported title: granted two years ago, without a sheet."""
    day = clock.today() - timedelta(days=700)
    return grant(world.organ, batch="第一批", document_number="国管〔2024〕9号", granted_on=day, by=None)


@pytest.fixture
def sheet(world, title):
    return issue(title, by=world["city"])


@pytest.fixture
def public():
    return Client()


def live(client, code, **more):
    return client.get(reverse("verification_detail", args=[code]), **more)


def become(title, **values):
    """Let a title be what only time or a whole case makes of it."""
    with without_guards():
        Recognition.objects.filter(pk=title.pk).update(**values)


def revoke(title, world):
    """Revoke a title from today: by a case, with a hearing and two officials."""
    builders.revoke(title, on=clock.today(), reason="虚报数据", by=world["city"])


def detail(title):
    return reverse("sheet_detail", args=[title.pk])
