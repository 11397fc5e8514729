"""Addresses of the self-rating and of evidence."""

from django.urls import path

from creation.views import evidence, items, receipts, sections, self_rating

urlpatterns = [
    path("self-rating/start/", self_rating.self_rating_start, name="self_rating_start"),
    path("self-rating/<int:pk>/", self_rating.self_rating_detail, name="self_rating_detail"),
    path("self-rating/<int:pk>/items/<str:code>/", items.self_rating_item, name="self_rating_item"),
    path("self-rating/<int:pk>/items/<str:code>/points/", items.self_rating_points, name="self_rating_points"),
    path("self-rating/<int:pk>/items/<str:code>/attach/", items.evidence_attach, name="evidence_attach"),
    path("self-rating/<int:pk>/items/<str:code>/attach/one/", evidence.evidence_attach_one, name="evidence_attach_one"),
    path("self-rating/<int:pk>/attachments/<int:attachment>/", items.evidence_detach, name="evidence_detach"),
    path("self-rating/<int:pk>/sections/", sections.self_rating_sections, name="self_rating_sections"),
    path("self-rating/<int:pk>/check/", self_rating.self_rating_check, name="self_rating_check"),
    path("self-rating/<int:pk>/reasons/", self_rating.self_rating_reasons, name="self_rating_reasons"),
    path("self-rating/<int:pk>/prepare/", self_rating.self_rating_prepare, name="self_rating_prepare"),
    path("self-rating/<int:pk>/reopen/", self_rating.self_rating_reopen, name="self_rating_reopen"),
    path("self-rating/<int:pk>/submit/", self_rating.self_rating_submit, name="self_rating_submit"),
    path("self-rating/<int:pk>/withdraw/", self_rating.self_rating_withdraw, name="self_rating_withdraw"),
    path("receipts/<str:number>/", receipts.submission_detail, name="submission_detail"),
    path("receipts/<str:number>/receipt.pdf", receipts.submission_pdf, name="submission_pdf"),
    path("receipts/<str:number>/content.json", receipts.submission_content, name="submission_content"),
    path("evidence/", evidence.evidence_list, name="evidence_list"),
    path("evidence/upload/", evidence.evidence_upload, name="evidence_upload"),
    path("evidence/upload/one/", evidence.evidence_upload_one, name="evidence_upload_one"),
    path("evidence/attach/", evidence.evidence_place, name="evidence_place"),
    path("evidence/<int:pk>/", evidence.evidence_detail, name="evidence_detail"),
    path("evidence/<int:pk>/file/", evidence.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/picture/", evidence.evidence_picture, name="evidence_picture"),
]
