"""Addresses of what happens to people's work on both sides."""

from django.urls import path

from reviews.views import handing_over

urlpatterns = [
    path("people/<int:pk>/pass-on/", handing_over.person_pass_on, name="person_pass_on"),
]
