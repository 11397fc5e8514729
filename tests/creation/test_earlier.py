"""Ask once: last year's answers are offered one by one, never taken over unasked, and never where they cannot hold."""

import copy
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions import earlier, files, standards
from creation.actions.answers import save_answer
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Answer, Assessment, Attachment, Evidence
from reviews.demo import builders
from tests.cast import keyed

MEASURED = {"1.1", "2.7", "2.11", "5.3", "6.3"}  # banded, or checked by data


def text(answer):
    return " ".join(answer.content.decode().split())


def earlier_round(world, *, years=1, standard=None):
    year = clock.today().year - years
    return builders.make_cycle(world.city, standard or world.standard, by=world["city"], year=year)


@pytest.fixture
def before(world):
    """The organ's submitted file of last year, with a word and a paper at every item that asks for one."""
    return submitted(world, earlier_round(world))


def submitted(world, cycle, organ=None, stage=stages.SUBMITTED):
    organ = organ or world.organ
    file = files.start(organ, cycle, by=world.clerk_of(organ))
    return builders.bring_to(file, stage, world.cast_for(organ))


@pytest.fixture
def file(world, before):
    return world.start()


@pytest.fixture
def clerk(sign_in):
    return sign_in("clerk")


def item(world, code):
    return world.standard.indicators.get(code=code)


def offered(world, file):
    return earlier.earlier_answers(file, world.standard.indicators.all())


def expire(file, code):
    piece = file.attachments.get(indicator__code=code).evidence
    Evidence.objects.filter(pk=piece.pk).update(expires_on=clock.today() - timedelta(days=1))
    return piece


# --- what is offered -----------------------------------------------------------------------------------------------


def test_a_new_cycle_has_nothing_done_and_every_item_an_earlier_answer(world, file, clerk):
    shown = text(clerk.get(reverse("self_rating_detail", args=[file.pk])))
    assert "0 of 29 items" in shown
    assert "29 of 29 items with an earlier answer (100 %)." in shown
    assert "24 can be confirmed with one click each" in shown
    assert shown.count("To confirm</span>") == shown.count('value="still_true"') == 24
    assert (file.answers.count(), file.attachments.count()) == (0, 0)


def test_measured_values_are_never_offered_as_still_true(world, file):
    found = offered(world, file)
    assert {code for code, each in found.items() if not each.can_be_confirmed} == MEASURED
    for code in MEASURED:
        with pytest.raises(Refused, match="enter this year's"):
            earlier.still_true(file, item(world, code), by=world["clerk"])
        with pytest.raises(Refused, match="enter this year's"):
            earlier.changed(file, item(world, code), by=world["clerk"])
    assert file.answers.count() == 0


def test_the_newest_submitted_file_of_the_same_organ_speaks(world, before, file):
    submitted(world, earlier_round(world, years=3))
    assert earlier.earlier_file(file) == before


def test_drafts_later_rounds_and_other_organs_say_nothing(world):
    files.start(world.organ, earlier_round(world), by=world["clerk"])
    submitted(world, earlier_round(world, years=2), world.neighbour)
    submitted(world, earlier_round(world, years=-1))
    assert earlier.earlier_file(world.start()) is None


def test_without_an_earlier_file_nothing_is_said_of_last_year(world, clerk):
    file = world.start()
    shown = text(clerk.get(reverse("self_rating_detail", args=[file.pk])))
    assert ("earlier answer" in shown, "Still true" in shown) == (False, False)
    with pytest.raises(Refused, match="no earlier answer"):
        earlier.still_true(file, item(world, "2.1"), by=world["clerk"])


def test_an_item_that_is_counted_differently_cannot_be_still_true(world, before):
    raw = json.loads((builders.DATA / "standard_demo.json").read_text(encoding="utf-8"))
    raw = copy.deepcopy(raw) | {"version": 2}
    items = {one["code"]: one for dimension in raw["dimensions"] for one in dimension["indicators"]}
    items["2.5"]["rubric"]["each"] = 0.5
    draft = standards.import_standard(json.dumps(raw).encode(), by=world["city"])
    standard = standards.publish_standard(draft, by=world["city"])
    cycle = builders.make_cycle(world.city, standard, by=world["city"], year=clock.today().year + 1)
    file = files.start(world.organ, cycle, by=world["clerk"])
    now = {each.code: each for each in standard.indicators.all()}
    with pytest.raises(Refused, match="counts this item differently"):
        earlier.still_true(file, now["2.5"], by=world["clerk"])
    begun = earlier.changed(file, now["2.5"], by=world["clerk"])
    assert (begun.found, begun.done) == (None, False)
    assert earlier.still_true(file, now["2.1"], by=world["clerk"]).done is True


