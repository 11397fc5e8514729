"""The app's entry for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreationConfig(AppConfig):
    """What an organ says about itself."""

    name = "creation"
    verbose_name = _("Creation")
