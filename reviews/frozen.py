"""Which rows of the others' side are frozen, and when."""

from creation.guards import Guard, append_only, closed_with_parent, frozen_when, frozen_with_parent, only_columns_change

_FILED = "P.filed_at IS NOT NULL"
_PHOTO = (
    "inspection_id",
    "indicator_id",
    "finding_key",
    "evidence_id",
    "key",
    "sha256",
    "taken_at",
    "latitude",
    "longitude",
    "accuracy_m",
    "by_id",
    "received_at",
)
_ARRIVED = (
    "inspection_id",
    "key",
    "device",
    "number",
    "kind",
    "subject",
    "payload",
    "sha256",
    "recorded_at",
    "received_at",
    "by_id",
)


def _conflict(person: str, visit: str, day: str) -> str:
    """Return the condition that a person works or, within the round's years of conflict, worked at the visited organ.

    The verbs refuse first and say why (`actions.teams.conflicts`); this holds for whatever else may write a team.
    """
    return (
        "EXISTS (SELECT 1 FROM creation_assessment F JOIN creation_cycle C ON C.id = F.cycle_id "  # noqa: S608 names of ours
        f"JOIN creation_appointment A ON A.organ_id = F.organ_id {visit} "
        f"AND A.user_id = {person} AND A.starts_on <= {day} "
        f"AND (A.ends_on IS NULL OR A.ends_on >= <years before {day} C.conflict_years>))"
    )


_MEMBER = _conflict(
    "NEW.user_id",
    "JOIN reviews_inspection V ON V.assessment_id = F.id WHERE V.id = NEW.inspection_id",
    "V.visit_on",
)
# the second look is another team's
_SECOND = (
    "EXISTS (SELECT 1 FROM reviews_inspection V JOIN reviews_inspection W ON W.assessment_id = V.assessment_id "
    "AND W.kind = 'inspection' JOIN reviews_teammember M ON M.inspection_id = W.id AND M.user_id = NEW.user_id "
    "WHERE V.id = NEW.inspection_id AND V.kind = 'spot_check')"
)
_LEAD = _conflict("NEW.lead_id", "WHERE F.id = NEW.assessment_id", "NEW.visit_on")
_MOVED = "(NEW.lead_id <differs> OLD.lead_id OR NEW.visit_on <differs> OLD.visit_on)"
_COMPARES = "EXISTS (SELECT 1 FROM reviews_inspection P WHERE P.id = NEW.inspection_id AND P.own_points_at IS NOT NULL)"
_OTHER_FIRST = (
    "NEW.first_found <differs> OLD.found OR NEW.first_not_applicable <differs> OLD.not_applicable "
    "OR NEW.first_points <differs> OLD.points OR NEW.first_remark <differs> OLD.remark"
)
# two persons: an objection ends with the words that one official proposed and another confirmed
_DECIDED_ALONE = (
    "OLD.state = 'open' AND NEW.state <> 'open' AND (OLD.proposed_by_id IS NULL OR NEW.decided_by_id IS NULL "
    "OR NEW.decided_by_id = OLD.proposed_by_id OR NEW.proposed_by_id <differs> OLD.proposed_by_id "
    "OR NEW.state <> OLD.proposed_state OR NEW.reason <> OLD.proposed_reason)"
)
# four eyes: a notice becomes public with the very words that somebody else approved than whoever wrote or handed it in
_WORDS = (
    "cycle_id",
    "region_id",
    "title",
    "basis",
    "process",
    "office",
    "office_phone",
    "office_address",
    "office_mailbox",
    "drafted_by_id",
    "drafted_at",
    "edited_by_id",
)
_HANDED_IN = ("handed_in_by_id", "handed_in_at", "publish_at")
_APPROVED = ("approved_by_id", "approved_at", "approved_sha256")


def _moved(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} <differs> OLD.{column}" for column in columns)


