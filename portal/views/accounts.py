"""Sign-in, sign-out, password change."""

from django.conf import settings
from django.contrib.auth import views
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

TOO_MANY_REQUESTS = 429


class SignIn(views.LoginView):
    """The sign-in page; it leads on to the page first asked for, on this host only."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True


class SignOut(views.LogoutView):
    """Ends the session; POST only, so that no foreign page can sign anybody out by a link."""

    http_method_names = ["post", "options"]


class PasswordChange(views.PasswordChangeView):
    """Asks for the old password and sets a new one; other sessions of the person end with it."""

    template_name = "registration/password_change.html"
    success_url = reverse_lazy("password_change_done")


@require_safe
def password_change_done(request):
    """Return the page that says that the password is changed and what that means."""
    return render(request, "registration/password_change_done.html")


def locked_out(request, *_args, **_kwargs):
    """Return 429 and say how long to wait; called by django-axes after too many wrong passwords."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "registration/locked_out.html", {"minutes": minutes}, status=TOO_MANY_REQUESTS)
