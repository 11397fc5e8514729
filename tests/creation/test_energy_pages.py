"""The page of the yearly figures: who may, entered by year and version, last year offered."""

from decimal import Decimal

import pytest

from creation import stages
from creation.actions import figures
from creation.actions.energy import (
    readings_of,
)
from creation.errors import Forbidden, Overtaken, Refused
from reviews.demo import builders
from tests.cast import keyed
from tests.creation.energy_years import LAST, THIS, entries, factor, file, goal, page, rows, rules, save

__all__ = ["file", "rules"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


def typed(this=None, last=None, **more):
    data = {f"this-{name}": str(value) for name, value in (this or {}).items()}
    data |= {f"last-{name}": str(value) for name, value in (last or {}).items()}
    return keyed(**data, **more)


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person, status", [("stranger", 404), ("clerk2", 404), ("official", 403), ("clerk", 200)])
def test_who_opens_the_figures_of_a_draft(world, sign_in, file, person, status):
    assert sign_in(person).get(page(file)).status_code == status


def test_a_stranger_and_a_signatory_write_no_figures(world, file):
    for person in ("stranger", "signatory", "official"):
        with pytest.raises(Forbidden):
            figures.save_figures(file, by=world[person], years=entries(file))
    assert rows(file) == {}


def test_the_team_reads_figures_and_workings_but_neither_proposal_nor_answer(world, sign_in, rules):
    file = world.start()
    save(world, file)
    file = builders.bring_to(file, stages.UNDER_INSPECTION, world.cast_for(world.organ))
    answer = sign_in("inspector").get(page(file))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "117,000" in text
    assert "÷ 2,000" in text
    assert "Save the figures" not in text
    assert "The organ answers" not in text
    assert "by the figures" not in text
    assert "The organ answers: met." in sign_in("official").get(page(file)).content.decode()


# --- saving ----------------------------------------------------------------------------------------------------------


def test_both_years_are_saved_from_the_page_and_reckoned_there(world, sign_in, file, rules):
    client = sign_in("clerk")
    answer = client.post(page(file), typed(THIS, LAST), follow=True)
    text = answer.content.decode()
    year = file.cycle.calendar_year
    assert rows(file)[year].electricity_kwh == 117000
    assert rows(file)[year - 1].users == 100
    # (117,000 × 0.1229 + 5,000 × 1.2143) ÷ 2,000 = (14,379.3 + 6,071.5) ÷ 2,000 = 10.2254
    assert "10.2254" in text
    # 120,000 × 0.1229 = 14,748; (14,748 + 6,071.5) ÷ 2,000 = 10.40975
    assert "≈ 10.4098" in text
    # (10.2254 − 10.40975) ÷ 10.40975 = −1.7709… %, and water −2 %
    assert "≈ −1.77 % ≤ −1.6 %" in text
    assert "(19.6 − 20) ÷ 20 × 100 = −2.00 % ≤ −1.4 %" in text
    assert readings_of(file).proposal == "met"


def test_full_width_digits_and_groups_are_read_and_nonsense_is_named_with_everything_kept(world, sign_in, file):
    client = sign_in("clerk")
    client.post(page(file), typed({"electricity_kwh": "１２０,０００．５", "users": "100"}))
    year = file.cycle.calendar_year
    assert rows(file)[year].electricity_kwh == Decimal("120000.5")
    wrong = {"electricity_kwh": "12,5", "gas_m3": "-1", "users": "2.5", "area_m2": "0", "water_m3": "1.2345"}
    answer = client.post(page(file), typed(wrong, {"heat_gj": "abc"}))
    assert answer.status_code == 200
    assert answer.content.decode().count('<li><a href="#id_') == 6
    assert all(f'value="{value}"' in answer.content.decode() for value in (*wrong.values(), "abc"))
    assert "At most three decimal places" in answer.content.decode()
    assert rows(file)[year].electricity_kwh == Decimal("120000.5")


def test_an_empty_form_saves_nothing_and_an_empty_amount_stays_unknown(world, sign_in, file):
    client = sign_in("clerk")
    assert client.post(page(file), keyed()).status_code == 302
    assert rows(file) == {}
    client.post(page(file), typed({"users": "10"}))
    row = rows(file)[file.cycle.calendar_year]
    assert (row.users, row.electricity_kwh, row.gas_m3) == (10, None, None)


def test_a_colleague_in_between_is_shown_beside_and_nothing_is_lost(world, sign_in, file):
    year = file.cycle.calendar_year
    figures.save_figures(file, by=world["clerk"], years={year: figures.Entry({"users": 50})})
    client = sign_in("clerk")
    stale = {"this-version": "0", "this-users": "60", "this-initial": ""}
    answer = client.post(page(file), keyed(**stale))
    text = answer.content.decode()
    assert "A colleague saved the figures" in text
    assert 'value="60"' in text
    assert ">50<" in text
    assert rows(file)[year].users == 50
    # having seen both, the writer saves: the page goes on from the colleague's version
    assert 'name="this-version" value="1"' in text
    client.post(page(file), keyed(**{"this-version": "1", "this-users": "60"}))
    assert rows(file)[year].users == 60


def test_two_writers_of_different_years_lose_nothing(world, file):
    year = file.cycle.calendar_year
    figures.save_figures(file, by=world["clerk"], years={year: figures.Entry({"users": 50})})
    figures.save_figures(file, by=world["clerk"], years={year - 1: figures.Entry({"users": 40})})
    assert {each: row.users for each, row in rows(file).items()} == {year: 50, year - 1: 40}


def test_all_named_years_or_none_and_the_loser_is_told(world, file):
    save(world, file)
    year = file.cycle.calendar_year
    late = {
        year: figures.Entry(THIS | {"users": 90}, "", 1),
        year - 1: figures.Entry(LAST | {"users": 90}, "", 7),
    }
    with pytest.raises(Overtaken):
        figures.save_figures(file, by=world["clerk"], years=late)
    assert rows(file)[year].users == 100


def test_saying_the_same_again_is_no_new_version(world, file):
    save(world, file)
    save(world, file)
    assert {row.version for row in rows(file).values()} == {1}


def test_another_year_and_a_divisor_of_nothing_are_refused(world, file):
    with pytest.raises(Refused):
        figures.save_figures(file, by=world["clerk"], years={1999: figures.Entry({})})
    with pytest.raises(Refused) as refused:
        save(world, file, this=THIS | {"area_m2": 0, "electricity_kwh": -1})
    assert len(refused.value.problems) == 2
    assert rows(file) == {}


def test_figures_are_frozen_with_the_file_and_what_comes_later_does_not_touch_them(world, rules):
    file = world.start()
    save(world, file)
    file = builders.bring_to(file, stages.SUBMITTED, world.cast_for(world.organ))
    with pytest.raises(Refused):
        save(world, file, this=THIS | {"users": 5}, versions=(1, 1))
    before = readings_of(file)
    factor(world["city"], "electricity", "kgce", "0.3")
    goal(world["city"], world.district, "water_per_head", "-50", file.cycle.calendar_year)
    after = readings_of(file)
    assert after.measures == before.measures
    assert after.proposal == before.proposal == "met"


# --- last year -------------------------------------------------------------------------------------------------------


def test_last_year_is_offered_from_the_earlier_file_and_this_year_starts_empty(world, sign_in):
    earlier = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    old = builders.files.start(world.organ, earlier, by=world["clerk"])
    figures.save_figures(old, by=world["clerk"], years={earlier.calendar_year: figures.Entry(LAST, "搬迁")})
    builders.bring_to(old, stages.SUBMITTED, world.cast_for(world.organ))
    file = world.start()
    client = sign_in("clerk")
    text = client.get(page(file)).content.decode()
    assert f"come from your file of {earlier.year}" in text
    assert 'name="last-electricity_kwh" id="id_last-electricity_kwh" value="120000"' in text
    assert 'name="this-electricity_kwh" id="id_this-electricity_kwh" value=""' in text
    # saved untouched it is this file's own: what was offered counts as read
    offered = {f"last-{name}": str(value) for name, value in LAST.items()}
    offered |= {f"initial-{name}": value for name, value in offered.items()}
    client.post(page(file), keyed(**offered))
    row = rows(file)[file.cycle.calendar_year - 1]
    assert (row.electricity_kwh, row.change_reason) == (120000, "")
    assert "come from your file" not in client.get(page(file)).content.decode()


def test_a_draft_is_no_earlier_file(world, sign_in):
    earlier = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    old = builders.files.start(world.organ, earlier, by=world["clerk"])
    figures.save_figures(old, by=world["clerk"], years={earlier.calendar_year: figures.Entry(LAST)})
    assert "come from your file" not in sign_in("clerk").get(page(world.start())).content.decode()
