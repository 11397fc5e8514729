"""Who hears of what others say: teams, the organ of a finding, whoever draws or decides.

Every occasion names its subject: a step of the way of a file its file, a finding the finding, and so on. The list
under a button and the messages of the verb behind it both come from `hears`. Who objected is never read here.
"""

from collections.abc import Callable, Iterable

from creation import recipients
from creation.models import Assessment, User
from creation.recipients import Heard, holders, officials_of, once
from creation.stages import CLERK, INSPECTOR, LEAD, MUNICIPALITY, SIGNATORY, SUPERIOR
from reviews.models import Finding, Inspection, Objection, Pool


def hears(occasion: str, subject, *, by) -> list[Heard]:
    """Return who hears of the occasion when `by` brings it about, each person once; never `by`.

    `occasion` is a step of `stages.STEPS` with its file, or a name of `OCCASIONS` with what it is about.
    """
    if occasion in OCCASIONS:
        return once(OCCASIONS[occasion](subject), but=by)
    return once([*recipients.hears(occasion, subject, by=by), *of_visit(occasion, subject)], but=by)


def of_visit(step: str, file: Assessment) -> list[Heard]:
    """Return who of a team hears of a step of the file, besides those of creation/recipients.py."""
    if step != "rectified":
        return []
    visit = file.inspections.filter(kind=Inspection.Kind.INSPECTION).select_related("lead").first()
    return [Heard(visit.lead, LEAD, "to_file")] if visit and visit.lead.is_active else []


def team_hears(people: Iterable[User], kind: str = "on_team") -> list[Heard]:
    """Return the people of a team as those who hear of their visit."""
    return [Heard(user, INSPECTOR, kind) for user in people if user.is_active]


def team_of(visit: Inspection) -> list[User]:
    """Return the people of the visit's team, by their order on it."""
    return [member.user for member in visit.members.select_related("user")]


def _clerks(finding: Finding, kind: str) -> list[Heard]:
    return [Heard(user, role, kind) for user, role in holders(finding.inspection.assessment, [CLERK])]


def _raised(finding: Finding) -> list[Heard]:
    """What is put right on the spot needs no message; and a drawn organ hears nothing of a spot check."""
    return _raised_on(finding.inspection) if finding.kind == Finding.Kind.BY_DEADLINE else []


def _raised_on(visit: Inspection) -> list[Heard]:
    clerks = [] if visit.is_spot_check else holders(visit.assessment, [CLERK])
    return [Heard(user, role, "finding_raised") for user, role in clerks]


def _answered(finding: Finding) -> list[Heard]:
    return team_hears(team_of(finding.inspection), "finding_answered")


def _deciding(objection: Objection, kind: str) -> list[Heard]:
    listing = objection.listing
    of_organ = {user.pk for user, _role in holders(listing.assessment, [CLERK, SIGNATORY])}
    officials = officials_of(listing.notice.region_id, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in officials if user.pk not in of_organ]


def _organ_of(objection: Objection, kind: str) -> list[Heard]:
    return [Heard(user, role, kind) for user, role in holders(objection.listing.assessment, [CLERK, SIGNATORY])]


def _objected(objection: Objection) -> list[Heard]:
    return [*_deciding(objection, "objection_to_decide"), *_organ_of(objection, "objection_to_answer")]


def _who_draw(pool: Pool, kind: str) -> list[Heard]:
    """Where nobody of the superior works in the portal, the municipality records its letter."""
    people = officials_of(pool.region_id, SUPERIOR) or officials_of(pool.cycle.region_id, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in people]


def _drawn(pool: Pool) -> list[Heard]:
    """Return who sends teams to what was drawn, and who puts the rest on a notice; a drawn organ is not told."""
    publicise = [Heard(user, role, "drawn") for user, role in officials_of(pool.cycle.region_id, MUNICIPALITY)]
    return [*_who_draw(pool, "drawn"), *publicise]


OCCASIONS: dict[str, Callable[..., list[Heard]]] = {
    "raise_finding": _raised,
    "raise_by_deadline": _raised_on,
    "answer_finding": _answered,
    "return_finding": lambda finding: _clerks(finding, "finding_returned"),
    "accept_finding": lambda finding: _clerks(finding, "finding_accepted"),
    "object": _objected,
    "hear": lambda objection: _deciding(objection, "objection_heard"),
    "dismiss": lambda objection: _organ_of(objection, "objection_dismissed"),
    "close_pool": lambda pool: _who_draw(pool, "pool_closed"),
    "draw": _drawn,
}
