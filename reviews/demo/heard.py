"""What people were told while the demonstration's past was laid out: what is old has been read, and mailed then."""

from datetime import timedelta

from django.db.models import F

from creation import clock
from creation.models import Message
from reviews.settled import still_asking

READ_AFTER = timedelta(days=7)


def read_what_is_old() -> None:
    """Mark as read what is older than a week or asks for nothing any more, and as mailed what is older than today.

    Otherwise every account of the demonstration begins with dozens of unread messages about things long done.
    """
    now = clock.now()
    messages = Message.objects.order_by()
    messages.filter(at__lt=now - READ_AFTER).update(read_at=F("at"))
    recent = list(messages.filter(read_at=None).select_related("assessment"))
    asking = still_asking(recent)
    done = [one.pk for one in recent if one.asks_to_act and one.pk not in asking]
    messages.filter(pk__in=done).update(read_at=F("at"))
    messages.filter(at__date__lt=clock.today()).update(digest_at=F("at"))
