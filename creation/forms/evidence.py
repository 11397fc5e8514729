"""Forms that bring files into an organ's library, or attach what is there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.forms.fields import MultipleCheckedFileField
from creation.models import Evidence, Organ

NEWEST = 100  # how many files of the library are offered for attaching


class UploadForm(forms.Form):
    """Several files for an organ's library; good ones are not held up by bad ones."""

    organ = forms.ModelChoiceField(label=_("Organ"), queryset=Organ.objects.none(), empty_label=None)
    files = MultipleCheckedFileField(label=_("Files to upload"), partly=True)

    def __init__(self, *args, organs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organ"].queryset = organs
        first = organs.first()
        self.fields["organ"].initial = first
        if len(organs) == 1:
            self.fields["organ"].widget = forms.HiddenInput()


class AttachForm(forms.Form):
    """What is to be attached to an indicator: new files, and files that are in the organ's library already."""

    files = MultipleCheckedFileField(label=_("New files"), partly=True, required=False)
    existing = forms.ModelMultipleChoiceField(
        label=_("From the organ's library"),
        queryset=Evidence.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, library, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["existing"].queryset = library