_APPROVED_ALONE = (
    "NEW.approved_by_id IS NOT NULL AND (NEW.handed_in_by_id IS NULL OR NEW.approved_by_id = NEW.handed_in_by_id "
    "OR NEW.approved_by_id = NEW.drafted_by_id OR NEW.approved_by_id = NEW.edited_by_id OR EXISTS (SELECT 1 FROM "
    "creation_event E WHERE E.verb = 'change' AND E.subject_type = 'notice' AND E.subject_id = NEW.id "
    "AND E.by_id = NEW.approved_by_id))"
)
_UNAPPROVED = (
    "NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND (OLD.approved_by_id IS NULL "
    f"OR NEW.handed_in_at IS NULL OR {_moved(_APPROVED)})"
)
_NOTICES = [
    Guard("reviews_notice", "INSERT", "NEW.published_at IS NOT NULL OR NEW.approved_at IS NOT NULL", word="four_eyes"),
    Guard("reviews_notice", "UPDATE", f"({_APPROVED_ALONE}) OR ({_UNAPPROVED})", word="four_eyes"),
    Guard(
        "reviews_notice",
        "UPDATE",
        f"OLD.handed_in_at IS NOT NULL AND ({_moved(_WORDS)} OR (NEW.handed_in_at IS NOT NULL "
        f"AND ({_moved(_HANDED_IN)} OR (OLD.approved_at IS NOT NULL AND ({_moved(_APPROVED)})))))",
        word="handed_in",
    ),
    Guard("reviews_notice", "DELETE", "OLD.handed_in_at IS NOT NULL AND OLD.published_at IS NULL", word="handed_in"),
]
# the own points are finished once; from then on a rating changes once, and what stood before it stays
_COMPARED = [
    Guard(
        "reviews_inspection",
        "UPDATE",
        "OLD.own_points_at IS NOT NULL AND NEW.own_points_at <differs> OLD.own_points_at",
        word="compared",
    ),
    Guard("reviews_rating", "INSERT", f"NEW.changed_at IS NULL AND {_COMPARES}", word="compared"),
    Guard(
        "reviews_rating",
        "UPDATE",
        f"OLD.changed_at IS NOT NULL OR ({_COMPARES} AND (NEW.changed_at IS NULL OR {_OTHER_FIRST}))",
        word="compared",
    ),
    Guard("reviews_rating", "DELETE", _COMPARES.replace("NEW.", "OLD."), word="compared"),
]
# a title recognised in the portal ends by a case that was decided on the very day it names; an earlier list may bring
# a title together with its revocation
_UNHEARD = (
    "NEW.revoked_on IS NOT NULL AND NEW.source <> 'import' AND NOT EXISTS (SELECT 1 FROM reviews_revocationcase C "
    "WHERE C.recognition_id = NEW.id AND C.decision = 'revoked' AND C.revoked_on = NEW.revoked_on)"
)
# what the organ was told and what it answered stay; nothing is decided against it while it may still answer. The
# last condition is wider than the verb's by the hours between midnight here and in UTC
_TOLD = ("recognition_id", "recheck_item_id", "grounds", "facts", "opened_by_id", "opened_at", "heard_until")
_TOLD_MOVED = " OR ".join(f"NEW.{column} <differs> OLD.{column}" for column in _TOLD)
_ANSWER_MOVED = " OR ".join(f"NEW.{column} <differs> OLD.{column}" for column in ("answer", "answered_by_id"))
_RECHECK = ("cycle_id", "number", "share", "minimum", "opened_by_id", "opened_at")
_RECHECKED = (
    "EXISTS (SELECT 1 FROM reviews_recheckitem I JOIN creation_recognition T ON T.id = I.recognition_id "
    "JOIN reviews_recheckround R ON R.id = I.round_id JOIN creation_cycle C ON C.id = R.cycle_id "
    "JOIN creation_appointment A ON A.organ_id = T.organ_id AND A.user_id = NEW.user_id AND A.starts_on <= I.visit_on "
    "AND (A.ends_on IS NULL OR A.ends_on >= <years before I.visit_on C.conflict_years>) WHERE I.id = NEW.item_id)"
)
# a verdict that was given stays
_VERDICTS = " OR ".join(
    f"(OLD.{what}_at IS NOT NULL AND ("
    + " OR ".join(f"NEW.{what}_{part} <differs> OLD.{what}_{part}" for part in ("verdict", "reason", "by_id", "at"))
    + "))"
    for what in ("paper", "site")
)
_CASES = [
    Guard("reviews_recheckitem", "UPDATE", _VERDICTS, word="given"),
    Guard("reviews_recheckmember", "INSERT", _RECHECKED, word="conflict"),
    Guard("reviews_recheckmember", "UPDATE", _RECHECKED, word="conflict"),
    *only_columns_change("reviews_recheckround", _RECHECK),
    Guard("creation_recognition", "INSERT", _UNHEARD, word="hearing"),
    Guard("creation_recognition", "UPDATE", f"OLD.revoked_on IS NULL AND {_UNHEARD}", word="hearing"),
    Guard("reviews_revocationcase", "INSERT", "NEW.decided_at IS NOT NULL", word="hearing"),
    Guard(
        "reviews_revocationcase",
        "UPDATE",
        "NEW.decision = 'revoked' AND NEW.answered_at IS NULL AND NEW.decided_at <= NEW.heard_until",
        word="hearing",
    ),
    Guard(
        "reviews_revocationcase",
        "UPDATE",
        f"{_TOLD_MOVED} OR (OLD.answered_at IS NOT NULL AND ({_ANSWER_MOVED}))",
        word="told",
    ),
]
GUARDS = [
    *_COMPARED,
    *_NOTICES,
    *_CASES,
    Guard("reviews_teammember", "INSERT", f"{_MEMBER} OR {_SECOND}", word="conflict"),
    Guard("reviews_teammember", "UPDATE", f"{_MEMBER} OR {_SECOND}", word="conflict"),
    Guard("reviews_inspection", "INSERT", _LEAD, word="conflict"),
    Guard("reviews_inspection", "UPDATE", f"{_MOVED} AND {_LEAD}", word="conflict"),
    *frozen_when("reviews_inspection", "ROW.filed_at IS NOT NULL"),
    *frozen_with_parent("reviews_rating", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_teammember", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_veto", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_finding", "inspection_id", "reviews_inspection", _FILED),
    *closed_with_parent("reviews_visitphoto", "inspection_id", "reviews_inspection", _FILED),
    *only_columns_change("reviews_visitphoto", _PHOTO, once=("finding_id",)),
    *closed_with_parent("reviews_signature", "inspection_id", "reviews_inspection", _FILED),
    *append_only("reviews_signature"),
    *only_columns_change("reviews_phonerecord", _ARRIVED, once=("settled_at", "settled_by_id")),
    *append_only("reviews_findingstep"),
    *append_only("reviews_findingphoto"),
    *append_only("reviews_pool"),
    *append_only("reviews_poolmember"),
    *append_only("reviews_draw"),
    *append_only("reviews_drawpublication"),
    *append_only("reviews_drawnmember"),
    *append_only("reviews_extension"),
    *append_only("reviews_extensionpublication"),
    *append_only("reviews_visitstatement"),
    *closed_with_parent("reviews_visitstatement", "inspection_id", "reviews_inspection", _FILED),
    *frozen_when("reviews_notice", "ROW.published_at IS NOT NULL"),
    *frozen_with_parent(
        "reviews_listing", "notice_id", "reviews_notice", "P.published_at IS NOT NULL OR P.handed_in_at IS NOT NULL"
    ),
    *frozen_when("reviews_objection", "ROW.state <> 'open'"),
    Guard("reviews_objection", "INSERT", "NEW.state <> 'open'", word="two_persons"),
    Guard("reviews_objection", "UPDATE", _DECIDED_ALONE, word="two_persons"),
    *append_only("reviews_verificationsheet"),
    *append_only("reviews_publishedkey"),
    *append_only("reviews_rateannouncement"),
    *append_only("reviews_recheckpaper"),
    *frozen_when("reviews_recheckitem", "ROW.settled_at IS NOT NULL"),
    *frozen_with_parent("reviews_recheckmember", "item_id", "reviews_recheckitem", "P.site_at IS NOT NULL"),
    *frozen_when("reviews_revocationcase", "ROW.decided_at IS NOT NULL"),
    *append_only("reviews_hearing"),
    *append_only("reviews_hearingfile"),
    *append_only("reviews_objectorlook"),
]
