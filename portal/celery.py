"""The Celery application. A row in the database is the queue; the broker only rings the bell."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal", task_cls="portal.worker:Noted")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
