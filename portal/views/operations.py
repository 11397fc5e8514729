"""The worker in the open: what runs, what is late, what waits."""

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.rules import require
from creation.views.taking import take
from portal import operations, queues
from portal.forms import RowForm
from reviews.actions import retries
from reviews.models import RecountRun

PER_PAGE = 50


@require_safe
def operations_show(request: HttpRequest) -> HttpResponse:
    """Show the tasks with their last runs and the queues with what waits, to officials of a municipality or above."""
    require(request.user, "operations.read")
    jobs = operations.jobs()
    context = {
        "jobs": jobs,
        "bad": [job for job in jobs if job.state in {operations.LATE, operations.FAILED}],
        "never": all(job.row is None for job in jobs),
        "queues": queues.read(),
        "proof": RecountRun.objects.filter(complete=True).exclude(ended_at=None).order_by("-pk").first(),
        "now": clock.now(),
    }
    return render(request, "portal/operations.html", context)


def operations_queue(request: HttpRequest, queue: str) -> HttpResponse:
    """Show the rows of a queue that wait or were given up; one that was given up is tried again where that is safe."""
    require(request.user, "operations.read")
    kind = queues.BY_SLUG.get(queue)
    if kind is None:
        raise Http404
    address = reverse("operations_queue", args=[queue])
    if request.method == "POST":
        form = RowForm(request.POST)
        if not form.is_valid():
            raise BadRequest
        return take(
            request,
            lambda: retries.try_again(queue, form.cleaned_data["row"], by=request.user),
            to=address,
            done=_("It is tried again now."),
        )
    page = Paginator(queues.listed(kind), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "kind": kind,
        "page": page,
        "rows": [(row, kind.about(row)) for row in page.object_list],
        "is_safe": queue in retries.SAFE,
        "crumbs": [(_("Operations"), reverse("operations_show"))],
    }
    return render(request, "portal/operations_queue.html", context)
