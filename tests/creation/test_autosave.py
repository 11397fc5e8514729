"""What a page saves by itself: sent again it changes nothing, it never stands in its own way, and nobody is overrun."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from creation import clock, stages
from creation.actions import files
from creation.actions.answers import keep_answer, save_answer
from creation.errors import Forbidden, Overtaken
from creation.models import Answer, StageChange
from reviews.demo import builders
from tests.cast import keyed

ITEM = "2.5"


@pytest.fixture
def file(world):
    return world.start()


@pytest.fixture
def item(world):
    return world.standard.indicators.get(code=ITEM)


@pytest.fixture
def clerk(sign_in):
    return sign_in("clerk")


def autosave(client, file, code=ITEM, **fields):
    return client.post(reverse("self_rating_autosave", args=[file.pk, code]), {"version": "0", **fields})


def text(answer):
    return " ".join(answer.content.decode().split())


# --- the verb ------------------------------------------------------------------------------------------------------


def test_the_same_once_more_is_a_success_and_changes_nothing(world, file, item):
    by = world["clerk"]
    first = keep_answer(file, item, by=by, found={"count": 2}, remark="a", writer=uuid4())
    again = keep_answer(file, item, by=by, found={"count": 2}, remark="a", writer=uuid4())
    assert (again.pk, again.version, again.saved_at) == (first.pk, 1, first.saved_at)


def test_nothing_at_all_makes_no_answer(world, file, item):
    kept = keep_answer(file, item, by=world["clerk"], found=None)
    assert (kept.version, Answer.objects.count()) == (0, 0)


def test_a_page_goes_on_although_the_answer_to_its_last_writing_was_lost(world, file, item):
    by, lost, next_one = world["clerk"], uuid4(), uuid4()
    keep_answer(file, item, by=by, found={"count": 1}, writer=lost)
    kept = keep_answer(file, item, by=by, found={"count": 2}, writer=next_one, unanswered=[lost])
    assert (kept.found, kept.version, kept.writer) == ({"count": 2}, 2, next_one)


def test_a_writing_that_arrives_after_a_later_one_of_its_page_is_too_late(world, file, item):
    by, late, later = world["clerk"], uuid4(), uuid4()
    keep_answer(file, item, by=by, found={"count": 2}, writer=later, unanswered=[late])
    with pytest.raises(Overtaken):
        keep_answer(file, item, by=by, found={"count": 1}, writer=late)
    assert Answer.objects.get().found == {"count": 2}


def test_after_a_colleague_nobody_writes_as_if_it_were_their_own(world, file, item):
    colleague = builders.make_person("colleague", ("clerk", world.organ))
    lost = uuid4()
    keep_answer(file, item, by=world["clerk"], found={"count": 1}, writer=lost)
    save_answer(file, item, by=colleague, found={"count": 3}, version=1)
    with pytest.raises(Overtaken):
        keep_answer(file, item, by=world["clerk"], found={"count": 2}, version=1, unanswered=[lost])
    with pytest.raises(Overtaken):
        save_answer(file, item, by=world["clerk"], found={"count": 2}, version=1, unanswered=[lost])
    assert Answer.objects.get().saved_by == colleague


@pytest.mark.parametrize(
    ("found", "remark", "done"), [({"count": 1}, "said better", True), ({"count": 2}, "", False), (None, "", False)]
)
def test_a_done_item_stays_done_only_while_nothing_else_is_found(world, file, item, found, remark, done):
    save_answer(file, item, by=world["clerk"], found={"count": 1})
    kept = keep_answer(file, item, by=world["clerk"], found=found, remark=remark, version=1)
    assert (kept.done, kept.version) == (done, 2)


def test_a_new_answer_that_saved_itself_is_not_done_until_somebody_says_so(world, file, item):
    kept = keep_answer(file, item, by=world["clerk"], found={"count": 1})
    assert (kept.done, Answer.objects.get().done) == (False, False)
    assert save_answer(file, item, by=world["clerk"], found={"count": 1}, version=1).done is True
    assert save_answer(file, item, by=world["clerk"], found={"count": 1}, version=2, done=False).done is False


def test_in_a_file_that_was_sent_back_every_change_has_to_be_called_done(world, item):
    file = world.bring_to(stages.SUBMITTED)
    files.send_back(file, by=world["official"], reasons={item: "Count again."})
    kept = keep_answer(file, item, by=world["clerk"], found={"count": 4}, remark="Recounted", version=1)
    assert (kept.remark, kept.done) == ("Recounted", False)


@pytest.mark.parametrize("username", ["signatory", "clerk2", "official", "stranger"])
def test_nobody_else_keeps_an_answer(world, file, item, username):
    with pytest.raises(Forbidden):
        keep_answer(file, item, by=world[username], found={"count": 1})
    assert Answer.objects.count() == 0


# --- the address ---------------------------------------------------------------------------------------------------


def test_what_is_saved_comes_back_with_time_points_total_and_headline(file, clerk, world):
    said = autosave(clerk, file, found="2", remark="Two rules", writer=str(uuid4())).json()
    left = (world.cycle.self_rating_until - clock.today()).days
    saved = Answer.objects.get()
    assert said == {
        "version": 1,
        "saved": f"Saved {timezone.localtime(saved.saved_at):%H:%M}",
        "faults": {},
        "done": False,
        "state": "In progress",
        "missing": "Not marked as done yet" if not saved.indicator.evidence_required else said["missing"],
        "points": "2",
        "total": "2",
        "headline": f"Not submitted · 0 of 29 items · 2 points · {left} days left",
        "cannot_pass": False,
    }
    assert (saved.found, saved.remark, saved.done) == ({"count": 2}, "Two rules", False)


def test_an_unmet_gate_says_so_at_once(file, clerk):
    said = autosave(clerk, file, "1.1", found="not_met").json()
    assert (said["cannot_pass"], "cannot pass" in said["headline"]) == (True, True)


def test_it_needs_no_form_key_and_counts_once(file, clerk):
    writer = str(uuid4())
    versions = [autosave(clerk, file, found="2", writer=writer).json()["version"] for _thrice in range(3)]
    assert (versions, Answer.objects.count()) == ([1, 1, 1], 1)


def test_what_cannot_be_read_is_named_and_everything_else_is_saved(file, clerk):
    autosave(clerk, file, found="2")
    answer = autosave(clerk, file, found="two or three", remark="Still saved", version="1")
    said = answer.json()
    assert (answer.status_code, said["faults"]) == (
        200,
        {"found": ["Enter a whole number in plain digits, such as 3."]},
    )
    assert (Answer.objects.get().found, Answer.objects.get().remark) == ({"count": 2}, "Still saved")
    long = autosave(clerk, file, found="3", remark="x" * 4001, version="2").json()
    assert list(long["faults"]) == ["remark"]
    assert (Answer.objects.get().found, Answer.objects.get().remark) == ({"count": 3}, "Still saved")


@pytest.mark.parametrize("version", ["x", "-1", "9" * 12])
def test_a_version_that_is_none_is_a_bad_request(file, clerk, version):
    assert autosave(clerk, file, found="1", version=version).status_code == 400


def test_the_second_of_two_gets_both_texts(world, file, item, clerk):
    colleague = builders.make_person("colleague", ("clerk", world.organ))
    save_answer(file, item, by=colleague, found={"count": 2}, remark="Theirs <b>")
    answer = autosave(clerk, file, found="3", remark="Mine & more")
    said = answer.json()
    assert (answer.status_code, said["version"]) == (409, 1)
    assert said["conflict"].count("Theirs &lt;b&gt;") == 2  # shown, and kept for putting both together
    assert "Mine &amp; more" in said["conflict"]
    assert all(f'data-choose="{way}"' in said["conflict"] for way in ("theirs", "mine", "both"))
    assert Answer.objects.get().remark == "Theirs <b>"


def test_two_people_at_different_items_are_both_saved(world, file, clerk, sign_in):
    builders.make_person("colleague", ("clerk", world.organ))
    colleague = Client()
    colleague.force_login(world["colleague"], backend="django.contrib.auth.backends.ModelBackend")
    assert [autosave(clerk, file, found="1").status_code, autosave(colleague, file, "3.2", found="2").status_code] == [
        200,
        200,
    ]
    assert Answer.objects.count() == 2


def test_a_file_that_was_handed_over_says_why_nothing_is_saved(world, clerk):
    file = world.bring_to(stages.PREPARED)
    answer = autosave(clerk, file, found="1", version="1")
    assert answer.status_code == 409
    assert "cannot be edited" in answer.json()["refused"]


def test_a_form_follows_the_writing_of_its_own_page_and_no_other(file, clerk):
    own = str(uuid4())
    autosave(clerk, file, found="1", writer=own)
    url = reverse("self_rating_item", args=[file.pk, ITEM])
    assert "A colleague saved" in text(clerk.post(url, keyed(found="2", version="0", unanswered=[str(uuid4()), "x"])))
    assert clerk.post(url, keyed(found="2", version="0", unanswered=[own])).status_code == 302
    assert (Answer.objects.get().found, Answer.objects.get().done) == ({"count": 2}, True)


@pytest.mark.parametrize(
    ("username", "expected"),
    [("stranger", 404), ("clerk2", 404), ("official", 403), ("signatory", 403), ("public", 302)],
)
def test_nobody_else_saves(file, sign_in, username, expected):
    assert (autosave(sign_in(username), file, found="1").status_code, Answer.objects.count()) == (expected, 0)


# --- done and not done ---------------------------------------------------------------------------------------------


def test_leaving_an_item_open_takes_its_done_away(file, clerk):
    url = reverse("self_rating_item", args=[file.pk, "3.2"])
    clerk.post(url, keyed(found="0", version="0", then="next"))
    assert "1 of 29 items" in text(clerk.get(url))
    answer = clerk.post(url, keyed(found="0", version="1", then="later"))
    back = reverse("self_rating_detail", args=[file.pk]) + "#item-3.2"  # to its own row
    assert (answer.url, Answer.objects.get().done) == (back, False)
    shown = text(clerk.get(answer.url))
    assert "0 of 29 items" in shown
    assert "In progress · 5 / 5 points · Not marked as done yet" in shown


def test_a_file_with_an_item_that_nobody_called_done_is_not_handed_over(world, file, item):
    builders.answer_everything(file, by=world["clerk"])
    save_answer(file, item, by=world["clerk"], found={"count": 3}, version=1, done=False)
    assert files.open_points(file) == [(ITEM, "Not marked as done yet")]


def states(client, file):
    """Return the state that stands behind each dimension's name."""
    shown = text(client.get(reverse("self_rating_detail", args=[file.pk])))
    heads = [part.split("</h2>")[0] for part in shown.split('<h2 class="task-head">')[1:]]
    return [head.split('<span class="task-state')[1].split(">")[1].split(" ·")[0] for head in heads]


