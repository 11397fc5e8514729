"""Objections from the public: taken with a receipt, answered by the organ without a name, decided with a reason."""

import re
import secrets
from collections.abc import Iterable, Iterator
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, stages
from creation.actions.events import record
from creation.actions.evidence import store
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, Evidence
from creation.rules import require
from reviews.actions import doors
from reviews.actions.brought import Laid, laid_down
from reviews.actions.tellings import tell_of_objection
from reviews.models import (
    Hearing,
    HearingFile,
    Listing,
    Notice,
    Objection,
    ObjectionFile,
    Objector,
    ObjectorLook,
    SetAside,
)

MAX_FILES = 5
# half of what staff may hand in: nobody has to sign in here
MAX_MEGABYTES = 10
# without the signs that are misread on paper: 0 O 1 I L
RECEIPT_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SHORTEST_NAME = 2
SHORTEST_PHONE = 7
# a short number of a public service has five digits; anything shorter reaches nobody
FEWEST_DIGITS = 5
ANONYMOUS = gettext_lazy(
    "Anonymous objections are not accepted: give your real name and a phone, or the unit's name and its seal."
)


def object_to(
    listing: Listing, *, kind: str, name: str, phone: str, grounds: str, seal=None, files=(), proof: str = ""
) -> Objection:
    """Take an objection from the public and return it with its receipt number; nobody needs an account.

    The same objection sent again (same person or unit, same grounds, still open) is the one on record: going back
    and sending the page anew gives the first receipt. Refused at once when it is late, and for the first of the
    `faults_in` it. A `proof` (its digest) is used up with it; refused when it has been used before. Files are written
    before the transaction begins; a page lays them down (`laid_down`) before its own.
    """
    _check_open(listing)
    anonymous = listing.notice.cycle.anonymous_objections
    given = {"kind": kind, "name": name, "phone": phone, "grounds": grounds, "seal": seal, "files": files}
    for field, fault in faults_in(anonymous=anonymous, **given):
        raise Refused(fault, field=field)
    with laid_down(seal, files) as (laid_seal, laid), transaction.atomic():
        # the file is locked, so that nobody recognises it between the check of the period and the objection's row
        Assessment.objects.select_for_update().get(pk=listing.assessment_id)
        _check_open(listing)
        sent_before = listing.objections.open().filter(
            grounds=grounds, objector__kind=kind, objector__name=name.strip(), objector__phone=phone.strip()
        )
        if sent_before:
            return sent_before[0]
        if proof:
            doors.spend(proof)
        objection = Objection.objects.create(listing=listing, receipt=new_receipt(), grounds=grounds, at=clock.now())
        Objector.objects.create(
            objection=objection,
            kind=kind,
            name=name.strip(),
            phone=phone.strip(),
            seal=laid_seal.path if laid_seal else "",
        )
        ObjectionFile.objects.bulk_create(_row_of(objection, file) for file in laid)
        tell_of_objection("object", objection, by=None, key=f"{objection.pk}:received")
    return objection


@transaction.atomic
def set_aside(listing: Listing, *, why: str, grounds: str, proof: str = "") -> SetAside:
    """Keep the grounds of a late or anonymous objection apart and return them: they decide nothing, nobody is told.

    Neither name nor phone nor files are kept. The same grounds for the same reason are kept once. A `proof` (its
    digest) is used up.
    """
    if proof:
        doors.spend(proof)
    kept = SetAside.objects.filter(listing=listing, why=why, grounds=grounds).first()
    return kept or SetAside.objects.create(listing=listing, why=why, grounds=grounds, at=clock.now())


def set_aside_sentence(why: str) -> str:
    """Return what the sender of a late or anonymous objection reads: where it went, and what can be done instead."""
    if why == SetAside.Why.LATE:
        return _("Your grounds were kept apart for the deciding officials to read; they decide nothing. No receipt.")
    return _(
        "Without a name your grounds were kept apart for the deciding officials to read; they decide nothing. To "
        "object, add your real name and phone, or the unit's name and its seal, and send once more."
    )


def is_late(listing: Listing) -> bool:
    """Tell whether the period of a published notice had ended when the request came in."""
    return clock.arrival_day() > listing.notice.last_day


def is_anonymous(*, kind: str, name: str, phone: str, seal) -> bool:
    """Tell whether nothing says who objects: no name, and neither a phone nor a seal."""
    return not (name.strip() or phone.strip() or seal)


