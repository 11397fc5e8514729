"""One form for one indicator, the same for all raters: what was found, by the method of the rubric."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from creation import scoring
from creation.actions.answers import BAD_FOUND
from creation.forms.fields import NumberAsTyped
from creation.models import Indicator
from creation.models.named import local

NONE_OF_THEM = "none"
_WHOLE = re.compile(r"-?[0-9]{1,18}")
NOT_WHOLE = gettext_lazy("Enter a whole number in plain digits, such as 3.")


def plain(number: object) -> str:
    """Return a number of points without trailing zeros: 3, 0.5."""
    text = f"{Decimal(str(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def points_text(points: object) -> str:
    """Return points with their unit, such as “1 point” or “0.5 points”."""
    number = Decimal(str(points))
    return ngettext("%(points)s point", "%(points)s points", 1 if number == 1 else 2) % {"points": plain(number)}


def _with_points(label: str, points: object) -> str:
    return f"{label} · {points_text(points)}"


def _label(entry: Mapping[str, Any], key: str) -> str:
    text = entry.get(key) or {}
    return local(text.get("zh", ""), text.get("en", ""))


# --- the field of each method -------------------------------------------------------------------------------------


def _gate_field(indicator: Indicator) -> forms.Field:
    met = _with_points(_("Met"), indicator.points)
    unmet = _("Not met · a gate: without it the file cannot pass") if indicator.gate else _with_points(_("Not met"), 0)
    return forms.ChoiceField(
        label=_("What was found"),
        required=False,
        choices=[("met", met), ("not_met", unmet)],
        widget=forms.RadioSelect,
    )


def _checklist_field(indicator: Indicator) -> forms.Field:
    parts = [
        (str(place), _with_points(_label(part, "label"), part["points"]))
        for place, part in enumerate(indicator.rubric["parts"])
    ]
    nothing = (NONE_OF_THEM, _with_points(_("None of these"), 0))
    return forms.MultipleChoiceField(
        label=_("What is present"),
        required=False,
        choices=[*parts, nothing],
        widget=forms.CheckboxSelectMultiple,
    )


def _levels_field(indicator: Indicator) -> forms.Field:
    levels = [
        (str(place), _with_points(_label(level, "label"), level["points"]))
        for place, level in enumerate(indicator.rubric["levels"])
    ]
    return forms.ChoiceField(label=_("What was found"), required=False, choices=levels, widget=forms.RadioSelect)


def _additive_field(indicator: Indicator) -> forms.Field:
    return NumberAsTyped(
        whole=True,
        required=False,
        label=_label(indicator.rubric, "counts"),
        help_text=_("%(each)s each, at most %(most)s.")
        % {"each": points_text(indicator.rubric["each"]), "most": points_text(indicator.points)},
    )


def _deductive_field(indicator: Indicator) -> forms.Field:
    return NumberAsTyped(
        whole=True,
        required=False,
        label=_label(indicator.rubric, "counts"),
        help_text=_("%(most)s when there is none (enter 0); each one takes away %(each)s.")
        % {"each": points_text(indicator.rubric["each"]), "most": points_text(indicator.points)},
    )


def _banded_field(indicator: Indicator) -> forms.Field:
    unit = indicator.rubric.get("unit", "")
    bands = _("; ").join(
        _("from %(edge)s%(unit)s: %(points)s")
        % {"edge": plain(band["at_least"]), "unit": unit, "points": points_text(band["points"])}
        for band in indicator.rubric["bands"]
    )
    label = _label(indicator.rubric, "measure")
    return NumberAsTyped(
        whole=False, required=False, label=f"{label} ({unit})" if unit else label, help_text=f"{bands}."
    )


_FIELDS: Mapping[str, Callable[[Indicator], forms.Field]] = {
    "gate": _gate_field,
    "checklist": _checklist_field,
    "levels": _levels_field,
    "additive": _additive_field,
    "deductive": _deductive_field,
    "banded": _banded_field,
}


# --- from the field to what is kept, and back ----------------------------------------------------------------------


def _count(text: str) -> dict:
    return {"count": int(text) if _WHOLE.fullmatch(text) else text}


def _present(places: list[str]) -> dict:
    return {"present": sorted(int(place) for place in places if place != NONE_OF_THEM)}


_TO_FOUND: Mapping[str, Callable[[Any], dict]] = {
    "gate": lambda typed: {"met": typed == "met"},
    "checklist": _present,
    "levels": lambda typed: {"level": int(typed)},
    "additive": _count,
    "deductive": _count,
    "banded": lambda typed: {"value": typed},
}
_FROM_FOUND: Mapping[str, Callable[[dict], Any]] = {
    "gate": lambda found: "met" if found["met"] else "not_met",
    "checklist": lambda found: [str(place) for place in found["present"]] or [NONE_OF_THEM],
    "levels": lambda found: str(found["level"]),
    "additive": lambda found: str(found["count"]),
    "deductive": lambda found: str(found["count"]),
    "banded": lambda found: found["value"],
}


class RatingForm(forms.Form):
    """What a rater found for one indicator. `initial_row` is what is saved (an Answer or a Rating), if anything.

    An empty form is valid, a draft takes it; a finding that the rubric cannot read is not.
    """

    remark = forms.CharField(
        label=gettext_lazy("Explanation"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Optional: whatever helps to understand the entry."),
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, indicator: Indicator, data=None, *, initial_row=None, prefix: str | None = None):
        super().__init__(data, prefix=prefix, initial=as_typed(indicator, initial_row))
        self.indicator = indicator
        self.method = indicator.rubric["method"]
        self.fields["found"] = _FIELDS[self.method](indicator)
        if indicator.not_applicable != Indicator.NotApplicable.NOT_ALLOWED:
            self.fields["not_applicable"] = _not_applicable_field(indicator)
        self.order_fields(["found", "not_applicable", "remark", "version"])

    @property
    def is_choice(self) -> bool:
        """Tell whether what was found is ticked rather than typed."""
        return self.method in {"gate", "checklist", "levels"}

    def found(self) -> dict | None:
        """Return what was found as `creation.rubrics` reads it, or None when nothing was entered."""
        typed = self.cleaned_data.get("found")
        return _TO_FOUND[self.method](typed) if typed else None

    def value(self) -> scoring.Found:
        """Return what was found together with “not applicable”, as plain data for the scoring function."""
        return scoring.Found(self.found(), self.not_applicable())

    def not_applicable(self) -> bool:
        """Tell whether the rater marked the indicator not applicable."""
        return bool(self.cleaned_data.get("not_applicable"))

    def points(self) -> Decimal | None:
        """Return the points that the rubric gives for what was entered; None while nothing or nothing readable is."""
        return None if self.has_error("found") else scoring.item_points(self.indicator.as_item(), self.value())

    def answer(self) -> dict:
        """Return the keyword arguments of the verbs that keep an answer or a rating."""
        return {
            "found": self.found(),
            "not_applicable": self.not_applicable(),
            "remark": self.cleaned_data["remark"],
            "version": self.cleaned_data["version"] or 0,
        }

    def seen_version(self) -> int:
        """Return the version of the saved row that the writer had before their eyes (0: none, or unreadable)."""
        raw = str(self.data.get(self.add_prefix("version"), ""))
        return int(raw) if _WHOLE.fullmatch(raw) else 0

    def go_on_from(self, version: int) -> None:
        """Let the form, shown again, replace the row that is saved by now: the writer has seen both."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)

    def as_row(self) -> SimpleNamespace:
        """Return what was typed in the shape of a saved row, to be shown beside one."""
        self.is_valid()
        return SimpleNamespace(
            found=self.found(),
            not_applicable=self.not_applicable(),
            remark=self.cleaned_data.get("remark", ""),
            points=self.points(),
        )

    def clean(self):
        """Refuse what the rubric cannot read; the same pure function decides that later gives the points."""
        cleaned = super().clean()
        typed = cleaned.get("found")
        if self.method == "checklist" and typed and NONE_OF_THEM in typed and len(typed) > 1:
            self.add_error("found", _("Choose what is present, or “None of these”, not both."))
        elif typed:
            self._check_found()
        return cleaned

    def _check_found(self) -> None:
        try:
            scoring.item_points(self.indicator.as_item(), scoring.Found(self.found()))
        except scoring.BadFound as bad:
            counted = bad.reason == "not-a-number" and self.method != "banded"
            sentence = NOT_WHOLE if counted else BAD_FOUND.get(bad.reason, _("This entry does not fit the indicator."))
            self.add_error("found", sentence)


