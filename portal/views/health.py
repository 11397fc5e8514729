"""Is the portal fit to work?"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@login_not_required
@require_safe
def healthz(request):
    """Return 200 when the database answers, else 503 with Retry-After; public, says nothing about the inside."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down"}, status=503, headers={"Retry-After": "2"})
    return JsonResponse({"status": "ok", "database": "ok", "version": settings.VERSION})
