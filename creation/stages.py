"""The way of a file as one readable table: which step leads from which stages to which, and who may take it.

The guard in `move()`, the buttons, the table in the README, the reachability test and the picture on every file
read this table; nothing else in the portal knows the order of the stages. Source: the programme's section on the
way of a file (self-rating, inspection, spot check, publicity, recognition).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise

DRAFT = "draft"
PREPARED = "prepared"
SUBMITTED = "submitted"
RETURNED = "returned"
UNDER_INSPECTION = "under_inspection"
RECTIFYING = "rectifying"
INSPECTED = "inspected"
UNDER_SPOT_CHECK = "under_spot_check"
CHECKED = "checked"
PUBLICISED = "publicised"
RECOGNISED = "recognised"
REVOKED = "revoked"
NOT_MET = "not_met"
WITHDRAWN = "withdrawn"

LABELS: dict[str, Text] = {
    DRAFT: _("Draft"),
    PREPARED: _("Prepared"),
    SUBMITTED: _("Submitted"),
    RETURNED: _("Sent back"),
    UNDER_INSPECTION: _("Under inspection"),
    RECTIFYING: _("Under rectification"),
    INSPECTED: _("Inspection passed"),
    UNDER_SPOT_CHECK: _("Under spot check"),
    CHECKED: _("Cleared for publicity"),
    PUBLICISED: _("Publicised"),
    RECOGNISED: pgettext_lazy("stage", "Recognised"),
    REVOKED: _("Revoked"),
    NOT_MET: _("Not met"),
    WITHDRAWN: _("Withdrawn"),
}
CHOICES = list(LABELS.items())

EDITABLE = frozenset({DRAFT, RETURNED})
BEFORE_SUBMISSION = frozenset({DRAFT, PREPARED, RETURNED})
ENDED = frozenset({RECOGNISED, REVOKED, NOT_MET, WITHDRAWN})

# The stations shown to everybody as the picture of a file's way, each with the stages that stand there.
STATIONS: tuple[tuple[str, Text, frozenset[str]], ...] = (
    ("self_rating", _("Self-rating"), frozenset({DRAFT, PREPARED, RETURNED, WITHDRAWN})),
    ("submitted", _("Submission"), frozenset({SUBMITTED})),
    ("inspection", _("On-site inspection"), frozenset({UNDER_INSPECTION, RECTIFYING})),
    ("spot_check", _("Spot check"), frozenset({INSPECTED, UNDER_SPOT_CHECK})),
    ("publicity", _("Publicity"), frozenset({CHECKED, PUBLICISED})),
    ("recognition", _("Recognition"), frozenset({RECOGNISED, REVOKED})),
)

NOBODY_WAITS_FOR = frozenset({"withdraw", "reopen", "draw_in", "excuse"})

# Where an organ stands in the completion figures when it has no live recognition (domain, section 5).
STANDINGS = ("recognised", "in_progress", "not_met", "not_started")
STANDING_OF = {
    **dict.fromkeys(LABELS, "in_progress"),
    RECOGNISED: "not_started",  # the title has expired or was replaced: the organ has to begin again
    WITHDRAWN: "not_started",
    REVOKED: "not_met",
    NOT_MET: "not_met",
}

CLERK = "clerk"
SIGNATORY = "signatory"
OFFICIAL = "official"
SUPERIOR = "superior"
MUNICIPALITY = "municipality"
LEAD = "lead"
INSPECTOR = "inspector"
SPOT_CHECKER = "spot_checker"

ACTORS: dict[str, Text] = {
    CLERK: _("Clerk of the organ"),
    SIGNATORY: _("Signatory of the organ"),
    OFFICIAL: _("Official of the competent department"),
    SUPERIOR: _("Official of the superior department"),
    MUNICIPALITY: _("Official of the municipality"),
    LEAD: _("Lead inspector"),
    INSPECTOR: _("Inspector of the team"),
    SPOT_CHECKER: _("Lead inspector of the superior department"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: the step's name, where it may start, where it ends, who takes it.

    A `withheld` step is kept from the organ until it is announced or the file has gone beyond it.
    """

    name: str
    from_stages: frozenset[str]
    to_stage: str
    who: tuple[str, ...]
    label: Text
    condition: Text
    withheld: bool = False


def _step(  # noqa: PLR0917 a row
    name: str, start: str, to_stage: str, who: str, label: Text, condition: Text, *, withheld: bool = False
) -> Step:
    return Step(name, frozenset(start.split()), to_stage, tuple(who.split()), label, condition, withheld)


