"""Addresses of the working-day calendar and of targets."""

from django.urls import path

from reviews.views import archives, rounds

urlpatterns = [
    path("rounds/<int:pk>/archive/", archives.cycle_archive, name="cycle_archive"),
    path("archives/<int:pk>/download/", archives.archive_download, name="archive_download"),
    path("archives/verify_archive.py", archives.archive_verifier, name="archive_verifier"),
    path("calendar/", rounds.calendar_list, name="calendar_list"),
    path("calendar/enter/", rounds.calendar_enter, name="calendar_enter"),
    path("targets/", rounds.target_list, name="target_list"),
    path("targets/add/", rounds.target_add, name="target_add"),
]
