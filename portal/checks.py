"""Bad values in the settings, found when the portal starts."""

import re

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.checks import Warning as Advice
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from creation import pdf
from portal.charts import drawing
from portal.reports.mapping import BadMapping
from reviews import sheets

MIN_SECRET_LENGTH = 32


@register(Tags.security)
def settings_for_production(app_configs, **kwargs):
    """Return an error for each value with which a production portal must not start."""
    if settings.DEMO:
        return []
    found = []
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS must name the portal's own host.", hint="ALLOWED_HOSTS=portal.example", id="portal.E001"
            )
        )
    if len(settings.SECRET_KEY) < MIN_SECRET_LENGTH:
        found.append(
            Error(
                f"SECRET_KEY is shorter than {MIN_SECRET_LENGTH} characters.",
                hint="Use 50 random ones.",
                id="portal.E002",
            )
        )
    if not settings.PORTAL_ADDRESS.startswith("https://"):
        found.append(
            Error(
                "PORTAL_ADDRESS must be the portal's own https address: mails lead there.",
                hint="PORTAL_ADDRESS=https://portal.example",
                id="portal.E005",
            )
        )
    if min(settings.API_TOKEN_DAYS, settings.API_TOKENS_PER_PERSON) < 1:
        found.append(
            Error(
                "API_TOKEN_DAYS and API_TOKENS_PER_PERSON count days and tokens: at least 1.",
                hint="API_TOKEN_DAYS=365 API_TOKENS_PER_PERSON=10",
                id="portal.E009",
            )
        )
    if settings.TRUSTED_PROXIES < 0:
        found.append(Error("TRUSTED_PROXIES counts proxies and cannot be negative.", id="portal.E003"))
    return found


@register(Tags.security)
def sheets_can_be_signed(app_configs, **kwargs):
    """Return an error without a key for verification sheets: no organ could be recognised."""
    try:
        sheets.signing_key(settings.SIGNING_KEY)
    except ValueError:
        return [
            Error(
                "SIGNING_KEY must be 32 random bytes in base64: it signs the verification sheets.",
                hint="python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'",
                id="portal.E008",
            )
        ]
    return []


@register()
def mail_goes_out_at_an_hour(app_configs, **kwargs):
    """Return an error for a time of day or a language of the mails that is none."""
    found = []
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", settings.DIGEST_AT):
        found.append(Error("DIGEST_AT must be a time of day.", hint="DIGEST_AT=07:30", id="portal.E006"))
    if settings.MAIL_LANGUAGE not in dict(settings.LANGUAGES):
        found.append(Error("MAIL_LANGUAGE is no language of the portal.", hint="zh-hans or en", id="portal.E007"))
    return found


@register(Tags.database)
def database_keeps_what_it_acknowledges(app_configs, databases=None, **kwargs):
    """Return an error for each PostgreSQL that may lose acknowledged work: fsync or synchronous_commit off."""
    found = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql" or settings.TESTING:
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off'"
                )
                loose = [name for (name,) in cursor.fetchall()]
        except DatabaseError:
            continue  # migrate itself says that the server is away
        found += [
            Error(f"PostgreSQL has {name} = off: acknowledged work may be lost.", id="portal.E004") for name in loose
        ]
    return found


@register(Tags.files)
def state_columns_can_be_used(app_configs, **kwargs):
    """Return a warning for a file of the State's columns with a fault: everything else works without."""
    try:
        import_string("portal.reports.state_columns.columns")()  # its tables are not there yet when this file is read
    except (BadMapping, OSError) as error:
        return [
            Advice(
                f"The file of the State's columns cannot be used: {error}",
                hint=f"Correct {settings.STATE_COLUMNS}, or let STATE_COLUMNS name another file.",
                id="portal.W002",
            )
        ]
    return []


@register(Tags.files)
def fonts_of_papers(app_configs, **kwargs):
    """Return a warning when receipts and other papers could not be made as PDF: everything else works without."""
    if not pdf.missing_fonts():
        return []
    return [
        Advice(
            "Papers cannot be made as PDF: the Chinese fonts are missing.",
            hint="Run `make setup`, or let FONTS_DIR name the folder that has them.",
            id="portal.W001",
        )
    ]


@register(Tags.files)
def pictures_can_be_drawn(app_configs, **kwargs):
    """Return a warning when pictures could not be drawn for downloads and documents: pages draw their own."""
    if not drawing.missing_parts():
        return []
    return [
        Advice(
            f"Pictures cannot be drawn on the server: missing {', '.join(drawing.missing_parts())}.",
            hint="Run `make setup`, or let NODE name the program.",
            id="portal.W003",
        )
    ]
