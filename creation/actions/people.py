"""People come in by invitation of a registrar, and hold dated posts."""

import logging
from datetime import date

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.errors import Refused
from creation.models import AT_ORGAN, Appointment, Organ, Region, User
from creation.rules import require

log = logging.getLogger(__name__)


@transaction.atomic
def invite(details: dict, post: dict, *, by) -> User:
    """Create a person without a password and their first post, and return them.

    `details` has username, name, name_en, email, phone; `post` has role, organ or region, starts_on, ends_on. The
    person chooses a password through the link of `invitation_token`. Refused when the user name is taken.
    """
    if User.objects.filter(username__iexact=details["username"]).exists():
        raise Refused(_("This user name is taken."), field="username")
    user = User(**details)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:  # somebody else has just been given the name
        raise Refused(_("This user name is taken."), field="username") from error
    record("invite", user, by=by, after={"username": user.username})
    appoint(user, by=by, **post)
    return user


@transaction.atomic
def invite_again(user: User, *, by) -> User:
    """Take the person's password away, so that they choose a new one through a new link, and return them.

    Their sessions end with it. Refused to anybody who is not registrar for every post that the person holds: a link
    is as good as a password.
    """
    require(by, "people.invite_again", user)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    record("invite_again", user, by=by)
    return user


def send_invitation(user: User, link: str) -> None:
    """Mail the link to an invited person who has an address; a mail that fails is logged, the page shows the link."""
    if not user.email:
        return
    subject = _("Your account in the portal for conservation-oriented organs")
    body = _(
        "You have been invited. Your user name is %(username)s.\n"
        "Open this link once and choose your password:\n\n%(link)s\n\n"
        "The link ends after %(days)s days. If it has ended, ask the registrar who invited you for a new one."
    ) % {"username": user.username, "link": link, "days": settings.PASSWORD_RESET_TIMEOUT // 86400}
    try:
        send_mail(subject, body, None, [user.email])
    except OSError:  # SMTP errors and refused connections alike
        log.warning("The invitation of user %s could not be mailed.", user.pk, exc_info=True)


def invitation_token(user: User) -> tuple[str, str]:
    """Return the two parts of the one-time link with which an invited person chooses a password."""
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


@transaction.atomic
def appoint(
    user: User,
    *,
    role: str,
    starts_on: date,
    by,
    organ: Organ | None = None,
    region: Region | None = None,
    ends_on: date | None = None,
) -> Appointment:
    """Give a person a dated post and return it.

    Refused outside the registrar's regions and for a place that does not fit the role.
    """
    place = organ.region if organ else region
    if place is None or (role in AT_ORGAN) != (organ is not None) or (organ is not None and region is not None):
        raise Refused(_("Clerks and signatories belong to an organ, all other roles to a region."), field="role")
    require(by, "people.appoint", place)
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("The last day lies before the first."), field="ends_on")
    appointment = Appointment.objects.create(
        user=user, role=role, organ=organ, region=region, starts_on=starts_on, ends_on=ends_on
    )
    record("appoint", appointment, by=by, after=_as_event(appointment))
    return appointment


@transaction.atomic
def end_appointment(appointment: Appointment, *, on: date, by) -> Appointment:
    """Let a post end on its last day `on` and return it; the past of a post is never rewritten."""
    place = appointment.organ.region if appointment.organ else appointment.region
    require(by, "people.appoint", place)
    current = Appointment.objects.select_for_update().get(pk=appointment.pk)
    if current.ends_on is not None and current.ends_on < clock.today():
        raise Refused(_("This post has ended already."))
    if on < max(current.starts_on, clock.today()):
        raise Refused(_("A post can end today or later, not in the past."), field="on")
    before = _as_event(current)
    current.ends_on = on
    current.save(update_fields=["ends_on"])
    record("end_appointment", current, by=by, before=before, after=_as_event(current))
    return current


def _as_event(appointment: Appointment) -> dict:
    return {
        "user": appointment.user_id,
        "role": appointment.role,
        "organ": appointment.organ_id,
        "region": appointment.region_id,
        "starts_on": appointment.starts_on.isoformat(),
        "ends_on": appointment.ends_on.isoformat() if appointment.ends_on else None,
    }
