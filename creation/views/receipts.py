"""The receipt of a submitted self-rating: as page, as PDF, and the exact text behind its SHA-256.

Page and PDF are made from what was frozen with the receipt. The names of items and the words of a finding come from
the standard, which does not change once it is published; older receipts lack the names of who prepared and signed,
which are then the people's own.
"""

import json
from types import SimpleNamespace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import checks, pdf, rules
from creation.forms.ratings import found_text, plain
from creation.models import AMOUNTS, Assessment, EnergyFigures, Indicator, Submission
from creation.models.named import local
from creation.views.self_rating import WORKS_ON, file_in_scope

LONG = 400  # characters after which a line of the table may go over to the next page


def receipt_in_scope(request: HttpRequest, number: str) -> tuple[Submission, Assessment, bool]:
    """Return the receipt, its file and whether its points may be read; 404 or 403 as for the file's answers."""
    submissions = Submission.objects.filter(assessment__in=Assessment.objects.visible_to(request.user))
    receipt = get_object_or_404(submissions.select_related("by", "prepared_by"), number=number)
    file = file_in_scope(request, receipt.assessment_id)
    rules.require(request.user, "file.read_content", file)
    return receipt, file, rules.may(request.user, "file.read_self_points", file)


@require_safe
def submission_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Show the receipt of a submitted self-rating, to be printed and kept."""
    receipt, file, shows_points = receipt_in_scope(request, number)
    said = json.loads(receipt.content)
    context = {
        "file": file,
        "receipt": receipt,
        "facts": facts_of(receipt, file, said, shows_points=shows_points),
        "shows_points": shows_points,
        "works_on": rules.may(request.user, WORKS_ON, file),
        "crumbs": [
            (_("My work"), reverse("home")),
            (_("Self-rating"), reverse("self_rating_check", args=[file.pk])),
        ],
    }
    return render(request, "creation/submission_detail.html", context)


@require_safe
def submission_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """Return the receipt as PDF in the reader's language; where it cannot be made, say so on the receipt's page."""
    receipt, file, shows_points = receipt_in_scope(request, number)
    try:
        made = pdf.render("receipt.typ", paper_of(receipt, file, shows_points=shows_points))
    except pdf.CannotPrint:
        messages.error(request, _("The PDF could not be made just now. The receipt itself is safe: print this page."))
        return redirect("submission_detail", number)
    return _download(made, "application/pdf", f"receipt-{receipt.number}.pdf")


@require_safe
def submission_content(request: HttpRequest, number: str) -> HttpResponse:
    """Return the exact text whose SHA-256 stands on the receipt, for whoever may read its points."""
    receipt, _file, shows_points = receipt_in_scope(request, number)
    if not shows_points:
        raise Http404
    return _download(receipt.content.encode(), "application/json", f"content-{receipt.number}.json")


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


# --- what a receipt says -------------------------------------------------------------------------------------------


def facts_of(receipt: Submission, file: Assessment, said: dict, *, shows_points: bool) -> list[tuple[str, str]]:
    """Return the head of a receipt as (label, value): number, time, organ, round, standard, who, total if readable."""
    standard = file.cycle.standard
    facts = [
        (_("Receipt number"), receipt.number),
        (_("Received at"), f"{timezone.localtime(receipt.at):%Y-%m-%d %H:%M:%S} (Asia/Shanghai)"),
        (_("Organ"), _organ_name(said)),
        (_("Unified social credit code"), said["organ"]),
        (_("Round"), str(file.cycle)),
        (_("Standard"), f"{standard} ({said['standard']})"),
        (_("Prepared by"), said.get("prepared_by") or str(receipt.prepared_by)),
        (_("Submitted by"), said.get("submitted_by") or str(receipt.by)),
    ]
    if shows_points:
        facts.append((_("Total of the self-rating, rounded down"), said["total"]))
    return facts


def _organ_name(said: dict) -> str:
    return local(said["organ_name"], said.get("organ_name_en", ""))


def paper_of(receipt: Submission, file: Assessment, *, shows_points: bool) -> dict:
    """Return the data of templates/paper/receipt.typ, every text in the reader's language."""
    said = json.loads(receipt.content)
    title = _("Receipt %(number)s") % {"number": receipt.number}
    columns = [_("Code"), _("Item"), _("Answer and explanation"), _("Evidence")]
    if shows_points:
        columns.insert(3, _("Points"))
    hidden = "" if shows_points else _("Answers and points are shown once you have filed your own visit.")
    return {
        "title": f"{title} – {_organ_name(said)}",
        "lang": get_language(),
        "at": receipt.at,
        "issuer": _("Portal for conservation-oriented organs"),
        "heading": _("Receipt of the self-rating"),
        "number": receipt.number,
        "lead": _("The self-rating of %(organ)s for %(year)s has been submitted.")
        % {"organ": _organ_name(said), "year": said["cycle"]},
        "facts": facts_of(receipt, file, said, shows_points=shows_points)[1:],
        "hash_label": _("SHA-256 of the content"),
        "sha256": receipt.sha256,
        "hash_help": hash_help(),
        "items_heading": _("What was submitted"),
        "hidden": hidden,
        "columns": columns,
        "shows_points": shows_points,
        "groups": _groups(file, said, shows_points=shows_points),
        "total": _("Total, rounded down: %(total)s") % {"total": said["total"]} if shows_points else "",
        "figures": _figures(said.get("figures", []) if shows_points else []),
        "footer": title,
        "page_label": _("Page {page} of {pages}"),
    }


