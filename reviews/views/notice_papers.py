"""The notice on paper: a PDF for everybody, made from what was frozen at its publication, so always the same."""

import json
from functools import lru_cache
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_datetime
from django.utils.http import quote_etag
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock, pdf
from reviews.models import Notice
from reviews.views.listings import listed_rows
from reviews.views.standing import standing

KEPT = 8  # papers in memory: what everybody reads on the day of a publication is set once
RETRY_SECONDS = 60


@login_not_required
@require_safe
def notice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a published notice as PDF in the reader's language, or 304 where the reader has it already.

    Whether the reader has it is known before it is set. Where it cannot be made, the notice itself is shown with 503.
    """
    notice = get_object_or_404(Notice.objects.public(clock.now()).select_related("cycle", "region"), pk=pk)
    content = json.dumps(paper_of(notice), ensure_ascii=False, sort_keys=True)
    etag = quote_etag(sha256(content.encode()).hexdigest()[:32])
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            answer = HttpResponse(_made(content), content_type="application/pdf")
        except pdf.CannotPrint:
            return _without_pdf(request, notice)
        answer["Content-Disposition"] = f'attachment; filename="notice-{pk}.pdf"'
    answer["ETag"] = etag
    answer["Cache-Control"] = "public, no-cache"
    return answer


@lru_cache(maxsize=KEPT)
def _made(content: str) -> bytes:
    data = json.loads(content)
    return pdf.render("notice.typ", data | {"at": parse_datetime(data["at"])})


def _without_pdf(request: HttpRequest, notice: Notice) -> HttpResponse:
    context = {"notice": notice, "published_at": notice.published_at, "rows": listed_rows(notice), "no_pdf": True}
    answer = render(request, "reviews/notice_detail.html", context | standing(notice), status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def paper_of(notice: Notice) -> dict:
    """Return the data of templates/paper/notice.typ in the reader's language: nothing of it changes any more.

    Decisions and titles come later and are not on it; how much time is left stands on the page alone.
    """
    rows = listed_rows(notice)
    shows_points = notice.cycle.publish_scores
    last = notice.last_day.isoformat()
    columns = [_("No."), _("Organ"), _("Level / region"), _("Batch"), *([_("Points")] if shows_points else [])]
    return {
        "title": notice.title,
        "lang": get_language(),
        "at": notice.published_at.isoformat(),
        "first_line": _("You can object until %(day)s, that day included.") % {"day": last},
        "how": _("On the page of the notice choose “Object” beside the organ, or write to %(office)s, %(phone)s.")
        % {"office": notice.office, "phone": notice.office_phone},
        "process": notice.process,
        "facts": _facts(notice),
        "list_heading": ngettext("The list: %(number)s organ", "The list: %(number)s organs", len(rows))
        % {"number": len(rows)},
        "columns": columns,
        "rows": [_row(row, shows_points=shows_points) for row in rows],
        "signed": [notice.office, timezone.localdate(notice.published_at).isoformat()],
        "footer": notice.title,
        "page_label": _("Page {page} of {pages}"),
    }


def _facts(notice: Notice) -> list[tuple[str, str]]:
    days = notice.working_days
    period = ngettext(
        "%(first)s to %(last)s, %(days)s working day", "%(first)s to %(last)s, %(days)s working days", days
    )
    return [
        (_("Basis"), notice.basis),
        (_("Period"), period % {"first": notice.first_day, "last": notice.last_day, "days": days}),
        (_("Receiving office"), notice.office),
        (_("Phone"), notice.office_phone),
        (_("Address"), notice.office_address),
        (_("Mailbox"), notice.office_mailbox),
        (_("How to object"), notice.how_to_object),
    ]


def _row(row: dict, *, shows_points: bool) -> list[str]:
    cells = [str(row["number"]), row["organ"], f"{row['level']} · {row['region']}", row["batch"]]
    points = row["points"]
    return [*cells, "–" if points is None else str(points)] if shows_points else cells
