"""What templates ask: may this person do it, where does the file stand, and the key that makes a form count once."""

from uuid import uuid4

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from creation import rules, stages
from creation.models.named import local as local_text

register = template.Library()

STOPPED = {stages.NOT_MET, stages.WITHDRAWN, stages.REVOKED}


@register.simple_tag
def form_key() -> SafeString:
    """Return the hidden field whose key lets a changing form take effect once."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


@register.simple_tag
def may(user, permission: str, subject=None) -> bool:
    """Tell whether the person may do it, by the same rule that the verb asks."""
    return rules.may(user, permission, subject)


@register.filter
def local(text: dict) -> str:
    """Return a text of the standard ({zh, en}) in the reader's language."""
    return local_text(text.get("zh", ""), text.get("en", ""))


@register.filter
def stage_label(stage: str) -> stages.Text:
    """Return a stage's name for people."""
    return stages.LABELS[stage]


@register.filter
def stage_for(file, user) -> str:
    """Return where a file stands, as far as the person may know."""
    return file.stage_for(user)


@register.inclusion_tag("includes/stepper.html", takes_context=True)
def stepper(context, assessment) -> dict:
    """Show a file's way: the stations behind it, the one where it stands, who acts next and since when."""
    stage = assessment.stage_for(context["user"])
    stands = _where(assessment, stage)
    at = next(place for place, (_slug, _label, here) in enumerate(stages.STATIONS) if stands in here)
    here = "stopped" if stage in STOPPED else "done" if stage in stages.ENDED else "current"
    stations = [
        {"slug": slug, "label": label, "state": "done" if place < at else here if place == at else "todo"}
        for place, (slug, label, _here) in enumerate(stages.STATIONS)
    ]
    return {
        "stations": stations,
        "stage": stage,
        "since": assessment.since_for(context["user"]),
        "label": stages.LABELS[stage],
        "next_actors": stages.next_actors(stage),
    }


def _where(assessment, stage: str) -> str:
    """Return the stage whose station the file stands at: one that is not met stands where it was stopped."""
    if stage != stages.NOT_MET:
        return stage
    return assessment.changes.order_by("-number").values_list("from_stage", flat=True)[0]