# --- the three choices ---------------------------------------------------------------------------------------------


def test_still_true_takes_answer_words_and_paper_and_is_done(world, before, file):
    was = before.answers.get(indicator__code="2.1")
    kept = earlier.still_true(file, item(world, "2.1"), by=world["clerk"])
    assert (kept.found, kept.points, kept.remark, kept.done) == (was.found, was.points, was.remark, True)
    assert (kept.since_last_year, kept.carried_from, kept.saved_by) == ("still_true", was, world["clerk"])
    [attachment] = file.attachments.all()
    assert attachment.evidence == before.attachments.get(indicator__code="2.1").evidence
    assert Evidence.objects.count() == 1


def test_changed_begins_with_last_years_words_and_is_not_done(world, before, file):
    begun = earlier.changed(file, item(world, "2.5"), by=world["clerk"])
    assert (begun.found, begun.done, begun.since_last_year) == ({"count": 4}, False, "changed")
    assert file.attachments.count() == 0


def test_no_longer_begins_empty_and_takes_the_paper_off_again(world, file):
    indicator = item(world, "2.1")
    earlier.still_true(file, indicator, by=world["clerk"])
    begun = earlier.no_longer(file, indicator, by=world["clerk"], version=1)
    assert (begun.found, begun.remark, begun.points, begun.done) == (None, "", None, False)
    assert (begun.since_last_year, file.attachments.count(), Evidence.objects.count()) == ("no_longer", 0, 1)


def test_papers_of_a_measured_value_can_be_attached_again(world, file):
    [attachment] = earlier.attach_again(file, item(world, "2.11"), by=world["clerk"])
    assert (attachment.indicator.code, file.answers.count()) == ("2.11", 0)
    assert earlier.attach_again(file, item(world, "2.11"), by=world["clerk"]) == [attachment]


def test_an_expired_paper_blocks_and_is_named(world, before, file):
    piece = expire(before, "2.1")
    with pytest.raises(Refused) as refused:
        earlier.still_true(file, item(world, "2.1"), by=world["clerk"])
    assert f"“{piece.name}” (valid until {piece_day().isoformat()})" in str(refused.value)
    with pytest.raises(Refused, match="No evidence of last year is valid"):
        earlier.attach_again(file, item(world, "2.1"), by=world["clerk"])
    assert (file.answers.count(), file.attachments.count()) == (0, 0)
    assert earlier.still_true(file, item(world, "3.2"), by=world["clerk"]).done is True  # it asks for no paper


def piece_day():
    return clock.today() - timedelta(days=1)


def test_a_paper_holds_on_its_last_day(world, before, file):
    Evidence.objects.update(expires_on=clock.today())
    assert earlier.still_true(file, item(world, "2.1"), by=world["clerk"]).done is True


def test_what_is_written_over_a_confirmed_answer_has_changed(world, file):
    indicator = item(world, "2.5")
    kept = earlier.still_true(file, indicator, by=world["clerk"])
    same = save_answer(file, indicator, by=world["clerk"], found=kept.found, remark=kept.remark, version=1)
    assert same.since_last_year == "still_true"
    other = save_answer(file, indicator, by=world["clerk"], found={"count": 1}, version=2)
    assert (other.since_last_year, other.carried_from_id) == ("changed", kept.carried_from_id)


def test_a_colleague_who_was_faster_is_not_written_over(world, file):
    indicator = item(world, "2.5")
    colleague = builders.make_person("colleague", ("clerk", world.organ))
    save_answer(file, indicator, by=colleague, found={"count": 1}, remark="Theirs")
    for verb in (earlier.still_true, earlier.changed, earlier.no_longer):
        with pytest.raises(Overtaken):
            verb(file, indicator, by=world["clerk"])
    assert (Answer.objects.get(assessment=file).remark, file.attachments.count()) == ("Theirs", 0)


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "stranger"])
def test_nobody_else_says_what_is_still_true(world, file, username):
    indicator, by = item(world, "2.1"), world[username]
    for verb in (earlier.still_true, earlier.changed, earlier.no_longer, earlier.attach_again):
        with pytest.raises(Forbidden):
            verb(file, indicator, by=by)
    assert (file.answers.count(), file.attachments.count()) == (0, 0)


def test_a_file_that_was_handed_over_takes_nothing_more(world, before):
    file = world.bring_to(stages.PREPARED)
    with pytest.raises(Refused, match="cannot be edited"):
        earlier.still_true(file, item(world, "2.1"), by=world["clerk"], version=1)


# --- the pages -----------------------------------------------------------------------------------------------------


def choose(client, file, code, choice, **fields):
    address = reverse("self_rating_earlier", args=[file.pk, code])
    return client.post(address, keyed(**{"choice": choice, "version": "0", **fields}))


