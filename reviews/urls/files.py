"""Addresses of files."""

from django.urls import path

from reviews.views import assignments, files, teams

urlpatterns = [
    path("files/", files.file_list, name="file_list"),
    path("files/assign/", assignments.assignment_choose, name="assignment_choose"),
    path("files/assign/proposal/", assignments.assignment_propose, name="assignment_propose"),
    path("files/assign/file/", assignments.assignment_read, name="assignment_read"),
    path("files/assign/all/", assignments.assignment_assign, name="assignment_assign"),
    path("files/<int:pk>/", files.file_detail, name="file_detail"),
    path("files/<int:pk>/send-back/", files.file_send_back, name="file_send_back"),
    path("files/<int:pk>/assign/", teams.file_assign, name="file_assign"),
    path("files/<int:pk>/spot-check/assign/", teams.spot_check_assign, name="spot_check_assign"),
    path("files/<int:pk>/spot-check/letter/", files.spot_check_record_letter, name="spot_check_record_letter"),
    path("files/<int:pk>/spot-check/letter/scan/", files.spot_check_letter, name="spot_check_letter"),
]
