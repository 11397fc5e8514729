"""The form that asks for the archive of a closed round."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import ArchiveExport


class ArchiveForm(forms.Form):
    """For how long the archive is to be kept."""

    retention = forms.ChoiceField(
        label=_("Retention period"),
        choices=ArchiveExport.Retention,
        initial=ArchiveExport.Retention.YEARS_30,
        widget=forms.RadioSelect,
        help_text=_("It stands in the metadata of every folder. Your archives office decides; 30 years is usual."),
    )
