"""Forms of a visit: requiring rectification, a veto, and filing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import Veto


class EmptyForm(forms.Form):
    """A step that needs nothing but the button; a refusal stands on it."""


class RectifyForm(forms.Form):
    """A word to the organ with the demand for rectification."""

    note = forms.CharField(
        label=_("To the organ"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class VetoForm(forms.Form):
    """A fact that forbids recognition whatever the points, and how it is known."""

    kind = forms.ChoiceField(label=_("Veto"), choices=Veto.Kind, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What happened, when, and where it is written down."),
    )


class FilingForm(forms.Form):
    """The statement with which a visit is filed, and the verdict that the lead had before their eyes."""

    statement = forms.CharField(
        label=_("Statement"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    verdict = forms.ChoiceField(choices=[("passed", ""), ("failed", "")], widget=forms.HiddenInput)
