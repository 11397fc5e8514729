"""Forms of the yearly figures, of factors and of goals."""

import re
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock
from creation.actions.energy import FIELDS, LABELS, canonical
from creation.actions.figures import DIVISORS, Entry, columns_of
from creation.forms.days import DayField
from creation.forms.fields import NumberAsTyped, plain_digits
from creation.forms.shape import ShapeForm
from creation.models import ConversionFactor, EnergyFigures, EnergyGoal, Region
from creation.models.energy import LARGEST

_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]+)?")
_PLACES = 3
_MOST_USERS = 10**7
_VERSION_DIGITS = 9  # no row is saved so often
REASON_LENGTH = 1000
FIRST_YEAR, LAST_YEAR = 2000, 2100


def read_amount(name: str, typed: str) -> Decimal | int | None:
    """Return an amount as typed, full-width or in groups of three (120,000); None where nothing is typed.

    `ValidationError` for what is no number, below 0, too large, with more than three places, for a fraction of a
    person, and for a 0 by which something would be divided.
    """
    text = plain_digits(typed)
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if text.startswith(("-", "−")):
        raise ValidationError(_("The number cannot be below 0."))
    if not _NUMBER.fullmatch(text):
        raise ValidationError(_("Enter a number in plain digits, such as 3 or 92.5."))
    number = Decimal(text)
    _check_amount(name, number)
    return int(number) if name == "users" else number


def _check_amount(name: str, number: Decimal) -> None:
    whole = number == number.to_integral_value()
    if name == "users" and not whole:
        raise ValidationError(_("Enter a whole number in plain digits, such as 3."))
    if number > (_MOST_USERS if name == "users" else LARGEST):
        raise ValidationError(_("The number is too large. Check its unit."))
    if not whole and number != round(number, _PLACES):
        raise ValidationError(_("At most three decimal places."))
    if name in DIVISORS and not number:
        raise ValidationError(_("Enter a number above 0, or leave it empty."))


class AmountField(NumberAsTyped):
    """One yearly amount, cleaned to a number or None; the text stays as it was typed until it is right."""

    def __init__(self, name: str):
        super().__init__(whole=name == "users", label=LABELS[name], required=False, show_hidden_initial=True)
        self.name = name

    def clean(self, value):
        """Return the number."""
        return read_amount(self.name, super().clean(value))


class YearForm(forms.Form):
    """The figures of one calendar year; `seen` is what the page starts from (a saved row, an earlier file's, None).

    Only the rated year asks why users or area changed. An empty form is valid: a draft takes it, and an amount that
    is not entered is unknown.
    """

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, year: int, seen: EnergyFigures | None, saved: bool, asks_why: bool, prefix: str):
        super().__init__(data, prefix=prefix, initial=_initial(seen, saved=saved))
        self.year = year
        for name in FIELDS:
            self.fields[name] = AmountField(name)
        if asks_why:
            self.fields["change_reason"] = _why_field()

    def amounts(self) -> list[forms.BoundField]:
        """Return the fields of the amounts, in their order."""
        return [self[name] for name in FIELDS]

    def entry(self) -> Entry | None:
        """Return what is to be saved, None where nobody touched this year; a year that was offered counts as read."""
        amounts = {name: self.cleaned_data.get(name) for name in FIELDS}
        reason = self.cleaned_data.get("change_reason", "")
        version = self.cleaned_data["version"] or 0
        offered = not version and (reason or any(amount is not None for amount in amounts.values()))
        touched = set(self.changed_data) - {"version"}
        return Entry(amounts, reason, version) if offered or touched else None

    def seen_version(self) -> int:
        """Return the version that the writer had before their eyes (0: none, or unreadable)."""
        raw = str(self.data.get(self.add_prefix("version"), ""))
        return int(raw) if raw.isdecimal() and len(raw) <= _VERSION_DIGITS else 0

    def go_on_from(self, version: int) -> None:
        """Let the form, shown again, replace the row that is saved by now: the writer has seen both."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(version)

    def beside(self, saved: EnergyFigures) -> SimpleNamespace | None:
        """Return what is saved beside what was typed where they differ, None where a colleague saved the same."""
        now = columns_of(saved)
        rows = []
        for name in self.fields:
            if name != "version":
                typed = self[name].value() or ""
                there = _shown(now[name])
                if plain_digits(str(typed)) != plain_digits(there):
                    rows.append((self.fields[name].label, there, typed))
        return SimpleNamespace(year=self.year, saved=saved, rows=rows) if rows else None


def _why_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Why users or area changed"),
        required=False,
        max_length=REASON_LENGTH,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Asked for where either changed by more than 10 % against the year before."),
    )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else canonical(value) or ""


def _initial(seen: EnergyFigures | None, *, saved: bool) -> dict:
    values = {name: _shown(value) for name, value in columns_of(seen).items()}
    if not saved:
        values["change_reason"] = ""
    return values | {"version": seen.version if seen and saved else 0}


class TakeOverForm(forms.Form):
    """Take over what the figures say; the page names what was read and which version the answer had."""

    proposal = forms.CharField(max_length=10, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class FactorForm(ShapeForm):
    """A conversion factor with the day from which it holds and its source."""

    class Meta:
        model = ConversionFactor
        fields = ("carrier", "into", "factor", "valid_from", "source")
        field_classes = {"valid_from": DayField}
        help_texts = {
            "into": gettext_lazy("kg only for the density of petrol."),
            "factor": gettext_lazy("At most six decimal places, such as 0.1229."),
            "valid_from": gettext_lazy(
                "A file uses the factor that holds on the last day of the year whose figures are rated."
            ),
            "source": gettext_lazy("The notice or standard it stands in, with its number and year."),
        }

    def clean(self):
        """Ask for the unit that fits the carrier."""
        cleaned = super().clean()
        carrier, into = cleaned.get("carrier"), cleaned.get("into")
        if carrier and into and (carrier == "petrol_density") != (into == "kg"):
            self.add_error("into", _("This unit does not fit the carrier: kg belongs to the density of petrol alone."))
        if cleaned.get("factor") == 0:
            self.add_error("factor", _("Enter a number above 0."))
        return cleaned


class GoalForm(ShapeForm):
    """By how many percent a measure has to change in a region and year."""

    class Meta:
        model = EnergyGoal
        fields = ("region", "year", "measure", "change_percent", "source")
        help_texts = {
            "region": gettext_lazy("It holds for every organ there and below, unless a region nearer has its own."),
            "year": gettext_lazy("The calendar year whose figures are rated, compared with the year before."),
            "change_percent": gettext_lazy("−1.6 means: at least 1.6 % less than the year before."),
            "source": gettext_lazy("The notice it stands in, with its number and date."),
        }

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(pk__in=regions)
        self.fields["year"].validators += [MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
        self.fields["year"].initial = clock.today().year
