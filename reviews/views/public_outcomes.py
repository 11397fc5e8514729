"""Outcomes for everybody, without an account: what was decided on objections and on titles, each with its reason.

Who objected, the receipt and the grounds are never read here.
"""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from creation import clock
from creation.models.named import local
from reviews import open_data, published
from reviews.forms.announcements import OutcomeFilter
from reviews.views.public import PAGE, answer_unless_known, as_file


def _asked(request: HttpRequest) -> tuple[OutcomeFilter, QuerySet]:
    """Return the filter and the outcomes it leaves; what cannot be read filters nothing and is said."""
    form = OutcomeFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    words, kind, result = (asked.get(name, "") for name in ("q", "kind", "result"))
    return form, published.outcomes(clock.now(), words=words, kind=kind, result=result)


@login_not_required
@require_safe
def outcome_list(request: HttpRequest) -> HttpResponse:
    """Show all outcomes, the newest first, with search and filters."""
    form, found = _asked(request)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "outcomes": list(published.as_outcomes(page)),
        "columns": open_data.OUTCOMES,
        "is_filtered": any(request.GET.get(name) for name in ("q", "kind", "result")),
    }
    return answer_unless_known(request, render(request, "reviews/outcome_list.html", context))


@login_not_required
@require_safe
def outcome_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was decided on one objection: organ, notice, day, result, published reason."""
    known = published.decided_objections(clock.now()).select_related("listing__notice")
    decided = get_object_or_404(known.only("state", "reason", "decided_at", "listing"), pk=pk)
    listing = decided.listing
    context = {
        "organ": local(listing.organ_name, listing.organ_name_en),
        "region": local(listing.region_name, listing.region_name_en),
        "notice": listing.notice,
        "decided": decided,
        "result": published.RESULTS[decided.state],
        "reason": decided.reason,
    }
    return answer_unless_known(request, render(request, "reviews/outcome_detail.html", context))


@login_not_required
@require_safe
def outcome_revocation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was decided in one case about a title: organ, document, day, result, published reason."""
    cases = published.decided_cases(clock.now()).select_related("recognition__organ__region")
    decided = get_object_or_404(cases, pk=pk)
    title = decided.recognition
    context = {
        "organ": title.organ,
        "region": title.organ.region,
        "title_document": title.document_number,
        "decided": decided,
        "result": published.RESULTS[decided.decision],
        "reason": decided.reason,
        "from_day": decided.revoked_on,
    }
    return answer_unless_known(request, render(request, "reviews/outcome_detail.html", context))


@login_not_required
@require_safe
def outcome_csv(request: HttpRequest) -> HttpResponse:
    """Return the same list as CSV."""
    day = clock.today()
    rows = open_data.outcome_rows(_all(request), day)
    return as_file(request, open_data.as_csv(open_data.OUTCOMES, rows), f"outcomes-{day.isoformat()}.csv")


@login_not_required
@require_safe
def outcome_json(request: HttpRequest) -> HttpResponse:
    """Return the same list as JSON."""
    day = clock.today()
    rows = open_data.outcome_rows(_all(request), day)
    table = open_data.as_json("outcomes", open_data.OUTCOMES, rows, as_of=day)
    return as_file(request, table, f"outcomes-{day.isoformat()}.json")


def _all(request: HttpRequest) -> Iterator[published.Outcome]:
    return published.as_outcomes(_asked(request)[1].iterator(2000))
