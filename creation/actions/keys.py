"""A changing form takes effect once: its key is written in the transaction of the effect."""

from uuid import UUID

from creation import clock
from creation.models import FormKey


def used(key: UUID, *, by) -> str | None:
    """Return where the sender was led when this form took effect before, or None when it has not."""
    return FormKey.objects.filter(key=key, user=by).values_list("location", flat=True).first()


def use(key: UUID, *, by, location: str) -> None:
    """Mark the form as done; a second writer of the same key gets an IntegrityError and undoes its effect."""
    FormKey.objects.create(key=key, user=by, location=location[:500], at=clock.now())


def is_known(key: UUID) -> bool:
    """Tell whether any form took effect with this key, whoever sent it."""
    return FormKey.objects.filter(key=key).exists()
