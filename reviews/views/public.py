"""Pages for everybody, without an account: notices, objections from the public, recognised organs.

They need no session and set no cookie (only the form of an objection brings its secret along), and answer 304 while
nothing has changed. Nothing here reads a draft, a future notice or who objected.
"""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Value, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from creation import clock
from creation.models import Recognition, Region
from creation.models.named import local
from reviews import open_data
from reviews.exporting import STATES, name_successors, titles_on
from reviews.forms.recognitions import RecognisedFilter
from reviews.models import Notice
from reviews.views.listings import listed_rows
from reviews.views.standing import standing

PAGE = 50
LAST_PAGE = 100_000
LONGEST_NUMBER = 18  # more digits are no page, and too long a number is not read at all


def answer_unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the page, or 304 where the reader has it already; caches ask every time, so nothing is shown too long."""
    etag = quote_etag(sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache"
    return get_conditional_response(request, etag=etag, response=response)


def as_file(request: HttpRequest, content: bytes, name: str) -> HttpResponse:
    """Return a public list as a file to download under `name` (.csv or .json), or 304 where the reader has it."""
    kind = "text/csv" if name.endswith(".csv") else "application/json"
    response = HttpResponse(content, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer_unless_known(request, response)


@login_not_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Show all published notices, the newest first."""
    rows = (
        Notice.objects.public(clock.now())
        .select_related("region")
        .annotate(organs=Count("listings"))
        .order_by("-published_at", "-pk")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return answer_unless_known(
        request, render(request, "reviews/notice_list.html", {"page": page, "today": clock.today()})
    )


@login_not_required
@require_safe
def notice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a published notice: whether and until when one can object, the process, the list, what was decided."""
    notice = get_object_or_404(Notice.objects.public(clock.now()).select_related("cycle", "region"), pk=pk)
    context = {"notice": notice, "published_at": notice.published_at, "rows": listed_rows(notice), **standing(notice)}
    return answer_unless_known(request, render(request, "reviews/notice_detail.html", context))


@login_not_required
@require_safe
def recognised_list(request: HttpRequest) -> HttpResponse:
    """Show the recognised organs as of a day, with search, filters and the state of each title."""
    form, titles, day = _asked(request)
    counted = titles.annotate(
        total=Window(Count("pk")), valid=Window(Count("pk", filter=Q(state="valid")))
    ).select_related("organ__region")
    given = request.GET.get("page", "")[:LONGEST_NUMBER]
    number = min(int(given), LAST_PAGE) if given.isdecimal() else 1
    rows = list(counted[(number - 1) * PAGE : number * PAGE]) if number else []
    if not rows and number != 1:
        rows = list(counted[:PAGE])
        number = 1
    total, valid = (rows[0].total, rows[0].valid) if rows else (0, 0)
    for row in rows:
        row.state_label = STATES[row.state]
    name_successors(rows, day)
    form.offer(*_choices())
    context = {
        "form": form,
        "rows": rows,
        "page": Paginator(range(total), PAGE).get_page(number),
        "total": total,
        "valid": valid,
        "day": day,
        "columns": open_data.TITLES,
        "is_filtered": any(request.GET.get(name) for name in ("q", "region", "batch", "state")),
    }
    return answer_unless_known(request, render(request, "reviews/recognised_list.html", context))


def _asked(request: HttpRequest) -> tuple[RecognisedFilter, QuerySet, object]:
    """Return the filter, the titles it leaves, and the day; what cannot be read filters nothing and is said."""
    form = RecognisedFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    day = asked.get("as_of") or clock.today()
    titles = titles_on(day).order_by("organ__region__position", "organ__credit_code", "-granted_on")
    if asked.get("q"):
        q = asked["q"]
        titles = titles.filter(
            Q(organ__name__icontains=q)
            | Q(organ__name_en__icontains=q)
            | Q(organ__credit_code__iexact=q)
            | Q(document_number__icontains=q)
        )
    exact = {"organ__region__code": asked.get("region"), "batch": asked.get("batch"), "state": asked.get("state")}
    return form, titles.filter(**{column: value for column, value in exact.items() if value}), day


def _choices() -> tuple[list[tuple[str, str]], list[str]]:
    """Return the regions and the batches that have titles, in one statement."""
    regions = (
        Region.objects.filter(pk__in=Recognition.objects.order_by().values("organ__region"))
        .order_by()
        .values_list(Value("region"), "position", "code", "name", "name_en")
    )
    batches = (
        Recognition.objects.order_by().values_list(Value("batch"), Value(0), "batch", Value(""), Value("")).distinct()
    )
    found = sorted(regions.union(batches))
    names = [(code, local(name, name_en)) for what, _position, code, name, name_en in found if what == "region"]
    return names, [batch for what, _position, batch, _name, _name_en in found if what == "batch"][::-1]


@login_not_required
@require_safe
def recognised_download(request: HttpRequest) -> HttpResponse:
    """Return the same list as CSV; the day as of which it holds stands in its name and in every row."""
    _form, titles, day = _asked(request)
    table = open_data.as_csv(open_data.TITLES, _rows_of(titles, day))
    return as_file(request, table, f"recognised-{day.isoformat()}.csv")


@login_not_required
@require_safe
def recognised_json(request: HttpRequest) -> HttpResponse:
    """Return the same list as JSON for programs, with the day as of which it holds and where it comes from."""
    _form, titles, day = _asked(request)
    table = open_data.as_json("recognised", open_data.TITLES, _rows_of(titles, day), as_of=day)
    return as_file(request, table, f"recognised-{day.isoformat()}.json")


def _rows_of(titles: QuerySet, day: date) -> Iterator[open_data.Row]:
    return open_data.title_rows(titles.select_related("organ__region").iterator(2000), day)
