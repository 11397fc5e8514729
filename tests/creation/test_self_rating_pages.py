"""The self-rating in the browser: task list, item, check, hand over, sign, receipt; and who sees none of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock, stages
from creation.actions import files
from creation.actions.answers import save_answer
from creation.models import Assessment, StageChange, Submission
from reviews.demo import builders
from tests.cast import keyed
from tests.creation.self_rating import ITEM, clerk, file, item_url, text

__all__ = ["clerk", "file"]  # fixtures are found by their names


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def headline(answer):
    return text(answer).split("data-status>")[1].split("<strong>")[1].split("</strong>")[0]


# --- start ---------------------------------------------------------------------------------------------------------


def test_the_clerk_starts_the_one_open_round(world, clerk):
    shown = page(clerk, "self_rating_start")
    assert text(shown).count("Start the self-rating</button>") == 1
    opening = f"{world.organ.pk}:{world.cycle.pk}"
    answer = clerk.post(reverse("self_rating_start"), keyed(opening=opening))
    file = Assessment.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("self_rating_detail", args=[file.pk]))
    assert (file.organ, file.cycle, file.stage) == (world.organ, world.cycle, stages.DRAFT)


def test_once_started_the_page_leads_to_the_file(file, clerk):
    shown = text(page(clerk, "self_rating_start"))
    assert "Start the self-rating</button>" not in shown
    assert reverse("self_rating_detail", args=[file.pk]) in shown


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [(3, 9, "The window for this step opens on {first}."), (-9, -1, "The window for this step ended on {last}.")],
)
def test_outside_the_window_the_page_says_when(world, clerk, first, last, sentence):
    today = clock.today()
    first, last = today + timedelta(days=first), today + timedelta(days=last)
    other = builders.make_cycle(
        world.city,
        world.standard,
        by=world["city"],
        year=today.year + 1,
        self_rating_from=first,
        self_rating_until=last,
    )
    said = sentence.format(first=first.isoformat(), last=last.isoformat())
    assert said in text(page(clerk, "self_rating_start"))
    answer = clerk.post(reverse("self_rating_start"), keyed(opening=f"{world.organ.pk}:{other.pk}"))
    assert answer.status_code == 200
    assert said in text(answer)
    assert Assessment.objects.count() == 0


def test_a_signatory_reads_who_starts_and_may_not(world, sign_in):
    client = sign_in("signatory")
    assert "A clerk of the organ starts it." in text(page(client, "self_rating_start"))
    answer = client.post(reverse("self_rating_start"), keyed(opening=f"{world.organ.pk}:{world.cycle.pk}"))
    assert (answer.status_code, Assessment.objects.count()) == (403, 0)


def test_an_organ_of_somebody_else_is_no_choice(world, clerk):
    answer = clerk.post(reverse("self_rating_start"), keyed(opening=f"{world.neighbour.pk}:{world.cycle.pk}"))
    assert (answer.status_code, Assessment.objects.count()) == (200, 0)


def test_without_an_open_round_the_page_says_what_fills_it(world, clerk):
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(closed_at=clock.now())
    assert "No round is open" in text(page(clerk, "self_rating_start"))


# --- who sees it ---------------------------------------------------------------------------------------------------

INSIDE = ("self_rating_detail", "self_rating_check")


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("clerk", 200),
        ("signatory", 200),
        ("clerk2", 404),
        ("far_official", 404),
        ("stranger", 404),
        ("public", 302),
        ("official", 403),
        ("viewer", 403),
    ],
)
def test_a_draft_is_read_by_its_organ_alone(file, sign_in, username, expected):
    client = sign_in(username)
    got = {name: page(client, name, file.pk).status_code for name in INSIDE}
    got["item"] = client.get(item_url(file)).status_code
    assert got == dict.fromkeys([*INSIDE, "item"], expected)


def test_a_stranger_starts_nothing_and_sees_no_library(world, sign_in):
    client = sign_in("stranger")
    assert page(client, "self_rating_start").status_code == 403
    assert page(client, "evidence_list").status_code == 403


@pytest.mark.parametrize("name", ["prepare", "reopen", "submit", "withdraw"])
def test_steps_from_outside_change_nothing(world, file, sign_in, name):
    address = reverse(f"self_rating_{name}", args=[file.pk])
    got = {who: sign_in(who).post(address, keyed(reason="mistake")).status_code for who in ("stranger", "official")}
    assert got == {"stranger": 404, "official": 403}
    assert StageChange.objects.filter(assessment=file).count() == 1


def test_a_step_is_not_taken_by_opening_an_address(file, clerk):
    got = {n: page(clerk, f"self_rating_{n}", file.pk).status_code for n in ("prepare", "reopen", "submit", "withdraw")}
    assert got == dict.fromkeys(got, 405)


# --- headline and task list ----------------------------------------------------------------------------------------


def test_the_same_headline_stands_on_every_page(world, file, clerk):
    indicator = world.standard.indicators.get(code="3.2")
    save_answer(file, indicator, by=world["clerk"], found={"count": 1})
    left = (world.cycle.self_rating_until - clock.today()).days
    expected = f"Not submitted · 1 of 29 items · 4 points · {left} days left"
    pages = [page(clerk, "self_rating_detail", file.pk), page(clerk, "self_rating_check", file.pk)]
    pages.append(clerk.get(item_url(file)))
    assert [headline(shown) for shown in pages] == [expected] * 3


def test_an_unmet_gate_says_cannot_pass_whatever_the_total(world, file, clerk):
    gate = world.standard.indicators.get(code="1.1")
    save_answer(file, gate, by=world["clerk"], found={"met": False})
    shown = page(clerk, "self_rating_detail", file.pk)
    assert headline(shown).split(" · ")[2:4] == ["0 points", "cannot pass"]
    assert "Cannot pass, whatever the total" in text(page(clerk, "self_rating_check", file.pk))


def test_before_a_receipt_nothing_else_says_submitted(world, sign_in):
    file = world.bring_to(stages.PREPARED)
    for name in ("clerk", "signatory"):
        for each in INSIDE:
            shown = text(page(sign_in(name), each, file.pk)).lower()
            assert shown.count("submitted") == shown.count("not submitted") == 1


def test_the_task_list_says_in_words_how_far_each_item_is(world, file, clerk):
    indicators = {i.code: i for i in world.standard.indicators.all()}
    by = world["clerk"]
    save_answer(file, indicators["3.2"], by=by, found={"count": 0})
    save_answer(file, indicators["2.1"], by=by, found={"present": [0]})
    shown = text(page(clerk, "self_rating_detail", file.pk))
    row = {code: shown.split(item_url(file, code))[1].split("</a>")[0] for code in ("3.2", "2.1", "2.2")}
    assert "Done · 5 / 5 points" in row["3.2"]
    assert "In progress · 1 / 1 point · Required evidence is missing" in row["2.1"]
    assert "Not started" in row["2.2"]


def test_reasons_of_a_return_stand_at_the_top_and_at_the_item(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    indicator = world.standard.indicators.get(code=ITEM)
    files.send_back(file, by=world["official"], reasons={indicator: "The notice is undated."})
    client = sign_in("clerk")
    listed = text(page(client, "self_rating_detail", file.pk))
    assert listed.count("The notice is undated.") == 1
    assert "There is a problem" in listed.split(item_url(file), 2)[2].split("</a>")[0]
    assert "Why this item was sent back" in text(client.get(item_url(file)))
    assert headline(client.get(item_url(file))).startswith("Not submitted · 28 of 29 items")
    save_answer(file, indicator, by=world["clerk"], found={"present": [0]}, version=1)
    assert "29 of 29" in headline(page(client, "self_rating_detail", file.pk))


@pytest.mark.parametrize("answered", [0, 3, 29])
def test_the_list_reads_a_fixed_number_of_statements(world, file, clerk, django_assert_num_queries, answered):
    for indicator in world.standard.indicators.filter(bonus=False)[:answered]:
        save_answer(file, indicator, by=world["clerk"], found=builders.best_finding(indicator))
    page(clerk, "self_rating_detail", file.pk)
    with django_assert_num_queries(12):  # one of them for the sections that were given away
        page(clerk, "self_rating_detail", file.pk)


# --- check, hand over, sign ----------------------------------------------------------------------------------------


def step(client, name, file, **fields):
    return client.post(reverse(f"self_rating_{name}", args=[file.pk]), keyed(**fields))


def test_handing_over_too_early_lists_every_fault_with_a_link(world, file, clerk):
    indicators = {i.code: i for i in world.standard.indicators.all()}
    save_answer(file, indicators["3.2"], by=world["clerk"], found={"count": 0})
    answer = step(clerk, "prepare", file)
    shown = text(answer)
    summary = shown.split("data-error-summary")[1].split("</div>")[0]
    assert answer.status_code == 200
    assert "<title>Error:" in shown
    assert summary.count("<li>") == summary.count("<a href=") == 28
    assert f"{item_url(file, '1.1')}?from=check" in summary
    file.refresh_from_db()
    assert file.stage == stages.DRAFT


def test_two_people_take_the_file_to_its_receipt(world, file, clerk, sign_in):
    builders.answer_everything(file, by=world["clerk"])
    assert text(page(clerk, "self_rating_check", file.pk)).count("Hand over for signature</button>") == 1
    assert step(clerk, "prepare", file).status_code == 302
    shown = text(page(clerk, "self_rating_check", file.pk))
    assert "A signatory of the organ signs it." in shown
    assert "Submit self-rating</button>" not in shown
    signatory = sign_in("signatory")
    assert "Submit self-rating</button>" in text(page(signatory, "self_rating_check", file.pk))
    answer = step(signatory, "submit", file, prepared=2)
    receipt = Submission.objects.get()
    assert answer.url == reverse("submission_detail", args=[receipt.number])
    shown = text(signatory.get(answer.url))
    assert [part for part in (receipt.number, receipt.sha256, "100.00", "clerk", "signatory") if part in shown] == [
        receipt.number,
        receipt.sha256,
        "100.00",
        "clerk",
        "signatory",
    ]
    assert headline(page(clerk, "self_rating_detail", file.pk)) == f"Receipt {receipt.number} · 100 points"


def test_whoever_prepared_it_reads_why_another_has_to_sign(world, sign_in):
    file = world.start()
    both = builders.make_person("both", ("clerk", world.organ), ("signatory", world.organ))
    builders.answer_everything(file, by=both)
    files.prepare(file, by=both)
    client = sign_in("both")
    shown = text(page(client, "self_rating_check", file.pk))
    assert "You prepared this file yourself" in shown
    assert "Submit self-rating</button>" not in shown
    answer = step(client, "submit", file, prepared=2)
    assert (answer.status_code, Submission.objects.count()) == (200, 0)
    assert "another signatory has to sign" in text(answer)


def test_a_second_click_on_submit_issues_no_second_receipt(world, sign_in):
    file = world.bring_to(stages.PREPARED)
    form, client = keyed(prepared=2), sign_in("signatory")
    address = reverse("self_rating_submit", args=[file.pk])
    got = {client.post(address, form).url for _twice in range(2)}
    assert got == {reverse("submission_detail", args=[Submission.objects.get().number])}
    late = client.post(address, keyed(prepared=2))
    assert (late.status_code, Submission.objects.count()) == (200, 1)


def seen_by(client, file):
    """Return the number of the handing over that the open page would sign."""
    return text(page(client, "self_rating_check", file.pk)).split('name="prepared" value="')[1].split('"')[0]


def test_an_old_tab_signs_nothing_that_was_changed_after_it_was_opened(world, clerk, sign_in):
    file, signatory = world.bring_to(stages.PREPARED), sign_in("signatory")
    seen = seen_by(signatory, file)
    step(clerk, "reopen", file)
    answer = file.answers.get(indicator__code="2.5")
    save_answer(file, answer.indicator, by=world["clerk"], found={"count": 1}, version=answer.version)
    step(clerk, "prepare", file)
    refused = step(signatory, "submit", file, prepared=seen)
    assert (refused.status_code, Submission.objects.count()) == (200, 0)
    assert "handed over anew after you had opened it" in text(refused)
    # the page that says so shows what is there now, and is signed itself
    assert step(signatory, "submit", file, prepared=seen_by(signatory, file)).status_code == 302
    assert Submission.objects.get().prepared_by == world["clerk"]


@pytest.mark.parametrize("seen", [None, "", "x", "9" * 5000])
def test_a_signature_that_does_not_say_what_was_seen_is_none(world, sign_in, seen):
    file = world.bring_to(stages.PREPARED)
    refused = step(sign_in("signatory"), "submit", file, **({} if seen is None else {"prepared": seen}))
    assert (refused.status_code, Submission.objects.count()) == (200, 0)
    assert "then sign." in text(refused)


def test_taking_back_and_withdrawing(world, clerk):
    file = world.bring_to(stages.PREPARED)
    assert step(clerk, "reopen", file).url == reverse("self_rating_detail", args=[file.pk])
    refused = step(clerk, "withdraw", file)
    assert (refused.status_code, "Choose “" in text(refused)) == (200, True)
    unexplained = step(clerk, "withdraw", file, reason="other")
    assert "Say which other reason." in text(unexplained)
    assert step(clerk, "withdraw", file, reason="mistake", explanation="Wrong organ").status_code == 302
    file.refresh_from_db()
    assert (file.stage, file.changes.last().note) == (stages.WITHDRAWN, "Started by mistake: Wrong organ")
    assert headline(page(clerk, "self_rating_check", file.pk)).startswith("Withdrawn · ")


# --- others read, and the blind do not ------------------------------------------------------------------------------


def test_after_submission_the_department_reads_and_changes_nothing(world, sign_in):
    file = world.bring_to(stages.SUBMITTED)
    receipt = Submission.objects.get()
    got = {}
    for who in ("official", "viewer", "far_official", "stranger", "clerk2", "public"):
        client = sign_in(who)
        got[who] = [
            page(client, "self_rating_check", file.pk).status_code,
            page(client, "submission_detail", receipt.number).status_code,
            page(client, "self_rating_detail", file.pk).status_code,
        ]
    inside, outside = [200, 200, 403], [404, 404, 404]
    assert got == {
        "official": inside,
        "viewer": inside,
        "far_official": outside,
        "stranger": outside,
        "clerk2": outside,
        "public": [302, 302, 302],
    }
    shown = text(page(sign_in("official"), "self_rating_check", file.pk))
    assert "Change</a>" not in shown
    assert "Withdraw" not in shown
    assert "100.00" in shown


def test_a_blind_inspector_reads_evidence_and_no_points(world, sign_in):
    file = world.bring_to(stages.UNDER_INSPECTION)
    receipt = Submission.objects.get()
    client = sign_in("inspector")
    shown = text(page(client, "self_rating_check", file.pk))
    assert "材料.pdf" in shown
    assert "100.00" not in shown
    assert "5 / 5" not in shown
    assert "Documents move online" not in shown
    assert headline(page(client, "self_rating_check", file.pk)) == f"Receipt {receipt.number}"
    assert "100.00" not in text(page(client, "submission_detail", receipt.number))
    assert "100.00" in text(page(sign_in("clerk"), "self_rating_check", file.pk))
