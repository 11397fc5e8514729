"""What is typed in a case about a title: the facts, the organ's answer, the proposal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation import clock
from reviews.models import RevocationCase


class OpenCaseForm(forms.Form):
    """Why a title is looked at again."""

    grounds = forms.ChoiceField(label=_("Grounds"), choices=RevocationCase.Grounds, widget=forms.RadioSelect)
    facts = forms.CharField(
        label=_("The facts, as told to the organ"),
        max_length=4000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("What was found, where, when and by whom. The organ reads exactly this text and answers it."),
    )


class CaseAnswerForm(forms.Form):
    """What the organ says to the facts."""

    text = forms.CharField(label=_("The organ's answer"), max_length=4000, widget=forms.Textarea({"rows": 8}))


class ProposalForm(forms.Form):
    """What is to become of the title, from which day, and why."""

    decision = forms.ChoiceField(label=_("Decision"), choices=RevocationCase.Decision, widget=forms.RadioSelect)
    on = forms.DateField(
        label=_("Revoked on (first day without the title)"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only where the title is revoked."),
    )
    reason = forms.CharField(
        label=_("Reason of the decision"),
        max_length=1000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("It is published with the decision, once a second official has decided."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today


class CaseDecisionForm(forms.Form):
    """Which proposal was read when the button was pressed."""

    seen = forms.CharField(max_length=40, widget=forms.HiddenInput)
