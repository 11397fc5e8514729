"""The OpenAPI document: what ninja reads off the operations, and what holds for all of them."""

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI

from portal.api.problems import CONTENT_TYPE
from portal.api.tokens import FAILURES

TITLE = _("Conservation-oriented organs: data for programs")
DESCRIPTION = _(
    "Read-only. Without a token everybody reads what is published, under /open/. With a token a program reads what "
    "the token's owner sees on that day. Lists come in parts: follow `next` until it is null. Every answer has an "
    "ETag: send it back in If-None-Match, and what has not changed costs nothing. Names stand in Chinese and English "
    "in every answer, whatever language is preferred. Days are days in Beijing, instants carry their offset."
)
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "An error, RFC 9457.",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}
SECONDS = {"type": "string", "pattern": "^[0-9]+$"}
ETAG = {"ETag": {"required": True, "description": "Changes with the answer.", "schema": {"type": "string"}}}
WHOSE_TOKEN = {"WWW-Authenticate": {"required": True, "description": "How to come in.", "schema": {"type": "string"}}}
WAIT = {"Retry-After": {"required": True, "description": "Seconds to wait.", "schema": SECONDS}}


def _refused(description: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content, **({"headers": headers} if headers else {})}


NOT_MODIFIED = {"description": "You have it already.", "headers": ETAG}
OF_TOKENS = {
    HTTPStatus.UNAUTHORIZED: _refused("No live token.", WHOSE_TOKEN),
    HTTPStatus.TOO_MANY_REQUESTS: _refused(
        f"More than {FAILURES} tokens that are not valid came from your address within ten minutes.", WAIT
    ),
}
OF_ALL = {
    HTTPStatus.NOT_FOUND: _refused("Nothing is there, or nothing that you may see; or no such day or part yet."),
    HTTPStatus.UNPROCESSABLE_ENTITY: _refused("The request is not valid; `errors` says where."),
    HTTPStatus.SERVICE_UNAVAILABLE: _refused("The database is away for a moment.", WAIT),
}


@lru_cache
def document(api: NinjaAPI, root: str) -> dict[str, Any]:
    """Return the OpenAPI document of the interface at the address `root`; made once."""
    made = dict(api.get_openapi_schema(path_prefix=root))
    made["info"]["description"] = DESCRIPTION
    made["components"]["schemas"]["Problem"] = PROBLEM
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation)
    return made


def _complete(operation: dict[str, Any]) -> None:
    """Add what every operation may answer, and say of an open one that it asks for nothing."""
    is_open = "security" not in operation
    operation.setdefault("security", [])
    for parameter in operation["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
    answers = operation["responses"]
    answers[HTTPStatus.OK.value]["headers"] = ETAG
    answers[HTTPStatus.NOT_MODIFIED.value] = NOT_MODIFIED
    for status, answer in {**({} if is_open else OF_TOKENS), **OF_ALL}.items():
        answers[status.value] = answer


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of a parameter that may be left out; sent as nothing it cannot be."""
    given = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **given[0]} if given else schema
