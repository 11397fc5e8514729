"""Addresses of people."""

from django.urls import path

from creation.views import people, tokens

urlpatterns = [
    path("people/", people.person_list, name="person_list"),
    path("people/invite/", people.person_invite, name="person_invite"),
    path("people/<int:pk>/", people.person_detail, name="person_detail"),
    path("people/<int:pk>/invite-again/", people.person_invite_again, name="person_invite_again"),
    path("people/<int:pk>/posts/add/", people.appointment_add, name="appointment_add"),
    path("posts/<int:pk>/end/", people.appointment_end, name="appointment_end"),
    path("account/tokens/", tokens.token_list, name="token_list"),
    path("account/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("invitation/<uidb64>/<token>/", people.invitation, name="invitation"),
]
