"""The first page: what waits for me, or for the public what this is."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.views.landing import landing
from portal.waiting import waiting_for


@login_not_required
@require_safe
def home(request):
    """Return what waits for the signed-in person; a visitor without an account gets the public landing page."""
    if not request.user.is_authenticated:
        return landing(request)
    sections = waiting_for(request.user)
    context = {"sections": sections, "waiting": sum(len(lines) for _section, lines in sections)}
    return render(request, "portal/home.html", context)
