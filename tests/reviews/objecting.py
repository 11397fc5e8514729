"""An objection as the public sends it: what the tests of objections and of objectors need."""

import re

import pytest
from django.urls import reverse

from creation import stages
from reviews.actions import objections
from reviews.demo import builders
from tests.cast import keyed
from tests.proving import proved

NAME, PHONE = "欧阳若兰", "139 1234 5678"
GIVEN = {"kind": "person", "name": NAME, "phone": PHONE, "grounds": "该单位夏季空调长期低于26度。"}


@pytest.fixture
def listing(world):
    return world.bring_to(stages.PUBLICISED).listing


@pytest.fixture
def objection(listing):
    return objections.object_to(listing, files=[builders.a_pdf("欧阳若兰的照片.pdf")], **GIVEN)


def send(client, listing, **fields):
    return client.post(proved(listing), keyed(**GIVEN | fields))


def confirm(client, objection):
    """Confirm what is proposed by the button of the page, as it was read there."""
    page = client.get(reverse("objection_detail", args=[objection.pk])).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    return client.post(reverse("objection_confirm", args=[objection.pk]), keyed(seen=seen))


def faults(answer):
    """What the summary of errors says, each line once."""
    summary = re.search(r"data-error-summary.*?</div>", answer.content.decode(), re.DOTALL)
    return re.findall(r"<li>(?:<a [^>]*>)?([^<]*)", summary[0]) if summary else []
