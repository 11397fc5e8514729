"""The form in which the address of another system is entered."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.occurrences import TOPICS


class WebhookForm(forms.Form):
    """Where to, and about what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("It begins with https:// and takes a POST with JSON."),
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Told of"), choices=list(TOPICS.items()), widget=forms.CheckboxSelectMultiple
    )
