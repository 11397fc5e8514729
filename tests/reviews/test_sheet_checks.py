"""The live page of a sheet: what it says of the title today, and how a guesser is held back."""

from datetime import timedelta

import pytest
from django.urls import reverse

from creation import clock
from creation.actions.recognitions import grant
from creation.models import Organ, Recognition
from reviews import sheets
from reviews.actions.sheets import issue
from reviews.exporting import titles_on
from reviews.models import Knock
from reviews.views import verification
from tests.reviews.sheeted import become, live, public, revoke, sheet, title

__all__ = ["public", "sheet", "title"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db
UNKNOWN = "2345-6789-ABCD"


# --- the live page -------------------------------------------------------------------------------------------------


def test_the_live_page_says_what_the_sheet_says_without_account_or_cookie(sheet, public):
    answer = live(public, sheet.code)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert answer["X-Robots-Tag"] == "noindex"
    for part in (sheet.code, "机关1", "第一批", "国管〔2024〕9号", "东城区", "The title holds today."):
        assert part in page, part
    assert "It is no certificate of the State and bears no seal" in page
    assert "Organ 1" in page  # the name of today in the reader's language


def test_it_is_never_older_than_a_minute(sheet, public, title, world, django_assert_num_queries):
    first = live(public, sheet.code)
    assert first["Cache-Control"] == "public, no-cache"  # every cache asks before it shows anything
    revoke(title, world)
    with django_assert_num_queries(2):  # the count of wrong codes, the sheet with its title
        again = live(public, sheet.code, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    page = again.content.decode()
    assert f"The title was revoked: it does not hold since {clock.today()}." in page
    assert "虚报数据" in page
    assert "The title holds today." not in page


def test_it_says_replaced_expired_and_closed(world, sheet, title, public):
    later = grant(world.organ, batch="第二批", document_number="2号", granted_on=clock.today(), by=world["city"])
    assert f"A later title has replaced this one on {clock.today()}." in live(public, sheet.code).content.decode()
    code = issue(later, by=world["city"]).code
    become(later, valid_until=clock.today() + timedelta(days=1))
    assert "The title holds today." in live(public, code).content.decode()
    clock.set_ahead(clock.lead_days() + 2)
    assert f"The title has expired: it does not hold since {clock.today()}." in live(public, code).content.decode()
    become(later, valid_until=None)
    Organ.objects.filter(pk=world.organ.pk).update(abolished_on=clock.today())
    assert f"The organ has left the register on {clock.today()}." in live(public, code).content.decode()


def test_it_says_the_same_as_the_list_of_recognised_organs(world, sheet, title):
    """Whatever has become of a title, the live page and the public list agree on it."""
    today = clock.today()
    for values in (
        {},
        {"valid_until": today},
        {"valid_until": today - timedelta(days=1)},
        {"revoked_on": today, "revoke_reason": "x"},
        {"revoked_on": today, "revoke_reason": "x", "valid_until": today - timedelta(days=9)},
    ):
        become(title, **{"valid_until": None, "revoked_on": None, "revoke_reason": None} | values)
        row = Recognition.objects.get()
        dates = {name: getattr(row, name) for name in ("granted_on", "valid_until", "revoked_on", "replaced_on")}
        assert sheets.standing(today, **dates, closed_on=None)[0] == titles_on(today).get().state


def test_a_renamed_organ_is_shown_under_both_names(sheet, public, world):
    Organ.objects.filter(pk=world.organ.pk).update(name="新名单位", name_en="")
    page = live(public, sheet.code).content.decode()
    assert "机关1" in page
    assert "新名单位" in page


def test_the_typed_code_leads_there_whatever_its_case_and_dashes(sheet, public):
    for typed in (sheet.code, sheet.code.lower(), sheet.code.replace("-", " "), sheet.code.replace("-", "")):
        answer = public.get(reverse("verification"), {"code": typed})
        assert (answer.status_code, answer["Location"]) == (302, reverse("verification_detail", args=[sheet.code]))
        assert live(public, typed, follow=True).status_code == 200
    answer = public.get(reverse("verification"), {"code": "0123"})
    assert answer.status_code == 200
    assert "A code has twelve letters and digits" in answer.content.decode()


def test_an_unknown_code_is_one_clear_sentence_that_no_cache_keeps(sheet, public):
    answer = live(public, UNKNOWN)
    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")
    assert "No sheet has this code." in answer.content.decode()
    assert live(public, "not-a-code").status_code == 404


def test_no_list_shows_a_code(sheet, public, sign_in, world):
    addresses = [reverse(name) for name in ("recognised_list", "recognised_download", "verification", "notice_list")]
    pages = [public.get(address).content.decode() for address in addresses]
    pages.append(sign_in("inspector").get(reverse("organ_detail", args=[world.organ.pk])).content.decode())
    assert not [page for page in pages if sheet.code in page or sheet.code.replace("-", "") in page]


# --- guesses -------------------------------------------------------------------------------------------------------


def test_a_guesser_is_held_back_and_nobody_else(sheet, public):
    here = {"REMOTE_ADDR": "192.0.2.1"}
    for _time in range(verification.GUESSES):
        assert live(public, UNKNOWN, **here).status_code == 404
    held = live(public, sheet.code, **here)  # even the right code tells a guesser nothing
    assert (held.status_code, held["Cache-Control"]) == (429, "no-store")
    assert 0 < int(held["Retry-After"]) <= 601
    assert "机关1" not in held.content.decode()
    assert live(public, sheet.code, REMOTE_ADDR="192.0.2.2").status_code == 200
    Knock.objects.update(since=clock.now() - timedelta(hours=1))
    assert live(public, sheet.code, **here).status_code == 200


def test_right_codes_and_what_is_no_code_are_no_guesses(sheet, public):
    for _time in range(verification.GUESSES + 5):
        assert live(public, sheet.code).status_code == 200
        assert live(public, "x").status_code == 404
    assert Knock.objects.count() == 0
