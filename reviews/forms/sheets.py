"""What is typed to check a verification sheet."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.codes import as_code


class CodeForm(forms.Form):
    """The code of a sheet as people copy it from paper."""

    code = forms.CharField(
        label=gettext_lazy("Code on the sheet"),
        max_length=60,
        help_text=gettext_lazy("Twelve letters and digits; small letters, blanks and dashes do not matter."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """Return the code as it is kept."""
        code = as_code(self.cleaned_data["code"])
        if not code:
            raise ValidationError(_("A code has twelve letters and digits, never 0, 1, I, L or O."))
        return code
