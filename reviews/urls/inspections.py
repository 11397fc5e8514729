"""Addresses of visits and findings."""

from django.urls import path

from reviews.views import days, findings, inspections, items, own_points, signatures, statements, teams

urlpatterns = [
    path("inspections/", days.inspection_list, name="inspection_list"),
    path("inspections/<int:pk>/", inspections.inspection_detail, name="inspection_detail"),
    path("inspections/<int:pk>/items/<str:code>/", items.inspection_item, name="inspection_item"),
    path("inspections/<int:pk>/items/<str:code>/photos/", items.item_photos, name="item_photos"),
    path("inspections/photos/<int:pk>/", items.visit_photo, name="visit_photo"),
    path("inspections/<int:pk>/comparison/", own_points.inspection_comparison, name="inspection_comparison"),
    path("visits/<int:pk>/signatures/", signatures.inspection_sign, name="inspection_sign"),
    path("visits/<int:pk>/sheet/", signatures.inspection_sheet, name="inspection_sheet"),
    path("inspections/<int:pk>/rectify/", inspections.inspection_rectify, name="inspection_rectify"),
    path("inspections/<int:pk>/team/", teams.inspection_team, name="inspection_team"),
    path("inspections/<int:pk>/file/", inspections.inspection_file, name="inspection_file"),
    path("visits/<int:pk>/statement/", statements.visit_state, name="visit_state"),
    path("visits/<int:pk>/statement/take-down/", statements.visit_take_down, name="visit_take_down"),
    path("inspections/<int:pk>/vetoes/add/", inspections.veto_add, name="veto_add"),
    path("inspections/<int:pk>/vetoes/<slug:kind>/take-back/", inspections.veto_take_back, name="veto_take_back"),
    path("inspections/<int:pk>/findings/add/", findings.finding_add, name="finding_add"),
    path("findings/<int:pk>/", findings.finding_detail, name="finding_detail"),
    path("findings/photos/<int:pk>/", findings.finding_photo, name="finding_photo"),
]
