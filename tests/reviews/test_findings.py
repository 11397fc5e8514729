"""Findings: recorded, answered with photos, accepted by somebody else; the last acceptance moves the file."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from creation import clock, stages
from creation.errors import Overtaken, Refused
from creation.models import Appointment, Assessment
from reviews.actions import findings, inspections
from reviews.demo import builders
from reviews.models import Finding, FindingPhoto, Inspection
from tests.cast import keyed

DAY = timedelta(days=1)


@pytest.fixture
def visit(world) -> Inspection:
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def indicator(visit, code="3.2"):
    return visit.assessment.cycle.standard.indicators.get(code=code)


def a_photo(name="前.jpg", colour=(200, 30, 30)):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def raise_one(world, visit, *, by="inspector", kind="by_deadline", text="水龙头漏水", due_on="tomorrow", **more):
    due_on = clock.today() + DAY if due_on == "tomorrow" else due_on
    return findings.raise_finding(
        visit,
        indicator(visit),
        kind=kind,
        text=text,
        due_on=due_on if kind == "by_deadline" else None,
        by=world[by],
        **more,
    )


def stage_of(visit):
    return Assessment.objects.get(pk=visit.assessment_id).stage


def page(client, name, *args):
    return client.get(reverse(name, args=args))


def step(client, finding, name, **fields):
    return client.post(reverse("finding_detail", args=[finding.pk]), keyed(step=name, **fields))


# --- raising -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "days", "text", "message"),
    [
        ("by_deadline", None, "漏水", "Give a deadline"),
        ("by_deadline", -1, "漏水", "lies in the past"),
        ("on_the_spot", 1, "漏水", "has no deadline"),
        ("on_the_spot", None, "  ", "Write what was found"),
    ],
)
def test_a_finding_has_a_text_and_the_deadline_that_fits(world, visit, kind, days, text, message):
    due_on = None if days is None else clock.today() + days * DAY
    with pytest.raises(Refused, match=message):
        findings.raise_finding(visit, indicator(visit), kind=kind, text=text, due_on=due_on, by=world["inspector"])
    assert Finding.objects.count() == 0


def test_a_deadline_of_today_is_in_time(world, visit):
    assert raise_one(world, visit, due_on=clock.today()).state == "open"


@pytest.mark.parametrize("who", ["clerk", "official", "far_inspector", "stranger"])
def test_only_the_team_raises_findings(world, visit, who):
    with pytest.raises(PermissionDenied):
        raise_one(world, visit, by=who)


# --- rectification -------------------------------------------------------------------------------------------------


def test_rectification_needs_an_open_finding_with_a_deadline(world, visit):
    raise_one(world, visit, kind="on_the_spot")
    with pytest.raises(Refused, match="at least one open finding with a deadline"):
        findings.require_rectification(visit, by=world["inspector"])
    raise_one(world, visit)
    findings.require_rectification(visit, by=world["inspector"], note="请整改")
    assert stage_of(visit) == stages.RECTIFYING
    assert visit.assessment.changes.last().note == "请整改"


@pytest.mark.parametrize("who", ["inspector2", "official", "clerk", "stranger"])
def test_only_the_lead_requires_rectification(world, visit, who):
    raise_one(world, visit)
    with pytest.raises(PermissionDenied):
        findings.require_rectification(visit, by=world[who])


def rectifying(world, visit, number=1):
    raised = [raise_one(world, visit, text=f"问题{place}") for place in range(number)]
    findings.require_rectification(visit, by=world["inspector"])
    return raised


@pytest.mark.parametrize("who", ["inspector", "official", "clerk2", "stranger"])
def test_only_staff_of_the_organ_answer(world, visit, who):
    (finding,) = rectifying(world, visit)
    with pytest.raises(PermissionDenied):
        findings.answer_finding(finding, text="已修", by=world[who])


def test_an_answer_needs_a_text_and_is_given_once(world, visit):
    (finding,) = rectifying(world, visit)
    with pytest.raises(Refused, match="Write what was done"):
        findings.answer_finding(finding, text=" ", by=world["clerk"])
    findings.answer_finding(finding, text="已修", by=world["clerk"])
    with pytest.raises(Overtaken):
        findings.answer_finding(finding, text="再答", by=world["signatory"])
    assert [one.text for one in finding.steps.all()] == ["已修"]


def test_the_last_acceptance_moves_the_file_back_under_inspection(world, visit):
    first, second = rectifying(world, visit, number=2)
    for finding in (first, second):
        findings.answer_finding(finding, text="已修", by=world["clerk"])
    findings.accept_finding(first, by=world["inspector2"])
    assert stage_of(visit) == stages.RECTIFYING
    findings.accept_finding(second, by=world["inspector"])
    assert stage_of(visit) == stages.UNDER_INSPECTION
    change = visit.assessment.changes.last()
    assert (change.step, change.by.username) == ("rectified", "inspector")


def test_what_is_fixed_on_the_spot_is_accepted_without_moving_the_file(world, visit):
    finding = raise_one(world, visit, kind="on_the_spot")
    findings.answer_finding(finding, text="当场修好", by=world["clerk"])
    findings.accept_finding(finding, by=world["inspector2"])
    assert stage_of(visit) == stages.UNDER_INSPECTION
    assert visit.assessment.changes.last().step == "assign"


def test_whoever_answered_a_finding_cannot_accept_it(world, visit):
    (finding,) = rectifying(world, visit)
    Appointment.objects.create(
        user=world["inspector2"], role="clerk", organ=world.organ, starts_on=clock.today()
    )  # changed over to the organ after the visit was assigned
    findings.answer_finding(finding, text="自己答复", by=world["inspector2"])
    with pytest.raises(Refused, match="Whoever answered"):
        findings.accept_finding(finding, by=world["inspector2"])
    assert Finding.objects.get().state == "answered"
    findings.accept_finding(finding, by=world["inspector"])
    assert Finding.objects.get().state == "accepted"


@pytest.mark.parametrize("who", ["clerk", "official", "far_inspector", "stranger"])
def test_only_the_team_accepts_and_returns(world, visit, who):
    (finding,) = rectifying(world, visit)
    findings.answer_finding(finding, text="已修", by=world["signatory"])
    for verb in (findings.accept_finding, findings.return_finding):
        with pytest.raises(PermissionDenied):
            verb(finding, text="…", by=world[who])


def test_an_answer_given_back_is_answered_anew(world, visit):
    (finding,) = rectifying(world, visit)
    findings.answer_finding(finding, text="已修", by=world["clerk"])
    with pytest.raises(Refused, match="Give a reason"):
        findings.return_finding(finding, text="", by=world["inspector"])
    findings.return_finding(finding, text="仍在滴水", by=world["inspector"])
    with pytest.raises(Overtaken):
        findings.accept_finding(finding, by=world["inspector2"])
    findings.answer_finding(finding, text="换了阀门", by=world["clerk"])
    findings.accept_finding(finding, by=world["inspector"])
    assert [one.what for one in finding.steps.all()] == ["answered", "returned", "answered", "accepted"]


def test_nothing_happens_to_a_finding_of_a_filed_visit(world, visit):
    finding = raise_one(world, visit, kind="on_the_spot")
    answered = raise_one(world, visit, kind="on_the_spot", text="灯未关")
    findings.answer_finding(answered, text="已关", by=world["clerk"])
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    inspections.file_inspection(visit, by=world["inspector"])
    with pytest.raises(Refused, match="has been filed"):
        findings.answer_finding(finding, text="迟到", by=world["clerk"])
    for verb in (findings.accept_finding, findings.return_finding):
        with pytest.raises(Refused, match="has been filed"):
            verb(answered, text="迟到", by=world["inspector2"])


# --- pages ---------------------------------------------------------------------------------------------------------


def test_a_finding_by_clicking_with_its_photos(world, sign_in, visit):
    fields = {"indicator": "3.2", "kind": "by_deadline", "text": "漏水", "due_on": (clock.today() + DAY).isoformat()}
    data = keyed(**fields, photos=[a_photo("一.jpg"), a_photo("二.jpg", (30, 200, 30))])
    answer = sign_in("inspector2").post(reverse("finding_add", args=[visit.pk]), data)
    finding = Finding.objects.get()
    assert answer.url == reverse("inspection_item", args=[visit.pk, "3.2"])
    assert [photo.when for photo in finding.photos.all()] == ["before", "before"]
    assert finding.raised_by.username == "inspector2"


def test_a_double_click_records_one_finding(world, sign_in, visit):
    data = keyed(indicator="3.2", kind="on_the_spot", text="漏水", due_on="")
    client, url = sign_in("inspector"), reverse("finding_add", args=[visit.pk])
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert Finding.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"due_on": ""}, "Give a deadline."),
        ({"photos": lambda: builders.a_pdf("报告.pdf")}, "报告.pdf"),
        ({"photos": lambda: SimpleUploadedFile("x.jpg", b"<html>", content_type="image/jpeg")}, "x.jpg"),
    ],
)
def test_a_refused_finding_keeps_what_was_typed(world, sign_in, visit, fields, message):
    typed = {"indicator": "3.2", "kind": "by_deadline", "text": "漏水点在二层", "due_on": "2099-01-01"}
    more = {name: value() if callable(value) else value for name, value in fields.items()}
    answer = sign_in("inspector").post(reverse("finding_add", args=[visit.pk]), keyed(**(typed | more)))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error:" in text
    assert message in text
    assert "漏水点在二层" in text
    assert Finding.objects.count() == 0


def test_the_whole_way_of_a_finding_by_clicking(world, sign_in, visit):
    (finding,) = rectifying(world, visit)
    organ, team = sign_in("clerk"), sign_in("inspector2")
    assert page(team, "finding_detail", finding.pk).context["can_judge"] is False
    assert page(organ, "finding_detail", finding.pk).context["can_answer"] is True
    assert step(organ, finding, "answer", text="已换", photos=[a_photo("后.jpg", (1, 1, 1))]).status_code == 302
    assert step(team, finding, "return", text="看不清").status_code == 302
    assert step(organ, finding, "answer", text="重拍", photos=[a_photo("后2.jpg", (2, 2, 2))]).status_code == 302
    assert step(team, finding, "accept", text="").status_code == 302
    assert stage_of(visit) == stages.UNDER_INSPECTION
    response = page(organ, "finding_detail", finding.pk)
    assert [photo.evidence.name for photo in response.context["after"]] == ["后.jpg", "后2.jpg"]
    assert response.context["before"] == []
    assert [one.text for one in response.context["finding"].told] == ["已换", "看不清", "重拍", ""]


def test_returning_without_a_reason_is_refused_on_the_page(world, sign_in, visit):
    (finding,) = rectifying(world, visit)
    findings.answer_finding(finding, text="已修", by=world["clerk"])
    answer = step(sign_in("inspector"), finding, "return", text="")
    assert answer.status_code == 200
    assert "Give a reason." in answer.content.decode()


def test_a_double_click_answers_once(world, sign_in, visit):
    (finding,) = rectifying(world, visit)
    data = keyed(step="answer", text="已修")
    client, url = sign_in("clerk"), reverse("finding_detail", args=[finding.pk])
    assert [client.post(url, data).url for _click in range(2)] == [url, url]
    assert finding.steps.count() == 1


def test_an_answer_that_came_too_late_keeps_its_text(world, sign_in, visit):
    (finding,) = rectifying(world, visit)
    findings.answer_finding(finding, text="同事先答", by=world["signatory"])
    answer = step(sign_in("clerk"), finding, "answer", text="我的答复")
    text = answer.content.decode()
    assert "has moved on in the meantime" in text
    assert "我的答复" in text


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("public", "answer", 302),
        ("stranger", "answer", 404),
        ("clerk2", "answer", 404),
        ("far_official", "accept", 404),
        ("official", "answer", 403),
        ("inspector", "answer", 403),
        ("clerk", "accept", 403),
        ("clerk", "return", 403),
        ("clerk", "burn", 400),
    ],
)
def test_who_may_take_which_step(world, sign_in, visit, who, name, status):
    (finding,) = rectifying(world, visit)
    assert step(sign_in(who), finding, name, text="…").status_code == status
    assert finding.steps.count() == 0


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("public", 302),
        ("stranger", 404),
        ("clerk2", 404),
        ("far_inspector", 404),
        ("checker", 404),
        ("clerk", 200),
        ("official", 200),
        ("viewer", 200),
        ("inspector2", 200),
    ],
)
def test_who_sees_a_finding_and_its_photos(world, sign_in, visit, who, status):
    finding = raise_one(world, visit, photos=[a_photo()])
    client = sign_in(who)
    assert page(client, "finding_detail", finding.pk).status_code == status
    photo = page(client, "finding_photo", finding.photos.get().pk)
    assert photo.status_code == status
    if status == 200:
        assert photo.headers["Content-Type"] == "image/jpeg"
        assert photo.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert photo.headers["X-Content-Type-Options"] == "nosniff"
        assert b"".join(photo.streaming_content)[:2] == b"\xff\xd8"


def test_a_photo_leaves_re_encoded_never_as_it_came(world, sign_in, visit):
    polyglot = a_photo().read() + b"<script>alert(1)</script>"
    brought = SimpleUploadedFile("前.jpg", polyglot, content_type="image/jpeg")
    finding = raise_one(world, visit, photos=[brought])
    shown = b"".join(page(sign_in("clerk"), "finding_photo", finding.photos.get().pk).streaming_content)
    assert b"script" not in shown
    with FindingPhoto.objects.get().evidence.original.open("rb") as kept:
        assert kept.read() == polyglot


def test_rectification_by_clicking(world, sign_in, visit):
    raise_one(world, visit)
    client, url = sign_in("inspector"), reverse("inspection_rectify", args=[visit.pk])
    data = keyed(note="请于期限内整改")
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert visit.assessment.changes.filter(step="require_rectification").count() == 1
    assert "This step is not possible now" in client.get(url).content.decode()


def test_a_file_under_rectification_says_what_waits_for_whom(world, sign_in, visit):
    rectifying(world, visit, number=2)
    file = visit.assessment_id
    labels = [str(offer.label) for offer in page(sign_in("clerk"), "file_detail", file).context["offers"]]
    assert labels == ["Answer the findings"]
    for finding in Finding.objects.all():
        findings.answer_finding(finding, text="已修", by=world["clerk"])
    labels = [str(offer.label) for offer in page(sign_in("inspector2"), "file_detail", file).context["offers"]]
    assert labels == ["Open the visit", "Accept the rectification"]