def faults_in(*, anonymous: bool, kind: str, name: str, phone: str, grounds: str, seal, files) -> Iterator:
    """Yield what stands against taking an objection as (field, sentence), whatever the day.

    Unless the cycle accepts `anonymous` ones a person gives real name and phone, a unit its name; a unit brings its
    seal in any case (the portal's specification, section 6). A phone that is given has 5 digits or more, a file 10 MB
    or less. The grounds, which the organ reads, must not tell who objects.
    """
    is_unit = kind == Objector.Kind.UNIT
    if not anonymous and not name.strip():
        yield "name", str(ANONYMOUS)
    if not anonymous and not is_unit and not phone.strip():
        yield "phone", str(ANONYMOUS)
    elif phone.strip() and len(re.sub(r"\D", "", phone)) < FEWEST_DIGITS:
        yield "phone", _("A phone number has at least %(number)s digits.") % {"number": FEWEST_DIGITS}
    if is_unit and not seal:
        yield "seal", _("A unit's objection needs a scan with its seal.")
    elif seal and _is_too_large(seal):
        yield "seal", _("A file may have at most %(number)s MB here.") % {"number": MAX_MEGABYTES}
    if not grounds.strip():
        yield "grounds", _("Write the grounds of your objection.")
    elif tells_who(grounds, name=name, phone=phone):
        yield "grounds", _("Leave your name and phone out of the grounds: the organ reads them.")
    if len(files) > MAX_FILES:
        yield "files", _("At most %(number)s files can be added.") % {"number": MAX_FILES}
    elif any(_is_too_large(file) for file in files):
        yield "files", _("A file may have at most %(number)s MB here.") % {"number": MAX_MEGABYTES}


def _is_too_large(file) -> bool:
    return file.size > MAX_MEGABYTES * 1024 * 1024


def _check_open(listing: Listing) -> None:
    notice = listing.notice
    if not notice.is_published or notice.published_at > clock.now():
        raise Refused(_("This notice is not open for objections."))
    if is_late(listing):
        raise Refused(late_sentence(notice))


def late_sentence(notice: Notice) -> str:
    """Return what the sender of a late objection is told at once."""
    return _("This objection is late: the period ended on %(day)s. You can still turn to %(office)s, %(phone)s.") % {
        "day": notice.last_day.isoformat(),
        "office": notice.office,
        "phone": notice.office_phone,
    }


def tells_who(text: str, *, name: str, phone: str) -> bool:
    """Tell whether a text that others will read gives away the objector's name or phone.

    A name in Latin letters counts as a whole word, so that “An” is not found in “Plan”; blanks inside a Chinese name
    and marks inside a phone number hide nothing.
    """
    name, digits = name.strip(), re.sub(r"\D", "", phone)
    if len(digits) >= SHORTEST_PHONE and digits in re.sub(r"\D", "", text):
        return True
    if len(name) < SHORTEST_NAME:
        return False
    if name.isascii():
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None
    return "".join(name.split()) in "".join(text.split())


def new_receipt() -> str:
    """Return a receipt number that cannot be guessed (31^12 possibilities), in three groups of four signs."""
    signs = [secrets.choice(RECEIPT_SIGNS) for _place in range(12)]
    return "-".join("".join(signs[start : start + 4]) for start in (0, 4, 8))


def _row_of(objection: Objection, file: Laid) -> ObjectionFile:
    checked = file.checked
    return ObjectionFile(
        objection=objection,
        name=checked.name,
        file=file.path,
        sha256=checked.sha256,
        content_type=checked.content_type,
    )


def see_objector(objection: Objection, *, by) -> Objector:
    """Return who objected, for a deciding official; the look is recorded first."""
    require(by, "objection.decide", objection)
    ObjectorLook.objects.create(objection=objection, by=by, at=clock.now())
    return objection.objector


def hear(objection: Objection, *, text: str, files: Iterable = (), by) -> Hearing:
    """Keep what the organ says to the grounds, with its papers, and return it; it never learns who objected.

    The papers go into the organ's library; whoever decides reads them here. Refused without a text, with more than
    `MAX_FILES` papers and once the objection has been decided. Nothing is compared with the objector's name: a
    refusal would answer the organ's guess.
    """
    require(by, "objection.answer", objection)
    if not text.strip():
        raise Refused(_("Write the organ's answer."), field="text")
    files = list(files)
    if len(files) > MAX_FILES:
        raise Refused(_("At most %(number)s files can be added.") % {"number": MAX_FILES}, field="files")
    organ, kept_as = objection.listing.assessment.organ, Evidence.Purpose.EVIDENCE
    stored = dict.fromkeys(store(organ, file, purpose=kept_as, by=by) for file in files)  # brought twice it is one
    with transaction.atomic():
        # in the order of `decide`, so that no answer is written after a decision that did not read it
        _hold_file(objection)
        held = Objection.objects.select_for_update().get(pk=objection.pk)
        if held.state != Objection.State.OPEN:
            raise Overtaken(_("The objection has been decided."))
        hearing = Hearing.objects.create(objection=objection, text=text, by=by, at=clock.now())
        HearingFile.objects.bulk_create(HearingFile(hearing=hearing, evidence=paper) for paper in stored)
        tell_of_objection("hear", objection, by=by, key=f"{objection.pk}:heard:{hearing.pk}")
    return hearing


