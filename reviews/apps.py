"""The app's entry for Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    """What others say and what becomes of it."""

    name = "reviews"
    verbose_name = _("Reviews")