# fmt: off
_TABLE = (
    _step("start", "", DRAFT, CLERK,
          _("Start the self-rating"), _("Organ active, cycle open, no other file of this organ in this cycle")),
    _step("prepare", f"{DRAFT} {RETURNED}", PREPARED, CLERK,
          _("Hand over for signature"),
          _("Every indicator answered or not applicable where allowed, required evidence present")),
    _step("reopen", PREPARED, DRAFT, f"{CLERK} {SIGNATORY}",
          _("Take back for editing"), _("None")),
    _step("submit", PREPARED, SUBMITTED, SIGNATORY,
          _("Submit self-rating"),
          _("Another person than whoever prepared it, before the end of the window; a receipt is issued")),
    _step("withdraw", f"{DRAFT} {PREPARED} {RETURNED} {SUBMITTED}", WITHDRAWN, f"{CLERK} {SIGNATORY}",
          _("Withdraw the file"), _("A reason")),
    _step("send_back", SUBMITTED, RETURNED, OFFICIAL,
          _("Send back"), _("A reason per indicator")),
    _step("assign", SUBMITTED, UNDER_INSPECTION, OFFICIAL,
          _("Assign inspectors"), _("A team, a lead, a date, nobody with a conflict of interest")),
    _step("require_rectification", UNDER_INSPECTION, RECTIFYING, LEAD,
          _("Require rectification"), _("At least one open finding with a deadline")),
    _step("rectified", RECTIFYING, UNDER_INSPECTION, INSPECTOR,
          _("Accept the rectification"), _("Every finding accepted, never by the person who answered it")),
    _step("pass", UNDER_INSPECTION, INSPECTED, LEAD,
          _("File the inspection: passed"), _("Every indicator rated, the inspection's scores pass")),
    _step("fail", UNDER_INSPECTION, NOT_MET, LEAD,
          _("File the inspection: not met"), _("Every indicator rated, the inspection's scores do not pass")),
    _step("sample", INSPECTED, UNDER_SPOT_CHECK, SUPERIOR,
          _("Drawn for the spot check"), _("The pool is closed, the draw covers the whole pool"), withheld=True),
    _step("clear", INSPECTED, CHECKED, SUPERIOR,
          _("Not drawn, cleared"), _("The pool is closed, the draw covers the whole pool"), withheld=True),
    _step("draw_in", CHECKED, UNDER_SPOT_CHECK, SUPERIOR,
          _("Drawn after the draw"), _("The next in the drawing order, on no notice yet, a reason"), withheld=True),
    _step("excuse", UNDER_SPOT_CHECK, CHECKED, SUPERIOR,
          _("Replaced in the sample, cleared"),
          _("Replaced by the next in the drawing order, with a reason; no visit filed or begun"), withheld=True),
    _step("confirm", UNDER_SPOT_CHECK, CHECKED, SPOT_CHECKER,
          _("Confirm the inspection"), _("Own ratings filed, nobody from the first team")),
    _step("overturn", UNDER_SPOT_CHECK, NOT_MET, SPOT_CHECKER,
          _("Overturn the inspection"), _("Own ratings filed, nobody from the first team, a reason")),
    _step("publicise", CHECKED, PUBLICISED, MUNICIPALITY,
          _("Publish the notice"), _("A notice period in working days by the official calendar")),
    _step("uphold_objection", PUBLICISED, NOT_MET, MUNICIPALITY,
          _("Uphold the objection"), _("Decided with a reason, the organ has been heard")),
    _step("recognise", PUBLICISED, RECOGNISED, MUNICIPALITY,
          _("Recognise"), _("The notice has ended, no open objection, document number and batch given")),
    _step("revoke", RECOGNISED, REVOKED, MUNICIPALITY,
          _("Revoke"),
          _("A case: the organ heard, proposed by one official and decided by another, a reason and a date")),
)
# fmt: on
STEPS: dict[str, Step] = {step.name: step for step in _TABLE}


def steps_from(stage: str) -> tuple[Step, ...]:
    """Return the steps that may start at `stage`, in the order of the table."""
    return tuple(step for step in STEPS.values() if stage in step.from_stages)


def next_actors(stage: str) -> tuple[Text, ...]:
    """Return who acts next on a file at `stage`, as texts for people, without repeats; empty when it has ended.

    Withdrawing is always possible until inspection and taking back costs nothing, so neither counts as waiting; nor
    does anybody wait for a sample that is changed after the draw.
    """
    if stage in ENDED:
        return ()
    waiting = [step for step in steps_from(stage) if step.name not in NOBODY_WAITS_FOR]
    return tuple(ACTORS[who] for who in dict.fromkeys(who for step in waiting for who in step.who))


def reachable() -> frozenset[str]:
    """Return every stage that a file can reach from its start by the steps of the table."""
    found = {STEPS["start"].to_stage}
    while True:
        more = {step.to_stage for step in STEPS.values() if step.from_stages & found} - found
        if not more:
            return frozenset(found)
        found |= more


def standing(stage: str | None) -> str:
    """Return where an organ without a live recognition stands, from its newest file's stage (None: no file)."""
    return "not_started" if stage is None else STANDING_OF[stage]