def _not_applicable_field(indicator: Indicator) -> forms.Field:
    if indicator.not_applicable == Indicator.NotApplicable.FULL:
        label = _with_points(_("Not applicable"), indicator.points)
    else:
        label = _("Not applicable · its points leave the base, the total is reckoned from the others")
    return forms.BooleanField(label=label, required=False)


def as_typed(indicator: Indicator, row) -> dict:
    """Return what is saved (an Answer, a Rating or None) as the form shows it."""
    if row is None:
        return {"version": 0}
    found = None if row.found is None else _FROM_FOUND[indicator.rubric["method"]](row.found)
    return {"found": found, "not_applicable": row.not_applicable, "remark": row.remark, "version": row.version}


def rating_form(indicator: Indicator, data=None, *, initial=None, prefix: str | None = None) -> RatingForm:
    """Return the form for one indicator; `initial` is the saved row (Answer or Rating) or None."""
    return RatingForm(indicator, data, initial_row=initial, prefix=prefix)


def found_text(indicator: Indicator, row) -> str:
    """Return in words what a saved row (Answer or Rating) says was found; empty when it says nothing."""
    if row is None or (row.found is None and not row.not_applicable):
        return ""
    if row.not_applicable:
        return _("Not applicable")
    return _WORDS[indicator.rubric["method"]](indicator.rubric, row.found)


def _present_text(rubric: dict, found: dict) -> str:
    labels = [_label(rubric["parts"][place], "label") for place in found["present"]]
    return _("; ").join(labels) or _("None of these")


def _named(what: str, value: object) -> str:
    return what + _(": ") + str(value)


def _count_text(rubric: dict, found: dict) -> str:
    return _named(_label(rubric, "counts"), found["count"])


_WORDS: Mapping[str, Callable[[dict, dict], str]] = {
    "gate": lambda _rubric, found: _("Met") if found["met"] else _("Not met"),
    "checklist": _present_text,
    "levels": lambda rubric, found: _label(rubric["levels"][found["level"]], "label"),
    "additive": _count_text,
    "deductive": _count_text,
    "banded": lambda rubric, found: _named(_label(rubric, "measure"), f"{found['value']}{rubric.get('unit', '')}"),
}
