"""People are told, read, and choose what they want to hear.

A message is a row in the transaction of what it tells; the digest works the rows off. Telling the same thing twice is
once: the key says what is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.events import record
from creation.errors import Refused
from creation.message_kinds import KINDS, kinds_for
from creation.models import AT_ORGAN, Assessment, Message, MessageChoice, Organ, StageChange, User
from creation.recipients import Heard, hears

BATCH = 500


@dataclass(frozen=True, slots=True)
class Telling:
    """What one person is told: the kind, a key under which it is told once, and what its sentence is filled with.

    `about` is the id that the kind's page takes (by default the file's); None where that page takes none. `address`
    is given where the page is one of a kind, such as a list with its filter.
    """

    user: User
    kind: str
    key: str
    assessment: Assessment | None = None
    about: int | None = None
    values: dict = field(default_factory=dict)
    address: str = ""

    def row(self, at) -> Message:
        """Return the message, not saved yet."""
        about = self.about if self.about is not None else self.assessment and self.assessment.pk
        values = dict(self.values)
        if about is not None:
            values["about"] = about
        return Message(
            user=self.user,
            kind=self.kind,
            key=self.key,
            assessment=self.assessment,
            address=self.address or address_of(self.kind, about),
            values=values,
            at=at,
        )


PAGES_WITHOUT_ID = frozenset({"file_list", "home", "expiring_list", "notice_manage", "inspection_list", "report_list"})


def address_of(kind: str, about: int | None) -> str:
    """Return the address of the page where a message of this kind is dealt with."""
    page = KINDS[kind].page
    return reverse(page) if page in PAGES_WITHOUT_ID else reverse(page, args=[about])


def about_organ(organ: Organ) -> dict:
    """Return what a sentence says of an organ: its names of today, in both languages."""
    return {"organ": [organ.name, organ.name_en]}


def about_file(file: Assessment) -> dict:
    """Return what every sentence about a file is filled with: organ and year."""
    return {**about_organ(file.organ), "year": file.cycle.year}


@transaction.atomic
def tell(tellings: Iterable[Telling], *, by, at=None) -> None:
    """Tell people, in the transaction of what is told; part of the verbs that have something to tell.

    `by` is who did it (None: the timetable) and is told nothing. Left out: who wants to hear of the kind neither in
    the portal nor by mail, and who has been told under this key before.
    """
    wanted = [one for one in tellings if by is None or one.user.pk != by.pk]
    if not wanted:
        return
    silent = set(
        MessageChoice.objects.filter(
            user__in={one.user.pk for one in wanted}, in_portal=False, by_mail=False
        ).values_list("user_id", "kind")
    )
    at = at or clock.now()
    Message.objects.bulk_create(
        [one.row(at) for one in wanted if (one.user.pk, one.kind) not in silent],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def tell_heard(
    heard: Iterable[Heard], *, by, key: str, assessment: Assessment | None = None, values=None, about=None, at=None
) -> None:
    """Tell those who hear of something, all under one key."""
    filled = {**(about_file(assessment) if assessment else {}), **(values or {})}
    tell([Telling(one.user, one.kind, key, assessment, about=about, values=filled) for one in heard], by=by, at=at)


def tell_of(change: StageChange, *, by, values: dict | None = None) -> None:
    """Tell whoever hears of a step on a file, as part of the step."""
    file = change.assessment
    heard = hears(change.step, file, by=by, was=change.from_stage, together=False)
    if stages.STEPS[change.step].withheld:
        heard = [one for one in heard if one.role not in AT_ORGAN]
    filled = {"count": 1, **(values or {})}
    tell_heard(heard, by=by, key=f"stage:{change.pk}", assessment=file, values=filled, at=change.at)


def tell_announced(change: StageChange, *, by) -> None:
    """Tell the organ's staff of a step that was withheld from them, as part of its announcement."""
    file = change.assessment
    heard = hears(change.step, file, by=by, was=change.from_stage, together=False)
    ours = [one for one in heard if one.role in AT_ORGAN]
    tell_heard(ours, by=by, key=f"stage:{change.pk}", assessment=file, values={"count": 1})


@transaction.atomic
def mark_read(message: Message, *, by) -> None:
    """Mark one's own message as read; a message that has been read stays as it is."""
    Message.objects.filter(pk=message.pk, user=by, read_at=None).update(read_at=clock.now())


@transaction.atomic
def mark_all_read(*, by, up_to: int, kind: str = "") -> int:
    """Mark one's own messages as read that stood on the page (ids `up_to` the newest shown) and return how many.

    What came after the page was opened stays unread. `kind` narrows to one kind.
    """
    rows = Message.objects.filter(user=by, read_at=None, pk__lte=up_to)
    return (rows.filter(kind=kind) if kind else rows).update(read_at=clock.now())


@transaction.atomic
def choose(*, by, portal: set[str], mail: set[str], email: str) -> None:
    """Keep which kinds the person wants in the portal and by mail, and their mail address.

    The kinds of posts that the person does not hold stay as they were chosen. Refused for an address that is none.
    """
    _set_address(email.strip(), by=by)
    kinds = [kind.slug for kind in kinds_for(by.roles)]
    chosen = {slug: MessageChoice(user=by, kind=slug, in_portal=slug in portal, by_mail=slug in mail) for slug in kinds}
    MessageChoice.objects.bulk_create(
        chosen.values(),
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_portal", "by_mail"],
    )


def _set_address(email: str, *, by) -> None:
    if email == by.email:
        return
    try:
        if email:
            validate_email(email)
    except ValidationError as error:
        raise Refused(_("This is not a mail address."), field="email") from error
    by.email = email
    by.save(update_fields=["email"])
    record("set_address", by, by=by)