@transaction.atomic
def propose_decision(objection: Objection, *, uphold: bool, reason: str, by) -> Objection:
    """Propose how an objection ends and return it; nothing is published until another deciding official confirms it.

    Refused without a reason or for one that tells who objected (it is published), for upholding before the organ has
    been heard, and while a proposal waits or when it has been decided. The other deciding officials are told.
    """
    require(by, "objection.decide", objection)
    _check_decision(objection, uphold=uphold, reason=reason)
    state = Objection.State.UPHELD if uphold else Objection.State.DISMISSED
    _hold_file(objection)
    changed = _open_row(objection, proposed_by=None).update(
        proposed_state=state, proposed_reason=reason, proposed_by=by, proposed_at=clock.now(), returned_reason=""
    )
    if changed != 1:
        raise Overtaken(_("Somebody else has proposed a decision meanwhile, or it has been decided."))
    # the words stay out of the log: what is given back may have been given back for what it told
    event = record("propose_decision", objection, by=by, after={"proposed_state": state})
    tell_of_objection("propose_decision", objection, by=by, key=f"{objection.pk}:proposed:{event.pk}")
    objection.refresh_from_db()
    return objection


@transaction.atomic
def give_back(objection: Objection, *, reason: str, by) -> Objection:
    """Give a proposed decision back with a reason and return the objection: it is proposed anew.

    Any deciding official may, also whoever proposed it. Refused without a reason and when no proposal waits.
    """
    require(by, "objection.decide", objection)
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    _hold_file(objection)
    row = _open_row(objection, proposed_by__isnull=False)
    proposed = row.first()
    if proposed is None:
        raise Overtaken(_("No proposed decision waits here any more."))
    row.update(proposed_state="", proposed_reason="", proposed_by=None, proposed_at=None, returned_reason=reason)
    event = record("give_back_decision", objection, by=by, before={"proposed_state": proposed.proposed_state})
    tell_of_objection("give_back_decision", objection, by=by, key=f"{objection.pk}:given_back:{event.pk}")
    objection.refresh_from_db()
    return objection


@transaction.atomic
def decide(objection: Objection, *, by, seen: str = "") -> Objection:
    """Confirm the proposed decision and return the objection; upheld, the file ends as not met.

    Never by whoever proposed it (the database refuses it too). What was asked at the proposal is asked again. Refused
    when no proposal waits, when it is not the one whose `mark_of` was `seen`, and when it has been decided.
    """
    require(by, "objection.confirm", objection)
    # the file first and the objection second, everywhere in this order, so that no two transactions wait in a ring
    assessment = _hold_file(objection)
    proposed = _open_row(objection, proposed_by__isnull=False).select_related("objector").first()
    if proposed is None:
        raise Overtaken(_("No proposed decision waits here any more."))
    if proposed.proposed_by_id == by.pk:
        raise Refused(_("Another official decides than the one who proposed it."))
    if seen and seen != mark_of(proposed):
        raise Overtaken(_("The proposal has changed or the organ has answered since you read it. Read it again."))
    uphold, reason = proposed.proposed_state == Objection.State.UPHELD, proposed.proposed_reason
    _check_decision(proposed, uphold=uphold, reason=reason)
    _open_row(objection).update(state=proposed.proposed_state, reason=reason, decided_by=by, decided_at=clock.now())
    if uphold and assessment.stage == stages.PUBLICISED:
        move(assessment, "uphold_objection", by=by, note=reason)
    record("decide", objection, by=by, before={"state": "open"}, after={"state": proposed.proposed_state})
    if not uphold:
        tell_of_objection("dismiss", objection, by=by, key=f"{objection.pk}:dismissed")
    objection.refresh_from_db()
    return objection


def mark_of(objection: Objection) -> str:
    """Return a mark of the proposed decision and the organ's answers: who confirms says by it what was read."""
    words = (objection.proposed_state, objection.proposed_reason, objection.proposed_by_id, objection.proposed_at)
    return sha256(repr((*words, objection.hearings.count())).encode()).hexdigest()


def _hold_file(objection: Objection) -> Assessment:
    return Assessment.objects.select_for_update().get(pk=objection.listing.assessment_id)


def _open_row(objection: Objection, **narrowed):
    return Objection.objects.filter(pk=objection.pk, state=Objection.State.OPEN, **narrowed)


def _check_decision(objection: Objection, *, uphold: bool, reason: str) -> None:
    if not reason.strip():
        raise Refused(_("Give the reason; it is published."), field="reason")
    objector = objection.objector
    if tells_who(reason, name=objector.name, phone=objector.phone):
        raise Refused(_("The reason is published: leave out who objected."), field="reason")
    if uphold and not objection.hearings.exists():
        raise Refused(_("The organ has to be heard before an objection is upheld."))