def hash_help() -> str:
    """Return in one sentence how the hash of a receipt is checked."""
    return _(
        "To check it, download “the exact text” from the page of this receipt and reckon its SHA-256 with any program "
        "(such as sha256sum): it must be the one above."
    )


def _groups(file: Assessment, said: dict, *, shows_points: bool) -> list[dict]:
    answers = {answer["indicator"]: answer for answer in said["answers"]}
    reasons: dict[str, list[dict]] = {}
    for warning in said.get("warnings", []):
        reasons.setdefault(warning["indicator"], []).append(warning)
    found: dict[str, list[dict]] = {}
    for one in file.cycle.standard.indicators.select_related("dimension"):
        name = f"{one.dimension.code} {one.dimension}" if one.dimension else _("Bonus")
        row = _row(one, answers.get(one.code), reasons.get(one.code, []), shows_points=shows_points)
        found.setdefault(name, []).append(row)
    return [{"name": name, "rows": rows} for name, rows in found.items()]


def _row(indicator: Indicator, answer: dict | None, reasons: list[dict], *, shows_points: bool) -> dict:
    """Return one line of the table: what was found in words, its explanation, points, and how many files prove it."""
    text = found_text(indicator, SimpleNamespace(**answer)) if answer else ""
    points = plain(answer["points"]) if text and answer["points"] is not None else "–"
    count = len(answer["evidence"]) if answer else 0
    notes = [_("Explanation: %(text)s") % {"text": answer["remark"]}] if answer and answer["remark"] else []
    notes += [
        _("%(warning)s, passed by %(name)s: %(reason)s")
        % {"warning": checks.label_of(each["kind"]), "name": each["by"], "reason": each["reason"]}
        for each in reasons
    ]
    return {
        "code": indicator.code,
        "name": str(indicator),
        "found": (text or _("not provided")) if shows_points else "",
        "notes": notes,
        "is_long": sum(map(len, notes)) > LONG,
        "points": f"{points} / {plain(indicator.points)}",
        "evidence": ngettext("%(count)s file", "%(count)s files", count) % {"count": count} if count else "–",
    }


def _figures(years: list[dict]) -> dict:
    """Return the table of consumption, one column for each year that was given, the older first."""
    ordered = sorted(years, key=lambda each: each["year"])
    labels = {name: str(EnergyFigures._meta.get_field(name).verbose_name) for name in (*AMOUNTS, "users")}
    rows = [
        [label, *(each.get(name) or "–" for each in ordered)]
        for name, label in labels.items()
        if any(each.get(name) is not None for each in ordered)
    ]
    reason = _("Why users or area changed: %(text)s")
    return {
        "heading": _("Consumption by year"),
        "label": _("Figure"),
        "years": [str(each["year"]) for each in ordered],
        "rows": rows,
        "notes": [reason % {"text": each["change_reason"]} for each in ordered if each["change_reason"]],
    }
