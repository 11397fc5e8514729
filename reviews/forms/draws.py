"""What is typed around a draw."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.forms.fields import CheckedFileField
from reviews.models import Pool


class SeedForm(forms.Form):
    """The public seed and where it comes from."""

    seed = forms.CharField(
        label=_("Seed"),
        max_length=200,
        help_text=_("Exactly as it was published, such as the numbers of a lottery drawn after the pool was closed."),
    )
    seed_source = forms.CharField(
        label=_("Where the seed comes from"),
        max_length=300,
        help_text=_("So that everybody can look it up: what it is, who published it, on what day and at what time."),
    )
    seed_at = forms.DateTimeField(
        label=_("When it was published"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        help_text=_("After the pool was closed: whoever knew the seed could have chosen the pool."),
    )


class PoolLetterForm(forms.Form):
    """The list of a superior that does not work in the portal, and the letter it came in."""

    chosen = forms.MultipleChoiceField(label=_("Drawn by the superior"), required=False)
    letter_number = forms.CharField(label=_("Document number of the letter"), max_length=80)
    letter = CheckedFileField(label=_("Scan of the letter"))

    def __init__(self, *args, pool: Pool, **kwargs):
        super().__init__(*args, **kwargs)
        keys = pool.members.values_list("key", flat=True)
        self.fields["chosen"].choices = [(key, key) for key in keys]


class ExtensionForm(forms.Form):
    """Why one more is drawn."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Published together with the organ's name."),
    )
