"""What the organ says to a spot check."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


def _words(**more) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("What the organ says"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        **more,
    )


class StatementForm(forms.Form):
    """The organ's own words, written by its clerk or signatory."""

    text = _words()


class TakenDownForm(forms.Form):
    """The organ's words as its representative spoke them to the team, or that there was nothing to say."""

    spoken_by = forms.CharField(label=gettext_lazy("Who spoke for the organ"), max_length=80)
    text = _words(required=False)
    nothing = forms.BooleanField(label=gettext_lazy("The organ had nothing to say"), required=False)

    def clean(self):
        """Return the data with `text` filled in where there was nothing to say; one of the two is needed."""
        data = super().clean()
        said, nothing = bool(data.get("text")), data.pop("nothing", False)
        if said == nothing and not self.has_error("text"):
            raise ValidationError({"text": _("Write down what the organ says, or mark that it had nothing to say.")})
        if nothing:
            data["text"] = _("The organ's representative was asked and had nothing to say.")
        return data
