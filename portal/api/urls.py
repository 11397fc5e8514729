"""The interface put together, at /api/v1/: operations, the document, and errors in one shape for all the rest."""

from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer

from portal.api import cycles, notices, open_data, problems, rates, recognitions, register, stages
from portal.api.answers import for_programs
from portal.api.document import TITLE, document
from portal.api.problems import problem
from portal.api.tokens import Token
from reviews.actions import doors

ROOT = "/api/v1/"
OPEN = "open"
SAID = {
    HTTPStatus.UNAUTHORIZED: problems.SIGNED_OUT,
    HTTPStatus.TOO_MANY_REQUESTS: problems.TOO_MANY,
}


class Readable(JSONRenderer):
    """JSON whose Chinese is Chinese."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title=TITLE, version="1", openapi_url=None, docs_url=None, urls_namespace="api", auth=Token(), renderer=Readable()
)


def only_what_is_known(operation: Callable) -> Callable:
    """Return the operation as one that refuses what it does not know, or what is sent twice, instead of ignoring it.

    A misspelt filter would otherwise bring the whole list.
    """

    @wraps(operation)
    def asked(request: HttpRequest, **values: object) -> object:
        wrong = [
            {"loc": ("query", name), "msg": "sent more than once" if name in values else "not known here"}
            for name, sent in request.GET.lists()
            if name not in values or len(sent) > 1
        ]
        if wrong:
            raise ValidationError(wrong)
        return operation(request, **values)

    return asked


api.add_decorator(only_what_is_known)
for noun in (rates, register, cycles, stages, notices, recognitions):
    api.add_router("", noun.router)
api.add_router(OPEN, open_data.router, auth=None)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Return 404, the same for what does not exist and for what lies outside a person's scope."""
    return problem(HTTPStatus.NOT_FOUND, problems.NOT_FOUND)


@api.exception_handler(ValidationError)
def not_valid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    """Return 422 with each cause; what was sent is not repeated."""
    causes = [{"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in exception.errors]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, problems.NOT_VALID, errors=causes)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, exception: HttpError) -> HttpResponse:
    """Return 401 to whoever brings no live token, 429 to whoever brought too many that were none."""
    status = HTTPStatus(exception.status_code)
    headers = {HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="portal"'}}.get(status, {})
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers = {"Retry-After": str(doors.seconds_left())}
    return problem(status, SAID[status], headers=headers)


def openapi(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document."""
    return JsonResponse(document(api, ROOT), json_dumps_params={"ensure_ascii": False})


def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Return 404 for every other address under the root."""
    return problem(HTTPStatus.NOT_FOUND, problems.NOT_FOUND)


def _operations() -> Iterator[URLPattern]:
    """Yield ninja's addresses, under plain names and answered as programs are."""
    for pattern in api.urls[0]:
        if pattern.name != "api-root":
            route = str(pattern.pattern)
            yield path(route, for_programs(pattern.callback, is_open=route.startswith(f"{OPEN}/")), name=pattern.name)


urlpatterns = [
    path("openapi.json", for_programs(openapi, is_open=True), name="api_openapi"),
    *_operations(),
    path("<path:rest>", for_programs(nothing, is_open=True), name="api_nothing"),
]
