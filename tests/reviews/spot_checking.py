"""A drawn file and the team that visits it again: what the tests of spot checks and of letters both need."""

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.models import Assessment
from reviews.actions import findings, inspections, teams
from reviews.demo import builders

STATEMENT = "首轮核查结论甲乙丙"


@pytest.fixture
def drawn(world) -> Assessment:
    """A drawn file: 100 own points, 98 of the inspection, a finding, and a statement that is easy to recognise."""
    file = world.bring_to(stages.UNDER_INSPECTION)
    visit = file.inspections.get()
    builders.rate_everything(visit, by=world["inspector"], poor=("2.1", "2.3"))
    finding = findings.raise_finding(
        visit, file.cycle.standard.indicators.get(code="3.2"), kind="on_the_spot", text="漏水", by=world["inspector"]
    )
    findings.answer_finding(finding, text="已修", by=world["clerk"])
    findings.accept_finding(finding, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"], statement=STATEMENT)
    file.refresh_from_db()
    builders._sample(file, world.cast_for(world.organ))
    file.refresh_from_db()
    assert file.stage == stages.UNDER_SPOT_CHECK
    return file


def assign(world, file, *, by="superior", team=("checker", "checker2"), lead="checker"):
    people = [world[name] for name in team]
    return teams.assign_spot_check(file, team=people, lead=world[lead], visit_on=clock.today(), by=world[by])


def page(client, name, *args):
    return client.get(reverse(name, args=args))


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage
