"""Headers and cookies, in the demonstration (here) and in production (in a process of its own)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

ROOT = Path(__file__).resolve().parent.parent.parent
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
}
PRODUCTION = {
    "PROFILE": "production",
    "SECRET_KEY": "k" * 50,
    "SIGNING_KEY": "k" * 43 + "=",
    "ALLOWED_HOSTS": "portal.example",
    "PORTAL_ADDRESS": "https://portal.example",
    "DATABASE_URL": "sqlite://:memory:",
}


def python(code, **variables):
    """Run code in a fresh process that knows only these settings."""
    clean = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.django_db
def test_every_answer_carries_the_security_headers(client):
    answer = client.get(reverse("login"))
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_signed_in_answers_are_never_stored(client, person):
    client.force_login(person)
    assert client.get(reverse("password_change"))["Cache-Control"] == "no-store, private"


@pytest.mark.django_db
def test_a_stranger_gets_no_session_cookie(client):
    assert "portal_session" not in client.get(reverse("accessibility")).cookies


def test_production_cookies_and_transport():
    done = python(
        """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from django.test import Client
far = Client(headers={"host": "portal.example"})
print(far.get("/healthz").status_code, far.get("/healthz")["Location"])
answer = far.get("/accounts/sign-in/", secure=True)
print(answer["Strict-Transport-Security"])
print(answer.cookies["__Host-csrf"].OutputString())
print(Client(headers={"host": "evil.example"}).get("/healthz", secure=True).status_code)
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)
""",
        **PRODUCTION,
    )
    assert done.returncode == 0, done.stderr
    redirect, hsts, csrf, foreign, session = done.stdout.splitlines()
    assert redirect == "301 https://portal.example/healthz"
    assert hsts == "max-age=31536000; includeSubDomains"
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(csrf.split("; "))
    assert foreign == "400"
    assert session == "__Host-session True True Lax"


def test_the_demonstration_answers_to_the_loopback_address_only(client):
    assert client.get("/healthz", headers={"host": "portal.example"}).status_code == 400


def test_production_without_a_secret_key_refuses_to_start():
    done = python("import portal.settings", **{**PRODUCTION, "SECRET_KEY": ""})
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr.splitlines()[-1]


def test_a_misspelt_profile_refuses_to_start():
    done = python("import portal.settings", **{**PRODUCTION, "PROFILE": "prod"})
    assert done.stderr.splitlines()[-1].endswith("PROFILE is 'prod'; it must be demo or production.")


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("ALLOWED_HOSTS", "", "portal.E001"),
        ("PORTAL_ADDRESS", "", "portal.E005"),
        ("PORTAL_ADDRESS", "http://portal.example", "portal.E005"),
        ("DIGEST_AT", "25:00", "portal.E006"),
        ("MAIL_LANGUAGE", "fr", "portal.E007"),
        ("SIGNING_KEY", "", "portal.E008"),
        ("SIGNING_KEY", "c2hvcnQ=", "portal.E008"),
    ],
)
def test_production_fails_its_check_on_a_bad_value(name, value, error):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={"PATH": os.environ["PATH"], **PRODUCTION, name: value},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert error in done.stderr
    assert done.stderr.count("(portal.E") == 1
