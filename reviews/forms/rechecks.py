"""What is typed in a recheck: its opening, the organ's report, verdicts, visits, what was put right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.fields import MultipleCheckedFileField
from creation.forms.shape import ShapeForm
from creation.models import Cycle, User
from reviews.actions.rechecks import as_visited
from reviews.actions.teams import team_choices
from reviews.forms.findings import PhotosField
from reviews.models import RecheckItem, RecheckRound, Verdict


def _day(label, **kwargs) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _text(label, rows: int = 6, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **kwargs)


class OpenRoundForm(ShapeForm):
    """The recheck of a round: its title and basis, how many are visited, and until when."""

    class Meta:
        model = RecheckRound
        fields = ("cycle", "title", "basis", "share", "minimum", "paper_until", "site_until")
        widgets = {
            "basis": forms.Textarea({"rows": 3}),
            "paper_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "site_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, regions: list[int], data=None):
        super().__init__(data)
        self.fields["cycle"].queryset = Cycle.objects.filter(region__in=regions, opened_at__isnull=False)


class StepForm(forms.Form):
    """A form about one organ in a recheck."""

    def __init__(self, item: RecheckItem, data=None, files=None):
        super().__init__(data, files)
        self.item = item


class ReportForm(StepForm):
    """What the organ reports about itself."""

    text = _text(
        _("The organ's report"),
        8,
        max_length=4000,
        help_text=_("What has been kept up and what has changed since the title was granted."),
    )
    papers = MultipleCheckedFileField(label=_("Papers"), required=False)

    def __init__(self, item: RecheckItem, data=None, files=None):
        super().__init__(item, data, files)
        self.fields["text"].initial = item.report


class PaperForm(StepForm):
    """The verdict on paper."""

    verdict = forms.ChoiceField(label=_("Verdict on paper"), choices=Verdict, widget=forms.RadioSelect)
    reason = _text(_("Reason"), max_length=2000, required=False, help_text=_("Needed for everything but “keep”."))


class AssignForm(StepForm):
    """Who visits, and when."""

    visit_on = _day(_("Date of the visit"))
    team = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Team"), to_field_name="username", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, item: RecheckItem, data=None, files=None):
        super().__init__(item, data, files)
        day = max(clock.today(), item.visit_on or clock.today())
        choices = team_choices(as_visited(item), "recheck", day)
        self.barred = [(user, against) for user, against in choices if against]
        self.fields["team"].queryset = User.objects.filter(pk__in=[user.pk for user, _against in choices])
        self.fields["visit_on"].initial = day
        self.fields["team"].initial = item.team_names()


class VisitForm(StepForm):
    """What was found on site."""

    verdict = forms.ChoiceField(label=_("Verdict on site"), choices=Verdict, widget=forms.RadioSelect)
    reason = _text(_("What was found"), 5, max_length=4000)
    photos = PhotosField(label=_("Photos"), required=False)


class OutcomeForm(StepForm):
    """What comes of it."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Verdict, widget=forms.RadioSelect)
    rectify_until = _day(_("Rectify until"), required=False, help_text=_("Only where something is to be put right."))
    reason = _text(
        _("Reason"),
        max_length=2000,
        required=False,
        help_text=_("The organ reads it. Needed for everything but “keep”."),
    )


class RectifyForm(StepForm):
    """What the organ has put right."""

    text = _text(_("What the organ has put right"), 8, max_length=4000)
    papers = MultipleCheckedFileField(label=_("Papers"), required=False)


class AcceptForm(StepForm):
    """Nothing is typed to accept."""
