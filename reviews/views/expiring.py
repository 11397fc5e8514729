"""The titles whose last day comes near, for the officials who see to their renewal."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creation import clock
from creation.models import Recognition

PAGE = 50


@require_safe
def expiring_list(request: HttpRequest) -> HttpResponse:
    """Show the titles in the person's regions that expire soon, the first one first."""
    within = Recognition.objects.filter(organ__region__in=request.user.scope("official"))
    rows = within.expiring(clock.today())
    page = Paginator(rows.select_related("organ__region"), PAGE).get_page(request.GET.get("page"))
    return render(request, "reviews/expiring_list.html", {"page": page})
