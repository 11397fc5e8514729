"""The page for programmers, made from the OpenAPI document: what can be read, how it is asked for, what comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.api.document import DESCRIPTION, document
from portal.api.urls import ROOT, api
from reviews.views.public import answer_unless_known

TAGS = {
    "open": _("Open data, without a token"),
    "rates": _("Completion rates"),
    "register": _("Register"),
    "cycles": _("Rounds"),
    "stages": _("Files and stages"),
    "notices": _("Notices"),
    "recognitions": _("Recognised organs"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that can be asked for."""

    name: str
    description: str
    shape: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One address: what it answers, what can be asked for, and which fields come back."""

    id: str
    path: str
    summary: str
    description: str
    is_open: bool
    parameters: list[Parameter]
    fields: list[tuple[str, str, str]]


@login_not_required
@require_safe
def api_guide(request: HttpRequest) -> HttpResponse:
    """Show what programs can read, by subject."""
    made = document(api, ROOT)
    found = list(_operations(made))
    subjects = [(tag, label, [one for tags, one in found if tag in tags]) for tag, label in TAGS.items()]
    context = {
        "about": DESCRIPTION,
        "subjects": subjects,
        "root": request.build_absolute_uri(ROOT),
        "document": request.build_absolute_uri(f"{ROOT}openapi.json"),
    }
    return answer_unless_known(request, render(request, "portal/api_guide.html", context))


def _operations(made: dict[str, Any]) -> Iterator[tuple[list[str], Operation]]:
    for path, methods in made["paths"].items():
        told = methods["get"]
        schema = told["responses"][200]["content"]["application/json"]["schema"]
        yield (
            told["tags"],
            Operation(
                id=told["operationId"].replace("portal_api_", ""),
                path=path,
                summary=told["summary"],
                description=told["description"],
                is_open=not told["security"],
                parameters=[_parameter(one) for one in told["parameters"]],
                fields=list(_fields(schema, made["components"]["schemas"])),
            ),
        )


def _parameter(told: dict[str, Any]) -> Parameter:
    return Parameter(told["name"], told.get("description", ""), _shape(told["schema"], {}), told["required"])


def _fields(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of an answer as (name, shape, description), those of a list's rows below `items`."""
    whole = _resolved(schema, schemas)
    for name, field in whole.get("properties", {}).items():
        yield name, _shape(field, schemas), field.get("description", "")
        rows = _resolved(field.get("items", {}), schemas)
        for inner, below in rows.get("properties", {}).items():
            yield f"{name}[].{inner}", _shape(below, schemas), below.get("description", "")


def _resolved(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return schemas[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def _shape(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return in the words of the document what a value looks like."""
    if "anyOf" in schema:
        return " | ".join(_shape(one, schemas) for one in schema["anyOf"])
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_shape(schema.get('items', {}), schemas)}]"
    return schema.get("format") or str(schema.get("type", ""))
