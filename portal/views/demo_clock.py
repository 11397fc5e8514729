"""The demonstration's clock, so that a visitor can walk a file through a notice in one sitting."""

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from creation import clock, doorbell
from creation.actions.counts import counts_changed
from creation.models import Region
from creation.views.taking import take

# The buttons: how many days further the clock is set; 0 puts it right.
LEAPS = (1, 7, 10)
SWEEP = "reviews.tasks.sweep"


@require_POST
def demo_clock_set(request):
    """Set the demonstration's clock ahead or back to the real day; 404 in every other profile.

    What the new day brings happens at once: rates are counted for it, and what was ordered for it is carried out.
    """
    if settings.PROFILE != "demo":
        raise Http404
    days = request.POST.get("days", "")
    leap = int(days) if days in {str(leap) for leap in LEAPS} else 0
    done = _("The demonstration's date has been set.")
    return take(request, lambda: _set(clock.lead_days() + leap if leap else 0), to=_back(request), done=done)


def _set(days: int) -> None:
    clock.set_ahead(days)
    counts_changed(set(Region.objects.values_list("pk", flat=True)), since=clock.today())
    doorbell.ring(SWEEP)


def _back(request) -> str:
    to = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if here else reverse("home")
