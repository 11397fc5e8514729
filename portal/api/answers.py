"""What holds for every answer to a program: one language, an ETag, how long it may be kept, errors in one shape."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from portal.api import problems
from portal.api.problems import problem

View = Callable[..., HttpResponse]
LANGUAGE = "en"  # of the few words that are made here; data come in both
READ = ("GET", "HEAD")


def for_programs(view: View, *, is_open: bool) -> View:
    """Return the view as programs are answered; `is_open` where everybody may read it, from any page, and keep it.

    Caches ask every time, so that nothing is shown too long. What a token reads is kept by its own reader alone.
    """

    @csrf_exempt  # read-only, and no cookie counts here
    @login_not_required  # a token is asked for by the operation itself
    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in READ:
            return problem(HTTPStatus.METHOD_NOT_ALLOWED, problems.READ_ONLY, headers={"Allow": ", ".join(READ)})
        request.method = "GET"  # the server leaves the body of a HEAD out
        try:
            with translation.override(LANGUAGE):
                response = view(request, *args, **kwargs)
        except (OperationalError, InterfaceError):
            again = {"Retry-After": str(problems.RETRY_SECONDS)}
            response = problem(HTTPStatus.SERVICE_UNAVAILABLE, problems.AWAY, headers=again)
        return _kept(request, response, is_open=is_open)

    return answered


def _kept(request: HttpRequest, response: HttpResponse, *, is_open: bool) -> HttpResponse:
    """Return the answer with its ETag and who may keep it, or 304 where the reader has it already."""
    if is_open:
        response["Access-Control-Allow-Origin"] = "*"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
    else:
        response["Vary"] = "Authorization"
    if response.status_code != HTTPStatus.OK:
        return response
    etag = quote_etag(sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    response["Cache-Control"] = "public, no-cache" if is_open else "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response)
