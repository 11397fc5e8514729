"""What a person sees when something does not go through: what happened, whether anything was lost, what to do."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import JsonResponse
from django.shortcuts import render

from portal.api import problems
from portal.api.problems import problem
from portal.middleware import FOR_PROGRAMS, wants_json

RETRY_SECONDS = 2


def bad_request(request, exception):
    """Return 400. Rendered without the person, as even reading the session may be what failed."""
    return render(None, "errors/400.html", status=400)


def permission_denied(request, exception):
    """Return 403 with the reason where the refusing code gave one in words."""
    return render(request, "errors/403.html", {"reason": str(exception)}, status=403)


def page_not_found(request, exception):
    """Return 404; the same page for what does not exist and for what lies outside a person's scope."""
    return render(request, "errors/404.html", status=404)


def server_error(request):
    """Return 500, or 503 with Retry-After when the database is away; rendered without asking the database."""
    if request.path.startswith(FOR_PROGRAMS):
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, problems.FAULT)
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        response = render(None, "errors/503.html", status=503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return render(None, "errors/500.html", status=500)


def csrf_failure(request, reason=""):
    """Return 403 for a form whose secret does not fit: signed in anew in another tab, or sent from elsewhere."""
    if wants_json(request):
        return JsonResponse({"error": "csrf"}, status=403)
    return render(request, "errors/csrf.html", status=403)
