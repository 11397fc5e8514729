"""What a reader of the rates may ask for."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.forms.days import DayField
from creation.models import Region
from portal.dashboard import what_if
from portal.dashboard.since import usual_start
from portal.dashboard.words import ORGANS_OF
from reviews.rates import LEVELS


def levels_below(region: Region) -> list[str]:
    """Return the levels at or below a region's own kind, the lowest first: most organs stand there."""
    return list(reversed(LEVELS[LEVELS.index(region.kind) :]))


class ChangesForm(forms.Form):
    """Two days and a level; what is left out or wrong has its usual value."""

    since = DayField(label=gettext_lazy("Since the end of"), required=False)
    until = DayField(label=gettext_lazy("Until the end of"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)

    def __init__(self, data, *, levels: list[str], today: date):
        self.usual = {"since": usual_start(today), "until": today, "level": levels[0]}
        usual = {name: value.isoformat() if isinstance(value, date) else value for name, value in self.usual.items()}
        super().__init__(usual | {name: data[name] for name in usual if data.get(name)})
        self.today = today
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
        self.fields["level"].choices = [(level, ORGANS_OF[level]) for level in levels]

    def clean_until(self):
        """Refuse a day that has not come."""
        until = self.cleaned_data["until"]
        if until and until > self.today:
            raise ValidationError(_("Rates are known up to today."))
        return until

    def clean(self):
        """Refuse days in the wrong order."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("since", _("This day lies after the other one."))

    def asked(self) -> dict:
        """Return level, since and until; where anything is wrong, both days are the usual ones."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or value for name, value in self.usual.items()}
        return found if not self.errors else self.usual | {"level": found["level"]}


class AheadForm(forms.Form):
    """A level, and how many organs and regions more to imagine; what cannot be read imagines none."""

    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    more = forms.IntegerField(required=False, min_value=0)
    regions = forms.IntegerField(required=False, min_value=0)
    each = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data, *, levels: list[str]):
        self.levels = levels
        usual = {"level": levels[0] if levels else "", **dict.fromkeys(what_if.LABELS, "0")}
        super().__init__(usual | {name: data[name] for name in usual if data.get(name)})
        self.fields["level"].choices = [(level, ORGANS_OF[level]) for level in levels]
        self.fields["level"].widget.attrs["class"] = "form-select"

    def asked(self) -> tuple[str, dict[str, int]]:
        """Return the level (empty where the region has no organs at all) and the number of each slider."""
        self.is_valid()
        level = self.cleaned_data.get("level") or next(iter(self.levels), "")
        return level, {name: self.cleaned_data.get(name) or 0 for name in what_if.LABELS}


class CountedForm(forms.Form):
    """What is to be explained: a level, a day, and of the list behind a figure the organs with these words."""

    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    as_of = DayField(label=gettext_lazy("As of"), required=False)
    q = forms.CharField(label=gettext_lazy("Organ (name or code)"), required=False, max_length=100)

    def __init__(self, data, *, region: Region, today: date):
        levels = levels_below(region)
        self.usual = {"level": levels[0], "as_of": today}
        shown = {"level": levels[0], "as_of": today.isoformat(), "q": ""}
        super().__init__(shown | {name: data[name] for name in shown if data.get(name)})
        self.today = today
        self.fields["level"].choices = [(level, ORGANS_OF[level]) for level in levels]
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def clean_as_of(self):
        """Refuse a day that has not come."""
        day = self.cleaned_data["as_of"]
        if day and day > self.today:
            raise ValidationError(_("Rates are known up to today."))
        return day

    def asked(self) -> dict:
        """Return level, day and the words sought; what is wrong or left out has its usual value."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or value for name, value in self.usual.items()}
        return {"level": found["level"], "day": found["as_of"], "text": self.cleaned_data.get("q", "")}
