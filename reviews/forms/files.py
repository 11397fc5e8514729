"""Forms about a file as a whole: finding it in the list, sending it back, sending a team."""

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from creation import stages
from creation.forms.fields import CheckedFileField
from creation.forms.regions import PlainSelect, RegionField
from creation.models import Assessment, Cycle, Indicator, Organ, Region, User
from reviews.actions.spot_checks import LONGEST, Hearing

SORTS = {
    "register": ("organ__region__position", "organ__credit_code", "-cycle__year"),
    "-since": ("shown_since", "pk"),
    "since": ("-shown_since", "-pk"),
}


class FileFilter(forms.Form):
    """What to look for in the list of files; every entry stands in the address, none is needed."""

    q = forms.CharField(label=_("Organ (name or code)"), required=False, max_length=100)
    round = forms.TypedChoiceField(label=_("Round"), required=False, coerce=int, empty_value=None, widget=PlainSelect)
    stage = forms.ChoiceField(label=_("Stage"), required=False, widget=PlainSelect)
    region = RegionField(label=_("Region"), empty_label=_("All"))
    level = forms.ChoiceField(label=_("Level"), required=False, widget=PlainSelect)

    def __init__(self, data, *, user: User):
        super().__init__(data)
        anything = [("", _("All"))]
        years = Cycle.objects.visible_to(user).order_by("-year").values_list("year", flat=True).distinct()
        self.fields["round"].choices = anything + [(year, year) for year in years]
        self.fields["stage"].choices = [*anything, *stages.CHOICES]
        self.fields["level"].choices = [*anything, *Region.Kind.choices]
        self.fields["region"].look(user, self.data.get("region", ""))

    def narrow(self, files: QuerySet[Assessment]) -> QuerySet[Assessment]:
        """Return the files (`shown_to` the reader) that fit; what cannot be read narrows nothing and is named."""
        self.is_valid()
        asked = self.cleaned_data
        for name, lookup in (("round", "cycle__year"), ("stage", "shown_stage"), ("level", "organ__region__kind")):
            if asked.get(name):
                files = files.filter(**{lookup: asked[name]})
        if asked.get("region"):
            files = files.filter(organ__region__paths_up__ancestor=asked["region"])
        if asked.get("q"):
            text = asked["q"]
            # looked for in the register first: there an index knows parts of names
            named = Q(name__icontains=text) | Q(name_en__icontains=text) | Q(credit_code__icontains=text)
            files = files.filter(organ__in=Organ.objects.filter(named).values("pk"))
        return files


class SendBackForm(forms.Form):
    """A reason for each indicator that the organ has to look at again, and a word to the organ."""

    note = forms.CharField(
        label=_("To the organ"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Optional: what holds for the whole file."),
    )

    def __init__(self, indicators: list[Indicator], data=None):
        super().__init__(data)
        self.indicators = indicators
        for indicator in indicators:
            self.fields[_reason(indicator)] = forms.CharField(
                label=f"{indicator.code} {indicator}",
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def reasons(self) -> dict[Indicator, str]:
        """Return what was written, by indicator; empty ones are left out."""
        written = ((indicator, self.cleaned_data[_reason(indicator)]) for indicator in self.indicators)
        return {indicator: text for indicator, text in written if text}

    def reason_fields(self) -> list:
        """Return the fields of the single indicators, in the order of the standard."""
        return [self[_reason(indicator)] for indicator in self.indicators]


def _reason(indicator: Indicator) -> str:
    return f"reason_{indicator.pk}"


class TeamForm(forms.Form):
    """Who goes, who leads, and when. `choices` are the people of the area; the verb says who cannot be on the team."""

    visit_on = forms.DateField(label=_("Date of the visit"), widget=forms.DateInput(attrs={"type": "date"}))
    team = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Team"), widget=forms.CheckboxSelectMultiple, to_field_name="username"
    )
    lead = forms.ModelChoiceField(
        User.objects.none(), label=_("Lead"), widget=forms.RadioSelect, empty_label=None, to_field_name="username"
    )

    def __init__(self, people: list[User], data=None, *, initial=None):
        super().__init__(data, initial=initial)
        within = User.objects.filter(pk__in=[user.pk for user in people])
        self.fields["team"].queryset = within
        self.fields["lead"].queryset = within

    def assignment(self) -> dict:
        """Return the keyword arguments of the verbs that send a team."""
        typed = self.cleaned_data
        return {"team": list(typed["team"]), "lead": typed["lead"], "visit_on": typed["visit_on"]}


class LetterForm(forms.Form):
    """What the superior's letter says of a drawn organ, with the scanned letter, and how the organ was heard."""

    confirmed = forms.TypedChoiceField(
        label=_("What the letter says"),
        choices=[("yes", _("The inspection is confirmed")), ("no", _("The inspection is overturned"))],
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
    )
    letter_number = forms.CharField(label=_("Document number of the letter"), max_length=80)
    letter = CheckedFileField(label=_("Scanned letter"))
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed where the inspection is overturned."),
    )
    heard = forms.ChoiceField(
        label=_("How the organ was heard"),
        required=False,
        choices=[
            ("said", _("It was heard: what it said stands below")),
            ("silent", _("It could say something until a day that has passed, and said nothing")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Needed where the inspection is overturned: nobody is overturned unheard."),
    )
    heard_on = forms.DateField(
        label=_("On what day it was heard, or until when it could say something"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    spoken_by = forms.CharField(label=_("Who spoke for the organ"), required=False, max_length=80)
    said = forms.CharField(
        label=_("What the organ says"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self):
        """Return the data; of the two ways of being heard only one can be what happened."""
        data = super().clean()
        if data.get("confirmed") is not False or self.has_error("said"):
            return data
        if data.get("heard") == "said" and not data.get("said"):
            self.add_error("said", gettext("Write down what the organ says."))
        if data.get("heard") == "silent" and data.get("said"):
            self.add_error("said", gettext("What the organ said stands here: then it was heard."))
        return data

    def result(self) -> dict:
        """Return the keyword arguments of the verb that records the letter."""
        typed = self.cleaned_data
        hearing = Hearing(typed["heard_on"], typed["said"], typed["spoken_by"]) if typed["heard"] else None
        return {name: typed[name] for name in ("confirmed", "letter", "letter_number", "reason")} | {"hearing": hearing}
