"""The page that works without a network: its shell, and the service worker that keeps it. Nobody's data is in them."""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from reviews.views.phone_texts import TEXTS

# What the shell is made of; the worker itself is brought in by the script that the browser registers.
FILES = ("dist/portal.css", "dist/phone.css", "dist/phone.js", "js/early.js", "img/mark.svg")
WORKER = "dist/phone_worker.js"
# As on every page, but for the two that an inspector needs on site.
_CLOSED = ("accelerometer", "autoplay", "display-capture", "gyroscope", "microphone", "midi", "payment", "usb")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in _CLOSED), "camera=(self)", "geolocation=(self)"])


def texts() -> dict[str, dict[str, str]]:
    """Return every text of the page in every language: a phone without a network can still change its language."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = {name: str(text) for name, text in TEXTS.items()}
    return found


# Whoever holds the shell holds nothing yet, and it must come anew also when a session has ended meanwhile.
@login_not_required
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    """Return the shell; only here may a page ask for camera and place."""
    response = render(request, "reviews/phone.html", {"texts": texts()})
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


@login_not_required
@require_safe
def phone_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker with the addresses that it keeps; another version of any of them is another worker."""
    files = [static(name) for name in FILES]
    parts = [settings.VERSION, static(WORKER), *files, json.dumps(texts(), sort_keys=True)]
    version = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    told = json.dumps({"version": version, "shell": reverse("phone"), "files": files})
    script = f"self.PHONE = {told};\nimportScripts({json.dumps(static(WORKER))});\n"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
