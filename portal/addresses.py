"""Where a request comes from."""

from django.conf import settings


def client_address(request):
    """Return the client's address as text.

    Each trusted proxy appends the address it saw to X-Forwarded-For. Counted from the right, the entry of the n-th
    trusted proxy is the first that a client cannot have written himself; everything left of it is hearsay.
    With no trusted proxy, or a header shorter than the chain of proxies, the address of the connection counts.
    """
    hops = settings.TRUSTED_PROXIES
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if hops and len(seen) >= hops:
        return seen[-hops]
    return request.META.get("REMOTE_ADDR", "")