def item_url(file, code):
    return reverse("self_rating_item", args=[file.pk, code])


def test_beside_the_item_stands_what_was_said_and_three_buttons(world, file, clerk):
    shown = text(clerk.get(item_url(file, "2.1")))
    aside = shown.split('<aside class="panel earlier"')[1].split("</aside>")[0]
    assert f"Answer of {clock.today().year - 1}" in aside
    assert "材料.pdf" in aside
    assert [f'value="{choice}"' in aside for choice in ("still_true", "changed", "no_longer", "evidence")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert 'accesskey="t"' in aside
    measured = text(clerk.get(item_url(file, "2.11"))).split('<aside class="panel earlier"')[1].split("</aside>")[0]
    assert [f'value="{choice}"' in measured for choice in ("still_true", "changed", "no_longer", "evidence")] == [
        False, False, False, True,
    ]  # fmt: skip


def test_one_click_beside_the_item_leads_to_the_next(file, clerk):
    answer = choose(clerk, file, "2.1", "still_true", page="item")
    assert (answer.status_code, answer.url) == (302, item_url(file, "2.2"))


def test_one_click_in_the_list_leads_to_the_next_row_that_waits(world, file, clerk):
    list_url = reverse("self_rating_detail", args=[file.pk])
    assert choose(clerk, file, "2.6", "still_true", page="list").url == f"{list_url}#item-2.8"  # 2.7 is measured
    assert choose(clerk, file, "6.2", "still_true", page="list").url == f"{list_url}#item-2.1"


@pytest.mark.parametrize("choice", ["changed", "no_longer", "evidence"])
def test_every_other_choice_leads_to_the_item(file, clerk, choice):
    assert choose(clerk, file, "2.1", choice).url == item_url(file, "2.1")


def test_what_is_refused_is_said_at_the_item(world, before, file, clerk):
    expire(before, "2.1")
    answer = choose(clerk, file, "2.1", "still_true", page="item")
    assert answer.url == item_url(file, "2.1")
    assert "Evidence has expired: “材料.pdf”" in text(clerk.get(answer.url))


def test_a_double_click_counts_once(file, clerk):
    form = keyed(choice="still_true", version="0", page="item")
    got = [clerk.post(reverse("self_rating_earlier", args=[file.pk, "2.1"]), form).url for _twice in range(2)]
    assert (got, Answer.objects.get(assessment=file).version) == ([item_url(file, "2.2")] * 2, 1)


@pytest.mark.parametrize("fields", [{"choice": "all"}, {"version": "x"}, {"version": "-1"}, {"page": "other"}])
def test_what_the_page_never_offers_is_a_bad_request(file, clerk, fields):
    assert choose(clerk, file, "2.1", **{"choice": "still_true", **fields}).status_code == 400
    assert file.answers.count() == 0


@pytest.mark.parametrize(
    ("username", "expected"), [("stranger", 404), ("clerk2", 404), ("official", 403), ("signatory", 403)]
)
def test_nobody_else_chooses(file, sign_in, username, expected):
    assert choose(sign_in(username), file, "2.1", "still_true").status_code == expected
    assert file.answers.count() == 0


@pytest.mark.parametrize("confirmed", [0, 1, 3])
def test_the_list_reads_a_fixed_number_of_statements(world, file, clerk, django_assert_num_queries, confirmed):
    for code in ("2.1", "2.2", "2.3")[:confirmed]:
        earlier.still_true(file, item(world, code), by=world["clerk"])
    clerk.get(reverse("self_rating_detail", args=[file.pk]))
    with django_assert_num_queries(14):
        clerk.get(reverse("self_rating_detail", args=[file.pk]))


def test_an_unchanged_cycle_is_submitted_with_a_click_an_item_and_no_upload(world, before, file, clerk, sign_in):
    clicks = 0
    for code in [each.code for each in world.standard.indicators.filter(bonus=False)]:
        if code in MEASURED:
            choose(clerk, file, code, "evidence") if item(world, code).evidence_required else None
            best = builders.best_finding(item(world, code))
            save_answer(file, item(world, code), by=world["clerk"], found=best)
        else:
            choose(clerk, file, code, "still_true", page="list")
        clicks += 1
    assert clicks <= 40
    builders.pass_warnings(file, by=world["clerk"])
    assert files.open_points(file) == []
    files.prepare(file, by=world["clerk"])
    receipt = files.submit(Assessment.objects.get(pk=file.pk), by=world["signatory"])
    assert json.loads(receipt.content)["total"] == json.loads(before.submissions.get().content)["total"] == "100.00"
    assert Evidence.objects.count() == 1
    assert Attachment.objects.filter(assessment=file).count() == before.attachments.count()
