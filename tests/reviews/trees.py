"""A tree of regions and titles of its organs: what the tests of rates need."""

from datetime import date

import pytest

from creation import clock
from creation.models import Recognition
from reviews.demo import builders


def recognise(organ, granted_on=date(2021, 6, 1), **fields):
    return Recognition.objects.create(
        organ=organ,
        source=Recognition.Source.IMPORTED,
        batch="2020",
        document_number="1号",
        granted_on=granted_on,
        recorded_at=clock.now(),
        **fields,
    )


@pytest.fixture
def tree(db):
    """A nation with one city of two districts, and a stranger: a second city whose organs are nobody else's."""
    nation = builders.make_region("100000", "全国", "nation")
    city = builders.make_region("110000", "北京市", "city", nation)
    one = builders.make_region("110101", "东城区", "district", city)
    two = builders.make_region("110102", "西城区", "district", city)
    far = builders.make_region("120000", "天津市", "city", nation)
    return {"nation": nation, "city": city, "one": one, "two": two, "far": far}
