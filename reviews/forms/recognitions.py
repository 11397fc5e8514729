"""What is typed to recognise, and to look up who is recognised."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.shape import ShapeForm
from creation.models import Recognition
from reviews.exporting import STATES


class RecogniseForm(ShapeForm):
    """Batch and document number of a recognition."""

    class Meta:
        model = Recognition
        fields = ("batch", "document_number")


class RecognisedFilter(forms.Form):
    """What the public looks for among the recognised organs; it stays in the address."""

    q = forms.CharField(label=_("Organ, credit code or document number"), max_length=100, required=False)
    region = forms.CharField(label=_("Region"), max_length=12, required=False, widget=forms.Select)
    batch = forms.CharField(label=_("Batch"), max_length=60, required=False, widget=forms.Select)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("All")), *STATES.items()], required=False)
    as_of = forms.DateField(
        label=_("As of"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def offer(self, regions: list[tuple[str, str]], batches: list[str]) -> None:
        """Let these regions (code, name) and batches be chosen from."""
        self.fields["region"].widget.choices = [("", _("All")), *regions]
        self.fields["batch"].widget.choices = [("", _("All")), *((batch, batch) for batch in batches)]

    def clean_as_of(self):
        """Return the day, by default today; nobody knows who will be recognised tomorrow."""
        day = self.cleaned_data["as_of"]
        if day and day > clock.today():
            raise ValidationError(_("This day has not come yet."))
        return day
