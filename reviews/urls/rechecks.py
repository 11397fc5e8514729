"""Addresses of what comes after recognition: cases about titles, and rechecks."""

from django.urls import path

from reviews.views import revocations

urlpatterns = [
    path("recognitions/<int:pk>/revoke/", revocations.recognition_revoke, name="recognition_revoke"),
    path("revocations/", revocations.revocation_list, name="revocation_list"),
    path("revocations/<int:pk>/", revocations.revocation_detail, name="revocation_detail"),
    path("revocations/<int:pk>/answer/", revocations.revocation_answer, name="revocation_answer"),
    path("revocations/<int:pk>/propose/", revocations.revocation_propose, name="revocation_propose"),
    path("revocations/<int:pk>/decide/", revocations.revocation_decide, name="revocation_decide"),
]
