"""Addresses of files."""

from django.urls import path

from reviews.views import files, teams

urlpatterns = [
    path("files/", files.file_list, name="file_list"),
    path("files/<int:pk>/", files.file_detail, name="file_detail"),
    path("files/<int:pk>/send-back/", files.file_send_back, name="file_send_back"),
    path("files/<int:pk>/assign/", teams.file_assign, name="file_assign"),
    path("files/<int:pk>/spot-check/assign/", teams.spot_check_assign, name="spot_check_assign"),
    path("files/<int:pk>/spot-check/letter/", files.spot_check_record_letter, name="spot_check_record_letter"),
    path("files/<int:pk>/spot-check/letter/scan/", files.spot_check_letter, name="spot_check_letter"),
]
