"""A letter of the superior in place of a spot check: what it decides, and that the organ is heard before."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from creation import clock, stages
from creation.errors import Refused
from creation.models import Assessment, Event, Evidence
from reviews.actions import spot_checks
from reviews.demo import builders
from tests.cast import keyed
from tests.reviews.spot_checking import assign, drawn, page, stage_of

__all__ = ["drawn"]  # a fixture is found by its name


@pytest.fixture
def municipal(world) -> Assessment:
    return world.bring_to(stages.UNDER_SPOT_CHECK, world.municipal_organ)


def heard(days=0, words="数据机房为新增", spoken_by="王某") -> spot_checks.Hearing:
    return spot_checks.Hearing(clock.today() + timedelta(days=days), words, spoken_by)


def record(world, file, *, by="city", confirmed=True, reason="", number="国管函〔2026〕9号", hearing=None):
    spot_checks.record_result(
        file,
        confirmed=confirmed,
        letter=builders.a_pdf("来函.pdf"),
        letter_number=number,
        reason=reason,
        hearing=hearing,
        by=world[by],
    )


@pytest.mark.parametrize(("confirmed", "stage"), [(True, stages.CHECKED), (False, stages.NOT_MET)])
def test_the_letter_decides_and_the_history_says_so(world, municipal, confirmed, stage):
    record(world, municipal, **({} if confirmed else {"confirmed": False, "reason": "数据不实", "hearing": heard()}))
    assert stage_of(municipal) == stage
    assert "国管函〔2026〕9号" in municipal.changes.last().note
    assert Evidence.objects.get(purpose="letter").organ == world.municipal_organ


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"number": " "}, "document number"),
        ({"confirmed": False, "reason": " "}, "reasons for overturning"),
    ],
)
def test_a_letter_has_its_number_and_an_overturning_its_reason(world, municipal, fields, message):
    with pytest.raises(Refused, match=message):
        record(world, municipal, **fields)
    assert stage_of(municipal) == stages.UNDER_SPOT_CHECK


OVERTURNED = {"confirmed": False, "reason": "数据不实"}
SILENT = {"words": "", "spoken_by": ""}


@pytest.mark.parametrize(
    ("hearing", "field", "message"),
    [
        (lambda: None, "heard", "has to be heard before"),
        (lambda: spot_checks.Hearing(None, "机房", "王某"), "heard_on", "has to be heard before"),
        (lambda: heard(days=1), "heard_on", "has not come yet"),
        (lambda: heard(days=-4), "heard_on", "there was no inspection to overturn"),
        (lambda: heard(**SILENT), "heard_on", "still say something until the end of this day"),
        (lambda: heard(words="  ", spoken_by=""), "heard_on", "still say something until the end of this day"),
        (lambda: heard(words="字" * 4001), "said", "At most 4000 characters"),
        (lambda: heard(words="a\x00b"), "said", "without control characters"),
        (lambda: heard(spoken_by=" "), "spoken_by", "Enter who spoke"),
    ],
)
def test_no_letter_overturns_before_the_organ_was_heard(world, municipal, hearing, field, message):
    """The inspection was filed three days ago."""
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        with pytest.raises(Refused, match=message) as refused:
            record(world, municipal, **OVERTURNED, hearing=hearing())
        assert refused.value.field == field
        assert (stage_of(municipal), Evidence.objects.filter(purpose="letter").exists()) == (
            stages.UNDER_SPOT_CHECK, False,
        )  # fmt: skip


@pytest.mark.parametrize("hearing", [lambda: heard(days=-3), lambda: heard(days=-1, **SILENT)])
def test_once_the_organ_was_heard_or_let_its_time_pass_the_letter_overturns(world, municipal, hearing):
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        record(world, municipal, **OVERTURNED, hearing=hearing())
    assert stage_of(municipal) == stages.NOT_MET


@pytest.mark.parametrize("who", ["city", "city_clerk", "viewer", "state"])
def test_a_file_overturned_by_letter_shows_why_and_how_the_organ_was_heard(world, sign_in, municipal, who):
    record(world, municipal, **OVERTURNED, hearing=heard(words="新增<b>机房</b>"))
    text = page(sign_in(who), "file_detail", municipal.pk).content.decode()
    wanted = ["Why the inspection was overturned", "数据不实", "新增&lt;b&gt;机房", f"Said by 王某 on {clock.today()}"]
    assert [part for part in wanted if part not in text] == []


def test_an_organ_that_said_nothing_in_its_time_is_shown_as_silent(world, sign_in, municipal):
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        record(world, municipal, **OVERTURNED, hearing=heard(days=-1, **SILENT))
        text = page(sign_in("city_clerk"), "file_detail", municipal.pk).content.decode()
    assert f"until the end of {clock.today()} and said nothing" in text


def test_a_confirming_letter_asks_for_no_hearing_and_shows_none(world, sign_in, municipal):
    record(world, municipal, hearing=heard())
    assert "hearing" not in Event.objects.get(verb="record_letter").after
    assert "Why the inspection was overturned" not in page(sign_in("city"), "file_detail", municipal.pk).text


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({}, 200),
        ({"heard": "said", "heard_on": "{today}"}, 200),
        ({"heard": "said", "said": "机房", "spoken_by": "王某"}, 200),
        ({"heard": "silent", "heard_on": "{yesterday}", "said": "机房"}, 200),
        ({"heard": "said", "heard_on": "{today}", "said": "机房", "spoken_by": "王某"}, 302),
    ],
)
def test_the_form_of_the_letter_asks_how_the_organ_was_heard(world, sign_in, municipal, typed, status):
    days = {"today": clock.today(), "yesterday": clock.today() - timedelta(days=1)}
    typed = {name: value.format(**days) for name, value in typed.items()}
    fields = keyed(confirmed="no", letter_number="9号", reason="数据不实", letter=builders.a_pdf(), **typed)
    answer = sign_in("city").post(reverse("spot_check_record_letter", args=[municipal.pk]), fields)
    assert answer.status_code == status
    assert stage_of(municipal) == (stages.NOT_MET if status == 302 else stages.UNDER_SPOT_CHECK)
    if status == 200:
        assert [part for part in ("数据不实", typed.get("said", "")) if part not in answer.text] == []


@pytest.mark.parametrize("who", ["state", "official", "city_clerk", "checker", "stranger"])
def test_only_an_official_of_the_municipality_records_a_letter(world, municipal, who):
    with pytest.raises(PermissionDenied):
        record(world, municipal, by=who)


def test_no_letter_for_a_district_organ(world, drawn):
    with pytest.raises(PermissionDenied):
        record(world, drawn)


def test_no_letter_once_the_superior_s_team_works_in_the_portal(world, municipal):
    assign(world, municipal, by="state", team=("state_checker", "state_checker2"), lead="state_checker")
    with pytest.raises(Refused, match="its own ratings decide"):
        record(world, municipal)


def test_no_letter_before_the_draw(world):
    with pytest.raises(Refused, match="has not been drawn"):
        record(world, world.bring_to(stages.INSPECTED, world.municipal_organ))


def test_a_copy_from_before_the_letter_sends_no_team(world, municipal):
    stale = Assessment.objects.get(pk=municipal.pk)
    record(world, municipal)
    with pytest.raises(Refused, match="has not been drawn"):
        assign(world, stale, by="state", team=("state_checker", "state_checker2"), lead="state_checker")
    assert stale.inspections.filter(kind="spot_check").count() == 0


@pytest.mark.parametrize(
    ("who", "status"),
    [("public", 302), ("stranger", 404), ("clerk", 404), ("official", 404), ("checker", 403)]
    + [(name, 200) for name in ("city", "city_clerk", "city_signatory", "viewer", "registrar", "state")],
)
def test_the_letter_can_be_read_from_the_page_of_its_file(world, sign_in, municipal, who, status):
    client, link = sign_in(who), reverse("spot_check_letter", args=[municipal.pk])
    if status == 200:
        assert client.get(link).status_code == 404
        assert link not in page(client, "file_detail", municipal.pk).content.decode()
    record(world, municipal)
    answer = client.get(link)
    assert answer.status_code == status
    if status in {200, 403}:
        assert (link in page(client, "file_detail", municipal.pk).content.decode()) == (status == 200)
    if status == 200:
        assert b"".join(answer.streaming_content) == builders.a_pdf("来函.pdf").read()
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_letter_by_clicking_twice(world, sign_in, municipal):
    client, url = sign_in("city"), reverse("spot_check_record_letter", args=[municipal.pk])
    assert client.get(url).status_code == 200
    fields = keyed(confirmed="yes", letter_number="国管函1号", reason="")
    for _click in range(2):
        assert client.post(url, fields | {"letter": builders.a_pdf()}).status_code == 302
    assert stage_of(municipal) == stages.CHECKED
    assert municipal.changes.filter(step="confirm").count() == 1


def test_a_letter_that_is_missing_keeps_what_was_typed(world, sign_in, municipal):
    answer = sign_in("city").post(
        reverse("spot_check_record_letter", args=[municipal.pk]),
        keyed(confirmed="no", letter_number="国管函1号", reason="数据不实"),
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error:" in text
    assert "国管函1号" in text
    assert "数据不实" in text
