"""Addresses of the deviations between the three ratings."""

from django.urls import path

from reviews.views import deviations

urlpatterns = [
    path("deviations/", deviations.deviation_list, name="deviation_list"),
    path("deviations/inspectors/", deviations.deviation_inspectors, name="deviation_inspectors"),
    path("deviations/<slug:of>.csv", deviations.deviation_csv, name="deviation_csv"),
]
