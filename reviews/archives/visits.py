"""What the archive says of the visits to an organ: ratings, findings, photos, statements, signatures."""

from creation.models import Assessment, Indicator
from reviews.archives.plain import Papers, found_of, instant, iso, name_of, number_of
from reviews.models import Finding, Inspection, Rating, Signature, VisitPhoto


def visits_of(file: Assessment, papers: Papers, indicators: dict[int, Indicator]) -> list[dict]:
    """Return the inspection and the spot check of a file, as far as they were filed."""
    rows = file.inspections.select_related("lead", "filed_by").prefetch_related(
        "members__user",
        "vetoes__by",
        "statements",
        "signatures",
        "photos__evidence",
        "ratings",
        "findings__raised_by",
        "findings__steps__by",
        "findings__photos__evidence",
    )
    return [_visit(visit, papers, indicators) for visit in rows]


def _visit(visit: Inspection, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    """Return a visit; of one that was never filed that it was not: what its team noted is nobody's statement."""
    said = {"kind": visit.kind, "kind_text": visit.get_kind_display(), "filed_at": instant(visit.filed_at)}
    if not visit.is_filed:
        return said
    return said | {
        "visit_on": iso(visit.visit_on),
        "lead": name_of(visit.lead),
        "team": [name_of(member.user) for member in visit.members.all()],
        "filed_by": name_of(visit.filed_by),
        "passed": visit.passed,
        "total": number_of(visit.total),
        "statement": visit.statement,
        "sha256": visit.sha256,
        "content": f"visits/{visit.kind}.json" if visit.content else "",
        "ratings": [_rating(row, indicators[row.indicator_id]) for row in visit.ratings.all()],
        "vetoes": [
            {"kind": row.kind, "kind_text": row.get_kind_display(), "reason": row.reason, "at": instant(row.at)}
            for row in visit.vetoes.all()
        ],
        "findings": [_finding(row, papers, indicators) for row in visit.findings.all()],
        "photos": [_photo(row, papers, indicators) for row in visit.photos.all()],
        "statements": [
            {"text": row.text, "spoken_by": row.spoken_by, "at": instant(row.at)} for row in visit.statements.all()
        ],
        "signatures": [_signature(visit, number, row) for number, row in enumerate(visit.signatures.all(), start=1)],
    }


def _rating(row: Rating, indicator: Indicator) -> dict:
    changed = row.changed_at is not None
    return {
        **found_of(indicator, row.found, row.not_applicable, row.points),
        "remark": row.remark,
        "from_paper": row.from_paper,
        "before_comparison": number_of(row.first_points) if changed else "",
        "change_reason": row.change_reason,
    }


def _finding(row: Finding, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    return {
        "item": indicators[row.indicator_id].code,
        "kind": row.kind,
        "kind_text": row.get_kind_display(),
        "text": row.text,
        "due_on": iso(row.due_on),
        "state": row.state,
        "state_text": row.get_state_display(),
        "raised_by": name_of(row.raised_by),
        "raised_at": instant(row.raised_at),
        "steps": [
            {"what": one.what, "what_text": one.get_what_display(), "text": one.text, "by": name_of(one.by),
             "at": instant(one.at)}
            for one in row.steps.all()
        ],
        "photos": [
            {"when": one.when, "when_text": one.get_when_display(), "file": papers.path(one.evidence)}
            for one in row.photos.all()
        ],
    }  # fmt: skip


def _photo(row: VisitPhoto, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    return {
        "item": indicators[row.indicator_id].code if row.indicator_id else "",
        "file": papers.path(row.evidence),
        "taken_at": instant(row.taken_at),
        "received_at": instant(row.received_at),
        "latitude": number_of(row.latitude),
        "longitude": number_of(row.longitude),
        "accuracy_m": row.accuracy_m,
    }


def _signature(visit: Inspection, number: int, row: Signature) -> dict:
    return {
        "side": row.side,
        "side_text": row.get_side_display(),
        "name": row.name,
        "position": row.position,
        "disagrees": row.disagrees,
        "statement": row.statement,
        "signed_at": instant(row.signed_at),
        "signed_sha256": row.signed_sha256,
        "drawing": f"visits/{visit.kind}-signature-{number}.svg",
        "path": row.path,
    }
