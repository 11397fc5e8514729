"""Addresses of the working-day calendar and of targets."""

from django.urls import path

from reviews.views import rounds

urlpatterns = [
    path("calendar/", rounds.calendar_list, name="calendar_list"),
    path("calendar/enter/", rounds.calendar_enter, name="calendar_enter"),
    path("targets/", rounds.target_list, name="target_list"),
    path("targets/add/", rounds.target_add, name="target_add"),
]
