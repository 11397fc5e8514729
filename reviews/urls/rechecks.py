"""Addresses of what comes after recognition: cases about titles, and rechecks."""

from django.urls import path

from reviews.views import expiring, rechecks, revocations

urlpatterns = [
    path("recognitions/<int:pk>/revoke/", revocations.recognition_revoke, name="recognition_revoke"),
    path("recognitions/expiring/", expiring.expiring_list, name="expiring_list"),
    path("rechecks/", rechecks.recheck_list, name="recheck_list"),
    path("rechecks/open/", rechecks.recheck_open, name="recheck_open"),
    path("rechecks/<int:pk>/", rechecks.recheck_detail, name="recheck_detail"),
    path("rechecks/<int:pk>/keep/", rechecks.recheck_keep, name="recheck_keep"),
    path("rechecks/<int:pk>/<slug:step>/", rechecks.recheck_manage, name="recheck_manage"),
    path("rechecks/organs/<int:pk>/", rechecks.recheck_item, name="recheck_item"),
    path("rechecks/organs/<int:pk>/<slug:name>/", rechecks.recheck_step, name="recheck_step"),
    path("rechecks/papers/<int:pk>/", rechecks.recheck_paper, name="recheck_paper"),
    path("revocations/", revocations.revocation_list, name="revocation_list"),
    path("revocations/<int:pk>/", revocations.revocation_detail, name="revocation_detail"),
    path("revocations/<int:pk>/answer/", revocations.revocation_answer, name="revocation_answer"),
    path("revocations/<int:pk>/propose/", revocations.revocation_propose, name="revocation_propose"),
    path("revocations/<int:pk>/decide/", revocations.revocation_decide, name="revocation_decide"),
]
