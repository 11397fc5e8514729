"""People come in by invitation of a registrar, and hold dated posts."""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.sections import hand_duty
from creation.actions.tokens import revoke_all_of
from creation.errors import Refused
from creation.models import AT_ORGAN, Appointment, Organ, Region, SectionDuty, User
from creation.rules import may, require

log = logging.getLogger(__name__)


@transaction.atomic
def invite(details: dict, post: dict, *, by) -> User:
    """Create a person without a password and their first post, and return them.

    `details` has username, name, name_en, email, phone; `post` has role, organ or region, starts_on, ends_on and
    leads. The person chooses a password through the link of `invitation_token`. Refused when the user name is taken.
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

    Their sessions and the tokens of their programs end with it. Refused to anybody who is not registrar for every post
    that the person holds: a link is as good as a password.
    """
    require(by, "people.invite_again", user)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    revoke_all_of(user, by=by)
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
    leads: bool = False,
) -> Appointment:
    """Give a person a dated post and return it; `leads` is for an official who leads the department.

    Refused outside the registrar's regions, for a place that does not fit the role, and for anybody but an official as
    the lead.
    """
    place = organ.region if organ else region
    if place is None or (role in AT_ORGAN) != (organ is not None) or (organ is not None and region is not None):
        raise Refused(_("Clerks and signatories belong to an organ, all other roles to a region."), field="role")
    require(by, "people.appoint", place)
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("The last day lies before the first."), field="ends_on")
    if leads and role != Appointment.Role.OFFICIAL:
        raise Refused(_("Only an official can lead the department."), field="leads")
    appointment = Appointment.objects.create(
        user=user, role=role, organ=organ, region=region, starts_on=starts_on, ends_on=ends_on, leads=leads
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


@dataclass(frozen=True, slots=True)
class PassingOn:
    """What is, or would be, passed on when somebody leaves, and what the registrar has to see to apart from it.

    `posts` end on the last day and go to the successor from the day after, but for `held`, which the successor has
    anyway; `duties` are sections of self-ratings. `later` begin after the last day, `elsewhere` counts posts outside
    the registrar's regions: both stay as they are.
    """

    posts: list[Appointment]
    held: list[Appointment]
    duties: list[SectionDuty]
    later: list[Appointment]
    elsewhere: int


def passing_on(person: User, *, to: User, last_day: date, by) -> PassingOn:
    """Return what `pass_on` would do, changing nothing; refused for the same reasons."""
    require(by, "people.list")
    if person.pk == by.pk:
        raise Refused(_("Nobody passes their own posts on: another registrar does."))
    if person.pk == to.pk:
        raise Refused(_("The successor is the person who leaves. Choose somebody else."), field="to")
    if not to.is_active:
        raise Refused(_("The successor's account is closed."), field="to")
    if last_day < clock.today():
        raise Refused(_("A post can end today or later, not in the past."), field="last_day")
    running = person.appointments.exclude(ends_on__lte=last_day).select_related("organ__region", "region")
    mine = [post for post in running if may(by, "people.appoint", _region_of(post))]
    posts = [post for post in mine if post.starts_on <= last_day]
    if not posts:
        raise Refused(_("There is nothing to pass on: no post of this person in your regions runs beyond that day."))
    organs = {post.organ_id for post in posts if post.role == "clerk"}
    duties = person.section_duties.filter(assessment__organ__in=organs, assessment__cycle__closed_at=None)
    return PassingOn(
        posts=posts,
        held=[post for post in posts if _start_for(to, post, last_day) is None],
        duties=list(duties.select_related("assessment__organ", "assessment__cycle", "dimension")),
        later=[post for post in mine if post.starts_on > last_day],
        elsewhere=len(running) - len(mine),
    )


@transaction.atomic
def pass_on(person: User, *, to: User, last_day: date, by) -> PassingOn:
    """Let a person's posts in the registrar's regions end on `last_day` and give them to `to` from the day after.

    The sections of self-ratings that the person has as a clerk there go along at once. Returns what was passed on.
    Refused for the registrar's own posts, for the person as their own successor, for a day that is past, and where
    nothing is there to pass on. All or nothing.
    """
    User.objects.select_for_update().get(pk=person.pk)  # two registrars at once: the second finds nothing left
    plan = passing_on(person, to=to, last_day=last_day, by=by)
    for post in plan.posts:
        start, until = _start_for(to, post, last_day), post.ends_on
        end_appointment(post, on=last_day, by=by)
        if start is not None:
            post_of = {"role": post.role, "organ": post.organ, "region": post.region, "leads": post.leads}
            appoint(to, **post_of, starts_on=start, ends_on=until, by=by)
    for duty in plan.duties:
        hand_duty(duty, to=to, by=by, verb="pass_on_section")
    record("pass_on", person, by=by, after={"to": to.pk, "last_day": last_day.isoformat(), "posts": len(plan.posts)})
    return plan


def _start_for(to: User, post: Appointment, last_day: date) -> date | None:
    """Return from when the successor needs a post of their own like this one; None where theirs lasts as long."""
    start = last_day + timedelta(days=1)
    own = to.appointments.on(start).filter(role=post.role, organ=post.organ, region=post.region)
    own = own.filter(leads=True) if post.leads else own
    for other in own:
        if other.ends_on is None or (post.ends_on is not None and post.ends_on <= other.ends_on):
            return None
        start = max(start, other.ends_on + timedelta(days=1))
    return start


def _region_of(post: Appointment) -> Region:
    return post.organ.region if post.organ else post.region


def _as_event(appointment: Appointment) -> dict:
    return {
        "user": appointment.user_id,
        "role": appointment.role,
        "organ": appointment.organ_id,
        "region": appointment.region_id,
        "starts_on": appointment.starts_on.isoformat(),
        "ends_on": appointment.ends_on.isoformat() if appointment.ends_on else None,
        **({"leads": True} if appointment.leads else {}),
    }
