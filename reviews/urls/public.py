"""Addresses for everybody, without an account."""

from django.urls import path

from reviews.views import notice_papers, objecting, public

urlpatterns = [
    path("notices/", public.notice_list, name="notice_list"),
    path("notices/<int:pk>/", public.notice_detail, name="notice_detail"),
    path("notices/<int:pk>/notice.pdf", notice_papers.notice_pdf, name="notice_pdf"),
    path("notices/<int:pk>/<int:number>/object/", objecting.objection_add, name="objection_add"),
    path("objection-receipt/<slug:receipt>/", objecting.objection_receipt, name="objection_receipt"),
    path("objection-state/", objecting.objection_state, name="objection_state"),
    path("recognised/", public.recognised_list, name="recognised_list"),
    path("recognised/download/", public.recognised_download, name="recognised_download"),
]
