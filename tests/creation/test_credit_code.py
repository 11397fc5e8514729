"""The unified social credit code by GB 32100-2015."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creation.credit_code import ALPHABET, check_character, normalise, problem

# Value × weight, weights 3^0, 3^1, … mod 31 = 1 3 9 27 19 26 16 17 20 29 25 13 8 24 10 30 28:
# 1·1 + 1·3 + 1·9 + 1·27 + D 13·20 + E 14·29 + M 21·25 + 1·28 = 1259 = 40·31 + 19; 31 − 19 = 12 = C.
DEMO = "11110000DEM000001C"
PUBLISHED = "91350100M000100Y43"  # the example code that texts about the standard use


def test_a_code_reckoned_by_hand_and_a_published_one():
    assert (check_character(DEMO[:17]), check_character(PUBLISHED[:17])) == ("C", "3")
    assert [problem(DEMO), problem(PUBLISHED)] == [None, None]


def test_thirty_one_stands_for_nought():
    # 1231 (as above, up to M) + 1·30 + 7·28 = 1457 = 47·31; 31 − 0 = 31, written 0.
    assert check_character("11110000DEM000017") == "0"
    assert problem("11110000DEM0000170") is None


def test_the_alphabet_leaves_out_what_is_misread():
    assert len(ALPHABET) == 31
    assert set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(ALPHABET) == set("IOZSV")


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("", "length"),
        (DEMO[:17], "length"),
        (DEMO + "0", "length"),
        (DEMO + " ", "length"),
        (DEMO.lower(), "character"),
        ("1111O000DEM000001C", "character"),  # the letter O for a nought
        ("11110000DEM00000１C", "character"),
        ("11110000DEM00000\x001", "character"),
        ("11110000DEM000001٣", "character"),
        ("11110000DEM000002C", "check"),
        ("11110000DEM000001D", "check"),
        ("北京市机关事务管理局北京市机关事务管", "character"),
    ],
)
def test_what_is_wrong_is_named(code, wrong):
    assert problem(code) == wrong


@pytest.mark.parametrize(
    "typed",
    [
        " 11110000dem000001c\n",
        "１１１１００００ＤＥＭ０００００１Ｃ",
        "　１１１１００００ｄｅｍ０００００１ｃ　",
        "\t11110000DEM000001C\u00a0",
    ],
)
def test_what_is_typed_is_made_plain(typed):
    assert normalise(typed) == DEMO


def test_a_stranger_stays_a_stranger():
    # str.upper() would make FF of one ligature and SS of one sharp s; the mistake must stay visible.
    assert normalise("ﬀß") == "ﬀß"


def test_a_check_character_needs_17_sound_characters():
    for first in ("", DEMO, "1111O000DEM000001"):
        with pytest.raises(ValueError, match="17 characters"):
            check_character(first)


seventeen = st.text(ALPHABET, min_size=17, max_size=17)


@given(seventeen)
def test_one_and_only_one_check_character_fits(first):
    fitting = [last for last in ALPHABET if problem(first + last) is None]
    assert fitting == [check_character(first)]


@given(seventeen, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(first, place, other):
    code = first + check_character(first)
    wrong = code[:place] + other + code[place + 1 :]
    assert problem(wrong) == (None if wrong == code else "check")


@given(seventeen, st.integers(0, 16))
def test_two_neighbours_changed_over_are_always_noticed(first, place):
    code = first + check_character(first)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert problem(wrong) == (None if wrong == code else "check")


@given(st.text())
def test_any_text_is_answered_and_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    assert problem(once) in {None, "length", "character", "check"}
