"""The portal's own application."""

from django.apps import AppConfig

from portal import checks

__all__ = ["PortalConfig", "checks"]


class PortalConfig(AppConfig):
    """Importing it registers the system checks."""

    name = "portal"
