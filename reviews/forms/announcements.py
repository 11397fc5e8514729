"""What is typed to announce rates, and what the public looks for among the outcomes."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.days import DayField
from creation.forms.shape import ShapeForm
from creation.models import Region
from reviews.models import RateAnnouncement
from reviews.published import KINDS, RESULTS


class FiguresForm(forms.Form):
    """Whose rates, and as of which day: what the preview shows; it stays in the address."""

    region = forms.ModelChoiceField(
        label=_("Region"), queryset=Region.objects.none(), to_field_name="code", empty_label=None
    )
    as_of = DayField(label=_("As of"))

    def __init__(self, *args, regions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = regions

    def clean_as_of(self):
        """Return the day; the rates of a day to come are not known."""
        day = self.cleaned_data["as_of"]
        if day > clock.today():
            raise ValidationError(_("This day has not come yet."))
        return day


class AnnouncementForm(ShapeForm):
    """Title and document number of an announcement."""

    class Meta:
        model = RateAnnouncement
        fields = ("title", "document_number")


class OutcomeFilter(forms.Form):
    """What the public looks for among the outcomes; it stays in the address."""

    q = forms.CharField(label=_("Organ"), max_length=100, required=False)
    kind = forms.ChoiceField(label=_("Decision on"), choices=[("", _("All")), *KINDS.items()], required=False)
    result = forms.ChoiceField(label=_("Result"), choices=[("", _("All")), *RESULTS.items()], required=False)
