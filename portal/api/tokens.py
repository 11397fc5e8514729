"""Who asks: the owner of a live token in the Authorization header. No cookie counts, and no token is ever logged."""

from http import HTTPStatus

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from creation.actions import tokens
from creation.models import User
from portal.addresses import client_address
from portal.api import problems
from reviews.actions import doors

DOOR = "api_token"
FAILURES = 30  # tokens that are not valid, from one address within the limiter's span


class Token(HttpBearer):
    """`Authorization: Bearer <token>`; a token that is valid is never held back by others at the same address."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the owner of the token, None without a live one; refused with 429 after too many failures."""
        user = tokens.use(token)
        if user is None:
            address = client_address(request)
            if doors.times(DOOR, address) >= FAILURES:
                raise HttpError(HTTPStatus.TOO_MANY_REQUESTS, problems.TOO_MANY)
            doors.knock(DOOR, address)
        return user
