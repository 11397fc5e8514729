"""What the archive says of the draw, the notice with its objections, and the title with what came after it.

Who objected is read nowhere here: of an objection the archive has the grounds, the organ's answer with its
papers, and the decision.
"""

from creation.models import Assessment
from reviews.archives.plain import Papers, instant, iso, name_of
from reviews.models import Objection, RecheckItem, RevocationCase


def draw_of(file: Assessment) -> dict | None:
    """Return what the draw said of the file; None when it was in no pool."""
    member = getattr(file, "pool_member", None)
    if member is None:
        return None
    pool, result, extension = member.pool, getattr(member, "result", None), getattr(member, "extension", None)
    replacement = getattr(member, "replaced_by", None)
    return {
        "pool": pool.number,
        "pool_region": pool.region.code,
        "pool_sha256": pool.sha256,
        "stratum": member.stratum,
        "key": member.key,
        "tickets": member.tickets,
        "rank": result.rank if result else None,
        "drawn": result.drawn if result else None,
        "drawn_later_because": extension.reason if extension else "",
        "replaced_because": replacement.reason if replacement else "",
    }


def publicity_of(file: Assessment, papers: Papers) -> dict | None:
    """Return the published notice on which the organ stands, and the objections to it; None without one."""
    listing = getattr(file, "listing", None)
    if listing is None or not listing.notice.is_published:
        return None
    notice = listing.notice
    return {
        "notice": notice.title,
        "published_at": instant(notice.published_at),
        "first_day": iso(notice.first_day),
        "last_day": iso(notice.last_day),
        "number": listing.number,
        "name": listing.organ_name,
        "batch": listing.batch,
        "objections": [
            _objection(row, papers)
            for row in listing.objections.select_related("decided_by").prefetch_related("hearings__files__evidence")
        ],
    }


def _objection(row: Objection, papers: Papers) -> dict:
    """Return grounds, the organ's answers with its papers and the decision; nothing that could lead to who objected."""
    return {
        "grounds": row.grounds,
        "at": instant(row.at),
        "answers": [
            {
                "text": one.text,
                "at": instant(one.at),
                "papers": [papers.path(paper.evidence) for paper in one.files.all()],
            }
            for one in row.hearings.all()
        ],
        "state": row.state,
        "state_text": row.get_state_display(),
        "reason": row.reason,
        "decided_by": name_of(row.decided_by),
        "decided_at": instant(row.decided_at),
    }


def title_of(file: Assessment, papers: Papers) -> tuple[dict | None, dict[str, list[int]]]:
    """Return the title with what came after it, and the ids of those rows by the names under which events know them."""
    title = getattr(file, "recognition", None)
    if title is None:
        return None, {}
    sheet = getattr(title, "sheet", None)
    rechecks = title.rechecks.select_related("round").prefetch_related("members__user", "papers__evidence")
    cases = list(title.revocation_cases.order_by("pk"))
    items = list(rechecks.order_by("pk"))
    said = {
        "batch": title.batch,
        "document_number": title.document_number,
        "granted_on": iso(title.granted_on),
        "valid_until": iso(title.valid_until),
        "revoked_on": iso(title.revoked_on),
        "revoke_reason": title.revoke_reason or "",
        "replaced_on": iso(title.replaced_on),
        "sheet": sheet
        and {
            "code": sheet.code,
            "payload": sheet.payload,
            "key_id": sheet.key_id,
            "signature": sheet.signature,
            "issued_at": instant(sheet.issued_at),
        },
        "rechecks": [_recheck(item, papers) for item in items],
        "revocation_cases": [_case(case) for case in cases],
    }
    ids = {
        "recognition": [title.pk],
        # its events tell of a planned visit as well
        "recheckitem": [item.pk for item in items if item.visit_on is None or item.site_at],
        "revocationcase": [case.pk for case in cases],
        "verificationsheet": [sheet.pk] if sheet else [],
    }
    return said, ids


def _recheck(item: RecheckItem, papers: Papers) -> dict:
    """Return what became of a recheck; whom it visits, and when, is told once the visit has been filed."""
    filed = item.site_at is not None
    return {
        "round": item.round.title,
        "report": item.report,
        "reported_at": instant(item.reported_at),
        "paper_verdict": item.paper_verdict,
        "paper_reason": item.paper_reason,
        "team": [name_of(member.user) for member in item.members.all()] if filed else [],
        "visit_on": iso(item.visit_on) if filed else "",
        "site_verdict": item.site_verdict,
        "site_reason": item.site_reason,
        "outcome": item.outcome,
        "outcome_text": item.get_outcome_display(),
        "outcome_reason": item.outcome_reason,
        "outcome_at": instant(item.outcome_at),
        "rectify_until": iso(item.rectify_until),
        "rectified": item.rectified,
        "rectified_at": instant(item.rectified_at),
        "settled_at": instant(item.settled_at),
        "papers": [papers.path(one.evidence) for one in item.papers.all()],
    }


def _case(case: RevocationCase) -> dict:
    return {
        "grounds": case.grounds,
        "grounds_text": case.get_grounds_display(),
        "facts": case.facts,
        "opened_at": instant(case.opened_at),
        "heard_until": iso(case.heard_until),
        "answer": case.answer,
        "answered_at": instant(case.answered_at),
        "decision": case.decision,
        "decision_text": case.get_decision_display(),
        "reason": case.reason,
        "revoked_on": iso(case.revoked_on),
        "decided_at": instant(case.decided_at),
    }
