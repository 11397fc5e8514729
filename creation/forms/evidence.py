"""Forms that bring files into an organ's library, keep its entries up to date, or attach what is there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.days import DayField
from creation.forms.fields import MultipleCheckedFileField
from creation.models import Evidence, Organ
from creation.models.evidence import SOON

NEWEST = 100  # how many files of the library are offered for attaching
EXPIRING, LOOSE = "expiring", "loose"


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


class OneFileForm(forms.Form):
    """A single file as a script brings it; the verb looks at its content."""

    file = forms.FileField(allow_empty_file=True)


class LibraryFileForm(OneFileForm):
    """A single file for the library of one of the person's organs."""

    organ = forms.ModelChoiceField(Organ.objects.none())

    def __init__(self, *args, organs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organ"].queryset = organs


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


class EvidenceForm(forms.Form):
    """The name and the last day of a file in the library."""

    name = forms.CharField(
        label=_("File name"),
        max_length=200,
        help_text=_("The ending stays what it is. Submitted self-ratings speak of the content, not of the name."),
    )
    expires_on = DayField(
        label=_("Valid until"),
        required=False,
        help_text=_("For a certificate or a contract: its last day. Leave empty for a paper without an end."),
    )


class LibraryFilter(forms.Form):
    """What the library is narrowed to; an entry that makes no sense narrows nothing."""

    name = forms.CharField(label=_("File name contains"), required=False, max_length=100)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("all files")),
            (EXPIRING, _("expired, or expiring within 30 days")),
            (LOOSE, _("not attached to anything yet")),
        ],
    )
    organ = forms.ModelChoiceField(Organ.objects.none(), label=_("Organ"), required=False, empty_label=_("all"))

    def __init__(self, *args, organs, **kwargs):
        super().__init__(*args, **kwargs)
        if len(organs) > 1:
            self.fields["organ"].queryset = organs
        else:
            del self.fields["organ"]

    def narrow(self, library):
        """Return the pieces that fit."""
        wanted = {field: self.cleaned_data.get(field) for field in self.fields} if self.is_valid() else {}
        if wanted.get("name"):
            library = library.filter(name__icontains=wanted["name"])
        if wanted.get("organ"):
            library = library.filter(organ=wanted["organ"])
        if wanted.get("show") == EXPIRING:
            library = library.filter(expires_on__lte=clock.today() + SOON).order_by("expires_on", "-id")
        if wanted.get("show") == LOOSE:
            library = library.filter(attachments=None)
        return library


class PlacesForm(forms.Form):
    """Items of self-ratings, each as file and indicator, to which chosen files of the library are attached."""

    places = forms.MultipleChoiceField(
        label=_("Items"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one item.")},
    )

    def __init__(self, *args, places, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].choices = places
