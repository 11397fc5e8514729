"""Lists in parts: by the last row seen, so that rows which come in between move nothing.

A cursor is signed and belongs to one question: the address and everything that narrows its answer.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest

from creation import clock
from creation.models import Event
from portal.api.fields import FIRST_YEAR, LAST_YEAR, PageOf, is_demonstration

Answer = TypeVar("Answer", bound=PageOf)
FIRST_DAY = date(FIRST_YEAR, 1, 1)
LONG_AGO, FAR_AHEAD = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEAR, LAST_YEAR))
SIGNER = Signer(salt="portal.api.cursor")


def part_of(
    request: HttpRequest,
    rows: QuerySet,
    answer: type[Answer],
    show: Callable[[Any], Any],
    *,
    asked: Mapping[str, Any],
    limit: int,
    cursor: str | None,
    newest_first: bool = False,
    **more: Any,
) -> Answer:
    """Return one part of `rows` in the order of their ids; one statement, whatever lies before or behind.

    `asked` is everything that narrows the list, with a day that is not left to the moment; 404 for a cursor that is
    not of this very question.
    """
    question = _question(request.path, asked)
    last = _read(cursor, question)
    if last is not None:
        rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": last})
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    following = None
    if len(found) > limit:
        found.pop()
        following = _address(request, asked, limit, SIGNER.sign_object([question, found[-1].pk]))
    items = [show(row) for row in found]
    return answer(items=items, next=following, demonstration=is_demonstration(), **more)


def _question(path: str, asked: Mapping[str, Any]) -> str:
    return sha256(json.dumps([path, sorted(_given(asked).items())]).encode()).hexdigest()[:16]


def _given(asked: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in asked.items() if value is not None}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _read(cursor: str | None, question: str) -> int | None:
    if cursor is None:
        return None
    try:
        of, last = SIGNER.unsign_object(cursor)
    except BadSignature:
        raise Http404 from None
    if of != question:
        raise Http404
    return last


def _address(request: HttpRequest, asked: Mapping[str, Any], limit: int, cursor: str) -> str:
    query = urlencode({**_given(asked), "limit": limit, "cursor": cursor})
    return request.build_absolute_uri(f"{request.path}?{query}")


def day_or_404(asked: date | None) -> date:
    """Return the day asked for, by default today; 404 for one that is still to come or lies before all registers."""
    day = asked or clock.today()
    if not FIRST_DAY <= day <= clock.today():
        raise Http404
    return day


def narrowed(rows: QuerySet, organ: str, *, region: str | None = None, level: str | None = None) -> QuerySet:
    """Return the rows whose organ lies in a region or below it, and is of a level; `organ` is the way to it."""
    way = f"{organ}__" if organ else ""
    if region is not None:
        rows = rows.filter(**{f"{way}region__paths_up__ancestor__code": region})
    return rows if level is None else rows.filter(**{f"{way}region__kind": level})


def of_year(
    rows: QuerySet, kind: str, way: str, *, region: str | None, year: int | None, changed_since: datetime | None
) -> QuerySet:
    """Return the rows that lie in a region or below it, are of a year and were changed since an instant.

    `kind` is what the audit calls them, `way` leads to their year; what is not asked for narrows nothing.
    """
    rows = narrowed(rows, "", region=region)
    if year is not None:
        rows = rows.filter(**{way: year})
    return rows if changed_since is None else rows.filter(changed(kind, changed_since))


def changed(kind: str, since: datetime, *imports: str) -> Q:
    """Return what is true of rows with an audit event since an instant, and of all after one of these imports.

    An import writes one event for its whole file, so that any row may be among those it changed.
    """
    later = Event.objects.filter(at__gte=readable(since))
    found = Q(Exists(later.filter(subject_type=kind, subject_id=OuterRef("pk"))))
    return found | Q(Exists(later.filter(subject_type="import", verb__in=imports))) if imports else found


def readable(since: datetime) -> datetime:
    """Return the instant itself, or the nearest that every database can read: nothing lies beyond."""
    return min(max(since, LONG_AGO), FAR_AHEAD)
