"""What holds for every request and every answer."""

from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from creation import clock
from portal.api import problems
from portal.api.problems import problem

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
FOR_PROGRAMS = "/api/v1/"
CONTENT_TOO_LARGE = 413
UNAUTHORISED = 401


def wants_json(request) -> bool:
    """Tell whether a script asks, one that reads JSON; whoever takes anything is shown a page."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


class NoteArrival:
    """Notes when a request came in, before it waits for anything: that instant counts for a deadline."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer; the note ends with the request."""
        with clock.arrival():
            return self.get_response(request)


class NoCookiesForPrograms:
    """Whoever reads /api/v1/ is known by a token alone: no cookie and no preferred language is read, and none is set.

    So the answer depends on the address and the token, and on nothing else that a cache would have to know.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer; of `Vary` what the interface itself has set is kept."""
        if not request.path.startswith(FOR_PROGRAMS):
            return self.get_response(request)
        for header in ("HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE"):
            request.META.pop(header, None)
        response = self.get_response(request)
        response.cookies.clear()
        varies = response.headers.get("Vary", "")
        for header in ("Content-Language", "Vary"):
            response.headers.pop(header, None)
        if "Authorization" in varies:
            response.headers["Vary"] = "Authorization"
        return response


class SecurityHeaders:
    """Adds the headers that neither Django nor django-csp sets; answers to a signed-in person are never stored."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer with its headers; a header the view has set itself is kept."""
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Whoever has a session may see private pages; whether this very page is one is not worth a mistake.
        name = settings.SESSION_COOKIE_NAME
        has_session = name in request.COOKIES or name in response.cookies
        if has_session and not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store, private"
        return response


class RequestSizeLimit:
    """Refuses a request that announces more bytes than any form of the portal may send, before reading it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return 413 with a page that names the limit, or the answer."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.REQUEST_MAX_BYTES:
            if request.path.startswith(FOR_PROGRAMS):
                return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problems.TOO_LARGE)
            limits = {"file_bytes": settings.UPLOAD_MAX_BYTES, "files": settings.UPLOAD_MAX_FILES}
            return render(None, "errors/413.html", limits, status=CONTENT_TOO_LARGE)
        return self.get_response(request)


class SignInRequired(LoginRequiredMiddleware):
    """Every view asks for a signed-in person unless it is marked `login_not_required`."""

    def handle_no_permission(self, request, view_func):
        """Return the way to the sign-in page, and from there to the page that was asked for or stood there before.

        htmx gets 401 without a body: it swaps nothing, and the page stays with what was typed on it
        (static/js/session_end.js). A script that asked for JSON, such as the phone's, gets 401 with an empty object.
        """
        if request.htmx:
            return HttpResponse(status=UNAUTHORISED)
        if wants_json(request):
            return JsonResponse({}, status=UNAUTHORISED)
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(_page_of_the_form(request), self.get_login_url(view_func))


def _page_of_the_form(request):
    """Return the address where the form stood that was sent: its target may be an address that takes POST only."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return urlunsplit(("", "", *urlsplit(referer)[2:4], ""))
    return request.get_full_path()
