"""Tokens with which a program reads the portal in its owner's name: made, revoked, used."""

from datetime import date, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import clock
from creation.actions.events import record
from creation.errors import Refused
from creation.models import ApiToken, User
from creation.rules import require

MARK = "cop_"  # so that whoever finds a token lying about knows what it is
RANDOM_BYTES = 32
LONGEST = 80  # characters; longer is no token of ours and is not even hashed


def last_possible_day() -> date:
    """Return the last day for which a token made today can be valid."""
    return clock.today() + timedelta(days=settings.API_TOKEN_DAYS)


@transaction.atomic
def make(*, name: str, expires_on: date, by) -> tuple[ApiToken, str]:
    """Give a person a token and return its row and, this once, the token itself: only its SHA-256 is kept.

    It is valid up to and including `expires_on` and sees what its owner sees on the day it is used. Refused for a day
    that is past or later than `last_possible_day`, and to a person who has as many live tokens as the setting allows.
    """
    require(by, "token.make")
    if not clock.today() <= expires_on <= last_possible_day():
        raise Refused(
            _("A token is valid until a day between today and %(last)s.") % {"last": last_possible_day().isoformat()},
            field="expires_on",
        )
    User.objects.select_for_update().get(pk=by.pk)  # two at once: the second counts the first
    most = settings.API_TOKENS_PER_PERSON
    if ApiToken.objects.visible_to(by).live_on(clock.today()).count() >= most:
        raise Refused(
            ngettext(
                "You have %(most)s token that is valid, and that is the most. Revoke it first.",
                "You have %(most)s tokens that are valid, and that is the most. Revoke one first.",
                most,
            )
            % {"most": most}
        )
    token = MARK + token_urlsafe(RANDOM_BYTES)
    row = ApiToken.objects.create(
        user=by,
        name=name,
        digest=digest_of(token),
        beginning=token[: ApiToken._meta.get_field("beginning").max_length],
        made_at=clock.now(),
        expires_on=expires_on,
    )
    record("make_token", row, by=by, after={"name": name, "expires_on": expires_on.isoformat()})
    return row, token


@transaction.atomic
def revoke(token: ApiToken, *, by) -> ApiToken:
    """Let one's own token end at once and return it; refused for one that has ended before, and for another's."""
    require(by, "token.revoke", token)
    now = clock.now()
    if not ApiToken.objects.filter(pk=token.pk).live_on(clock.today()).update(revoked_at=now):
        raise Refused(_("This token has ended already."))
    token.revoked_at = now
    record("revoke_token", token, by=by)
    return token


@transaction.atomic
def revoke_all_of(person: User, *, by) -> int:
    """Let every live token of a person end, with an event for each, and return how many; part of other verbs."""
    rows = list(person.api_tokens.live_on(clock.today()).select_for_update())
    ApiToken.objects.filter(pk__in=[row.pk for row in rows]).update(revoked_at=clock.now())
    for row in rows:
        record("revoke_token", row, by=by)
    return len(rows)


def use(token: str) -> User | None:
    """Return in whose name a program comes, None without a live token of somebody who may sign in and holds a post.

    Notes the day on which the token was used last; one statement, a second for the posts, a third once a day.
    """
    if not token.startswith(MARK) or len(token) > LONGEST:
        return None
    today = clock.today()
    row = ApiToken.objects.live_on(today).filter(digest=digest_of(token)).select_related("user").first()
    if row is None or not row.user.is_active or not row.user.posts:
        return None
    if row.used_on != today:
        ApiToken.objects.filter(pk=row.pk).update(used_on=today)
    return row.user


def digest_of(token: str) -> str:
    """Return what is kept of a token: its SHA-256."""
    return sha256(token.encode()).hexdigest()


def is_kept(token: str) -> bool:
    """Tell whether a token that has just been made was kept, and not undone with its form."""
    return ApiToken.objects.filter(digest=digest_of(token)).exists()
