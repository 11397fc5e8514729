"""Addresses of the register and of imports."""

from django.urls import path

from creation.views import imports, register

urlpatterns = [
    path("register/", register.organ_list, name="organ_list"),
    path("register/add/", register.organ_add, name="organ_add"),
    path("register/regions/", register.region_list, name="region_list"),
    path("register/regions/<slug:code>/department/", register.region_department, name="region_department"),
    path("register/<int:pk>/", register.organ_detail, name="organ_detail"),
    path("register/<int:pk>/correct/", register.organ_correct, name="organ_correct"),
    path("register/<int:pk>/abolish/", register.organ_abolish, name="organ_abolish"),
    path("register/<int:pk>/merge/", register.organ_merge, name="organ_merge"),
    path("register/<int:pk>/split/", register.organ_split, name="organ_split"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/add/<slug:kind>/", imports.import_add, name="import_add"),
    path("imports/template/<slug:kind>/", imports.import_template, name="import_template"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
    path("imports/<int:pk>/errors/", imports.import_errors, name="import_errors"),
]
