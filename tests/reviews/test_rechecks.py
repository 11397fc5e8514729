"""A recheck: all recognised organs on paper, a drawn share on site, and what comes of it; titles that expire."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from creation import clock
from creation.actions.places import abolish
from creation.actions.recognitions import grant
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Appointment, Message
from portal.waiting import waiting_for
from reviews.actions import draws, rechecks, revocations
from reviews.actions.reminders import remind
from reviews.demo import builders
from reviews.models import RecheckItem, RecheckMember, RecheckRound, RevocationCase
from tests.cast import keyed
from tests.scene import a_picture

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def titles(world):
    """Titles of four organs that hold; one of a closed organ and one that has expired do not."""
    past = clock.today() - timedelta(days=400)
    common = {"batch": "2025", "document_number": "京管发〔2025〕9号", "granted_on": past, "by": None}
    held = [grant(organ, **common) for organ in (world.organ, world.neighbour, world.far_organ, world.municipal_organ)]
    closed, expired = builders.make_organ(world.district, 21), builders.make_organ(world.district, 22)
    grant(closed, **common)
    grant(expired, **common, valid_until=clock.today() - DAY)
    abolish(closed, on=clock.today(), by=world["registrar"])
    return held


def a_round(world, **fields):
    today = clock.today()
    given = {
        "cycle": world.cycle, "title": "2026年“回头看”", "basis": "《回头看办法》", "share": 100, "minimum": 1,
        "paper_until": today + timedelta(days=10), "site_until": today + timedelta(days=30),
    }  # fmt: skip
    return rechecks.open_round(RecheckRound(**(given | fields)), by=world["city"])


@pytest.fixture
def opened(world, titles):
    return a_round(world)


def of(opened, organ):
    return RecheckItem.objects.with_title().get(round=opened, recognition__organ=organ)


def drawn(world, opened, *, publish=True):
    pool = draws.close_recheck_pool(opened, by=world["city"])
    result = draws.draw(pool, seed="08 15", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    if publish:
        draws.publish_draw(result, by=world["city"])


def visited(world, item, verdict="keep"):
    team = [world["inspector"], world["inspector2"]]
    rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["official"])
    return rechecks.file_visit(item, verdict=verdict, reason="现场核查", photos=[a_picture()], by=world["inspector"])


def told(kind):
    return sorted(Message.objects.filter(kind=kind).values_list("user__username", flat=True))


def test_a_round_takes_in_every_title_that_holds_and_tells_the_clerks_once(world, titles):
    opened = a_round(world)
    assert {item.recognition for item in opened.items.all()} == set(titles)
    assert told("recheck_opened") == ["city_clerk", "clerk", "clerk2", "far_clerk"]
    with pytest.raises(Refused, match="close it first"):
        a_round(world)


def next_step(client, page):
    """Return what the page says of what happens next, and its title."""
    text = client.get(page).content.decode()
    said = re.search(r"What happens next:</strong> ([^<]*)</p>", text)
    return said and said[1], re.search(r"<title>([^<]*) – ", text)[1]


def test_the_page_of_an_organ_says_what_happens_next_in_its_state(world, sign_in, opened):
    item = of(opened, world.organ)
    page, official, clerk = reverse("recheck_item", args=[item.pk]), sign_in("official"), sign_in("clerk")
    until, today = opened.paper_until.isoformat(), clock.today().isoformat()
    said = [next_step(official, page)]
    rechecks.report(item, text="延续。", by=world["clerk"])
    said.append(next_step(official, page))
    for each in opened.items.all():
        rechecks.review_paper(each, verdict="keep", by=world["city"])
    said.append(next_step(official, page))
    drawn(world, opened)
    said.append(next_step(official, page))
    team = [world["inspector"], world["inspector2"]]
    rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["official"])
    said.append(next_step(official, page))
    # what was decided on paper, who goes and when: nothing of it is told to the organ
    assert next_step(clerk, page)[0].startswith("your department reviews; when the organs to be visited have been")
    rechecks.file_visit(item, verdict="keep", reason="现场核查", by=world["inspector"])
    said.append(next_step(official, page))
    rechecks.conclude(item, outcome="rectify", reason="照明", rectify_until=clock.today() + DAY, by=world["city"])
    said.append(next_step(clerk, page))
    rechecks.rectify(item, text="已改", by=world["clerk"])
    said.append(next_step(clerk, page))
    rechecks.accept(item, by=world["official"])
    said.append(next_step(clerk, page))
    assert {title for _said, title in said} == {f"Recheck · {world.organ.name_en}"}
    assert [text and text[:60] for text, _title in said] == [
        f"the organ reports until {until}; then its department reviews the report on paper."[:60],
        "the department reviews the organ's report on paper.",
        "the organs to be visited are drawn; whoever is not drawn is concluded on paper."[:60],
        "an official sends inspectors; when their visit is filed, the recheck is concluded."[:60],
        f"the team visits the organ on {today} and files what it found; then an official concludes."[:60],
        "an official of the municipality concludes and the organ is told. “Revoke” opens a case"[:60],
        f"the organ answers until {clock.today() + DAY}; then an official accepts the answer or gives it back."[:60],
        "an official accepts the answer or gives it back with a new date."[:60],
        None,
    ]


def test_from_report_to_keep_through_paper_draw_and_visit(world, sign_in, opened):
    item = of(opened, world.organ)
    page = reverse("recheck_item", args=[item.pk])

    def step(person, name, **fields):
        answer = sign_in(person).post(reverse("recheck_step", args=[item.pk, name]), keyed(**fields))
        assert answer.status_code == 302, answer.content.decode()
        return sign_in(person).get(page).content.decode()

    step("clerk", "report", text="制度延续，能耗下降。", papers=[builders.a_pdf("台账.pdf")])
    assert "台账.pdf" in sign_in("official").get(page).content.decode()
    step("official", "review", verdict="keep")
    rechecks.keep_on_paper(RecheckItem.objects.exclude(pk=item.pk), by=world["city"])
    with pytest.raises(Refused, match="not been drawn"):
        rechecks.conclude(item, outcome="keep", by=world["city"])
    sign_in("city").post(reverse("recheck_manage", args=[opened.pk, "pool"]), keyed())
    pool = opened.pools.get()
    result = draws.draw(pool, seed="08 15", seed_source="lottery", seed_at=clock.now(), by=world["city"])
    # not published: the organ learns neither from its own page nor from the list
    assert "not drawn yet" in sign_in("clerk").get(page).content.decode()
    assert "drawn for a visit" in sign_in("official").get(page).content.decode()
    listed = sign_in("clerk").get(reverse("recheck_detail", args=[opened.pk]), {"state": "visit"}).content.decode()
    assert "to visit" not in listed
    draws.publish_draw(result, by=world["city"])
    assert "drawn for a visit" in sign_in("clerk").get(page).content.decode()
    day = clock.today().isoformat()
    step("official", "assign", visit_on=day, team=["inspector", "inspector2"])
    assert told("recheck_visit") == ["inspector", "inspector2"]
    told_row = sign_in("clerk").get(page).content.decode().split("Visit</th>")[1].split("</tr>")[0]
    assert day not in told_row
    assert "inspector" not in told_row
    with pytest.raises(Refused, match="has to be filed first"):
        rechecks.conclude(item, outcome="keep", by=world["city"])
    step("inspector", "visit", verdict="keep", reason="现场整洁，记录完整。", photos=[a_picture()])
    photo = item.papers.get(is_photo=True)
    picture = sign_in("city").get(reverse("recheck_paper", args=[photo.pk]))
    assert picture["Content-Type"] == "image/jpeg"
    assert b"".join(picture.streaming_content).startswith(b"\xff\xd8")
    assert sign_in("clerk").get(reverse("recheck_paper", args=[photo.pk])).status_code == 404
    assert "现场整洁" not in sign_in("clerk").get(page).content.decode()
    assert told("recheck_visited") == ["city", "superior"]
    sign_in("city").post(reverse("recheck_manage", args=[opened.pk, "conclude"]), keyed())
    assert RecheckItem.objects.get(pk=item.pk).outcome == "keep"
    assert RecheckItem.objects.filter(outcome="").count() == 3  # drawn as well, and not visited yet
    assert told("recheck_kept") == ["clerk", "signatory"]
    assert "现场整洁" in sign_in("clerk").get(page).content.decode()


def test_who_was_not_drawn_is_concluded_at_once_and_the_round_closes_when_everything_is_settled(world, titles):
    opened = a_round(world, share=0, minimum=1)
    rechecks.keep_on_paper(opened.items.all(), by=world["city"])
    assert RecheckItem.objects.to_conclude().count() == 0
    drawn(world, opened)
    assert RecheckItem.objects.to_conclude().count() == 1
    picked = RecheckItem.objects.filter(round=opened).drawn()
    assert picked.count() == 3  # one in each of the three regions
    assert rechecks.conclude_kept(opened, by=world["city"]) == 1
    with pytest.raises(Refused, match="not over yet: 3"):
        rechecks.close_round(opened, by=world["city"])
    for item in picked:
        region = item.recognition.organ.region
        people = {world.district: ("inspector", "inspector2"), world.city: ("checker", "checker2")}
        team = [world[name] for name in people.get(region, ("far_inspector", "far_inspector2"))]
        rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["city"])
        rechecks.file_visit(item, verdict="keep", reason="好", by=team[0])
    assert rechecks.conclude_kept(opened, by=world["city"]) == 3
    assert rechecks.close_round(opened, by=world["city"]).closed_at
    a_round(world)


def test_put_right_by_a_date_answered_given_back_and_accepted_by_somebody_else(world, sign_in, titles):
    opened = a_round(world, share=0, minimum=0)
    item = of(opened, world.organ)
    with pytest.raises(Refused, match="can still report"):
        rechecks.review_paper(item, verdict="rectify", reason="缺台账", by=world["official"])
    rechecks.report(item, text="基本延续。", by=world["clerk"])
    rechecks.review_paper(item, verdict="rectify", reason="缺台账", by=world["official"])
    with pytest.raises(Overtaken):
        rechecks.report(item, text="改写", by=world["clerk"])
    with pytest.raises(Refused, match="day in the future"):
        rechecks.conclude(item, outcome="rectify", reason="补台账", by=world["city"])
    until = clock.today() + timedelta(days=3)
    rechecks.conclude(item, outcome="rectify", reason="补台账", rectify_until=until, by=world["city"])
    assert told("recheck_to_rectify") == ["clerk", "signatory"]
    clock.set_ahead(clock.lead_days() + 3)
    assert not of(opened, world.organ).is_overdue_on(clock.today())
    clock.set_ahead(clock.lead_days() + 1)
    assert of(opened, world.organ).is_overdue_on(clock.today())
    late = sign_in("city").get(reverse("recheck_detail", args=[opened.pk]), {"state": "overdue"})
    assert str(world.organ) in late.content.decode()
    rechecks.rectify(item, text="已补半年。", by=world["clerk"])
    assert of(opened, world.organ).is_overdue_on(clock.today())  # it came late, and says so
    again = clock.today() + timedelta(days=5)
    rechecks.conclude(item, outcome="rectify", reason="还缺半年", rectify_until=again, by=world["city"])
    rechecks.rectify(item, text="已补全年。", papers=[builders.a_pdf()], by=world["clerk"])
    builders.Appointment.objects.create(
        user=world["clerk"], role="official", region=world.district, starts_on=builders.LONG_AGO
    )
    with pytest.raises(Forbidden):  # of the organ itself
        rechecks.accept(item, by=world["clerk"])
    rechecks.accept(item, by=world["official"])
    assert told("recheck_accepted") == ["clerk", "signatory"]
    with pytest.raises(Overtaken, match="is over"):
        rechecks.conclude(item, outcome="keep", by=world["city"])
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        RecheckItem.objects.filter(pk=item.pk).update(outcome="keep")


def test_a_failed_recheck_opens_a_case_whose_decision_settles_it(world, titles):
    opened = a_round(world, share=0, minimum=0)
    item = of(opened, world.organ)
    rechecks.report(item, text="延续。", by=world["clerk"])
    rechecks.review_paper(item, verdict="revoke", reason="账实不符", by=world["official"])
    with pytest.raises(Forbidden):
        rechecks.conclude(item, outcome="revoke", reason="虚报", by=world["official"])
    assert "1 recheck to conclude" in [line.text for _part, lines in waiting_for(world["city"]) for line in lines]
    assert list(RecheckItem.objects.to_conclude()) == [item]
    rechecks.conclude(item, outcome="revoke", reason="虚报能耗", by=world["city"])
    case = RevocationCase.objects.get()
    assert (case.grounds, case.recheck_item, case.facts) == ("failed_recheck", item, "虚报能耗\n\n账实不符")
    assert told("case_opened") == ["clerk", "signatory"]
    assert of(opened, world.organ).settled_at is None
    case = revocations.answer_case(case, text="属实。", by=world["clerk"])
    case = revocations.propose(case, decision="revoked", reason="属实", on=clock.today(), by=world["city"])
    revocations.decide(case, by=world["superior"])
    after = of(opened, world.organ)
    assert (after.recognition.revoked_on, after.settled_by) == (clock.today(), world["superior"])


def test_nobody_with_a_conflict_of_interest_visits(world, opened):
    item = of(opened, world.organ)
    with pytest.raises(Refused, match="not drawn for a visit"):
        visited(world, item)
    drawn(world, opened)
    Appointment.objects.create(
        user=world["inspector2"], role="clerk", organ=world.organ,
        starts_on=builders.LONG_AGO, ends_on=clock.today() - timedelta(days=300),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        visited(world, item)
    assert [who for who, _why in refused.value.problems] == ["inspector2"]
    far = [world["inspector"], world["far_inspector"]]
    with pytest.raises(Refused):
        rechecks.assign_visit(item, team=far, visit_on=clock.today(), by=world["official"])
    team = [world["inspector"], world["checker"]]  # of the district, and of the municipality that runs the recheck
    rechecks.assign_visit(item, team=team, visit_on=clock.today(), by=world["official"])
    with pytest.raises(DatabaseError, match="conflict"), transaction.atomic():
        RecheckMember.objects.create(item=item, user=world["inspector2"])
    with pytest.raises(Forbidden):
        rechecks.file_visit(item, verdict="keep", reason="好", by=world["inspector2"])
    tomorrow = clock.today() + DAY
    rechecks.assign_visit(item, team=team, visit_on=tomorrow, by=world["official"])
    with pytest.raises(Refused, match="not filed before"):
        rechecks.file_visit(item, verdict="keep", reason="好", by=world["checker"])


@pytest.mark.parametrize(
    ("person", "listed", "own"),
    [
        ("city", 4, 200), ("official", 2, 200), ("far_official", 1, 404), ("clerk", 1, 200), ("clerk2", 1, 404),
        ("viewer", 4, 200), ("inspector", 0, 404), ("stranger", 0, 404),
    ],
)  # fmt: skip
def test_each_sees_their_own_part(world, sign_in, opened, person, listed, own):
    item = of(opened, world.organ)
    assert RecheckItem.objects.visible_to(world[person]).count() == listed
    assert sign_in(person).get(reverse("recheck_item", args=[item.pk])).status_code == own


def test_the_list_asks_as_much_for_four_organs_as_for_one(world, sign_in, opened, django_assert_num_queries):
    client, page = sign_in("city"), reverse("recheck_detail", args=[opened.pk])
    for q in (world.organ.credit_code, ""):
        with django_assert_num_queries(11):
            client.get(page, {"q": q})


def test_many_are_kept_on_paper_with_one_click(world, sign_in, opened):
    page = sign_in("official").get(reverse("recheck_detail", args=[opened.pk]), {"state": "review"}).content.decode()
    assert page.count('name="item"') == 2
    every = list(opened.items.values_list("pk", flat=True))
    answer = sign_in("official").post(reverse("recheck_keep", args=[opened.pk]), keyed(item=every))
    assert answer.status_code == 302
    reviewed = RecheckItem.objects.exclude(paper_verdict="")
    assert {item.recognition.organ for item in reviewed} == {world.organ, world.neighbour}


def says(client, page) -> str:
    return client.get(page).text


def test_the_message_counts_what_was_kept_and_not_what_was_asked(world, sign_in, opened, monkeypatch):
    client, page = sign_in("city"), reverse("recheck_detail", args=[opened.pk])
    every, url = list(opened.items.values_list("pk", flat=True)), reverse("recheck_keep", args=[opened.pk])
    review = rechecks.review_paper

    def faster(item, **given):  # a colleague reviews three of the four a moment earlier
        if item.recognition.organ != world.organ:
            review(item, **given | {"by": world["superior"]})
        return review(item, **given)

    monkeypatch.setattr(rechecks, "review_paper", faster)
    client.post(url, keyed(item=every))
    text = says(client, page)
    assert "1 organ kept on paper. 3 were left out: a colleague has reviewed them meanwhile." in text
    client.post(url, keyed(item=every))
    text = says(client, page)
    assert ("Nothing was kept" in text, "kept on paper." in text) == (True, False)


def test_concluding_says_for_how_many_and_that_nothing_was_done(world, sign_in, titles):
    opened = a_round(world, share=0, minimum=0)
    client, page = sign_in("city"), reverse("recheck_detail", args=[opened.pk])
    url = reverse("recheck_manage", args=[opened.pk, "conclude"])
    client.post(url, keyed())
    text = says(client, page)
    assert ("Nothing was kept" in text, "organs concluded." in text) == (True, False)
    rechecks.keep_on_paper(opened.items.all(), by=world["city"])
    Appointment.objects.create(user=world["city"], role="clerk", organ=world.organ, starts_on=clock.today())
    client.post(url, keyed())
    assert "3 organs concluded." in says(client, page)
    assert of(opened, world.organ).outcome == ""  # one's own organ is a colleague's
    assert rechecks.conclude_kept(opened, by=world["superior"]) == 1


# --- titles that expire --------------------------------------------------------------------------------------------


def test_ninety_days_before_its_last_day_clerks_and_officials_are_told_once(world, sign_in):
    past, last = clock.today() - timedelta(days=400), clock.today() + timedelta(days=91)
    common = {"batch": "2025", "document_number": "9号", "granted_on": past, "by": None, "valid_until": last}
    for organ in (world.organ, world.neighbour):
        grant(organ, **common)
    remind()
    assert told("title_expires") == []
    clock.set_ahead(1)
    remind()
    remind()
    assert told("title_expires") == ["clerk", "clerk2"]
    assert told("titles_expire") == ["city", "official", "superior"]
    [message] = Message.objects.filter(kind="titles_expire", user=world["official"])
    assert (message.values["count"], message.address) == (2, reverse("expiring_list"))
    assert str(world.organ) in sign_in("official").get(message.address).content.decode()
    assert str(world.organ) not in sign_in("far_official").get(message.address).content.decode()
    assert "2 titles expire soon" in sign_in("official").get("/").content.decode()
    # renewed: the new title takes the place of the earlier one, and nothing expires any more
    grant(world.organ, batch="2026", document_number="1号", granted_on=clock.today(), by=None)
    assert "1 title expires soon" in sign_in("official").get("/").content.decode()
