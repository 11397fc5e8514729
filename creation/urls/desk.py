"""Addresses of the desk: what saves itself, and what the organ said last year."""

from django.urls import path

from creation.views import autosave, earlier

urlpatterns = [
    path("self-rating/<int:pk>/items/<str:code>/autosave/", autosave.self_rating_autosave, name="self_rating_autosave"),
    path("self-rating/<int:pk>/items/<str:code>/earlier/", earlier.self_rating_earlier, name="self_rating_earlier"),
]
