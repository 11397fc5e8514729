"""Errors in one shape, RFC 9457: what happened, and what to do. In English, whatever language anybody prefers."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2

SIGNED_OUT = "This needs a live token: send it as `Authorization: Bearer …`. Make one in the portal under “Tokens”."
TOO_MANY = "Too many requests with a token that is not valid. Wait, and check the token."
NOT_FOUND = "There is nothing here that this token's owner, or without a token the public, may see."
NOT_VALID = "The request is not valid; `errors` says where and why."
READ_ONLY = "This interface is read-only: send GET or HEAD."
AWAY = "The database is away for a moment. Try again."
FAULT = "Something went wrong here. It has been logged; nothing was changed."
TOO_LARGE = "The request is too large: no operation here takes a body."


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Return an error as problem+json; `errors` are single causes as {where, what}. It is never stored."""
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=CONTENT_TYPE, status=status.value)
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response
