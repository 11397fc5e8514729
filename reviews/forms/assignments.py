"""Forms of assigning many files at once: asking for a proposal, handing a file in, looking each team through."""

from datetime import date, timedelta

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from creation.models import Assessment, User
from reviews.actions.assignments import Assignment

MOST = 50  # files in one go: what one page can be looked through
PER_DAY = (1, 6)
USUAL_SPAN = timedelta(days=28)


class ProposalForm(forms.Form):
    """Which files, between which days, how many visits a person makes on a day."""

    file = forms.ModelMultipleChoiceField(
        Assessment.objects.none(), label=_("Files"), widget=forms.CheckboxSelectMultiple
    )
    first = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    per_day = forms.IntegerField(
        label=_("Visits a person makes on one day"), min_value=PER_DAY[0], max_value=PER_DAY[1], initial=2
    )

    def __init__(self, files, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        self.fields["file"].queryset = files

    def clean_file(self):
        """Return the chosen files in the order of the register, at most `MOST`."""
        chosen = list(self.cleaned_data["file"])
        if len(chosen) > MOST:
            raise forms.ValidationError(_("Choose at most %(most)s files at once."), params={"most": MOST})
        return chosen

    def clean(self):
        """Ask for days in order."""
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first."))
        return cleaned

    @staticmethod
    def usual(today: date) -> dict:
        """Return the days that the form shows at first."""
        return {"first": today, "last": today + USUAL_SPAN, "per_day": 2}


class ReviewForm(forms.Form):
    """The page of all teams as a whole: what is wrong with any of them stands at its head."""


class AssignmentForm(forms.Form):
    """The team of one file among many; an unticked one is left for another time."""

    take = forms.BooleanField(label=_("Assign"), required=False)
    visit_on = forms.DateField(
        label=_("Date of the visit"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead"), required=False, to_field_name="username", empty_label=_("Choose")
    )
    team = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Others of the team"),
        required=False,
        to_field_name="username",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, file: Assessment, data=None, *, present: Assignment | None = None):
        super().__init__(data, prefix=f"f{file.pk}", initial=_as_typed(present))
        self.file = file
        self.barred: list[tuple[User, list[str]]] = []

    def typed_day(self) -> date | None:
        """Return the day that was typed, None while nothing readable was."""
        try:
            return parse_date(self.data.get(self.add_prefix("visit_on"), "")) if self.is_bound else None
        except ValueError:  # 30 February
            return None

    def offer(self, choices: list[tuple[User, list[str]]]) -> None:
        """Offer who can go; who cannot is listed with the reasons."""
        self.barred = [(user, against) for user, against in choices if against]
        within = User.objects.filter(pk__in=[user.pk for user, against in choices if not against])
        for name in ("lead", "team"):
            self.fields[name].queryset = within

    def assignment(self) -> Assignment:
        """Return what was chosen; whoever leads is on the team."""
        typed = self.cleaned_data
        lead = typed["lead"]
        others = [user for user in typed["team"] if user != lead]
        return Assignment(self.file, tuple([lead, *others] if lead else others), lead, typed["visit_on"])


def _as_typed(present: Assignment | None) -> dict:
    if present is None or present.lead is None:
        return {"take": False}
    others = [user.username for user in present.team if user != present.lead]
    return {"take": True, "visit_on": present.visit_on, "lead": present.lead.username, "team": others}
