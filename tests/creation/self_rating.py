"""The file of a clerk and the pages of its items: what the tests of the self-rating need."""

import pytest
from django.urls import reverse

ITEM = "2.1"


def text(answer):
    return " ".join(answer.content.decode().split())


def item_url(file, code=ITEM):
    return reverse("self_rating_item", args=[file.pk, code])


@pytest.fixture
def file(world):
    return world.start()


@pytest.fixture
def clerk(sign_in):
    return sign_in("clerk")
