"""The result of a superior's spot check that was made outside the portal, recorded from its letter."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.evidence import store
from creation.actions.moves import move
from creation.errors import Refused
from creation.models import Assessment, Event, Evidence
from reviews.actions.teams import hold_drawn
from reviews.models import Inspection

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the organ was heard before a letter overturned its inspection.

    With `words`: what `spoken_by` said for it on `day`. Without: it could say something until the end of `day`, and
    said nothing.
    """

    day: date | None
    words: str = ""
    spoken_by: str = ""

    @property
    def is_silent(self) -> bool:
        """Tell whether the organ said nothing in its time."""
        return not self.words.strip()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded from a letter, when and by whom (`event`), and how the organ was heard before, if it was."""

    event: Event
    hearing: Hearing | None


@transaction.atomic
def record_result(
    assessment: Assessment,
    *,
    confirmed: bool,
    letter,
    letter_number: str,
    reason: str,
    hearing: Hearing | None = None,
    by,
) -> None:
    """Record what the superior's letter says of a drawn municipal organ: confirmed, or overturned with its reason.

    The stage change names the letter. Refused without a document number, for overturning without a reason or before
    the organ was heard (`hearing`, which stays with the record), and where the superior's team was sent through the
    portal: of both at one moment one wins.
    """
    held = hold_drawn(assessment, "spot_check.record_letter", by=by)
    if held.inspections.filter(kind="spot_check").exists():
        raise Refused(_("The superior's team works in the portal; its own ratings decide."))
    if not letter_number.strip():
        raise Refused(_("Enter the document number of the letter."), field="letter_number")
    if not confirmed and not reason.strip():
        raise Refused(_("Give the reasons for overturning the inspection."), field="reason")
    if not confirmed:
        _check_heard(held, hearing)
    scan = store(held.organ, letter, purpose=Evidence.Purpose.LETTER, by=by)
    note = _("Recorded from letter %(number)s. %(reason)s") % {"number": letter_number, "reason": reason}
    move(assessment, "confirm" if confirmed else "overturn", by=by, note=note.strip())
    heard = {} if confirmed else {"hearing": _as_event(hearing)}
    record("record_letter", held, by=by, after={"letter": scan.sha256, "number": letter_number, **heard})


def _check_heard(file: Assessment, hearing: Hearing | None) -> None:
    """Refuse unless the organ was heard after its inspection was filed, or its time to say something is over."""
    if hearing is None or hearing.day is None:
        raise Refused(
            _(
                "The organ has to be heard before its inspection is overturned: enter the day and what it said, or "
                "until when it could say something."
            ),
            field="heard" if hearing is None else "heard_on",
        )
    filed = file.inspections.filter(kind=Inspection.Kind.INSPECTION, filed_at__isnull=False).first()
    if filed and hearing.day < localdate(filed.filed_at):
        raise Refused(
            _("On this day there was no inspection to overturn: it was filed on %(day)s.")
            % {"day": localdate(filed.filed_at).isoformat()},
            field="heard_on",
        )
    if hearing.day > clock.today():
        raise Refused(_("This day has not come yet."), field="heard_on")
    if hearing.is_silent:
        if hearing.day == clock.today():
            raise Refused(_("The organ can still say something until the end of this day."), field="heard_on")
        return
    if len(hearing.words) > LONGEST or "\x00" in hearing.words:
        raise Refused(_("At most %(limit)s characters, without control characters.") % {"limit": LONGEST}, field="said")
    if not hearing.spoken_by.strip():
        raise Refused(_("Enter who spoke for the organ."), field="spoken_by")


def _as_event(hearing: Hearing) -> dict:
    said = {} if hearing.is_silent else {"words": hearing.words.strip(), "spoken_by": hearing.spoken_by.strip()}
    return {"day": hearing.day.isoformat(), **said}


def recorded(assessment: Assessment) -> Recorded | None:
    """Return what was recorded from the letter that decided the file's spot check, None where no letter did."""
    about = Event.objects.filter(verb="record_letter", subject_type="assessment", subject_id=assessment.pk)
    event = about.select_related("by").last()
    if event is None:
        return None
    said = event.after.get("hearing")
    hearing = Hearing(parse_date(said["day"]), said.get("words", ""), said.get("spoken_by", "")) if said else None
    return Recorded(event, hearing)


def letter_of(assessment: Assessment) -> Evidence | None:
    """Return the scan of the letter that the file's spot check was recorded from, None where no letter decided."""
    told = recorded(assessment)
    if told is None:
        return None
    letters = Evidence.objects.filter(organ=assessment.organ_id, purpose=Evidence.Purpose.LETTER)
    return letters.filter(sha256=told.event.after["letter"]).first()
