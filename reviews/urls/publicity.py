"""Addresses of notices, recognition and objections inside the portal."""

from django.urls import path

from reviews.views import notices, objections, recognitions

urlpatterns = [
    path("publicity/", notices.notice_manage, name="notice_manage"),
    path("publicity/draft/<int:cycle_pk>/", notices.notice_draft, name="notice_draft"),
    path("publicity/<int:pk>/", notices.notice_preview, name="notice_preview"),
    path("publicity/<int:pk>/edit/", notices.notice_edit, name="notice_edit"),
    path("publicity/<int:pk>/discard/", notices.notice_discard, name="notice_discard"),
    path("publicity/<int:pk>/hand-in/", notices.notice_hand_in, name="notice_hand_in"),
    path("publicity/<int:pk>/take-back/", notices.notice_take_back, name="notice_take_back"),
    path("publicity/<int:pk>/give-back/", notices.notice_give_back, name="notice_give_back"),
    path("publicity/<int:pk>/approve/", notices.notice_approve, name="notice_approve"),
    path("publicity/<int:pk>/recognition/", recognitions.recognition_order, name="recognition_order"),
    path("files/<int:pk>/recognise/", recognitions.recognition_grant, name="recognition_grant"),
    path("objections/", objections.objection_list, name="objection_list"),
    path("objections/set-aside/", objections.objection_set_aside, name="objection_set_aside"),
    path("objections/<int:pk>/", objections.objection_detail, name="objection_detail"),
    path("objections/<int:pk>/objector/", objections.objection_objector, name="objection_objector"),
    path("objections/<int:pk>/files/<int:file_pk>/", objections.objection_file, name="objection_file"),
    path("objections/<int:pk>/seal/", objections.objection_seal, name="objection_seal"),
    path("objections/<int:pk>/hear/", objections.objection_hear, name="objection_hear"),
    path("objections/<int:pk>/answers/<int:file_pk>/", objections.objection_answer_file, name="objection_answer_file"),
    path("objections/<int:pk>/decide/", objections.objection_decide, name="objection_decide"),
    path("objections/<int:pk>/confirm/", objections.objection_confirm, name="objection_confirm"),
    path("objections/<int:pk>/give-back/", objections.objection_give_back, name="objection_give_back"),
]
