"""Addresses of standards and rounds."""

from django.urls import path

from creation.views import cycles, standards

urlpatterns = [
    path("standards/", standards.standard_list, name="standard_list"),
    path("standards/import/", standards.standard_import, name="standard_import"),
    path("standards/<int:pk>/", standards.standard_detail, name="standard_detail"),
    path("standards/<int:pk>/publish/", standards.standard_publish, name="standard_publish"),
    path("rounds/", cycles.cycle_list, name="cycle_list"),
    path("rounds/add/", cycles.cycle_add, name="cycle_add"),
    path("rounds/<int:pk>/", cycles.cycle_detail, name="cycle_detail"),
    path("rounds/<int:pk>/change/", cycles.cycle_change, name="cycle_change"),
    path("rounds/<int:pk>/open/", cycles.cycle_open, name="cycle_open"),
    path("rounds/<int:pk>/close/", cycles.cycle_close, name="cycle_close"),
]
