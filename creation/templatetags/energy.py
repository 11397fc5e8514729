"""What templates ask about the yearly figures: numbers with their workings, and what is missing in words."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from creation import energy, rules
from creation.actions.energy import contradicts, energy_indicator, missing_text, readings_of
from creation.models import EnergyGoal

register = template.Library()


@register.filter
def amount(number) -> str:
    """Return an amount in groups of three; empty while it is not known."""
    return "" if number is None else energy.plain(number)


@register.filter
def change(number: Decimal) -> str:
    """Return a change in percent with its sign, such as −1.6 %."""
    return f"{energy.signed(number)} %"


@register.filter
def change_found(number: Decimal) -> str:
    """Return a change that was found with two places, such as −1.60 %."""
    return f"{energy.signed(number, 2)} %"


@register.filter
def measure_label(slug: str) -> str:
    """Return a measure's name."""
    return str(EnergyGoal.Measure(slug).label)


@register.filter
def measure_unit(slug: str) -> str:
    """Return a measure's unit, such as kgce/m²."""
    person = {"energy_per_head": _("kgce per person"), "water_per_head": _("m³ per person")}
    return person.get(slug, energy.UNITS[slug])


@register.filter
def value_of(worked: energy.Worked) -> str:
    """Return a number as it is shown; empty while it is not known."""
    return "" if worked.value is None else energy.plain(energy.rounded(worked.value))


@register.filter
def missing_words(found) -> str:
    """Return what is missing for a number or a comparison, in words; empty when nothing is."""
    return _(", ").join(missing_text(slug) for slug in found.missing)


@register.filter
def outcome_words(outcome: str) -> str:
    """Return met, not met, or cannot be said yet."""
    words = {energy.MET: _("Met"), energy.NOT_MET: _("Not met")}
    return words.get(outcome, _("Cannot be said yet"))


@register.filter
def as_seen(field) -> str:
    """Return the hidden field that says what the page started from, so that a year nobody touched is not written."""
    return field.as_hidden(only_initial=True)


@register.inclusion_tag("creation/_item_energy.html", takes_context=True)
def item_energy(context, file, indicator, answer) -> dict:
    """Show at the gate that is decided by data what the figures say; nothing at any other item."""
    energy_gate = energy_indicator(file.cycle.standard) if "data" in indicator.check_by else None
    if energy_gate is None or energy_gate.pk != indicator.pk:
        return {"shown": False}
    readings = readings_of(file)
    known = readings.proposal != energy.UNKNOWN
    against = contradicts(answer, readings.proposal)
    answered = answer is not None and answer.found is not None
    user = context["request"].user
    return {
        "shown": True,
        "file": file,
        "readings": readings,
        "answer": answer,
        "contradicts": against,
        "agrees": known and answered and not against,
        "may_answer": file.is_editable and rules.may(user, "file.answer", file),
    }
