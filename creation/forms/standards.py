"""Taking in a standard."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST = 2 * 1024 * 1024  # bytes; the demonstration standard with 29 indicators has 24 kB


class StandardForm(forms.Form):
    """The JSON file of a standard, read here so that no file is read inside a transaction."""

    file = forms.FileField(
        label=_("File of the standard"),
        help_text=_(
            "JSON in UTF-8, at most 2 MB. Every fault in it is named at once; nothing is taken in until it has none."
        ),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> bytes:
        """Return the content of the file; refused when it is larger than any standard."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(_("The file is larger than 2 MB. A standard is a small text file: choose that one."))
        return file.read()