def test_each_dimension_says_how_far_it_has_come(world, file, clerk):
    assert states(clerk, file) == ["Not started"] * 7
    builders.answer_everything(file, by=world["clerk"])
    assert states(clerk, file) == ["Done"] * 6 + ["Not started"]
    item = world.standard.indicators.get(code="3.2")
    save_answer(file, item, by=world["clerk"], found=None, version=1)
    assert states(clerk, file) == ["Done", "Done", "In progress", "Done", "Done", "Done", "Not started"]


# --- not submitted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "word", "headline"), [("en", "submitted", "not submitted"), ("zh-hans", "已提交", None)]
)
@pytest.mark.parametrize("stage", [stages.DRAFT, stages.PREPARED])
def test_no_page_of_a_draft_says_that_it_has_been_submitted(world, sign_in, language, word, headline, stage):
    file = world.bring_to(stage)
    assert not StageChange.objects.filter(step="submit").exists()
    names = [("self_rating_detail", ()), ("self_rating_check", ())]
    names += [("self_rating_item", (code,)) for code in world.standard.indicators.values_list("code", flat=True)]
    for who in ("clerk", "signatory"):
        client = sign_in(who)
        client.get(reverse("language_set", args=[language]))
        for name, more in names:
            shown = text(
                client.get(reverse(name, args=[file.pk, *more]), headers={"Accept-Language": language})
            ).lower()
            main = shown.split("<main")[1].split("</main>")[0]
            assert main.count(word) == (main.count(headline) if headline else 0), (name, more)
            assert headline is None or main.count(headline) == 1
