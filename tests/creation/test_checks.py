"""What stands against handing over: each check by hand, and what holds for whatever a file may say."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creation import checks
from creation.checks import Days, Finding, Line, Piece, findings, is_reason

TODAY = date(2026, 11, 22)
DAYS = Days(today=TODAY, until=date(2026, 12, 31))
FULL = Decimal(4)


def line(**more):
    """Return an item at which nothing is wrong: 4 points claimed, required evidence attached, done."""
    plain = {"code": "2.1", "points": FULL, "claimed": FULL, "answered": True, "evidence_expected": True}
    return Line(**(plain | {"evidence_required": True, "pieces": (Piece("通知.pdf"),)} | more))


def kinds(*lines, days=DAYS):
    return [(found.indicator, found.kind, found.severity) for found in findings(lines, days)]


def test_a_complete_item_has_nothing_against_it():
    assert kinds(line()) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # errors
        ({"answered": False, "claimed": None}, [("unanswered", "error")]),
        ({"answered": False, "claimed": None, "bonus": True}, []),
        (
            {"answered": False, "claimed": None, "done": False, "pieces": (), "sent_back": True},
            [("unanswered", "error")],
        ),
        ({"done": False}, [("not_done", "error")]),
        ({"done": False, "bonus": True}, [("not_done", "error")]),
        ({"pieces": ()}, [("evidence_missing", "error")]),
        ({"pieces": (), "bonus": True}, [("evidence_missing", "error")]),
        ({"pieces": (), "claimed": Decimal(0)}, []),
        ({"pieces": (), "claimed": Decimal(0), "gate_met": True}, [("evidence_missing", "error")]),
        ({"pieces": (), "not_applicable": True}, []),
        ({"done": False, "pieces": ()}, [("not_done", "error"), ("evidence_missing", "error")]),
        # no evidence where it is expected and not required
        ({"evidence_required": False, "pieces": ()}, [("no_evidence", "warning")]),
        ({"evidence_required": False, "pieces": (), "decided_on_site": True}, []),
        ({"evidence_required": False, "pieces": (), "evidence_expected": False}, []),
        ({"evidence_required": False, "pieces": (), "claimed": Decimal(0)}, []),
        ({"evidence_required": False, "pieces": (), "not_applicable": True}, []),
        # evidence that has expired or is about to
        ({"pieces": (Piece("a", date(2026, 11, 21)),)}, [("evidence_expired", "warning")]),
        ({"pieces": (Piece("a", date(2026, 11, 22)),)}, [("evidence_expires", "warning")]),
        ({"pieces": (Piece("a", date(2026, 12, 30)),)}, [("evidence_expires", "warning")]),
        ({"pieces": (Piece("a", date(2026, 12, 31)),)}, []),
        ({"pieces": (Piece("a", date(2026, 11, 21)),), "claimed": Decimal(0)}, []),
        ({"pieces": (Piece("a", date(2026, 11, 21)),), "not_applicable": True}, []),
        (
            {"pieces": (Piece("a", date(2026, 11, 21)), Piece("b", date(2026, 11, 30)), Piece("c"))},
            [("evidence_expired", "warning"), ("evidence_expires", "warning")],
        ),
        # much better than last year, unexplained
        ({"before": Decimal("3.5")}, [("much_better", "warning")]),
        ({"before": Decimal("3.5"), "explained": True}, []),
        ({"before": FULL}, []),
        ({"before": Decimal(1), "claimed": Decimal(3)}, [("much_better", "warning")]),
        ({"before": Decimal(1), "claimed": Decimal("2.9")}, []),
        ({"before": Decimal(3), "claimed": Decimal(1)}, []),
        ({"before": Decimal(0), "claimed": Decimal(0)}, []),
        ({"before": Decimal(1), "not_applicable": True}, []),
        # sent back, and saved by nobody since
        ({"sent_back": True}, [("sent_back", "warning")]),
    ],
)
def test_each_check_by_hand(changed, expected):
    assert kinds(line(**changed)) == [("2.1", *each) for each in expected]


def test_a_window_of_one_day_leaves_nothing_to_expire_before_its_end():
    last = Days(today=TODAY, until=TODAY)
    assert kinds(line(pieces=(Piece("a", TODAY),)), days=last) == []


def test_after_the_window_what_is_gone_is_gone():
    late = Days(today=date(2027, 1, 5), until=date(2026, 12, 31))
    assert kinds(line(pieces=(Piece("a", date(2027, 1, 4)),)), days=late) == [("2.1", "evidence_expired", "warning")]
    assert kinds(line(pieces=(Piece("a", date(2027, 1, 5)),)), days=late) == []


def test_the_sentences_name_what_was_found():
    wrong = line(
        evidence_required=False,
        pieces=(Piece("合同.pdf", date(2026, 11, 1)), Piece("照片 100%.jpg", date(2026, 12, 1))),
        before=Decimal("2.50"),
        before_year=2025,
    )
    assert [found.sentence for found in findings([wrong], DAYS)] == [
        "Evidence has expired: 合同.pdf (2026-11-01)",
        "Evidence expires before the self-rating ends on 2026-12-31: 照片 100%.jpg (2026-12-01)",
        "4 points are claimed after 2.5 in 2025, without an explanation",
    ]


def test_a_sentence_from_elsewhere_is_kept_as_it_is():
    assert (
        Finding("1.1", "energy_reason", "error", text="100% more area: say why").sentence == "100% more area: say why"
    )


def test_every_warning_says_why_and_no_error_can():
    assert sorted(checks.WHY) == sorted(checks.WARNING_KINDS)
    assert set(checks.WARNING_KINDS) < set(checks.LABELS)
    assert [checks.label_of(kind) for kind in ("no_evidence", "of old")] == ["Points without evidence", "Warning"]
    assert set(checks.TEXTS) - set(checks.WARNING_KINDS) == {"unanswered", "not_done", "evidence_missing"}
    assert [kind for kind in checks.TEXTS if len(kind) > 40] == []


@pytest.mark.parametrize(
    ("reason", "enough"),
    [
        ("", False),
        ("已经说明过了的情况", False),  # nine
        ("已经说明过了的情况。", True),  # ten
        ("a        b", False),
        ("   see note ", False),
        ("see notes.", True),
        ("\n" * 40, False),
    ],
)
def test_ten_characters_are_a_reason_blanks_are_none(reason, enough):
    assert is_reason(reason) is enough


# --- whatever a file may say ---------------------------------------------------------------------------------------

points = st.decimals(min_value=0, max_value=20, places=2)
pieces = st.builds(Piece, st.text(max_size=5), st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1)))
lines = st.builds(
    Line,
    code=st.sampled_from(["1.1", "2.1", "2.2", "A.1"]),
    points=points,
    claimed=st.none() | points,
    answered=st.booleans(),
    done=st.booleans(),
    not_applicable=st.booleans(),
    bonus=st.booleans(),
    gate_met=st.booleans(),
    evidence_expected=st.booleans(),
    evidence_required=st.booleans(),
    decided_on_site=st.booleans(),
    explained=st.booleans(),
    pieces=st.lists(pieces, max_size=3).map(tuple),
    before=st.none() | points,
    sent_back=st.booleans(),
)
days = st.builds(Days, st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.dates(date(2025, 1, 1), date(2028, 1, 1)))


@given(lines, days)
def test_a_finding_stands_once_errors_first_and_has_a_sentence(one, when):
    found = findings([one], when)
    assert len({each.kind for each in found}) == len(found)
    assert [each.severity for each in found] == sorted(each.severity for each in found)
    assert all(each.sentence and each.indicator == one.code for each in found)
    assert all(bool(each.why) == (each.severity == "warning") for each in found)


@given(lines, days)
def test_an_unanswered_item_is_asked_about_nothing_else(one, when):
    if not one.answered:
        assert [each.kind for each in findings([one], when)] == ([] if one.bonus else ["unanswered"])


@given(lines, days)
def test_an_item_that_claims_nothing_is_never_asked_for_paper(one, when):
    if not one.claims_something:
        asked = {"evidence_missing", "no_evidence", "evidence_expired", "evidence_expires", "much_better"}
        assert {each.kind for each in findings([one], when)} & asked == set()


@given(st.lists(lines, max_size=5), days)
def test_items_do_not_weigh_on_each_other(several, when):
    assert findings(several, when) == [found for one in several for found in findings([one], when)]
