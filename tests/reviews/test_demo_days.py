"""The demonstration built on other days, up to a stage, and again after a crash."""

from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from creation import clock, stages
from creation.models import Assessment, Evidence, Recognition
from reviews import rates, workdays
from reviews.demo import builders, world
from reviews.models import CalendarYear, Notice, Objection, Pool

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.django_db]


def built(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue().strip()


PARTS = "history, round, addresses, phones, office, recheck, announced, messages, rates"


def recognised(day: date) -> dict[str, int]:
    """Return the recognised organs by level in the whole world."""
    counts = rates.counts_on(day)
    parents = rates.region_parents()
    top = next(region for region, above in parents.items() if above is None)
    return {level: counts[top, level].recognised for level in ("city", "district")}


@pytest.mark.parametrize("day", [date(2027, 3, 10), date(2026, 12, 30)])
def test_it_can_be_built_on_another_day(day):
    with time_machine.travel(datetime(day.year, day.month, day.day, 3, tzinfo=UTC)):
        assert built() == f"Demonstration world built: register, people, rules, {PARTS}"
        assert clock.today() == day
        assert set(Assessment.objects.values_list("stage", flat=True)) == set(stages.LABELS)
        assert recognised(date(2021, 8, 23)) == {"city": 26, "district": 312}
        assert recognised(day)["city"] / 86 >= 0.85
        assert 0.77 < recognised(day)["district"] / 1176 < 0.80
        last = Notice.objects.filter(published_at__isnull=False).values_list("last_day", flat=True)
        assert [ends >= day for ends in last] == [True, False, False]
        unknown = {day.year, day.year + 1} - set(workdays.library_years())
        assert set(CalendarYear.objects.values_list("year", flat=True)) == unknown
        assert set(CalendarYear.objects.values_list("source", flat=True)) <= {
            "演示（非官方）/ demonstration, not official"
        }
        call_command("verify", stdout=StringIO())


def test_up_to_a_stage_nothing_lies_beyond_and_a_broken_off_build_is_finished():
    begun = world.build(stages.SUBMITTED)
    assert [next(begun) for _part in range(3)] == [("register", True), ("people", True), ("rules", True)]
    begun.close()
    assert built("--stage", "submitted") == f"Demonstration world built: {PARTS}"
    assert set(Assessment.objects.values_list("stage", flat=True)) == {
        stages.DRAFT,
        stages.PREPARED,
        stages.SUBMITTED,
    }
    assert [model.objects.count() for model in (Pool, Notice, Objection)] == [0, 0, 0]
    assert Recognition.objects.filter(source="portal").count() == 0
    assert recognised(date(2021, 8, 23)) == {"city": 26, "district": 312}
    stranger = builders.make_person("stranger")
    assert Evidence.objects.visible_to(stranger).count() == 0
