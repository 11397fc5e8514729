"""The first line of a notice with its countdown, its preview and its PDF: what the public reads, also on paper."""

import io
import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from creation import pdf, stages
from creation.guards import without_guards
from reviews import tasks
from reviews.actions import approvals, objections
from reviews.demo import builders
from reviews.models import Notice
from reviews.views import notice_papers
from reviews.views.standing import standing_at

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
PUBLISHED = datetime(2026, 9, 30, 9, tzinfo=SHANGHAI)  # the day before National Day


@pytest.fixture(autouse=True)
def travel():
    """A clock that stands still on the eve of National Day and can be moved."""
    with time_machine.travel(PUBLISHED, tick=False) as traveller:
        yield traveller


@pytest.fixture
def notice(world):
    return world.bring_to(stages.PUBLICISED).listing.notice


def paper(client, notice, **headers):
    return client.get(reverse("notice_pdf", args=[notice.pk]), headers=headers)


def pages_of(made):
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def words(html):
    """Return what a piece of a page says, in single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def main_of(page):
    return page.content.decode().split("<main", 1)[1].split("</main>")[0]


# --- the first line --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "working_days", "hours"),
    [
        # National Day is off from 1 to 7 October, Saturday the 10th is worked: 8, 9, 10, 12, 13 are the five
        ("2026-09-30T09:00:00", 5, 13 * 24 + 15),
        ("2026-10-03T12:00:00", 5, 10 * 24 + 12),
        ("2026-10-07T23:59:59", 5, 6 * 24),
        ("2026-10-08T00:00:00", 4, 6 * 24),
        ("2026-10-08T14:00:00", 4, 5 * 24 + 10),
        ("2026-10-10T08:30:00", 2, 3 * 24 + 15),
        ("2026-10-11T08:30:00", 2, 2 * 24 + 15),
        ("2026-10-13T09:01:00", 0, 14),
        ("2026-10-13T23:30:00", 0, 0),
    ],
)
def test_what_is_left_of_a_period_reckoned_by_hand(db, at, working_days, hours):
    instant = datetime.fromisoformat(f"{at}+08:00")
    left = standing_at(date(2026, 10, 1), date(2026, 10, 13), instant)
    assert (left["ended"], left["working_days_left"], left["hours_left"]) == (False, working_days, hours)
    assert left["is_last_day"] == at.startswith("2026-10-13")


def test_the_first_line_says_whether_until_when_how_and_how_long(notice, sign_in, travel):
    url, client = reverse("notice_detail", args=[notice.pk]), sign_in("public")
    page = client.get(url)
    first = words(main_of(page))
    assert (
        "You can object until 2026-10-13, that day included. 5 working days are left after today. The period ends in "
        "327 hours. Choose “Object” beside the organ in the list below, or write to 市机关事务管理局（演示）, "
        "010-00000000." in first
    )
    assert first.index("You can object until") < first.index(notice.title)
    assert client.get(url, headers={"if-none-match": page["ETag"]}).status_code == 304
    travel.shift(timedelta(minutes=59))
    assert client.get(url, headers={"if-none-match": page["ETag"]}).status_code == 200
    travel.move_to(datetime(2026, 10, 13, 23, 59, 59, tzinfo=SHANGHAI))
    assert "Today is the last day. The period ends in less than one hour." in words(main_of(client.get(url)))
    travel.move_to(datetime(2026, 10, 14, tzinfo=SHANGHAI))
    ended = words(main_of(client.get(url)))
    assert "The period for objections ended on 2026-10-13." in ended
    assert "The period ends in" not in ended


# --- the preview -----------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_the_public_then_sees(world, sign_in, travel):
    instant = PUBLISHED + timedelta(hours=2)
    draft = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED)], by=world["city"])
    approvals.hand_in(draft, publish_at=instant, by=world["city"])
    page = sign_in("superior").get(reverse("notice_preview", args=[draft.pk])).content.decode()
    (seen,) = re.findall(r'<section class="panel notice-seen".*?</h2>(.*?)</section>', page, re.DOTALL)
    approvals.approve(draft, by=world["superior"])
    travel.move_to(instant)
    tasks.publish_notices()
    public = words(main_of(sign_in("public").get(reverse("notice_detail", args=[draft.pk]))))
    first, rest = words(seen).split(draft.title)
    assert first.startswith("You can object until 2026-10-13")
    assert first.strip() in public
    assert "Beijing, published 2026-09-30 11:00" in rest
    assert "Organ 1" in rest
    assert rest.strip() in public


# --- the paper -------------------------------------------------------------------------------------------------------


def test_the_paper_says_what_the_page_says_and_is_always_the_same(notice, sign_in, world, travel):
    client = sign_in("public")
    answer = paper(client, notice)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert (answer.cookies.output(), answer["Cache-Control"]) == ("", "public, no-cache")
    (text,) = pages_of(answer.content)
    said = "".join(text.split())  # where Chinese and numbers meet, the paper leaves a little room
    assert said.startswith("Youcanobjectuntil2026-10-13,thatdayincluded.")
    for part in (notice.title, "Organ1", "2026-10-01to2026-10-13,5workingdays", notice.office_mailbox, "Page1of1"):
        assert part in said
    objections.object_to(notice.listings.get(), kind="person", name="陈某", phone="13800000000", grounds="浪费")
    travel.move_to(datetime(2026, 10, 20, 9, tzinfo=SHANGHAI))
    notice_papers._made.cache_clear()
    assert paper(client, notice).content == answer.content
    assert paper(client, notice, **{"if-none-match": answer["ETag"]}).status_code == 304
    chinese = paper(client, notice, **{"accept-language": "zh-hans"})
    root = PdfReader(io.BytesIO(chinese.content)).trailer["/Root"]
    assert (root["/Lang"], "机关1" in "".join(pages_of(chinese.content)[0].split())) == ("zh-CN", True)


def test_a_long_list_repeats_its_head_and_numbers_its_pages(notice):
    with translation.override("zh-hans"):
        data = notice_papers.paper_of(notice)
    data["columns"] = ["序号", "机关", "层级／地区", "批次"]
    data["page_label"] = "第 {page} 页，共 {pages} 页"
    name = "北京市某某区机关事务管理服务中心（演示）"
    data["rows"] = [[str(number), f"{name}{number}", "区级 · 东城区", "2026"] for number in range(1, 401)]
    pages = pages_of(pdf.render("notice.typ", data | {"at": notice.published_at}))
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页，共{len(pages)}页" in "".join(page.split())
        if number < len(pages):
            assert "序号" in page
    whole = "".join("".join(pages).split())
    assert all(f"{name}{number}" in whole for number in (1, 200, 400))


def test_points_are_on_the_paper_where_the_round_publishes_them(world, notice, sign_in):
    with without_guards():
        type(world.cycle).objects.update(publish_scores=True)
    total = str(notice.listings.get().assessment.inspections.get(kind="inspection").total)
    text = " ".join(pages_of(paper(sign_in("public"), notice).content)[0].split())
    assert ("Points" in text, total in text) == (True, True)


def test_before_its_publication_there_is_no_paper(world, sign_in, travel):
    draft = builders.make_notice(world.cycle, [world.bring_to(stages.CHECKED)], by=world["city"])
    clients = [sign_in(person) for person in ("public", "city", "clerk")]
    assert [paper(client, draft).status_code for client in clients] == [404] * 3
    approvals.hand_in(draft, publish_at=PUBLISHED + timedelta(seconds=5), by=world["city"])
    approvals.approve(draft, by=world["superior"])
    travel.shift(timedelta(seconds=4))
    tasks.sweep()
    assert [paper(client, draft).status_code for client in clients] == [404] * 3
    travel.shift(timedelta(seconds=1))
    tasks.sweep()
    assert [paper(client, draft).status_code for client in clients] == [200] * 3


def test_without_fonts_the_notice_itself_is_shown(notice, sign_in, settings, tmp_path):
    notice_papers._made.cache_clear()
    settings.FONTS_DIR = tmp_path
    answer = paper(sign_in("public"), notice)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "The PDF could not be made just now." in answer.content.decode()
    assert "Organ 1" in answer.content.decode()
    assert Notice.objects.get() == notice


@pytest.mark.parametrize(("anonymous", "asked"), [(False, "a person with real name"), (True, "a way to reach")])
def test_page_and_paper_ask_the_same_of_an_objection(client, notice, anonymous, asked):
    with without_guards():
        type(notice.cycle).objects.update(anonymous_objections=anonymous)
    held = Notice.objects.get(pk=notice.pk)
    said = dict(notice_papers.paper_of(held)["facts"])["How to object"]
    assert asked in said
    assert said in words(main_of(client.get(reverse("notice_detail", args=[notice.pk]))))
