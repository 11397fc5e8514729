"""The audit event in the transaction of its change."""

from creation import clock
from creation.models import Event


def record(verb: str, subject, *, by, before: dict | None = None, after: dict | None = None) -> Event:
    """Write an audit event about a saved row and return it; call it inside the transaction of the change."""
    return Event.objects.create(
        at=clock.now(),
        by=by,
        verb=verb,
        subject_type=subject._meta.model_name,
        subject_id=subject.pk,
        before=before or {},
        after=after or {},
    )
