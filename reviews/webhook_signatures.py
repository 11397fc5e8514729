"""How what is sent to another system is signed, and how long the portal waits before it tries again.

The form is that of the Standard Webhooks specification (headers webhook-id, webhook-timestamp, webhook-signature),
so that ready-made libraries verify it: HMAC-SHA256 over "id.timestamp.body" with the secret of the address.
"""

import base64
import hashlib
import hmac
from datetime import timedelta

_PREFIX = "whsec_"
# after the first failure half a minute, at last a day: some three days in all
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 4 * 3600, 12 * 3600, 86400, 86400))


def secret_of(portal_key: str, salt: str) -> str:
    """Return the secret of an address, derived from the portal's own key, so that no database ever holds it."""
    made = hmac.new(portal_key.encode(), f"webhook|{salt}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(made).decode()


def signed(secret: str, *, name: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers that prove who sent `body`, when (`at`: seconds since 1970), and under which name."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, b".".join([name.encode(), str(at).encode(), body]), hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def wait_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed attempts (1 or more), None when it is given up."""
    return _WAITS[attempts - 1] if attempts <= len(_WAITS) else None
