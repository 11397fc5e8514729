"""The worker in the open: what runs, what is late, what waits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from creation import clock
from creation.rules import require
from portal import operations


@require_safe
def operations_show(request: HttpRequest) -> HttpResponse:
    """Show the tasks with their last runs and the queues with what waits, to officials of a municipality or above."""
    require(request.user, "operations.read")
    jobs = operations.jobs()
    context = {
        "jobs": jobs,
        "bad": [job for job in jobs if job.state in {operations.LATE, operations.FAILED}],
        "never": all(job.row is None for job in jobs),
        "queues": operations.queues(),
        "now": clock.now(),
    }
    return render(request, "portal/operations.html", context)
