"""The official calendar of a year, and targets."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.forms.days import DayField
from creation.forms.shape import ShapeForm
from reviews.models import Target

KINDS = {"off": False, "休": False, "work": True, "班": True}
FIRST_YEAR, LAST_YEAR = 2000, 2100
PARTS = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line of a pasted calendar."""

    number: int
    line: str
    reason: str

    def __str__(self) -> str:
        return _("Line %(number)s “%(line)s”: %(reason)s") % {
            "number": self.number,
            "line": self.line[:60],
            "reason": self.reason,
        }


def read_days(text: str, year: int | None) -> tuple[dict[date, bool], list[Fault]]:
    """Return the days of a pasted calendar (day → is a workday) and every faulty line; empty lines are passed over."""
    days: dict[date, bool] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        day, is_workday, reason = _read_line(line.split(), year)
        if not reason and day in days:
            reason = _("this day stands above already")
        if reason:
            faults.append(Fault(number, line.strip(), reason))
        else:
            days[day] = is_workday
    return days, faults


def _read_line(words: list[str], year: int | None) -> tuple[date | None, bool, str]:
    if len(words) != PARTS:
        return None, False, _("write a day and “off” or “work”, such as 2027-01-01 off")
    try:
        day = date.fromisoformat(words[0])
    except ValueError:
        return None, False, _("this is no day; write it as 2027-01-31")
    if words[1].lower() not in KINDS:
        return day, False, _("after the day stands “off” (休) or “work” (班)")
    if year is not None and day.year != year:
        return day, False, _("this day lies in another year")
    return day, KINDS[words[1].lower()], ""


def as_lines(days) -> str:
    """Return the days of an entered year as the form takes them, one per line."""
    return "\n".join(f"{day.day.isoformat()} {'work' if day.is_workday else 'off'}" for day in days)


class CalendarForm(forms.Form):
    """A year of the official calendar: only the days that differ from the plain week, with their source."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy("The document number of the State Council's arrangement, so that anybody can check it."),
    )
    days = forms.CharField(
        label=gettext_lazy("Days that differ from the plain week"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One day per line: “2027-01-01 off” for a holiday on a weekday, “2027-01-03 work” for a make-up workday "
            "at a weekend (休 and 班 are understood as well). All other weekdays count as working days."
        ),
    )

    def clean(self) -> dict:
        """Return the days as day → is a workday; every faulty line is named at once."""
        data = super().clean()
        if "days" in data:
            days, faults = read_days(data["days"], data.get("year"))
            if faults:
                self.add_error("days", [ValidationError(str(fault)) for fault in faults])
            data["days"] = days
        return data


class TargetForm(ShapeForm):
    """A dated percentage for a level. Whether it may stand is the verb's question."""

    class Meta:
        model = Target
        fields = ("level", "percent", "starts_on", "deadline", "region")
        field_classes = {"starts_on": DayField, "deadline": DayField}
        labels = {"region": gettext_lazy("Region")}
        help_texts = {
            "level": gettext_lazy("The kind of region whose organs are counted."),
            "percent": gettext_lazy(
                "Recognised organs of all organs on the register; met only when it is truly reached."
            ),
            "starts_on": gettext_lazy("From this day on the target is shown beside the rates."),
            "deadline": gettext_lazy("The day by which it is to be met."),
            "region": gettext_lazy("Empty: the target holds everywhere. With a region it holds there and below."),
        }

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions
        self.fields["percent"].validators += [MinValueValidator(0), MaxValueValidator(100)]
