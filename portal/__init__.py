"""The frame of the portal: settings, addresses, pages that belong to no single room."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
