"""A team sees none of the organ's own points before it has filed; whoever is not on the team reads them."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from creation import stages
from creation.actions import files
from creation.guards import without_guards
from creation.models import Indicator
from reviews.actions import inspections
from reviews.demo import builders
from reviews.models import Inspection


@pytest.fixture
def visit(world) -> Inspection:
    """A visit that has been assigned, nothing rated yet."""
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def item(visit, code) -> Indicator:
    return visit.assessment.cycle.standard.indicators.get(code=code)


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


# --- blind ---------------------------------------------------------------------------------------------------------

MARK = "自评说明甲乙丙"


@pytest.fixture
def marked(world):
    """A visit to an organ whose own rating is easy to recognise: 98 points; an explanation found nowhere else."""
    file = world.start()
    builders.answer_everything(file, by=world["clerk"], poor=("2.1", "2.3"))
    answer = file.answers.get(indicator__code="2.2")
    type(answer).objects.filter(pk=answer.pk).update(remark=MARK)
    cast = world.cast_for(world.organ)
    files.prepare(file, by=cast["clerk"])
    builders._submit(file, cast)
    builders._assign(file, cast)
    return file.inspections.get()


def addresses(visit):
    return [
        reverse("file_detail", args=[visit.assessment_id]),
        reverse("inspection_detail", args=[visit.pk]),
        *(reverse("inspection_item", args=[visit.pk, code]) for code in ("2.1", "2.2", "1.1", "3.2")),
    ]


@pytest.mark.parametrize("who", ["inspector", "inspector2"])
def test_the_team_sees_no_own_points_of_the_organ_before_filing(world, sign_in, marked, who):
    client = sign_in(who)
    for url in addresses(marked):
        response = client.get(url)
        text = response.content.decode()
        assert response.status_code == 200
        assert (MARK in text) == url.endswith("/2.2/")  # what explains is shown at its item, as evidence is
        assert re.findall(r"98\.00|\b98 points|>98<", text) == []
    for code in ("2.1", "2.2"):
        item_page = client.get(reverse("inspection_item", args=[marked.pk, code]))
        assert (item_page.context["own"], item_page.context["own_text"]) == (None, "")
        assert "Not shown until the team" in item_page.content.decode()


def test_the_team_sees_the_evidence_all_the_same(world, sign_in, marked):
    attachment = marked.assessment.attachments.first()
    client = sign_in("inspector")
    text = page(client, "inspection_item", marked.pk, attachment.indicator.code).content.decode()
    url = reverse("evidence_file", args=[attachment.evidence_id])
    assert url in text
    download = client.get(url)
    assert download.status_code == 200
    assert b"".join(download.streaming_content).startswith(b"%PDF")


def test_after_filing_the_organ_s_points_stand_beside_the_team_s(world, sign_in, marked):
    builders.rate_everything(marked, by=world["inspector"])
    inspections.file_inspection(marked, by=world["inspector"])
    client = sign_in("inspector")
    own = page(client, "inspection_item", marked.pk, "2.2").context["own"]
    assert (own.points, own.remark) == (Decimal(3), MARK)
    comparison = page(client, "file_detail", marked.assessment_id).context["comparison"]
    assert [total for _label, total in comparison.totals] == ["98.00", "100.00"]


def test_control_where_the_round_is_not_blind_the_team_sees_them(world, sign_in, marked):
    with without_guards():
        world.cycle.blind = False
        world.cycle.save(update_fields=["blind"])
    client = sign_in("inspector")
    assert page(client, "inspection_item", marked.pk, "2.2").context["own"].points == Decimal(3)
    assert page(client, "file_detail", marked.assessment_id).context["self_result"].total_shown == 98


def test_whoever_is_not_on_the_team_reads_the_organ_s_points(world, sign_in, marked):
    assert page(sign_in("official"), "file_detail", marked.assessment_id).context["self_result"].total_shown == 98
