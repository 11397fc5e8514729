"""Pages that belong to no single room."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reviews.views.public import answer_unless_known


@login_not_required
@require_safe
def accessibility(request):
    """Return the public accessibility statement."""
    return answer_unless_known(request, render(request, "portal/accessibility.html"))
