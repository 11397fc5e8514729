"""Bad values in the settings, found when the portal starts."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connections

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
    if settings.TRUSTED_PROXIES < 0:
        found.append(Error("TRUSTED_PROXIES counts proxies and cannot be negative.", id="portal.E003"))
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
