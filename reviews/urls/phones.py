"""Addresses of the phone on site; all of them lie below /visits/, the reach of its service worker."""

from django.urls import path

from reviews.views import phone_ledger, phone_page, phones

urlpatterns = [
    path("visits/phone/", phone_page.phone, name="phone"),
    path("visits/sw.js", phone_page.phone_worker, name="phone_worker"),
    path("visits/packs/", phones.phone_packs, name="phone_packs"),
    path("visits/<int:pk>/pack/", phones.phone_pack, name="phone_pack"),
    path("visits/<int:pk>/ready/", phones.phone_ready, name="phone_ready"),
    path("visits/<int:pk>/records/", phones.phone_records, name="phone_records"),
    path("visits/<int:pk>/photos/", phones.phone_photo_announce, name="phone_photo_announce"),
    path("visits/<int:pk>/photos/<uuid:key>/", phones.phone_photo, name="phone_photo"),
    path("visits/<int:pk>/phone/", phone_ledger.phone_ledger, name="phone_ledger"),
    path("visits/<int:pk>/phone/<uuid:key>/", phone_ledger.phone_kept, name="phone_kept"),
    path("visits/<int:pk>/phone/<uuid:key>/settle/", phone_ledger.phone_settle, name="phone_settle"),
]
