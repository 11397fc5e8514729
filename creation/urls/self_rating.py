"""Addresses of the self-rating and of evidence."""

from django.urls import path

from creation.views import evidence, items, self_rating

urlpatterns = [
    path("self-rating/start/", self_rating.self_rating_start, name="self_rating_start"),
    path("self-rating/<int:pk>/", self_rating.self_rating_detail, name="self_rating_detail"),
    path("self-rating/<int:pk>/items/<str:code>/", items.self_rating_item, name="self_rating_item"),
    path("self-rating/<int:pk>/items/<str:code>/points/", items.self_rating_points, name="self_rating_points"),
    path("self-rating/<int:pk>/items/<str:code>/attach/", items.evidence_attach, name="evidence_attach"),
    path("self-rating/<int:pk>/attachments/<int:attachment>/", items.evidence_detach, name="evidence_detach"),
    path("self-rating/<int:pk>/check/", self_rating.self_rating_check, name="self_rating_check"),
    path("self-rating/<int:pk>/prepare/", self_rating.self_rating_prepare, name="self_rating_prepare"),
    path("self-rating/<int:pk>/reopen/", self_rating.self_rating_reopen, name="self_rating_reopen"),
    path("self-rating/<int:pk>/submit/", self_rating.self_rating_submit, name="self_rating_submit"),
    path("self-rating/<int:pk>/withdraw/", self_rating.self_rating_withdraw, name="self_rating_withdraw"),
    path("receipts/<str:number>/", self_rating.submission_detail, name="submission_detail"),
    path("evidence/", evidence.evidence_list, name="evidence_list"),
    path("evidence/upload/", evidence.evidence_upload, name="evidence_upload"),
    path("evidence/<int:pk>/file/", evidence.evidence_file, name="evidence_file"),
    path("evidence/<int:pk>/picture/", evidence.evidence_picture, name="evidence_picture"),
]
