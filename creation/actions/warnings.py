"""A warning is passed with a reason, which the inspector reads; it is frozen with the file."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation import checks, clock
from creation.actions.files import hold_for_editing
from creation.actions.findings import findings_of
from creation.errors import Refused
from creation.models import Assessment, Indicator, WarningPassed
from creation.rules import require

LONGEST_REASON = 1000


@transaction.atomic
def pass_warning(assessment: Assessment, indicator: Indicator, *, kind: str, reason: str, by) -> WarningPassed:
    """Pass a warning of the file with a reason and return the row; a second reason takes the place of the first.

    Refused for a reason of fewer than ten characters or more than a thousand, for a warning that does not stand (any
    more), and for an error, whatever the reason.
    """
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    standing = {(each.indicator, each.kind): each for each in findings_of(assessment)}
    found = standing.get((indicator.code, kind))
    if found is None:
        raise Refused(_("This warning does not stand any more. Load the page again."))
    if found.is_error:
        raise Refused(_("No reason passes an error: it has to be settled."))
    _check_reason(reason)
    values = {"reason": reason.strip(), "by": by, "at": clock.now()}
    row, _created = WarningPassed.objects.update_or_create(
        assessment=assessment, indicator=indicator, kind=kind, defaults=values
    )
    return row


def _check_reason(reason: str) -> None:
    if not checks.is_reason(reason):
        raise Refused(too_short(), field="reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused(
            _("The reason is too long: at most %(most)s characters.") % {"most": LONGEST_REASON}, field="reason"
        )


def too_short() -> str:
    """Return what is said of a reason that is too short."""
    least = checks.SHORTEST_REASON
    text = ngettext(
        "Write a reason of at least %(least)s character: the inspector reads it.",
        "Write a reason of at least %(least)s characters: the inspector reads it.",
        least,
    )
    return text % {"least": least}


@transaction.atomic
def take_back(assessment: Assessment, indicator: Indicator, *, kind: str, by) -> None:
    """Take back that a warning was passed; without effect where it was not."""
    require(by, "file.answer", assessment)
    hold_for_editing(assessment)
    WarningPassed.objects.filter(assessment=assessment, indicator=indicator, kind=kind).delete()
