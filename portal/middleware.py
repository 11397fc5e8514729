"""What holds for every request and every answer."""

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect

from creation import clock

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
CONTENT_TOO_LARGE = 413


class NoteArrival:
    """Notes when a request came in, before it waits for anything: that instant counts for a deadline."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Return the answer; the note ends with the request."""
        with clock.arrival():
            return self.get_response(request)


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
            limits = {"file_bytes": settings.UPLOAD_MAX_BYTES, "files": settings.UPLOAD_MAX_FILES}
            return render(None, "errors/413.html", limits, status=CONTENT_TOO_LARGE)
        return self.get_response(request)


class SignInRequired(LoginRequiredMiddleware):
    """Every view asks for a signed-in person unless it is marked `login_not_required`."""

    def handle_no_permission(self, request, view_func):
        """Return the way to the sign-in page; htmx gets it for the whole page, not for a part of it."""
        response = super().handle_no_permission(request, view_func)
        if request.htmx:
            return HttpResponseClientRedirect(response["Location"])
        return response
