"""One's own tokens: the list, a new one, which is shown once, and the end of one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from creation import clock
from creation.actions import tokens
from creation.forms.tokens import TokenForm
from creation.models import ApiToken
from creation.rules import may, require
from creation.views.taking import take


@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """Show one's tokens and make one.

    A new token stands on the answer to its form alone: the same form sent again leads to the list.
    """
    form = TokenForm(request.POST or None)
    if request.method == "POST":
        require(request.user, "token.make")
        if form.is_valid():
            made: list[str] = []
            answer = take(request, lambda: made.append(_make(request, form)), to=reverse("token_list"), form=form)
            if answer and made and tokens.is_kept(made[0]):
                return _page(request, TokenForm(), made[0])
            if answer:
                return answer
    return _page(request, form)


def _make(request: HttpRequest, form: TokenForm) -> str:
    _row, token = tokens.make(**form.cleaned_data, by=request.user)
    return token


def _page(request: HttpRequest, form: TokenForm, made: str = "") -> HttpResponse:
    mine = ApiToken.objects.visible_to(request.user)
    context = {
        "form": form,
        "made": made,
        "rows": list(mine),
        "may_make": may(request.user, "token.make"),
        "may_tell_systems": may(request.user, "webhook.manage"),
        "today": clock.today(),
        "most": settings.API_TOKENS_PER_PERSON,
        "address": request.build_absolute_uri("/api/v1/register"),
    }
    return render(request, "creation/token_list.html", context)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one's own token end at once."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
    return take(
        request,
        lambda: tokens.revoke(token, by=request.user),
        to=reverse("token_list"),
        done=_("The token no longer works."),
    )
