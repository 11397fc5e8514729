"""What the archive says of one organ: its file, receipts, evidence, visits, decisions and title.

The folder is put together here; of an objection it has what `decisions` says, and of its events only the outcome.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from creation import pdf, stages
from creation.checks import label_of
from creation.models import AMOUNTS, Assessment, Event, Evidence, Indicator, StageChange, Submission
from creation.rules import has_been_submitted
from creation.views.receipts import paper_of
from reviews.actions.spot_checks import letter_of
from reviews.archives.decisions import draw_of, publicity_of, title_of
from reviews.archives.plain import Papers, day_of, found_of, instant, iso, name_of, number_of
from reviews.archives.visits import visits_of
from reviews.archives.writing import Piece, as_json
from reviews.archiving import Described, folder_of
from reviews.models import Objection

PATH = "organs"
# of an objection's events only what became of it: an event may never tell who objected
_SAID_OF_OBJECTIONS = frozenset({"state", "proposed_state"})


@dataclass(frozen=True, slots=True)
class Organ:
    """The folder of an organ: where it lies, what is said of it, and its pieces."""

    path: str
    said: Described
    pieces: list[Piece]


def path_of(file: Assessment) -> str:
    """Return the name of the folder of a file's organ."""
    return folder_of(file.organ.region.code, file.organ.credit_code, file.organ.name)


def organ_of(file_id: int, path: str, indicators: dict[int, Indicator]) -> Organ:
    """Return the folder of a file's organ, everything as it stood at one moment; the texts in the present language.

    `path` is the folder's name on the archive's register, `indicators` are those of the round's standard by id.
    """
    with transaction.atomic():
        # every verb on a file locks its row first: nothing of it changes while it is read
        Assessment.objects.select_for_update().get(pk=file_id)
        file = Assessment.objects.with_places().select_related("organ__region__department").get(pk=file_id)
        papers = Papers()
        data = _read(file, papers, indicators)
        receipts = list(file.submissions.select_related("by", "prepared_by"))
        contents = dict(file.inspections.exclude(content="").values_list("kind", "content"))
    data["file"]["folder"] = path
    return Organ(path, _said(file, data), _pieces(file, data, receipts, contents, papers))


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
        Piece("file.json", Described(_("File of the organ"), organ, since), as_json(data["file"])),
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
        if not visit["filed_at"]:
            continue
        said = Described(visit["kind_text"], department, visit["visit_on"])
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


def _read(file: Assessment, papers: Papers, indicators: dict[int, Indicator]) -> dict:
    """Return everything that the folder says as plain data, and note the kept files it needs."""
    receipts = _receipts(file)
    visits = visits_of(file, papers, indicators)
    title, after = title_of(file, papers)
    data = {
        "file": _file(file),
        "history": _history(file),
        "receipts": receipts,
        "answers": _answers(file, papers, indicators),
        "visits": visits,
        "draw": draw_of(file),
        "publicity": publicity_of(file, papers),
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
        "organ": organ.name,
        "organ_en": organ.name_en,
        "credit_code": organ.credit_code,
        "category": organ.category,
        "category_text": organ.get_category_display(),
        "region": region.name,
        "region_code": region.code,
        "level": region.kind,
        "department": department,
        "established_on": iso(organ.established_on),
        "abolished_on": iso(organ.abolished_on),
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
        "by": name_of(change.by),
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
    attached: dict[int, list[dict]] = {}
    for attachment in file.attachments.select_related("evidence"):
        piece = attachment.evidence
        attached.setdefault(attachment.indicator_id, []).append({"name": piece.name, "file": papers.path(piece)})
    answers = [
        {
            **found_of(indicators[row.indicator_id], row.found, row.not_applicable, row.points),
            "remark": row.remark,
            "since_last_year": row.since_last_year,
            "evidence": attached.get(row.indicator_id, []),
        }
        for row in file.answers.all()
    ]
    figures = [
        {
            "year": row.year,
            **{name: number_of(getattr(row, name)) for name in (*AMOUNTS, "users")},
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
            "by": name_of(row.by),
        }
        for row in file.warnings_passed.select_related("by")
    ]
    return {"handed_over": True, "answers": answers, "figures": figures, "warnings": warnings}


# --- events and evidence -------------------------------------------------------------------------------------------


def _events(file: Assessment, after: dict[str, list[int]]) -> list[dict]:
    """Return the events about the file and whatever belongs to it, in the order in which they were written.

    A visit that was not filed has none: they would tell its team and its day.
    """
    about = Q(subject_type="assessment", subject_id=file.pk)
    filed = file.inspections.filter(filed_at__isnull=False)
    about |= Q(subject_type="inspection", subject_id__in=filed.values("pk"))
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
        "by": name_of(event.by),
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
        "valid_until": iso(row.expires_on),
    }
