"""One mail a day with what a person has to do: a row first, then the mail, then the time it left.

The row and the marks on its messages are one transaction, so nothing is mailed twice because two beats were running.
Between the mail and the note that it left lies a moment in which a killed worker leaves a mail that is sent again
after LEASE: at least once, and never more than ATTEMPTS times.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import clock
from creation.message_kinds import ACT, KINDS, NEWS
from creation.models import Assessment, Digest, Message, MessageChoice, User
from reviews.settled import still_asking

log = logging.getLogger(__name__)

ATTEMPTS = 3
# longer than any mail takes, so that who finds a mail begun and not noted as sent knows that the sender is gone
LEASE = timedelta(minutes=10)
# news that found no mail to ride along with for so long is no news
NEWS_KEEP = timedelta(days=14)
LONGEST_FAULT = 300


def due_at(now: datetime) -> datetime | None:
    """Return the instant of today's digest, up to which messages are collected; None before it."""
    hour, minute = (int(part) for part in settings.DIGEST_AT.split(":"))
    today = timezone.localtime(now)
    at = timezone.make_aware(datetime.combine(today.date(), time(hour, minute)))
    return at if at <= now else None


def write_digests() -> int:
    """Write today's digests that are not written yet and return how many; before their hour none.

    For each person one row at most, whoever else is writing. Messages that need no mail are marked as dealt with.
    """
    until = due_at(clock.now())
    if until is None:
        return 0
    worth_a_mail = Q(kind__in=[kind.slug for kind in KINDS.values() if kind.asks != NEWS])
    worth_a_look = _waiting(until).filter(worth_a_mail | Q(at__lt=until - NEWS_KEEP))
    today = timezone.localdate(until)
    people = User.objects.filter(pk__in=worth_a_look.values("user")).exclude(digests__day=today).order_by("pk")
    return sum(_write_for(user, until) for user in people)


def _waiting(until: datetime):
    return Message.objects.filter(digest_at__isnull=True, at__lt=until)


def _write_for(user: User, until: datetime) -> bool:
    today = timezone.localdate(until)
    if Digest.objects.filter(user=user, day=today).exists():
        return False
    try:
        with transaction.atomic():
            messages = list(_waiting(until).filter(user=user).select_related("assessment").order_by("at", "pk"))
            to_do, to_read, news = _sorted_out(user, messages)
            kept = news if not (to_do or to_read) else []
            _deal_with(messages, but=[one for one in kept if one.at > until - NEWS_KEEP])
            if not (to_do or to_read):
                return False
            subject, body = _words(user, to_do, [*to_read, *news])
            Digest.objects.create(user=user, day=today, subject=subject, body=body, made_at=clock.now())
    except IntegrityError:  # another worker wrote it at this moment
        return False
    return True


def _deal_with(messages: list[Message], *, but: list[Message]) -> None:
    left = {one.pk for one in messages} - {one.pk for one in but}
    Message.objects.filter(pk__in=left, digest_at__isnull=True).update(digest_at=clock.now())


def _sorted_out(user: User, messages: list[Message]) -> tuple[list[Message], list[Message], list[Message]]:
    """Return what still has to be done, what should be read, and news; left out is what is not wanted or settled."""
    if not (user.is_active and user.email):
        return [], [], []
    unwanted = set(MessageChoice.objects.filter(user=user, by_mail=False).values_list("kind", flat=True))
    wanted = [one for one in messages if one.kind not in unwanted]
    asking = still_asking(wanted)
    mine = {one.assessment_id for one in wanted if one.assessment_id}
    visible = set(Assessment.objects.visible_to(user).filter(pk__in=mine).values_list("pk", flat=True))
    to_do = [one for one in wanted if one.pk in asking and (not one.assessment_id or one.assessment_id in visible)]
    unread = [one for one in wanted if one.read_at is None and KINDS[one.kind].asks != ACT]
    news = [one for one in unread if KINDS[one.kind].asks == NEWS]
    return to_do, [one for one in unread if one not in news], news


def _words(user: User, to_do: list[Message], to_read: list[Message]) -> tuple[str, str]:
    with translation.override(settings.MAIL_LANGUAGE):
        if to_do:
            subject = ngettext(
                "Conservation-oriented organs: %(count)s thing to do",
                "Conservation-oriented organs: %(count)s things to do",
                len(to_do),
            ) % {"count": len(to_do)}
        else:
            subject = _("Conservation-oriented organs: a message to read")
        parts = [_("%(name)s, good morning.") % {"name": user}]
        if to_do:
            parts.append(_listed(_("To do"), to_do))
        if to_read:
            parts.append(_listed(_("For your information"), to_read))
        parts.append(
            _(
                "This mail goes out once a day, and only while something needs you. "
                "What is sent by mail you choose here:\n%(link)s"
            )
            % {"link": _full(reverse("message_choices"))}
        )
        return subject, "\n\n".join(parts) + "\n"


def _listed(head: str, messages: Iterable[Message]) -> str:
    lines = [f"- {message.what}\n  {_full(reverse('message_open', args=[message.pk]))}" for message in messages]
    return "\n".join([f"[{head}]", *lines])


def _full(path: str) -> str:
    return settings.PORTAL_ADDRESS.rstrip("/") + path


def send_digests() -> int:
    """Send what has been written and has not left, each person's newest mail alone, and return how many left.

    A mail that is refused is tried ATTEMPTS times and then parked with its fault. While the mail server cannot be
    reached nothing is counted against the mails: the next run goes on there.
    """
    waiting = list(_unsent().values_list("pk", flat=True))
    if not waiting:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # refused, timed out, or not let in
        log.warning("The mail server cannot be reached, %s digests wait: %s", len(waiting), error)
        Digest.objects.filter(pk__in=waiting).update(fault=_fault(error))
        return 0
    try:
        return sum(_send(pk, connection) for pk in waiting)
    finally:
        _hang_up(connection)


def _hang_up(connection) -> None:
    """End the connection; one that the server has ended already is ended all the same."""
    try:
        connection.close()
    except OSError:
        log.info("The mail server had hung up.", exc_info=True)


def _unsent():
    free = Q(tried_at__isnull=True) | Q(tried_at__lt=clock.now() - LEASE)
    # after days without a mail server nobody gets the mails of all those days at once
    newer = Digest.objects.filter(user=OuterRef("user"), day__gt=OuterRef("day"))
    return Digest.objects.filter(free, ~Exists(newer), sent_at__isnull=True, attempts__lt=ATTEMPTS).order_by("pk")


def _send(pk: int, connection) -> bool:
    # whoever sets the time of the attempt sends; everybody else finds it set
    if _unsent().filter(pk=pk).update(tried_at=clock.now(), attempts=F("attempts") + 1) != 1:
        return False
    digest = Digest.objects.select_related("user").get(pk=pk)
    mail = EmailMessage(digest.subject, digest.body, None, [digest.user.email], connection=connection)
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        mail.send()
    except (OSError, ValueError) as error:  # SMTP errors are OSErrors; a header that is none is a ValueError
        log.warning("Digest %s could not be mailed.", pk, exc_info=True)
        Digest.objects.filter(pk=pk).update(fault=_fault(error))
        # a server that takes no more on this line takes the next mail on another
        _hang_up(connection)
        return False
    Digest.objects.filter(pk=pk).update(sent_at=clock.now(), fault="")
    return True


def _fault(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_FAULT]
