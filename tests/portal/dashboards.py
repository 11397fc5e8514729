"""Titles and targets that are counted, and the tables of a page as text: what the tests of rates need."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.utils.html import strip_tags

from creation import clock
from creation.models import Recognition
from reviews.actions.rates import recount_all
from reviews.models import Target


def grant(organ, granted_on=None, **fields):
    return Recognition.objects.create(
        organ=organ,
        source=Recognition.Source.IMPORTED,
        batch="b",
        document_number="1号",
        granted_on=granted_on or clock.today(),
        recorded_at=clock.now(),
        **fields,
    )


@pytest.fixture
def targets(world):
    start, end = date(2020, 6, 1), date(2027, 12, 31)
    return [
        Target.objects.create(level=level, percent=percent, starts_on=start, deadline=end)
        for level, percent in (("city", Decimal(85)), ("district", Decimal(75)))
    ]


@pytest.fixture
def counted(world, targets):
    grant(world.organ)
    recount_all()


def text_of(response):
    return re.sub(r"\s+", " ", unescape(strip_tags(response.content.decode())).replace("\xa0", " "))


def cells(response, heading):
    """Return the table that follows a heading as lists of texts."""
    html = response.content.decode()
    table = re.search(r"<table.*?</table>", html[html.index(heading) :], re.DOTALL).group()
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    return [
        [
            re.sub(r"\s+", " ", unescape(strip_tags(cell))).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]
