"""The portal's own application, and what of the folder static/ is served."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

from portal import checks

__all__ = ["PortalConfig", "StaticFiles", "checks"]


class PortalConfig(AppConfig):
    """Importing it registers the system checks."""

    name = "portal"
    default = True


class StaticFiles(StaticFilesConfig):
    """Leaves out the sources of the bundles: their imports mean something to the bundler only."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "css"]
