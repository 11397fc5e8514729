"""What a verb raises when it does not do what was asked."""

from django.core.exceptions import PermissionDenied


class Refused(Exception):
    """A step was refused because a fact does not allow it; the message says what to do, in the user's language.

    `problems` lists the single causes, as (where, what) pairs, when there is more than one; `field` names the form
    field that the message belongs to.
    """

    def __init__(self, message: object, *, problems: list[tuple[str, object]] | None = None, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.problems = problems or []
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Overtaken(Refused):
    """Somebody else was faster: the row is no longer what the caller had seen."""


class Forbidden(PermissionDenied):
    """The person may see the object but has no right to this step (answered with 403)."""
