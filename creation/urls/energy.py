"""Addresses of the energy figures, of factors and goals, and of the way through Excel."""

from django.urls import path

from creation.views import energy, energy_import, energy_rules, workbook

urlpatterns = [
    path("self-rating/<int:pk>/energy/", energy.self_rating_energy, name="self_rating_energy"),
    path("self-rating/<int:pk>/energy/take-over/", energy.energy_take_over, name="energy_take_over"),
    path("self-rating/<int:pk>/energy/import/", energy_import.energy_import, name="energy_import"),
    path("self-rating/<int:pk>/energy/import/apply/", energy_import.energy_import_apply, name="energy_import_apply"),
    path("self-rating/<int:pk>/energy/template/", energy_import.energy_template, name="energy_template"),
    path("self-rating/<int:pk>/workbook/", workbook.self_rating_workbook, name="self_rating_workbook"),
    path("self-rating/<int:pk>/workbook/download/", workbook.workbook_download, name="workbook_download"),
    path("self-rating/<int:pk>/workbook/apply/", workbook.workbook_apply, name="workbook_apply"),
    path("energy/factors/", energy_rules.factor_list, name="factor_list"),
    path("energy/factors/add/", energy_rules.factor_add, name="factor_add"),
    path("energy/goals/", energy_rules.energy_goal_list, name="energy_goal_list"),
    path("energy/goals/add/", energy_rules.energy_goal_add, name="energy_goal_add"),
]
