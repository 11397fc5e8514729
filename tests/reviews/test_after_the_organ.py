"""Organs that merge, split or close keep their titles; the rates count them no longer, and the pages say so."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.urls import reverse

from creation.actions import places
from creation.actions.recognitions import grant
from creation.models import Recognition
from reviews import rates
from reviews.actions.rates import recount_all
from reviews.demo import builders

pytestmark = pytest.mark.django_db

GRANTED, END = date(2025, 3, 3), date(2026, 6, 1)
BEFORE = END - timedelta(days=1)


@pytest.fixture
def organs(world):
    """Five organs of a district beside the two of the cast: four of them recognised, none of the cast."""
    found = {name: builders.make_organ(world.district, 30 + n, name=name) for n, name in enumerate("甲乙丙丁戊")}
    for name in "甲乙丙丁":
        Recognition.objects.create(
            organ=found[name], source="import", batch="2025", document_number="9号",
            granted_on=GRANTED, recorded_at=world.cycle.opened_at,
        )  # fmt: skip
    return found


def ended(world, organs):
    """甲 merges into 戊 (no title), 乙 splits into 丁 (title) and 戊, 丙 closes; all on the same day."""
    by = world["registrar"]
    places.merge([organs["甲"]], organs["戊"], on=END, reason="机构改革", by=by)
    places.split(organs["乙"], [organs["丁"], organs["戊"]], on=END, reason="职能划分", by=by)
    places.abolish(organs["丙"], on=END, by=by)


def test_the_rate_counts_who_is_on_the_register_by_hand(world, organs):
    """Before: 7 organs, 4 recognised. After: 甲, 乙 and 丙 are gone from both numbers: 4 organs, 1 recognised (丁).

    No successor inherits a title: 戊 took over from two recognised organs and is not recognised.
    """
    ended(world, organs)
    for day, recognised, register in ((BEFORE, 4, 7), (END, 1, 4)):
        counts = rates.counts_on(day)[world.district.pk, "district"]
        assert (counts.recognised, counts.organs, counts.rate) == (
            recognised,
            register,
            Fraction(recognised, register),
        )
    titles = Recognition.objects.filter(organ__in=organs.values())
    assert titles.filter(revoked_on=None, replaced_on=None).count() == 4  # each keeps what is its own


def test_the_public_list_and_the_organ_s_page_say_what_became_of_it(world, sign_in, organs):
    ended(world, organs)
    listed = sign_in("public").get(reverse("recognised_list"), {"q": organs["乙"].credit_code}).content.decode()
    assert "Organ closed" in listed
    for name in "丁戊":
        assert f"?q={organs[name].credit_code}" in listed
    assert f"?q={organs['甲'].credit_code}" not in listed
    alone = sign_in("public").get(reverse("recognised_list"), {"q": organs["丙"].credit_code}).content.decode()
    assert "went over into" not in alone
    page = sign_in("registrar").get(reverse("organ_detail", args=[organs["甲"].pk])).content.decode()
    assert "Its titles stay its own" in page
    assert reverse("organ_detail", args=[organs["戊"].pk]) in page
    recount_all()
    assert "does not pass to a successor" in sign_in("official").get("/rates/").content.decode()


def test_a_renewed_title_takes_the_place_of_the_earlier_one_and_both_pages_say_so(world, sign_in, organs):
    old = Recognition.objects.get(organ=organs["甲"])
    new = grant(organs["甲"], batch="2026", document_number="1号", granted_on=END, by=world["city"])
    old.refresh_from_db()
    assert (old.replaced_on, new.replaced_on) == (END, None)
    listed = sign_in("public").get(reverse("recognised_list"), {"q": organs["甲"].credit_code}).content.decode()
    assert "1号" in listed
    assert "9号" not in listed
    page = sign_in("registrar").get(reverse("organ_detail", args=[organs["甲"].pk])).content.decode()
    assert f"replaced on {END.isoformat()}" in page
    assert [rates.counts_on(day)[world.district.pk, "district"].recognised for day in (BEFORE, END)] == [4, 4]
