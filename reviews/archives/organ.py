"""What the archive says of one organ: its file, receipts, evidence, visits, decisions and title.

Who objected is read nowhere here: of an objection the archive has the grounds, the organ's answer and the decision.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from creation import pdf, stages
from creation.checks import label_of
from creation.forms.ratings import found_text, plain
from creation.models import AMOUNTS, Assessment, Event, Evidence, Indicator, StageChange, Submission
from creation.rules import has_been_submitted
from creation.views.receipts import paper_of
from reviews.actions.spot_checks import letter_of
from reviews.archives.writing import Piece, as_json
from reviews.archiving import Described, folder_of, safe_name, unique_name
from reviews.models import Finding, Inspection, Objection

PATH = "organs"
SHORT = 16  # digits of a hash that name a file
# of an objection's events only what became of it: an event may never tell who objected
_SAID_OF_OBJECTIONS = frozenset({"state", "proposed_state"})


@dataclass(frozen=True, slots=True)
class Organ:
    """The folder of an organ: where it lies, what is said of it, and its pieces."""

    path: str
    said: Described
    pieces: list[Piece]


@dataclass
class Papers:
    """The kept files that the organ's folder needs, each once by its hash, with where they lie in it."""

    found: dict[str, Evidence] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def path(self, evidence: Evidence) -> str:
        """Return where a kept file lies in the folder, and take it along."""
        sha256 = evidence.sha256
        if sha256 not in self.found:
            self.found[sha256] = evidence
            name = unique_name(f"{sha256[:SHORT]}-{safe_name(evidence.name)}", self.taken)
            self.names[sha256] = f"evidence/{name}"
        return self.names[sha256]


def path_of(file: Assessment) -> str:
    """Return the name of the folder of a file's organ."""
    return folder_of(file.organ.region.code, file.organ.credit_code, file.organ.name)


def organ_of(file_id: int, indicators: dict[int, Indicator]) -> Organ:
    """Return the folder of a file's organ, everything as it stood at one moment; the texts in the present language.

    `indicators` are those of the round's standard by id.
    """
    with transaction.atomic():
        # every verb on a file locks its row first: nothing of it changes while it is read
        Assessment.objects.select_for_update().get(pk=file_id)
        file = Assessment.objects.with_places().select_related("organ__region__department").get(pk=file_id)
        papers = Papers()
        data = _read(file, papers, indicators)
        receipts = list(file.submissions.select_related("by", "prepared_by"))
        contents = dict(file.inspections.exclude(content="").values_list("kind", "content"))
    return Organ(path_of(file), _said(file, data), _pieces(file, data, receipts, contents, papers))


def _said(file: Assessment, data: dict) -> Described:
    title = data["title"] or {}
    return Described(
        _("%(organ)s: file of the round %(year)s") % {"organ": file.organ.name, "year": file.cycle.year},
        file.organ.name,
        day_of(file.stage_since),
        title.get("document_number", ""),
    )


def _pieces(file: Assessment, data: dict, receipts: list[Submission], contents: dict, papers: Papers) -> list[Piece]:
    organ, department = file.organ.name, data["file"]["department"]
    since = day_of(file.stage_since)
    found = [
        Piece("file.json", Described(_("The file"), organ, since), as_json(data["file"])),
        Piece("answers.json", Described(_("Answers and figures"), organ, since), as_json(data["answers"])),
        Piece("history.json", Described(_("History of the file"), department, since), as_json(data["history"])),
        Piece("events.json", Described(_("Events"), department, since), as_json(data["events"])),
        Piece("receipts.json", Described(_("List of receipts"), organ, since), as_json(data["receipts"])),
        Piece("visits.json", Described(_("Inspection and spot check"), department, since), as_json(data["visits"])),
        Piece("draw.json", Described(_("Draw"), department, since), as_json(data["draw"])),
        Piece("publicity.json", Described(_("Notice and objections"), department, since), as_json(data["publicity"])),
        Piece("title.json", Described(_("Recognition and what came after"), department, since), as_json(data["title"])),
        Piece("evidence.json", Described(_("List of evidence"), organ, since), as_json(data["evidence"])),
    ]
    for receipt in receipts:
        said = Described(_("Receipt of the self-rating"), organ, day_of(receipt.at), receipt.number)
        found.append(Piece(f"receipts/{receipt.number}.json", said, receipt.content.encode()))
        found.append(Piece(f"receipts/{receipt.number}.pdf", said, _paper(receipt, file)))
    for visit in data["visits"]:
        said = Described(visit["kind_text"], department, visit["visit_on"])
        if visit["content"]:
            found.append(Piece(visit["content"], said, contents[visit["kind"]].encode()))
        found += [
            Piece(one["drawing"], Described(_("Signature"), one["name"], one["signed_at"][:10]), _svg(one["path"]))
            for one in visit["signatures"]
        ]
    for sha256, evidence in papers.found.items():
        said = Described(evidence.name, organ, day_of(evidence.uploaded_at))
        found.append(Piece(papers.names[sha256], said, evidence))
    found.append(Piece("index.html", None, render_to_string("reviews/archive/organ.html", data).encode()))
    return found


