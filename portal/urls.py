"""All addresses. What is not marked public needs a signed-in person."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from portal.views import accounts, health, pages

urlpatterns = [
    path("accounts/sign-in/", accounts.SignIn.as_view(), name="login"),
    path("accounts/sign-out/", accounts.SignOut.as_view(), name="logout"),
    path("accounts/password/", accounts.PasswordChange.as_view(), name="password_change"),
    path("accounts/password/done/", accounts.password_change_done, name="password_change_done"),
    path("accounts/invitation/<uidb64>/<token>/", accounts.Invitation.as_view(), name="invitation"),
    path("i18n/set-language/", login_not_required(set_language), name="set_language"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("healthz", health.healthz, name="healthz"),
    path("", include("creation.urls")),
    path("", include("reviews.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.permission_denied"
handler404 = "portal.views.errors.page_not_found"
handler500 = "portal.views.errors.server_error"
