"""Addresses for everybody, without an account."""

from django.urls import path

from reviews.views import public

urlpatterns = [
    path("notices/", public.notice_list, name="notice_list"),
    path("notices/<int:pk>/", public.notice_detail, name="notice_detail"),
    path("notices/<int:pk>/<int:number>/object/", public.objection_add, name="objection_add"),
    path("objection-receipt/<slug:receipt>/", public.objection_receipt, name="objection_receipt"),
    path("objection-state/", public.objection_state, name="objection_state"),
    path("recognised/", public.recognised_list, name="recognised_list"),
    path("recognised/download/", public.recognised_download, name="recognised_download"),
]