def _paper(receipt: Submission, file: Assessment) -> Callable[[], bytes]:
    return lambda: pdf.render("receipt.typ", paper_of(receipt, file, shows_points=True))


def _svg(path: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400">'
        f'<path d="{path}" fill="none" stroke="black" stroke-width="4" stroke-linecap="round"/></svg>\n'
    ).encode()


# --- from rows to plain data ---------------------------------------------------------------------------------------


def instant(at: datetime | None) -> str:
    """Return an instant in Asia/Shanghai to the second, empty for none."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


def day_of(at: datetime | None) -> str:
    """Return the day of an instant in Asia/Shanghai, empty for none."""
    return timezone.localdate(at).isoformat() if at else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _name(person) -> str:
    return person.name if person else ""


def _number(number: object) -> str:
    return "" if number is None else plain(number)


def _read(file: Assessment, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    """Return everything that the folder says as plain data, and note the kept files it needs."""
    receipts = _receipts(file)
    visits = _visits(file, papers, indicators)
    title, after = _title(file, papers)
    data = {
        "file": _file(file),
        "history": _history(file),
        "receipts": receipts,
        "answers": _answers(file, papers, indicators),
        "visits": visits,
        "draw": _draw(file),
        "publicity": _publicity(file),
        "title": title,
        "events": _events(file, after),
    }
    letter = letter_of(file)
    data["file"]["letter"] = papers.path(letter) if letter else ""
    _named_in_receipts(file, papers)
    data["evidence"] = [_evidence(sha256, papers) for sha256 in papers.found]
    return data


def _file(file: Assessment) -> dict:
    organ, region = file.organ, file.organ.region
    department = region.department.name if region.department else region.name
    return {
        "id": file.pk,
        "folder": path_of(file),
        "organ": organ.name,
        "organ_en": organ.name_en,
        "credit_code": organ.credit_code,
        "category": organ.category,
        "category_text": organ.get_category_display(),
        "region": region.name,
        "region_code": region.code,
        "level": region.kind,
        "department": department,
        "established_on": _day(organ.established_on),
        "abolished_on": _day(organ.abolished_on),
        "year": file.cycle.year,
        "round": str(file.cycle),
        "standard": f"{file.cycle.standard.code}/{file.cycle.standard.version}",
        "stage": file.stage,
        "stage_text": str(stages.LABELS[file.stage]),
        "stage_since": instant(file.stage_since),
    }


def _history(file: Assessment) -> dict:
    """Return the stage changes with everything that their hashes are reckoned from (`actions.moves.change_hash`)."""
    changes = file.changes.select_related("by").prefetch_related("reasons__indicator").order_by("number")
    return {"file": file.pk, "stage": file.stage, "changes": [_change(change) for change in changes]}


def _change(change: StageChange) -> dict:
    return {
        "number": change.number,
        "step": change.step,
        "step_text": str(change.step_label),
        "from_stage": change.from_stage,
        "to_stage": change.to_stage,
        "to_text": str(change.to_label),
        "by_id": change.by_id,
        "by": _name(change.by),
        "at": instant(change.at),
        "at_us": int(change.at.timestamp() * 1_000_000),
        "note": change.note,
        "previous_hash": change.previous_hash,
        "hash": change.hash,
        "reasons": [{"item": one.indicator.code, "reason": one.reason} for one in change.reasons.all()],
    }


def _receipts(file: Assessment) -> list[dict]:
    rows = file.submissions.values_list("number", "sha256", "at", "prepared_by__name", "by__name")
    return [
        {
            "number": number,
            "sha256": sha256,
            "content": f"receipts/{number}.json",
            "paper": f"receipts/{number}.pdf",
            "at": instant(at),
            "prepared_by": prepared_by,
            "by": by,
        }
        for number, sha256, at, prepared_by, by in rows
    ]


def _answers(file: Assessment, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    """Return what the file says now; of a file that has never left its organ nothing, as nobody else reads it."""
    if not has_been_submitted(None, file):
        return {"handed_over": False, "answers": [], "figures": [], "warnings": []}
    attached: dict[int, list[str]] = {}
    for attachment in file.attachments.select_related("evidence"):
        attached.setdefault(attachment.indicator_id, []).append(papers.path(attachment.evidence))
    answers = [
        {
            **_found(indicators[row.indicator_id], row.found, row.not_applicable, row.points),
            "remark": row.remark,
            "since_last_year": row.since_last_year,
            "evidence": attached.get(row.indicator_id, []),
        }
        for row in file.answers.all()
    ]
    figures = [
        {
            "year": row.year,
            **{name: _number(getattr(row, name)) for name in (*AMOUNTS, "users")},
            "change_reason": row.change_reason,
        }
        for row in file.energy_figures.all()
    ]
    warnings = [
        {
            "item": indicators[row.indicator_id].code,
            "kind": row.kind,
            "kind_text": str(label_of(row.kind)),
            "reason": row.reason,
            "by": _name(row.by),
        }
        for row in file.warnings_passed.select_related("by")
    ]
    return {"handed_over": True, "answers": answers, "figures": figures, "warnings": warnings}


def _found(indicator: Indicator, found: object, not_applicable: bool, points: object) -> dict:  # noqa: FBT001 two columns of a row
    return {
        "item": indicator.code,
        "name": indicator.name,
        "found": found,
        "not_applicable": not_applicable,
        "found_text": found_text(indicator, SimpleNamespace(found=found, not_applicable=not_applicable)),
        "points": _number(points),
        "full_points": plain(indicator.points),
    }


# --- visits --------------------------------------------------------------------------------------------------------


def _visits(file: Assessment, papers: Papers, indicators: dict[int, Indicator]) -> list[dict]:
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
    """Return a visit; the ratings of one that has not been filed are still its team's own."""
    filed = visit.is_filed
    return {
        "kind": visit.kind,
        "kind_text": visit.get_kind_display(),
        "visit_on": _day(visit.visit_on),
        "lead": _name(visit.lead),
        "team": [_name(member.user) for member in visit.members.all()],
        "filed_at": instant(visit.filed_at),
        "filed_by": _name(visit.filed_by),
        "passed": visit.passed,
        "total": _number(visit.total),
        "statement": visit.statement,
        "sha256": visit.sha256,
        "content": f"visits/{visit.kind}.json" if visit.content else "",
        "ratings": [_rating(row, indicators[row.indicator_id]) for row in visit.ratings.all()] if filed else [],
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


def _rating(row, indicator: Indicator) -> dict:
    changed = row.changed_at is not None
    return {
        **_found(indicator, row.found, row.not_applicable, row.points),
        "remark": row.remark,
        "from_paper": row.from_paper,
        "before_comparison": _number(row.first_points) if changed else "",
        "change_reason": row.change_reason,
    }


def _finding(row: Finding, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    return {
        "item": indicators[row.indicator_id].code,
        "kind": row.kind,
        "kind_text": row.get_kind_display(),
        "text": row.text,
        "due_on": _day(row.due_on),
        "state": row.state,
        "state_text": row.get_state_display(),
        "raised_by": _name(row.raised_by),
        "raised_at": instant(row.raised_at),
        "steps": [
            {"what": one.what, "what_text": one.get_what_display(), "text": one.text, "by": _name(one.by),
             "at": instant(one.at)}
            for one in row.steps.all()
        ],
        "photos": [
            {"when": one.when, "when_text": one.get_when_display(), "file": papers.path(one.evidence)}
            for one in row.photos.all()
        ],
    }  # fmt: skip


def _photo(row, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    return {
        "item": indicators[row.indicator_id].code if row.indicator_id else "",
        "file": papers.path(row.evidence),
        "taken_at": instant(row.taken_at),
        "received_at": instant(row.received_at),
        "latitude": _number(row.latitude),
        "longitude": _number(row.longitude),
        "accuracy_m": row.accuracy_m,
    }


def _signature(visit: Inspection, number: int, row) -> dict:
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


# --- draw, notice, title -------------------------------------------------------------------------------------------


def _draw(file: Assessment) -> dict | None:
    member = getattr(file, "pool_member", None)
    if member is None:
        return None
    pool, result, extension = member.pool, getattr(member, "result", None), getattr(member, "extension", None)
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
    }


def _publicity(file: Assessment) -> dict | None:
    listing = getattr(file, "listing", None)
    if listing is None or not listing.notice.is_published:
        return None
    notice = listing.notice
    return {
        "notice": notice.title,
        "published_at": instant(notice.published_at),
        "first_day": _day(notice.first_day),
        "last_day": _day(notice.last_day),
        "number": listing.number,
        "name": listing.organ_name,
        "batch": listing.batch,
        "objections": [
            _objection(row) for row in listing.objections.select_related("decided_by").prefetch_related("hearings")
        ],
    }


def _objection(row: Objection) -> dict:
    """Return grounds, the organ's answers and the decision; nothing that could lead to who objected."""
    return {
        "grounds": row.grounds,
        "at": instant(row.at),
        "answers": [{"text": one.text, "at": instant(one.at)} for one in row.hearings.all()],
        "state": row.state,
        "state_text": row.get_state_display(),
        "reason": row.reason,
        "decided_by": _name(row.decided_by),
        "decided_at": instant(row.decided_at),
    }


def _title(file: Assessment, papers: Papers) -> tuple[dict | None, dict[str, list[int]]]:
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
        "granted_on": _day(title.granted_on),
        "valid_until": _day(title.valid_until),
        "revoked_on": _day(title.revoked_on),
        "revoke_reason": title.revoke_reason or "",
        "replaced_on": _day(title.replaced_on),
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
        "recheckitem": [item.pk for item in items],
        "revocationcase": [case.pk for case in cases],
        "verificationsheet": [sheet.pk] if sheet else [],
    }
    return said, ids


def _recheck(item, papers: Papers) -> dict:
    return {
        "round": item.round.title,
        "report": item.report,
        "reported_at": instant(item.reported_at),
        "paper_verdict": item.paper_verdict,
        "paper_reason": item.paper_reason,
        "team": [_name(member.user) for member in item.members.all()],
        "visit_on": _day(item.visit_on),
        "site_verdict": item.site_verdict,
        "site_reason": item.site_reason,
        "outcome": item.outcome,
        "outcome_text": item.get_outcome_display(),
        "outcome_reason": item.outcome_reason,
        "outcome_at": instant(item.outcome_at),
        "rectify_until": _day(item.rectify_until),
        "rectified": item.rectified,
        "rectified_at": instant(item.rectified_at),
        "settled_at": instant(item.settled_at),
        "papers": [papers.path(one.evidence) for one in item.papers.all()],
    }


def _case(case) -> dict:
    return {
        "grounds": case.grounds,
        "grounds_text": case.get_grounds_display(),
        "facts": case.facts,
        "opened_at": instant(case.opened_at),
        "heard_until": _day(case.heard_until),
        "answer": case.answer,
        "answered_at": instant(case.answered_at),
        "decision": case.decision,
        "decision_text": case.get_decision_display(),
        "reason": case.reason,
        "revoked_on": _day(case.revoked_on),
        "decided_at": instant(case.decided_at),
    }


# --- events and evidence -------------------------------------------------------------------------------------------


def _events(file: Assessment, after: dict[str, list[int]]) -> list[dict]:
    """Return the events about the file and whatever belongs to it, in the order in which they were written."""
    about = Q(subject_type="assessment", subject_id=file.pk)
    about |= Q(subject_type="inspection", subject_id__in=file.inspections.values("pk"))
    objections = Objection.objects.filter(listing__assessment=file)
    about |= Q(subject_type="objection", subject_id__in=objections.values("pk"))
    for kind, ids in after.items():
        about |= Q(subject_type=kind, subject_id__in=ids)
    return [_event(event) for event in Event.objects.filter(about).select_related("by").order_by("pk")]


def _event(event: Event) -> dict:
    before, after = event.before, event.after
    if event.subject_type == "objection":
        before, after = (
            {key: value for key, value in said.items() if key in _SAID_OF_OBJECTIONS} for said in (before, after)
        )
    return {
        "id": event.pk,
        "at": instant(event.at),
        "by": _name(event.by),
        "verb": event.verb,
        "about": event.subject_type,
        "about_id": event.subject_id,
        "before": before,
        "after": after,
    }


def _named_in_receipts(file: Assessment, papers: Papers) -> None:
    """Take along what a receipt names by its hash although it is attached no longer."""
    contents = file.submissions.values_list("content", flat=True)
    named = {
        sha256 for content in contents for answer in json.loads(content)["answers"] for sha256 in answer["evidence"]
    }
    library = Evidence.objects.filter(organ=file.organ_id, sha256__in=named - set(papers.found))
    for evidence in library.order_by("pk"):
        papers.path(evidence)


def _evidence(sha256: str, papers: Papers) -> dict:
    row = papers.found[sha256]
    return {
        "name": row.name,
        "file": papers.names[sha256],
        "sha256": sha256,
        "size": row.size,
        "content_type": row.content_type,
        "is_picture": row.content_type.startswith("image/"),
        "uploaded_at": instant(row.uploaded_at),
        "valid_until": _day(row.expires_on),
    }
