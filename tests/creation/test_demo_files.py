"""The standard and the register of the demonstration against the rules they are read by; figures worked out by hand."""

import csv
import json
from decimal import Decimal
from pathlib import Path

from creation.credit_code import problem
from creation.scoring import Found, Item, Rulebook, rate, rubric_problems

DATA = Path(__file__).resolve().parents[2] / "data"


def demo_standard():
    """The rulebook of the demonstration standard: 29 indicators of 100 points and one bonus item."""
    raw = json.loads((DATA / "standard_demo.json").read_text(encoding="utf-8"))
    indicators = [indicator for dimension in raw["dimensions"] for indicator in dimension["indicators"]]
    items = [(indicator, False) for indicator in indicators] + [(indicator, True) for indicator in raw["bonus"]]
    return Rulebook(
        tuple(
            Item(
                indicator["code"],
                Decimal(indicator["points"]),
                indicator["rubric"],
                gate=indicator["gate"],
                not_applicable=indicator["not_applicable"],
                bonus=bonus,
            )
            for indicator, bonus in items
        ),
        Decimal(raw["pass_mark"]),
        Decimal(raw["full_points"]),
        Decimal(raw["bonus_cap"]),
    )


def everything(book):
    """The best that can be found for every item of the base."""
    best = {
        "gate": lambda _rubric: {"met": True},
        "checklist": lambda rubric: {"present": list(range(len(rubric["parts"])))},
        "levels": lambda rubric: {"level": len(rubric["levels"]) - 1},
        "additive": lambda _rubric: {"count": 9},
        "deductive": lambda _rubric: {"count": 0},
        "banded": lambda _rubric: {"value": "100"},
    }
    return {item.code: Found(best[item.rubric["method"]](item.rubric)) for item in book.items if not item.bonus}


def test_the_demonstration_standard_is_sound():
    book = demo_standard()
    assert {item.code: rubric_problems(item) for item in book.items if rubric_problems(item)} == {}
    base = [item for item in book.items if not item.bonus]
    assert (len(base), sum(item.points for item in base)) == (29, 100)
    result = rate(book, everything(book))
    assert (result.total, result.passed) == (100, True)


def test_item_3_7_not_applicable_moves_the_edge_of_a_pass():
    book = demo_standard()
    # 2.11 (9 points), 3.2 (5) and 6.2 (5) at nothing: 100 − 19 = 81.
    lost = {"2.11": Found({"value": "49.99"}), "3.2": Found({"count": 5}), "6.2": Found({"present": []})}
    found = {**everything(book), **lost}
    assert rate(book, found).total == 81
    # Without the 5 points of 3.7 the base is 95: 76 ÷ 95 × 100 = 80 exactly.
    found["3.7"] = Found(not_applicable=True)
    result = rate(book, found)
    assert (result.earned, result.applicable, result.total, result.passed) == (76, 95, 80, True)
    # One point less (2.1): 75 ÷ 95 × 100 = 78.947…, while with 3.7 in the base it would still be 80.
    found["2.1"] = Found({"present": []})
    result = rate(book, found)
    assert (str(result.total_shown), str(result.total_rounded), result.passed) == ("78.94", "78.95", False)
    found["3.7"] = Found({"count": 0})
    assert (rate(book, found).total, rate(book, found).passed) == (80, True)
    # Three items of bonus (A.1) are 6 points, seven would be 14 and are 10.
    assert rate(book, {**found, "A.1": Found({"count": 3})}).total == 86
    assert rate(book, {**found, "A.1": Found({"count": 7})}).total == 90


def test_every_code_of_the_demonstration_register_is_sound():
    with (DATA / "register_demo.csv").open(encoding="utf-8-sig", newline="") as register:
        codes = [row["credit_code"] for row in csv.DictReader(register)]
    assert (len(codes), len(set(codes))) == (1262, 1262)
    assert [code for code in codes if problem(code)] == []
